"""Arrays that rows are added to, without moving what a reader may hold."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

LEAST_ROWS = 64


class Growing:
    """An array of shape (n,), or (n, width), that grows.

    `rows` is a view of what is there. A view that was taken before stays as it is: rows are added behind
    it, or everything is copied to memory of twice the size.
    """

    def __init__(self, dtype: DTypeLike, width: int | None = None) -> None:
        self._shape = () if width is None else (width,)
        self._memory: NDArray[Any] = np.empty((LEAST_ROWS, *self._shape), dtype)
        self._used = 0

    @property
    def rows(self) -> NDArray[Any]:
        return self._memory[: self._used]

    def append(self, row: Any) -> None:
        self._make_room(1)
        self._memory[self._used] = row
        self._used += 1

    def extend(self, rows: NDArray[Any]) -> None:
        self._make_room(len(rows))
        self._memory[self._used : self._used + len(rows)] = rows
        self._used += len(rows)

    def _make_room(self, more: int) -> None:
        needed = self._used + more
        if needed > len(self._memory):
            grown = np.empty((max(needed, 2 * self._used), *self._shape), self._memory.dtype)
            grown[: self._used] = self._memory[: self._used]
            self._memory = grown
