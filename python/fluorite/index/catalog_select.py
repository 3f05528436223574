"""Which rows of a run of columns meet a search's filters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arrays import Numbers
from .catalog_columns import (
    Columns,
    all_rows_with_label,
    count_with_label,
    rows_with_label,
    with_label,
    with_prefix,
)
from .filters import Filters
from .label_hashes import labels_wanted

FEW = 6
"""A label that fewer than one row in so many carries is begun with: the others are looked up for its rows."""


def passing_numbers(columns: Columns, alive: NDArray[np.bool_], filters: Filters) -> Numbers:
    """The numbers of the rows that are alive and pass, ascending. `exclude_ids` are not looked at."""
    groups = sorted(labels_wanted(filters), key=partial(_count_with_any, columns))
    if groups and len(groups[0]) == 1 and _count_with_any(columns, groups[0]) * FEW < len(columns):
        left: NDArray[np.integer[Any]] = all_rows_with_label(columns, groups[0][0])
        left = left[alive[left]]
        for group in groups[1:]:
            left = left[_any(rows_with_label(columns, label, left) for label in group)]
        if filters.id_prefix is not None:
            left = left[with_prefix(columns, filters.id_prefix.encode())[left]]
        for column, least in _bounds(columns, filters):
            left = left[column[left] >= least]
    else:
        passing = alive.copy()
        for group in groups:
            passing &= _any(with_label(columns, label) for label in group)
        if filters.id_prefix is not None:
            passing &= with_prefix(columns, filters.id_prefix.encode())
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


def _any(masks: Iterable[NDArray[np.bool_]]) -> NDArray[np.bool_]:
    return reduce(np.logical_or, masks)


def _count_with_any(columns: Columns, labels: tuple[int, ...]) -> int:
    """About how many rows carry one of these labels; several on one row count several times."""
    return sum(count_with_label(columns, label) for label in labels)


def _bounds(columns: Columns, filters: Filters) -> Iterator[tuple[NDArray[Any], Any]]:
    if filters.min_quality_score is not None:
        yield columns.qualities, np.float32(filters.min_quality_score)
    if filters.updated_after is not None:
        yield columns.updated, filters.updated_after + 1
