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
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...index.arrays import Numbers, Vectors
from ...index.catalog import Catalog
from ...index.filters import Filters
from ...index.lexical_query import LexicalQuery, QueryTerm
from ...index.vector_index import VectorIndex
from ..ranking import RankingWeights
from .learned_state import LearnedState

if TYPE_CHECKING:
    from .reranker import Reranker

FEW = 1 << 15
"""So many numbers are looked for by name; of more, the nearest of all chunks are taken and sorted out."""
SPARE = 1.25
MOST_FURTHER = 8
"""How many times as many chunks are taken for that at most."""

Matches = tuple[Numbers, Vectors]


@dataclass(frozen=True, slots=True)
class Reach:
    """What was learned, and where it applies: to the `share` of the chunks that may be found, 0 to 1, that
    stands alone; `alone` are their numbers, ascending, where they are few."""

    state: LearnedState
    catalog: Catalog
    share: float
    alone: Numbers | None = None

    @property
    def is_all(self) -> bool:
        return self.share >= 1

    @property
    def replaces_vector(self) -> bool:
        """Whether a question's own vector is compared with nothing."""
        return self.is_all and self.state.learned.adapter is not None

    def weights(self, weights: RankingWeights) -> RankingWeights:
        """What each part of a score weighs."""
        fusion = self.state.learned.fusion
        if fusion is None or not self.is_all:
            return weights
        return replace(weights, lexical=1 - fusion.dense, dense=fusion.dense, full_match=fusion.full_match)


def reach_of(
    state: LearnedState, catalog: Catalog, filters: Filters, allowed: Numbers | None
) -> Reach | None:
    """None where nothing was learned or nothing stands alone. `allowed` is what `filters` select."""
    share = catalog.share_alone() if state.version else 0.0
    if allowed is None:
        few = share * len(catalog) <= FEW
        alone = _alone(catalog, filters) if 0 < share < 1 and few else None
    else:
        alone = _alone(catalog, filters) if share else np.empty(0, np.int64)
        share = len(alone) / max(len(allowed), 1)
    if not share:
        return None
    return Reach(state, catalog, share, None if alone is None or len(alone) > FEW else alone)


def _alone(catalog: Catalog, filters: Filters) -> Numbers:
    alone = catalog.select(replace(filters, standing_alone=True))
    assert alone is not None
    return alone


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
        return self.vector is not None and self.reach.is_all

    @property
    def reranker(self) -> Reranker | None:
        """What orders the best once more, where all that may be found stands alone; None: nothing."""
        return self.reach.state.learned.reranker if self.reach.is_all else None

    def nearest(self, index: VectorIndex, most: int, allowed: Numbers | None) -> Matches | None:
        """The `most` nearest chunks that stand alone, fewer where others lie between them; None without a
        vector."""
        if self.vector is None:
            return None
        if self.reach.alone is not None:
            return index.search(self.vector, most, self.reach.alone)
        if self.reach.is_all:
            return index.search(self.vector, most, allowed)
        wanted = int(most * min(MOST_FURTHER, SPARE / self.reach.share))
        numbers, cosines = index.search(self.vector, wanted, allowed)
        alone = self.reach.catalog.stand_alone(numbers)
        return numbers[alone][:most], cosines[alone][:most]

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
        return self.reach.catalog.stand_alone(numbers)

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
    added = {} if associations is None or not reach.is_all else associations.expansion(terms)
    return Reading(reach, terms, added)
