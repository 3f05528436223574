"""Things that a process must hold only once, counted by their holders."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Shared(Generic[Key, Value]):
    """One value per key while anyone holds it; thread-safe. `close` runs when the last holder lets go."""

    def __init__(self, close: Callable[[Value], None]) -> None:
        self._close = close
        self._held: dict[Key, tuple[Value, int]] = {}
        self._lock = threading.Lock()

    def acquire(self, key: Key, make: Callable[[], Value]) -> Value:
        """The value for `key`, made if nobody holds one."""
        with self._lock:
            value, holders = self._held.get(key) or (make(), 0)
            self._held[key] = (value, holders + 1)
            return value

    def release(self, key: Key) -> None:
        with self._lock:
            value, holders = self._held[key]
            if holders > 1:
                self._held[key] = (value, holders - 1)
                return
            del self._held[key]
            self._close(value)
