"""A run of vectors in the order of their numbers: in memory or in a mapped file, with or without lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .arrays import MappedArrays, Numbers, Vectors
from .vector_rows import (
    BLOCK_ROWS,
    SCALE,
    Bits,
    Fixed,
    Rows,
    as_mask,
    best,
    bits_of,
    cleared,
    count_set,
    find,
    is_set,
    products,
)

if TYPE_CHECKING:
    from .partitions import Lists

SPREAD = 4
"""A table from number to row is kept while the numbers have at most so many gaps for each row."""


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Vectors that never change.

    `numbers` ascend; `matrix` (rows, dimensions) holds fixed point, int16 where it is mapped and float32
    where it is in memory; `table` leads from number minus first number to row, -1 where there is none;
    `lists` are what FAISS searches; `name` is that of the file.
    """

    numbers: Numbers
    matrix: Fixed | Vectors
    table: NDArray[np.int32] | None = None
    lists: Lists | None = None
    name: str | None = None
    mapped: MappedArrays | None = field(default=None, repr=False)

    def find(self, wanted: Numbers) -> tuple[Rows, NDArray[np.bool_]]:
        """See `vector_rows.find`."""
        if self.table is None:
            return find(self.numbers, wanted)
        offsets = wanted - self.numbers[0]
        within = (offsets >= 0) & (offsets < len(self.table))
        rows = self.table[np.where(within, offsets, 0)].astype(np.int64)
        # A damaged file may lead anywhere until it has been verified.
        found = within & (rows >= 0) & (rows < len(self.numbers))
        return np.where(found, rows, 0), found


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """A segment, and which of its rows are alive (None: all); `sizes` counts the living in each list."""

    segment: Segment
    alive: Bits | None = None
    sizes: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.segment.numbers) if self.alive is None else count_set(self.alive)

    def find(self, wanted: Numbers) -> tuple[Rows, NDArray[np.bool_]]:
        """Rows of living numbers."""
        rows, found = self.segment.find(wanted)
        if self.alive is not None and len(rows) and len(self.segment.numbers):
            found = found & is_set(self.alive, rows)
        return rows, found

    def rows_among(self, allowed: Numbers) -> Rows:
        """The rows, living or not, whose numbers are in ascending `allowed`, ascending."""
        numbers, table = self.segment.numbers, self.segment.table
        rows: Rows
        if table is not None:
            first, last = np.searchsorted(allowed, (numbers[0], numbers[0] + len(table)))
            rows = table[allowed[first:last] - numbers[0]]
            if len(rows) and (rows.min() < 0 or rows.max() >= len(numbers)):
                rows = rows[(rows >= 0) & (rows < len(numbers))]
        elif len(allowed) <= len(numbers):
            rows, found = find(numbers, allowed)
            rows = rows[found]
        else:
            rows = np.flatnonzero(find(allowed, numbers)[1])
        return rows

    def living(self, rows: Rows) -> Rows:
        """Those of `rows` that are alive."""
        return rows if self.alive is None else rows[is_set(self.alive, rows)]

    def bits(self, rows: Rows) -> Bits:
        """Bits for the living ones of `rows`."""
        bits = bits_of(rows, len(self.segment.numbers))
        return bits if self.alive is None else bits & self.alive

    def forgetting(self, numbers: Numbers) -> Held:
        """The same without these numbers; unknown ones are passed over."""
        rows, found = self.find(numbers)
        if not found.any():
            return self
        rows = rows[found]
        segment, sizes = self.segment, self.sizes
        alive = cleared(self.alive, len(segment.numbers), rows)
        if segment.lists is not None:
            sizes = segment.lists.sizes if sizes is None else sizes
            sizes = sizes - np.bincount(segment.lists.of_row[rows], minlength=len(sizes))[: len(sizes)]
        return Held(segment, alive, sizes)

    def living_rows(self) -> Rows:
        count = len(self.segment.numbers)
        return np.arange(count) if self.alive is None else np.flatnonzero(as_mask(self.alive, count))


def search_rows(segment: Segment, rows: Rows, query: Vectors, most: int) -> tuple[Numbers, Vectors]:
    """The nearest of these rows, exactly."""
    scores = np.empty(len(rows), np.float32)
    for start in range(0, len(rows), BLOCK_ROWS):
        some = slice(start, start + BLOCK_ROWS)
        scores[some] = products(segment.matrix[rows[some]], query)
    return best(segment.numbers[rows], scores, most)


def search_all(held: Held, query: Vectors, most: int) -> tuple[Numbers, Vectors]:
    """The nearest of all living rows, exactly."""
    segment = held.segment
    scores = products(segment.matrix, query)
    if held.alive is not None:
        scores[~as_mask(held.alive, len(scores))] = -np.inf
    return best(segment.numbers, scores, most)


def gathered(held: Sequence[Held]) -> tuple[Numbers, Fixed]:
    """The living vectors of all, by number."""
    rows = [one.living_rows() for one in held]
    numbers = np.concatenate([one.segment.numbers[mine] for one, mine in zip(held, rows, strict=True)])
    matrix = np.concatenate([one.segment.matrix[mine] for one, mine in zip(held, rows, strict=True)])
    order = np.argsort(numbers, kind="stable")
    return numbers[order], matrix[order].astype(np.int16)


def held_segment(segment: Segment, alive: Bits | None) -> Held:
    """A segment as it was saved."""
    if alive is None or segment.lists is None:
        return Held(segment, alive)
    of_row = segment.lists.of_row[as_mask(alive, len(segment.numbers))]
    count = len(segment.lists.sizes)
    return Held(segment, alive, np.bincount(of_row, minlength=count)[:count])


def unit_vectors(segment: Segment, rows: Rows) -> Vectors:
    """Float32 copies of these rows, of unit length but for the rounding."""
    return segment.matrix[rows].astype(np.float32) / np.float32(SCALE)


def number_table(numbers: Numbers) -> NDArray[np.int32] | None:
    """See Segment; None where the numbers are without gaps, or with too many."""
    if not len(numbers):
        return None
    span = int(numbers[-1]) - int(numbers[0]) + 1
    if span == len(numbers) or span > SPREAD * len(numbers):
        return None
    table = np.full(span, -1, np.int32)
    table[numbers - numbers[0]] = np.arange(len(numbers), dtype=np.int32)
    return table
