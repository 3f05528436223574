"""Files of a model: what they must be, and a quick way to know that they still are."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from ..errors import ModelDamaged

Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file's size in bytes and the hexadecimal sha256 of its content."""

    size: int
    sha256: str


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def record_of(path: Path) -> FileRecord:
    return FileRecord(path.stat().st_size, sha256_of(path))


def records_to_json(records: Mapping[str, FileRecord]) -> dict[str, Any]:
    return {name: asdict(record) for name, record in records.items()}


def records_from_json(document: Mapping[str, Any]) -> dict[str, FileRecord]:
    return {name: FileRecord(entry["size"], entry["sha256"]) for name, entry in document.items()}


def read_json(path: Path, kind: type[Kind], remedy: str) -> Kind:
    """A JSON file whose outermost value is a `kind`. Raises ModelDamaged, also where the file is missing."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelDamaged(f"{path} is missing. {remedy}") from None
    except ValueError as error:
        raise ModelDamaged(f"{path} is not valid JSON ({error}). {remedy}") from None
    if not isinstance(document, kind):
        raise ModelDamaged(f"{path} holds a JSON {type(document).__name__}, not a {kind.__name__}. {remedy}")
    return document


def damage(path: Path, expected: FileRecord, remedy: str) -> ModelDamaged:
    found = sha256_of(path) if path.is_file() else "no such file"
    return ModelDamaged(f"{path} is damaged: expected sha256 {expected.sha256}, found {found}. {remedy}")


def changed_files(records: Mapping[Path, FileRecord], stamps: Path) -> list[Path]:
    """The files that are not what `records` says, in order.

    Hashing 90 MB at every start is too slow, so the file `stamps` remembers the size and the
    modification time that a file had when its content was last found good. A file is hashed only where
    these differ.
    """
    known = _read_stamps(stamps)
    fresh = dict(known)
    changed = []
    for path, expected in records.items():
        try:
            status = path.stat()
        except OSError:
            changed.append(path)
            continue
        key, stamp = _stamp_key(path, stamps.parent), [status.st_size, status.st_mtime_ns]
        if status.st_size != expected.size:
            changed.append(path)
        elif known.get(key) == stamp:
            continue
        elif sha256_of(path) == expected.sha256:
            fresh[key] = stamp
        else:
            changed.append(path)
    if fresh != known:
        _write_stamps(stamps, fresh)
    return changed


def stamp_files(paths: Iterable[Path], stamps: Path) -> None:
    """Remembers that these files are good as they are now."""
    fresh = {}
    for path in paths:
        status = path.stat()
        fresh[_stamp_key(path, stamps.parent)] = [status.st_size, status.st_mtime_ns]
    _write_stamps(stamps, fresh)


def _stamp_key(path: Path, folder: Path) -> str:
    return path.name if path.parent == folder else str(path)


def _read_stamps(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def _write_stamps(path: Path, stamps: Mapping[str, Any]) -> None:
    # A folder that cannot be written to is served as well; its files are then hashed at every start.
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        temporary.write_text(json.dumps(stamps, indent=1), encoding="utf-8")
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
