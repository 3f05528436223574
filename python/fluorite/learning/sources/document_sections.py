"""Markdown in sections: by heading, each code block whole and with the prose that introduces it.

    units     a heading; a block of prose; prose and the code after it: never torn apart
    sections  units in a row that fit the embedding model, under the path of their headings

No line that is not blank is lost: every one is in some section.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..text_file import estimated_tokens
from .markdown_blocks import Block, blocks_of, plain_heading, slug_of

TOKENS_OF_A_SECTION = 220
"""What the model's 256 leave beside the title that goes before the content."""
TOKENS_OF_A_TINY_SECTION = 48
TOKENS_OF_AN_INTRODUCTION = 120
"""Longer prose is divided, and only its last part stays with the code that it introduces."""


@dataclass(frozen=True, slots=True)
class Section:
    """A piece of a document.

    `headings` lead from the document's title to the piece, `slug` is the anchor of the heading that it
    stands under ("" before the first), `line` counts from 1. `complete` is False for a piece of a
    section that was too long.
    """

    headings: tuple[str, ...]
    slug: str
    line: int
    text: str
    complete: bool = True


@dataclass(slots=True)
class _Draft:
    """Lines `[start, end)` that may still grow. `has_body`: they hold more than headings and front matter."""

    headings: tuple[str, ...]
    slug: str
    level: int
    start: int
    end: int
    tokens: int
    has_body: bool
    complete: bool = True


def sections_of(text: str, max_bytes: int) -> list[Section]:
    """The sections of a Markdown text with `\\n` line ends, in order; none has more than `max_bytes` of
    UTF-8. The text of a section stands in the document as it is."""
    lines = text.split("\n")
    return [
        part for draft in _joined(_drafts(blocks_of(text))) for part in _finished(draft, lines, max_bytes)
    ]


def cut_text(text: str, max_bytes: int) -> Iterator[str]:
    """`text` in pieces of at most `max_bytes` of UTF-8: at line ends, inside a line only where it alone
    is longer. At least a character at a time, whatever `max_bytes` is."""
    piece = list[str]()
    size = 0
    for line in text.split("\n"):
        for part in _cut_line(line, max_bytes):
            length = len(part.encode()) + 1
            if piece and size + length - 1 > max_bytes:
                yield "\n".join(piece)
                piece, size = [], 0
            piece.append(part)
            size += length
    if piece:
        yield "\n".join(piece)


def _drafts(blocks: Iterable[Block]) -> Iterator[_Draft]:
    """Under each heading, units in a row up to the limit; a heading waits for what stands under it."""
    path = list[tuple[int, str]]()
    taken = dict[str, int]()
    draft: _Draft | None = None
    for unit in _units(blocks):
        first, end = unit[0], unit[-1].end
        tokens = sum(estimated_tokens(block.text) for block in unit)
        is_heading = first.kind == "heading"
        if draft and not is_heading and (not draft.has_body or draft.tokens + tokens <= TOKENS_OF_A_SECTION):
            draft.end, draft.tokens, draft.has_body = end, draft.tokens + tokens, True
            continue
        slug, level, complete = "", 0, True
        if is_heading:
            title = plain_heading(first.text)
            path = [*(one for one in path if one[0] < first.level), (first.level, title)]
            slug, level = _unique(slug_of(title) or "section", taken), first.level
        elif draft:
            slug, level, complete = draft.slug, draft.level, False
            draft.complete = False
        if draft:
            yield draft
        headings = tuple(title for _, title in path if title)
        has_body = first.kind not in ("heading", "front_matter")
        draft = _Draft(headings, slug, level, first.start, end, tokens, has_body, complete)
    if draft:
        yield draft


def _units(blocks: Iterable[Block]) -> Iterator[tuple[Block, ...]]:
    introduction: Block | None = None
    for block in itertools.chain.from_iterable(map(_divided, blocks)):
        if block.kind == "code" and introduction:
            yield introduction, block
            introduction = None
            continue
        if introduction:
            yield (introduction,)
        introduction = block if block.kind == "prose" else None
        if introduction is None:
            yield (block,)
    if introduction:
        yield (introduction,)


def _divided(block: Block) -> Iterator[Block]:
    """Long prose in parts, each up to the length of an introduction."""
    if block.kind in ("heading", "code") or estimated_tokens(block.text) <= TOKENS_OF_AN_INTRODUCTION:
        yield block
        return
    lines = block.text.split("\n")
    bounds = [block.start, *(part for part in block.parts if block.start < part < block.end), block.end]
    start, tokens = block.start, 0
    for begin, end in itertools.pairwise(bounds):
        added = estimated_tokens("\n".join(lines[begin - block.start : end - block.start]))
        if tokens and tokens + added > TOKENS_OF_AN_INTRODUCTION:
            yield _slice(block, lines, start, begin)
            start, tokens = begin, 0
        tokens += added
    yield _slice(block, lines, start, block.end)


def _slice(block: Block, lines: Sequence[str], start: int, end: int) -> Block:
    return Block(block.kind, start, end, "\n".join(lines[start - block.start : end - block.start]))


def _joined(drafts: Iterable[_Draft]) -> list[_Draft]:
    """Tiny sections go to the neighbour that stands beside or below them, under the heading of the longer.
    A heading with nothing under it opens what follows below it, else it ends what stands before it."""
    done = list[_Draft]()
    for draft in drafts:
        if done and _belong_together(done[-1], draft):
            last = done[-1]
            if not last.has_body or draft.tokens > last.tokens:
                last.headings, last.slug, last.level = draft.headings, draft.slug, draft.level
            last.end, last.tokens = draft.end, last.tokens + draft.tokens
            last.has_body |= draft.has_body
            last.complete &= draft.complete
            continue
        _close(done)
        done.append(draft)
    _close(done)
    return done


def _close(done: list[_Draft]) -> None:
    if len(done) > 1 and not done[-1].has_body:
        bare = done.pop()
        done[-1].end = bare.end
        done[-1].tokens += bare.tokens


def _belong_together(last: _Draft, draft: _Draft) -> bool:
    if not last.has_body:
        return draft.level > last.level
    if draft.slug == last.slug:
        return (
            draft.tokens < TOKENS_OF_A_TINY_SECTION
            and last.tokens + draft.tokens <= TOKENS_OF_A_SECTION + TOKENS_OF_A_TINY_SECTION
        )
    if not draft.has_body or draft.level < last.level:
        return False
    is_tiny = min(last.tokens, draft.tokens) < TOKENS_OF_A_TINY_SECTION
    return is_tiny and last.tokens + draft.tokens <= TOKENS_OF_A_SECTION


def _finished(draft: _Draft, lines: Sequence[str], max_bytes: int) -> Iterator[Section]:
    start, end = draft.start, draft.end
    while end > start + 1 and not lines[end - 1].strip():
        end -= 1
    text = "\n".join(lines[start:end])
    whole = len(text.encode()) <= max_bytes
    line = start + 1
    for part in [text] if whole else cut_text(text, max_bytes):
        yield Section(draft.headings, draft.slug, line, part, whole and draft.complete)
        line += part.count("\n") + 1


def _cut_line(line: str, max_bytes: int) -> Iterator[str]:
    while len(line.encode()) > max_bytes:
        part = line.encode()[:max_bytes].decode(errors="ignore") or line[0]
        yield part
        line = line[len(part) :]
    yield line


def _unique(slug: str, taken: dict[str, int]) -> str:
    count = taken.get(slug, 0)
    taken[slug] = count + 1
    return f"{slug}-{count}" if count else slug
