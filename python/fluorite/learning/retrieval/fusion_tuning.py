"""How much words and meaning count, tried on a grid over pairs that were trained on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...search.learned.learned import FusionWeights, Learned
from .retrieval_task import DEPTH, Task, evidence, fused, sampled

DENSE = (0.3, 0.4, 0.5, 0.6, 0.7)
FULL_MATCH = (0.3, 0.5, 0.7)
MOST_QUESTIONS = 400
WORTH_CHANGING = 0.005
"""Mean reciprocal rank that other weights must gain over the present ones: neighbours on the grid differ by
chance."""


def tune_fusion(task: Task, learned: Learned, check: Callable[[], None]) -> FusionWeights | None:
    """The weights that find best in `task`, as a mean over its languages; None where the present ones do."""
    task = sampled(task, MOST_QUESTIONS)
    if not task.count:
        return None
    cosines, words, bounds = evidence(task, learned, check)
    languages = np.array(task.languages)

    def value(weights: FusionWeights) -> float:
        check()
        gained = np.zeros(task.count)
        for row in range(task.count):
            scores = fused(cosines[row], words[row], float(bounds[row]), float(task.readable[row]), weights)
            right = task.corpus.families == task.families[row]
            rank = 1 + np.count_nonzero(scores[~right] >= scores[right].max(initial=-1))
            gained[row] = 1 / rank if rank <= DEPTH else 0
        return float(np.mean([gained[languages == one].mean() for one in np.unique(languages)]))

    present = learned.fusion or FusionWeights()
    grid = [FusionWeights(dense, full) for dense in DENSE for full in FULL_MATCH]
    values = {weights: value(weights) for weights in [present, *grid]}
    best = max(values, key=lambda weights: values[weights])
    return best if values[best] - values[present] >= WORTH_CHANGING else None
