"""The files of a folder that may be learned, and why the others are not."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...context import CallContext
from ...errors import InvalidArgument, PathNotFound
from .ignored_files import (
    GITIGNORE,
    VENDORED_FOLDERS,
    IgnoreRules,
    is_ignored,
    read_rules,
    reason_by_name,
    rules_above,
)

MARK_OF_AN_ENVIRONMENT = "pyvenv.cfg"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """`name` is the path within the folder, with "/"; bytes that are no UTF-8 stand in it escaped, so
    only `path` opens the file."""

    name: str
    path: Path
    modified_ns: int
    size: int


@dataclass(slots=True)
class FoundFiles:
    """Files by name, in order, and how many entries were passed over for which reason: a folder counts
    once, whatever is in it."""

    files: dict[str, SourceFile] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Folder:
    path: Path
    name: str
    rules: tuple[IgnoreRules, ...]


def find_files(
    folder: Path, refuse: Callable[[str], str | None], most_bytes: int, context: CallContext
) -> FoundFiles:
    """The regular files below `folder` that nothing speaks against: no .gitignore, no hidden, vendored or
    built folder on the way, no symbolic link, no name that `refuse` gives a reason for, not more than
    `most_bytes`.

    Links are never followed, so nothing outside the folder is read and nothing twice. A folder that
    cannot be read is passed over. Raises PathNotFound, InvalidArgument or Cancelled.
    """
    if not folder.exists():
        raise PathNotFound(f"The folder {str(folder)!r} does not exist. Check the path.")
    if not folder.is_dir():
        raise InvalidArgument(f"{str(folder)!r} is a file. Give the folder that holds it.")
    found = FoundFiles()
    base, rules = rules_above(folder)
    waiting = [_Folder(folder, "", rules)]
    while waiting:
        context.check()
        current = waiting.pop()
        entries = _entries(current.path, found.skipped)
        names = {entry.name for entry in entries}
        if MARK_OF_AN_ENVIRONMENT in names:
            found.skipped["vendored folder"] += 1
            continue
        rules = current.rules
        if GITIGNORE in names:
            own = read_rules(current.path / GITIGNORE, base + current.name)
            rules = (*rules, own) if own is not None else rules
        for entry in entries:
            name = current.name + _shown(entry.name)
            is_folder = entry.is_dir(follow_symlinks=False)
            reason = _reason(entry, is_folder, base + name, rules)
            if reason is None and is_folder:
                waiting.append(_Folder(Path(entry.path), f"{name}/", rules))
                continue
            reason = reason or refuse(name) or reason_by_name(name)
            if reason is None:
                reason = _take(entry, name, most_bytes, found.files)
            if reason is not None:
                found.skipped[reason] += 1
    found.files = dict(sorted(found.files.items()))
    return found


def _reason(entry: os.DirEntry[str], is_folder: bool, path: str, rules: Sequence[IgnoreRules]) -> str | None:
    if entry.is_symlink():
        return "symbolic link"
    if is_folder and entry.name.startswith("."):
        return "hidden folder"
    if is_folder and entry.name in VENDORED_FOLDERS:
        return "vendored folder"
    if not is_folder and not entry.is_file(follow_symlinks=False):
        return "no regular file"
    return "ignored by .gitignore" if is_ignored(path + "/" * is_folder, rules) else None


def _take(entry: os.DirEntry[str], name: str, most_bytes: int, files: dict[str, SourceFile]) -> str | None:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return "unreadable"
    if status.st_size > most_bytes:
        return "too large"
    files[name] = SourceFile(name, Path(entry.path), status.st_mtime_ns, status.st_size)
    return None


def _entries(folder: Path, skipped: Counter[str]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        skipped["unreadable"] += 1
        return []


def _shown(name: str) -> str:
    return os.fsencode(name).decode("utf-8", errors="backslashreplace")
