"""Which rows of a run of columns meet a search's filters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arrays import Numbers
from .catalog_columns import Columns, with_label, with_prefix
from .filters import Filters
from .label_hashes import labels_wanted

FEW = 16
"""Columns are looked up for the rows that are left where those are less than one in so many."""


def passing_numbers(columns: Columns, alive: NDArray[np.bool_], filters: Filters) -> Numbers:
    """The numbers of the rows that are alive and pass, ascending. `exclude_ids` are not looked at."""
    passing = alive.copy()
    for meeting in _conditions(columns, filters):
        passing &= meeting
    if np.count_nonzero(passing) * FEW < len(columns):
        left = np.flatnonzero(passing)
        for column, least in _bounds(columns, filters):
            left = left[column[left] >= least]
    else:
        for column, least in _bounds(columns, filters):
            passing &= column >= least
        left = np.flatnonzero(passing)
    return columns.numbers[left]


def rows_of(columns: Columns, numbers: Numbers) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which positions of `numbers` have a row, alive or not, and those rows."""
    if not len(columns) or not len(numbers):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    rows = np.searchsorted(columns.numbers, numbers)
    rows[rows == len(columns)] = 0
    found = np.flatnonzero(columns.numbers[rows] == numbers)
    return found, rows[found]


def _conditions(columns: Columns, filters: Filters) -> Iterator[NDArray[np.bool_]]:
    """For each condition on labels and ids, which rows meet it."""
    for group in labels_wanted(filters):
        first, *others = (with_label(columns, label) for label in group)
        for more in others:
            first |= more
        yield first
    if filters.id_prefix is not None:
        yield with_prefix(columns, filters.id_prefix.encode())


def _bounds(columns: Columns, filters: Filters) -> Iterator[tuple[NDArray[Any], Any]]:
    if filters.min_quality_score is not None:
        yield columns.qualities, np.float32(filters.min_quality_score)
    if filters.updated_after is not None:
        yield columns.updated, filters.updated_after + 1
