"""Where the configuration file is looked for, and where the history and the logs lie."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from .rules import absolute_path

FILE_NAME = "fluorite.toml"
PATH_OPTION = "config_path"
PATH_VARIABLE = "FLUORITE_CONFIG_PATH"
REPOSITORY_MARKS = (".git", ".hg", ".jj", ".svn")


def find_configuration(
    given: Path | None, environment: Mapping[str, str], working_folder: Path | None
) -> tuple[Path, str] | None:
    """The first of: the file that is named, by option or by variable, whether it is there or not;
    fluorite.toml in the working folder; the user's own. With it the name of what named it."""
    if given is not None:
        return given, PATH_OPTION
    named = environment.get(PATH_VARIABLE)
    if named:
        return absolute_path(named, working_folder), PATH_VARIABLE
    there = (path for path in _usual_files(environment, working_folder) if path.exists())
    return next(((path, FILE_NAME) for path in there), None)


def _usual_files(environment: Mapping[str, str], working_folder: Path | None) -> Iterator[Path]:
    if working_folder is not None:
        yield working_folder / FILE_NAME
    home = environment.get("HOME")
    configured = environment.get("XDG_CONFIG_HOME", "")
    if Path(configured).is_absolute():
        yield Path(configured, "fluorite", FILE_NAME)
    elif home:
        yield Path(home, ".config", "fluorite", FILE_NAME)
    if home and sys.platform == "darwin":
        yield Path(home, "Library", "Application Support", "fluorite", FILE_NAME)


def usual_state_path(environment: Mapping[str, str]) -> Path | None:
    """~/tmp/fluorite-learning; None where the user has no home."""
    home = environment.get("HOME", "")
    return Path(home, "tmp", "fluorite-learning") if Path(home).is_absolute() else None


def enclosing_repository(path: Path) -> Path | None:
    """The root of the repository that `path` would lie in, through whatever links; None outside of any."""
    path = path.resolve()
    for folder in (path, *path.parents):
        if any((folder / mark).exists() for mark in REPOSITORY_MARKS):
            return folder
    return None
