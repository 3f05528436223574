"""Learns what code a question lets expect, by ridge regression."""

from __future__ import annotations

import numpy as np

from ...search.learned.code_topics import Floats, code_words
from ...search.learned.expected_code import ExpectedCode, lengths
from ...search.learned.query_adapter import Rows
from ...search.learned.text_terms import unit_weights, vocabulary
from .retrieval_task import Task
from .topic_training import fit_topics

MOST_TERMS = 2048
FEWEST_TEXTS = 3
RIDGE = 3.0
LEAST_DEVIATION = 0.05


def fit_expected_code(task: Task, rows: Rows) -> ExpectedCode:
    """From the lengths and topics of the answers to the questions `rows`."""
    terms = [task.terms[row] for row in rows.tolist()]
    among, places = np.unique(task.answers[rows], return_inverse=True)
    codes = [task.corpus.texts[row] for row in among.tolist()]
    words, length = [code_words(code) for code in codes], lengths(codes)
    means = length[places].mean(axis=0)
    deviations = length[places].std(axis=0) + np.float32(LEAST_DEVIATION)
    topics = fit_topics(words)
    answers = np.concatenate([(length - means) / deviations, topics.of(words)], axis=1)[places]
    columns, says = vocabulary(terms, FEWEST_TEXTS, MOST_TERMS)
    given = np.concatenate([np.zeros((len(terms), len(columns)), np.float32), task.vectors[rows]], axis=1)
    for row, own in enumerate(terms):
        held, weights = unit_weights(columns, says, own)
        given[row, held] = weights
    return ExpectedCode(columns, says, _ridge(given, answers), means, deviations, topics)


def _ridge(given: Floats, answers: Floats) -> Floats:
    """Weights (m, t) that lead from n questions, `given` (n, m), to their `answers` (n, t)."""
    square = given.T @ given
    square[np.diag_indices_from(square)] += RIDGE
    return np.asarray(np.linalg.solve(square, given.T @ answers), np.float32)
