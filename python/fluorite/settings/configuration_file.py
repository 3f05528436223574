"""The TOML file: what it says, and on which line."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InvalidConfiguration, PathNotFound, unknown_name
from .keys import Key
from .places import PATH_OPTION
from .sections import KEYS, SECTIONS, keys_in


@dataclass(frozen=True, slots=True)
class ConfigurationFile:
    """A file whose sections and keys are all known and whose values obey their rules."""

    path: Path
    text: str
    sections: Mapping[str, Mapping[str, Any]]

    def line_of(self, key: Key) -> int | None:
        """The line, counted from 1, that gives a key. See `line_of`."""
        return line_of(self.text, key.section, key.name)


def read_configuration(path: Path, named_by: str = PATH_OPTION) -> ConfigurationFile:
    """A checked TOML file. Raises PathNotFound or InvalidConfiguration."""
    try:
        text = path.read_text(encoding="utf-8")
        document = tomllib.loads(text)
    except FileNotFoundError:
        raise PathNotFound(
            f"{named_by} {str(path)!r} does not exist. Create the file or leave {named_by} out."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidConfiguration(
            f"{path}: the file cannot be read ({error}). Save it as readable UTF-8 text."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise InvalidConfiguration(f"{path}: not valid TOML: {error}. Correct that line.") from None
    for section, values in document.items():
        if section not in SECTIONS:
            refuse(path, text, section, None, unknown_name("section", section, SECTIONS))
        if not isinstance(values, dict):
            refuse(path, text, section, None, f"{section} is a section. Write it as [{section}].")
        known = keys_in(section)
        for name, value in values.items():
            if name not in known:
                refuse(path, text, section, name, _unknown_key(section, name))
            rule = known[name].declared.rule
            if not rule.accepts(value):
                problem = f"[{section}] {name} is {value!r}, which is not valid. It takes {rule.takes}."
                refuse(path, text, section, name, problem)
    return ConfigurationFile(path, text, document)


def refuse(path: Path, text: str, section: str, name: str | None, problem: str) -> None:
    """Raises InvalidConfiguration with the file and the line of what is wrong."""
    line = line_of(text, section, name)
    raise InvalidConfiguration(f"{path}:{line}: {problem}" if line else f"{path}: {problem}")


def _unknown_key(section: str, name: str) -> str:
    elsewhere = [key.section for key in KEYS.values() if key.name == name]
    if elsewhere:
        return f"{name} is not a key of [{section}]. Write it under [{elsewhere[0]}]."
    return unknown_name(f"key in [{section}]", name, keys_in(section))


def line_of(text: str, section: str, name: str | None = None) -> int | None:
    """The line, counted from 1, on which a valid TOML text gives a section, or a key of one.

    It is the line that mentions the name, before which the text is valid and lacks it, and with which
    (and what follows of its value) it is valid and has it: so neither comments nor texts of several
    lines mislead. None where the name is written with escapes.
    """
    lines = text.split("\n")
    for row, line in enumerate(lines):
        if (name or section) not in line or _gives("\n".join(lines[:row]), section, name) is not False:
            continue
        for end in range(row + 1, len(lines) + 1):
            given = _gives("\n".join(lines[:end]), section, name)
            if given:
                return row + 1
            if given is False:
                break
    return None


def _gives(text: str, section: str, name: str | None) -> bool | None:
    """Whether a TOML text gives the section or key; None where the text is not valid."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
    if name is None:
        return section in document
    values = document.get(section)
    return isinstance(values, dict) and name in values
