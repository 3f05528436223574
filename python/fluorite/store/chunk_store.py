"""The truth: every chunk, on disk before a write returns.

Tables of the LMDB environment `<memory_path>/chunks`:

    ids        id → sequence number of the chunk's latest write
    records    sequence number → block of chunk records (see records.py)
    labels     framework or tag → sequence numbers (see labels.py)
    removals   sequence number of a removal → the number it removed
    facts      name → msgpack value (see facts.py)

Every write takes the next sequence number, so an index that remembers the number up to which it
holds can ask `changes_since` for the rest.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import lmdb

from ..chunk import Chunk
from ..errors import StoreDamaged
from . import labels, records
from .cache import CacheStatistics, LeastRecentlyUsed
from .chunk_tables import Changes, Tables, WriteResult, changes_after, stamped
from .codec import FEWEST_SAMPLES, BlockCodec, decode_chunk, encode_chunk, train_dictionary
from .environment import OpenTable, open_environment
from .facts import Facts
from .listing import Page, id_key, page_by_id, page_by_number

FORMAT = 1
RECORD_OVERHEAD = 600
PAGE_OF_CHANGES = 4096
CHUNKS_WORTH_A_DICTIONARY = 1000


class ChunkStore:
    """Chunks by id, by label and in the order of writing; safe for threads and processes."""

    def __init__(self, path: Path, *, cache_bytes: int = 0, compress: bool = True) -> None:
        self.environment = open_environment(path)
        self.environment.when_opened(self._open_tables)
        self.facts = Facts(self.environment)
        self._cache: LeastRecentlyUsed[int, Chunk] = LeastRecentlyUsed(cache_bytes)
        self.codec = BlockCodec(compress, self.facts.dictionary)
        self._check_format()
        newest = self.facts.newest_dictionary()
        if newest is not None:
            self.codec.use_dictionary(newest)

    def _open_tables(self, table: OpenTable) -> None:
        self.tables = Tables.opened(table)

    def put(self, chunks: Sequence[Chunk], may_replace: Callable[[Chunk], bool] | None = None) -> WriteResult:
        """Writes chunks in one transaction; of two with the same id the last one stays.

        A stored chunk that `may_replace` does not give up stays instead, and is not counted.
        """
        given = {chunk.id: chunk for chunk in chunks}
        now = time.time_ns() // 1_000_000
        if not self.codec.has_dictionary:
            self._train_on(list(given.values()))

        def work(transaction: lmdb.Transaction) -> tuple[WriteResult, list[tuple[int, Chunk]]]:
            changes = labels.LabelChanges()
            latest = given if may_replace is None else self._unopposed(transaction, given, may_replace)
            previous = self._remove(transaction, latest, changes)
            first = self.facts.sequence(transaction) + 1
            written = [
                (first + position, stamped(chunk, previous.get(chunk.id), now))
                for position, chunk in enumerate(latest.values())
            ]
            encoded = [encode_chunk(chunk) for _, chunk in written]
            records.append(transaction, self.tables.records, self.codec, first, encoded)
            # In the order of their keys, LMDB fills pages whole instead of splitting them in halves.
            keys = sorted((id_key(chunk.id), records.key_of(number)) for number, chunk in written)
            with transaction.cursor(db=self.tables.ids) as cursor:
                cursor.putmulti(keys)
            for number, chunk in written:
                changes.add(chunk, number)
            changes.apply(transaction, self.tables.labels)
            self.facts.set_sequence(transaction, first + len(written) - 1)
            return WriteResult(len(written) - len(previous), len(previous)), written

        result, written = self.environment.write(work)
        for number, chunk in written:
            self._remember(number, chunk)
        return result

    def delete(self, identifiers: Iterable[str]) -> int:
        """Removes chunks in one transaction and says how many there were."""
        wanted = dict.fromkeys(identifiers)

        def work(transaction: lmdb.Transaction) -> int:
            changes = labels.LabelChanges()
            removed = self._remove(transaction, wanted, changes)
            changes.apply(transaction, self.tables.labels)
            return len(removed)

        return self.environment.write(work) if wanted else 0

    def get(self, identifiers: Sequence[str]) -> list[Chunk | None]:
        """The chunks with these ids, in their order; None where there is none."""

        def work(transaction: lmdb.Transaction) -> list[Chunk | None]:
            numbers = [self._number(transaction, identifier) for identifier in identifiers]
            chunks = self._chunks(transaction, {number for number in numbers if number is not None})
            found = [chunks.get(number) if number is not None else None for number in numbers]
            # Long ids share keys by hash; the record has the last word.
            return [
                chunk if chunk is not None and chunk.id == identifier else None
                for chunk, identifier in zip(found, identifiers, strict=True)
            ]

        return self.environment.read(work)

    def get_by_number(self, numbers: Sequence[int]) -> list[Chunk | None]:
        """The chunks written under these sequence numbers; None where one is gone."""

        def work(transaction: lmdb.Transaction) -> list[Chunk | None]:
            chunks = self._chunks(transaction, set(numbers))
            found = [chunks.get(number) for number in numbers]
            # The cache may still hold a chunk that another process has removed.
            return [
                chunk if chunk is not None and self._number(transaction, chunk.id) == number else None
                for chunk, number in zip(found, numbers, strict=True)
            ]

        return self.environment.read(work)

    def numbers_of(self, identifiers: Sequence[str]) -> list[int]:
        """The sequence numbers of those of these ids that are stored."""
        return [number for number in self.number_of_each(identifiers) if number is not None]

    def number_of_each(self, identifiers: Sequence[str]) -> list[int | None]:
        """The sequence numbers of these ids, in their order; None where there is none."""

        def work(transaction: lmdb.Transaction) -> list[int | None]:
            return [self._number(transaction, identifier) for identifier in identifiers]

        return self.environment.read(work) if identifiers else []

    def page(
        self,
        *,
        prefix: str = "",
        framework: str | None = None,
        tag: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page:
        """Chunks by ascending id; with a framework or tag, in the order of writing.

        Raises InvalidArgument for a cursor that no listing of this kind returned.
        """
        wanted = [(labels.FRAMEWORK, framework), (labels.TAG, tag)]
        chosen = [(kind, label) for kind, label in wanted if label is not None]

        def work(transaction: lmdb.Transaction) -> Page:
            def load(number: int) -> Chunk | None:
                return self._chunks(transaction, {number}).get(number)

            if not chosen:
                return page_by_id(transaction, self.tables.ids, load, prefix, limit, cursor)
            newest = self.facts.sequence(transaction)
            common = labels.sequences_of_all(transaction, self.tables.labels, chosen, newest)
            return page_by_number(common, load, prefix, limit, cursor)

        return self.environment.read(work)

    def changes_since(self, sequence: int, most: int = PAGE_OF_CHANGES) -> Changes:
        """The next changes after `sequence`, at most about `most` of each kind.

        Ask again with the returned sequence until it equals `self.sequence()`.
        """

        def work(transaction: lmdb.Transaction) -> Changes:
            newest = self.facts.sequence(transaction)
            return changes_after(transaction, self.tables, self.codec, sequence, newest, most)

        return self.environment.read(work)

    def numbers(self) -> list[int]:
        """The sequence numbers of all chunks, in the order of their ids."""

        def work(transaction: lmdb.Transaction) -> list[int]:
            with transaction.cursor(db=self.tables.ids) as cursor:
                return [records.number_of(value) for value in cursor.iternext(keys=False)]

        return self.environment.read(work)

    def sequence(self) -> int:
        return self.environment.read(self.facts.sequence)

    def count(self) -> int:
        return self.environment.read(lambda transaction: int(transaction.stat(self.tables.ids)["entries"]))

    def used_bytes(self) -> int:
        return self.environment.used_bytes()

    def cache_statistics(self) -> CacheStatistics:
        return self._cache.statistics()

    def grow_cache(self, capacity: int) -> None:
        self._cache.grow(capacity)

    def train_dictionary(self, samples: Sequence[Chunk]) -> bool:
        """Trains the dictionary that later writes are compressed with; False where samples are too few."""
        if len(samples) < FEWEST_SAMPLES:
            return False
        dictionary = train_dictionary([encode_chunk(chunk) for chunk in samples])
        if dictionary is None:
            return False
        self.facts.put_dictionary(dictionary)
        self.codec.use_dictionary(dictionary)
        return True

    @property
    def has_dictionary(self) -> bool:
        return self.codec.has_dictionary

    def close(self) -> None:
        self.environment.close()

    def _check_format(self) -> None:
        found = self.facts.get("format")
        if found is None:
            self.facts.put("format", FORMAT)
        elif found != FORMAT:
            raise StoreDamaged(
                f"{self.environment.path} has store format {found}; this version reads {FORMAT}. "
                "Use the version that wrote it, or point memory_path at an empty folder."
            )

    def _train_on(self, arriving: Sequence[Chunk]) -> None:
        if len(arriving) < FEWEST_SAMPLES and self.count() >= CHUNKS_WORTH_A_DICTIONARY:
            arriving = [chunk for _, chunk in self.changes_since(0).added]
        self.train_dictionary(arriving)

    def _number(self, transaction: lmdb.Transaction, identifier: str) -> int | None:
        value = transaction.get(id_key(identifier), db=self.tables.ids)
        return records.number_of(value) if value else None

    def _unopposed(
        self, transaction: lmdb.Transaction, given: dict[str, Chunk], may_replace: Callable[[Chunk], bool]
    ) -> dict[str, Chunk]:
        """Those of the given chunks whose id is free, or that of a chunk that may be replaced."""
        numbers = {identifier: self._number(transaction, identifier) for identifier in given}
        held = self._chunks(transaction, {number for number in numbers.values() if number is not None})
        return {
            identifier: given[identifier]
            for identifier, number in numbers.items()
            if number is None or number not in held or may_replace(held[number])
        }

    def _chunks(self, transaction: lmdb.Transaction, numbers: set[int]) -> dict[int, Chunk]:
        found = {}
        for number in numbers:
            chunk = self._cache.get(number)
            if chunk is not None:
                found[number] = chunk
        missing = numbers - found.keys()
        if not missing:
            return found
        for number, record in records.read(transaction, self.tables.records, self.codec, missing).items():
            found[number] = decode_chunk(record)
            self._remember(number, found[number])
        return found

    def _remember(self, number: int, chunk: Chunk) -> None:
        self._cache.put(number, chunk, len(chunk.content) + RECORD_OVERHEAD)

    def _remove(
        self, transaction: lmdb.Transaction, identifiers: Iterable[str], changes: labels.LabelChanges
    ) -> dict[str, Chunk]:
        """Removes what these ids name and returns it; each removal takes a sequence number."""
        numbers = {identifier: self._number(transaction, identifier) for identifier in identifiers}
        known = {number for number in numbers.values() if number is not None}
        if not known:
            return {}
        chunks = self._chunks(transaction, known)
        sequence = self.facts.sequence(transaction)
        removed = {}
        for identifier, number in numbers.items():
            if number is None:
                continue
            chunk = chunks.get(number)
            if chunk is None:
                raise StoreDamaged(f"The record of chunk {identifier!r} is missing. Call repair().")
            sequence += 1
            transaction.put(
                records.key_of(sequence), records.key_of(number), db=self.tables.removals, append=True
            )
            transaction.delete(id_key(identifier), db=self.tables.ids)
            changes.remove(chunk, number)
            removed[identifier] = chunk
        records.remove(transaction, self.tables.records, self.codec, known)
        self.facts.set_sequence(transaction, sequence)
        return removed
