"""Pages of chunks, and the keys under which ids are sorted."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import lmdb

from ..chunk import Chunk
from ..errors import InvalidArgument
from .records import number_of

LONGEST_KEY = 480
HASH_BYTES = 16

_AFTER_ID = "id:"
_AFTER_NUMBER = "number:"

Load = Callable[[int], Chunk | None]


@dataclass(frozen=True, slots=True)
class Page:
    """Chunks of a listing, and the cursor that continues it (None at the end)."""

    chunks: list[Chunk]
    cursor: str | None


def id_key(identifier: str) -> bytes:
    """LMDB keys end at 511 bytes: a longer id is cut and ends in its hash."""
    encoded = identifier.encode()
    if len(encoded) < LONGEST_KEY:
        return encoded
    digest = hashlib.blake2b(encoded, digest_size=HASH_BYTES).digest()
    return encoded[: LONGEST_KEY - HASH_BYTES] + digest


def page_by_id(
    transaction: lmdb.Transaction,
    ids: lmdb._Database,
    load: Load,
    prefix: str,
    limit: int,
    cursor: str | None,
) -> Page:
    """Chunks whose id starts with `prefix`, by ascending key, after the cursor's."""
    after = id_key(_value(cursor, _AFTER_ID)) if cursor else b""
    common = prefix.encode()[: LONGEST_KEY - HASH_BYTES]
    chunks = list[Chunk]()
    with transaction.cursor(db=ids) as rows:
        start = max(after, common)
        found = rows.set_range(start) if start else rows.first()
        if found and after and rows.key() == after:
            found = rows.next()
        while found and bytes(rows.key()).startswith(common):
            chunk = load(number_of(rows.value()))
            if chunk is not None and chunk.id.startswith(prefix):
                if len(chunks) == limit:
                    return Page(chunks, _AFTER_ID + chunks[-1].id)
                chunks.append(chunk)
            found = rows.next()
    return Page(chunks, None)


def page_by_number(numbers: Sequence[int], load: Load, prefix: str, limit: int, cursor: str | None) -> Page:
    """Chunks of these ascending numbers whose id starts with `prefix`, after the cursor's."""
    after = _value(cursor, _AFTER_NUMBER) if cursor else "0"
    if not after.isdecimal():
        raise _invalid(cursor)
    chunks = list[Chunk]()
    last = 0
    for number in numbers:
        chunk = load(number) if number > int(after) else None
        if chunk is not None and chunk.id.startswith(prefix):
            if len(chunks) == limit:
                return Page(chunks, f"{_AFTER_NUMBER}{last}")
            chunks.append(chunk)
            last = number
    return Page(chunks, None)


def _value(cursor: str, kind: str) -> str:
    if not cursor.startswith(kind):
        raise _invalid(cursor)
    return cursor[len(kind) :]


def _invalid(cursor: str | None) -> InvalidArgument:
    return InvalidArgument(f"cursor {cursor!r} is not valid. Pass the cursor that the page before returned.")
