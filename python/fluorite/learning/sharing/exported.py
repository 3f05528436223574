"""Writes a memory's chunks as a folder that can be shared; see manifest.py for its form."""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b, sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ... import __version__
from ...chunk import Chunk, metadata_text
from ...context import CallContext
from ...errors import InvalidArgument, StoreError
from ...framework_packages import language_of_path
from ...store import ChunkStore
from .manifest import FILE_BYTES, FILE_NAME, MANIFEST, Manifest, SharedFile, encode_manifest, is_manifest
from .shared_line import line_of
from .withheld import reason_to_withhold

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PAGE = 1000
HASH_BITS = 64


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written: `files` by name, `bytes` of all of them, and chunks left out by reason."""

    path: str
    chunks: int
    files: list[str]
    bytes: int
    skipped: dict[str, int]
    seconds: float


def export_chunks(
    folder: Path,
    store: ChunkStore,
    context: CallContext,
    least_quality: float = 0.0,
    id_prefix: str = "",
    places: re.Pattern[str] | None = None,
) -> ExportReport:
    """Makes `folder` hold the store's chunks whose id starts with `id_prefix`.

    Files that are already as they should be are not touched, others than shared files never. A call
    that is cancelled while it collects has changed nothing. Raises InvalidArgument, StoreError or
    Cancelled.
    """
    started = time.monotonic()
    _check_target(folder)
    skipped, types, languages = Counter[str](), Counter[str](), Counter[str]()
    digests, sizes = list[int](), list[int]()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as lines:
            for chunk in _chunks(store, id_prefix, context):
                reason = reason_to_withhold(chunk, least_quality, places)
                if reason is not None:
                    skipped[reason] += 1
                    continue
                line = line_of(chunk)
                lines.write(line)
                digests.append(int.from_bytes(blake2b(chunk.id.encode(), digest_size=8).digest(), "big"))
                sizes.append(len(line))
                types[chunk.chunk_type] += 1
                language = metadata_text(chunk, "language") or language_of_path(metadata_text(chunk, "path"))
                if language:
                    languages[language] += 1
            files = _write_files(folder, lines, digests, sizes, context)
        generator = f"fluorite-memory-engine {__version__}"
        manifest = encode_manifest(Manifest(generator, len(sizes), types, languages, files))
        _replace(folder / MANIFEST, manifest)
    except OSError as error:
        raise StoreError(
            f"{folder}: {error.strerror}. Check that the folder can be written to and that the disk is "
            "not full."
        ) from error
    return ExportReport(
        path=str(folder),
        chunks=len(sizes),
        files=[file.name for file in files],
        bytes=sum(sizes) + len(manifest),
        skipped=dict(sorted(skipped.items())),
        seconds=round(time.monotonic() - started, 3),
    )


def parts_of(
    digests: NDArray[np.uint64], sizes: NDArray[np.int64]
) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Splits rows by their hash: the digits to base 4 that name a part, and its rows, ascending.

    Each part is at most FILE_BYTES, or a single row; shapes (n,). Parts come in the order of their names.
    """
    import numpy as np

    order = np.argsort(digests, kind="stable")
    ranked = digests[order]
    ends = np.append(0, np.cumsum(sizes[order]))
    waiting = [("", 0, len(order))] if len(order) else []
    while waiting:
        name, start, stop = waiting.pop()
        shift = HASH_BITS - 2 * len(name) - 2
        if ends[stop] - ends[start] <= FILE_BYTES or stop - start == 1 or shift < 0:
            yield name, np.sort(order[start:stop])
            continue
        digits = (ranked[start:stop] >> np.uint64(shift)) & np.uint64(3)
        bounds = [start + int(bound) for bound in np.searchsorted(digits, np.arange(5, dtype=np.uint64))]
        waiting += [
            (f"{name}{digit}", bounds[digit], bounds[digit + 1])
            for digit in (3, 2, 1, 0)
            if bounds[digit] < bounds[digit + 1]
        ]


def _check_target(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise InvalidArgument(f"{str(folder)!r} is a file. Give a folder, for example './learning-chunks'.")
    manifest = folder / MANIFEST
    if manifest.exists() and not is_manifest(manifest):
        raise InvalidArgument(
            f"{str(manifest)!r} is the manifest of something else. Give a folder of its own, for example "
            "'./learning-chunks'."
        )


def _chunks(store: ChunkStore, prefix: str, context: CallContext) -> Iterator[Chunk]:
    """Chunks by ascending id. One that is replaced meanwhile comes as it was or as it is."""
    total, done, cursor = store.count(), 0, None
    while True:
        context.report("collect", min(done, total), total)
        page = store.page(prefix=prefix, limit=PAGE, cursor=cursor)
        yield from page.chunks
        done += len(page.chunks)
        cursor = page.cursor
        if cursor is None:
            context.report("collect", total, total)
            return


def _write_files(
    folder: Path, lines: IO[bytes], digests: Sequence[int], sizes: Sequence[int], context: CallContext
) -> list[SharedFile]:
    import numpy as np

    lengths = np.array(sizes, np.int64)
    starts = np.append(0, np.cumsum(lengths))
    files = list[SharedFile]()
    written = 0
    for name, rows in parts_of(np.array(digests, np.uint64), lengths):
        context.report("write", written, len(sizes))
        parts = []
        for row in rows.tolist():
            lines.seek(int(starts[row]))
            parts.append(lines.read(sizes[row]))
        data = b"".join(parts)
        file_name = f"chunks-{name}.jsonl" if name else "chunks.jsonl"
        _replace(folder / file_name, data)
        files.append(SharedFile(file_name, len(rows), len(data), sha256(data).hexdigest()))
        written += len(rows)
    context.report("write", len(sizes), len(sizes))
    wanted = {file.name for file in files}
    for path in folder.iterdir():
        if FILE_NAME.fullmatch(path.name) and path.name not in wanted:
            path.unlink()
    return files


def _replace(path: Path, data: bytes) -> None:
    """Makes a file hold `data`, whole or not at all; leaves one that does so alone."""
    with suppress(OSError):
        if path.stat().st_size == len(data) and path.read_bytes() == data:
            return
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
