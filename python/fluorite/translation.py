"""Japanese words of software in English.

An English embedding model does not know 認証, and code says `auth`. A glossary of the trade bridges both:
its English words join the words that are looked for, and stand in for the Japanese where a model cannot
read it. A phrase is one word there, joined by hyphens.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

GLOSSARY = [
    Path(__file__).with_name("glossary_ja") / name for name in ("words.tsv", "kanji.tsv", "katakana.tsv")
]
SHORTEST_PART_OF_KATAKANA = 3
"""A shorter katakana word is not looked for within a longer one: タブ is not in データベース."""

Entries = Mapping[str, tuple[str, ...]]
Segment = tuple[str, tuple[str, ...]]
"""A piece of text, and its English words; none where the glossary does not have it."""

_JAPANESE = re.compile(r"[\u3005-\u3006\u3041-\u30ff\u3400-\u9fff\uff66-\uff9f]")
_HIRAGANA = re.compile(r"[\u3041-\u309f]")
_UNTRANSLATED = re.compile(r"[\u3000-\u9fff\uff00-\uffef]+")
_KATAKANA = re.compile(r"[\u30a1-\u30fa\u30fc]")
_SPACES = re.compile(r"\s+")


def has_japanese(text: str) -> bool:
    """Whether `text` holds any kana or kanji."""
    return not text.isascii() and _JAPANESE.search(text) is not None


@cache
def glossary() -> Entries:
    """Japanese → English words, the most usual first."""
    entries = dict[str, tuple[str, ...]]()
    for file in GLOSSARY:
        for line in file.read_text(encoding="utf-8").splitlines():
            if not line.startswith("#"):
                japanese, english = line.split("\t")
                words = tuple(english.split(" "))
                entries.update((word, words) for word in japanese.split(" "))
    return entries


def english_words(text: str) -> list[str]:
    """The English words of everything in `text` that the glossary has, in order."""
    if not has_japanese(text):
        return []
    return [word for _, english in segments(text, glossary()) for word in english]


def translate(text: str) -> str:
    """`text` with its Japanese in English, as far as the glossary goes; the rest of the Japanese is left
    out. Lines without Japanese stay as they are."""
    if not has_japanese(text):
        return text
    return "\n".join(_translated(line) if has_japanese(line) else line for line in text.split("\n"))


def readability(text: str) -> float:
    """The share of the letters of `text`, hiragana aside, that `translate` keeps or translates, 0 to 1; 1
    where there is nothing to translate."""
    if not has_japanese(text):
        return 1.0
    known = lost = 0
    for piece, english in segments(text, glossary()):
        letters = [one for one in piece if one.isalnum() and not _HIRAGANA.match(one)]
        kept = len(letters) if english else sum(one.isascii() for one in letters)
        known, lost = known + kept, lost + len(letters) - kept
    return known / max(known + lost, 1)


def segments(text: str, entries: Entries) -> list[Segment]:
    """`text` after NFKC in pieces, from the left and the longest first; they join to the whole."""
    text = unicodedata.normalize("NFKC", text)
    longest = _longest(entries)
    found, start, position = list[Segment](), 0, 0
    while position < len(text):
        stop = _longest_match(text, position, longest, entries) if _JAPANESE.match(text[position]) else 0
        if not stop:
            position += 1
            continue
        if start < position:
            found.append((text[start:position], ()))
        found.append((text[position:stop], entries[text[position:stop]]))
        start = position = stop
    if start < len(text):
        found.append((text[start:], ()))
    return found


def _translated(line: str) -> str:
    pieces = [
        f" {english[0].replace('-', ' ')} " if english else _UNTRANSLATED.sub(" ", piece)
        for piece, english in segments(line, glossary())
    ]
    return _SPACES.sub(" ", "".join(pieces)).strip()


def _longest(entries: Entries) -> int:
    return _longest_known() if entries is glossary() else _length_of_longest(entries)


@cache
def _longest_known() -> int:
    return _length_of_longest(glossary())


def _length_of_longest(words: Iterable[str]) -> int:
    return max(map(len, words), default=0)


def _longest_match(text: str, start: int, longest: int, entries: Entries) -> int:
    for stop in range(min(len(text), start + longest), start, -1):
        word = text[start:stop]
        if word in entries and not (
            stop - start < SHORTEST_PART_OF_KATAKANA
            and _KATAKANA.match(word)
            and (_is_katakana(text, start - 1) or _is_katakana(text, stop))
        ):
            return stop
    return 0


def _is_katakana(text: str, position: int) -> bool:
    return 0 <= position < len(text) and _KATAKANA.match(text[position]) is not None
