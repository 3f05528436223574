"""Where the history and the logs lie: with the user, outside every repository."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

REPOSITORY_MARKS = (".git", ".hg", ".jj", ".svn")


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
