"""Unit vectors of queries that feedback was given for, and which of them are near another.

The angle between two vectors is about the share of the coordinates whose signs differ (Charikar 2002,
"Similarity Estimation Techniques from Rounding Algorithms"). Signs are compared first, 64 at a time, and
exact products are made only for what may be near: a tenth of a millisecond among 10,000, on one core.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .arrays import Vectors
from .growing import Growing

WORD = 64
DEVIATIONS = 2.0
"""Of real pairs above a threshold of 0.5 one in 700 is overlooked; of those above 0.55 one in 30,000."""

Rows = NDArray[np.intp]


class AskedVectors:
    """The vectors of one model, kept in float16, each under the row of its query."""

    def __init__(self, dimensions: int) -> None:
        self.dimensions = dimensions
        self._queries = Growing(np.int32)
        self._halves = Growing(np.float16, dimensions)
        self._signs = [Growing(np.uint64) for _ in range(-(-dimensions // WORD))]

        self._waiting = list[tuple[int, bytes]]()

    def add(self, query: int, halves: bytes) -> None:
        """Takes a vector (float16, little-endian) that `near` will compare with."""
        if len(halves) == 2 * self.dimensions:
            self._waiting.append((query, halves))

    def near(self, vector: Vectors, least_cosine: float) -> tuple[Rows, Vectors]:
        """The rows of queries whose cosine to `vector` (d,) is above `least_cosine`, and the cosines."""
        self._sort_in()
        differing = np.zeros(len(self._queries.rows), np.uint16)
        for column, word in zip(self._signs, self._words(vector[None, :])[0], strict=True):
            differing += np.bitwise_count(column.rows ^ word)
        places = np.flatnonzero(differing <= self._most_differing(least_cosine))
        rows = self._halves.rows[places].astype(np.float32)
        # Not a BLAS product: its threads wait for each other longer than this takes.
        products = np.einsum("ij,j->i", rows, vector)
        near = products > least_cosine
        return self._queries.rows[places[near]].astype(np.intp), products[near]

    def _sort_in(self) -> None:
        if not self._waiting:
            return
        halves = np.frombuffer(b"".join(one for _, one in self._waiting), "<f2").reshape(-1, self.dimensions)
        self._queries.extend(np.array([query for query, _ in self._waiting], np.int32))
        self._halves.extend(halves)
        for column, words in zip(self._signs, self._words(halves).T, strict=True):
            column.extend(words)
        self._waiting.clear()

    def _words(self, vectors: NDArray[np.floating]) -> NDArray[np.uint64]:
        """The signs of vectors (n, d), 64 to a word: (n, words)."""
        signs = np.zeros((len(vectors), len(self._signs) * WORD), np.bool_)
        signs[:, : self.dimensions] = vectors > 0
        return np.packbits(signs, axis=1).view(np.uint64)

    def _most_differing(self, least_cosine: float) -> int:
        share = math.acos(least_cosine) / math.pi
        deviation = math.sqrt(self.dimensions * share * (1 - share))
        return round(self.dimensions * share + DEVIATIONS * deviation)
