"""The daily run as a block of lines in the user's crontab; every other byte of it stays."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from ...errors import SchedulerError
from . import programs
from .values import Schedule, ScheduleFile, Task

BEGIN = "# BEGIN fluorite-memory auto-learn: one block, kept by `fluorite-memory schedule`"
END = "# END fluorite-memory auto-learn"
LONGEST_LINE = 990
"""Bytes; Debian's cron refuses a command of 1,000."""

_BLOCK = re.compile(rf"^{re.escape(BEGIN)}\n(.*?)^{re.escape(END)}(?:\n|\Z)", re.MULTILINE | re.DOTALL)
_LINE = re.compile(r"^(\d+) (\d+) \* \* \* (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class CronSchedule:
    """The schedule in a user's crontab."""

    def is_available(self) -> bool:
        return programs.is_there("crontab")

    def read(self) -> Schedule:
        if not self.is_available():
            return Schedule(None, False)
        table = _read_table()
        block = _block_of(table)
        if block is None:
            return Schedule(None, False)
        task = _task_in(block)
        files = [ScheduleFile("crontab", table)]
        if task is None:
            return Schedule("cron", True, files=files)
        return Schedule("cron", True, task.time, task.command, files)

    def install(self, task: Task, dry_run: bool) -> Schedule:
        before = _read_table()
        after = with_block(before, task)
        return self._apply(before, after, Schedule("cron", True, task.time, task.command), dry_run)

    def remove(self, dry_run: bool) -> Schedule:
        before = _read_table()
        return self._apply(before, without_block(before), Schedule(None, False), dry_run)

    def _apply(self, before: str, after: str, schedule: Schedule, dry_run: bool) -> Schedule:
        changed = after != before
        commands = [["crontab", "-"] if after else ["crontab", "-r"]] if changed else []
        if not dry_run:
            for command in commands:
                programs.run(command, _encoded(after))
        files = [ScheduleFile("crontab", after)]
        return Schedule(
            schedule.kind, schedule.installed, schedule.time, schedule.command, files, commands, changed
        )


def with_block(table: str, task: Task) -> str:
    """The table with the block in its old place, or at its end. Raises SchedulerError."""
    line = line_of(task)
    block = f"{BEGIN}\n{line}\n{END}\n"
    if _block_of(table) is not None:
        return _BLOCK.sub(lambda _: block, table, count=1)
    return f"{table}{'' if not table or table.endswith(chr(10)) else chr(10)}{block}"


def without_block(table: str) -> str:
    """The table as it is without the block. Raises SchedulerError."""
    return table if _block_of(table) is None else _BLOCK.sub("", table, count=1)


def line_of(task: Task) -> str:
    """The crontab's line. A % would end the command there, so each is written with a backslash."""
    words = [*(f"{name}={shlex.quote(value)}" for name, value in task.environment), shlex.join(task.command)]
    command = " ".join(words).replace("%", r"\%")
    if len(_encoded(command)) > LONGEST_LINE:
        raise SchedulerError("The command is too long for a crontab. Use shorter paths, or another kind.")
    return f"{task.minute} {task.hour} * * * {command}"


def _block_of(table: str) -> str | None:
    found = _BLOCK.search(table)
    marks = [line for line in table.split("\n") if line in (BEGIN, END)]
    if marks != ([] if found is None else [BEGIN, END]):
        raise SchedulerError(
            "The block of fluorite-memory in your crontab is damaged: its first or last line is missing or "
            "doubled. Mend it with crontab -e."
        )
    return None if found is None else found[1]


def _task_in(block: str) -> Task | None:
    """What a block runs; None where somebody has rewritten it."""
    found = _LINE.search(block)
    if found is None or int(found[1]) > 59 or int(found[2]) > 23:
        return None
    try:
        words = shlex.split(found[3].replace(r"\%", "%"))
    except ValueError:
        return None
    environment = list[tuple[str, str]]()
    while words and re.match(r"[A-Z_]+=", words[0]):
        name, _, value = words.pop(0).partition("=")
        environment.append((name, value))
    return Task(int(found[2]), int(found[1]), tuple(words), tuple(environment))


def _read_table() -> str:
    """The user's crontab; empty where there is none. Bytes that are no UTF-8 stand in it escaped.

    Raises SchedulerError.
    """
    command = ["crontab", "-l"]
    ended = programs.ask(command)
    if ended is None:
        programs.run(command)
        return ""
    if ended.returncode != 0:
        words = ended.stderr.decode(errors="replace").strip()
        if "no crontab" in words.lower() or "not allowed" in words.lower():
            return ""
        raise SchedulerError(f"crontab -l failed: {words or 'it says nothing'}. Correct that first.")
    return ended.stdout.decode(errors="surrogateescape")


def _encoded(text: str) -> bytes:
    return text.encode(errors="surrogateescape")
