"""A chunk as a line of a shared file: one JSON object with sorted keys, in UTF-8.

Left out is what holds for one memory only: times, given vectors and MEMORY_KEYS of the metadata.
Content that is bytes stands as base64 under `content_base64`.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any, NoReturn

from ...chunk import Chunk, from_fields
from ...errors import ChunkTooLarge, InvalidArgument, reject_unknown

IMPORTED = "imported"
"""Metadata that an imported chunk carries: trust, and what `source` and `quality_score` were."""
CORRECTS = "corrects"
"""Metadata of a chunk that was made from feedback."""
MEMORY_KEYS = frozenset({"collection", IMPORTED, CORRECTS})
BINARY = "content_base64"
FIELDS = ("id", "content", BINARY, "chunk_type", "frameworks", "tags", "quality_score", "metadata")


def line_of(chunk: Chunk) -> bytes:
    """The line, with its end; the same for equal chunks, whatever the order of their metadata."""
    metadata = {name: value for name, value in chunk.metadata.items() if name not in MEMORY_KEYS}
    fields: dict[str, Any] = {
        "id": chunk.id,
        "chunk_type": chunk.chunk_type,
        "frameworks": chunk.frameworks,
        "tags": chunk.tags,
        "quality_score": chunk.quality_score,
        "metadata": metadata,
    }
    if isinstance(chunk.content, str):
        fields["content"] = chunk.content
    else:
        fields[BINARY] = base64.b64encode(chunk.content).decode()
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def chunk_of(line: bytes, max_chunk_size: int) -> Chunk:
    """The chunk that a line holds. Raises InvalidArgument, which says what is wrong with the line."""
    try:
        fields = json.loads(line, parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise InvalidArgument(f"not UTF-8 (byte 0x{line[error.start]:02x})") from None
    except RecursionError:
        raise InvalidArgument("nested too deeply") from None
    except ValueError as error:
        raise InvalidArgument(f"not JSON: {error}") from None
    if not isinstance(fields, dict):
        raise InvalidArgument(f"a JSON {type(fields).__name__}, not an object")
    reject_unknown("field", fields, FIELDS)
    if BINARY in fields:
        if "content" in fields:
            raise InvalidArgument(f"both content and {BINARY}")
        fields["content"] = _bytes(fields.pop(BINARY))
    try:
        chunk = from_fields(fields, max_chunk_size)
    except ChunkTooLarge as error:
        raise InvalidArgument(str(error)) from None
    for name in MEMORY_KEYS & chunk.metadata.keys():
        raise InvalidArgument(f"metadata.{name} says what holds in one memory only")
    return chunk


def is_imported(chunk: Chunk) -> bool:
    """Whether a chunk came from someone else."""
    mark = chunk.metadata.get(IMPORTED)
    return isinstance(mark, Mapping) and "trust" in mark


def _bytes(value: object) -> bytes:
    try:
        return base64.b64decode(value if isinstance(value, str) else "=", validate=True)
    except (binascii.Error, ValueError):
        raise InvalidArgument(f"{BINARY} is not base64") from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")
