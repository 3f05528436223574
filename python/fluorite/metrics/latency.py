"""How long something took, many times over, in a few hundred numbers."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from typing import Any

PER_DOUBLING = 8
DOUBLINGS = 28
"""From a microsecond to four and a half minutes."""
SHARES = {"p50": 0.50, "p95": 0.95, "p99": 0.99}


class Latencies:
    """Counts of durations in logarithmic buckets, as in HdrHistogram: a quantile is within 4.5 % of the
    true one. Thread-safe."""

    def __init__(self) -> None:
        self._counts = [0] * (PER_DOUBLING * DOUBLINGS + 1)
        self._count = 0
        self._seconds = self._longest = 0.0
        self._lock = threading.Lock()

    def add(self, seconds: float, times: int = 1) -> None:
        """Notes that something took so long, `times` times."""
        exact = math.log2(max(seconds, 1e-6) * 1e6) * PER_DOUBLING
        bucket = min(math.ceil(exact), len(self._counts) - 1)
        with self._lock:
            self._counts[bucket] += times
            self._count += times
            self._seconds += seconds * times
            self._longest = max(self._longest, seconds)

    def summary(self) -> dict[str, Any]:
        """{count, p50, p95, p99, max} in milliseconds, None before the first."""
        with self._lock:
            counts, count, longest = list(self._counts), self._count, self._longest
        if not count:
            return {"count": 0, **dict.fromkeys(SHARES), "max": None}
        quantiles = {name: min(_quantile(counts, count, share), longest) for name, share in SHARES.items()}
        return {
            "count": count,
            **{name: round(seconds * 1e3, 3) for name, seconds in quantiles.items()},
            "max": round(longest * 1e3, 3),
        }

    def cumulative(self) -> tuple[list[tuple[float, int]], int, float]:
        """For each doubling (seconds, how many took at most that long); how many in all; their sum in
        seconds."""
        with self._lock:
            counts, count, seconds = list(self._counts), self._count, self._seconds
        return list(_doublings(counts)), count, seconds


def _doublings(counts: list[int]) -> Iterator[tuple[float, int]]:
    below = 0
    for bucket, count in enumerate(counts):
        below += count
        if bucket % PER_DOUBLING == 0:
            yield 2.0 ** (bucket // PER_DOUBLING) / 1e6, below


def _quantile(counts: list[int], count: int, share: float) -> float:
    """The middle of the bucket that holds the quantile, in seconds."""
    rank, below = math.ceil(share * count), 0
    for bucket, held in enumerate(counts):
        below += held
        if below >= rank:
            return float(2.0 ** ((bucket - 0.5) / PER_DOUBLING) / 1e6)
    return math.inf
