"""Several runs of columns as one, without the rows that are gone.

What needs memory besides the result goes block by block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import compress, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .catalog_columns import Columns, Positions, Rows, assembled, first_id, starts_of

IDS_AT_ONCE = 1 << 15
POSTINGS_AT_ONCE = 1 << 20

Alive = NDArray[np.bool_]


def merged(runs: Sequence[tuple[Columns, Alive]], check: Callable[[], None] | None = None) -> Columns:
    """The columns of all rows that are alive. No number may be alive in two runs. `check` may raise to
    stop in between."""
    numbers = np.concatenate([columns.numbers[alive] for columns, alive in runs])
    order = None if (numbers[1:] > numbers[:-1]).all() else np.argsort(numbers)

    def together(name: str) -> NDArray[Any]:
        joined = np.concatenate([getattr(columns, name)[alive] for columns, alive in runs])
        return joined if order is None else joined[order]

    places = _new_rows([alive for _, alive in runs], order)
    columns = [columns for columns, _ in runs]
    labels, label_starts, label_rows = _merged_labels(columns, places, check)
    id_text, id_starts, id_rows = _merged_ids(columns, places, check)
    return assembled(
        numbers=numbers if order is None else numbers[order],
        qualities=together("qualities"),
        updated=together("updated"),
        fingerprints=together("fingerprints"),
        owners=together("owners"),
        labels=labels,
        label_starts=label_starts,
        label_rows=label_rows,
        id_text=id_text,
        id_starts=id_starts,
        id_rows=id_rows,
    )


def _new_rows(alive: Sequence[Alive], order: Positions | None) -> list[Rows]:
    """For each run, the row that each of its rows has in the result; -1 where it is gone."""
    counts = [int(np.count_nonzero(rows)) for rows in alive]
    if order is None:
        placed = np.arange(sum(counts), dtype=np.int32)
    else:
        placed = np.empty(len(order), np.int32)
        placed[order] = np.arange(len(order), dtype=np.int32)
    places = []
    for rows, (start, stop) in zip(alive, pairwise(starts_of(np.array(counts)).tolist()), strict=True):
        place = np.full(len(rows), -1, np.int32)
        place[rows] = placed[start:stop]
        places.append(place)
    return places


def _merged_labels(
    runs: Sequence[Columns], places: Sequence[Rows], check: Callable[[], None] | None
) -> tuple[NDArray[np.uint64], Positions, Rows]:
    labels = np.unique(np.concatenate([columns.labels for columns in runs]))
    most = np.zeros(len(labels), np.int64)
    for columns in runs:
        most[np.searchsorted(labels, columns.labels)] += np.diff(columns.label_starts)
    counts = np.zeros(len(labels), np.int64)
    kept = list[Rows]()
    for first, last in _blocks(most, POSTINGS_AT_ONCE):
        if check is not None:
            check()
        postings = np.concatenate(
            [
                _postings(columns, place, labels[first:last])
                for columns, place in zip(runs, places, strict=True)
            ]
        )
        postings.sort()
        counts[first:last] = np.bincount(postings >> 32, minlength=last - first)
        kept.append((postings & 0xFFFFFFFF).astype(np.int32))
    rows = np.concatenate(kept) if kept else np.empty(0, np.int32)
    return labels[counts > 0], starts_of(counts[counts > 0]), rows


def _postings(columns: Columns, place: Rows, labels: NDArray[np.uint64]) -> Positions:
    """The postings of `labels`, a label's position in them in the upper 32 bits and its new row in the
    lower ones."""
    first = int(np.searchsorted(columns.labels, labels[0]))
    last = int(np.searchsorted(columns.labels, labels[-1], "right"))
    starts = columns.label_starts[first : last + 1]
    rows = place[columns.label_rows[starts[0] : starts[-1]]]
    codes = np.repeat(np.searchsorted(labels, columns.labels[first:last]), np.diff(starts))
    return ((codes << 32) | rows)[rows >= 0]


def _blocks(sizes: Positions, most: int) -> Iterator[tuple[int, int]]:
    """Spans of `sizes` whose sums stay below `most`, or that hold a single one."""
    ends = np.cumsum(sizes)
    first = 0
    while first < len(sizes):
        before = int(ends[first - 1]) if first else 0
        last = max(first + 1, int(np.searchsorted(ends, before + most)))
        yield first, last
        first = last


def _merged_ids(
    runs: Sequence[Columns], places: Sequence[Rows], check: Callable[[], None] | None
) -> tuple[NDArray[np.uint8], Positions, Rows]:
    longest = max(runs, key=len)
    texts, lengths, rows = list[bytes](), [np.empty(0, np.int64)], [np.empty(0, np.int32)]
    lows = [0] * len(runs)
    for stop in range(IDS_AT_ONCE, len(longest) + IDS_AT_ONCE, IDS_AT_ONCE):
        if check is not None:
            check()
        highs = [len(columns) for columns in runs]
        if stop < len(longest):
            begin, end = longest.id_starts[stop : stop + 2].tolist()
            bound = longest.id_text[begin:end].tobytes()
            highs = [first_id(columns, bound) for columns in runs]
        ids, owners = list[bytes](), list[Rows]()
        for columns, place, low, high in zip(runs, places, lows, highs, strict=True):
            some, owner = _ids_between(columns, place, low, high)
            ids += some
            owners.append(owner)
        order = sorted(range(len(ids)), key=ids.__getitem__)
        texts.append(b"".join([ids[position] for position in order]))
        lengths.append(np.array([len(ids[position]) for position in order], np.int64))
        rows.append(np.concatenate(owners)[order])
        lows = highs
    return np.frombuffer(b"".join(texts), np.uint8), starts_of(np.concatenate(lengths)), np.concatenate(rows)


def _ids_between(columns: Columns, place: Rows, low: int, high: int) -> tuple[list[bytes], Rows]:
    """Ids by their order, and their rows in the result, without those that are gone."""
    owners = place[columns.id_rows[low:high]]
    starts = columns.id_starts[low : high + 1]
    text = columns.id_text[starts[0] : starts[-1]].tobytes()
    ids = [text[begin:end] for begin, end in pairwise((starts - starts[0]).tolist())]
    alive = owners >= 0
    return list(compress(ids, alive.tolist())), owners[alive]
