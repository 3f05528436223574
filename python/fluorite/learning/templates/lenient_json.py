"""Reads JSON, and repairs what can be repaired without guessing.

Real template collections hold files with stray escapes, raw control characters, missing quotes or
commas. A repair counts only if no word of the file is lost, none is invented and none is moved to
another place in the order; otherwise the file is reported, because half a template is worse than none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import json_repair

_INVALID_ESCAPE = re.compile(r'(?<!\\)((?:\\\\)*)\\(?!["\\/bfnrt]|u[0-9a-fA-F]{4})')
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Reading:
    """The value of a JSON text; `repaired` says whether the text had to be mended first."""

    value: Any
    repaired: bool


class MalformedJson(Exception):
    """`line` and `column` count from 1 and say where a strict reader stops; `reason` says why."""

    def __init__(self, line: int, column: int, reason: str) -> None:
        super().__init__(f"line {line}, column {column}: {reason}")
        self.line = line
        self.column = column
        self.reason = reason


def read_json(text: str) -> Reading:
    """The value of `text`. Raises MalformedJson where it is neither valid nor safely repaired."""
    try:
        return Reading(json.loads(text), repaired=False)
    except json.JSONDecodeError as error:
        strict = error
    except RecursionError:
        raise MalformedJson(1, 1, "nested too deeply") from None
    # The first value before the fault may be whole, with junk behind it; words decide, not luck.
    escaped = _INVALID_ESCAPE.sub(r"\1\\\\", text)
    try:
        return Reading(json.loads(escaped, strict=False), repaired=True)
    except (json.JSONDecodeError, RecursionError):
        pass
    try:
        value = json_repair.loads(escaped)
    except (ValueError, RecursionError):
        value = None
    if value is not None and list(_words_of_value(value)) == list(_words_of_text(escaped)):
        return Reading(value, repaired=True)
    raise MalformedJson(strict.lineno, strict.colno, strict.msg)


def _words_of_text(text: str) -> Iterator[str]:
    plain = _ESCAPE.sub(_unescaped, text)
    return (match.group() for match in _WORD.finditer(plain))


def _unescaped(match: re.Match[str]) -> str:
    code = match.group(1)
    if code.startswith("u"):
        return chr(int(code[1:], 16))
    return " " if code in "bfnrt" else code


def _words_of_value(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _WORD.findall(str(name))
            yield from _words_of_value(item)
    elif isinstance(value, list):
        for item in value:
            yield from _words_of_value(item)
    elif value is None or isinstance(value, bool):
        yield json.dumps(value)
    else:
        yield from _WORD.findall(str(value))
