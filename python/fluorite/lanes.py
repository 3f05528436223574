"""Python's threads: some answer at once, some may take long."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, Literal, NoReturn

Work = Callable[[], None]
Slow = Literal["model", "background"]

SERVING_THREADS = 4
THREADS: dict[Slow, int] = {"model": 2, "background": 2}


class Lanes:
    """Daemon threads: those that serve the addon, and for each slow lane some that run its work in order.

    The serving threads take calls from the addon's own queue and run interactive ones themselves, so
    that such a call wakes one thread only. Plain queues instead of concurrent.futures: the result
    goes to Node, not to a future. `enter` and `leave` bracket every piece of work, so that a process
    which exits can tell whether a thread is still inside a native library; `serve` does so itself.
    """

    def __init__(
        self, serve: Callable[[], NoReturn], enter: Callable[[], None], leave: Callable[[], None]
    ) -> None:
        self._enter = enter
        self._leave = leave
        self._queues: dict[Slow, SimpleQueue[Work]] = {lane: SimpleQueue() for lane in THREADS}
        for lane, count in THREADS.items():
            for number in range(count):
                _start(f"{lane}-{number}", self._run, self._queues[lane])
        for number in range(SERVING_THREADS):
            _start(f"interactive-{number}", serve)

    def submit(self, lane: Slow, work: Work) -> None:
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


def _start(name: str, target: Callable[..., None], *arguments: Any) -> None:
    threading.Thread(target=target, args=arguments, name=f"fluorite-{name}", daemon=True).start()
