"""The command that a schedule runs: the command line's own, with what it cannot find out by itself."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence

from ...errors import InvalidArgument
from ...settings import Settings
from ...settings.keys import VARIABLE_PREFIX
from ...settings.places import PATH_VARIABLE
from ...settings.sections import KEYS
from .values import Task, parse_time

USUAL_PATH = ("/usr/bin", "/bin")
PROGRAM_VARIABLE = "FLUORITE_PYTHON"
MEMORY_VARIABLE = KEYS["memory.memory_path"].variable


def auto_learn_task(
    program: Sequence[str], time: object, settings: Settings, environment: Mapping[str, str]
) -> Task:
    """`fluorite-memory auto-learn --quiet` for the memory of some settings, every day at a local time.

    A scheduler starts it in the home folder and with hardly any environment. So paths are absolute, the
    FLUORITE_ variables of `environment` come along, and so does the folder of git where it is an unusual
    one. Raises InvalidArgument.
    """
    hour, minute = parse_time(time)
    if not program or not all(os.path.isabs(word) for word in program):
        raise InvalidArgument("program is no list of absolute paths. Give those of node and of cli/main.js.")
    words = [*program, "auto-learn", "--quiet", "--memory", str(settings.memory_path)]
    if settings.config_path is not None:
        words += ["--config", str(settings.config_path)]
    variables = {**_own_variables(environment), **_paths_of(settings), **_search_path()}
    return Task(hour, minute, tuple(words), tuple(sorted(variables.items())))


def _own_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """The FLUORITE_ variables that the command itself does not tell, paths from this working folder."""
    paths = {key.variable for key in KEYS.values() if key.is_path}
    told = (MEMORY_VARIABLE, PATH_VARIABLE)
    own = {
        name: value
        for name, value in environment.items()
        if name.startswith(VARIABLE_PREFIX) and value and name not in told
    }
    return {
        name: os.path.abspath(os.path.expanduser(value)) if name in paths or _is_path(name, value) else value
        for name, value in own.items()
    }


def _is_path(name: str, value: str) -> bool:
    return name == PROGRAM_VARIABLE and os.sep in value


def _paths_of(settings: Settings) -> dict[str, str]:
    """The folders that a program may have given as options, which no file or variable tells."""
    folders = {
        "memory.spike_templates_path": settings.spike_templates_path,
        "memory.models_path": settings.models_path,
    }
    return {KEYS[name].variable: str(folder) for name, folder in folders.items() if folder is not None}


def _search_path() -> dict[str, str]:
    git = shutil.which("git")
    folder = os.path.dirname(git) if git else USUAL_PATH[0]
    return {} if folder in USUAL_PATH else {"PATH": os.pathsep.join((folder, *USUAL_PATH))}
