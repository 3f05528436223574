"""When segments are made, and of what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from .partitions import Centroids
from .vector_build import merge, nearest_exactly, probe_queries, train
from .vector_files import Space, map_written_segment
from .vector_search import State, search
from .vector_segment import Held, Segment

MERGED_UP_TO = 3
"""A segment is merged into one that is at most so many times larger, so few segments stay."""
RETRAIN_GROWTH = 2
MOST_REMOVED = 0.25
RECALL, HITS = 0.985, 10
WIDER = 1.25


@dataclass(frozen=True, slots=True)
class Limits:
    """`exact_rows`: up to so many vectors are searched exactly, from memory (32,768 × 384: 50 MB, 1.8 ms);
    `tail_rows`: from so many on, those added lately move into lists (4,096 × 384: 0.2 ms)."""

    exact_rows: int = 32_768
    tail_rows: int = 4_096


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """`sources` become one segment; without `centroids` they are trained first."""

    sources: tuple[Held, ...]
    centroids: Centroids | None


def plan_work(state: State, limits: Limits) -> Plan | None:
    """What is to be done; None: nothing."""
    filled = [held for held in state.held if len(held.segment.numbers)]
    living = sum(len(held) for held in filled)
    rows = sum(len(held.segment.numbers) for held in filled)
    centroids = state.centroids
    if centroids is None:
        return Plan(tuple(filled), None) if living > limits.exact_rows else None
    if not living:
        return Plan(tuple(filled), centroids) if rows > limits.tail_rows else None
    merged = [held for held in filled if held.segment.lists is None]
    size = sum(len(held.segment.numbers) for held in merged)
    # Searches during a training are quick if what came lately is in lists of the former one.
    if living >= RETRAIN_GROWTH * centroids.trained_rows and not limits.tail_rows < size <= living // 2:
        return Plan(tuple(filled), None)
    if rows - living > MOST_REMOVED * rows:
        return Plan(tuple(filled), centroids)
    if size <= limits.tail_rows:
        return None
    for held in sorted((held for held in filled if held.segment.lists is not None), key=len):
        if len(held) > MERGED_UP_TO * size:
            break
        merged.append(held)
        size += len(held)
    return Plan(tuple(merged), centroids)


def make_segment(
    space: Space, plan: Plan, check: Callable[[], None], report: Callable[[int, int], None] | None
) -> tuple[Segment | None, Centroids | None]:
    """Does what is planned: a segment, or none if nothing lives any more, and its centroids.

    Raises OSError where the disk does not take it."""
    if not any(map(len, plan.sources)):
        return None, None
    tell = report or (lambda done, total: None)
    centroids = plan.centroids
    steps, first = (3, 1) if centroids is None else (2, 0)
    if centroids is None:
        centroids = train(plan.sources, check, lambda done, total: tell(done, steps * total))
    name = merge(
        space, plan.sources, centroids, check, lambda done, total: tell(first * total + done, steps * total)
    )
    segment = map_written_segment(space, name, centroids)
    if plan.centroids is None:
        centroids = measured(segment, centroids, check)
    tell(steps, steps)
    return segment, centroids


def measured(segment: Segment, centroids: Centroids, check: Callable[[], None]) -> Centroids:
    """The centroids with a reach that finds enough, and the recall at ten that it has."""
    held = Held(segment)
    queries = probe_queries(held)
    truth = nearest_exactly(segment, queries, min(HITS, len(segment.numbers)), check)
    while True:
        check()
        state = State((held,), centroids)
        # The least of the ten decides: another vector as near as that is as good a hit.
        found = [search(state, query, HITS, None)[1] for query in queries]
        shares = [
            np.mean(hits[: len(real)] >= real[-1] - 1e-5) * min(1, len(hits) / len(real))
            for hits, real in zip(found, truth, strict=True)
        ]
        centroids = replace(centroids, recall=float(np.mean(shares)) if shares else 1.0)
        if centroids.recall >= RECALL or centroids.reach > 1:
            return centroids
        centroids = replace(centroids, reach=centroids.reach * WIDER)
