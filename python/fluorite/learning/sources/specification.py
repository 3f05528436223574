"""Library specifications in YAML: one section for the library, and one for each meaningful part.

A specification is a mapping with an id or a name. What describes the library as a whole (summary,
version, install, references, …) makes the first section; every other key is a part, divided where it is
too long for the embedding model and joined to its neighbours where it is tiny. Sections are written in
Markdown: keys are headings, texts of several lines are code blocks. Every value is in some section, as it
stands in the file (1.10 stays 1.10), a key that is given twice twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..text_file import estimated_tokens
from .document_sections import TOKENS_OF_A_SECTION, TOKENS_OF_A_TINY_SECTION, Section, cut_text

if TYPE_CHECKING:
    from yaml import Node

MOST_VALUES = 100_000
"""Aliases can stand for more values than any memory holds."""
DEEPEST = 64


def _listed(text: str) -> list[str]:
    return text.split()


OVERVIEW_KEYS = frozenset(
    _listed(
        "id name title version homepage website url github repository repo npm pypi composer package "
        "crate gem summary description tags keywords category categories license author authors "
        "maintainers lastreviewed last_reviewed updated metadata language languages ecosystem stack "
        "dependencies peerdependencies install installation references links related relatedpackages"
    )
)
_PROSE_KEYS = frozenset({"description", "summary", "note", "notes", "purpose", "overview", "details"})
_LABEL_KEYS = ("tags", "keywords", "category", "stack")
_LANGUAGE_OF_KEY = {"install": "bash", "installation": "bash", "commands": "bash", "cli": "bash"}
_NOT_IN_A_SLUG = re.compile(r"[^\w@/-]+")
_FENCE = re.compile(r"^(`{3,})", re.MULTILINE)


class MalformedSpecification(Exception):
    """Why a text is no YAML that can be read: `line` counts from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Specification:
    """`name` is how it calls itself, `labels` what it says it is about, `packages` the names of its
    packages."""

    name: str
    description: str
    labels: tuple[str, ...]
    packages: tuple[str, ...]
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """`keys` lead to it; `text` is its Markdown below the heading."""

    keys: tuple[str, ...]
    line: int
    text: str
    tokens: int
    complete: bool = True


def read_specification(text: str, max_bytes: int) -> Specification | None:
    """The specification in a text with `\\n` line ends; None for YAML that is none. No section has more
    than `max_bytes` of UTF-8. Raises MalformedSpecification."""
    roots = _compose(text)
    pairs = [pair for root in roots for pair in _pairs(root)]
    scalars = {key: _scalar(value) for key, _, value in reversed(pairs)}
    name = scalars.get("name") or scalars.get("title") or scalars.get("id")
    if not name:
        return None
    known = {key.lower(): value for key, _, value in reversed(pairs)}
    labels = [label for key in _LABEL_KEYS if key in known for label in _strings(known[key])]
    packages = [scalars.get(key) for key in ("id", "npm", "composer", "pypi", "package")]
    about = scalars.get("summary") or scalars.get("description") or ""
    overview, parts = list[tuple[int, str]](), list[_Part]()
    for key, line, value in pairs:
        rendered = _rendered(key, value, 0)
        if key.lower() in OVERVIEW_KEYS and estimated_tokens(rendered) <= TOKENS_OF_A_SECTION:
            overview.append((key.lower() not in ("summary", "description"), rendered))
        else:
            parts += _parts((key,), line, value)
    # What it is for comes first, where the embedding model still reads.
    told = "\n\n".join(rendered for _, rendered in sorted(overview, key=lambda pair: pair[0]))
    first = _Part((), 1, told, 0)
    sections = [section for part in (first, *_joined(parts)) for section in _sections(part, name, max_bytes)]
    given = tuple(dict.fromkeys(one for one in packages if one))
    return Specification(name, " ".join(about.split()), tuple(labels), given, tuple(sections))


def read_mapping(text: str) -> dict[str, list[str]]:
    """The texts and lists of texts of a YAML mapping, by key; empty for anything else. Raises
    MalformedSpecification."""
    pairs = [pair for root in _compose(text) for pair in _pairs(root)]
    return {key: [one for one in _strings(value) if one] for key, _, value in pairs}


def _compose(text: str) -> list[Node]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        # libyaml's nodes are made by recursion in C, which ends the process where it goes too deep.
        depth = 0
        for event in yaml.parse(text, loader):
            is_end = isinstance(event, yaml.CollectionEndEvent)
            depth += isinstance(event, yaml.CollectionStartEvent) - is_end
            if depth > DEEPEST:
                mark = event.start_mark
                raise MalformedSpecification(mark.line + 1 if mark else 1, "nested too deeply")
        roots = [root for root in yaml.compose_all(text, loader) if root is not None]
        for root in roots:
            _count(root, 0, [0])
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = error.problem or error.context or "not valid YAML"
        raise MalformedSpecification(mark.line + 1 if mark else 1, reason) from None
    except yaml.YAMLError as error:
        position = getattr(error, "position", 0)
        line = text.count("\n", 0, position) + 1 if isinstance(position, int) else 1
        raise MalformedSpecification(line, str(getattr(error, "reason", "not valid YAML"))) from None
    except RecursionError:
        raise MalformedSpecification(1, "nested too deeply") from None
    return roots


def _count(node: Node, depth: int, seen: list[int]) -> None:
    seen[0] += 1
    line = node.start_mark.line + 1
    if depth > DEEPEST:
        raise MalformedSpecification(line, "nested too deeply")
    if seen[0] > MOST_VALUES:
        raise MalformedSpecification(line, f"more than {MOST_VALUES:,} values, aliases counted each time")
    for child in _children(node):
        _count(child, depth + 1, seen)


