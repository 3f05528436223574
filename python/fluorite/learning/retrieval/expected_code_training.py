"""Learns what code a question lets expect, by ridge regression."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...search.learned.code_topics import Floats, code_words
from ...search.learned.expected_code import ExpectedCode, lengths
from ...search.learned.query_adapter import Rows
from ...search.learned.text_terms import frequent, unit_weights
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
    known = frequent(terms, FEWEST_TEXTS, MOST_TERMS)
    columns = {term: place for place, term in enumerate(known)}
    says = np.log1p(len(terms) / (np.array(list(known.values()), np.float32) + 1)).astype(np.float32)
    given = [unit_weights(columns, says, own) for own in terms]
    weights = _ridge(given, len(known), task.vectors[rows], answers)
    return ExpectedCode(columns, says, weights, means, deviations, topics)


def _ridge(given: Sequence[tuple[Rows, Floats]], count: int, dense: Floats, answers: Floats) -> Floats:
    """Weights (count + d, t) that lead from n questions to their `answers` (n, t): a question is a few of
    `count` columns with their values, and a row of `dense` (n, d)."""
    square = np.zeros((count + dense.shape[1],) * 2, np.float32)
    wanted = np.zeros((len(square), answers.shape[1]), np.float32)
    square[count:, count:], wanted[count:] = dense.T @ dense, dense.T @ answers
    # A product of whole matrices would take ten times as long: a question holds a dozen of the terms.
    for row, (columns, values) in enumerate(given):
        square[np.ix_(columns, columns)] += np.outer(values, values)
        square[columns, count:] += np.outer(values, dense[row])
        wanted[columns] += np.outer(values, answers[row])
    square[count:, :count] = square[:count, count:].T
    square[np.diag_indices_from(square)] += RIDGE
    return np.asarray(np.linalg.solve(square, wanted), np.float32)
