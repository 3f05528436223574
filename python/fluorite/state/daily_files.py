"""Private files, one a day, that are appended to, read back and removed when they are old.

    <folder>/<stem>-2025-06-30<suffix>      the first of that day (local time)
    <folder>/<stem>-2025-06-30.1<suffix>    the next, once the first is full

Any number of processes may append to a folder: a write is one call, in append mode.
"""

from __future__ import annotations

import os
import re
import stat
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

BYTES_PER_FILE = 8 << 20
BYTES_IN_ALL = 128 << 20
"""Of the files of a stem; beyond that the oldest are removed before their time."""

IGNORED_BY_GIT = ".gitignore"


class DailyFiles:
    """The files of one stem; thread-safe. Methods raise OSError."""

    def __init__(
        self,
        folder: Path,
        stem: str,
        suffix: str,
        days: int,
        today: Callable[[], date] = date.today,
        bytes_per_file: int = BYTES_PER_FILE,
        bytes_in_all: int = BYTES_IN_ALL,
    ) -> None:
        self._folder = folder
        self._stem = stem
        self._suffix = suffix
        self._days = days
        self._today = today
        self._bytes_per_file = bytes_per_file
        self._bytes_in_all = bytes_in_all
        self._pattern = re.compile(
            rf"{re.escape(stem)}-([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})(?:\.([0-9]{{1,9}}))?{re.escape(suffix)}"
        )
        self._lock = threading.Lock()
        self._day: date | None = None
        self._part = 0

    @property
    def folder(self) -> Path:
        return self._folder

    def append(self, lines: bytes) -> None:
        """Adds whole lines to the day's file. With the first of a day, old files are removed."""
        with self._lock:
            today = self._today()
            if today != self._day:
                make_private_folder(self._folder)
                self._prune(today)
                parts = [part for day, part, _name in self._found() if day == today]
                self._day, self._part = today, max(parts, default=0)
            while not self._append(self._name(today, self._part), lines):
                self._part += 1
                self._prune(today)

    def names(self) -> list[str]:
        """The names of the files, oldest first."""
        return [name for _day, _part, name in self._found()]

    def order(self, name: str) -> tuple[date, int] | None:
        """What a file's place in `names` depends on; None for a name that none of these files has."""
        found = self._pattern.fullmatch(name)
        if found is None:
            return None
        try:
            return date.fromisoformat(found[1]), int(found[2] or 0)
        except ValueError:
            return None

    def read(self, name: str) -> bytes:
        """A file's content; nothing where another process has removed it."""
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return b""

    def remove(self, name: str) -> None:
        with suppress(FileNotFoundError):
            (self._folder / name).unlink()

    def _append(self, name: str, lines: bytes) -> bool:
        """Whether the file had room."""
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            file = os.open(self._folder / name, flags, 0o600)
        except FileNotFoundError:
            make_private_folder(self._folder)
            file = os.open(self._folder / name, flags, 0o600)
        try:
            state = os.fstat(file)
            if state.st_size and state.st_size + len(lines) > self._bytes_per_file:
                return False
            if stat.S_IMODE(state.st_mode) != 0o600:
                os.fchmod(file, 0o600)
            while lines:
                lines = lines[os.write(file, lines) :]
        finally:
            os.close(file)
        return True

    def _prune(self, today: date) -> None:
        found = self._found()
        oldest = today - timedelta(days=self._days)
        room = self._bytes_in_all - self._bytes_per_file
        for day, _part, name in reversed(found):
            with suppress(FileNotFoundError):
                room -= (self._folder / name).stat().st_size
                if day <= oldest or room < 0:
                    self.remove(name)

    def _found(self) -> list[tuple[date, int, str]]:
        try:
            names = os.listdir(self._folder)
        except FileNotFoundError:
            return []
        return sorted((*order, name) for name in names if (order := self.order(name)) is not None)

    def _name(self, day: date, part: int) -> str:
        number = f".{part}" if part else ""
        return f"{self._stem}-{day.isoformat()}{number}{self._suffix}"


def make_private_folder(folder: Path) -> None:
    """Makes a folder that its owner alone can read, and that Git passes over; one that is there stays as
    it is. Raises OSError."""
    if folder.is_dir():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        folder.chmod(0o700)
        ignored = folder / IGNORED_BY_GIT
        ignored.touch()
        ignored.chmod(0o600)
        ignored.write_text("*\n")
