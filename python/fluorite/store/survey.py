"""Looks through everything that the tables of chunks hold, and says what is not as it should be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, pairwise

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
BLOCK_KEY_BYTES = 4
LARGEST_NUMBER = BLOCK_SPAN * 2**32 - 1
NUMBERS_PER_CHUNK = 64
"""A memory whose sequence is damaged has hardly given more numbers for each of its chunks."""
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
    misplaced   chunks of blocks whose number no write has
    misnamed    keys of ids that lead to a record of another id
    unlisted    records whose id is not listed, or as another number
    vanished    numbers that are neither records nor removed, and that no id lists
    labels      rows of the table of labels that are not what the chunks make
    removals    keys of rows that name no number
    facts       that cannot be read
    disordered  tables whose keys are not in order, so that nothing can be found in them for sure
    newest      the highest number that a record or a removal has
    largest     the highest number that can be right
    sequence    as the facts have it; None where they do not
    """

    chunks: int = 0
    blocks: list[BadValue] = field(default_factory=list)
    records: list[tuple[int, BadValue]] = field(default_factory=list)
    dangling: dict[int, bytes] = field(default_factory=dict)
    misplaced: list[Chunk] = field(default_factory=list)
    misnamed: list[bytes] = field(default_factory=list)
    unlisted: list[tuple[int, Chunk]] = field(default_factory=list)
    vanished: list[int] = field(default_factory=list)
    labels: int = 0
    removals: list[bytes] = field(default_factory=list)
    facts: list[BadValue] = field(default_factory=list)
    disordered: set[str] = field(default_factory=set)
    newest: int = 0
    largest: int = LARGEST_NUMBER
    sequence: int | None = None

    @property
    def is_sound(self) -> bool:
        values = (self.blocks, self.records, self.removals, self.facts)
        ids = (self.dangling, self.misnamed, self.unlisted, self.vanished)
        return not (any(values) or any(ids) or self.disordered or self.labels or self.is_behind)

    @property
    def is_behind(self) -> bool:
        """Whether numbers would be given twice, or so many left out that the sequence cannot be right."""
        return self.sequence is None or not 0 <= self.sequence - self.newest <= MOST_VANISHED

    @property
    def reached(self) -> int:
        """The highest number that was given."""
        return self.newest if self.sequence is None or self.is_behind else self.sequence


def survey_chunks(store: ChunkStore, transaction: lmdb.Transaction, tell: Tell) -> Survey:
    """Reads and decodes every value. `tell` hears how many chunks were read, and may raise to stop."""
    found = Survey()
    _survey_facts(store, transaction, found)
    listed = set(_numbers_listed(store, transaction, found))
    accounted = set[int]()
    found.largest = max(found.sequence or 0, NUMBERS_PER_CHUNK * len(listed) + MOST_VANISHED)
    chunks = _survey_records(store, transaction, found, listed, accounted, tell)
    _survey_labels(store, transaction, found, chunks)
    for key, value in rows_of(transaction, store.tables.ids) if listed else ():
        if len(value) == NUMBER_BYTES and (number := number_of(value)) in listed:
            if number in accounted:
                found.misnamed.append(key)
            else:
                found.dangling[number] = key
    _survey_removals(store, transaction, found, accounted)
    # A damaged number may be of any size.
    top = min(found.reached, len(accounted) + len(found.dangling) + MOST_VANISHED)
    found.vanished = [
        number for number in range(1, top + 1) if number not in accounted and number not in found.dangling
    ]
    return found


def label_rows(store: ChunkStore, transaction: lmdb.Transaction) -> Iterator[tuple[bytes, bytes]]:
    """The rows of the table of labels as the chunks make them, ascending."""
    chunks = _survey_records(store, transaction, Survey(), set(), set(), lambda _: None)
    for _, rows in _postings_by_block(chunks):
        yield from sorted(rows.items())


def rows_of(transaction: lmdb.Transaction, table: lmdb._Database) -> Iterator[tuple[bytes, bytes]]:
    """The rows of a table as they lie there."""
    with transaction.cursor(db=table) as cursor:
        for key, value in cursor:
            yield bytes(key), bytes(value)


def in_order(
    rows: Iterator[tuple[bytes, bytes]], name: str, disordered: set[str], by_number: bool = False
) -> Iterator[tuple[bytes, bytes]]:
    """Passes rows on, and notes the table's name where their keys do not ascend."""
    last: bytes | int | None = None
    for key, value in rows:
        place = number_of(key) if by_number else key
        if last is not None and place <= last:  # type: ignore[operator]
            disordered.add(name)
        last = place
        yield key, value


