"""Hashed terms of queries that feedback was given for, and how much of them another query shares."""

from __future__ import annotations

from array import array
from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from ..feedback import QueryTrace
from .growing import Growing

Rows = NDArray[np.intp]
Floats = NDArray[np.float32]


class AskedTerms:
    """Terms by their hash, each with the rows of the queries that have it. They are sorted in when they are
    first compared with."""

    def __init__(self) -> None:
        self._waiting = list[tuple[int, QueryTrace]]()
        self._rows: defaultdict[int, array[int]] = defaultdict(lambda: array("i"))
        self._weights: defaultdict[int, array[float]] = defaultdict(lambda: array("f"))
        self._queries = Growing(np.int32)
        self._totals = Growing(np.float32)

    def add(self, query: int, trace: QueryTrace) -> None:
        self._waiting.append((query, trace))

    def overlaps(self, trace: QueryTrace) -> tuple[Rows, Floats]:
        """Rows of queries with a term of `trace`, and the weighted Jaccard index of both: the weight that is
        common as a share of the weight that either has."""
        self._sort_in()
        rows, common, total = list[NDArray[np.int32]](), list[Floats](), 0.0
        for term, weight in weighted_terms(trace):
            total += weight
            if term in self._rows:
                rows.append(np.array(self._rows[term], np.int32))
                common.append(np.minimum(np.array(self._weights[term], np.float32), np.float32(weight)))
        if not rows:
            return np.empty(0, np.intp), np.empty(0, np.float32)
        shared = np.bincount(np.concatenate(rows), np.concatenate(common))
        found = np.flatnonzero(shared)
        shared = shared[found]
        either = self._totals.rows[found] + total - shared
        return self._queries.rows[found].astype(np.intp), np.asarray(shared / either, np.float32)

    def _sort_in(self) -> None:
        for query, trace in self._waiting:
            terms = weighted_terms(trace)
            row = len(self._queries.rows)
            self._queries.append(query)
            self._totals.append(sum(weight for _, weight in terms))
            for term, weight in terms:
                self._rows[term].append(row)
                self._weights[term].append(weight)
        self._waiting.clear()


def weighted_terms(trace: QueryTrace) -> list[tuple[int, float]]:
    """The hashes of a trace and their weights."""
    hashes, weights = np.frombuffer(trace.hashes, "<u4"), np.frombuffer(trace.weights, "<f2")
    return list(zip(hashes.tolist(), weights.tolist(), strict=True))
