"""The command that a schedule runs: the command line's own, with what it cannot find out by itself."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from ...errors import InvalidArgument
from .values import Task, parse_time

USUAL_PATH = ("/usr/bin", "/bin")
PREFIX = "FLUORITE_"


def auto_learn_task(program: Sequence[str], time: object, memory: Path, configuration: Path | None) -> Task:
    """`fluorite-memory auto-learn --quiet` for a memory, every day at a local time.

    A scheduler starts it in the home folder and with hardly any environment: so all paths are absolute,
    the FLUORITE_ variables of this process come along, and so does the folder of git where it is an
    unusual one. Raises InvalidArgument.
    """
    hour, minute = parse_time(time)
    if not program or not all(os.path.isabs(word) for word in program):
        raise InvalidArgument(
            "program is not a list of absolute paths. Give those of node and of cli/main.js."
        )
    words = [*program, "auto-learn", "--quiet", "--memory", str(memory)]
    if configuration is not None:
        words += ["--config", str(configuration)]
    own = {name: value for name, value in os.environ.items() if name.startswith(PREFIX) and value}
    git = shutil.which("git")
    folder = os.path.dirname(git) if git else USUAL_PATH[0]
    if folder not in USUAL_PATH:
        own["PATH"] = os.pathsep.join((folder, *USUAL_PATH))
    return Task(hour, minute, tuple(words), tuple(sorted(own.items())))
