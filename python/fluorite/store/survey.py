"""Looks through everything that the tables of chunks hold, and says what is not as it should be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import lmdb
import msgpack
import zstandard

from ..chunk import Chunk
from ..errors import StoreDamaged
from .chunk_store import ChunkStore
from .codec import decode_chunk, dictionary_id, unpack_dictionary
from .labels import BLOCK_SPAN, block_of, postings_of
from .listing import id_key
from .records import key_of, number_of

NUMBER_BYTES = len(key_of(0))
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
REPORT_EVERY = 256
LARGEST_NUMBER = BLOCK_SPAN * 2**32 - 1
MOST_VANISHED = 1 << 20

Tell = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class BadValue:
    """A value on disk that cannot be read: its key, its bytes and why."""

    key: bytes
    data: bytes
    reason: str


@dataclass(slots=True)
class Survey:
    """What was found.

    chunks      that are whole and listed
    blocks      that cannot be decoded
    records     that cannot be read, by their number, in blocks that can
    dangling    number → key of an id whose record is not there or not readable
    unlisted    records whose id is not listed, or as another number
    vanished    numbers that are neither records nor removed, and that no id lists
    labels      rows of the table of labels that are not what the chunks make
    removals    keys of rows that name no number
    facts       that cannot be read
    newest      the highest number that anything has
    sequence    as the facts have it; None where they do not
    """

    chunks: int = 0
    blocks: list[BadValue] = field(default_factory=list)
    records: list[tuple[int, BadValue]] = field(default_factory=list)
    dangling: dict[int, bytes] = field(default_factory=dict)
    unlisted: list[tuple[int, Chunk]] = field(default_factory=list)
    vanished: list[int] = field(default_factory=list)
    labels: int = 0
    removals: list[bytes] = field(default_factory=list)
    facts: list[BadValue] = field(default_factory=list)
    newest: int = 0
    sequence: int | None = None

    @property
    def is_sound(self) -> bool:
        lists = (self.blocks, self.records, self.dangling, self.unlisted, self.vanished, self.removals)
        return not (any(lists) or self.facts or self.labels or self.is_behind)

    @property
    def is_behind(self) -> bool:
        """Whether numbers would be given twice."""
        return self.sequence is None or self.sequence < self.newest


def survey_chunks(store: ChunkStore, transaction: lmdb.Transaction, tell: Tell) -> Survey:
    """Reads and decodes every value. `tell` hears how many chunks were read, and may raise to stop."""
    found = Survey()
    _survey_facts(store, transaction, found)
    listed = set(_numbers_listed(store, transaction, found))
    accounted = set[int]()
    chunks = _survey_records(store, transaction, found, listed, accounted, tell)
    _survey_labels(store, transaction, found, chunks)
    _survey_removals(store, transaction, found, accounted)
    if listed:
        with transaction.cursor(db=store.tables.ids) as cursor:
            for key, value in cursor:
                if len(value) == NUMBER_BYTES and number_of(value) in listed:
                    found.dangling[number_of(value)] = bytes(key)
    # A damaged number may be of any size.
    top = min(max(found.newest, found.sequence or 0), len(accounted) + len(found.dangling) + MOST_VANISHED)
    found.vanished = [
        number for number in range(1, top + 1) if number not in accounted and number not in found.dangling
    ]
    return found


def label_rows(store: ChunkStore, transaction: lmdb.Transaction) -> Iterator[tuple[bytes, bytes]]:
    """The rows of the table of labels as the chunks make them, ascending."""
    chunks = _survey_records(store, transaction, Survey(), set(), set(), lambda _: None)
    for _, rows in _postings_by_block(chunks):
        yield from sorted(rows.items())


def _numbers_listed(store: ChunkStore, transaction: lmdb.Transaction, found: Survey) -> Iterator[int]:
    """Numbers as the ids have them; an id without one dangles under a number below zero."""
    with transaction.cursor(db=store.tables.ids) as cursor:
        for key, value in cursor:
            if len(value) == NUMBER_BYTES:
                yield number_of(value)
            else:
                found.dangling[-1 - len(found.dangling)] = bytes(key)


def _survey_records(
    store: ChunkStore,
    transaction: lmdb.Transaction,
    found: Survey,
    listed: set[int],
    accounted: set[int],
    tell: Tell,
) -> Iterator[tuple[int, Chunk]]:
    """The chunks that are whole and listed, by their number, which leaves `listed`."""
    seen = 0
    with transaction.cursor(db=store.tables.records) as cursor:
        for key, value in ((bytes(key), bytes(value)) for key, value in cursor):
            first = number_of(key)
            if first > LARGEST_NUMBER:
                found.blocks.append(BadValue(key, value, f"{first} is no number of a write"))
                continue
            try:
                records = store.codec.decode_block(value)
            except StoreDamaged as error:
                found.blocks.append(BadValue(key, value, str(error.__cause__ or error)))
                continue
            for number, record in enumerate(records, first):
                if record is None:
                    continue
                seen += 1
                if seen % REPORT_EVERY == 0:
                    tell(seen)
                found.newest = max(found.newest, number)
                chunk = _chunk(record)
                if chunk is None:
                    found.records.append((number, BadValue(key, record, "it is no record of a chunk")))
                    continue
                accounted.add(number)
                entry = transaction.get(id_key(chunk.id), db=store.tables.ids)
                if entry is not None and len(entry) == NUMBER_BYTES and number_of(entry) == number:
                    found.chunks += 1
                    listed.discard(number)
                    yield number, chunk
                else:
                    found.unlisted.append((number, chunk))
    tell(seen)


def _survey_labels(
    store: ChunkStore, transaction: lmdb.Transaction, found: Survey, chunks: Iterator[tuple[int, Chunk]]
) -> None:
    """Compares the table, block by block, with what the chunks make."""
    with transaction.cursor(db=store.tables.labels) as cursor:
        rows = iter(cursor)
        row = next(rows, None)
        for block, wanted in _postings_by_block(chunks):
            while row is not None and (len(row[0]) < 4 or block_of(bytes(row[0])) <= block):
                if wanted.pop(bytes(row[0]), None) != bytes(row[1]):
                    found.labels += 1
                row = next(rows, None)
            found.labels += len(wanted)
        found.labels += (row is not None) + sum(1 for _ in rows)


def _postings_by_block(chunks: Iterator[tuple[int, Chunk]]) -> Iterator[tuple[int, dict[bytes, bytes]]]:
    current, members = 0, list[tuple[int, Chunk]]()
    for number, chunk in chunks:
        if number // BLOCK_SPAN != current:
            yield current, postings_of(members)
            current, members = number // BLOCK_SPAN, []
        members.append((number, chunk))
    yield current, postings_of(members)


def _survey_removals(
    store: ChunkStore, transaction: lmdb.Transaction, found: Survey, accounted: set[int]
) -> None:
    with transaction.cursor(db=store.tables.removals) as cursor:
        for key, value in cursor:
            if number_of(key) > LARGEST_NUMBER:
                found.removals.append(bytes(key))
                continue
            found.newest = max(found.newest, number_of(key))
            accounted.add(number_of(key))
            if len(value) == NUMBER_BYTES:
                accounted.add(number_of(value))
            else:
                found.removals.append(bytes(key))


def _survey_facts(store: ChunkStore, transaction: lmdb.Transaction, found: Survey) -> None:
    with transaction.cursor(db=store.facts.table) as cursor:
        for key, value in cursor:
            name = bytes(key).decode(errors="replace")
            try:
                read = msgpack.unpackb(value, strict_map_key=False)
                if name == "sequence":
                    found.sequence = int(read)
                elif name.startswith("dictionary:"):
                    if str(dictionary_id(unpack_dictionary(read))) != name.partition(":")[2]:
                        raise ValueError("it is another dictionary")
                elif isinstance(read, bytes) and read.startswith(ZSTD_MAGIC):
                    msgpack.unpackb(zstandard.ZstdDecompressor().decompress(read), strict_map_key=False)
            except (ValueError, TypeError, msgpack.UnpackException, zstandard.ZstdError) as error:
                found.facts.append(BadValue(bytes(key), bytes(value), f"{type(error).__name__}: {error}"))


def _chunk(record: bytes) -> Chunk | None:
    try:
        chunk = decode_chunk(record)
    except (ValueError, TypeError, IndexError, KeyError, msgpack.UnpackException):
        return None
    whole = isinstance(chunk.id, str) and isinstance(chunk.content, str | bytes)
    return chunk if whole and isinstance(chunk.metadata, dict) else None
