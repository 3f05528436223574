"""Log files of what runs for long or fails unseen: JSON lines, `learning-2025-06-30.log`.

A line is {time, level, event, …}. An operation's run has the lines `started`, `progress` at most every
ten seconds and at the end of a stage, and `ended` or `failed`.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..context import CallContext, Progress
from ..errors import Cancelled, FluoriteError
from ..shared import Shared
from .daily_files import DailyFiles
from .run import Run

STEM = "learning"
SUFFIX = ".log"
PACKAGE = "fluorite"
SECONDS_BETWEEN_LINES = 10.0
MOST_NUMBERS = 16
"""A longer list of a result, or one of anything but numbers, is logged by its length."""


class JsonLines(logging.Formatter):
    """A record as one line; what `extra` gave as `fields` stands beside the message."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {
            "time": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class DailyFileHandler(logging.Handler):
    """Appends records to private daily files. Where they cannot be written, that is said once, and
    warnings go to stderr."""

    def __init__(self, files: DailyFiles) -> None:
        super().__init__(logging.INFO)
        self._files = files
        self._told = False
        self.setFormatter(JsonLines())

    def emit(self, record: logging.LogRecord) -> None:
        line = self.format(record)
        try:
            self._files.append(line.encode() + b"\n")
        except OSError as error:
            if not self._told:
                self._told = True
                sys.stderr.write(
                    f"fluorite: log files cannot be written in {self._files.folder} ({error}). Set "
                    "FLUORITE_STATE_DIR or [privacy] state_path to a folder that can be written to.\n"
                )
            if record.levelno >= logging.WARNING:
                sys.stderr.write(f"{line}\n")


class RunLog:
    """The log files of one state folder; thread-safe. Warnings of any of this package's modules go there
    too while one is open."""

    def __init__(self, files: DailyFiles) -> None:
        self._logger = logging.Logger(PACKAGE)
        self._handler = DailyFileHandler(files)
        self._logger.addHandler(self._handler)
        logging.getLogger(PACKAGE).addHandler(self._handler)

    def close(self) -> None:
        logging.getLogger(PACKAGE).removeHandler(self._handler)
        self._handler.close()

    def write(self, event: str, level: int = logging.INFO, /, **fields: Any) -> None:
        """Adds a line."""
        self._logger.log(level, event, extra={"fields": fields})

    @contextmanager
    def following(
        self, run: Run, context: CallContext, vitals: Callable[[], Mapping[str, Any]]
    ) -> Iterator[None]:
        """Logs a run from its start to its end, with `vitals` at the end."""
        started = told = time.monotonic()

        def tell(progress: Progress) -> None:
            nonlocal told
            now = time.monotonic()
            if progress.done >= progress.total or now - told >= SECONDS_BETWEEN_LINES:
                told = now
                self.write(run.operation, status="progress", **asdict(progress))

        self.write(run.operation, status="started")
        with context.following(tell):
            try:
                yield
            except BaseException as error:
                level = logging.INFO if isinstance(error, Cancelled) else logging.ERROR
                code = error.code if isinstance(error, FluoriteError) else FluoriteError.code
                status = "cancelled" if isinstance(error, Cancelled) else "failed"
                taken = round(time.monotonic() - started, 3)
                self.write(run.operation, level, status=status, code=code, error=str(error), seconds=taken)
                raise
        taken = round(time.monotonic() - started, 3)
        self.write(run.operation, status="ended", seconds=taken, result=in_brief(run.result), **vitals())


def in_brief(value: object) -> object:
    """A result, fit for a line."""
    if isinstance(value, Mapping):
        return {str(name): in_brief(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        is_short = len(value) <= MOST_NUMBERS and all(isinstance(item, int | float) for item in value)
        return list(value) if is_short and value else len(value)
    return value if isinstance(value, str | int | float | bool | None) else str(value)


_logs: Shared[tuple[Path, int], RunLog] = Shared(RunLog.close)


def open_run_log(folder: Path, days: int) -> RunLog:
    """The process's log in a state folder; no file is made before there is something to log."""
    return _logs.acquire((folder, days), lambda: RunLog(DailyFiles(folder, STEM, SUFFIX, days)))


def release_run_log(folder: Path, days: int) -> None:
    """Lets go of a log."""
    _logs.release((folder, days))
