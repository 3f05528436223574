"""Trains a reranker on questions that the parts it weighs have not seen.

What was learned from a question knows its answer, and a network that weighs it would trust it too much. So
the families are cut in FOLDS, and the candidates for each fold's questions come from an adapter and expected
lengths learned from the other folds (stacked generalisation, Wolpert 1992).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from ...search.learned.learned import FusionWeights, Learned
from ...search.learned.query_adapter import Rows, adapted
from ...search.learned.reranker import DEPTH, ExpectedLength, Floats, Reranker, features, lengths
from ...search.learned.text_terms import frequent, unit_weights
from .adapter_training import Lesson, fit_adapter
from .listwise_network import Flags, fit_network
from .pairs import NAME, TrainingPair
from .retrieval_task import Task, fused, shares, standing_of

FOLDS = 3
FEW_CODES = 300
"""Each fold's questions are asked among all code, and so many of them among their own alone: memories
differ in size."""
FEWEST_LISTS = 100
"""Questions with their answer among the candidates that a network is learned from."""
MOST_TERMS = 1024
FEWEST_TEXTS = 3
RIDGE = 3.0
LEAST_DEVIATION = 0.05

Check = Callable[[], None]


@dataclass(slots=True)
class _Lists:
    """Features (k, f) of the candidates for a question, and which of them are right (k,)."""

    features: list[Floats] = field(default_factory=list)
    right: list[Flags] = field(default_factory=list)


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
        finding, length = learned, fit_length(task, others)
        if learned.adapter is not None:
            finding = learned.replacing(adapter=fit_adapter(_lesson(pairs, task, others), check, seed))
        few = chance.permutation(own)[:FEW_CODES]
        for rows, among in ((own, np.unique(task.answers)), (few, np.unique(task.answers[few]))):
            _ask(lists, task, rows, among, finding, length, check)
    if len(lists.right) < FEWEST_LISTS:
        return f"fewer than {FEWEST_LISTS} questions have their answer among the candidates"
    network = fit_network(np.stack(lists.features), np.stack(lists.right), check, seed)
    return Reranker(fit_length(task, np.arange(task.count)), network)


def fit_length(task: Task, rows: Rows) -> ExpectedLength:
    """The lengths of the answers to the questions `rows` from their terms, by ridge regression."""
    terms = [task.terms[row] for row in rows.tolist()]
    answers = lengths([task.corpus.texts[row] for row in task.answers[rows].tolist()])
    known = frequent(terms, FEWEST_TEXTS, MOST_TERMS)
    places = {term: place for place, term in enumerate(known)}
    says = np.log1p(len(terms) / (np.array(list(known.values()), np.float32) + 1)).astype(np.float32)
    means, deviations = answers.mean(axis=0), answers.std(axis=0) + np.float32(LEAST_DEVIATION)
    given = np.zeros((len(terms), len(known)), np.float32)
    for row, own in enumerate(terms):
        columns, weights = unit_weights(places, says, own)
        given[row, columns] = weights
    square = given.T @ given + np.float32(RIDGE) * np.eye(len(known), dtype=np.float32)
    weights = np.linalg.solve(square, given.T @ ((answers - means) / deviations))
    return ExpectedLength(places, says, np.asarray(weights, np.float32), means, deviations)


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
    among: Rows,
    learned: Learned,
    length: ExpectedLength,
    check: Check,
) -> None:
    """Adds the candidates of `among` for each question of `rows` whose answer is one of them, but not all."""
    if len(among) < DEPTH:
        return
    terms, codes = [task.terms[row] for row in rows.tolist()], task.corpus.vectors[among]
    plain = cosines = task.vectors[rows] @ codes.T
    if learned.adapter is not None:
        cosines = adapted(learned.adapter, task.vectors[rows], terms) @ codes.T
    fusion, postings = learned.fusion or FusionWeights(), task.corpus.postings
    for place, (row, own) in enumerate(zip(rows.tolist(), terms, strict=True)):
        check()
        asked = own if learned.associations is None else learned.associations.expanded(own)
        found = cosines[place], postings.scores(asked)[among], postings.bound(asked)
        scores = fused(*found, float(task.readable[row]), fusion)
        places, standing = standing_of(scores, *shares(*found, fusion), plain[place])
        best = among[places]
        right = task.corpus.families[best] == task.families[row]
        if right.any() and not right.all():
            texts = [task.corpus.texts[one] for one in best.tolist()]
            lists.features.append(features(length, own, standing, texts))
            lists.right.append(right)
