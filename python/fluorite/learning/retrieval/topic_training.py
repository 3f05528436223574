"""Finds the topics of code by a truncated singular value decomposition of its words.

The decomposition is the randomised one of Halko, Martinsson and Tropp (2011).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from ...normalisation import unit
from ...search.learned.code_topics import CodeTopics, Floats, Words, weighed

TOPICS = 96
MOST_WORDS = 3000
FEWEST_CODES = 3
"""Pieces of code that must hold a word before it counts."""
MOST_CODES = 4096
"""More are not looked at: 50 MB."""
SPARE = 16
POWERS = 3


def fit_topics(counted: Sequence[Words]) -> CodeTopics:
    """The topics of pieces of code, given by their words, at most TOPICS; the same for the same code. Takes
    0.3 s for thousands."""
    chance = np.random.default_rng(0)
    if len(counted) > MOST_CODES:
        counted = [counted[row] for row in chance.choice(len(counted), MOST_CODES, replace=False).tolist()]
    held = Counter(word for words in counted for word in words)
    known = [(word, count) for word, count in held.items() if count >= FEWEST_CODES]
    known = sorted(known, key=lambda item: (-item[1], item[0]))[:MOST_WORDS]
    words = {word: row for row, (word, _) in enumerate(known)}
    says = np.log(len(counted) / np.array([count for _, count in known], np.float32)).astype(np.float32)
    matrix = unit(weighed(words, says, counted)[1])
    axes = _principal_axes(matrix, chance)
    return CodeTopics(words, says, axes, unit(matrix @ axes).mean(axis=0))


def _principal_axes(matrix: Floats, chance: np.random.Generator) -> Floats:
    """The right singular vectors (m, t) of `matrix` (n, m) with the greatest values."""
    count = min(TOPICS, *matrix.shape)
    guess = chance.standard_normal((matrix.shape[1], min(count + SPARE, matrix.shape[1])))
    around = np.linalg.qr(guess.astype(np.float32))[0]
    for _ in range(POWERS):
        around = np.linalg.qr(matrix.T @ (matrix @ around))[0]
    rotation = np.linalg.svd(matrix @ around, full_matrices=False)[2]
    return np.asarray(around @ rotation.T, np.float32)[:, :count]
