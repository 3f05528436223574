"""The chunk: one piece of code, prose or data that the memory keeps."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from .errors import ChunkTooLarge, InvalidArgument

LONGEST_ID = 4096
LONGEST_LABEL = 256
DEEPEST_METADATA = 32
DEFAULT_TYPE = "code"
DEFAULT_QUALITY = 0.5


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stored chunk.

    `content` is text or bytes, as it was given. `vector_key` names the embedding that was given with
    it (None: the embedding follows from the content). Times are milliseconds since 1970, UTC.
    """

    id: str
    content: str | bytes
    chunk_type: str = DEFAULT_TYPE
    frameworks: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    quality_score: float = DEFAULT_QUALITY
    metadata: Mapping[str, Any] = field(default_factory=dict)
    created_at: int = 0
    updated_at: int = 0
    vector_key: bytes | None = None


GIVEN_FIELDS = tuple(
    item.name for item in fields(Chunk) if item.name not in ("created_at", "updated_at", "vector_key")
)


def from_fields(values: Mapping[str, Any], max_chunk_size: int, vector_key: bytes | None = None) -> Chunk:
    """A chunk from what a user gave, every field checked.

    Raises InvalidArgument or ChunkTooLarge; the message names the chunk and the field.
    """
    identifier = check_id(values.get("id"))
    where = f"Chunk {identifier!r}"
    content = values.get("content")
    if isinstance(content, memoryview | bytearray):
        content = bytes(content)
    if not isinstance(content, str | bytes):
        raise InvalidArgument(f"{where}: content is {_kind(content)}. Give a string or a Uint8Array.")
    size = encoded_size(content, where)
    if size > max_chunk_size:
        raise ChunkTooLarge(
            f"{where}: content is {size:,} bytes, above max_chunk_size = {max_chunk_size:,}. "
            "Split it, or raise max_chunk_size under [memory]."
        )
    return Chunk(
        id=identifier,
        content=content,
        chunk_type=check_label(f"{where}: chunk_type", values.get("chunk_type", DEFAULT_TYPE)),
        frameworks=_labels(f"{where}: frameworks", values.get("frameworks")),
        tags=_labels(f"{where}: tags", values.get("tags")),
        quality_score=_quality(where, values.get("quality_score")),
        metadata=check_metadata(where, values.get("metadata")),
        vector_key=vector_key,
    )


def owner_of(chunk: Chunk) -> str | None:
    """The id of the template that a chunk is a file of."""
    owner = chunk.metadata.get("template")
    return owner if isinstance(owner, str) and owner and "\0" not in owner else None


def content_text(chunk: Chunk) -> str | None:
    """The content, where it is text."""
    if isinstance(chunk.content, str):
        return chunk.content
    try:
        return chunk.content.decode()
    except UnicodeDecodeError:
        return None


def metadata_text(chunk: Chunk, name: str) -> str:
    """What the metadata says under `name`, where that is text; empty otherwise."""
    value = chunk.metadata.get(name)
    return value if isinstance(value, str) else ""


def check_id(value: object) -> str:
    """`value` as a chunk's id. Raises InvalidArgument."""
    if not isinstance(value, str) or not value:
        raise InvalidArgument(f"A chunk's id is {_kind(value)}. Give a string of at least one character.")
    size = encoded_size(value, "A chunk's id")
    if size > LONGEST_ID:
        raise InvalidArgument(
            f"The id starting {value[:40]!r} is {size:,} bytes. Use at most {LONGEST_ID:,}."
        )
    if "\0" in value:
        raise InvalidArgument(f"The id {value!r} holds a NUL character. Use one without.")
    return value


def encoded_size(value: str | bytes, where: str) -> int:
    """Bytes that `value` takes in UTF-8. Raises InvalidArgument for a lone surrogate."""
    if isinstance(value, bytes):
        return len(value)
    try:
        return len(value) if value.isascii() else len(value.encode())
    except UnicodeEncodeError as error:
        raise InvalidArgument(
            f"{where} holds half a surrogate pair at character {error.start}. Give well-formed text."
        ) from None


def check_label(where: str, value: object) -> str:
    """`value` as a framework, tag or type. Raises InvalidArgument."""
    if not isinstance(value, str) or not value.strip():
        raise InvalidArgument(f"{where} is {_kind(value)}. Give a name that is not empty.")
    if encoded_size(value, where) > LONGEST_LABEL:
        raise InvalidArgument(f"{where}: {value[:40]!r}… is too long. Use at most {LONGEST_LABEL} bytes.")
    if "\0" in value:
        raise InvalidArgument(f"{where}: {value!r} holds a NUL character. Use a name without.")
    return value


def normalise_label(label: str) -> str:
    """The form under which a framework or tag is looked up: NFKC, case folded, trimmed."""
    return unicodedata.normalize("NFKC", label).strip().casefold()


def _labels(where: str, value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str) or not isinstance(value, list | tuple):
        raise InvalidArgument(f"{where} is {_kind(value)}. Give a list of names.")
    return tuple(dict.fromkeys(check_label(where, label) for label in value))


def _quality(where: str, value: object) -> float:
    if value is None:
        return DEFAULT_QUALITY
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise InvalidArgument(f"{where}: quality_score is {value!r}. Give a number from 0 to 1.")
    return float(value)


def check_metadata(where: str, value: object) -> Mapping[str, Any]:
    """`value` as metadata of plain values. Raises InvalidArgument."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidArgument(f"{where}: metadata is {_kind(value)}. Give a plain object.")
    _check_plain(f"{where}: metadata", value, 0)
    return dict(value)


def _check_plain(where: str, value: object, depth: int) -> None:
    if depth > DEEPEST_METADATA:
        raise InvalidArgument(f"{where} is nested more than {DEEPEST_METADATA} levels. Flatten it.")
    if isinstance(value, Mapping):
        for name, item in value.items():
            if not isinstance(name, str):
                raise InvalidArgument(f"{where} has the key {name!r}. Keys are strings.")
            encoded_size(name, where)
            _check_plain(f"{where}.{name}", item, depth + 1)
    elif isinstance(value, list | tuple):
        for position, item in enumerate(value):
            _check_plain(f"{where}[{position}]", item, depth + 1)
    elif isinstance(value, float) and not math.isfinite(value):
        raise InvalidArgument(f"{where} is {value}. Use a finite number or null.")
    elif isinstance(value, str):
        encoded_size(value, where)
    elif isinstance(value, int) and not -(2**63) <= value < 2**64:
        raise InvalidArgument(f"{where} is {value}, which does not fit 64 bits. Store it as a string.")
    elif not isinstance(value, bool | int | float | None):
        raise InvalidArgument(f"{where} is {_kind(value)}. Use strings, numbers, booleans, lists, objects.")


def _kind(value: object) -> str:
    return "missing" if value is None else "empty" if value == "" else type(value).__name__
