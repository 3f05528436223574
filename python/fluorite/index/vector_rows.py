"""Unit vectors in 16-bit fixed point, the rows of a sorted array of numbers, and bits that say which live.

A component is kept as round(32,767 · value): as near to the truth as float16 (a cosine moves by about
0.00001), and converted to float32 five times faster, which is most of the work of rescoring. Rows in
memory hold the same whole numbers in float32, so a vector has one cosine wherever it lies.

Products go through `numpy.vecdot`: it gives each row the same sum wherever the row stands, runs on one
core and lets other threads run. A threaded matrix product is no faster for one query, and stalls for
milliseconds where the other cores are busy.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arrays import Numbers, Vectors

SCALE = 32767
BLOCK_ROWS = 8192

Fixed = NDArray[np.int16]
Rows = NDArray[np.integer[Any]]
Bits = NDArray[np.uint8]
"""One bit for each row, the lowest first; set where the row counts."""


def to_fixed(vectors: Vectors) -> Fixed:
    """Fixed point of vectors whose components lie within -1 and 1."""
    return to_matrix(vectors).astype(np.int16)


def to_matrix(vectors: Vectors) -> Vectors:
    """The same whole numbers in float32."""
    return np.asarray(np.rint(np.clip(vectors, -1, 1) * np.float32(SCALE)), np.float32)


def products(matrix: NDArray[np.float32] | Fixed, query: Vectors) -> Vectors:
    """Cosines, float32 (rows,), of fixed-point rows of either type with a unit vector (dimensions,)."""
    if matrix.dtype == np.float32:
        return np.asarray(np.vecdot(matrix, query), np.float32) * np.float32(1 / SCALE)
    scores = np.empty(len(matrix), np.float32)
    for start in range(0, len(matrix), BLOCK_ROWS):
        block = matrix[start : start + BLOCK_ROWS].astype(np.float32)
        scores[start : start + BLOCK_ROWS] = np.vecdot(block, query)
    return scores * np.float32(1 / SCALE)


def best(numbers: Numbers, scores: Vectors, most: int) -> tuple[Numbers, Vectors]:
    """The `most` highest scores above minus infinity, best first, equal ones by number."""
    if most < len(scores):
        least = np.partition(scores, len(scores) - most)[len(scores) - most] if most else np.inf
        near = scores >= least
        numbers, scores = numbers[near], scores[near]
    order = np.lexsort((numbers, -scores))[:most]
    order = order[scores[order] > -np.inf]
    return numbers[order], scores[order]


def find(numbers: Numbers, wanted: Numbers) -> tuple[Rows, NDArray[np.bool_]]:
    """Where each of `wanted`, in any order, stands in ascending `numbers`, and whether it does at all;
    the row of one that does not is any row."""
    if not len(numbers):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), np.bool_)
    if int(numbers[-1]) - int(numbers[0]) + 1 == len(numbers):
        rows = wanted - numbers[0]
        found = (rows >= 0) & (rows < len(numbers))
        return np.where(found, rows, 0), found
    rows = np.minimum(np.searchsorted(numbers, wanted), len(numbers) - 1)
    return rows, np.asarray(numbers[rows] == wanted, np.bool_)


def all_bits(rows: int) -> Bits:
    return np.packbits(np.ones(rows, np.bool_), bitorder="little")


def bits_of(rows: Rows, length: int) -> Bits:
    """Bits for `length` rows, set at `rows`."""
    mask = np.zeros(length, np.bool_)
    mask[rows] = True
    return np.packbits(mask, bitorder="little")


def cleared(bits: Bits | None, length: int, rows: Rows) -> Bits:
    """A copy of `bits` (None: all set) without those of `rows`."""
    copy = all_bits(length) if bits is None else bits.copy()
    np.bitwise_and.at(copy, rows >> 3, ~(np.uint8(1) << (rows & 7).astype(np.uint8)))
    return copy


def is_set(bits: Bits, rows: Rows) -> NDArray[np.bool_]:
    return np.asarray((bits[rows >> 3] >> (rows & 7).astype(np.uint8)) & 1, np.bool_)


def as_mask(bits: Bits, length: int) -> NDArray[np.bool_]:
    return np.unpackbits(bits, count=length, bitorder="little").view(np.bool_)


def count_set(bits: Bits) -> int:
    return int(np.bitwise_count(bits).sum(dtype=np.int64))
