"""Keeps derived indexes level with the store.

The store's sequence numbers say what an index has not seen, whoever wrote it: this thread, another
worker or another process. An index that lacks what was written lately is brought level before it
answers, so that the very next search finds it. One that is made anew because its file was lost
catches up in the background, and meanwhile answers from what it holds.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Protocol
from weakref import WeakKeyDictionary

from ..chunk import Chunk
from ..store import ChunkStore

MOST_AWAITED_OF_LOST = 8192
"""So many changes are replayed within a second: a search waits for them even where all is made anew."""
PAGE_OF_CHANGES = 512


class DerivedIndex(Protocol):
    """What can be made from the store's chunks alone."""

    @property
    def sequence(self) -> int:
        """The index holds every change up to and with this one."""

    @property
    def rebuilt(self) -> bool:
        """Whether it began empty because its file was missing or unusable."""

    def apply(self, added: Sequence[tuple[int, Chunk]], removed: Sequence[int], sequence: int) -> None:
        """Takes chunks by their numbers, forgets the removed ones, and is then level with `sequence`.

        A removed number may never have been known, and an added one may be known already.
        """


class Follower:
    """Replays the store's changes to indexes; thread-safe. One writer at a time for each index.

    `opened_at` is the store's sequence number when this process opened it: what an index lacks of what
    came later was never in any file, and is awaited.
    """

    def __init__(self, store: ChunkStore, opened_at: int | None = None) -> None:
        self._store = store
        self._opened_at = store.sequence() if opened_at is None else opened_at
        self._lock = threading.Lock()
        self._writing: WeakKeyDictionary[DerivedIndex, threading.Lock] = WeakKeyDictionary()

    def refresh(self, indexes: Sequence[DerivedIndex], check: Callable[[], None]) -> int:
        """Brings level the indexes that a search waits for, and says how many changes the one furthest
        behind still lacks. `check` may raise to stop in between."""
        target = self._store.sequence()
        awaited = [
            index
            for index in indexes
            if not index.rebuilt or self._opened_at - index.sequence <= MOST_AWAITED_OF_LOST
        ]
        self._feed(awaited, target, check)
        return max((max(0, target - index.sequence) for index in indexes), default=0)

    def catch_up(
        self,
        indexes: Sequence[DerivedIndex],
        check: Callable[[], None],
        report: Callable[[int, int], None] | None = None,
    ) -> None:
        """Brings all of them level, however long that takes. `report(done, total)` counts changes."""
        target = self._store.sequence()
        start = min((index.sequence for index in indexes), default=target)
        self._feed(
            indexes,
            target,
            check,
            None if report is None else lambda reached: report(reached - start, target - start),
        )

    def _feed(
        self,
        indexes: Sequence[DerivedIndex],
        target: int,
        check: Callable[[], None],
        report: Callable[[int], None] | None = None,
    ) -> None:
        while behind := [index for index in indexes if index.sequence < target]:
            check()
            start = min(index.sequence for index in behind)
            changes = self._store.changes_since(start, PAGE_OF_CHANGES)
            for index in behind:
                with self._lock_of(index):
                    held = index.sequence
                    # Another thread may have brought it further, or thrown away what it held.
                    if start <= held < changes.sequence:
                        added = [change for change in changes.added if change[0] > held]
                        index.apply(added, changes.removed, changes.sequence)
            if report is not None:
                report(min(changes.sequence, target))

    def _lock_of(self, index: DerivedIndex) -> threading.Lock:
        with self._lock:
            return self._writing.setdefault(index, threading.Lock())
