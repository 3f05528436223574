"""What words and meaning find for one query, with the exact evidence for each candidate."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..index.arrays import Numbers, Vectors
from ..index.embedding_space import EmbeddingSpace
from ..index.index_set import IndexSet
from ..index.label_hashes import LabelGroups
from ..index.lexical_query import LexicalQuery
from .learned.reading import Reading
from .ranking import Evidence, Scores

Matches = tuple[Numbers, Scores]
"""Numbers and their scores."""


@dataclass(frozen=True, slots=True)
class Search:
    """One query as the indexes take it; either half may be missing.

    `allowed` and `dropped` are ascending: only those may be found (None: all), and those never; `labels` are
    carried by all that is allowed.
    `readability`: see ranking.Evidence. `reading`: None where nothing that was learned applies. `further`,
    ascending, are candidates however little they match.
    """

    words: LexicalQuery | None
    vector: Vectors | None
    readability: float
    allowed: Numbers | None
    dropped: Numbers
    labels: LabelGroups = ()
    reading: Reading | None = None
    further: Numbers = field(default_factory=lambda: np.empty(0, np.int64))


@dataclass(frozen=True, slots=True)
class Candidates:
    """n chunks by their numbers (n,), what is known of them, and whether no further one would be found.
    `cosines` (n,) are those of the query's own vector, whatever was learned."""

    numbers: Numbers
    evidence: Evidence
    is_all: bool
    cosines: Scores | None


@dataclass(frozen=True, slots=True)
class WordMatches:
    """The best chunks by BM25, whether there are no further ones, and the greatest BM25 that the query
    could earn."""

    found: Matches
    is_all: bool
    bound: float


@dataclass(frozen=True, slots=True)
class VectorMatches:
    """The nearest chunks and their cosines, and whether there are no further ones."""

    found: Matches
    is_all: bool


def match_words(indexes: IndexSet, search: Search, most: int) -> WordMatches | None:
    """The `most` best chunks by BM25; None where the query has no words."""
    if search.words is None:
        return None
    wanted = most + len(search.dropped)
    found = indexes.lexical.search(search.words, wanted, search.allowed, search.labels)
    return WordMatches(found, len(found[0]) < wanted, indexes.lexical.upper_bound(search.words))


def match_vector(space: EmbeddingSpace, search: Search, most: int) -> VectorMatches | None:
    """The `most` nearest chunks; None where the query has no vector, or none that counts."""
    if search.vector is None or (search.reading is not None and search.reading.is_all):
        return None
    wanted = most + len(search.dropped)
    found = space.index.search(search.vector, wanted, search.allowed)
    return VectorMatches(found, len(found[0]) < wanted)


def match_reading(space: EmbeddingSpace, search: Search, most: int) -> VectorMatches | None:
    """The `most` chunks that are nearest as the query was learned to be read; None where it was not."""
    if search.reading is None:
        return None
    wanted = most + len(search.dropped)
    found = search.reading.nearest(space.index, wanted, search.allowed)
    return None if found is None else VectorMatches(found, len(found[0]) < wanted)


def gather(
    indexes: IndexSet,
    space: EmbeddingSpace,
    search: Search,
    matching: WordMatches | None,
    near: VectorMatches | None,
    adapted: VectorMatches | None = None,
) -> Candidates:
    """The chunks that matched and the nearest, each with its exact BM25 and cosine, whichever of them
    found it."""
    if near is not None and search.words is None:
        numbers, known = near.found
        if len(search.dropped):
            kept = ~np.isin(numbers, search.dropped)
            numbers, known = numbers[kept], known[kept]
        return Candidates(
            numbers, Evidence(cosines=known, readability=search.readability), near.is_all, known
        )
    halves = [half for half in (near, adapted, matching) if half is not None]
    numbers = np.unique(np.concatenate([_further(indexes, search), *(half.found[0] for half in halves)]))
    if len(search.dropped):
        numbers = numbers[~np.isin(numbers, search.dropped)]
    cosines = None if search.vector is None else _cosines(space, search.vector, near, numbers)
    counting = cosines
    if search.reading is not None and cosines is not None:
        counting = search.reading.cosines(space.index, numbers, cosines)
    return Candidates(
        numbers,
        Evidence(
            bm25=None if search.words is None else _bm25(indexes, search.words, matching, numbers),
            bm25_bound=0.0 if matching is None else matching.bound,
            cosines=counting,
            readability=search.readability,
        ),
        all(half.is_all for half in halves),
        cosines,
    )


def _further(indexes: IndexSet, search: Search) -> Numbers:
    further = search.further
    if not len(further):
        return further
    if search.allowed is not None:
        further = further[np.isin(further, search.allowed)]
    return further[indexes.catalog.contains(further)]


def _bm25(indexes: IndexSet, words: LexicalQuery, matching: WordMatches | None, numbers: Numbers) -> Scores:
    scores, missing = _known(matching, numbers)
    if missing.any():
        scores[missing] = indexes.lexical.scores(words, numbers[missing])
    return scores


def _cosines(space: EmbeddingSpace, vector: Vectors, near: VectorMatches | None, numbers: Numbers) -> Scores:
    scores, missing = _known(near, numbers)
    if missing.any():
        scores[missing] = space.index.cosines(vector, numbers[missing])
    return scores


def _known(
    half: WordMatches | VectorMatches | None, numbers: Numbers
) -> tuple[Scores, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """The scores that `half` has for `numbers`, and for which it has none."""
    scores = np.zeros(len(numbers), np.float32)
    missing = np.ones(len(numbers), np.bool_)
    found, known = half.found if half is not None else (numbers[:0], scores[:0])
    if len(found):
        order = np.argsort(found)
        sorted_numbers = found[order]
        places = np.minimum(np.searchsorted(sorted_numbers, numbers), len(order) - 1)
        missing = sorted_numbers[places] != numbers
        scores = np.where(missing, np.float32(0), known[order][places])
    return scores, missing
