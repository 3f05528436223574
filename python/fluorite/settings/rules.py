"""What values keys take: in words, as a test, and out of the text of an environment variable."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


def _as_given(text: str) -> object:
    return text


@dataclass(frozen=True, slots=True)
class Rule:
    """`takes` says in words what `accepts` decides.

    `read` makes a value of a variable's text, or gives the text back where there is none in it.
    """

    takes: str
    accepts: Callable[[object], bool]
    read: Callable[[str], object] = _as_given


def whole(low: int, high: int) -> Rule:
    return Rule(
        f"a whole number from {low:,} to {high:,}",
        lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high,
        _read_whole,
    )


def number(low: float, high: float) -> Rule:
    return Rule(
        f"a number from {low:g} to {high:,g}",
        lambda value: isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high,
        _read_number,
    )


def one_of(*names: str) -> Rule:
    return Rule(f"one of {', '.join(repr(name) for name in names)}", lambda value: value in names)


def accepts_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _accepts_path(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and "\0" not in value


def _accepts_fraction(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _accepts_names(value: object) -> bool:
    return isinstance(value, list | tuple) and all(map(accepts_text, value))


def _read_flag(text: str) -> object:
    return {"true": True, "1": True, "false": False, "0": False}.get(text.strip().lower(), text)


def _read_whole(text: str) -> object:
    return int(text) if re.fullmatch(r"\s*[+-]?[0-9]{1,18}\s*", text) else text


def _read_number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text


def _read_names(text: str) -> object:
    return [name.strip() for name in text.split(",") if name.strip()]


def _accepts_time(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value) is not None


FLAG = Rule("true or false", lambda value: isinstance(value, bool), _read_flag)
FRACTION = Rule("a number from 0 to 1", _accepts_fraction, _read_number)
TEXT = Rule("a text that is not empty", accepts_text)
NAMES = Rule("a list of names", _accepts_names, _read_names)
PATH = Rule("a path, a text without NUL characters", _accepts_path)
ONLY_TRUE = Rule("true: this engine computes on the CPU alone", lambda value: value is True, _read_flag)
TIME_OF_DAY = Rule("a time of day from '00:00' to '23:59'", _accepts_time)


def absolute_path(text: str, folder: Path | None = None) -> Path:
    """The path that a text names, from `folder` or else from the working folder; "~" is the user's home."""
    return Path(folder or "", os.path.expanduser(text)).absolute()
