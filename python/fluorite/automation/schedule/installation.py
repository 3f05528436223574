"""Setting up, showing and removing the daily run, with the scheduler that is there."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from ...errors import InvalidArgument, SchedulerError
from .cron import CronSchedule
from .launchd import LaunchdSchedule
from .systemd import SystemdSchedule
from .values import Schedule, ScheduleKind, Task, check_words


class Scheduler(Protocol):
    """`install` and `remove` with `dry_run` only tell what they would do. All may raise SchedulerError."""

    def is_available(self) -> bool: ...
    def read(self) -> Schedule: ...
    def install(self, task: Task, dry_run: bool) -> Schedule: ...
    def remove(self, dry_run: bool) -> Schedule: ...


SCHEDULERS: Mapping[ScheduleKind, Scheduler] = {
    "systemd": SystemdSchedule(),
    "launchd": LaunchdSchedule(),
    "cron": CronSchedule(),
}
"""In the order in which they are looked at."""


def read_schedule() -> Schedule:
    """What is set up. Raises SchedulerError."""
    for scheduler in SCHEDULERS.values():
        schedule = scheduler.read()
        if schedule.kind is not None:
            return schedule
    return Schedule(None, False)


def install_schedule(task: Task, kind: str | None, dry_run: bool) -> Schedule:
    """Sets up the daily run with one scheduler, and removes it from the others, so that it runs once.

    `kind` is by default the one that has it, else the one that is there. Raises InvalidArgument or
    SchedulerError.
    """
    check_words(task)
    chosen = _chosen(kind)
    schedule = SCHEDULERS[chosen].install(task, dry_run)
    others = [one.remove(dry_run) for name, one in SCHEDULERS.items() if name != chosen and _has(one)]
    return _together(schedule, others)


def remove_schedule(dry_run: bool) -> Schedule:
    """Removes the daily run wherever it is. Raises SchedulerError."""
    removed = [one.remove(dry_run) for one in SCHEDULERS.values() if _has(one)]
    return _together(Schedule(None, False), removed)


def _together(schedule: Schedule, others: list[Schedule]) -> Schedule:
    return replace(
        schedule,
        files=[file for one in (schedule, *others) for file in one.files],
        commands=[command for one in (schedule, *others) for command in one.commands],
        changed=any(one.changed for one in (schedule, *others)),
    )


def _has(scheduler: Scheduler) -> bool:
    return scheduler.read().kind is not None


def _chosen(kind: str | None) -> ScheduleKind:
    if kind is None:
        return read_schedule().kind or _available()
    for name in SCHEDULERS:
        if name == kind:
            return name
    raise InvalidArgument(f"kind is {kind!r}. Give one of {', '.join(map(repr, SCHEDULERS))}.")


def _available() -> ScheduleKind:
    for name, scheduler in SCHEDULERS.items():
        if (name == "launchd") == (sys.platform == "darwin") and scheduler.is_available():
            return name
    raise SchedulerError(
        "There is neither a user's systemd nor cron here. Install cron, or run fluorite-memory auto-learn "
        "from a scheduler of your own."
    )
