"""Whether a piece of code is whole: a cheap look, not a compiler.

Python is parsed by Python; JSON and TOML by their readers. In languages with brackets, brackets outside of
strings and comments must match. Placeholders such as {{app_name}} stand for a name.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
import warnings
from collections.abc import Callable
from pathlib import PurePosixPath


def _listed(text: str) -> list[str]:
    return text.split()


LONGEST = 1 << 15
"""Longer code is not looked at: it counts as unknown."""

_PLACEHOLDER = re.compile(r"\{\{\s*[\w.-]+\s*\}\}")
_BRACKETED = frozenset(
    _listed(
        "c cc cjs cpp cs css cts dart go h hpp java js jsx kt kts less mjs mts php prisma proto rs scala "
        "scss swift tf ts tsx"
    )
)
_HASH_COMMENTS = frozenset({"php", "tf"})
_MARKUP = frozenset({"jsx", "tsx"})
_TOKEN = re.compile(
    r"//[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/|\Z)"
    r"|\"(?:\\.|[^\"\\\n]){0,1000}\"|'(?:\\.|[^'\\\n]){0,1000}'|`(?:\\.|[^`\\])*`?"
    r"|(?<=[=(,:])\s*/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n]){0,200}\]|[^/\\\n\[])+/"  # a regular expression
    r"|[()\[\]{}]",
    re.S,
)
"""Without its bounds, hostile text would take time in the square of its length."""
_TOKEN_WITH_HASH = re.compile(r"#(?!\[)[^\n]*|" + _TOKEN.pattern, re.S)
_LIFETIME = re.compile(r"'(?=[A-Za-z_]\w*\b(?!'))")
_APOSTROPHE = re.compile(r"(?<=[a-z])'(?=(?:s|t|re|ve|ll|d|m)\b)")
_PAIRS = {")": "(", "]": "[", "}": "{"}


def parses(path: str, code: str) -> bool | None:
    """Whether `code`, of a file with this path, is whole; None where nothing here can tell."""
    if len(code) > LONGEST or not code.strip():
        return None
    ending = PurePosixPath(path).suffix[1:].casefold()
    code = _PLACEHOLDER.sub("placeholder", code)
    if ending in ("py", "pyi"):
        return _python(code)
    if ending == "json":
        return _reads(json.loads, code)
    if ending == "toml":
        return _reads(tomllib.loads, code)
    if ending in _BRACKETED:
        return _balanced(code, ending)
    return None


def _python(code: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _reads(read: Callable[[str], object], code: str) -> bool:
    try:
        read(code)
    except (ValueError, RecursionError):
        return False
    return True


def _balanced(code: str, ending: str) -> bool:
    if ending == "rs":
        code = _LIFETIME.sub("", code)
    elif ending in _MARKUP:
        code = _APOSTROPHE.sub("", code)
    open_brackets = list[str]()
    for token in (_TOKEN_WITH_HASH if ending in _HASH_COMMENTS else _TOKEN).findall(code):
        if token in "([{":
            open_brackets.append(token)
        elif token in ")]}" and (not open_brackets or open_brackets.pop() != _PAIRS[token]):
            return False
    return not open_brackets
