"""Source code in units: functions, classes, components, routes, each with the imports that it uses.

Split, then join, along the syntax tree (as in cAST, Zhang et al., EMNLP 2025): what fits the embedding
model is one unit, what does not is divided into its children, tiny neighbours are joined. A unit of a
class that was divided opens with the class's signature. A language without a grammar is divided at blank
lines. Every line is in some unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..text_file import estimated_tokens, tokens_up_to
from .code_languages import GRAMMARS, Grammar, syntax_tree
from .code_names import COMMENTS, LEADING, body_of, definition_of, kind_of

if TYPE_CHECKING:
    from tree_sitter import Node

TOKENS_OF_A_WHOLE_FILE = 320
TOKENS_OF_A_UNIT = 480
"""Longer units are divided. The model reads the first 256; words are found in all."""
TOKENS_OF_JOINED_UNITS = 240
TOKENS_OF_A_TINY_UNIT = 64
TOKENS_OF_IMPORTS = 120
DEEPEST = 40
LONGEST_SIGNATURE = 300

_REQUIRE = re.compile(
    r"(?:require(?:_relative)?\s*\(?\s*['\"]|(?:const|let|var)\s[^=;]{1,300}=\s*require\(|'use strict')"
)

_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*")


def _listed(text: str) -> list[str]:
    return text.split()


_IMPORT_WORDS = frozenset(
    _listed(
        "import from as use using require require_once package type static default const var let "
        "crate pub mod self super namespace function extern std com org io net github src lib index"
    )
)


@dataclass(frozen=True, slots=True)
class CodeUnit:
    """Lines from `line`, counted from 1.

    `name` is the path of definitions (`Users.create`), or several of them with ", " between; "" for loose
    code. `kind`: class, function, component, route, type, test or code. `imports` and `signature` are
    lines of the file that stand elsewhere in it. `complete` is False for a part of something longer.
    """

    name: str
    kind: str
    line: int
    text: str
    imports: str = ""
    signature: str = ""
    complete: bool = True

    def content(self) -> str:
        return "\n\n".join(filter(None, (self.imports, "\n".join(filter(None, (self.signature, self.text))))))


@dataclass(frozen=True, slots=True)
class CodeFile:
    """The units of a file; `is_parsed` says whether its language's parser understood all of it, or there
    is no parser."""

    units: tuple[CodeUnit, ...]
    is_parsed: bool


@dataclass(frozen=True, slots=True)
class _Piece:
    """Lines `[start, end)`; `owners` are the lines at which the definitions around it begin."""

    start: int
    end: int
    tokens: int
    names: tuple[str, ...] = ()
    kind: str = "code"
    owners: tuple[int, ...] = ()
    complete: bool = True


class _Lines:
    """The lines of a file. `tokens[n]` are those of the first n lines together."""

    def __init__(self, text: str) -> None:
        self.texts = text.split("\n")
        self.tokens = tokens_up_to(self.texts)

    def between(self, start: int, end: int) -> str:
        return "\n".join(self.texts[start:end])


def read_code(text: str, language: str) -> CodeFile:
    """The units of a text with `\\n` line ends, in order; a short file is one unit."""
    if not text.strip():
        return CodeFile((), True)
    lines = _Lines(text)
    root = syntax_tree(text, language)
    end = len(lines.texts)
    if lines.tokens[end] <= TOKENS_OF_A_WHOLE_FILE:
        pieces = [_Piece(0, end, 0, *_defined(root, text))]
        return CodeFile(tuple(_units(pieces, lines)), root is None or not root.has_error)
    if root is None:
        return CodeFile(tuple(_units(_joined(_paragraphs(0, end, lines)), lines)), True)
    imports = _imports(root, GRAMMARS[language])
    body = imports[-1].end if imports else 0
    if not any(line.strip() for line in lines.texts[body:]):
        # Nothing but imports, or one node that only begins like one: it is all there is to keep.
        imports, body = [], 0
    pieces = _joined(_pieces(root, _Piece(body, end, TOKENS_OF_A_UNIT + 1), lines, 0))
    units = _with_imports(
        list(_units(pieces, lines)), lines.texts[:body], imports, GRAMMARS[language].imports_all
    )
    return CodeFile(tuple(units), not root.has_error)


def _imports(root: Node, grammar: Grammar) -> list[_Piece]:
    """The imports with which a file begins, comments and directives between them left out."""
    found = list[_Piece]()
    for node in root.children:
        start, end = node.start_point[0], node.end_point[0] + 1
        first = (node.text or b"")[:200].decode(errors="replace")
        if (node.type in grammar.imports and not node.child_by_field_name("body")) or _REQUIRE.match(first):
            if not found or start >= found[-1].end:
                found.append(_Piece(start, end, 0))
        elif not (node.type in COMMENTS or _is_text(node)):
            # A line that holds more than an import belongs to the body.
            return [one for one in found if one.end <= start]
    return found


def _is_text(node: Node) -> bool:
    """Whether a statement is a docstring or a directive."""
    children = node.named_children
    return node.type == "expression_statement" and len(children) == 1 and children[0].type == "string"


def _pieces(node: Node, piece: _Piece, lines: _Lines, depth: int) -> Iterator[_Piece]:
    """The lines of a piece, which `node` spans, as pieces that are no longer than a unit: one for each
    child, with the comments and decorators before it."""
    children = [child for child in node.named_children if child.end_point[0] >= piece.start]
    inner = body_of(node) or (children[0] if len(children) == 1 else None)
    if inner is not None and inner.end_point[0] > inner.start_point[0] and depth < DEEPEST:
        yield from _pieces(inner, piece, lines, depth + 1)
        return
    if not children or depth >= DEEPEST:
        yield from _paragraphs(piece.start, piece.end, lines, piece)
        return
    start = piece.start
    for position, child in enumerate(children):
        is_last = position == len(children) - 1
        end = piece.end if is_last else min(child.end_point[0] + 1, piece.end)
        shares_its_line = not is_last and children[position + 1].start_point[0] < end
        if end <= start or (not is_last and (child.type in LEADING or shares_its_line)):
            continue
        tokens = lines.tokens[end] - lines.tokens[start]
        part = _named(replace(piece, start=start, end=end, tokens=tokens), child, lines)
        if tokens <= TOKENS_OF_A_UNIT:
            yield part
        else:
            yield from _pieces(child, _opened(part, child), lines, depth + 1)
        start = end


def _named(piece: _Piece, node: Node, lines: _Lines) -> _Piece:
    """The piece under the name of what the node defines, below the names around it. What is defined
    inside a function has no name of its own."""
    definition = definition_of(node) if piece.kind in ("class", "type", "code") else None
    kind = kind_of(definition.kind if definition else "", lines.between(piece.start, piece.end))
    if definition is None:
        own = kind in ("route", "test") and not piece.names
        return replace(piece, kind=kind if own else piece.kind, complete=not piece.names)
    around = piece.names[-1] if piece.names else ""
    is_same = definition.name == around.rsplit(".", 1)[-1]
    name = around if is_same else f"{around}.{definition.name}".lstrip(".")
    return replace(piece, names=(name,), kind=kind, complete=True)


def _opened(piece: _Piece, node: Node) -> _Piece:
    """The piece as the surroundings of its parts."""
    definition = definition_of(node)
    if definition is None or definition.line in piece.owners:
        return replace(piece, complete=False)
    return replace(piece, owners=(*piece.owners, definition.line), complete=False)


def _paragraphs(start: int, end: int, lines: _Lines, around: _Piece | None = None) -> Iterator[_Piece]:
    """Lines `[start, end)` divided at blank lines, and where those are too far apart at any line."""
    around = around or _Piece(start, end, 0)
    first, tokens = start, 0
    for position in range(start, end):
        added = lines.tokens[position + 1] - lines.tokens[position]
        is_break = not lines.texts[position].strip() and tokens >= TOKENS_OF_A_TINY_UNIT
        if position > first and (tokens + added > TOKENS_OF_JOINED_UNITS or is_break):
            yield replace(around, start=first, end=position, tokens=tokens, complete=False)
            first, tokens = position, 0
        tokens += added
    if first < end:
        yield replace(
            around, start=first, end=end, tokens=tokens, complete=first == start and not around.names
        )


def _joined(pieces: Iterable[_Piece]) -> list[_Piece]:
    """Neighbours inside the same definition while they fit and one of them is tiny."""
    done = list[_Piece]()
    for piece in pieces:
        last = done[-1] if done else None
        if (
            last is not None
            and last.owners == piece.owners
            and last.tokens + piece.tokens <= TOKENS_OF_JOINED_UNITS
            and (min(last.tokens, piece.tokens) < TOKENS_OF_A_TINY_UNIT or last.names == piece.names)
        ):
            names = tuple(dict.fromkeys((*last.names, *piece.names)))
            kind = last.kind if piece.kind in (last.kind, "code") else piece.kind
            done[-1] = replace(
                last,
                end=piece.end,
                tokens=last.tokens + piece.tokens,
                names=names,
                kind=kind if last.kind in (kind, "code") else "code",
                complete=last.complete and piece.complete,
            )
        else:
            done.append(piece)
    return done


def _units(pieces: Iterable[_Piece], lines: _Lines) -> Iterator[CodeUnit]:
    for piece in pieces:
        start, end = piece.start, piece.end
        while start < end and not lines.texts[start].strip():
            start += 1
        text = lines.between(start, end).rstrip()
        if not text:
            continue
        owners = (lines.texts[owner].rstrip() for owner in piece.owners if owner < start)
        signature = "\n".join(owner for owner in owners if len(owner) <= LONGEST_SIGNATURE)
        kind = piece.kind if piece.kind != "code" or piece.names else kind_of("", text)
        yield CodeUnit(", ".join(piece.names), kind, start + 1, text, "", signature, piece.complete)


def _with_imports(
    units: Sequence[CodeUnit], head: Sequence[str], imports: Sequence[_Piece], all_count: bool
) -> Iterator[CodeUnit]:
    """The units with the imports that each uses. What no unit uses, and what else stands at the head of
    the file, opens the first."""
    statements = {one: "\n".join(head[one.start : one.end]) for one in imports}
    named = {one: frozenset(_IDENTIFIER.findall(text)) - _IMPORT_WORDS for one, text in statements.items()}
    used = list[set[_Piece]]()
    for unit in units:
        words = set(_IDENTIFIER.findall(unit.text)) if imports else set()
        used.append({one for one in imports if all_count or not named[one].isdisjoint(words)})
    by_someone = set().union(*used)
    covered = {line for one in imports for line in range(one.start, one.end)}
    for position, unit in enumerate(units):
        if position:
            chosen, tokens = list[str](), 0
            for one in imports:
                tokens += estimated_tokens(statements[one]) if one in used[position] else 0
                if one in used[position] and tokens <= TOKENS_OF_IMPORTS:
                    chosen.append(statements[one])
            yield replace(unit, imports="\n".join(chosen))
            continue
        kept = {
            line
            for one in imports
            for line in range(one.start, one.end)
            if one in used[0] or one not in by_someone
        }
        text = "\n".join(line for at, line in enumerate(head) if at in kept or at not in covered)
        yield replace(unit, imports=text.strip("\n"), line=1 if text.strip() else unit.line)


def _defined(root: Node | None, text: str) -> tuple[tuple[str, ...], str]:
    """What a file defines at its top, and of which kind that is."""
    nodes = root.children if root is not None else []
    found = [one for one in map(definition_of, nodes) if one is not None]
    kinds = {one.kind for one in found}
    return tuple(dict.fromkeys(one.name for one in found)), kind_of(
        kinds.pop() if len(kinds) == 1 else "code", text
    )
