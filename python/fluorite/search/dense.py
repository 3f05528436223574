"""Dense retrieval: cosine over unit vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DimensionMismatch, InvalidArgument, NotFinite

Vectors = NDArray[np.float32]


def unit_vector(value: Any, dimensions: int, where: str) -> Vectors:
    """`value`, any float32 buffer, as a unit vector of shape (dimensions,).

    Raises InvalidArgument, DimensionMismatch or NotFinite; the message starts with `where`.
    """
    try:
        vector = np.asarray(value, dtype=np.float32).ravel()
    except (TypeError, ValueError):
        raise InvalidArgument(f"{where} is {type(value).__name__}. Give a Float32Array.") from None
    if vector.size != dimensions:
        raise DimensionMismatch(
            f"{where} has {vector.size:,} numbers; the model's embeddings need {dimensions}. "
            "Give vectors of the model that this memory uses."
        )
    matrix, bad = unit_rows(vector[None, :])
    if bad.any():
        raise NotFinite(
            f"{where} holds NaN or infinity, or is all zeros, so it has no direction. "
            "Give finite numbers, at least one of them not zero."
        )
    row: Vectors = matrix[0]
    return row


def unit_rows(matrix: Vectors) -> tuple[Vectors, NDArray[np.bool_]]:
    """The rows of `matrix` (n, d) brought to unit length, and which rows have no direction: NaN,
    infinity or all zeros. Those rows are not meaningful."""
    norms = np.sqrt(np.einsum("ij,ij->i", matrix, matrix, dtype=np.float64))
    bad = ~np.isfinite(norms) | (norms == 0)
    return np.asarray(matrix / np.where(bad, 1, norms)[:, None], np.float32), bad


def nearest_documents(query: Vectors, documents: Vectors, most: int) -> list[tuple[int, float]]:
    """Row and cosine of the `most` rows of `documents` (n, d) nearest to `query` (d,), best first.

    All are unit vectors; equal scores keep their order.
    """
    scores = documents @ query
    order = np.argsort(-scores, kind="stable")[:most]
    return [(int(row), float(scores[row])) for row in order]
