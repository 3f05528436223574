"""Learning a folder of documents or of code: only what is new, changed or gone."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from ...chunk import LONGEST_LABEL, Chunk
from ...context import CallContext
from ...store import ChunkStore
from ..chunk_tally import ChunkTally
from ..report import Malformed
from ..text_file import Undecodable, decode_text, is_binary
from .secrets import Secret, find_secrets, holds_any
from .source_files import FoundFiles, SourceFile
from .source_memory import SourceMemory, SourceState
from .source_report import FoundSecret, SourceReport

BYTES_PER_WRITE = 4 * 1024 * 1024
FILES_PER_WRITE = 500
LONGEST_LINE_WITH_A_SECRET = 4000
"""A longer line may have been cut inside the secret, where it would not be found again."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file gave: chunks under the ids that they would like, and what was wrong with it (`line`
    from 1, `reason`), or why it is not learned (`skipped`)."""

    chunks: Sequence[Chunk] = ()
    skipped: str = ""
    line: int = 0
    reason: str = ""


Reader = Callable[[SourceFile, str], Reading]


@dataclass(slots=True)
class SourceRun:
    """One run over the files of a folder. `reader` makes chunks of a file's text, `stamp` says on what
    else that depends."""

    path: str
    store: ChunkStore
    memory: SourceMemory
    reader: Reader
    tally: ChunkTally
    incremental: bool
    stamp: Callable[[SourceFile], int] = lambda _file: 0
    new: int = 0
    changed: int = 0
    removed: int = 0
    processed: int = 0
    chunks_removed: int = 0
    chunks_withheld: int = 0
    languages: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)

    def learn(
        self,
        scan: Callable[[], FoundFiles],
        embed_pending: Callable[[CallContext], int],
        context: CallContext,
    ) -> SourceReport:
        """Brings the store level with the folder. A run that is cancelled goes on where it stopped; after
        one that was killed, files are read again and found to be stored. Raises what `scan` raises, and
        Cancelled."""
        started = time.monotonic()
        with self._timing("scan"):
            found = scan()
            known = self.memory.load()
            stamps = {name: self.stamp(file) for name, file in found.files.items()}
            unread = [
                file
                for name, file in found.files.items()
                if not (self.incremental and name in known and known[name].is_of(file, stamps[name]))
            ]
        with self._timing("read_and_store"):
            self._forget(known, found)
            try:
                for files in _batches(unread):
                    context.report("read", self.processed, len(unread))
                    self._learn_files(files, stamps, known, context)
                if unread:
                    context.report("read", len(unread), len(unread))
            finally:
                if unread or self.removed:
                    self.memory.save(known)
        with self._timing("embed"):
            embedded = embed_pending(context)
        with self._timing("measure"):
            figures = self.tally.figures()
        self.seconds["total"] = round(time.monotonic() - started, 3)
        return self._report(found, known, embedded, figures)

    def _learn_files(
        self,
        files: Sequence[SourceFile],
        stamps: dict[str, int],
        known: dict[str, SourceState],
        context: CallContext,
    ) -> None:
        """Reads files, writes the chunks that differ, and then notes the files' states in `known`."""
        wanted = dict[str, Chunk]()
        obsolete = dict[str, str]()
        taken = dict[str, int]()
        states = dict[str, SourceState]()
        for file in files:
            context.check()
            reading, secrets = self._read(file)
            chunks = [one for one in reading.chunks if not holds_any(secrets, one)]
            self.chunks_withheld += len(reading.chunks) - len(chunks)
            before = known.get(file.name)
            if before is not None and before.chunks:
                obsolete.update(dict.fromkeys(self.memory.chunk_ids(file.name), file.name))
            for chunk in chunks:
                identifier = _free(chunk.id, taken)
                wanted[identifier] = self._own(chunk, identifier, file)
            states[file.name] = SourceState(
                file.modified_ns,
                file.size,
                stamps[file.name],
                len(chunks),
                reading.skipped,
                reading.line,
                reading.reason,
                tuple(dict.fromkeys((secret.line, secret.kind) for secret in secrets)),
            )
        self._write(wanted, obsolete, known)
        self.new += sum(name not in known for name in states)
        self.processed += len(states)
        known.update(states)

    def _read(self, file: SourceFile) -> tuple[Reading, list[Secret]]:
        try:
            data = file.path.read_bytes()
        except OSError as error:
            return Reading(line=1, reason=f"cannot be read: {error.strerror}"), []
        if is_binary(data):
            return Reading(skipped="binary"), []
        try:
            text = decode_text(data)
        except Undecodable as error:
            return Reading(line=error.line, reason=error.reason), []
        secrets = find_secrets(text)
        if secrets:
            lines = text.split("\n")
            if any(len(lines[one.line - 1]) > LONGEST_LINE_WITH_A_SECRET for one in secrets):
                return Reading(skipped="holds a secret"), secrets
        return self.reader(file, text), secrets

    def _own(self, chunk: Chunk, identifier: str, file: SourceFile) -> Chunk:
        """The chunk under its id, marked as the folder's own; labels that no store holds are left out."""
        metadata = {**chunk.metadata, "path": file.name, "collection": self.memory.collection}
        return replace(
            chunk,
            id=identifier,
            frameworks=_labels(chunk.frameworks),
            tags=_labels(chunk.tags),
            metadata=metadata,
        )

    def _write(
        self, wanted: dict[str, Chunk], obsolete: dict[str, str], known: dict[str, SourceState]
    ) -> None:
        stored = dict(zip(wanted, self.store.get(list(wanted)), strict=True))
        self._make_way(wanted, stored)
        differing = [chunk for chunk in wanted.values() if not _same(chunk, stored[chunk.id])]
        if differing:
            self.store.put(differing)
        gone = obsolete.keys() - wanted.keys()
        self.chunks_removed += self.store.delete(sorted(gone))
        self.tally.add(differing)
        self.languages.update(str(chunk.metadata.get("language", "")) for chunk in differing)
        touched = {str(chunk.metadata["path"]) for chunk in differing}
        touched |= {obsolete[identifier] for identifier in gone}
        self.changed += len(touched & known.keys())

    def _make_way(self, wanted: dict[str, Chunk], stored: dict[str, Chunk | None]) -> None:
        """Gives another id to each chunk whose id is that of a chunk from elsewhere."""
        for identifier, there in list(stored.items()):
            if there is None or self._is_own(there, wanted[identifier]):
                continue
            chunk = wanted.pop(identifier)
            del stored[identifier]
            for count in itertools.count(2):
                candidate = f"{identifier}~{count}"
                if candidate not in wanted:
                    (taker,) = self.store.get([candidate])
                    if taker is None or self._is_own(taker, chunk):
                        wanted[candidate], stored[candidate] = replace(chunk, id=candidate), taker
                        break

    def _is_own(self, there: Chunk, chunk: Chunk) -> bool:
        return self.memory.owns(there, str(chunk.metadata["path"]))

    def _forget(self, known: dict[str, SourceState], found: FoundFiles) -> None:
        gone = [name for name in known if name not in found.files]
        for name in gone:
            if known.pop(name).chunks:
                self.chunks_removed += self.store.delete(sorted(self.memory.chunk_ids(name)))
        self.removed = len(gone)

    @contextmanager
    def _timing(self, stage: str) -> Iterator[None]:
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[stage] = round(time.monotonic() - started, 3)

    def _report(
        self, found: FoundFiles, known: dict[str, SourceState], embedded: int, figures: dict[str, Any]
    ) -> SourceReport:
        skipped = found.skipped + Counter(state.skipped for state in known.values() if state.skipped)
        return SourceReport(
            path=self.path,
            processed=self.processed,
            new=self.new,
            changed=self.changed,
            unchanged=len(found.files) - self.new - self.changed,
            removed=self.removed,
            skipped=dict(sorted(skipped.items())),
            malformed=[
                Malformed(name, state.line, state.reason) for name, state in known.items() if state.reason
            ],
            secrets=[
                FoundSecret(name, line, kind) for name, state in known.items() for line, kind in state.secrets
            ],
            languages=dict(sorted(self.languages.items())),
            chunks_removed=self.chunks_removed,
            chunks_withheld=self.chunks_withheld,
            chunks_embedded=embedded,
            seconds=self.seconds,
            **figures,
        )


def _batches(files: Sequence[SourceFile]) -> Iterator[list[SourceFile]]:
    batch, size = list[SourceFile](), 0
    for file in files:
        if batch and (len(batch) >= FILES_PER_WRITE or size + file.size > BYTES_PER_WRITE):
            yield batch
            batch, size = [], 0
        batch.append(file)
        size += file.size
    if batch:
        yield batch


def _free(identifier: str, taken: dict[str, int]) -> str:
    """The id, with "~2", "~3" … where it is taken, and taken from now on."""
    free = identifier
    while free in taken:
        taken[identifier] += 1
        free = f"{identifier}~{taken[identifier]}"
    taken[free] = 1
    return free


def _labels(names: Sequence[str]) -> tuple[str, ...]:
    fitting = (name for name in names if name.strip() and len(name.encode()) <= LONGEST_LABEL)
    return tuple(dict.fromkeys(fitting))


def _same(chunk: Chunk, stored: Chunk | None) -> bool:
    return stored is not None and chunk == replace(stored, created_at=0, updated_at=0)
