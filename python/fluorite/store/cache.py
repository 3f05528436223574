"""A byte-bounded least-recently-used cache."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class CacheStatistics:
    """`bytes` and `capacity_bytes` count what the values were said to weigh. `hit_rate` is None before
    anything was looked up."""

    entries: int
    bytes: int
    capacity_bytes: int
    hits: int
    misses: int
    hit_rate: float | None


class LeastRecentlyUsed(Generic[Key, Value]):
    """Keeps values up to `capacity` bytes of weight, then drops the longest unused; thread-safe."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._entries: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._bytes = self._hits = self._misses = 0
        self._lock = threading.Lock()

    def get(self, key: Key) -> Value | None:
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                self._misses += 1
                return None
            self._hits += 1
            self._entries.move_to_end(key)
            return entry[0]

    def put(self, key: Key, value: Value, weight: int) -> None:
        with self._lock:
            self._drop(key)
            if weight > self._capacity:
                return
            self._entries[key] = (value, weight)
            self._bytes += weight
            self._shrink()

    def discard(self, key: Key) -> None:
        with self._lock:
            self._drop(key)

    def grow(self, capacity: int) -> None:
        """Raises the capacity to `capacity` bytes where it is below."""
        with self._lock:
            self._capacity = max(self._capacity, capacity)

    def statistics(self) -> CacheStatistics:
        with self._lock:
            lookups = self._hits + self._misses
            return CacheStatistics(
                entries=len(self._entries),
                bytes=self._bytes,
                capacity_bytes=self._capacity,
                hits=self._hits,
                misses=self._misses,
                hit_rate=self._hits / lookups if lookups else None,
            )

    def _drop(self, key: Key) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= entry[1]

    def _shrink(self) -> None:
        while self._bytes > self._capacity:
            _, (_, weight) = self._entries.popitem(last=False)
            self._bytes -= weight
