"""The outline of a Markdown text: its top-level elements as ranges of lines that cover all of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

Kind = Literal["heading", "prose", "code", "front_matter"]

LONGEST_HEADING = 300

_KIND_OF_TOKEN: dict[str, Kind] = {"heading_open": "heading", "fence": "code", "code_block": "code"}
_OF_LINES = frozenset({"paragraph_open", "html_block", "table_open"})
_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?\n)?(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})\s*([^\s`{]*)")
_CLOSING_FENCE = re.compile(r"\s*(`{3,}|~{3,})\s*")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_ANCHOR = re.compile(r"\s*\{#[^}]*\}\s*$")
_MARKUP = re.compile(r"[*`~]+|<[^>]+>|(?<!\w)_+|_+(?!\w)")
_NOT_IN_A_SLUG = re.compile(r"[^\w\- ]")


@dataclass(frozen=True, slots=True)
class Block:
    """Lines `[start, end)` of a document, counted from 0; `level` is a heading's, else 0.

    `parts` are the lines at which a long block may be divided: items, rows, paragraphs, lines.
    """

    kind: Kind
    start: int
    end: int
    text: str
    level: int = 0
    parts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A code block, and the language that its fence names ("" for none)."""

    code: str
    language: str


def front_matter_of(text: str) -> str:
    """The YAML between the lines of hyphens at the very beginning; "" where there is none."""
    found = _FRONT_MATTER.match(text)
    return found.group(1) or "" if found else ""


def blocks_of(text: str) -> Iterator[Block]:
    """The blocks of a text with `\\n` line ends, in order. A line in none of the elements that Markdown
    knows (the definition of a link) counts as prose; blank lines may be in no block."""
    lines = text.split("\n")
    front = _FRONT_MATTER.match(text)
    reached = 0
    if front:
        reached = text.count("\n", 0, front.end()) + (not front.group().endswith("\n"))
        yield Block("front_matter", 0, reached, "\n".join(lines[:reached]), parts=tuple(range(1, reached)))
    tokens = _parser().parse("\n" * reached + "\n".join(lines[reached:]))
    for position, token in enumerate(tokens):
        if token.level or token.map is None or token.nesting < 0:
            continue
        begin, end = token.map
        yield from _prose(lines, reached, begin)
        kind = _KIND_OF_TOKEN.get(token.type, "prose")
        level = int(token.tag[1]) if kind == "heading" else 0
        parts = _parts(tokens, position) if kind == "prose" else ()
        yield Block(kind, begin, end, "\n".join(lines[begin:end]), level, parts)
        reached = max(reached, end)
    yield from _prose(lines, reached, len(lines))


def code_blocks_of(text: str) -> Iterator[CodeBlock]:
    """The code blocks of a Markdown text."""
    return (CodeBlock(*_inside(block.text)) for block in blocks_of(text) if block.kind == "code")


def plain_heading(heading: str) -> str:
    """A heading's words without its markup."""
    text = heading.strip().split("\n")[0].strip("#").strip()[:LONGEST_HEADING]
    return " ".join(_MARKUP.sub("", _LINK.sub(r"\1", _ANCHOR.sub("", text))).split())


def slug_of(heading: str) -> str:
    """The anchor of a heading as GitHub makes it: lower case, no punctuation, hyphens for spaces."""
    text = unicodedata.normalize("NFC", heading).strip().lower()
    return _NOT_IN_A_SLUG.sub("", text).replace(" ", "-").strip("-")


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    # Only the outline counts: leaving alone what is inside a line halves the time.
    return MarkdownIt("commonmark").enable("table").disable(["inline", "text_join"])


def _prose(lines: Sequence[str], start: int, end: int) -> Iterator[Block]:
    text = "\n".join(lines[start:end])
    if text.strip():
        yield Block("prose", start, end, text, parts=tuple(range(start + 1, end)))


def _parts(tokens: Sequence[Token], position: int) -> tuple[int, ...]:
    begin, end = tokens[position].map or (0, 0)
    if tokens[position].type in _OF_LINES:
        return tuple(range(begin + 1, end))
    inner = set[int]()
    for token in tokens[position + 1 :]:
        if token.level == 0:
            break
        if token.level == 1 and token.map is not None and token.nesting >= 0:
            inner.add(token.map[0])
    return tuple(sorted(inner - {begin}))


def _inside(text: str) -> tuple[str, str]:
    """The code in a fence, or in an indented block, and its language."""
    lines = text.split("\n")
    opening = _FENCE.match(lines[0])
    if opening is None:
        return "\n".join(line.removeprefix("    ") for line in lines).strip("\n"), ""
    closing = len(lines) > 1 and _CLOSING_FENCE.fullmatch(lines[-1])
    return "\n".join(lines[1 : -1 if closing else None]), opening.group(2).lower()
