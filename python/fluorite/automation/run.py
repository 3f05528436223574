"""One run of automatic learning: collect, learn, export, train, commit. What was interrupted goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..context import CallContext
from ..errors import Cancelled, FluoriteError, InvalidArgument
from ..settings import AutoLearnSettings
from .collecting import Collector, definition_of, learned_as
from .learning_commit import LEARNING_CHUNKS, commit_learning_chunks
from .report import AutoLearnReport, Journal, SourceReport, StepName, StepReport
from .run_lock import run_lock
from .source_failure import SourceFailure
from .sources import LearnAs, Source, read_sources
from .state_folder import StateFolder

COUNTS = (
    "processed",
    "new",
    "changed",
    "unchanged",
    "removed",
    "chunks_stored",
    "chunks_removed",
    "chunks_embedded",
    "high_quality_chunks",
)
"""What a run's report keeps of a report of learning."""


@dataclass(frozen=True, slots=True)
class Work:
    """What the engine does for a run: each takes the call's context last and returns a report's fields."""

    learn: Callable[[LearnAs, Path, CallContext], dict[str, Any]]
    export: Callable[[Path, CallContext], dict[str, Any]]
    train: Callable[[CallContext], dict[str, Any]] | None
    """None without a model."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked of a run. `templates` is the folder of spike templates, `repository` the one whose
    `learning-chunks/` is written; both may be None."""

    memory: Path
    templates: Path | None
    sources: tuple[Source, ...]
    repository: Path | None
    commit: bool
    settings: AutoLearnSettings
    state: StateFolder

    @property
    def chunks(self) -> Path:
        return self.repository / LEARNING_CHUNKS if self.repository else self.state.learning_chunks


@dataclass(frozen=True, slots=True)
class _ToLearn:
    """A folder, as what to learn it, and the source that it is of."""

    source: str
    learn_as: LearnAs
    folder: Path

    @property
    def key(self) -> str:
        return f"{self.learn_as}:{self.folder}"


def plan_of(
    memory: Path,
    templates: Path | None,
    sources_path: Path | None,
    repository: Path | None,
    commit: bool,
    settings: AutoLearnSettings,
    state: StateFolder,
) -> Plan:
    """Raises InvalidArgument, PathNotFound or InvalidConfiguration."""
    if commit and repository is None:
        raise InvalidArgument(
            "commit needs the repository whose learning-chunks/ is to be committed. "
            "Pass { repository }, or set repository in [auto_learn]."
        )
    sources = tuple(read_sources(sources_path)) if sources_path is not None else ()
    return Plan(memory, templates, sources, repository, commit, settings, state)


def run_plan(plan: Plan, work: Work, wait: bool, context: CallContext) -> AutoLearnReport:
    """Runs what is not done yet. A source or a step that fails is reported and does not stop the others.

    Raises RunInProgress where another run is under way and `wait` is false, Cancelled, or StoreError.
    """
    plan.state.make()
    holder = {"memory_path": str(plan.memory)}
    with run_lock(plan.state.lock, holder, wait, context):
        journal = Journal.begin(plan.state.journal(plan.memory))
        journal.save()
        run = _Run(plan, work, journal, context)
        steps = [
            _timed("collect", run.collect),
            _timed("learn", run.learn),
            _timed("export", run.export),
            _timed("train", run.train),
        ]
        steps.append(_timed("commit", lambda: run.commit(steps[2])))
        journal.save(finished=True)
        return AutoLearnReport(journal.run_id, journal.started_at, journal.resumed, steps, run.sources)


