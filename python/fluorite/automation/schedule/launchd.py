"""The daily run as a LaunchAgent of macOS."""

from __future__ import annotations

import os
import plistlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import programs
from .unit_files import Change, apply_change
from .values import UNIT, Schedule, Task

LABEL = UNIT


@dataclass(frozen=True, slots=True)
class LaunchdSchedule:
    """The schedule as an agent in the user's LaunchAgents; launchd makes up for a run that was slept
    through."""

    def is_available(self) -> bool:
        return programs.is_there("launchctl")

    def read(self) -> Schedule:
        file = _file()
        if not file.is_file():
            return Schedule(None, False)
        data = file.read_bytes()
        try:
            agent = plistlib.loads(data)
            at, command = agent["StartCalendarInterval"], tuple(map(str, agent["ProgramArguments"]))
            time = f"{int(at['Hour']):02}:{int(at['Minute']):02}"
        except (plistlib.InvalidFileException, ValueError, KeyError, TypeError):
            time, command = None, ()
        files = Change({file: data.decode(errors="surrogateescape")}).files()
        return Schedule("launchd", _is_loaded(), time, command, files)

    def install(self, task: Task, dry_run: bool) -> Schedule:
        file = _file()
        change = Change({file: plistlib.dumps(agent_of(task)).decode()})
        loaded = _is_loaded()
        before, commands = list[list[str]](), list[list[str]]()
        if change.is_due() or not loaded:
            before = [_bootout()] if loaded else []
            commands = [["launchctl", "bootstrap", _domain(), str(file)]]
        schedule = Schedule("launchd", True, task.time, task.command)
        return apply_change(change, commands, schedule, dry_run, before)

    def remove(self, dry_run: bool) -> Schedule:
        change = Change({_file(): None})
        before = [_bootout()] if change.is_due() and _is_loaded() else []
        return apply_change(change, (), Schedule(None, False), dry_run, before)


def agent_of(task: Task) -> dict[str, Any]:
    """The agent's property list (launchd.plist)."""
    agent: dict[str, Any] = {
        "Label": LABEL,
        "ProgramArguments": list(task.command),
        "StartCalendarInterval": {"Hour": task.hour, "Minute": task.minute},
        "ProcessType": "Background",
        "LowPriorityIO": True,
        "RunAtLoad": False,
    }
    if task.environment:
        agent["EnvironmentVariables"] = dict(task.environment)
    return agent


def _is_loaded() -> bool:
    asked = programs.ask(["launchctl", "print", f"{_domain()}/{LABEL}"])
    return asked is not None and asked.returncode == 0


def _bootout() -> list[str]:
    return ["launchctl", "bootout", f"{_domain()}/{LABEL}"]


def _domain() -> str:
    return f"gui/{os.getuid()}"


def _file() -> Path:
    return Path.home() / "Library" / "LaunchAgents" / f"{LABEL}.plist"
