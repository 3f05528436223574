"""Puts the best candidates in the order that a learned reranker finds by looking at their code."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..store import ChunkStore
from .candidates import Candidates, Search
from .ranking import Ranked, best_first, dense_shares


def reranked(chunks: ChunkStore, search: Search, candidates: Candidates, ranked: Ranked) -> Ranked:
    """`ranked` with what the reranker in use adds to the score of each of the best or takes from it; as it
    was where none is in use, or some of what may be found is not code that stands alone."""
    reading, cosines, counting = search.reading, candidates.cosines, candidates.evidence.cosines
    if reading is None or reading.reranker is None:
        return ranked
    if search.vector is None or cosines is None or counting is None:
        return ranked
    from .learned.candidate_features import Standing
    from .learned.expected_code import Question
    from .learned.reranker import DEPTH, handed_out

    # Quality is added to whatever place the code earns.
    scores = ranked.lexical + ranked.dense
    best = best_first(scores, candidates.numbers)[:DEPTH]
    found = chunks.get_by_number(candidates.numbers[best].tolist())
    codes = [one.content if one is not None and isinstance(one.content, str) else "" for one in found]
    standing = Standing(
        ranked.lexical_share[best], dense_shares(counting)[best], np.nan_to_num(cosines[best])
    )
    order = reading.reranker.order(Question(reading.terms, search.vector), standing, codes)
    added = np.zeros_like(scores)
    added[best] = handed_out(scores[best], order) - scores[best]
    return replace(ranked, reranking=added)
