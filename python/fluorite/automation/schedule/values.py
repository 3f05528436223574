"""What is scheduled, and how a schedule is told."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from ...errors import InvalidArgument

ScheduleKind = Literal["cron", "systemd", "launchd"]

UNIT = "fluorite-memory-auto-learn"
DESCRIPTION = "Automatic learning of Fluorite Memory Engine"

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Task:
    """A command to run every day at a local time; `environment` is what it needs of it."""

    hour: int
    minute: int
    command: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()

    @property
    def time(self) -> str:
        return f"{self.hour:02}:{self.minute:02}"


@dataclass(frozen=True, slots=True)
class ScheduleFile:
    """A file as it is or would be; for cron, `path` is "crontab" and `content` the user's whole table."""

    path: str
    content: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """`time` and `command` are what is installed, or would be; `commands` are those that were or would be
    run; `changed` says whether there was or is anything to do."""

    kind: ScheduleKind | None
    installed: bool
    time: str | None = None
    command: tuple[str, ...] = ()
    files: list[ScheduleFile] = field(default_factory=list)
    commands: list[list[str]] = field(default_factory=list)
    changed: bool = False


def parse_time(time: object) -> tuple[int, int]:
    """Hour and minute of a time such as '02:00'. Raises InvalidArgument."""
    found = _TIME.fullmatch(time) if isinstance(time, str) else None
    if found is None:
        raise InvalidArgument(f"time is {time!r}. Give hours and minutes from '00:00' to '23:59'.")
    return int(found[1]), int(found[2])


def check_words(task: Task) -> None:
    """Raises InvalidArgument for what no scheduler can hold."""
    for word in (*task.command, *(value for pair in task.environment for value in pair)):
        if any(ord(character) < 32 or character == "\x7f" for character in word):
            raise InvalidArgument(
                f"{word!r} holds a control character, which no schedule can hold. Use another path."
            )
