"""One score from words, meaning and quality: free functions over arrays.

The score is a convex combination (Bruch, Gai and Ingber 2023, "An Analysis of Fusion Functions for
Hybrid Retrieval"): every candidate has its exact BM25 and its exact cosine, whichever of the two
searches found it, and each is brought to [0, 1] before they are added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..index.lexical_query import DEFAULT_WEIGHTS, LexicalWeights
from ..store.facts import Facts
from .options import Weights

Scores = NDArray[np.float32]

FACT = "ranking"


@dataclass(frozen=True, slots=True)
class RankingWeights:
    """What each part of a score weighs, and what counts as a full match of words.

    `full_match` is the share of the greatest BM25 that the query's words could earn; a best candidate
    below it is no full match, however far it is ahead of the others. `gloss` is what a word of the
    glossary weighs against one of the query's own. `feedback` is the most that feedback adds or takes (see
    feedback.py): at 0.15 ten ratings for a description cost an unrated neighbour of it (cosine 0.6 to 0.8)
    its place in 5 of 150 pairs, at 0.4 in 16. Data of the memory: kept in the store under their version,
    and replaced where a later version or learning knows better.
    """

    lexical: float = 0.5
    dense: float = 0.5
    quality: float = 0.05
    feedback: float = 0.15
    full_match: float = 0.7
    gloss: float = 0.5
    words: LexicalWeights = DEFAULT_WEIGHTS
    version: int = 2

    @classmethod
    def from_fact(cls, fact: Mapping[str, Any] | None) -> RankingWeights:
        """What the store remembers, unless these defaults are newer or of other names."""
        defaults = cls()
        if fact is None or fact.keys() != _NAMES or fact["words"].keys() != _WORD_NAMES:
            return defaults
        if fact["version"] < defaults.version:
            return defaults
        return cls(**{**fact, "words": LexicalWeights(**fact["words"])})

    def replaced_by(self, given: Weights) -> RankingWeights:
        """These, with what a caller gave in their place."""
        if given == Weights():
            return self
        return replace(self, **{name: value for name, value in asdict(given).items() if value is not None})


_NAMES = {item.name for item in fields(RankingWeights)}
_WORD_NAMES = {item.name for item in fields(LexicalWeights)}


def remember_weights(facts: Facts) -> None:
    """Puts the weights in use into the store, where it has none of this version."""
    fact = facts.get(FACT)
    weights = asdict(RankingWeights.from_fact(fact))
    if fact != weights:
        facts.put(FACT, weights)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of n candidates.

    `bm25` (n,) is None where the query has no words, `cosines` (n,) where it has no vector; a candidate
    without a vector has NaN. `bm25_bound` is the greatest BM25 that the query could earn. `readability`
    is the share of the query that its vector stands for, where the model cannot read all of it.
    """

    bm25: Scores | None = None
    bm25_bound: float = 0.0
    cosines: Scores | None = None
    readability: float = 1.0


@dataclass(frozen=True, slots=True)
class Ranked:
    """Parts of the scores of n candidates, each (n,); their sum is the score."""

    lexical: Scores
    dense: Scores
    quality: Scores
    lexical_share: Scores
    feedback: Scores
    reranking: Scores

    @property
    def scores(self) -> Scores:
        return self.lexical + self.dense + self.quality + self.feedback + self.reranking


def rank(evidence: Evidence, qualities: Scores, weights: RankingWeights) -> Ranked:
    """The parts of each candidate's score, which is in [0, 1]; `qualities` (n,) are too.

    A part that the query lacks leaves its weight to the others, and meaning that was read less than half
    leaves some of its own to words. Of a candidate without a vector words alone speak: it would otherwise
    stand behind every one that has been embedded already.
    """
    nothing = np.zeros(len(qualities), np.float32)
    words = nothing if evidence.bm25 is None else lexical_shares(evidence, weights.full_match)
    meaning = nothing if evidence.cosines is None else dense_shares(evidence.cosines)
    has_words = evidence.bm25 is not None and evidence.bm25_bound > 0
    dense = weights.dense * (evidence.cosines is not None)
    has_words = has_words and weights.lexical > 0
    read = dense * min(1.0, 2 * evidence.readability) if has_words else dense
    lexical = (weights.lexical + dense - read) * has_words
    dense = read
    total = (lexical + dense + weights.quality) or 1.0
    of_words = np.full(len(qualities), lexical / total, np.float32)
    if evidence.cosines is not None and has_words:
        # The best of them stands beside the best by meaning, whose share is 1.
        of_words[np.isnan(evidence.cosines)] += dense / total / (float(words.max(initial=0)) or 1.0)
    return Ranked(
        lexical=of_words * words,
        dense=np.asarray(dense / total * meaning, np.float32),
        quality=np.asarray(weights.quality / total * qualities, np.float32),
        lexical_share=words,
        feedback=nothing,
        reranking=nothing,
    )


def rank_by_cosine(cosines: Scores) -> Ranked:
    """The cosines themselves as scores, in [-1, 1]."""
    nothing = np.zeros(len(cosines), np.float32)
    return Ranked(
        lexical=nothing,
        dense=cosines,
        quality=nothing,
        lexical_share=nothing,
        feedback=nothing,
        reranking=nothing,
    )


def lexical_shares(evidence: Evidence, full_match: float) -> Scores:
    """BM25 as a share of the best candidate's, or of a full match where that is more."""
    assert evidence.bm25 is not None
    # As it is divided by: what is less than a float32 can hold is no match at all.
    best = np.float32(max(float(evidence.bm25.max(initial=0)), full_match * evidence.bm25_bound))
    return np.asarray(evidence.bm25 / (best or 1.0), np.float32)


def dense_shares(cosines: Scores) -> Scores:
    """Cosines as shares of the best candidate's; none where there is no vector or no likeness."""
    known = np.clip(np.nan_to_num(cosines, nan=0.0), 0, 1)
    return np.asarray(known / (float(known.max(initial=0)) or 1.0), np.float32)


def best_first(scores: Scores, numbers: NDArray[np.int64]) -> NDArray[np.intp]:
    """The order of descending scores; equal ones by number."""
    return np.lexsort((numbers, -scores))
