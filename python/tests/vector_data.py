"""Vectors in clusters, and indexes over them, for the tests of lists."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fluorite.index.vector_index import VectorIndex
from fluorite.index.vector_maintenance import Limits

DIMENSIONS, ROWS = 32, 4000
LIMITS = Limits(exact_rows=1000, tail_rows=200)
NUMBERS = np.cumsum(np.random.default_rng(4).integers(1, 4, 4 * ROWS)).astype(np.int64)


def clustered(rows: int, seed: int = 0) -> NDArray[np.float32]:
    random = np.random.default_rng(seed)
    middles = np.random.default_rng(99).normal(size=(60, DIMENSIONS))
    vectors = middles[random.integers(0, 60, rows)] + 0.5 * random.normal(size=(rows, DIMENSIONS))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


VECTORS = clustered(4 * ROWS)
QUERIES = clustered(40, seed=7)


def ignore() -> None:
    pass


def opened(folder: Path, sequence: int = 10**6) -> VectorIndex:
    return VectorIndex.open(folder, "model", DIMENSIONS, sequence, LIMITS)


def grow(index: VectorIndex, start: int, stop: int) -> None:
    index.add(NUMBERS[start:stop], VECTORS[start:stop])
    index.sequence = int(NUMBERS[stop - 1])


def recall(index: VectorIndex, living: NDArray[np.bool_], most: int = 10) -> float:
    """Against every cosine; `living` says which rows of VECTORS may be found, and are all that is allowed."""
    rows = np.flatnonzero(living)
    found = 0
    for query in QUERIES:
        best = rows[np.argsort(-(VECTORS[rows] @ query))[:most]]
        found += len(np.intersect1d(index.search(query, most)[0], NUMBERS[best]))
    return found / (len(QUERIES) * most)


def rows(start: int, stop: int) -> NDArray[np.bool_]:
    position = np.arange(len(VECTORS))
    return np.asarray((position >= start) & (position < stop), np.bool_)


def build_in(folder: Path) -> Path:
    """Fills `folder` with one segment of ROWS vectors, lists and an empty tail."""
    index = opened(folder)
    grow(index, 0, ROWS)
    assert index.needs_build() and index.build(ignore) and index.save(ignore)
    assert not index.needs_build() and not index.build(ignore)
    return folder
