"""The table of chunk records: blocks in the order of their writing.

A block's key is the sequence number of its first record; record i has the number key + i. Removing a
record rewrites its block with a gap, so that nothing removed stays on disk in the clear and no
number is ever given twice.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import lmdb

from .codec import BLOCK_BYTES, BLOCK_RECORDS, BlockCodec


def key_of(number: int) -> bytes:
    """LMDB's integer keys are native-endian machine words."""
    return struct.pack("@N", number)


def number_of(key: bytes | memoryview) -> int:
    return int(struct.unpack("@N", key)[0])


def append(
    transaction: lmdb.Transaction,
    table: lmdb._Database,
    codec: BlockCodec,
    first: int,
    records: Sequence[bytes],
) -> None:
    """Writes `records` under the numbers from `first` on, which must be the highest so far."""
    for start, stop in _block_bounds(records):
        block = codec.encode_block(records[start:stop])
        transaction.put(key_of(first + start), block, db=table, append=True)


def read(
    transaction: lmdb.Transaction, table: lmdb._Database, codec: BlockCodec, numbers: Iterable[int]
) -> dict[int, bytes]:
    """The records with these numbers; a block that serves several is decoded once."""
    found: dict[int, bytes] = {}
    first, records = 0, list[bytes | None]()
    with transaction.cursor(db=table) as cursor:
        for number in sorted(numbers):
            if not first <= number < first + len(records):
                if not _seek(cursor, number):
                    continue
                first = number_of(cursor.key())
                records = codec.decode_block(cursor.value())
            if number < first + len(records):
                record = records[number - first]
                if record is not None:
                    found[number] = record
    return found


def read_from(
    transaction: lmdb.Transaction, table: lmdb._Database, codec: BlockCodec, first: int, most: int
) -> Iterator[tuple[int, bytes]]:
    """Records with a number of `first` or above, ascending: whole blocks, until `most` are passed."""
    passed = 0
    with transaction.cursor(db=table) as cursor:
        found = cursor.set_range(key_of(first))
        while found and passed < most:
            start = number_of(cursor.key())
            for position, record in enumerate(codec.decode_block(cursor.value())):
                if record is not None:
                    yield start + position, record
                    passed += 1
            found = cursor.next()


def remove(
    transaction: lmdb.Transaction, table: lmdb._Database, codec: BlockCodec, numbers: Iterable[int]
) -> None:
    """Erases the records with these numbers from their blocks."""
    doomed: dict[bytes, list[int]] = defaultdict(list)
    with transaction.cursor(db=table) as cursor:
        for number in numbers:
            if _seek(cursor, number):
                doomed[bytes(cursor.key())].append(number - number_of(cursor.key()))
    for key, positions in doomed.items():
        value = transaction.get(key, db=table)
        records = codec.decode_block(value or b"")
        for position in positions:
            records[position] = None
        if any(record is not None for record in records):
            transaction.put(key, codec.encode_block(records), db=table)
        else:
            transaction.delete(key, db=table)


def _seek(cursor: lmdb.Cursor, number: int) -> bool:
    """Places `cursor` on the block that would hold `number`."""
    if cursor.set_range(key_of(number)):
        return number_of(cursor.key()) == number or bool(cursor.prev())
    return bool(cursor.last())


def _block_bounds(records: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    start = size = 0
    for position, record in enumerate(records):
        full = position - start == BLOCK_RECORDS or size + len(record) > BLOCK_BYTES
        if full and position > start:
            yield start, position
            start, size = position, 0
        size += len(record)
    if start < len(records):
        yield start, len(records)
