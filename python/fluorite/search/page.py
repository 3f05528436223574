"""One page of hits: candidates gathered, ranked, judged by feedback, folded, and loaded."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..chunk import Chunk
from ..index.arrays import Numbers
from ..index.embedding_space import EmbeddingSpace
from ..index.lexical_fields import matched_terms
from ..memory import Memory
from .candidates import (
    Candidates,
    Search,
    VectorMatches,
    WordMatches,
    gather,
    match_reading,
    match_vector,
    match_words,
)
from .feedback import spread, with_feedback
from .feedback_recall import Recalled
from .folding import Group, Order, folded, unfolded
from .options import SearchOptions, Weights
from .ranking import Ranked, RankingWeights, Scores, best_first, rank, rank_by_cosine
from .reranking import reranked

CANDIDATES = 100
"""By words, and half as many by meaning beside them; twice as many rank no better on real requests."""
WIDEST = 16 * CANDIDATES


@dataclass(frozen=True, slots=True)
class Hit:
    """A found chunk. `variants` counts the near-identical candidates that were folded into it."""

    chunk: Chunk
    score: float
    variants: int = 0
    explanation: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A query with its text as it was likely meant, what its words matched, what is near its vector where
    that is known already, and what feedback says for it. `by_vector`: a vector was given."""

    text: str | None
    search: Search
    matches: WordMatches | None
    by_vector: bool = False
    near: VectorMatches | None = None
    recalled: Recalled | None = None


def page_of(
    memory: Memory,
    one: LookedUp,
    space: EmbeddingSpace,
    limit: int,
    options: SearchOptions,
    weights: RankingWeights,
) -> list[Hit]:
    """The best `limit` hits. Where folding leaves too little of the candidates, more of them are gathered."""
    indexes = memory.indexes
    search, matching, near = one.search, one.matches, one.near
    by_cosine = one.by_vector and options.weights == Weights()
    fold = not one.by_vector if options.fold is None else options.fold
    most = limit if by_cosine and not fold else max(CANDIDATES, limit)
    while True:
        beside = most if search.words is None else max(limit, most // 2)
        near = match_vector(space, search, beside) if near is None else near
        adapted = match_reading(space, search, beside)
        candidates = gather(indexes, space, search, matching, near, adapted)
        ranked = _ranked(memory, candidates, weights.replaced_by(options.weights), by_cosine)
        if options.weights == Weights():
            ranked = reranked(memory.chunks, search, candidates, ranked)
        if one.recalled is not None:
            ranked = _judged(memory, candidates.numbers, ranked, one.recalled, weights, options, fold)
        order = best_first(ranked.scores, candidates.numbers)
        if options.min_score is not None:
            order = order[ranked.scores[order] >= options.min_score]
        groups = _folded(memory, order, candidates.numbers[order]) if fold else unfolded(order)
        is_all = candidates.is_all or len(order) < len(candidates.numbers)
        if len(groups) >= limit or is_all or most >= WIDEST:
            return _loaded(memory, groups[:limit], candidates, ranked, one, options.explain)
        most *= 4
        matching, near = match_words(indexes, search, most), None


def _ranked(memory: Memory, candidates: Candidates, weights: RankingWeights, by_cosine: bool) -> Ranked:
    evidence = candidates.evidence
    if by_cosine and evidence.cosines is not None:
        return rank_by_cosine(evidence.cosines)
    qualities = np.nan_to_num(memory.indexes.catalog.qualities(candidates.numbers))
    return rank(evidence, qualities, weights)


def _judged(
    memory: Memory,
    numbers: Numbers,
    ranked: Ranked,
    recalled: Recalled,
    weights: RankingWeights,
    options: SearchOptions,
    fold: bool,
) -> Ranked:
    ranked = recalled.standing_in(ranked, numbers)
    effects = recalled.at(numbers)
    if fold and (effects < 0).any():
        order = best_first(ranked.scores, numbers)
        effects = spread(effects, _folded(memory, order, numbers[order]))
    return with_feedback(ranked, effects, weights.replaced_by(options.weights).feedback)


def _folded(memory: Memory, order: Order, numbers: Numbers) -> list[Group]:
    catalog = memory.indexes.catalog
    return folded(order, catalog.fingerprints(numbers), catalog.owners(numbers))


def _loaded(
    memory: Memory,
    groups: list[Group],
    candidates: Candidates,
    ranked: Ranked,
    looked_up: LookedUp,
    explain: bool,
) -> list[Hit]:
    numbers = candidates.numbers[[one.row for one in groups]].tolist()
    scores = ranked.scores
    hits = []
    for one, chunk in zip(groups, memory.chunks.get_by_number(numbers), strict=True):
        # Another process may have removed it since.
        if chunk is not None:
            why = _explanation(memory, one, chunk, candidates, ranked, looked_up) if explain else None
            hits.append(Hit(chunk, float(scores[one.row]), len(one.variants), why))
    return hits


def _explanation(
    memory: Memory, one: Group, chunk: Chunk, candidates: Candidates, ranked: Ranked, looked_up: LookedUp
) -> dict[str, Any]:
    search, recalled = looked_up.search, looked_up.recalled
    evidence, row = candidates.evidence, one.row
    variants = memory.chunks.get_by_number(candidates.numbers[one.variants].tolist())
    lexical = None
    if search.words is not None and evidence.bm25 is not None:
        lexical = {
            "bm25": float(evidence.bm25[row]),
            "share": float(ranked.lexical_share[row]),
            "matched_terms": matched_terms(search.words, chunk),
        }
    reading = search.reading
    learned = None
    if reading is not None:
        learned = reading.explained(int(candidates.numbers[row]), _known(evidence.cosines, row))
    return {
        "lexical": lexical,
        "cosine": _known(candidates.cosines, row),
        "learned": learned,
        "quality_score": chunk.quality_score,
        "parts": {
            "lexical": float(ranked.lexical[row]),
            "dense": float(ranked.dense[row]),
            "quality": float(ranked.quality[row]),
            "reranking": float(ranked.reranking[row]),
            "feedback": float(ranked.feedback[row]),
        },
        "feedback": None if recalled is None else recalled.told(candidates.numbers[[row, *one.variants]]),
        "variant_ids": [variant.id for variant in variants if variant is not None],
    }


def _known(cosines: Scores | None, row: int) -> float | None:
    return None if cosines is None or math.isnan(cosines[row]) else float(cosines[row])
