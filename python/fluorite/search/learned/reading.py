"""A question as a memory has learned to read it.

What is learned is learned and judged on code that stands alone, embedded without a description; described
chunks lie near a question as it is, and an adapted one would find them worse. So the adapted question is
compared with chunks that stand alone, and the question as it is with all others; each chunk has one cosine.
What cannot be told apart by chunk (further terms, weights) is applied only where every chunk that may be
found stands alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...index.arrays import Numbers, Vectors
from ...index.catalog import Catalog
from ...index.filters import Filters
from ...index.lexical_query import LexicalQuery, QueryTerm
from ...index.vector_index import VectorIndex
from ..ranking import RankingWeights
from .learned_state import LearnedState

Matches = tuple[Numbers, Vectors]


@dataclass(frozen=True, slots=True)
class Reach:
    """What was learned, and where it applies among the chunks that may be found: `alone` are the numbers of
    those that stand alone, ascending; None: all do."""

    state: LearnedState
    alone: Numbers | None

    @property
    def replaces_vector(self) -> bool:
        """Whether a question's own vector is compared with nothing."""
        return self.alone is None and self.state.learned.adapter is not None

    def weights(self, weights: RankingWeights) -> RankingWeights:
        """What each part of a score weighs."""
        fusion = self.state.learned.fusion
        if fusion is None or self.alone is not None:
            return weights
        return replace(weights, lexical=1 - fusion.dense, dense=fusion.dense, full_match=fusion.full_match)


def reach_of(
    state: LearnedState, catalog: Catalog, filters: Filters, allowed: Numbers | None
) -> Reach | None:
    """None where nothing was learned or nothing stands alone. `allowed` is what `filters` select."""
    if not state.version:
        return None
    share = catalog.standing_alone()
    if share != "some":
        return Reach(state, None) if share == "all" else None
    alone = catalog.select(replace(filters, standing_alone=True))
    if alone is None or not len(alone):
        return None
    return Reach(state, None if len(alone) == (len(catalog) if allowed is None else len(allowed)) else alone)


@dataclass(frozen=True, slots=True)
class Reading:
    """`terms` of the question with their weights; `added` are further ones that go with them. `vector` (d,)
    finds what stands alone, and its cosines times `scale` compare with those of other chunks and the
    question's own vector; None until that is known."""

    reach: Reach
    terms: Mapping[str, float]
    added: Mapping[str, float] = field(default_factory=dict)
    vector: Vectors | None = None
    scale: float = 1.0

    def extended(self, words: LexicalQuery) -> LexicalQuery:
        """The words with the added ones."""
        further = (QueryTerm(term, weight, term) for term, weight in self.added.items())
        return replace(words, terms=(*words.terms, *further))

    def with_vector(self, vector: Vectors) -> Reading:
        """The reading of a question whose own vector is `vector`. About 40 µs for 384 dimensions."""
        adapter = self.reach.state.learned.adapter
        if adapter is None or adapter.matrix.shape[0] != vector.shape[-1]:
            return self
        return replace(self, vector=adapter.adapt(vector, self.terms), scale=adapter.scale)

    @property
    def is_all(self) -> bool:
        """Whether the question's own vector is compared with nothing."""
        return self.vector is not None and self.reach.alone is None

    def nearest(self, index: VectorIndex, most: int, allowed: Numbers | None) -> Matches | None:
        """The `most` nearest chunks that stand alone; None without a vector."""
        if self.vector is None:
            return None
        return index.search(self.vector, most, allowed if self.reach.alone is None else self.reach.alone)

    def cosines(self, index: VectorIndex, numbers: Numbers, plain: Vectors) -> Vectors:
        """The cosines that count, in the order of `numbers`; `plain`: of the question's own vector."""
        if self.vector is None:
            return plain
        alone = self.covers(numbers)
        counting = plain.copy()
        counting[alone] = self.scale * index.cosines(self.vector, numbers[alone])
        return counting

    def covers(self, numbers: Numbers) -> NDArray[np.bool_]:
        """Which of `numbers` stand alone; none without a vector."""
        if self.vector is None:
            return np.zeros(len(numbers), np.bool_)
        alone = self.reach.alone
        if alone is None:
            return np.ones(len(numbers), np.bool_)
        places = np.minimum(np.searchsorted(alone, numbers), len(alone) - 1)
        return np.asarray(alone[places] == numbers)

    def explained(self, number: int, cosine: float | None) -> dict[str, Any] | None:
        """What was learned adds to a chunk's score, whose counting cosine is `cosine`; None: nothing."""
        stands_alone = bool(self.covers(np.array([number], np.int64))[0])
        if not stands_alone and not self.added:
            return None
        return {
            "version": self.reach.state.version,
            "cosine": cosine if stands_alone else None,
            "added_terms": list(self.added),
        }


def reading_of(words: LexicalQuery, reach: Reach) -> Reading:
    """The reading of a question's words; see `with_vector` for its meaning."""
    terms = {term.text: term.weight for term in words.terms}
    associations = reach.state.learned.associations
    added = {} if associations is None or reach.alone is not None else associations.expansion(terms)
    return Reading(reach, terms, added)
