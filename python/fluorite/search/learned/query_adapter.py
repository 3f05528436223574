"""What a question means among code: a learned map of questions' vectors, and vectors of their words.

Code that nobody has described lies elsewhere in an embedding space than what people ask. The adapter
moves a question there and leaves the vectors of all chunks as they are:

    q' = unit(q · M + x · W)

q is the question's vector, x its terms (weighted by what they say, unit length); M (d × d) begins as
identity and W (terms × d) as zeros, so words that were never learned change nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .text_terms import unit_weights

Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class QueryAdapter:
    """`matrix` (d, d) float32; `term_vectors` (terms, d) float32 or float16 and `says` (terms,) float32, with
    a row for each of `terms`.

    Adapted cosines times `scale` compare with those of other chunks and the question as it was: they
    are brought level with the cosines before, and with those of chunks whose text is described.
    """

    matrix: Vectors
    terms: dict[str, int]
    term_vectors: NDArray[np.float32 | np.float16]
    says: Vectors
    scale: float = 1.0

    def features(self, terms: Iterable[str]) -> tuple[Rows, Vectors]:
        """The rows of those terms that are known, and their unit weights."""
        return unit_weights(self.terms, self.says, terms)

    def adapt(self, vector: Vectors, terms: Iterable[str]) -> Vectors:
        """The unit vector (d,) that finds code standing alone. `vector` is returned where nothing is left."""
        rows, weights = self.features(terms)
        moved = vector @ self.matrix
        if len(rows):
            moved = moved + weights @ self.term_vectors[rows].astype(np.float32)
        length = float(np.linalg.norm(moved))
        return np.asarray(moved / length, np.float32) if 1e-6 < length < np.inf else vector


def adapted(adapter: QueryAdapter, vectors: Vectors, terms: Sequence[Iterable[str]]) -> Vectors:
    """`adapt` of many: (n, d)."""
    rows = [adapter.adapt(vector, own) for vector, own in zip(vectors, terms, strict=True)]
    return np.stack(rows) if rows else vectors
