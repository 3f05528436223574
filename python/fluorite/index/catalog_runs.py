"""Runs of the catalog's columns, and how they are kept few."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..chunk import Chunk
from .arrays import Numbers
from .catalog_columns import Columns, count_with_label, rows_with_label
from .catalog_merge import merged
from .catalog_select import rows_of
from .filters import Filters
from .label_hashes import STANDS_ALONE

RUNS_OF_A_SIZE = 8
WORTH_KEEPING = 1 << 15
"""Selecting from fewer rows takes some ten microseconds."""
BYTES_OF_RESULTS = 1 << 24

Selection = Callable[[Columns, NDArray[np.bool_], Filters], Numbers]


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Columns, a map of the rows that are alive, and how many those are."""

    columns: Columns
    alive: NDArray[np.bool_]
    count: int


def whole(columns: Columns) -> Run:
    """A run of which every row is alive."""
    return Run(columns, np.ones(len(columns), np.bool_), len(columns))


def unknown(runs: Sequence[Run], added: Sequence[tuple[int, Chunk]]) -> list[tuple[int, Chunk]]:
    """Those of `added` that no run has or had, each number once."""
    chunks = dict(added)
    newest = max((int(run.columns.numbers[-1]) for run in runs if len(run.columns)), default=0)
    if chunks and min(chunks) <= newest:
        numbers = np.array(list(chunks), np.int64)
        for run in runs:
            for number in numbers[rows_of(run.columns, numbers)[0]].tolist():
                chunks.pop(number, None)
    return list(chunks.items())


def forgotten(runs: Sequence[Run], removed: Numbers) -> list[Run]:
    """The runs without the rows of `removed`; numbers that are not there are passed over."""
    return [_without(run, removed) for run in runs] if len(removed) else list(runs)


def joined(runs: Sequence[Run], settled: int) -> tuple[Run, ...]:
    """The runs, those after the first `settled` joined where enough are of a size: what is written
    chunk by chunk is merged once for each power of RUNS_OF_A_SIZE."""
    kept = list(runs)
    while kept[settled:]:
        size = _magnitude(kept[-1])
        first = len(kept)
        while first > settled and _magnitude(kept[first - 1]) <= size:
            first -= 1
        if len(kept) - first < RUNS_OF_A_SIZE:
            break
        kept[first:] = [whole(merged([(run.columns, run.alive) for run in kept[first:]]))]
    return tuple(kept)


def share_alone(runs: Sequence[Run]) -> float:
    """The share of rows with the label of what stands alone, dead ones counted where others live."""
    columns = [run.columns for run in runs if run.count]
    alone = sum(count_with_label(one, STANDS_ALONE) for one in columns)
    return alone / sum(map(len, columns)) if alone else 0.0


def stand_alone(runs: Sequence[Run], numbers: Numbers) -> NDArray[np.bool_]:
    """For each number whether a living row carries that label."""
    found = np.zeros(len(numbers), np.bool_)
    for run in runs:
        positions, rows = rows_of(run.columns, numbers)
        if len(rows):
            found[positions] |= run.alive[rows] & rows_with_label(run.columns, STANDS_ALONE, rows)
    return found


def _without(run: Run, removed: Numbers) -> Run:
    _, rows = rows_of(run.columns, removed)
    if not run.alive[rows].any():
        return run
    alive = run.alive.copy()
    alive[rows] = False
    return Run(run.columns, alive, int(np.count_nonzero(alive)))


def _magnitude(run: Run) -> int:
    return (len(run.columns).bit_length() - 1) // (RUNS_OF_A_SIZE.bit_length() - 1)


def _size(run: Run, found: Numbers) -> int:
    """What a result holds on to: where chunks go, every result may have a map of its own."""
    return found.nbytes + run.alive.nbytes


class KeptResults:
    """The latest selections from large runs; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[Run, Filters], Numbers] = OrderedDict()
        self._bytes = 0

    def get(self, run: Run, filters: Filters, select: Selection) -> Numbers:
        """What `select` returned for this run and these filters, or returns now; large ones read-only."""
        if len(run.columns) < WORTH_KEEPING:
            return select(run.columns, run.alive, filters)
        key = (run, filters)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = select(run.columns, run.alive, filters)
        found.flags.writeable = False
        with self._lock:
            if key not in self._kept:
                self._kept[key] = found
                self._bytes += _size(run, found)
            while self._bytes > BYTES_OF_RESULTS:
                (oldest, _), numbers = self._kept.popitem(last=False)
                self._bytes -= _size(oldest, numbers)
        return found

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self._bytes = 0
