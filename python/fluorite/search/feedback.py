"""What feedback adds to a score: free functions over arrays.

    likeness   how like the query is to the one that feedback was given for: 0 below a threshold, 1 above
               another, smooth in between
    balance    of what speaks for a chunk and what speaks against it, in (-1, 1): both count by their
               logarithm, so that the tenth of the same opinion says less than the first, and a prior of
               indifference shrinks what few have said
    effect     balance × likeness of the likest query; ranking weighs it

However often it is said, an opinion cannot pass the bound, and about another query it says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..feedback import MILLISECONDS_OF_A_DAY
from ..index.arrays import Numbers
from ..index.feedback_index import Likenesses, Signals
from .folding import Group
from .ranking import Ranked, Scores

LEAST_COSINE, FULL_COSINE = 0.5, 0.8
"""Of 2,842 pairs of unrelated real requests a language, the most alike have 0.565 (Japanese) and 0.473
(English), and of 84 pairs of paraphrases one in two has at least 0.71."""
LEAST_OVERLAP, FULL_OVERLAP = 0.2, 0.5
"""Of the same pairs: unrelated 0.25 at most, and 0.13 in 99 of 100; paraphrases 0.29 at the median."""

INDIFFERENCE = 1.5
"""The prior, in the logarithms that are balanced: one opinion moves a chunk by two fifths of the bound, ten
by seven tenths, a thousand by seven eighths."""

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Judged:
    """What feedback says of k chunks, by rows of targets: `effects` in (-1, 1), how like the likest query
    was, how many signals for and against it count at all, and the time of the last."""

    targets: Rows
    effects: Scores
    likenesses: Scores
    positive: Rows
    negative: Rows
    last_at: NDArray[np.int64]


def likeness(found: Likenesses) -> tuple[Rows, Scores]:
    """Rows of the queries on which feedback counts, and how much, in (0, 1]."""
    rows = np.concatenate([found.by_vector, found.by_terms])
    by_vector = _smooth(found.cosines, LEAST_COSINE, FULL_COSINE)
    alike = np.concatenate([by_vector, _smooth(found.overlaps, LEAST_OVERLAP, FULL_OVERLAP)])
    return rows[alike > 0], alike[alike > 0]


def judged(signals: Signals, alike: Scores, now: int, half_life_days: float) -> Judged | None:
    """What feedback on like queries says of their chunks; None where it says nothing.

    `alike` has the likeness of each query that `signals` are about, `now` is in milliseconds since 1970.
    """
    active = np.flatnonzero((signals.values != 0) & (alike[signals.queries] > 0))
    if not len(active):
        return None
    targets, rows = np.unique(signals.targets[active], return_inverse=True)
    values = signals.values[active]
    near = alike[signals.queries[active]]
    ages = np.maximum(now - signals.times[active], 0) / (half_life_days * MILLISECONDS_OF_A_DAY)
    likest = np.zeros(len(targets), np.float32)
    np.maximum.at(likest, rows, near)
    weights = np.abs(values) * np.exp2(-ages) * (near / likest[rows]) ** 2
    positive = values > 0
    last_at = np.zeros(len(targets), np.int64)
    np.maximum.at(last_at, rows, signals.times[active])
    return Judged(
        targets=targets.astype(np.intp),
        effects=np.asarray(
            likest * balance(_sum(rows, weights * positive), _sum(rows, weights * ~positive)), np.float32
        ),
        likenesses=likest,
        positive=np.bincount(rows, positive, len(targets)).astype(np.intp),
        negative=np.bincount(rows, ~positive, len(targets)).astype(np.intp),
        last_at=last_at,
    )


def balance(positive: NDArray[np.float64], negative: NDArray[np.float64]) -> NDArray[np.float64]:
    """What is left of opinions for and against, each a sum of weights, elementwise in (-1, 1)."""
    of, against = np.log2(1 + positive), np.log2(1 + negative)
    return np.asarray((of - against) / (of + against + INDIFFERENCE), np.float64)


def standing(values: Sequence[float], ages_ms: Sequence[int], half_life_days: float) -> float:
    """What use and feedback say of one chunk whatever was asked, in (-1, 1): the balance of signals (see
    feedback.quality_signal) of these ages."""
    of = np.array(values, np.float64)
    ages = np.maximum(np.array(ages_ms, np.float64), 0) / (half_life_days * MILLISECONDS_OF_A_DAY)
    weights = np.abs(of) * np.exp2(-ages)
    sums = np.array([[weights[of > 0].sum()], [weights[of < 0].sum()]])
    return float(balance(sums[0], sums[1])[0])


def spread(effects: Scores, groups: Sequence[Group]) -> Scores:
    """`effects` (n,) of candidates, where what is said against one counts against those too that are folded
    with it and of which nothing is said: another copy would only take its place. What is said for one
    brings the whole group along as it is."""
    found = effects.copy()
    for group in groups:
        rows = np.array([group.row, *group.variants])
        worst = float(effects[rows].min())
        if worst < 0:
            found[rows] = np.where(effects[rows] == 0, worst, effects[rows])
    return found


def standing_in(ranked: Ranked, numbers: Numbers, corrected: Mapping[int, int], alike: Scores) -> Ranked:
    """`ranked` with each correction matching at least as well as what it corrects, in so far as the query is
    `alike` (n,) to the one that it was given for: it is the same thing, as it should be. `numbers` (n,)
    ascend."""
    lexical, dense, reranking = ranked.lexical.copy(), ranked.dense.copy(), ranked.reranking.copy()
    rows = {number: row for row, number in enumerate(numbers.tolist())}
    for correction, other in corrected.items():
        if correction in rows and other in rows:
            row, its = rows[correction], rows[other]
            lexical[row] = max(lexical[row], alike[row] * lexical[its])
            dense[row] = max(dense[row], alike[row] * dense[its])
            reranking[row] = max(reranking[row], alike[row] * reranking[its])
    return replace(ranked, lexical=lexical, dense=dense, reranking=reranking)


def with_feedback(ranked: Ranked, effects: Scores, weight: float) -> Ranked:
    """`ranked` with `weight` × effect for each candidate. Scores stay in [0, 1]: none falls below 0, and
    where the best would pass 1 all are divided by it, which leaves their order."""
    added = np.maximum(np.float32(weight) * effects, -ranked.scores)
    best = max(1.0, float((ranked.scores + added).max(initial=0)))
    return replace(
        ranked,
        lexical=ranked.lexical / best,
        dense=ranked.dense / best,
        quality=ranked.quality / best,
        reranking=ranked.reranking / best,
        feedback=np.asarray(added / best, np.float32),
    )


def _smooth(values: Scores, least: float, full: float) -> Scores:
    """0 up to `least`, 1 from `full` on, and between them 3x² - 2x³."""
    share = np.clip((values - least) / (full - least), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)


def _sum(rows: NDArray[np.intp], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.bincount(rows, weights).astype(np.float64)
