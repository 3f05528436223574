"""What a running call can ask: whether it is still wanted, and how to tell how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from .errors import Cancelled

SECONDS_BETWEEN_REPORTS = 0.1


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage is. `seconds_left` is None until it can be judged."""

    stage: str
    done: int
    total: int
    seconds_elapsed: float
    seconds_left: float | None


class CallContext:
    """One call's cancellation and progress. The default one is never cancelled and tells nobody."""

    def __init__(self, tell: Callable[[Progress], None] | None = None) -> None:
        self._listeners = [] if tell is None else [tell]
        self._cancelled = False
        self._stage = ""
        self._done = -1
        self._started = self._told = 0.0

    def cancel(self) -> None:
        self._cancelled = True

    def check(self) -> None:
        """Raises Cancelled if the caller has given up."""
        if self._cancelled:
            raise Cancelled("The call was cancelled. What it had stored before stays stored.")

    @contextmanager
    def following(self, tell: Callable[[Progress], None]) -> Iterator[None]:
        """Tells one more listener for a while."""
        self._listeners.append(tell)
        try:
            yield
        finally:
            self._listeners.remove(tell)

    def report(self, stage: str, done: int, total: int) -> None:
        """Checks, and tells the progress; at most ten times a second, and at the end of a stage."""
        self.check()
        if not self._listeners:
            return
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._done, self._started, self._told = stage, -1, now, 0.0
        if done == self._done or (done < total and now - self._told < SECONDS_BETWEEN_REPORTS):
            return
        self._done, self._told = done, now
        elapsed = now - self._started
        left = elapsed / done * (total - done) if done else None
        progress = Progress(stage, done, total, elapsed, left)
        for tell in tuple(self._listeners):
            tell(progress)
