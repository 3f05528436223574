"""The daily run as a timer of the user's systemd."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from ...errors import SchedulerError
from . import programs
from .unit_files import Change, apply_change
from .values import DESCRIPTION, UNIT, Schedule, Task

TIMER = f"{UNIT}.timer"
SERVICE = f"{UNIT}.service"

_RELOAD = ["systemctl", "--user", "daemon-reload"]
_ENABLE = ["systemctl", "--user", "enable", "--now", TIMER]
_DISABLE = ["systemctl", "--user", "disable", "--now", TIMER]
_RESTART = ["systemctl", "--user", "restart", TIMER]
_CALENDAR = re.compile(r"^OnCalendar=\*-\*-\* (\d\d):(\d\d):00$", re.MULTILINE)
_COMMAND = re.compile(r"^ExecStart=:(.+)$", re.MULTILINE)
_UNFIT_PROGRAM = re.compile(r"""[\\"']""")
_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)|%%")


@dataclass(frozen=True, slots=True)
class SystemdSchedule:
    """The schedule as two units of the user's; it runs as long as the user's manager does, which after
    `loginctl enable-linger` is always."""

    def is_available(self) -> bool:
        asked = programs.ask(["systemctl", "--user", "show-environment"])
        return asked is not None and asked.returncode == 0

    def read(self) -> Schedule:
        files = {file: file.read_text(errors="replace") for file in _files() if file.is_file()}
        if not files:
            return Schedule(None, False)
        text = "\n".join(files.values())
        at, command = _CALENDAR.search(text), _COMMAND.search(text)
        return Schedule(
            kind="systemd",
            installed=len(files) == len(_files()) and _is_enabled(),
            time=f"{at[1]}:{at[2]}" if at else None,
            command=tuple(unquoted(command[1])) if command else (),
            files=Change(files).files(),
        )

    def install(self, task: Task, dry_run: bool) -> Schedule:
        service, timer = _files()
        change = Change({service: service_unit(task), timer: timer_unit(task)})
        commands = []
        if change.is_due() or not _is_enabled():
            commands = [_RELOAD, _ENABLE, *([_RESTART] if timer.exists() else [])]
        return apply_change(change, commands, Schedule("systemd", True, task.time, task.command), dry_run)

    def remove(self, dry_run: bool) -> Schedule:
        change = Change(dict.fromkeys(_files()))
        before = [_DISABLE] if change.is_due() else []
        after = [_RELOAD] if change.is_due() else []
        return apply_change(change, after, Schedule(None, False), dry_run, before)


def service_unit(task: Task) -> str:
    """The unit that runs the command, whose first ":" keeps "$" in it as it is. Raises SchedulerError."""
    if _UNFIT_PROGRAM.search(task.command[0]):
        raise SchedulerError(
            f"systemd runs no program whose path holds a quote or a backslash: {task.command[0]!r}. "
            "Choose another kind."
        )
    environment = "".join(f"Environment={quoted(f'{name}={value}')}\n" for name, value in task.environment)
    return (
        f"[Unit]\nDescription={DESCRIPTION}\n\n"
        f"[Service]\nType=oneshot\n{environment}ExecStart=:{' '.join(map(quoted, task.command))}\n"
        "Nice=10\nIOSchedulingClass=idle\n"
    )


def timer_unit(task: Task) -> str:
    return (
        f"[Unit]\nDescription={DESCRIPTION}, daily\n\n"
        f"[Timer]\nOnCalendar=*-*-* {task.time}:00\nPersistent=true\n\n"
        "[Install]\nWantedBy=timers.target\n"
    )


def quoted(word: str) -> str:
    """A word as a unit file holds it (systemd.syntax, and % for specifiers)."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def unquoted(line: str) -> list[str]:
    """The words that `quoted` wrote."""
    return [_ESCAPED.sub(lambda found: found[1] or found[0][0], word[1]) for word in _WORD.finditer(line)]


def _is_enabled() -> bool:
    asked = programs.ask(["systemctl", "--user", "is-enabled", TIMER])
    return asked is not None and asked.stdout.strip() == b"enabled"


def _files() -> tuple[Path, Path]:
    base = os.environ.get("XDG_CONFIG_HOME", "").strip()
    folder = Path(base) if base.startswith("/") else Path.home() / ".config"
    units = folder / "systemd" / "user"
    return units / SERVICE, units / TIMER
