"""What a piece of code is about: latent semantic analysis of its words (Deerwester et al. 1990)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...normalisation import unit

LONGEST_READ = 2000
"""Characters of a piece of code that are read."""
BLOCK = 1024
"""Pieces of code whose words are counted at once, in 12 MB."""

Floats = NDArray[np.float32]
Words = Counter[str]

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+|[\u3040-\u30ff\u4e00-\u9fff]{2}")


@dataclass(frozen=True, slots=True)
class CodeTopics:
    """`axes` (words, t) and `says` (words,) with a row for each of `words`; `mean` (t,) of the unit vectors
    that code has along the axes."""

    words: dict[str, int]
    says: Floats
    axes: Floats
    mean: Floats

    def of(self, counted: Sequence[Words]) -> Floats:
        """How each of k pieces of code, given by their words, differs from the usual: unit vectors (k, t);
        zeros where no word is known."""
        blocks = [counted[row : row + BLOCK] for row in range(0, len(counted), BLOCK)] or [[]]
        found = unit(np.concatenate([self._along(one) for one in blocks]))
        return unit(np.where(found.any(axis=1, keepdims=True), found - self.mean, 0))

    def _along(self, counted: Sequence[Words]) -> Floats:
        rows, held = weighed(self.words, self.says, counted)
        return np.asarray(held @ self.axes[rows], np.float32)


def code_words(code: str) -> Words:
    """The words of code in lower case with their counts: parts of identifiers, pairs of Japanese letters."""
    return Counter(map(str.lower, _WORD.findall(code[:LONGEST_READ])))


def weighed(rows: dict[str, int], says: Floats, counted: Sequence[Words]) -> tuple[NDArray[np.int64], Floats]:
    """The ascending rows of those words that occur, and (k, occurring): the logarithm of a word's count times
    what it says."""
    known = [
        (place, rows[word], count)
        for place, words in enumerate(counted)
        for word, count in words.items()
        if word in rows
    ]
    places, held, counts = np.array(known, np.int64).reshape(-1, 3).T
    occurring, columns = np.unique(held, return_inverse=True)
    matrix = np.zeros((len(counted), len(occurring)), np.float32)
    matrix[places, columns] = (1 + np.log(counts)) * says[held]
    return occurring, matrix
