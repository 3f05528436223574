"""Learning a folder of spike templates: only what is new, changed or gone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...chunk import Chunk, normalise_label
from ...context import CallContext
from ...settings import LearningSettings
from ...store import ChunkStore
from ..chunk_tally import ChunkTally
from ..report import LearningReport, Malformed
from .folder import FileState, FolderMemory, scan
from .template import MalformedTemplate, Template, parse_template
from .template_chunks import TEMPLATE_TYPE, template_chunks

FILES_PER_WRITE = 4000
READERS = 4
DICTIONARY_SAMPLES = 1000

Parsed = Template | MalformedTemplate


@dataclass(slots=True)
class _Tally:
    stored: ChunkTally
    new: int = 0
    changed: int = 0
    removed: int = 0
    skipped: int = 0
    repaired: list[str] = field(default_factory=list)
    chunks_removed: int = 0
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timing(self, stage: str) -> Iterator[None]:
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[stage] = round(time.monotonic() - started, 3)


def learn_spikes(
    folder: Path,
    store: ChunkStore,
    embed_pending: Callable[[CallContext], int],
    settings: LearningSettings,
    context: CallContext,
) -> LearningReport:
    """Brings the store level with a folder of templates and reports what that took.

    A run that is cancelled goes on where it stopped; after one that was killed, files are read again
    and found to be stored. Raises PathNotFound, InvalidArgument or Cancelled.
    """
    tally = _Tally(ChunkTally(settings.quality_threshold))
    started = time.monotonic()
    memory = FolderMemory(store, folder, map(normalise_label, settings.target_frameworks))
    with tally.timing("scan"):
        present = scan(folder)
        known = memory.load()
        incremental = settings.enable_incremental_learning
        unread = [
            name for name, state in present.items() if not (incremental and state.looks_like(known.get(name)))
        ]
    with tally.timing("read_and_store"):
        _forget_files(store, memory, known, present, tally)
        _train_dictionary(folder, unread, store)
        reading = set(unread)
        owners = {
            state.template_id: name
            for name, state in known.items()
            if state.template_id is not None and name not in reading
        }
        if unread:
            context.report("read", 0, len(unread))
        try:
            for start in range(0, len(unread), FILES_PER_WRITE):
                names = unread[start : start + FILES_PER_WRITE]
                _learn_files(folder, names, present, known, owners, store, settings, tally)
                context.report("read", start + len(names), len(unread))
        finally:
            if unread:
                memory.save(known)
    with tally.timing("embed"):
        embedded = embed_pending(context)
    with tally.timing("measure"):
        figures = tally.stored.figures()
    tally.seconds["total"] = round(time.monotonic() - started, 3)
    return LearningReport(
        path=str(folder),
        processed=len(unread),
        new=tally.new,
        changed=tally.changed,
        unchanged=len(present) - tally.new - tally.changed,
        removed=tally.removed,
        skipped=tally.skipped,
        repaired=tally.repaired,
        malformed=[
            Malformed(name, state.line, state.reason) for name, state in known.items() if state.reason
        ],
        chunks_removed=tally.chunks_removed,
        chunks_embedded=embedded,
        seconds=tally.seconds,
        **figures,
    )


def _learn_files(
    folder: Path,
    names: Sequence[str],
    present: dict[str, FileState],
    known: dict[str, FileState],
    owners: dict[str, str],
    store: ChunkStore,
    settings: LearningSettings,
    tally: _Tally,
) -> None:
    """Reads files, writes the chunks that differ, and notes the files' states in `known` and the file
    of each template's id in `owners`."""
    targets = {normalise_label(name) for name in settings.target_frameworks}
    wanted = dict[str, Chunk]()
    obsolete = set[str]()
    for name, parsed in zip(names, _parse(folder, names, settings.parallel_processing), strict=True):
        before = known.get(name)
        if before is not None and before.template_id is not None:
            obsolete.update(_chunk_ids(store, before.template_id, name))
        if isinstance(parsed, MalformedTemplate):
            known[name] = replace(present[name], line=parsed.line, reason=parsed.reason)
        elif parsed.id in owners:
            reason = f"its id {parsed.id!r} is already that of {owners[parsed.id]}"
            # Never unchanged: it is to be learned by the run that finds its id free.
            known[name] = replace(present[name], size=-1, line=1, reason=reason)
        elif targets and targets.isdisjoint(map(normalise_label, parsed.stack)):
            known[name] = present[name]
            tally.skipped += 1
        else:
            known[name] = replace(present[name], template_id=parsed.id)
            owners[parsed.id] = name
            wanted.update((chunk.id, chunk) for chunk in template_chunks(parsed, name))
            if parsed.repaired:
                tally.repaired.append(name)
        tally.new += before is None
    _write(store, wanted, obsolete, tally)


def _write(store: ChunkStore, wanted: dict[str, Chunk], obsolete: set[str], tally: _Tally) -> None:
    stored = dict(zip(wanted, store.get(list(wanted)), strict=True))
    differing = [chunk for chunk in wanted.values() if not _same(chunk, stored[chunk.id])]
    if differing:
        store.put(differing)
    gone = obsolete - wanted.keys()
    tally.chunks_removed += store.delete(sorted(gone))
    tally.stored.add(differing)
    touched = {chunk.id.split("#")[0] for chunk in differing if stored[chunk.id] is not None}
    tally.changed += len(touched | {identifier.split("#")[0] for identifier in gone})


def _forget_files(
    store: ChunkStore,
    memory: FolderMemory,
    known: dict[str, FileState],
    present: dict[str, FileState],
    tally: _Tally,
) -> None:
    gone = [name for name in known if name not in present]
    for name in gone:
        template_id = known.pop(name).template_id
        if template_id is not None:
            tally.chunks_removed += store.delete(_chunk_ids(store, template_id, name))
    if gone:
        memory.save(known)
    tally.removed = len(gone)


def _chunk_ids(store: ChunkStore, template_id: str, source: str) -> list[str]:
    """The ids of a template's chunks, unless someone else has taken its id since."""
    (template,) = store.get([template_id])
    if template is None or template.chunk_type != TEMPLATE_TYPE or template.metadata.get("source") != source:
        return []
    files = store.page(prefix=f"{template_id}#", limit=100_000).chunks
    return [template_id, *(chunk.id for chunk in files if chunk.metadata.get("template") == template_id)]


def _same(chunk: Chunk, stored: Chunk | None) -> bool:
    return stored is not None and chunk == replace(stored, created_at=0, updated_at=0)


def _train_dictionary(folder: Path, names: Sequence[str], store: ChunkStore) -> None:
    if store.has_dictionary or not names:
        return
    sample = names[:: max(1, len(names) // DICTIONARY_SAMPLES)]
    templates = [parsed for parsed in _parse(folder, sample, True) if isinstance(parsed, Template)]
    store.train_dictionary([chunk for template in templates for chunk in template_chunks(template, "")])


def _parse(folder: Path, names: Sequence[str], parallel: bool) -> list[Parsed]:
    def parse(name: str) -> Parsed:
        try:
            return parse_template(name, (folder / name).read_bytes())
        except MalformedTemplate as error:
            return error
        except OSError as error:
            return MalformedTemplate(name, 1, f"cannot be read: {error.strerror}")

    if not parallel:
        return [parse(name) for name in names]
    with ThreadPoolExecutor(READERS, "fluorite-reader") as readers:
        return list(readers.map(parse, names))
