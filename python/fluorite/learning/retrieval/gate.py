"""Nothing that was learned is used before it has proved itself on pairs it was not trained on.

A candidate is adopted if, by a paired bootstrap over families, the 95 % interval of its gain in mean
reciprocal rank on the target set lies above zero, and no slice (language of a set) that is large enough to
judge drops by more than TOLERANCE. Otherwise what was in use stays, and the verdict says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from .retrieval_task import Measured, Task, Values

TOLERANCE = 0.01
FEWEST_JUDGED = 20
"""Pairs that a slice must have to be judged by itself, and the target to be judged at all."""
RESAMPLES = 2000
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Slice:
    """Mean reciprocal rank of `pairs` questions before and after, and the interval of the difference."""

    task: str
    language: str
    pairs: int
    before: float
    after: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is a sentence for people. `slices`: each language of each set, and the sets as a whole
    (language "all")."""

    candidate: str
    adopted: bool
    reason: str
    slices: list[Slice] = field(default_factory=list)


def refused(candidate: str, reason: str) -> Verdict:
    """A candidate that was not even measured."""
    return Verdict(candidate, False, reason)


def judge(
    candidate: str,
    tasks: Sequence[Task],
    before: Sequence[Measured],
    after: Sequence[Measured],
    seed: int = 0,
) -> Verdict:
    """`tasks[0]` is the target; the others only must not get worse."""
    slices = list[Slice]()
    for task, old, new in zip(tasks, before, after, strict=True):
        slices += _slices(task, old.reciprocal_rank, new.reciprocal_rank, seed)
    target = next((one for one in slices if one.task == tasks[0].name and one.language == "all"), None)
    if target is None or target.pairs < FEWEST_JUDGED:
        count = 0 if target is None else target.pairs
        reason = f"{count} pairs were held out, and {FEWEST_JUDGED} are needed to judge"
        return Verdict(candidate, False, reason, slices)
    if not all(np.isfinite(new.reciprocal_rank).all() for new in after):
        return Verdict(candidate, False, "its scores are not finite", slices)
    worse = [one for one in slices if one.pairs >= FEWEST_JUDGED and one.after - one.before < -TOLERANCE]
    if worse:
        told = ", ".join(f"{one.task} {one.language} {one.before:.3f} → {one.after:.3f}" for one in worse)
        return Verdict(candidate, False, f"it finds worse by more than {TOLERANCE}: {told}", slices)
    gain = f"{target.before:.3f} → {target.after:.3f} on {target.pairs} unseen pairs"
    interval = f"95 % interval of the gain {target.low:+.3f} to {target.high:+.3f}"
    if target.low <= 0:
        return Verdict(candidate, False, f"no sure gain: {gain}, {interval}", slices)
    return Verdict(candidate, True, f"it finds better: {gain}, {interval}", slices)


def _slices(task: Task, before: Values, after: Values, seed: int) -> list[Slice]:
    languages = np.array(task.languages)
    found = list[Slice]()
    for language in ["all", *sorted(set(task.languages))]:
        rows = np.flatnonzero((languages == language) | (language == "all"))
        if not len(rows):
            continue
        low, high = interval(after[rows] - before[rows], task.families[rows], seed)
        means = float(before[rows].mean()), float(after[rows].mean())
        found.append(Slice(task.name, language, len(rows), *means, low, high))
    return found


def interval(
    differences: Values, families: np.ndarray[tuple[int], np.dtype[np.int64]], seed: int
) -> tuple[float, float]:
    """The CONFIDENCE interval of the mean of paired differences; families are drawn whole, because what
    is alike is not independent (Efron and Tibshirani 1993, An Introduction to the Bootstrap)."""
    _, group = np.unique(families, return_inverse=True)
    sums = np.bincount(group, weights=differences)
    sizes = np.bincount(group).astype(np.float64)
    draws = np.random.default_rng(seed).integers(0, len(sums), (RESAMPLES, len(sums)))
    means = sums[draws].sum(axis=1) / sizes[draws].sum(axis=1)
    low, high = np.quantile(means, ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2))
    return float(low), float(high)
