"""Python's threads: some answer at once, some may take long."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue

from .operation import Lane

THREADS: dict[Lane, int] = {"interactive": 4, "model": 2, "background": 2}

Work = Callable[[], None]


class Lanes:
    """Runs work on daemon threads, in order of arrival within a lane.

    Plain queues instead of concurrent.futures: the result goes to Node, not to a future, and without
    futures a round trip is about 20 µs shorter. `enter` and `leave` bracket every piece of work, so
    that a process which exits can tell whether a thread is still inside a native library.
    """

    def __init__(self, enter: Callable[[], None], leave: Callable[[], None]) -> None:
        self._enter = enter
        self._leave = leave
        self._queues: dict[Lane, SimpleQueue[Work]] = {lane: SimpleQueue() for lane in THREADS}
        for lane, count in THREADS.items():
            for number in range(count):
                name = f"fluorite-{lane}-{number}"
                threading.Thread(target=self._run, args=(self._queues[lane],), name=name, daemon=True).start()

    def submit(self, lane: Lane, work: Work) -> None:
        """Queues `work`, which must not raise."""
        self._queues[lane].put(work)

    def _run(self, queue: SimpleQueue[Work]) -> None:
        while True:
            work = queue.get()
            self._enter()
            try:
                work()
            finally:
                self._leave()
                # Arguments and results must not outlive the call: they may be JavaScript's memory.
                del work
