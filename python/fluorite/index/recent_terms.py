"""The chunks that came since the index was last written, searched in memory."""

from __future__ import annotations

import threading
from array import array
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .arrays import Numbers
from .lexical_fields import FIELDS, Searched
from .ranking_function import rounded_length, saturated

MOST_OCCURRENCES = 0xFFFF


class Clause(NamedTuple):
    """A term in one of FIELDS, and the greatest score that it can bring."""

    field: int
    term: str
    weight: float


class RecentTerms:
    """Chunks by number with the terms of their fields; thread-safe.

    Terms are put into postings when someone first searches: a stream of chunks passes through unread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers: list[int] = []
        self._searched: list[Searched] = []
        self._rows: dict[int, int] = {}
        self._dead: set[int] = set()
        self._indexed = 0
        self._postings: tuple[dict[str, array[int]], ...] = tuple({} for _ in FIELDS)
        self._lengths: tuple[array[int], ...] = tuple(array("I") for _ in FIELDS)
        self._tokens = [0] * len(FIELDS)

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def alive(self) -> int:
        """How many of them are not removed."""
        return len(self._numbers) - len(self._dead)

    def holds(self, numbers: Numbers) -> NDArray[np.bool_]:
        """Which of `numbers` are here."""
        return np.fromiter((number in self._rows for number in numbers.tolist()), np.bool_, len(numbers))

    def add(self, items: Sequence[tuple[int, Searched]]) -> None:
        """Takes chunks; those that are known stay as they are."""
        with self._lock:
            for number, searched in items:
                if number not in self._rows:
                    self._rows[number] = len(self._numbers)
                    self._numbers.append(number)
                    self._searched.append(searched)
                    for field, text in enumerate(searched.texts):
                        self._tokens[field] += token_count(text)

    def remove(self, numbers: Sequence[int]) -> None:
        """Forgets chunks; unknown ones are passed over."""
        with self._lock:
            self._dead.update(row for number in numbers if (row := self._rows.get(number)) is not None)

    def first(self, count: int) -> list[tuple[int, Searched]]:
        """Of the `count` chunks that came first those that are still there."""
        with self._lock:
            rows = [row for row in range(count) if row not in self._dead]
            return [(self._numbers[row], self._searched[row]) for row in rows]

    def without(self, count: int, up_to: int = -1) -> RecentTerms:
        """A copy that lacks the `count` chunks that came first, those removed, and numbers up to `up_to`."""
        rest = RecentTerms()
        with self._lock:
            rest.add(
                [
                    (self._numbers[row], self._searched[row])
                    for row in range(count, len(self._numbers))
                    if row not in self._dead and self._numbers[row] > up_to
                ]
            )
        return rest

    @property
    def tokens(self) -> tuple[int, ...]:
        """The terms in each field of all chunks together."""
        return tuple(self._tokens)

    def frequencies(self, terms: Sequence[str]) -> list[tuple[int, ...]]:
        """For each term how many chunks have it in each of FIELDS; removed ones still count."""
        with self._lock:
            self._index()
            return [tuple(len(field.get(term, ())) for field in self._postings) for term in terms]

    def vocabulary(self, field: int, prefix: str) -> list[tuple[str, int]]:
        """The terms of a field that begin so, and how many chunks have each."""
        with self._lock:
            self._index()
            return [
                (term, len(held)) for term, held in self._postings[field].items() if term.startswith(prefix)
            ]

    def scores(
        self, clauses: Sequence[Clause], averages: Sequence[float]
    ) -> tuple[Numbers, NDArray[np.float32]]:
        """The numbers of all chunks that match, and their BM25. `averages`: mean length of each field."""
        with self._lock:
            self._index()
            count = self._indexed
            scores = np.zeros(count, np.float32)
            matched = np.zeros(count, np.bool_)
            lengths = [
                np.frombuffer(field.tobytes(), np.uint32).astype(np.float32) for field in self._lengths
            ]
            for field, term, weight in clauses:
                postings = self._postings[field].get(term)
                if postings is not None:
                    packed = np.frombuffer(postings.tobytes(), np.uint64)
                    rows = (packed >> np.uint64(16)).astype(np.intp)
                    occurrences = (packed & np.uint64(MOST_OCCURRENCES)).astype(np.float32)
                    scores[rows] += weight * saturated(occurrences, lengths[field][rows], averages[field])
                    matched[rows] = True
            matched[list(self._dead)] = False
            rows = np.flatnonzero(matched)
            return np.array(self._numbers, np.int64)[rows], scores[rows]

    def _index(self) -> None:
        for row in range(self._indexed, len(self._numbers)):
            for field, text in enumerate(self._searched[row].texts):
                self._lengths[field].append(rounded_length(token_count(text)))
                if not text:
                    continue
                postings = self._postings[field]
                for term, count in Counter(text.split(" ")).items():
                    entry = row << 16 | min(count, MOST_OCCURRENCES)
                    known = postings.get(term)
                    if known is None:
                        postings[term] = array("Q", (entry,))
                    else:
                        known.append(entry)
        self._indexed = len(self._numbers)


def token_count(text: str) -> int:
    """How many terms a field's text holds."""
    return text.count(" ") + 1 if text else 0
