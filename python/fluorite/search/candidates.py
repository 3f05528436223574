"""What words and meaning find for one query, with the exact evidence for each candidate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..index.arrays import Numbers, Vectors
from ..index.embedding_space import EmbeddingSpace
from ..index.index_set import IndexSet
from ..index.lexical_query import LexicalQuery
from .ranking import Evidence, Scores

Matches = tuple[Numbers, Scores]
"""Numbers and their scores."""


@dataclass(frozen=True, slots=True)
class Search:
    """One query as the indexes take it; either half may be missing.

    `allowed` and `dropped` are ascending: only those may be found (None: all), and those never.
    `readability`: see ranking.Evidence.
    """

    words: LexicalQuery | None
    vector: Vectors | None
    readability: float
    allowed: Numbers | None
    dropped: Numbers


@dataclass(frozen=True, slots=True)
class Candidates:
    """n chunks by their numbers (n,), what is known of them, and whether no further one would be found."""

    numbers: Numbers
    evidence: Evidence
    is_all: bool


@dataclass(frozen=True, slots=True)
class WordMatches:
    """The best chunks by BM25, and the greatest BM25 that the query could earn."""

    found: Matches
    bound: float


def match_words(indexes: IndexSet, search: Search, most: int) -> WordMatches | None:
    """The `most` best chunks by BM25; None where the query has no words."""
    if search.words is None:
        return None
    found = indexes.lexical.search(search.words, most + len(search.dropped), search.allowed)
    return WordMatches(found, indexes.lexical.upper_bound(search.words))


def gather(
    indexes: IndexSet, space: EmbeddingSpace, search: Search, matching: WordMatches | None, most: int
) -> Candidates:
    """The `most` nearest chunks and those that matched, each with its exact cosine and BM25, whichever
    of the two found it. `matching` is what `match_words` found for the same `most`."""
    wanted = most + len(search.dropped)
    near = None if search.vector is None else space.index.search(search.vector, wanted, search.allowed)
    matched = None if matching is None else matching.found
    found = [half[0] for half in (near, matched) if half is not None]
    numbers = np.unique(np.concatenate([np.empty(0, np.int64), *found]))
    if len(search.dropped):
        numbers = numbers[~np.isin(numbers, search.dropped)]
    return Candidates(
        numbers,
        Evidence(
            bm25=None if search.words is None else _bm25(indexes, search.words, matched, numbers),
            bm25_bound=0.0 if matching is None else matching.bound,
            cosines=None if search.vector is None else _cosines(space, search.vector, near, numbers),
            readability=search.readability,
        ),
        all(len(half) < wanted for half in found),
    )


def _bm25(indexes: IndexSet, words: LexicalQuery, matching: Matches | None, numbers: Numbers) -> Scores:
    scores, missing = _known(matching, numbers)
    if missing.any():
        scores[missing] = indexes.lexical.scores(words, numbers[missing])
    return scores


def _cosines(space: EmbeddingSpace, vector: Vectors, near: Matches | None, numbers: Numbers) -> Scores:
    scores, missing = _known(near, numbers)
    if missing.any():
        scores[missing] = space.index.cosines(vector, numbers[missing])
    return scores


def _known(
    matches: Matches | None, numbers: Numbers
) -> tuple[Scores, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """The scores that `matches` has for `numbers`, and for which it has none."""
    scores = np.zeros(len(numbers), np.float32)
    missing = np.ones(len(numbers), np.bool_)
    if matches is not None and len(matches[0]):
        order = np.argsort(matches[0])
        sorted_numbers = matches[0][order]
        places = np.minimum(np.searchsorted(sorted_numbers, numbers), len(order) - 1)
        missing = sorted_numbers[places] != numbers
        scores = np.where(missing, np.float32(0), matches[1][order][places])
    return scores, missing
