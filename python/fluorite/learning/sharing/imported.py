"""Merges a shared folder of someone else into a memory, with where it came from and how far it is trusted."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from ...chunk import Chunk
from ...context import CallContext
from ...errors import InvalidArgument
from ...store import ChunkStore
from ..report import Malformed
from ..sources.secrets import find_secrets
from .manifest import FILE_NAME, Manifest, SharedFile, read_manifest
from .shared_line import IMPORTED, chunk_of, is_imported
from .withheld import text_of

CHUNKS_PER_WRITE = 1000
BYTES_PER_WRITE = 4 << 20
BYTES_PER_READ = 1 << 20
LONGEST_ESCAPE = 6
"""Bytes that JSON may take for one byte of content."""
MOST_REJECTED_IN_A_FILE = 1000
USUAL_FOLDER = "learning-chunks"


@dataclass(slots=True)
class ImportReport:
    """What became of the shared chunks.

    imported   under an id that was free
    unchanged  as an import before left them
    replaced   in the place of what an import before left
    kept       not taken, because the memory has a chunk of its own under the id, or one of a source that
               is trusted as much
    rejected   what cannot be taken and why; line 0 is the whole file
    """

    path: str
    source: str
    trust: float
    imported: int = 0
    unchanged: int = 0
    replaced: int = 0
    kept: int = 0
    rejected: list[Malformed] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def settled(self) -> int:
        return self.imported + self.unchanged + self.replaced + self.kept


def import_chunks(
    folder: Path,
    store: ChunkStore,
    context: CallContext,
    trust: float,
    source: str | None,
    max_chunk_size: int,
) -> ImportReport:
    """Takes the chunks of a shared folder over; their quality counts `trust` times, from 0 to 1.

    `source` names whom they came from: by default the folder, or the one around it where that is called
    learning-chunks. Every write is a transaction of its own; a call that is cancelled leaves whole ones,
    and another goes on from there. Raises PathNotFound, InvalidArgument, StoreDamaged or Cancelled.
    """
    started = time.monotonic()
    manifest = read_manifest(folder)
    given = folder.parent if folder.name == USUAL_FOLDER and folder.parent.name else folder
    report = ImportReport(str(folder), source or given.name or str(folder), trust)
    _name_others(folder, manifest, report)
    seen = set[str]()
    total = manifest.chunks
    for file in manifest.files:
        for batch in _batches(folder, file, report, seen, max_chunk_size, context):
            _store(batch, store, report)
            context.report("import", min(report.settled, total), total)
    context.report("import", total, total)
    report.seconds = round(time.monotonic() - started, 3)
    return report


def with_provenance(chunk: Chunk, source: str, trust: float) -> Chunk:
    """A shared chunk as it is stored."""
    origin = {"trust": trust, "quality_score": chunk.quality_score}
    if "source" in chunk.metadata:
        origin["source"] = chunk.metadata["source"]
    metadata = {**chunk.metadata, "source": source, IMPORTED: origin}
    return replace(chunk, quality_score=chunk.quality_score * trust, metadata=metadata)


def may_replace(held: Chunk, source: str, trust: float) -> bool:
    """Whether an import may take the place of a stored chunk: never of the memory's own, always of one from
    the same source, and of one from elsewhere that is trusted less."""
    if not is_imported(held):
        return False
    mark: Mapping[str, Any] = held.metadata[IMPORTED]
    before = mark["trust"]
    less = isinstance(before, int | float) and before < trust
    return held.metadata.get("source") == source or less


def _store(batch: dict[str, Chunk], store: ChunkStore, report: ImportReport) -> None:
    held = dict(zip(batch, store.get(list(batch)), strict=True))
    differing = list[Chunk]()
    for identifier, chunk in batch.items():
        there = held[identifier]
        if there is not None and chunk == replace(there, created_at=0, updated_at=0):
            report.unchanged += 1
        else:
            differing.append(chunk)
    written = store.put(differing, lambda there: may_replace(there, report.source, report.trust))
    report.imported += written.stored
    report.replaced += written.replaced
    report.kept += len(differing) - written.stored - written.replaced


def _batches(
    folder: Path,
    file: SharedFile,
    report: ImportReport,
    seen: set[str],
    max_chunk_size: int,
    context: CallContext,
) -> Iterator[dict[str, Chunk]]:
    """The sound chunks of a sound file, some at a time; what is wrong is noted in the report."""
    try:
        with _opened(folder / file.name) as lines:
            fault = _fault(lines, file, context)
            if fault is not None:
                report.rejected.append(Malformed(file.name, 0, fault))
                return
            yield from _chunks_in(lines, file.name, report, seen, max_chunk_size, context)
    except OSError as error:
        report.rejected.append(Malformed(file.name, 0, f"cannot be read: {error.strerror}"))


def _chunks_in(
    lines: IO[bytes],
    name: str,
    report: ImportReport,
    seen: set[str],
    max_chunk_size: int,
    context: CallContext,
) -> Iterator[dict[str, Chunk]]:
    longest = LONGEST_ESCAPE * max_chunk_size + BYTES_PER_READ
    batch, size, rejected = dict[str, Chunk](), 0, 0
    for number, line in enumerate(_lines(lines, longest), 1):
        context.check()
        try:
            chunk = _chunk(line, longest, seen, max_chunk_size)
        except InvalidArgument as error:
            rejected += 1
            if rejected <= MOST_REJECTED_IN_A_FILE:
                report.rejected.append(Malformed(name, number, str(error)))
            continue
        if chunk is not None:
            seen.add(chunk.id)
            batch[chunk.id] = with_provenance(chunk, report.source, report.trust)
            size += len(line)
        if len(batch) >= CHUNKS_PER_WRITE or size >= BYTES_PER_WRITE:
            yield batch
            batch, size = {}, 0
    if rejected > MOST_REJECTED_IN_A_FILE:
        more = rejected - MOST_REJECTED_IN_A_FILE
        report.rejected.append(Malformed(name, 0, f"{more:,} more lines that cannot be taken"))
    if batch:
        yield batch


def _chunk(line: bytes, longest: int, seen: set[str], max_chunk_size: int) -> Chunk | None:
    """The chunk of a line; None for an empty one. Raises InvalidArgument."""
    if len(line) > longest:
        raise InvalidArgument(f"longer than {longest:,} bytes")
    if not line.strip():
        return None
    chunk = chunk_of(line, max_chunk_size)
    if chunk.id in seen:
        raise InvalidArgument(f"its id {chunk.id[:80]!r} stands on a line before")
    secrets = find_secrets(text_of(chunk))
    if secrets:
        raise InvalidArgument(f"holds what looks like a secret ({secrets[0].kind})")
    return chunk


def _lines(file: IO[bytes], longest: int) -> Iterator[bytes]:
    """The lines of a file; of one that is longer than `longest`, its beginning."""
    while line := file.readline(longest + 1):
        rest = line
        while not rest.endswith(b"\n") and len(rest) > longest:
            rest = file.readline(longest + 1)
        yield line


def _opened(path: Path) -> IO[bytes]:
    """A plain file, opened for reading: no link and nothing that could keep the reader waiting."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(0, "not a plain file")
    return os.fdopen(descriptor, "rb")


def _fault(file: IO[bytes], expected: SharedFile, context: CallContext) -> str | None:
    """What is wrong with a file's bytes; leaves the file at its beginning."""
    digest, size = sha256(), 0
    while data := file.read(BYTES_PER_READ):
        context.check()
        digest.update(data)
        size += len(data)
    file.seek(0)
    if size != expected.bytes:
        return f"damaged: {size:,} bytes, where the manifest says {expected.bytes:,}. Fetch it again."
    if digest.hexdigest() != expected.sha256:
        return f"damaged: its sha256 is {digest.hexdigest()}, not the manifest's. Fetch it again."
    return None


def _name_others(folder: Path, manifest: Manifest, report: ImportReport) -> None:
    known = {file.name for file in manifest.files}
    with suppress(OSError):
        for path in sorted(folder.iterdir()):
            if FILE_NAME.fullmatch(path.name) and path.name not in known:
                report.rejected.append(Malformed(path.name, 0, "not named by the manifest"))
