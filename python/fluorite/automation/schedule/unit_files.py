"""Files that a schedule consists of, written and taken back together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...errors import FluoriteError, SchedulerError
from . import programs
from .values import Schedule, ScheduleFile


@dataclass(frozen=True, slots=True)
class Change:
    """What each file is to hold; None: that it is not to be there."""

    wanted: Mapping[Path, str | None]

    def is_due(self) -> bool:
        return any(_present(file) != _encoded(text) for file, text in self.wanted.items())

    def files(self) -> list[ScheduleFile]:
        return [ScheduleFile(str(file), text) for file, text in self.wanted.items() if text is not None]


def apply_change(
    change: Change,
    commands: Sequence[list[str]],
    schedule: Schedule,
    dry_run: bool,
    commands_before: Sequence[list[str]] = (),
) -> Schedule:
    """Runs the commands before, brings the files to what they should be, runs those after.

    Where a command after fails, the files are again as they were. Raises SchedulerError.
    """
    told = replace(
        schedule,
        files=change.files(),
        commands=[*commands_before, *commands],
        changed=bool(commands_before or commands or change.is_due()),
    )
    if dry_run:
        return told
    for command in commands_before:
        programs.run(command)
    before = {file: _present(file) for file in change.wanted}
    try:
        for file, text in change.wanted.items():
            _put(file, _encoded(text))
        for command in commands:
            programs.run(command)
    except (FluoriteError, OSError) as error:
        for file, data in before.items():
            _put(file, data)
        if isinstance(error, OSError):
            raise SchedulerError(
                f"The schedule could not be written ({error}). Make that possible."
            ) from None
        raise
    return told


def _present(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None


def _put(file: Path, data: bytes | None) -> None:
    if data is None:
        file.unlink(missing_ok=True)
    elif _present(file) != data:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f".{file.name}.tmp")
        draft.write_bytes(data)
        draft.replace(file)


def _encoded(text: str | None) -> bytes | None:
    return None if text is None else text.encode(errors="surrogateescape")
