"""What is looked for: weighted terms, and how much each kind of term and each field counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from ..terms import text_terms

MOST_TERMS = 256
"""Of a longer query the first; how often each occurs must be looked up."""


@dataclass(frozen=True, slots=True)
class LexicalWeights:
    """How much a term counts by where it is found and by what it is of its text, and which terms of a
    long query are left out. All of it takes effect at the next search: nothing is indexed by it.

    A pair of Japanese characters is a fragment of a word, and rare among code, so that its BM25 weight
    would drown every whole word.
    """

    about: float = 1.0
    content: float = 1.0

    word: float = 1.0
    whole: float = 1.0
    joined: float = 1.0
    part: float = 0.7
    function_word: float = 0.2
    katakana: float = 1.0
    katakana_pair: float = 0.1
    kanji_pair: float = 0.3
    kanji: float = 0.1
    okurigana: float = 0.1
    hiragana_pair: float = 0.1

    most_terms: int = 24
    """Of more terms, those that say most are searched."""
    common: float = 0.1
    """A term in a greater share of the chunks is left out if the others find enough; not in small
    memories, where it costs nothing."""


class QueryTerm(NamedTuple):
    text: str
    weight: float
    word: str
    """As it stands in the query."""


@dataclass(frozen=True, slots=True)
class LexicalQuery:
    """Distinct terms in the order of the text, each with a weight above 0."""

    terms: tuple[QueryTerm, ...]
    weights: LexicalWeights

    def extended(self, text: str, factor: float) -> LexicalQuery:
        """The query with the terms of `text` too, at `factor` of their weight; a term that is there
        already keeps the higher weight."""
        return replace(self, terms=_distinct((*self.terms, *_weighted(text, self.weights, factor))))


DEFAULT_WEIGHTS = LexicalWeights()


def query_terms(
    text: str, weights: LexicalWeights = DEFAULT_WEIGHTS, further: Mapping[str, float] | None = None
) -> LexicalQuery:
    """The terms of `text`, and of each text in `further` at that factor of their weight."""
    found = list(_weighted(text, weights, 1.0))
    for other, factor in (further or {}).items():
        found += _weighted(other, weights, factor)
    return LexicalQuery(_distinct(found), weights)


def _weighted(text: str, weights: LexicalWeights, factor: float) -> Iterable[QueryTerm]:
    for term in text_terms(text):
        weight: float = factor * getattr(weights, term.kind)
        if weight > 0:
            yield QueryTerm(term.text, weight, term.word)


def _distinct(terms: Iterable[QueryTerm]) -> tuple[QueryTerm, ...]:
    best = dict[str, QueryTerm]()
    for term in terms:
        known = best.get(term.text)
        if known is None or term.weight > known.weight:
            best[term.text] = term
    return tuple(best.values())[:MOST_TERMS]
