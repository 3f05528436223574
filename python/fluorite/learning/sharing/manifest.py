"""The form of a shared folder, and the manifest that describes it.

    manifest.json      format, generator, counts, and size and sha256 of each file
    chunks-<d…>.jsonl  one chunk a line, by id

A chunk's file follows from a hash of its id: its digits to base 4, as many as keep the file within
FILE_BYTES. So a chunk that is added or changed touches one file, and equal memories give equal files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...errors import InvalidArgument, PathNotFound, StoreDamaged

MANIFEST = "manifest.json"
KIND = "fluorite learning chunks"
FORMAT = 1
FILE_BYTES = 1 << 20
LARGEST_MANIFEST = 1 << 24
MOST_FILES = 1 << 17

FILE_NAME = re.compile(r"chunks(?:-[0-3]{1,32})?\.jsonl")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class SharedFile:
    """A file of a shared folder; `sha256` is hexadecimal."""

    name: str
    chunks: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a shared folder holds. `types` and `languages` count its chunks."""

    generator: str
    chunks: int
    types: Mapping[str, int]
    languages: Mapping[str, int]
    files: Sequence[SharedFile]


def encode_manifest(manifest: Manifest) -> bytes:
    """The manifest as it is written: a file a line, so that differences stay small."""
    head: dict[str, Any] = {
        "kind": KIND,
        "format": FORMAT,
        "generator": manifest.generator,
        "chunks": manifest.chunks,
        "types": dict(sorted(manifest.types.items())),
        "languages": dict(sorted(manifest.languages.items())),
    }
    lines = [
        f"  {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}," for name, value in head.items()
    ]
    files = ",\n".join(f"    {json.dumps(asdict(file))}" for file in manifest.files)
    return "\n".join(["{", *lines, '  "files": [', *([files] if files else []), "  ]", "}", ""]).encode()


def is_manifest(path: Path) -> bool:
    """Whether a file is the manifest of some shared folder, of whatever format."""
    try:
        return _document(path).get("kind") == KIND
    except (StoreDamaged, OSError):
        return False


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a shared folder. Raises PathNotFound, InvalidArgument or StoreDamaged."""
    path = folder / MANIFEST
    if not path.is_file():
        inside = folder / "learning-chunks"
        hint = f"Pass {str(inside)!r}." if (inside / MANIFEST).is_file() else "Pass a folder of exportChunks."
        raise PathNotFound(f"{str(folder)!r} holds no {MANIFEST}. {hint}")
    document = _document(path)
    if document.get("kind") != KIND:
        raise InvalidArgument(f"{path} does not describe learning chunks. Pass a folder of exportChunks.")
    if document.get("format") != FORMAT:
        raise InvalidArgument(
            f"{path} has format {document.get('format')!r:.40}, made by {document.get('generator')!r:.80}; "
            f"this version reads format {FORMAT}. Update this package, or have the folder exported again."
        )
    files = document.get("files")
    if not isinstance(files, list) or len(files) > MOST_FILES:
        raise _damaged(path, "files is no list of a usable length")
    described = [_file(path, place, file) for place, file in enumerate(files)]
    if len({file.name for file in described}) < len(described):
        raise _damaged(path, "two of its files have one name")
    return Manifest(str(document.get("generator")), sum(file.chunks for file in described), {}, {}, described)


def _document(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        data = file.read(LARGEST_MANIFEST + 1)
    if len(data) > LARGEST_MANIFEST:
        raise _damaged(path, f"it is larger than {LARGEST_MANIFEST:,} bytes")
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _damaged(path, f"not JSON: {error}") from None
    if not isinstance(document, dict):
        raise _damaged(path, "it is no JSON object")
    return document


def _file(path: Path, place: int, value: object) -> SharedFile:
    if not isinstance(value, dict):
        raise _damaged(path, f"files[{place}] is no object")
    name, chunks, size, digest = (value.get(key) for key in ("name", "chunks", "bytes", "sha256"))
    if not isinstance(name, str) or FILE_NAME.fullmatch(name) is None:
        raise _damaged(path, f"files[{place}] has a name that no shared file has")
    if not isinstance(chunks, int) or not isinstance(size, int) or chunks < 0 or size < 0:
        raise _damaged(path, f"{name} has no whole number of chunks or bytes")
    if not isinstance(digest, str) or _SHA256.fullmatch(digest) is None:
        raise _damaged(path, f"{name} has no sha256")
    return SharedFile(name, chunks, size, digest)


def _damaged(path: Path, reason: str) -> StoreDamaged:
    return StoreDamaged(f"{path} is damaged: {reason}. Fetch the folder again, or have it exported again.")
