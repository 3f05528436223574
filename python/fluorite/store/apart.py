"""Runs a module of this package as a program: what it reads may end the process that reads it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from ..errors import StoreError

PACKAGE = Path(__file__).parents[1]


def run_apart(module: str, arguments: list[str], hear: Callable[[str], None]) -> str | None:
    """Passes the lines of its output on, and says how it ended: None where all went well, else the signal
    or what it wrote last to stderr.

    `hear` may raise to stop it. Raises StoreError where no process can be started.
    """
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    command = [sys.executable, "-m", module, *arguments]
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, env=environment, text=True
        )
    except OSError as error:
        raise StoreError(f"{sys.executable} cannot be started: {error.strerror}.") from error
    with process:
        try:
            assert process.stdout is not None and process.stderr is not None
            for line in process.stdout:
                hear(line.rstrip("\n"))
            last_words = process.stderr.read().strip().rpartition("\n")[2]
        except BaseException:
            process.kill()
            raise
    if process.returncode < 0:
        return signal.Signals(-process.returncode).name
    return (last_words or f"code {process.returncode}") if process.returncode else None
