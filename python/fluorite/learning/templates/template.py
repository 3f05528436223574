"""Spike templates: JSON files that hold a described, parameterised piece of code."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from ...errors import FluoriteError
from ...text import substance, words
from .lenient_json import MalformedJson, read_json

FEWEST_MEANINGFUL_WORDS = 3
"""Words a file must add beyond its template's name and description to become a chunk of its own."""

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_FILE_KEYS = frozenset({"path", "template", "content"})


@dataclass(frozen=True, slots=True)
class TemplateFile:
    """`substance`: distinct words of the code that neither its template nor its language accounts for."""

    path: str
    code: str
    substance: int


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed template; `repaired` says whether its JSON had to be mended."""

    id: str
    name: str
    description: str
    stack: tuple[str, ...]
    tags: tuple[str, ...]
    parameters: tuple[str, ...]
    files: tuple[TemplateFile, ...]
    repaired: bool

    def meaningful_files(self) -> list[TemplateFile]:
        """Files worth a chunk: with substance, and each content once."""
        seen = set[str]()
        kept = []
        for file in self.files:
            if file.substance >= FEWEST_MEANINGFUL_WORDS and file.code not in seen:
                seen.add(file.code)
                kept.append(file)
        return kept


@dataclass(frozen=True, slots=True)
class MalformedTemplate(Exception):
    """Why a file is no template: `file` is its name, `line` counts from 1."""

    file: str
    line: int
    reason: str


def parse_template(file_name: str, data: bytes) -> Template:
    """The template in a file's bytes. Raises MalformedTemplate."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise MalformedTemplate(file_name, line, "not UTF-8") from None
    try:
        reading = read_json(text)
    except MalformedJson as error:
        raise MalformedTemplate(file_name, error.line, error.reason) from None
    value = reading.value
    if not isinstance(value, Mapping):
        raise MalformedTemplate(file_name, 1, f"a template is a JSON object, not {_kind(value)}")
    try:
        return _template(PurePath(file_name).stem, value, reading.repaired)
    except _Misfit as misfit:
        raise MalformedTemplate(file_name, _line_of(text, misfit.key), str(misfit)) from None


class _Misfit(FluoriteError):
    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


def _template(stem: str, value: Mapping[str, Any], repaired: bool) -> Template:
    identifier = _text(value, "id") or stem
    name = _text(value, "name") or identifier
    description = _text(value, "description")
    stack, tags = _names(value, "stack"), _names(value, "tags")
    known = frozenset(words(" ".join((identifier, name, description, *stack, *tags))))
    return Template(
        id=identifier,
        name=name,
        description=description,
        stack=stack,
        tags=tags,
        parameters=_parameters(value),
        files=tuple(_files(value, known, repaired)),
        repaired=repaired,
    )


def _text(value: Mapping[str, Any], key: str) -> str:
    text = value.get(key)
    if text is None:
        return ""
    if not isinstance(text, str):
        raise _Misfit(key, f"{key} is {_kind(text)}, not a string")
    if _UNSTORABLE.search(text):
        raise _Misfit(key, f"{key} holds a NUL character or half a surrogate pair")
    return text.strip() if key not in {"template", "content"} else text


def _names(value: Mapping[str, Any], key: str) -> tuple[str, ...]:
    names = value.get(key)
    if names is None:
        return ()
    if isinstance(names, str):
        names = [names]
    if not isinstance(names, Sequence) or not all(isinstance(name, str) for name in names):
        raise _Misfit(key, f"{key} is not a list of strings")
    return tuple(dict.fromkeys(name.strip() for name in names if name.strip()))


def _parameters(value: Mapping[str, Any]) -> tuple[str, ...]:
    given = value.get("params")
    if given is None:
        return ()
    if isinstance(given, Mapping):
        return tuple(str(name) for name in given)
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise _Misfit("params", f"params is {_kind(given)}, not a list")
    names = []
    for item in given:
        name = item.get("name") if isinstance(item, Mapping) else item
        if not isinstance(name, str):
            raise _Misfit("params", "a parameter has no name")
        names.append(name)
    return tuple(names)


def _files(value: Mapping[str, Any], known: frozenset[str], repaired: bool) -> list[TemplateFile]:
    given = value.get("files")
    if given is None:
        return []
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise _Misfit("files", f"files is {_kind(given)}, not a list")
    files = []
    for item in given:
        if not isinstance(item, Mapping):
            raise _Misfit("files", f"a file is {_kind(item)}, not an object")
        # A repaired file with keys of its own is code that the repair took for JSON.
        if repaired and not item.keys() <= _FILE_KEYS:
            raise _Misfit("files", "a file's code is cut by unescaped quotes")
        path = _text(item, "path")
        if not path:
            raise _Misfit("files", "a file has no path")
        code = _text(item, "template") or _text(item, "content")
        files.append(TemplateFile(path, code, substance(code, known)))
    return files


def _kind(value: object) -> str:
    names = {type(None): "null", str: "a string", bool: "a boolean", list: "a list", dict: "an object"}
    return names.get(type(value), "a number")


def _line_of(text: str, key: str) -> int:
    position = text.find(f'"{key}"')
    return text.count("\n", 0, position) + 1 if position >= 0 else 1
