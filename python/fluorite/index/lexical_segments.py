"""The part of the lexical index that lies on disk: a Tantivy index, as it was at one moment."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .arrays import Numbers
from .label_hashes import LabelGroups
from .lexical_fields import FIELDS, Searched
from .ranking_function import SATURATION, inverse_frequency
from .recent_terms import Clause, token_count

if TYPE_CHECKING:
    from tantivy import Index, Query, Schema, Searcher, TextAnalyzer

Scores = NDArray[np.float32]
Keep = Callable[[Numbers], NDArray[np.bool_]]

NUMBER = "number"
LABEL = "label"
TOKENIZER = "spaces"
HEAP_BYTES = 64_000_000
CHECK_EVERY = 256
FEWEST_FETCHED = 64
MARGIN = 1.3
"""So many times more hits are fetched than should be enough."""
WIDENING = 4
"""At most so many times more where they were not."""
COMMON = 4
"""Labels that more than one document in so many carries do not confine a search."""
COST_OF_A_NUMBER = 0.45e-6
"""Seconds to look a number up in one segment: a union of numbers looks all of them up in every one."""
COST_OF_A_HIT = 0.45e-6
"""Seconds to fetch one more hit and its number."""


class SegmentsDamaged(Exception):
    """Tantivy could not read what is on disk."""


class SegmentsNotWritten(Exception):
    """Tantivy could not write: the disk is full, or someone else is writing."""


@contextmanager
def _as(failure: type[Exception]) -> Iterator[None]:
    """Whatever Tantivy raises, panics included, becomes `failure`."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except BaseException as error:
        # A panic in Rust arrives as PanicException, which is no Exception.
        raise failure(f"{type(error).__name__}: {error}") from error


