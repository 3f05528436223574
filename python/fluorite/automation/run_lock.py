"""One run at a time for a state folder, among all threads and processes of the machine."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..context import CallContext
from ..errors import RunInProgress
from .state_folder import FILE_MODE, make_private

SECONDS_BETWEEN_TRIES = 0.2


@contextmanager
def run_lock(file: Path, holder: dict[str, Any], wait: bool, context: CallContext) -> Iterator[None]:
    """Holds the lock, in whose file `holder` says who does, with `pid` and `since` (milliseconds since
    1970).

    The operating system lets go of it with the process, however that ends, so that none goes stale.
    Raises RunInProgress where another holds it and `wait` is false, or Cancelled while waiting.
    """
    make_private(file.parent)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
    try:
        waited = 0
        while not _taken(descriptor):
            if not wait:
                raise RunInProgress(_who(file))
            context.report("wait", waited, waited + 1)
            waited += 1
            time.sleep(SECONDS_BETWEEN_TRIES)
        told = {**holder, "pid": os.getpid(), "since": time.time_ns() // 1_000_000}
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(told).encode(), 0)
        try:
            yield
        finally:
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _who(file: Path) -> str:
    remedy = "Wait for it, or pass { wait: true }."
    try:
        told = json.loads(file.read_bytes())
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(told["since"] / 1000))
        return (
            f"Another run of autoLearn is under way: process {told['pid']}, since {since}, "
            f"for the memory {told['memory_path']!r}. {remedy}"
        )
    except (OSError, ValueError, KeyError, TypeError):
        return f"Another run of autoLearn has just begun (it holds {str(file)!r}). {remedy}"
