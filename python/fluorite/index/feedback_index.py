"""Feedback in memory: what was said, of which chunk, and in answer to which query, as arrays.

It follows the feedback store by its numbers, so what another process wrote counts in the next search.
Queries that are the same are kept once. What is removed loses its value in place; when most is gone,
everything is read anew.
"""

from __future__ import annotations

import hashlib
import threading
from array import array
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..feedback import Feedback, QueryTrace, ranking_signals
from ..store.feedback_store import FeedbackState, FeedbackStore
from .arrays import Numbers, Vectors
from .asked_terms import AskedTerms
from .asked_vectors import AskedVectors
from .growing import Growing

PAGE = 4096
WORTH_READING_ANEW = 1024

Floats = NDArray[np.float32]
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class AskedQuery:
    """A query that others are compared with, as its trace and, where it has one, its float32 unit vector."""

    trace: QueryTrace
    vector: Vectors | None


@dataclass(frozen=True, slots=True)
class Likenesses:
    """How like an asked query those are that feedback was given for: rows of queries, each once, with
    the cosine where both have a vector of one model, and otherwise the overlap of terms."""

    by_vector: Rows
    cosines: Floats
    by_terms: Rows
    overlaps: Floats


@dataclass(frozen=True, slots=True)
class Signals:
    """What was said in answer to some queries: for each of n signals the place of its query among them, the
    row of its chunk id, its value (see feedback.Signal) and its time in milliseconds since 1970."""

    queries: Rows
    targets: NDArray[np.int32]
    values: Floats
    times: Numbers


class FeedbackIndex:
    """The signals of one memory; thread-safe."""

    def __init__(self, store: FeedbackStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._clear()

    def _clear(self) -> None:
        self._state = FeedbackState()
        self._alive = 0
        self._numbers = Growing(np.int64)
        self._targets = Growing(np.int32)
        self._values = Growing(np.float32)
        self._times = Growing(np.int64)
        self._target_ids = list[str]()
        self._target_rows = dict[str, int]()
        self._corrected = dict[str, str]()
        self._query_rows = dict[bytes, int]()
        self._signals_of: list[array[int]] = []
        self._vectors = dict[str, AskedVectors]()
        self._terms = dict[str, AskedTerms]()

    def refresh(self) -> bool:
        """Brings it level with the store; says whether there is any signal."""
        state = self._store.state()
        with self._lock:
            if state.sequence < self._state.sequence:
                self._clear()
            if state.removals != self._state.removals and self._state.sequence:
                self._forget()
            if state.sequence > self._state.sequence:
                self._read_on()
            self._state = state
            return self._alive > 0

    def likenesses(self, asked: AskedQuery, least_cosine: float) -> Likenesses:
        """Every query whose cosine to `asked` is above `least_cosine`, and of those without a vector to
        compare every one that shares a term."""
        model = asked.trace.model_id
        near: tuple[Rows, Floats] = np.empty(0, np.intp), np.empty(0, np.float32)
        with self._lock:
            compared = self._vectors.get(model) if asked.vector is not None else None
            if compared is not None and asked.vector is not None:
                near = compared.near(asked.vector, least_cosine)
            found = [
                terms.overlaps(asked.trace)
                for its_model, terms in self._terms.items()
                if compared is None or its_model != model
            ]
        rows = np.concatenate([near[0][:0], *(one[0] for one in found)])
        return Likenesses(*near, rows, np.concatenate([near[1][:0], *(one[1] for one in found)]))

    def compares_by_terms(self, model_id: str) -> bool:
        """Whether there is a query without a vector of this model."""
        with self._lock:
            return any(its_model != model_id for its_model in self._terms)

    def signals(self, queries: Rows) -> Signals:
        """What was said in answer to the queries of these rows."""
        with self._lock:
            found = [self._signals_of[row] for row in queries.tolist()]
            rows = np.concatenate([np.empty(0, np.int32), *(np.array(one, np.int32) for one in found)])
            return Signals(
                np.repeat(np.arange(len(found)), [len(one) for one in found]),
                self._targets.rows[rows],
                self._values.rows[rows],
                self._times.rows[rows],
            )

    def target(self, row: int) -> str:
        """The chunk id of a row of targets."""
        return self._target_ids[row]

    def corrected(self, chunk_id: str) -> str | None:
        """The id of the chunk that this one was given as the correction of."""
        return self._corrected.get(chunk_id)

    def _read_on(self) -> None:
        last = self._state.sequence
        while page := self._store.since(last, PAGE):
            for number, feedback in page:
                self._take(number, feedback)
            last = page[-1][0]

    def _take(self, number: int, feedback: Feedback) -> None:
        signals = ranking_signals(feedback)
        if not signals or (len(self._numbers.rows) and number <= self._numbers.rows[-1]):
            return
        if feedback.correction_id is not None and feedback.chunk_id is not None:
            self._corrected[feedback.correction_id] = feedback.chunk_id
        query = self._query_row(feedback.query)
        for signal in signals:
            target = self._target_rows.setdefault(signal.chunk_id, len(self._target_ids))
            if target == len(self._target_ids):
                self._target_ids.append(signal.chunk_id)
            self._signals_of[query].append(len(self._numbers.rows))
            self._numbers.append(number)
            self._targets.append(target)
            self._values.append(signal.value)
            self._times.append(feedback.at)
            self._alive += 1

    def _query_row(self, trace: QueryTrace) -> int:
        key = hashlib.blake2b(trace.vector + trace.hashes, key=trace.model_id.encode()[:64], digest_size=16)
        row = self._query_rows.setdefault(key.digest(), len(self._query_rows))
        if row < len(self._signals_of):
            return row
        self._signals_of.append(array("i"))
        self._terms.setdefault(trace.model_id, AskedTerms()).add(row, trace)
        if trace.vector:
            vectors = self._vectors.setdefault(trace.model_id, AskedVectors(len(trace.vector) // 2))
            vectors.add(row, trace.vector)
        return row

    def _forget(self) -> None:
        """Takes their value from the signals that are no longer in the store."""
        kept = np.isin(self._numbers.rows, np.array(self._store.numbers(), np.int64))
        self._values.rows[~kept] = 0
        self._alive = int(kept.sum())
        if len(kept) - self._alive > max(self._alive, WORTH_READING_ANEW):
            self._clear()
