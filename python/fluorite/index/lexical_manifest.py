"""What is on disk of the lexical index.

    lock             held by whoever writes (see build_lock.py)
    manifest         4 bytes CRC-32, then msgpack: the fields of Manifest
    segments-…       a Tantivy index; only the one that the manifest names counts

A write goes: take the lock; commit to the Tantivy index; write the manifest beside, sync it, move it
into place; delete what no manifest names. A crash before the move leaves segments that hold more than
the manifest says. The store is then replayed from the manifest's sequence, and what is known already is
deleted before it is added.
"""

from __future__ import annotations

import os
import shutil
import uuid
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import msgpack

from ..terms import TERMS_VERSION
from .lexical_fields import FIELDS

FORMAT = 2
BLOCK_BYTES = 1 << 22
PREFIX = "segments-"
_UNLISTED = (".lock", ".managed.json", "meta.json")
"""Files that Tantivy rewrites in place; all others are written once."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """`sequence`: all changes up to it are in; `documents` and `tokens`: all that were ever added, and the
    terms in each field; `alive`: documents that are not deleted; `files`: name → (size, CRC-32)."""

    segments: str
    sequence: int
    documents: int
    tokens: tuple[int, ...]
    alive: int
    files: Mapping[str, tuple[int, int]]
    format: int = FORMAT
    terms: int = TERMS_VERSION


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest; None where there is none, or it is damaged, or of another format or other terms."""
    try:
        data = (folder / "manifest").read_bytes()
        if zlib.crc32(data[4:]) != int.from_bytes(data[:4], "little"):
            return None
        values = msgpack.unpackb(data[4:], use_list=False)
    except (OSError, ValueError, msgpack.UnpackException):
        return None
    if not isinstance(values, dict) or values.keys() != {field.name for field in fields(Manifest)}:
        return None
    manifest = Manifest(**values)
    if (manifest.format, manifest.terms, len(manifest.tokens)) != (FORMAT, TERMS_VERSION, len(FIELDS)):
        return None
    return manifest


def write_manifest(folder: Path, manifest: Manifest) -> None:
    data = msgpack.packb(asdict(manifest))
    temporary = folder / f"manifest.{os.getpid()}.tmp"
    try:
        with temporary.open("wb") as file:
            file.write(zlib.crc32(data).to_bytes(4, "little") + data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, folder / "manifest")
    finally:
        temporary.unlink(missing_ok=True)


def new_segments_name() -> str:
    return f"{PREFIX}{uuid.uuid4().hex[:8]}"


def delete_others(folder: Path, kept: str) -> None:
    """Deletes all segments but `kept`; who has them open goes on reading."""
    for path in folder.glob(f"{PREFIX}*"):
        if path.name != kept:
            shutil.rmtree(path, ignore_errors=True)


def list_files(
    folder: Path, known: Mapping[str, tuple[int, int]], check: Callable[[], None]
) -> dict[str, tuple[int, int]]:
    """Size and CRC-32 of the files in a Tantivy index; those in `known` are not read again."""
    listed = dict[str, tuple[int, int]]()
    for path in folder.iterdir():
        if not path.name.endswith(_UNLISTED):
            listed[path.name] = known.get(path.name) or (path.stat().st_size, _checksum(path, check))
    return listed


def sizes_agree(folder: Path, files: Mapping[str, tuple[int, int]]) -> bool:
    """Whether the files that are still there have their sizes; merging deletes files."""
    for name, (size, _) in files.items():
        try:
            if (folder / name).stat().st_size != size:
                return False
        except FileNotFoundError:
            continue
        except OSError:
            return False
    return True


def checksums_agree(folder: Path, files: Mapping[str, tuple[int, int]], check: Callable[[], None]) -> bool:
    """Whether the files that are still there hold what was written. Reads them all; `check` may raise."""
    for name, (_, checksum) in files.items():
        try:
            if _checksum(folder / name, check) != checksum:
                return False
        except FileNotFoundError:
            continue
        except OSError:
            return False
    return True


def _checksum(path: Path, check: Callable[[], None]) -> int:
    checksum = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            check()
            checksum = zlib.crc32(block, checksum)
    return checksum
