"""Work on a thread pool, with the results in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def results_in_order(
    pool: ThreadPoolExecutor, work: Callable[[Item], Result], items: Sequence[Item], ahead: int
) -> Generator[tuple[Item, Result]]:
    """Every item with what `work` makes of it, while up to `ahead` later items are worked on.

    Close the generator (contextlib.closing) to leave it early; that returns when nothing runs any more.
    """
    running: deque[tuple[Item, Future[Result]]] = deque()
    try:
        for item in items:
            running.append((item, pool.submit(work, item)))
            if len(running) > ahead:
                yield _next(running)
        while running:
            yield _next(running)
    finally:
        # Whoever waits for this work also vouches for it when the process exits: none may outlive it.
        futures = [future for _, future in running]
        for future in futures:
            future.cancel()
        wait(futures)


def _next(running: deque[tuple[Item, Future[Result]]]) -> tuple[Item, Result]:
    item, future = running[0]
    result = future.result()
    running.popleft()
    return item, result