def _children(node: Node) -> Iterator[Node]:
    if _is_mapping(node):
        for key, value in node.value:
            yield key
            yield value
    elif not _is_scalar(node):
        yield from node.value


def _pairs(node: Node) -> list[tuple[str, int, Node]]:
    """(key, line from 1, value) of a mapping, each as often as it is given; none of anything else."""
    if not _is_mapping(node):
        return []
    return [(_inline(key), key.start_mark.line + 1, value) for key, value in node.value]


def _parts(keys: tuple[str, ...], line: int, node: Node) -> Iterator[_Part]:
    """A value as one part where it fits, else each of its own values."""
    text = _rendered("", node, 0)
    tokens = estimated_tokens(text)
    pairs = _pairs(node)
    if tokens <= TOKENS_OF_A_SECTION or not (pairs or not (_is_scalar(node) or _is_mapping(node))):
        yield _Part(keys, line, text, tokens)
    elif pairs:
        for key, where, value in pairs:
            yield from _parts((*keys, key), where, value)
    else:
        for item in node.value:
            text = _rendered("", item, 0) if _is_mapping(item) else _item(item, 0)
            yield _Part(keys, item.start_mark.line + 1, text, estimated_tokens(text), False)


def _joined(parts: Sequence[_Part]) -> list[_Part]:
    """Neighbours under one key while they fit and one of them is tiny."""
    done = list[_Part]()
    for part in parts:
        last = done[-1] if done else None
        shared = _shared(last.keys, part.keys) if last else ()
        if (
            last
            and (shared or len(last.keys) == len(part.keys) == 1)
            and last.tokens + part.tokens <= TOKENS_OF_A_SECTION
            and (min(last.tokens, part.tokens) < TOKENS_OF_A_TINY_SECTION or last.keys == part.keys)
        ):
            # Of what is joined, each part says where it stands; the first gives the title.
            text = f"{last.text}\n{part.text}" if last.keys == part.keys else _both(last, part)
            done[-1] = _Part(last.keys, last.line, text, last.tokens + part.tokens, last.complete)
        else:
            done.append(part)
    return done


def _both(last: _Part, part: _Part) -> str:
    return f"{last.text}\n\n## {' › '.join(part.keys)}\n\n{part.text}"


def _shared(first: Sequence[str], second: Sequence[str]) -> tuple[str, ...]:
    count = 0
    while count < min(len(first), len(second)) and first[count] == second[count]:
        count += 1
    return tuple(first[:count])


def _sections(part: _Part, name: str, max_bytes: int) -> Iterator[Section]:
    slug = ".".join(_NOT_IN_A_SLUG.sub("-", key) for key in part.keys)
    text = f"# {' › '.join((name, *part.keys))}\n\n{part.text}".strip()
    whole = len(text.encode()) <= max_bytes
    for piece in [text] if whole else cut_text(text, max_bytes):
        yield Section((name, *part.keys), slug, part.line, piece, whole and part.complete)


def _rendered(key: str, node: Node, depth: int) -> str:
    """A value in Markdown, under its key ("" for none): at depth 0 in bold letters, below it as an item of
    a list; texts of several lines as code."""
    if _is_scalar(node):
        return _text(key, node.value, depth)
    inner = depth + 1 if key else depth
    if not (_is_scalar(node) or _is_mapping(node)):
        lines = [_item(item, max(inner, 1)) for item in node.value]
    else:
        lines = [_rendered(name, value, inner) for name, _, value in _pairs(node)]
    gap = "\n" if inner or not (_is_scalar(node) or _is_mapping(node)) else "\n\n"
    return "\n".join([*_title(key, depth), gap.join(lines)])


def _text(key: str, value: str, depth: int) -> str:
    value = value.strip("\n")
    if "\n" not in value:
        return f"{_bullet(depth)}{key}: {value}" if key else f"{_bullet(depth)}{value}"
    if key.lower() in _PROSE_KEYS:
        return "\n".join([*_title(key, depth), *value.split("\n")])
    longest = max((len(run) for run in _FENCE.findall(value)), default=2)
    fence = "`" * max(3, longest + 1)
    language = _LANGUAGE_OF_KEY.get(key.lower(), "")
    return "\n".join([*_title(key, depth), fence + language, *value.split("\n"), fence])


def _item(node: Node, depth: int) -> str:
    if _is_scalar(node) and "\n" not in node.value.strip("\n"):
        return f"{_bullet(depth)}{node.value.strip()}"
    return f"{_bullet(depth)}\n{_rendered('', node, depth + 1)}"


def _title(key: str, depth: int) -> list[str]:
    if not key:
        return []
    return [f"{_bullet(depth)}{key}:"] if depth else [f"**{key}**"]


def _bullet(depth: int) -> str:
    return f"{'  ' * (depth - 1)}- " if depth else ""


def _scalar(node: Node) -> str | None:
    return node.value.strip() if _is_scalar(node) else None


def _strings(node: Node) -> list[str]:
    if _is_scalar(node):
        return [node.value.strip()]
    return [item.value.strip() for item in _children(node) if _is_scalar(item)]


def _inline(node: Node) -> str:
    return " ".join(str(node.value).split()) if _is_scalar(node) else "?"


def _is_scalar(node: Node) -> bool:
    return isinstance(node.value, str)


def _is_mapping(node: Node) -> bool:
    return not _is_scalar(node) and bool(node.value) and isinstance(node.value[0], tuple)
