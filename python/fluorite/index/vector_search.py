"""Searching what a vector index holds at one moment: segments with lists, and others exactly."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, reduce

import numpy as np
from numpy.typing import NDArray

from .arrays import Numbers, Vectors
from .partitions import Centroids, Lists, choose_lists
from .vector_rows import Bits, Rows, best, products
from .vector_segment import Held, Segment, search_all, search_rows, unit_vectors

GATHERED = 2048
"""So many wanted rows are compared exactly, in 0.5 ms; lists are slower below and faster above."""
RESCORED, RESCORED_AMONG_WANTED, RESCORED_PER_HIT = 100, 300, 5
"""Candidates whose full vectors are read: 150 for ten hits, 250 found 0.002 more. A filter leaves vectors
that are much alike, whose codes tell them apart less well: 350 instead of 150 found 0.03 more."""

WORTH_SHARING = 16_000
"""So many codes are read in 0.35 ms; above, another core, which takes 0.07 ms to wake, reads every second
list."""


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """The last of `held` is the tail: what was added lately, in memory, without lists."""

    held: tuple[Held, ...]
    centroids: Centroids | None

    def __len__(self) -> int:
        return sum(len(held) for held in self.held)


def search(state: State, query: Vectors, most: int, allowed: Numbers | None) -> tuple[Numbers, Vectors]:
    """Numbers and cosines of the nearest living vectors, best first, equal ones by number."""
    found, listed = [], []
    for held in state.held:
        rows = None if allowed is None else held.rows_among(allowed)
        if not len(held.segment.numbers) or (rows is not None and not len(rows)):
            continue
        if rows is not None and (held.segment.lists is None or len(rows) <= GATHERED):
            found.append(search_rows(held.segment, held.living(rows), query, most))
        elif held.segment.lists is None:
            found.append(search_all(held, query, most))
        else:
            listed.append((held, rows))
    if listed and state.centroids is not None:
        found += _search_lists(state.centroids, listed, query, most)
    if len(found) == 1:
        return found[0]
    numbers = np.concatenate([np.empty(0, np.int64), *(numbers for numbers, _ in found)])
    scores = np.concatenate([np.empty(0, np.float32), *(scores for _, scores in found)])
    return best(numbers, scores, most)


def cosines(state: State, query: Vectors, numbers: Numbers) -> Vectors:
    """Cosines of these numbers, in their order; NaN where there is no living vector."""
    scores = np.full(len(numbers), np.nan, np.float32)
    for held in state.held:
        rows, found = held.find(numbers)
        if found.any():
            scores[found] = products(held.segment.matrix[rows[found]], query)
    return scores


def vectors(state: State, numbers: Numbers, dimensions: int) -> Vectors:
    """The vectors of these numbers, (numbers, dimensions); rows of NaN where there is none."""
    result = np.full((len(numbers), dimensions), np.nan, np.float32)
    for held in state.held:
        rows, found = held.find(numbers)
        if found.any():
            result[found] = unit_vectors(held.segment, rows[found])
    return result


def _search_lists(
    centroids: Centroids, listed: list[tuple[Held, Rows | None]], query: Vectors, most: int
) -> list[tuple[Numbers, Vectors]]:
    rotated = centroids.rotated(query)
    is_filtered = any(rows is not None for _, rows in listed)
    near = centroids.cosines(rotated) if is_filtered else centroids.cosines_within_reach(rotated)
    limit = (RESCORED_AMONG_WANTED if is_filtered else RESCORED) + RESCORED_PER_HIT * most
    sizes = reduce(np.add, [_lists_of(held).sizes for held, _ in listed])
    living = reduce(np.add, [_living(held, rows) for held, rows in listed])
    if not living.any():
        return []
    chosen = choose_lists(sizes, living, is_filtered, near, centroids.reach, most, limit)
    if near[chosen[-1]] == -np.inf:
        near = centroids.cosines(rotated)
        chosen = choose_lists(sizes, living, is_filtered, near, centroids.reach, most, limit)
    candidates = list[tuple[Segment, Rows, Vectors]]()
    for held, rows in listed:
        segment = held.segment
        wanted = held.alive if rows is None else held.bits(rows)
        found = _read_lists(_lists_of(held), rotated, near, chosen, limit, wanted)
        candidates.append((segment, *found))
    estimates = np.concatenate([np.empty(0, np.float32), *(scores for _, _, scores in candidates)])
    least = (
        np.partition(estimates, len(estimates) - limit)[len(estimates) - limit]
        if len(estimates) > limit
        else -np.inf
    )
    return [
        search_rows(segment, np.sort(rows[scores >= least]), query, most)
        for segment, rows, scores in candidates
    ]


def _read_lists(
    lists: Lists, rotated: Vectors, near: Vectors, chosen: Rows, limit: int, wanted: Bits | None
) -> tuple[Rows, Vectors]:
    """See Lists.candidates; where there is much to read, up to twice as many."""
    if int(lists.sizes[chosen].sum()) < WORTH_SHARING:
        return lists.candidates(rotated, near, chosen, limit, wanted)
    others = _beside().submit(lists.candidates, rotated, near, chosen[1::2], limit, wanted)
    own = lists.candidates(rotated, near, chosen[::2], limit, wanted)
    both = zip(own, others.result(), strict=True)
    rows, scores = (np.concatenate(halves) for halves in both)
    return rows, scores


@cache
def _beside() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count() or 1, "fluorite-lists")


def _lists_of(held: Held) -> Lists:
    assert held.segment.lists is not None
    return held.segment.lists


def _living(held: Held, rows: Rows | None) -> NDArray[np.int64]:
    """How many rows that may be found are in each list; `rows` counts with those that are gone."""
    lists = _lists_of(held)
    if rows is None:
        return lists.sizes if held.sizes is None else held.sizes
    return np.bincount(lists.of_row[rows], minlength=len(lists.sizes))[: len(lists.sizes)]