def _numbers_listed(store: ChunkStore, transaction: lmdb.Transaction, found: Survey) -> Iterator[int]:
    """Numbers as the ids have them; an id without one dangles under a number below zero."""
    for key, value in in_order(rows_of(transaction, store.tables.ids), "ids", found.disordered):
        if len(value) == NUMBER_BYTES:
            yield number_of(value)
        else:
            found.dangling[-1 - len(found.dangling)] = key


def _survey_records(
    store: ChunkStore,
    transaction: lmdb.Transaction,
    found: Survey,
    listed: set[int],
    accounted: set[int],
    tell: Tell,
) -> Iterator[tuple[int, Chunk]]:
    """The chunks that are whole and listed, by their number, which leaves `listed`."""
    seen = end = 0
    rows = in_order(rows_of(transaction, store.tables.records), "records", found.disordered, by_number=True)
    for (key, value), following in pairwise(chain(rows, [(b"", b"")])):
        first = number_of(key)
        try:
            block = store.codec.decode_block(value)
        except StoreDamaged as error:
            found.blocks.append(BadValue(key, value, str(error.__cause__ or error)))
            continue
        records = [(number, record) for number, record in enumerate(block, first) if record is not None]
        chunks = [(number, chunk) for number, record in records if (chunk := _chunk(record)) is not None]
        own = {number for number, chunk in chunks if _listed(store, transaction, chunk) == number}
        overlaps = first < end or (following[0] != b"" and number_of(following[0]) < first + len(block))
        if first > found.largest or (overlaps and not own):
            found.blocks.append(BadValue(key, value, f"{first} is not the number of its first chunk"))
            found.misplaced += [chunk for _, chunk in chunks]
            continue
        end = first + len(block)
        seen += len(records)
        if seen // REPORT_EVERY != (seen - len(records)) // REPORT_EVERY:
            tell(seen)
        found.newest = max(found.newest, end - 1)
        accounted.update(number for number, _ in chunks)
        whole = {number for number, _ in chunks}
        found.records += [
            (number, BadValue(key, record, "it is no record of a chunk"))
            for number, record in records
            if number not in whole
        ]
        found.unlisted += [(number, chunk) for number, chunk in chunks if number not in own]
        found.chunks += len(own)
        listed -= own
        yield from ((number, chunk) for number, chunk in chunks if number in own)
    tell(seen)


def _listed(store: ChunkStore, transaction: lmdb.Transaction, chunk: Chunk) -> int | None:
    """The number under which a chunk's id is listed."""
    entry = transaction.get(id_key(chunk.id), db=store.tables.ids)
    return number_of(entry) if entry is not None and len(entry) == NUMBER_BYTES else None


def _survey_labels(
    store: ChunkStore, transaction: lmdb.Transaction, found: Survey, chunks: Iterator[tuple[int, Chunk]]
) -> None:
    """Compares the table, block by block, with what the chunks make."""
    rows = in_order(rows_of(transaction, store.tables.labels), "labels", found.disordered)
    row = next(rows, None)
    for block, wanted in _postings_by_block(chunks):
        while row is not None and (len(row[0]) < BLOCK_KEY_BYTES or block_of(row[0]) <= block):
            if wanted.pop(row[0], None) != row[1]:
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
    rows = rows_of(transaction, store.tables.removals)
    for key, value in in_order(rows, "removals", found.disordered, by_number=True):
        if number_of(key) > found.largest:
            found.removals.append(key)
            continue
        found.newest = max(found.newest, number_of(key))
        accounted.add(number_of(key))
        if len(value) == NUMBER_BYTES:
            accounted.add(number_of(value))
        else:
            found.removals.append(key)


def _survey_facts(store: ChunkStore, transaction: lmdb.Transaction, found: Survey) -> None:
    for key, value in in_order(rows_of(transaction, store.facts.table), "facts", found.disordered):
        name = key.decode(errors="replace")
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
            found.facts.append(BadValue(key, value, f"{type(error).__name__}: {error}"))


def _chunk(record: bytes) -> Chunk | None:
    try:
        chunk = decode_chunk(record)
    except (ValueError, TypeError, IndexError, KeyError, msgpack.UnpackException):
        return None
    whole = isinstance(chunk.id, str) and isinstance(chunk.content, str | bytes)
    return chunk if whole and isinstance(chunk.metadata, dict) else None
