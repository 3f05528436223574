"""Running a scheduler's own program."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence

from ...errors import SchedulerError

LONGEST_RUN = 60
"""Seconds."""

Ended = subprocess.CompletedProcess[bytes]


def is_there(program: str) -> bool:
    return shutil.which(program) is not None


def ask(command: Sequence[str]) -> Ended | None:
    """How a command ended; None where it cannot be run."""
    try:
        return _run(command, b"")
    except (OSError, subprocess.TimeoutExpired):
        return None


def run(command: Sequence[str], given: bytes = b"") -> None:
    """Runs a command. Raises SchedulerError with its own words."""
    shown = " ".join(command)
    try:
        ended = _run(command, given)
    except FileNotFoundError:
        raise SchedulerError(
            f"There is no {command[0]} on the PATH. Install it, or choose another kind."
        ) from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SchedulerError(f"{shown} could not be run: {error}. Run it by hand to see why.") from None
    if ended.returncode != 0:
        words = (ended.stderr or ended.stdout).decode(errors="replace").strip() or "it says nothing"
        raise SchedulerError(f"{shown} failed: {words}. Correct that, or choose another kind.")


def _run(command: Sequence[str], given: bytes) -> Ended:
    return subprocess.run(list(command), input=given, capture_output=True, timeout=LONGEST_RUN, check=False)
