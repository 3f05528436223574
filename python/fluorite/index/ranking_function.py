"""BM25 as Tantivy computes it, so that a chunk scores the same in memory as on disk.

Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond (2009); the lengths of
fields are rounded down to a byte's worth of values, as in Lucene's SmallFloat.
"""

from __future__ import annotations

import math
from bisect import bisect_right

import numpy as np
from numpy.typing import NDArray

SATURATION = 1.2
LENGTH_SHARE = 0.75


def inverse_frequency(documents: int, frequency: int) -> float:
    """ln(1 + (N - n + ½) / (n + ½)): what a term says that `frequency` of `documents` hold."""
    frequency = min(frequency, documents)
    return math.log1p((documents - frequency + 0.5) / (frequency + 0.5))


def saturated(
    occurrences: NDArray[np.float32], lengths: NDArray[np.float32], average_length: float
) -> NDArray[np.float32]:
    """How much of a term's weight its occurrences in fields of these rounded lengths bring, in [0, 1)."""
    relative = lengths / np.float32(max(average_length, 1e-9))
    penalty = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * relative)
    return np.asarray(occurrences / (occurrences + penalty), np.float32)


def rounded_length(length: int) -> int:
    """The greatest length up to `length` that a byte stands for."""
    return _LENGTHS[bisect_right(_LENGTHS, length) - 1]


def _byte_lengths() -> list[int]:
    free = 24
    lengths = list(range(free))
    for byte in range(256 - free):
        mantissa, shift = byte & 7, (byte >> 3) - 1
        lengths.append(free + (mantissa if shift < 0 else (mantissa | 8) << shift))
    return lengths


_LENGTHS = _byte_lengths()