@dataclass(frozen=True, slots=True)
class Segments:
    """`documents` and `tokens` are the manifest's, `alive` counts what is not deleted."""

    folder: Path
    documents: int
    tokens: tuple[int, ...]
    alive: int
    _schema: Schema
    _searcher: Searcher

    @classmethod
    def open(cls, folder: Path, documents: int, tokens: tuple[int, ...]) -> Segments:
        """Raises SegmentsDamaged."""
        import tantivy

        with _as(SegmentsDamaged):
            return cls._of(folder, documents, tokens, tantivy.Index.open(str(folder)))

    @classmethod
    def create(cls, folder: Path) -> Segments:
        import tantivy

        folder.mkdir(parents=True)
        schema = tantivy.SchemaBuilder()
        # tantivy-py deletes by signed terms, which name nothing in an unsigned field.
        schema.add_integer_field(NUMBER, indexed=True, fast=True)
        schema.add_integer_field(LABEL, indexed=True)
        for field in FIELDS:
            schema.add_text_field(field, tokenizer_name=TOKENIZER, index_option="freq")
        index = tantivy.Index(schema.build(), str(folder))
        return cls._of(folder, 0, (0,) * len(FIELDS), index)

    @classmethod
    def _of(cls, folder: Path, documents: int, tokens: tuple[int, ...], index: Index) -> Segments:
        index.config_reader("manual")
        index.reload()
        searcher = index.searcher()
        return cls(folder, documents, tokens, searcher.num_docs, index.schema, searcher)

    @property
    def segments(self) -> int:
        return self._searcher.num_segments

    def write(
        self,
        added: Sequence[tuple[int, Searched]],
        removed: Iterable[int],
        check: Callable[[], None],
    ) -> Segments:
        """The index with these changes, committed; this one stays as it was. Chunks that are there already
        are replaced. `check` may raise, and then nothing has changed. The caller holds the folder's lock.

        Raises SegmentsNotWritten.
        """
        import tantivy

        with _as(SegmentsNotWritten):
            # One of its own: an Index that writes or reloads may not be used by another thread.
            index = tantivy.Index.open(str(self.folder))
            index.register_tokenizer(TOKENIZER, _spaces())
            writer = index.writer(HEAP_BYTES, 1)
        tokens = [0] * len(FIELDS)
        try:
            for number in removed:
                writer.delete_documents_by_term(NUMBER, number)
            for position, (number, (texts, labels)) in enumerate(added):
                if position % CHECK_EVERY == 0:
                    check()
                # A crash may have left it there.
                writer.delete_documents_by_term(NUMBER, number)
                document = tantivy.Document()
                document.add_integer(NUMBER, number)
                for label in labels:
                    document.add_integer(LABEL, _signed(label))
                for field, text in enumerate(texts):
                    if text:
                        tokens[field] += token_count(text)
                        document.add_text(FIELDS[field], text)
                writer.add_document(document)
        except BaseException:
            with _as(SegmentsNotWritten):
                writer.rollback()
            raise
        with _as(SegmentsNotWritten):
            writer.commit()
            writer.wait_merging_threads()
            total = [old + new for old, new in zip(self.tokens, tokens, strict=True)]
            return Segments._of(self.folder, self.documents + len(added), tuple(total), index)

    def frequencies(self, terms: Sequence[str]) -> list[tuple[int, ...]]:
        """For each term how many documents have it in each of FIELDS; deleted ones still count."""
        with _as(SegmentsDamaged):
            frequency = self._searcher.doc_freq
            return [tuple(frequency(field, term) for field in FIELDS) for term in terms]

    def vocabulary(self, field: int, prefix: str) -> list[tuple[str, int]]:
        """The terms of a field that begin so, and how many documents have each."""
        with _as(SegmentsDamaged):
            return self._searcher.terms_with_prefix(FIELDS[field], prefix)

    def search(
        self,
        clauses: Sequence[Clause],
        frequencies: dict[tuple[int, str], int],
        most: int,
        keep: Keep,
        allowed: Numbers | None,
        labels: LabelGroups,
    ) -> tuple[Numbers, Scores]:
        """The best `most` that `keep` lets through, best first. `frequencies`: those of the clauses here;
        `allowed`: numbers to which the search may be confined, and `labels` that they carry."""
        union = self._union(clauses, frequencies)
        if union is None or not self.alive:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        union, carrying = self._carrying(union, labels)
        passing = carrying if allowed is None else max(1, len(allowed))
        count = max(most + FEWEST_FETCHED, int(MARGIN * most * carrying / passing))
        looking_up = 0 if allowed is None else len(allowed) * self.segments * COST_OF_A_NUMBER
        if allowed is not None and looking_up < count * COST_OF_A_HIT:
            return self.among(clauses, frequencies, allowed, most, keep)
        while True:
            count = min(count, self.alive)
            numbers, scores = self._hits(union, count)
            kept = keep(numbers)
            passed = int(kept.sum())
            if passed >= most or len(numbers) < count or count == self.alive:
                return numbers[kept][:most], scores[kept][:most]
            count = math.ceil(count * min(WIDENING, MARGIN * most / max(1, passed)))

    def among(
        self,
        clauses: Sequence[Clause],
        frequencies: dict[tuple[int, str], int],
        numbers: Numbers,
        most: int,
        keep: Keep,
    ) -> tuple[Numbers, Scores]:
        """The best `most` of these numbers that match and that `keep` lets through, best first."""
        import tantivy
        from tantivy import Occur, Query

        union = self._union(clauses, frequencies)
        numbers = numbers[keep(numbers)]
        if union is None or not len(numbers) or not self.alive:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        schema = self._schema
        # A union of terms takes a third of what a term set does, which walks the dictionary of numbers.
        chosen = tantivy.Query.boolean_query(
            [(Occur.Should, Query.term_query(schema, NUMBER, number)) for number in numbers.tolist()]
        )
        confined = Query.boolean_query(
            [(Occur.Must, Query.const_score_query(chosen, 0.0)), (Occur.Must, union)]
        )
        return self._hits(confined, min(most, len(numbers)))

    def _carrying(self, query: Query, labels: LabelGroups) -> tuple[Query, int]:
        """`query` confined to what carries the labels, and about how many documents that leaves; labels
        that most documents carry are passed over, as every carrier would be looked at."""
        from tantivy import Occur, Query

        carrying = self.alive
        rare = []
        for group in labels:
            with _as(SegmentsDamaged):
                carriers = sum(self._searcher.doc_freq(LABEL, _signed(label)) for label in group)
            if carriers * COMMON <= self.alive:
                carrying = min(carrying, carriers)
                terms = [Query.term_query(self._schema, LABEL, _signed(label)) for label in group]
                either = Query.boolean_query([(Occur.Should, term) for term in terms])
                rare.append((Occur.Must, Query.const_score_query(either, 0.0)))
        return (Query.boolean_query([*rare, (Occur.Must, query)]) if rare else query), carrying

    def _union(self, clauses: Sequence[Clause], frequencies: dict[tuple[int, str], int]) -> Query | None:
        """A flat union of terms, which Tantivy searches block by block with the greatest score of each."""
        from tantivy import Occur, Query

        schema = self._schema
        subqueries = []
        for field, term, weight in clauses:
            frequency = frequencies[field, term]
            if frequency:
                query = Query.term_query(schema, FIELDS[field], term, "freq")
                own = inverse_frequency(self.alive, frequency) * (SATURATION + 1)
                subqueries.append((Occur.Should, Query.boost_query(query, weight / own)))
        return Query.boolean_query(subqueries) if subqueries else None

    def _hits(self, query: Query, count: int) -> tuple[Numbers, Scores]:
        with _as(SegmentsDamaged):
            hits = self._searcher.search(query, count, count=False).hits
            numbers = self._searcher.fast_field_values(NUMBER, [address for _, address in hits])
        return np.array(numbers, np.int64), np.array([score for score, _ in hits], np.float32)


def _signed(label: int) -> int:
    return label - (label >> 63 << 64)


def _spaces() -> TextAnalyzer:
    import tantivy

    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
