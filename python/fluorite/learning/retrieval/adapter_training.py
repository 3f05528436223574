"""Fits a query adapter by in-batch contrastive estimation.

InfoNCE (van den Oord et al. 2018) with further negatives from all code, by Adam; both parts of the adapter
are pulled to where they began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...search.learned.query_adapter import QueryAdapter, Rows, Vectors, adapted
from ...search.learned.text_terms import vocabulary
from .adam import Adam, faded

EPOCHS = 12
FEWEST_STEPS = 60
BATCH = 256
NEGATIVES = 1024
TEMPERATURE = 0.03
MATRIX_STEP = 3e-4
TERM_STEP = 1e-3
MATRIX_PULL = 3e-3
TERM_PULL = 5e-5
MOST_TERMS = 4096
FEWEST_TEXTS = 3
"""Texts that must hold a term before it gets a vector."""
STANDING_ALONE = 1.1
"""How much nearer than their best code questions come to what repeats their words; see `scale`."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """n questions with m pieces of code: vectors (n, d), the terms of each, the row of the code that
    answers it (n,), codes (m, d); families of both, so that a variant of the answer is no negative."""

    vectors: Vectors
    terms: Sequence[Iterable[str]]
    answers: Rows
    codes: Vectors
    families: Rows
    code_families: Rows
    weights: Vectors


def fit_adapter(lesson: Lesson, check: Callable[[], None], seed: int = 0) -> QueryAdapter:
    """The same adapter for the same lesson. `check` may raise to stop. Thousands of pairs take seconds."""
    from threadpoolctl import threadpool_limits

    # Products this small are computed four times as fast, in processor time, without threads that wait for
    # each other, and search keeps the other cores.
    with threadpool_limits(1, user_api="blas"):
        return _fitted(lesson, check, seed)


def _fitted(lesson: Lesson, check: Callable[[], None], seed: int) -> QueryAdapter:
    chance = np.random.default_rng(seed)
    dimensions = lesson.vectors.shape[1]
    adapter = _beginning(lesson, dimensions)
    features = [adapter.features(terms) for terms in lesson.terms]
    identity = np.eye(dimensions, dtype=np.float32)
    matrix = Adam(adapter.matrix, MATRIX_STEP)
    term_vectors = Adam(adapter.term_vectors.astype(np.float32), TERM_STEP)
    gradient = np.empty_like(term_vectors.values)
    steps = max(FEWEST_STEPS, EPOCHS * -(-len(lesson.vectors) // BATCH))
    share = lesson.weights / max(float(lesson.weights.sum()), 1e-9)
    for step in range(steps):
        check()
        batch = chance.choice(len(lesson.vectors), min(BATCH, len(lesson.vectors)), p=_exactly(share))
        columns, held = _dense([features[row] for row in batch.tolist()])
        codes = np.union1d(
            lesson.answers[batch],
            chance.choice(len(lesson.codes), min(NEGATIVES, len(lesson.codes)), replace=False),
        )
        moved = lesson.vectors[batch] @ matrix.values + held @ term_vectors.values[columns]
        slope = _slope(moved, lesson, batch, codes)
        np.multiply(term_vectors.values, TERM_PULL, out=gradient)
        gradient[columns] += held.T @ slope
        fade = faded(step, steps)
        matrix.move(lesson.vectors[batch].T @ slope + MATRIX_PULL * (matrix.values - identity), fade)
        term_vectors.move(gradient, fade)
    fitted = QueryAdapter(matrix.values, adapter.terms, term_vectors.values, adapter.says)
    return QueryAdapter(fitted.matrix, fitted.terms, fitted.term_vectors, fitted.says, _scale(fitted, lesson))


def _beginning(lesson: Lesson, dimensions: int) -> QueryAdapter:
    terms, says = vocabulary(lesson.terms, FEWEST_TEXTS, MOST_TERMS)
    return QueryAdapter(
        matrix=np.eye(dimensions, dtype=np.float32),
        terms=terms,
        term_vectors=np.zeros((len(terms), dimensions), np.float32),
        says=says,
    )


def _slope(moved: Vectors, lesson: Lesson, batch: Rows, codes: Rows) -> Vectors:
    """The gradient of the mean loss by the moved vectors, (b, d)."""
    lengths = np.linalg.norm(moved, axis=1, keepdims=True) + 1e-9
    unit = moved / lengths
    among = lesson.codes[codes]
    place = np.searchsorted(codes, lesson.answers[batch])
    own = np.arange(len(batch))
    logits = unit @ among.T / TEMPERATURE
    related = lesson.families[batch][:, None] == lesson.code_families[codes][None, :]
    related[own, place] = False
    logits[related] = -np.inf
    logits -= logits.max(axis=1, keepdims=True)
    shares = np.exp(logits)
    shares /= shares.sum(axis=1, keepdims=True)
    shares[own, place] -= 1
    pull = shares @ among / (TEMPERATURE * len(batch))
    return np.asarray((pull - unit * (pull * unit).sum(axis=1, keepdims=True)) / lengths, np.float32)


def _scale(adapter: QueryAdapter, lesson: Lesson) -> float:
    """The ratio of the mean best cosine before to the one after, times STANDING_ALONE."""
    sample = slice(0, None, max(1, len(lesson.vectors) // 500))
    before = (lesson.vectors[sample] @ lesson.codes.T).max(axis=1).mean()
    moved = adapted(adapter, lesson.vectors[sample], list(lesson.terms)[sample])
    after = (moved @ lesson.codes.T).max(axis=1).mean()
    return STANDING_ALONE * float(np.clip(before / max(float(after), 1e-6), 0.5, 2.0))


def _dense(features: Sequence[tuple[Rows, Vectors]]) -> tuple[Rows, Vectors]:
    """The columns that occur, and (b, columns)."""
    columns = np.unique(np.concatenate([rows for rows, _ in features]))
    held = np.zeros((len(features), len(columns)), np.float32)
    for row, (terms, weights) in enumerate(features):
        held[row, np.searchsorted(columns, terms)] = weights
    return columns, held


def _exactly(shares: Vectors) -> NDArray[np.float64]:
    exact = shares.astype(np.float64)
    return np.asarray(exact / exact.sum())
