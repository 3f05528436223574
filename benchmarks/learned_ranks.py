"""Where the description of a template finds its code, by itself and on the page that a user gets.

`own`: only the template's own code counts, and each piece of code takes a place. `folded`: near-identical
code is one hit, as search folds it unless told otherwise: it counts at the place of the hit that it is
folded into, and takes no place beside it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fluorite.index.fingerprint import Fingerprints
from fluorite.learning.retrieval.retrieval_task import DEPTH, Task, answer, evidence
from fluorite.search.folding import folded
from fluorite.search.learned.learned import Learned
from fluorite.search.page import CANDIDATES
from fluorite.search.ranking import best_first

COUNTED = ("own", "folded")
HALVES = ("lexical", "dense", "fused")

Ranks = NDArray[np.float64]
Rows = NDArray[np.int64]
Scores = NDArray[np.float32]


def scores_by_half(task: Task, learned: Learned) -> dict[str, Scores]:
    """Scores (n, m) of all code by words, by meaning and by both; keys are HALVES."""
    cosines, words, bounds = evidence(task, learned, _never)
    both = np.stack(
        [
            answer(task, row, learned, cosines[row], words[row], float(bounds[row]))
            for row in range(task.count)
        ]
    )
    return dict(zip(HALVES, (words, cosines, both), strict=True))


def reciprocal_ranks(scores: Scores, answers: Rows, fingerprints: Fingerprints) -> dict[str, Ranks]:
    """Reciprocal ranks at DEPTH (n,) of the rows `answers` (n,) by `scores` (n, m); keys are COUNTED.

    `fingerprints`: of the m pieces of code.
    """
    return {
        "own": _reciprocal(own_places(scores, answers)),
        "folded": _reciprocal(folded_places(scores, answers, fingerprints)),
    }


def own_places(scores: Scores, answers: Rows) -> Ranks:
    """The places of the answers (n,) by `scores` (n, m), from 1."""
    own = scores[np.arange(len(answers)), answers][:, None]
    # Ties are halved: no order of the code is to help.
    return np.asarray(
        1 + (scores > own).sum(axis=1) + 0.5 * ((scores == own).sum(axis=1) - 1),
        np.float64,
    )


def folded_places(scores: Scores, answers: Rows, fingerprints: Fingerprints) -> Ranks:
    """The same of the hits that the answers are, or are folded into; infinite where no hit holds one."""
    return np.array(
        [
            _folded_place(own, answer, fingerprints)
            for own, answer in zip(scores, answers.tolist(), strict=True)
        ]
    )


def _folded_place(scores: Scores, answer: int, fingerprints: Fingerprints) -> float:
    order = best_first(scores, np.arange(len(scores)))
    most = CANDIDATES
    while True:
        page = order[:most]
        groups = folded(page, fingerprints[page], np.zeros(len(page), np.uint64))
        if len(groups) >= DEPTH or most >= len(order):
            break
        most *= 4
    hit = next(
        (group.row for group in groups if answer == group.row or answer in group.variants),
        None,
    )
    if hit is None:
        return np.inf
    of_hits = scores[[group.row for group in groups]]
    better = np.count_nonzero(of_hits > scores[hit])
    return 1 + better + 0.5 * (np.count_nonzero(of_hits == scores[hit]) - 1)


def _reciprocal(places: Ranks) -> Ranks:
    return np.where(places <= DEPTH, 1 / places, 0.0)


def _never() -> None:
    pass
