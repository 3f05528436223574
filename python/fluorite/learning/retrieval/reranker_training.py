"""Trains a reranker on questions that the parts it weighs have not seen.

What was learned from a question knows its answer, and a network that weighs it would trust it too much. So
the families are cut in FOLDS, and the candidates for each fold's questions come from an adapter, and their
features from expectations, learned from the other folds (stacked generalisation, Wolpert 1992). They are the
fold's own code: what stands alone was not learned from, and among code that was, the new is told by its
strangeness.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from ...search.learned.candidate_features import features
from ...search.learned.code_topics import Floats
from ...search.learned.expected_code import ExpectedCode, Question
from ...search.learned.learned import FusionWeights, Learned
from ...search.learned.query_adapter import Rows, adapted
from ...search.learned.reranker import DEPTH, Reranker
from .adapter_training import Lesson, fit_adapter
from .expected_code_training import fit_expected_code
from .listwise_network import Flags, fit_network
from .pairs import NAME, TrainingPair
from .retrieval_task import Task, fused, shares, standing_of

FOLDS = 3
FEW_CODES = 300
"""Each fold's questions are asked among the code of all of them, and of so many: memories differ in size."""
FEWEST_QUESTIONS = 100
"""Questions with their answer among the candidates that a network is learned from."""

Check = Callable[[], None]


@dataclass(slots=True)
class _Lists:
    """Features (k, f) of the candidates for a question, and which of them are right (k,); the questions."""

    features: list[Floats] = field(default_factory=list)
    right: list[Flags] = field(default_factory=list)
    questions: set[int] = field(default_factory=set)


def fit_reranker(
    pairs: Sequence[TrainingPair], task: Task, learned: Learned, check: Check, seed: int = 0
) -> Reranker | str:
    """A reranker of what `learned` finds, or why there is none; the same for the same pairs. `check` may
    raise to stop. Takes some seconds for thousands of pairs, most of them for adapters."""
    chance = np.random.default_rng(seed)
    _, family = np.unique(task.families, return_inverse=True)
    folds = (chance.permutation(int(family.max(initial=-1)) + 1) % FOLDS)[family]
    described = np.array([pair.source != NAME for pair in pairs], np.bool_)
    lists = _Lists()
    for fold in range(FOLDS):
        own, others = np.flatnonzero((folds == fold) & described), np.flatnonzero(folds != fold)
        if not len(own) or not len(others):
            continue
        finding, expected = learned, fit_expected_code(task, others)
        if learned.adapter is not None:
            finding = learned.replacing(adapter=fit_adapter(_lesson(pairs, task, others), check, seed))
        for rows in (own, chance.permutation(own)[:FEW_CODES]):
            _ask(lists, task, rows, finding, expected, check)
    if len(lists.questions) < FEWEST_QUESTIONS:
        return f"fewer than {FEWEST_QUESTIONS} questions have their answer among the candidates"
    network = fit_network(np.stack(lists.features), np.stack(lists.right), check, seed)
    return Reranker(fit_expected_code(task, np.arange(task.count)), network)


def _lesson(pairs: Sequence[TrainingPair], task: Task, rows: Rows) -> Lesson:
    among, places = np.unique(task.answers[rows], return_inverse=True)
    return Lesson(
        task.vectors[rows],
        [task.terms[row] for row in rows.tolist()],
        places,
        task.corpus.vectors[among],
        task.families[rows],
        task.corpus.families[among],
        np.array([pairs[row].weight for row in rows.tolist()], np.float32),
    )


def _ask(
    lists: _Lists,
    task: Task,
    rows: Rows,
    learned: Learned,
    expected: ExpectedCode,
    check: Check,
) -> None:
    """Adds the candidates for each question of `rows`, among the code that answers one of them, where its
    answer is one of the candidates, but not all."""
    among = np.unique(task.answers[rows])
    if len(among) < DEPTH:
        return
    terms, codes = [task.terms[row] for row in rows.tolist()], task.corpus.vectors[among]
    plain = cosines = task.vectors[rows] @ codes.T
    if learned.adapter is not None:
        cosines = adapted(learned.adapter, task.vectors[rows], terms) @ codes.T
    read = expected.read([task.corpus.texts[one] for one in among.tolist()])
    fusion, postings = learned.fusion or FusionWeights(), task.corpus.postings
    for place, (row, own) in enumerate(zip(rows.tolist(), terms, strict=True)):
        check()
        asked = own if learned.associations is None else learned.associations.expanded(own)
        found = cosines[place], postings.scores(asked)[among], postings.bound(asked)
        scores = fused(*found, float(task.readable[row]), fusion)
        best, standing = standing_of(scores, *shares(*found, fusion), plain[place])
        right = task.corpus.families[among[best]] == task.families[row]
        if right.any() and not right.all():
            question = Question(own, task.vectors[row])
            lists.features.append(features(expected, question, standing, read.of(best)))
            lists.right.append(right)
            lists.questions.add(row)
