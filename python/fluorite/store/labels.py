"""Which chunks carry a framework or tag: sequence numbers, in blocks.

A key is a block number, the kind and the label; its value the sorted offsets of the chunks in that
block, two bytes each. On real templates this takes a quarter of LMDB's own sorted duplicates, and
with the block number first, new chunks are written at the end of the table.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterable, Sequence

import lmdb

from ..chunk import Chunk, normalise_label

FRAMEWORK = b"f"
TAG = b"t"

BLOCK_SPAN = 960  # offsets of a full block stay below the 2 KB from which LMDB takes overflow pages

LabelKey = bytes


class LabelChanges:
    """Collects the changes of one transaction and applies each touched block once."""

    def __init__(self) -> None:
        self._added: dict[LabelKey, set[int]] = {}
        self._removed: dict[LabelKey, set[int]] = {}

    def add(self, chunk: Chunk, sequence: int) -> None:
        self._note(self._added, chunk, sequence)

    def remove(self, chunk: Chunk, sequence: int) -> None:
        self._note(self._removed, chunk, sequence)

    def apply(self, transaction: lmdb.Transaction, table: lmdb._Database) -> None:
        for key in sorted(self._added.keys() | self._removed.keys()):
            offsets = set(_offsets(transaction.get(key, db=table)))
            offsets -= self._removed.get(key, set())
            offsets |= self._added.get(key, set())
            if offsets:
                transaction.put(key, _packed(offsets), db=table)
            else:
                transaction.delete(key, db=table)

    def rows(self) -> dict[LabelKey, bytes]:
        """What was added, as rows of the table."""
        return {key: _packed(offsets) for key, offsets in self._added.items()}

    @staticmethod
    def _note(changes: dict[LabelKey, set[int]], chunk: Chunk, sequence: int) -> None:
        block, offset = divmod(sequence, BLOCK_SPAN)
        for label in _labels(chunk):
            changes.setdefault(_key(block, label), set()).add(offset)


def postings_of(chunks: Iterable[tuple[int, Chunk]]) -> dict[LabelKey, bytes]:
    """The rows of the table that these numbered chunks make, where they are all of their blocks."""
    changes = LabelChanges()
    for number, chunk in chunks:
        changes.add(chunk, number)
    return changes.rows()


def block_of(key: LabelKey) -> int:
    """The block that a row of the table belongs to."""
    return int(struct.unpack(">I", key[:4])[0])


def sequences_of(
    transaction: lmdb.Transaction, table: lmdb._Database, kind: bytes, label: str, newest: int
) -> list[int]:
    """The sequence numbers up to `newest` of the chunks that carry `label`, ascending."""
    wanted = kind + normalise_label(label).encode()
    return [
        block * BLOCK_SPAN + offset
        for block in range(newest // BLOCK_SPAN + 1)
        for offset in _offsets(transaction.get(_key(block, wanted), db=table))
    ]


def sequences_of_all(
    transaction: lmdb.Transaction, table: lmdb._Database, wanted: Sequence[tuple[bytes, str]], newest: int
) -> list[int]:
    """As sequences_of, of the chunks that carry every one of these labels, each of a kind."""
    found = [sequences_of(transaction, table, kind, label, newest) for kind, label in wanted]
    return sorted(set(found[0]).intersection(*found[1:]))


def _labels(chunk: Chunk) -> set[bytes]:
    frameworks = {FRAMEWORK + normalise_label(label).encode() for label in chunk.frameworks}
    return frameworks | {TAG + normalise_label(label).encode() for label in chunk.tags}


def _key(block: int, label: bytes) -> bytes:
    return struct.pack(">I", block) + label


def _offsets(value: bytes | memoryview | None) -> array[int]:
    offsets = array("H", value or b"")
    if sys.byteorder == "big":
        offsets.byteswap()
    return offsets


def _packed(offsets: Iterable[int]) -> bytes:
    packed = array("H", sorted(offsets))
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()
