"""Running git without a terminal: no prompt, no hook, bounded in time, stopped when the caller gives up."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ..context import CallContext
from .source_failure import SourceFailure

SECONDS_BETWEEN_CHECKS = 0.05
SECONDS_BETWEEN_LOOKS = 0.5
LONGEST_MESSAGE = 500

_OF_ANOTHER_REPOSITORY = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CONFIG_COUNT",
)
"""Variables that a hook or an alias of git leaves to the programs it starts."""


class GitFailure(SourceFailure):
    """`status` is git's own exit code."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def run_git(
    folder: Path,
    arguments: Sequence[str],
    context: CallContext,
    *,
    environment: Mapping[str, str] | None = None,
    given: bytes = b"",
    timeout: float = 60,
    watch: Callable[[], None] = lambda: None,
) -> bytes:
    """What git prints, run in `folder`. `given` is its standard input; `watch` is called now and then and
    may raise to stop it.

    Raises GitFailure with git's own words, SourceFailure after `timeout` seconds or where there is no git,
    or Cancelled.
    """
    with (
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as told,
        tempfile.TemporaryFile() as source,
    ):
        source.write(given)
        source.seek(0)
        try:
            process = subprocess.Popen(
                ["git", "-c", "core.hooksPath=/dev/null", *arguments],
                cwd=folder,
                env=_environment(environment or {}),
                stdin=source,
                stdout=out,
                stderr=told,
                start_new_session=True,
            )
        except FileNotFoundError:
            raise SourceFailure("there is no git on the PATH; install it") from None
        try:
            _wait(process, context, timeout, watch)
        finally:
            _stop(process)
        out.seek(0)
        told.seek(0)
        if process.returncode != 0:
            words = told.read().decode(errors="replace")
            raise GitFailure(f"git {_command_of(arguments)}: {_shortened(words)}", process.returncode)
        return out.read()


def _wait(
    process: subprocess.Popen[bytes], context: CallContext, timeout: float, watch: Callable[[], None]
) -> None:
    end = time.monotonic() + timeout
    look = 0.0
    while True:
        try:
            process.wait(SECONDS_BETWEEN_CHECKS)
            return
        except subprocess.TimeoutExpired:
            pass
        context.check()
        if time.monotonic() > look:
            watch()
            look = time.monotonic() + SECONDS_BETWEEN_LOOKS
        if time.monotonic() > end:
            raise SourceFailure(f"git did not finish within {timeout:g} s")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ends git and what it has started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in _OF_ANOTHER_REPOSITORY}
    return {
        **inherited,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "true",
        "SSH_ASKPASS": "true",
        "SSH_ASKPASS_REQUIRE": "never",
        "GIT_PAGER": "cat",
        "LC_ALL": "C",
        **more,
    }


def _command_of(arguments: Sequence[str]) -> str:
    """The command's name, past the settings in front of it."""
    rest = list(arguments)
    while len(rest) > 2 and rest[0] == "-c":
        rest = rest[2:]
    return rest[0]


def _shortened(words: str) -> str:
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    told = [line for line in lines if line.startswith(("fatal:", "error:", "remote:"))] or lines
    text = " ".join(told) or "it failed without a word"
    return text if len(text) <= LONGEST_MESSAGE else f"{text[:LONGEST_MESSAGE]}…"
