"""Vectors of one model, searched by cosine: exactly while they are few, through lists when they are many.

What is added goes to a tail in memory and is searched exactly. `build` moves it, in the background, into
segments on disk; once there are more than `Limits.exact_rows` vectors it trains centroids on them, and
segments get lists (see partitions.py). Small segments are merged into larger ones, so that there are few.

One writer at a time may add and remove; searches never wait: they take the state of the moment, which
is replaced and never changed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import vector_search
from .arrays import Numbers, Vectors
from .build_lock import exclusive
from .partitions import Centroids
from .vector_files import (
    MANIFEST,
    Generation,
    Space,
    delete_files,
    map_written_segment,
    read_about,
    read_generation,
    restore_segment,
    verify_segment,
    write_centroids,
    write_manifest,
    write_segment,
)
from .vector_maintenance import Limits, Plan, make_segment, plan_work
from .vector_rows import to_matrix
from .vector_search import State
from .vector_segment import Held, Segment, gathered
from .vector_tail import TailBuffer, empty_tail

Check = Callable[[], None]
Report = Callable[[int, int], None]


class VectorIndex:
    """Searching is safe in any thread at any time; changing it is safe, one after another."""

    def __init__(self, space: Space, limits: Limits) -> None:
        self.sequence = 0
        self.rebuilt = False
        self._space = space
        self._limits = limits
        self._lock = threading.RLock()
        self._state = self._empty()
        self._buffer = TailBuffer(limits.exact_rows)
        self._token = ""
        self._retired = set[str]()
        self._removed_meanwhile: list[Numbers] | None = None
        self._building = False

    @classmethod
    def open(
        cls, folder: Path, model_id: str, dimensions: int, store_sequence: int, limits: Limits | None = None
    ) -> VectorIndex:
        """What is in `folder`, without reading most of it. Empty, and `rebuilt` if the store is not, where
        that is missing, damaged, ahead of the store, or of another model, dimension or format."""
        index = cls(Space(folder, model_id, dimensions), limits or Limits())
        generation = read_generation(index._space, store_sequence)
        if generation is None:
            index.rebuilt = store_sequence > 0
        else:
            index._take(generation)
        return index

    @property
    def model_id(self) -> str:
        return self._space.model_id

    @property
    def dimensions(self) -> int:
        return self._space.dimensions

    def __len__(self) -> int:
        return len(self._state)

    def contains(self, numbers: Numbers) -> NDArray[np.bool_]:
        """Which of these numbers, in their order, have a vector."""
        wanted, state = np.asarray(numbers, np.int64), self._state
        held = np.zeros(len(wanted), np.bool_)
        for one in state.held:
            held |= one.find(wanted)[1]
        return held

    def add(self, numbers: Sequence[int] | Numbers, vectors: Vectors) -> None:
        """Adds unit vectors (len(numbers), dimensions). A number that was ever held is passed over: it
        stands for one vector, and once removed it does not come back."""
        given, first = np.unique(np.asarray(numbers, np.int64), return_index=True)
        with self._lock:
            known = np.zeros(len(given), np.bool_)
            for held in self._state.held:
                known |= held.segment.find(given)[1]
            fresh, rows = given[~known], first[~known]
            start = 0
            while start < len(fresh):
                stop = start + self._limits.exact_rows - len(self._state.held[-1].segment.numbers)
                matrix = to_matrix(np.asarray(vectors, np.float32)[rows[start:stop]])
                *others, tail = self._state.held
                grown = self._buffer.append(tail, fresh[start:stop], matrix)
                self._state = replace(self._state, held=(*others, grown))
                start = stop
                if self._rows_in_memory() >= self._limits.exact_rows and (
                    start < len(fresh) or len(self) > self._limits.exact_rows
                ):
                    self._spill()

    def remove(self, numbers: Iterable[int]) -> None:
        """Forgets these numbers; unknown ones are passed over."""
        doomed = np.unique(np.fromiter(numbers, np.int64))
        if not len(doomed):
            return
        with self._lock:
            self._state = replace(self._state, held=tuple(one.forgetting(doomed) for one in self._state.held))
            if self._removed_meanwhile is not None:
                self._removed_meanwhile.append(doomed)

    def search(self, query: Vectors, most: int, allowed: Numbers | None = None) -> tuple[Numbers, Vectors]:
        """Numbers and cosines (float32) of the `most` nearest vectors, best first, equal ones by number.

        `query` is a unit vector (dimensions,); `allowed`, ascending, are the only numbers to be found."""
        return vector_search.search(self._state, np.ascontiguousarray(query, np.float32), most, allowed)

    def cosines(self, query: Vectors, numbers: Numbers) -> Vectors:
        """Cosines of these numbers with a unit vector, float32, in their order; NaN where there is none."""
        query = np.ascontiguousarray(query, np.float32)
        return vector_search.cosines(self._state, query, np.asarray(numbers, np.int64))

    def vectors(self, numbers: Numbers) -> Vectors:
        """Float32 (len(numbers), dimensions): the vectors of these numbers; NaN where there is none."""
        return vector_search.vectors(self._state, np.asarray(numbers, np.int64), self.dimensions)

    def needs_build(self) -> bool:
        """Whether `build` has something to do."""
        return not self._building and plan_work(self._state, self._limits) is not None

    def build(self, check: Check, report: Report | None = None) -> bool:
        """Trains, or moves the tail into segments, or merges segments, if there is need; whether anything
        changed. Takes as long as it takes (a million vectors: about a minute), in threads of low priority.
        Nothing happens while another thread or process builds in the same folder; what that has built is
        taken over if it holds as much. `check` may raise to stop; `report(done, total)`. Then `save`."""
        with exclusive(self._space.folder / "lock") as mine:
            if not mine:
                return False
            if self._take_over():
                return True
            plan = self._begin()
            if plan is None:
                return False
            try:
                return self._swap(plan, *make_segment(self._space, plan, check, report))
            finally:
                with self._lock:
                    self._removed_meanwhile = None
                    self._building = False

    def save(self, check: Check, reached: int | None = None) -> bool:
        """Writes what a later `open` finds; `reached` is the sequence number up to which that holds all
        changes, by default `sequence`. False where another thread or process is writing, or has written
        more already."""
        with exclusive(self._space.folder / "lock") as mine:
            if not mine:
                return False
            reached = self.sequence if reached is None else reached
            about = read_about(self._space)
            if about is not None and about["token"] != self._token and about["sequence"] > reached:
                return False
            with self._lock:
                state, retired = self._state, set(self._retired)
            check()
            held = [one for one in state.held if one.segment.name is not None]
            memory = [one for one in state.held if one.segment.name is None]
            for one in held:
                restore_segment(self._space, one.segment)
            if state.centroids is not None and not (self._space.folder / state.centroids.name).exists():
                write_centroids(self._space, state.centroids)
            name = "" if state.centroids is None else state.centroids.name
            self._token = write_manifest(self._space, reached, held, gathered(memory), name)
            kept = {one.segment.name for one in held if one.segment.name} | {name}
            former = {*about["segments"], about["centroids"]} if about is not None else set[str]()
            delete_files(self._space.folder, retired | former, kept)
            with self._lock:
                self._retired -= retired
            return True

    def verify(self, check: Check | None = None) -> bool:
        """Whether the segments' files are what was written: reads them all. Follow a False with `clear`."""
        return all(verify_segment(held.segment, check) for held in self._state.held)

    def touch(self, check: Check) -> None:
        """See MappedArrays.touch."""
        for held in self._state.held:
            if held.segment.mapped is not None:
                held.segment.mapped.touch(check)

    def clear(self) -> None:
        """Forgets everything, and what is on disk, to be fed again from the first change on."""
        with self._lock:
            (self._space.folder / MANIFEST).unlink(missing_ok=True)
            self._retired |= {held.segment.name for held in self._state.held if held.segment.name}
            self._state = self._empty()
            self.sequence, self.rebuilt = 0, True

    def statistics(self) -> dict[str, Any]:
        state = self._state
        listed = [held for held in state.held if held.segment.lists is not None]
        centroids = state.centroids
        return {
            "vectors": len(state),
            "exact": len(state) - sum(len(held) for held in listed),
            "segments": len(listed),
            "lists": 0 if centroids is None else len(centroids.centers),
            "trained_on": 0 if centroids is None else centroids.trained_rows,
            "recall_estimate": None if centroids is None else centroids.recall,
            "building": self._building,
        }

    def close(self) -> None:
        with self._lock:
            self._state = self._empty()

    def _empty(self) -> State:
        return State((empty_tail(self.dimensions),), None)

    def _rows_in_memory(self) -> int:
        return sum(len(held.segment.numbers) for held in self._state.held if held.segment.name is None)

    def _spill(self) -> None:
        """Moves the tail to a file without lists, so that a bulk load takes no more memory."""
        *others, tail = self._state.held
        segment = tail.segment
        name = write_segment(self._space, segment.numbers, segment.matrix.astype(np.int16), {}, "")
        spilled = Held(map_written_segment(self._space, name, None), tail.alive)
        self._state = replace(self._state, held=(*others, spilled, empty_tail(self.dimensions)))

    def _begin(self) -> Plan | None:
        with self._lock:
            plan = plan_work(self._state, self._limits)
            if plan is None:
                return None
            # The tail is among the sources: what comes from now on goes to another.
            self._state = replace(self._state, held=(*self._state.held, empty_tail(self.dimensions)))
            self._removed_meanwhile = []
            self._building = True
            return plan

    def _swap(self, plan: Plan, made: Segment | None, centroids: Centroids | None) -> bool:
        """Puts what was made in the place of its sources, unless they are gone by now."""
        with self._lock:
            held, sources = self._state.held, {id(one.segment) for one in plan.sources}
            if not sources <= {id(one.segment) for one in held}:
                self._retired |= {made.name} if made is not None and made.name else set()
                return False
            new: tuple[Held, ...] = () if made is None else (Held(made),)
            for removed in self._removed_meanwhile or ():
                new = tuple(one.forgetting(removed) for one in new)
            *others, tail = (one for one in held if id(one.segment) not in sources)
            others = [one for one in others if len(one.segment.numbers)]
            self._retired |= {one.segment.name for one in plan.sources if one.segment.name}
            former = self._state.centroids
            if former is not None and former is not centroids:
                self._retired.add(former.name)
            self._state = State((*new, *others, tail), centroids)
            return True

    def _take(self, generation: Generation) -> None:
        numbers, matrix = generation.recent
        tail = Held(Segment(numbers, matrix.astype(np.float32)))
        with self._lock:
            self._state = State((*generation.held, tail), generation.centroids)
            self._token, self.sequence = generation.token, generation.sequence

    def _take_over(self) -> bool:
        """Takes what another process has written, if that holds more changes, or as many and lists."""
        about = read_about(self._space)
        if about is None or about["token"] == self._token or about["sequence"] < self.sequence:
            return False
        if about["sequence"] == self.sequence and (self._state.centroids or not about["centroids"]):
            return False
        generation = read_generation(self._space, about["sequence"])
        with self._lock:
            if generation is None or generation.sequence < self.sequence:
                return False
            self._take(generation)
            return True