def describe_plan(plan: Plan) -> AutoLearnReport:
    """What `run_plan` would do. Nothing is fetched or written."""
    sources = [SourceReport(source.name, source.kind, "planned") for source in plan.sources]
    folders = [str(plan.templates)] if plan.templates else []
    details: dict[StepName, dict[str, Any]] = {
        "collect": {"sources": len(sources), "state_path": str(plan.state.path)},
        "learn": {"templates": folders, "sources": len(sources)},
        "export": {"path": str(plan.chunks)},
        "train": {},
        "commit": {"repository": str(plan.repository)} if plan.commit else {},
    }
    steps = [StepReport(name, "skipped", "dry run", told) for name, told in details.items()]
    return AutoLearnReport("", time.time_ns() // 1_000_000, False, steps, sources)


def _timed(name: StepName, step: Callable[[], StepReport]) -> StepReport:
    started = time.monotonic()
    try:
        report = step()
    except Cancelled:
        raise
    except (SourceFailure, FluoriteError, OSError) as error:
        report = StepReport(name, "failed", str(error))
    return replace(report, seconds=round(time.monotonic() - started, 3))


class _Run:
    def __init__(self, plan: Plan, work: Work, journal: Journal, context: CallContext) -> None:
        self._plan = plan
        self._work = work
        self._journal = journal
        self._context = context
        self.sources: list[SourceReport] = []

    def collect(self) -> StepReport:
        plan = self._plan
        if not plan.sources:
            return StepReport("collect", "skipped", "no source is configured (sources_path)")
        collecting = Collector(plan.state, plan.settings, self._journal.run_id, plan.sources, self._context)
        with collecting:
            for source in plan.sources:
                definition = definition_of(source)
                report = self._journal.source(source.name, definition)
                if report is None:
                    report = collecting.collect(source)
                    if report.status == "done":
                        self._journal.note_source(definition, report)
                self.sources.append(report)
        counts = {
            status: sum(one.status == status for one in self.sources)
            for status in ("done", "partial", "failed")
        }
        failed = [f"{one.name}: {one.reason}" for one in self.sources if one.status != "done"]
        nothing = counts["failed"] == len(self.sources)
        return StepReport("collect", "failed" if nothing else "done", _joined(failed), dict(counts))

    def learn(self) -> StepReport:
        waiting = self._to_learn()
        if not waiting:
            return StepReport("learn", "skipped", "no spike_templates_path, and nothing was collected")
        learned, failed = list[dict[str, Any]](), list[str]()
        for one in waiting:
            details = self._journal.learned.get(one.key)
            if details is None:
                try:
                    details = self._learn(one)
                except Cancelled:
                    raise
                except (FluoriteError, OSError) as error:
                    failed.append(f"{one.source}: {error}")
                    continue
                self._journal.note_learned(one.key, details)
            learned.append(details)
        stored = sum(one["chunks_stored"] for one in learned)
        removed = sum(one["chunks_removed"] for one in learned)
        details = {"chunks_stored": stored, "chunks_removed": removed, "learned": learned}
        return StepReport("learn", "failed" if failed else "done", _joined(failed), details)

    def export(self) -> StepReport:
        exported = self._work.export(self._plan.chunks, self._context)
        return StepReport("export", "done", None, exported)

    def train(self) -> StepReport:
        if self._work.train is None:
            return StepReport("train", "skipped", "enable_ml is false")
        trained = self._work.train(self._context)
        return StepReport("train", "done", trained["reason"], trained)

    def commit(self, export: StepReport) -> StepReport:
        plan = self._plan
        if not plan.commit or plan.repository is None:
            return StepReport("commit", "skipped", "not asked for")
        if export.status != "done":
            return StepReport("commit", "skipped", "the learning chunks were not written")
        self._context.report("commit", 0, 1)
        message = f"Update learning chunks\n\nRun {self._journal.run_id} of fluorite-memory auto-learn.\n"
        made = commit_learning_chunks(plan.repository, message, self._context)
        if not made.commit:
            return StepReport("commit", "skipped", "no learning chunk has changed")
        details = {"commit": made.commit, "branch": made.branch or None, "files": made.files}
        note = f"HEAD is on no branch; to keep the commit: git branch NAME {made.commit[:12]}"
        return StepReport("commit", "done", None if made.branch else note, details)

    def _to_learn(self) -> list[_ToLearn]:
        templates = self._plan.templates
        found = [_ToLearn("spike_templates_path", "spikes", templates)] if templates else []
        kinds = {source.name: learned_as(source) for source in self._plan.sources}
        for report in self.sources:
            folder = report.details.get("folder")
            if folder is not None:
                found += [_ToLearn(report.name, kind, Path(folder)) for kind in kinds[report.name]]
        return found

    def _learn(self, one: _ToLearn) -> dict[str, Any]:
        report = self._work.learn(one.learn_as, one.folder, self._context)
        details: dict[str, Any] = {"source": one.source, "as": one.learn_as, "path": str(one.folder)}
        details |= {name: report[name] for name in COUNTS}
        details["malformed"] = len(report["malformed"])
        details["secrets"] = len(report.get("secrets", ()))
        return details


def _joined(reasons: Sequence[str]) -> str | None:
    return "; ".join(reasons) or None
