"""Waiting for what may hang, without keeping a cancelled caller."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from ..context import CallContext

SECONDS_BETWEEN_CHECKS = 0.05

Result = TypeVar("Result")


def pause(seconds: float, context: CallContext) -> None:
    """Sleeps. Raises Cancelled as soon as the caller has given up."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        context.check()
        time.sleep(min(left, SECONDS_BETWEEN_CHECKS))
    context.check()


def await_work(work: Callable[[], Result], longest: float, context: CallContext) -> Result:
    """What `work` returns or raises, done in a thread of its own, which is left alone if the caller gives
    up: a server that says nothing would hold it until its time-out. Raises Cancelled, or TimeoutError after
    `longest` seconds."""
    results: list[Result] = []
    errors: list[BaseException] = []
    done = threading.Event()

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:
            errors.append(error)
        finally:
            done.set()

    threading.Thread(target=run, name="fluorite-fetch", daemon=True).start()
    end = time.monotonic() + longest
    while not done.wait(SECONDS_BETWEEN_CHECKS):
        context.check()
        if time.monotonic() > end:
            raise TimeoutError
    if errors:
        raise errors[0]
    return results[0]
