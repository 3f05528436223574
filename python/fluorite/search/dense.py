"""Dense retrieval: cosine over unit vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DimensionMismatch, InvalidArgument, NotFinite

Vectors = NDArray[np.float32]


def unit_vector(value: Any, dimensions: int, where: str) -> Vectors:
    """`value` as a unit vector of shape (dimensions,), float32.

    Raises InvalidArgument, DimensionMismatch or NotFinite; the message starts with `where`.
    """
    row: Vectors = unit_matrix(value, 1, dimensions, where)[0]
    return row


def unit_matrix(value: Any, rows: int, dimensions: int, where: str) -> Vectors:
    """`value`, one flat float32 buffer, as unit rows of shape (rows, dimensions); see `unit_vector`."""
    try:
        vectors = np.asarray(value, dtype=np.float32).ravel()
    except (TypeError, ValueError):
        raise InvalidArgument(f"{where} is {type(value).__name__}. Give a Float32Array.") from None
    if vectors.size != rows * dimensions:
        shape = f"{rows:,} × {dimensions}" if rows != 1 else str(dimensions)
        raise DimensionMismatch(
            f"{where} has {vectors.size:,} numbers; the model's embeddings need {shape}. "
            "Give vectors of the model that this memory uses."
        )
    matrix = vectors.reshape(rows, dimensions)
    norms = np.linalg.norm(matrix.astype(np.float64), axis=1)
    bad = np.flatnonzero(~np.isfinite(norms) | (norms == 0))
    if bad.size:
        which = f" (row {bad[0]})" if rows != 1 else ""
        raise NotFinite(
            f"{where}{which} holds NaN or infinity, or is all zeros, so it has no direction. "
            "Give finite numbers, at least one of them not zero."
        )
    return np.asarray(matrix / norms[:, None], np.float32)


def nearest_documents(query: Vectors, documents: Vectors, most: int) -> list[tuple[int, float]]:
    """Row and cosine of the `most` rows of `documents` (n, d) nearest to `query` (d,), best first.

    All are unit vectors; equal scores keep their order.
    """
    scores = documents @ query
    order = np.argsort(-scores, kind="stable")[:most]
    return [(int(row), float(scores[row])) for row in order]
