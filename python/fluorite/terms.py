"""The terms by which text is found: what developers type, and the same of code, English and Japanese.

    createOrderBy      createorderby, create, order, by
    react-hook-form    reacthookform, react, hook, form
    useState2          usestate2, usestate, use, state
    Next.js            nextjs, next, js
    サーバー・ログ        サーバ, サー, ーバ, ログ
    認証を行う           認, 認証, 証, 行, 行う

Text is normalised (NFKC), so full and half width are alike; the marks of Latin letters are dropped.
Plurals lose their s. Nothing in here raises, whatever the text.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple

TERMS_VERSION = 1
"""Changes with the terms that a text gives; an index of other terms is made again."""

LONGEST_WORD = 40
MOST_JOINED = 4
REMEMBERED = 100_000

Kind = Literal[
    "word",
    "whole",
    "joined",
    "part",
    "function_word",
    "katakana",
    "katakana_pair",
    "kanji_pair",
    "kanji",
    "okurigana",
    "hiragana_pair",
]
"""What a term is of its text. word: a plain word; whole: an identifier of several parts; joined: words
with hyphens, dots or underscores between them, run together; part: of either; katakana: a whole word;
okurigana: a kanji and the kana after it."""


class Term(NamedTuple):
    text: str
    kind: Kind
    word: str
    """As it stands in the text."""


def _listed(text: str) -> list[str]:
    return text.split()


FUNCTION_WORDS = frozenset(
    _listed(
        "a an and are as at be by can could do does for from had has have how i if in into is it its like my "
        "need no not of on only or our should so some than that the their them then there these they this "
        "to up use using via want was we were what when where which while who will with without would you "
        "your"
    )
)

_LATIN = r"[A-Za-z0-9_$]"
_NAME = _LATIN + r"+(?:-" + _LATIN + r"+)*(?:\.(?:js|ts|io|net|py|rs|ai|dev|sh)(?![A-Za-z0-9_])|\+\+|#)?"
_ASCII = re.compile(_NAME)
_ANY = re.compile(
    _NAME.replace("A-Za-z0-9_$", r"A-Za-z0-9_$\u00c0-\u024f")
    + r"|[\u30a1-\u30faー]+|[\u3041-\u3096\u3400-\u4dbf\u4e00-\u9fff々〆]+"
    + r"|[^\W\u3041-\u3096\u30a1-\u30faー\u3400-\u4dbf\u4e00-\u9fff々〆A-Za-z0-9_\u00c0-\u024f]+"
)
_SEPARATOR = re.compile(r"[-_.$]+")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SIGNED = {"c++": "cpp", "c#": "csharp", "f#": "fsharp"}
_PLURAL_IN_ES = ("sses", "shes", "ches", "xes")
_NO_PLURAL = ("ss", "us", "is", "js", "ws", "os", "as", "ps")


def index_terms(text: str) -> str:
    """The terms of `text` in order, repeated as often as they occur, separated by single spaces."""
    return " ".join(filter(None, map(_remembered.__getitem__, _words(text))))


def text_terms(text: str) -> list[Term]:
    """The terms of `text` in order, with their kinds."""
    return [term for word in _words(text) for term in _terms(word)]


def _words(text: str) -> list[str]:
    if text.isascii():
        return _ASCII.findall(text)
    return _ANY.findall(unicodedata.normalize("NFKC", text))


class _Remembered(dict[str, str]):
    """Word → its terms; code repeats its words, so nine of ten are found here. The segments of a compound
    are remembered, the compound is not: ids are compounds, and each is unlike all others."""

    def __missing__(self, word: str) -> str:
        if len(word) > LONGEST_WORD:
            return " ".join([term.text for term in _terms(word)])
        compound = word.isascii() and word[-1] not in "+#"
        segments = _SEPARATOR.split(word) if compound else ()
        if len(segments) > 1 and all(segments):
            found = [self[segment] for segment in segments]
            if len(segments) <= MOST_JOINED:
                found.append("".join(segments).lower())
            return " ".join(filter(None, found))
        if len(self) >= REMEMBERED:
            self.clear()
        terms = self[word] = " ".join([term.text for term in _terms(word)])
        return terms


_remembered = _Remembered()


def _terms(word: str) -> list[Term]:
    first = word[0]
    if first <= "\u024f":
        return _of_identifier(word)
    if "\u30a1" <= first <= "\u30ff":
        return _of_katakana(word)
    if "\u3041" <= first <= "\u3096" or _is_kanji(first):
        return _of_japanese(word)
    return [Term(word.lower()[:LONGEST_WORD], "word", word)]


def _of_identifier(word: str) -> list[Term]:
    given = word
    if word[-1] in "+#":
        signed = _SIGNED.get(word.lower())
        if signed is not None:
            return [Term(signed, "word", word)]
        word = word.rstrip("+#")
    if not word.isascii():
        word = _without_marks(word)
    whole_only = not word.isascii()
    segments = [segment for segment in _SEPARATOR.split(word) if segment]
    terms = []
    if 2 <= len(segments) <= MOST_JOINED and len(word) <= LONGEST_WORD:
        terms.append(Term("".join(segments).lower(), "joined", given))
    plain: Kind = "word" if len(segments) == 1 else "part"
    for segment in segments:
        lower = segment.lower()
        # What is longer is data (hashes, base64), and its parts are noise.
        if len(segment) > LONGEST_WORD:
            terms.append(Term(lower[:LONGEST_WORD], plain, given))
            continue
        parts = [] if whole_only else _PART.findall(segment)
        if len(parts) <= 1:
            terms.append(Term(singular(lower), _kind(lower, plain), given))
            continue
        terms.append(Term(singular(lower), "whole", given))
        if len(parts) > 2 and parts[-1].isdigit():
            terms.append(Term(lower[: -len(parts[-1])], "whole", given))
        for part in parts:
            if len(part) > 1:
                lower = part.lower()
                terms.append(Term(singular(lower), _kind(lower, "part"), given))
    return terms


def _kind(lower: str, otherwise: Kind) -> Kind:
    return "function_word" if lower in FUNCTION_WORDS else otherwise


def singular(word: str) -> str:
    """An English word in lower case without the ending of its plural; words that only look like one
    (redis, https, nextjs, class) stay. A final ie becomes y, so that cookie and cookies agree."""
    if len(word) < 4:
        return word
    if word[-1] != "s":
        return word[:-2] + "y" if word.endswith("ie") else word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(_PLURAL_IN_ES) and not word.endswith("caches"):
        return word[:-2]
    return word if word.endswith(_NO_PLURAL) else word[:-1]


def _of_katakana(word: str) -> list[Term]:
    whole = word[:-1] if len(word) > 3 and word[-1] == "ー" else word
    terms = [Term(whole[:LONGEST_WORD], "katakana", word)]
    if len(whole) > 2:
        terms += [Term(whole[start : start + 2], "katakana_pair", word) for start in range(len(whole) - 1)]
    return terms


def _of_japanese(run: str) -> list[Term]:
    """Of a run of kanji and hiragana: single kanji, and pairs except kana before a kanji, which joins a
    particle to the next word."""
    terms = []
    kanji = [_is_kanji(character) for character in run]
    for position, character in enumerate(run):
        if kanji[position]:
            terms.append(Term(character, "kanji", character))
        if position + 1 == len(run):
            break
        pair = run[position : position + 2]
        if kanji[position]:
            terms.append(Term(pair, "kanji_pair" if kanji[position + 1] else "okurigana", pair))
        elif not kanji[position + 1]:
            terms.append(Term(pair, "hiragana_pair", pair))
    return terms


def _is_kanji(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff" or character in "々〆"


def _without_marks(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()
