"""What the gate is asked to judge, one after another, each on top of what has passed before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ...search.learned.learned import Learned, rounded
from ...terms import index_terms
from .adapter_training import Lesson, fit_adapter
from .association_counting import fit_associations
from .fusion_tuning import tune_fusion
from .pairs import TrainingPair
from .reranker_training import fit_reranker
from .retrieval_task import Task


@dataclass(frozen=True, slots=True)
class Material:
    """What may be trained on: pairs, the same as a task in the same order, what was in use before the run,
    and a seed. `check` may raise to stop."""

    pairs: Sequence[TrainingPair]
    task: Task
    present: Learned
    check: Callable[[], None]
    seed: int


Candidate = Callable[[Material, Learned], Learned | str]
"""From the material and what has passed so far to what should be judged, or why there is nothing to."""


def with_adapter(material: Material, learned: Learned) -> Learned:
    """A query adapter, learned from the beginning."""
    task = material.task
    weights = np.array([pair.weight for pair in material.pairs], np.float32)
    codes = task.corpus
    lesson = Lesson(
        task.vectors, task.terms, task.answers, codes.vectors, task.families, codes.families, weights
    )
    return learned.replacing(adapter=rounded(fit_adapter(lesson, material.check, material.seed)))


def with_associations(material: Material, learned: Learned) -> Learned:
    """Term associations, counted."""
    answers = [list(dict.fromkeys(index_terms(pair.code).split())) for pair in material.pairs]
    return learned.replacing(associations=fit_associations(material.task.terms, answers, material.check))


def with_fusion(material: Material, learned: Learned) -> Learned | str:
    """Tuned weights of words and meaning."""
    # What was just learned knows the answers of these pairs, and would make meaning seem all.
    fusion = tune_fusion(material.task, Learned(fusion=material.present.fusion), material.check)
    return "the present weights find best" if fusion is None else learned.replacing(fusion=fusion)


def with_reranker(material: Material, learned: Learned) -> Learned | str:
    """A reranker of what the others find; it learns from how they do on what they have not seen."""
    found = fit_reranker(material.pairs, material.task, learned, material.check, material.seed)
    return found if isinstance(found, str) else learned.replacing(reranker=found)


CANDIDATES: tuple[tuple[str, Candidate], ...] = (
    ("adapter", with_adapter),
    ("associations", with_associations),
    ("fusion", with_fusion),
    ("reranker", with_reranker),
)
