"""Where vectors go first: rows in memory that grow under searches without disturbing them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arrays import Numbers, Vectors
from .vector_rows import Bits, as_mask
from .vector_segment import Held, Segment


class TailBuffer:
    """The memory behind a tail. What a search may be reading is not moved: rows are written behind the
    last one that it knows of, or everything is copied to new memory."""

    def __init__(self, most_rows: int) -> None:
        self._most_rows = most_rows
        self._numbers: Numbers = np.empty(0, np.int64)
        self._matrix: Vectors = np.empty((0, 0), np.float32)

    def append(self, tail: Held, numbers: Numbers, matrix: Vectors) -> Held:
        """The tail with these rows, whose numbers ascend and are new to it. It is either the one that was
        returned last, or any other from now on."""
        segment, used = tail.segment, len(tail.segment.numbers)
        stop = used + len(numbers)
        alive: Bits | None = None
        if tail.alive is not None:
            living = np.concatenate([as_mask(tail.alive, used), np.ones(len(numbers), np.bool_)])
            alive = np.packbits(living, bitorder="little")
        if used and len(numbers) and numbers[0] < segment.numbers[-1]:
            together = np.concatenate([segment.numbers, numbers])
            order = np.argsort(together, kind="stable")
            self._numbers = together[order]
            self._matrix = np.concatenate([segment.matrix, matrix])[order]
            if alive is not None:
                alive = np.packbits(as_mask(alive, stop)[order], bitorder="little")
        else:
            ours = used > 0 and np.shares_memory(segment.numbers[:1], self._numbers[:1])
            if not ours or stop > len(self._numbers):
                # Memory that is not written to costs nothing, and copying what grows would.
                capacity = max(stop, self._most_rows)
                self._numbers = _grown(segment.numbers, (capacity,))
                self._matrix = _grown(segment.matrix, (capacity, matrix.shape[1]))
            self._numbers[used:stop] = numbers
            self._matrix[used:stop] = matrix
        return Held(Segment(self._numbers[:stop], self._matrix[:stop]), alive)


def empty_tail(dimensions: int) -> Held:
    return Held(Segment(np.empty(0, np.int64), np.empty((0, dimensions), np.float32)))


def _grown(array: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    grown = np.empty(shape, array.dtype)
    grown[: len(array)] = array
    return grown
