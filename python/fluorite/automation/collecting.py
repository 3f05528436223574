"""Collecting each source by its kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..context import CallContext
from ..errors import Cancelled, FluoriteError
from ..learning.sources.source_files import find_files
from ..settings import MEBIBYTE, AutoLearnSettings
from .git_repository import check_out
from .report import SourceReport
from .robots import PoliteFetcher
from .source_failure import SourceFailure
from .sources import FeedSource, FolderSource, LearnAs, PagesSource, RepositorySource, Source
from .state_folder import StateFolder
from .web_client import WebClient
from .web_sources import Gathered, WebCollector

LARGEST_FILE = 1024 * MEBIBYTE
MOST_REASONS = 5


def definition_of(source: Source) -> str:
    """Equal for two sources if all that is configured of them is."""
    return repr(source)


def learned_as(source: Source) -> tuple[LearnAs, ...]:
    return ("documents",) if isinstance(source, PagesSource | FeedSource) else source.learn


class Collector:
    """Collects the sources of one run, reporting how far the whole is."""

    def __init__(
        self,
        state: StateFolder,
        settings: AutoLearnSettings,
        run: str,
        sources: Sequence[Source],
        context: CallContext,
    ) -> None:
        self._state = state
        self._settings = settings
        self._run = run
        self._context = context
        self._total = sum(map(_weight, sources))
        self._done = 0
        self._client = WebClient(settings, context)
        self._fetcher = PoliteFetcher(self._client, settings.delay_seconds)

    def __enter__(self) -> Collector:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def collect(self, source: Source) -> SourceReport:
        """What came of a source, whatever goes wrong with it. Raises Cancelled."""
        base = self._done
        self._report(base)
        try:
            report = self._collect(source, lambda done: self._report(base + done))
        except Cancelled:
            raise
        except (SourceFailure, FluoriteError, OSError) as error:
            report = SourceReport(source.name, source.kind, "failed", str(error))
        self._done = base + _weight(source)
        self._report(self._done)
        return report

    def _collect(self, source: Source, advance: Callable[[int], None]) -> SourceReport:
        if isinstance(source, FolderSource):
            return self._folder(source)
        if isinstance(source, RepositorySource):
            return self._repository(source)
        web = WebCollector(self._fetcher, self._state, self._settings, self._run, advance)
        gathered = web.pages(source) if isinstance(source, PagesSource) else web.feed(source)
        return self._gathered(source, gathered)

    def _folder(self, source: FolderSource) -> SourceReport:
        files, size = self._measure(source)
        return SourceReport(
            source.name, source.kind, "done", None, files, size, 0, {"folder": str(source.path)}
        )

    def _measure(self, source: FolderSource) -> tuple[int, int]:
        """The files that may be learned, and their bytes."""
        found = find_files(source.path, lambda _name: None, LARGEST_FILE, self._context).files.values()
        return len(found), sum(file.size for file in found)

    def _repository(self, source: RepositorySource) -> SourceReport:
        most_bytes = self._settings.max_repository_mb * MEBIBYTE
        there = check_out(source, self._state.repository(source.name), most_bytes, self._context)
        files, size = self._measure(FolderSource(source.name, there.folder, source.learn))
        return SourceReport(
            name=source.name,
            kind=source.kind,
            status="done",
            files=files,
            bytes=size,
            not_modified=0 if there.changed else files,
            details={"folder": str(there.folder), "commit": there.commit},
        )

    def _gathered(self, source: PagesSource | FeedSource, gathered: Gathered) -> SourceReport:
        failures = gathered.failures
        more = [f"and {len(failures) - MOST_REASONS:,} more"] if len(failures) > MOST_REASONS else []
        return SourceReport(
            name=source.name,
            kind=source.kind,
            status="partial" if failures else "done",
            reason="; ".join([*failures[:MOST_REASONS], *more]) or None,
            files=gathered.files,
            bytes=gathered.bytes,
            not_modified=gathered.not_modified,
            details={"folder": str(self._state.collected(source.name))},
        )

    def _report(self, done: int) -> None:
        self._context.report("fetch", done, self._total)


def _weight(source: Source) -> int:
    return len(source.urls) if isinstance(source, PagesSource) else 1
