"""Searching the lexical index as it was at one moment: what lies on disk and what came since, as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .arrays import Numbers
from .label_hashes import LabelGroups
from .lexical_fields import FIELDS
from .lexical_query import LexicalQuery
from .lexical_segments import Scores, Segments
from .lexical_spelling import SHORTEST_CORRECTED, SURE_LETTERS, likeliest_word
from .ranking_function import SATURATION, inverse_frequency
from .recent_terms import Clause, RecentTerms

VOCABULARY = FIELDS.index("about")
"""The field whose words are offered for misspelt ones: names, labels and descriptions."""
ENOUGH_FOUND = 1000
COMMON_FROM = 20_000
"""Terms of fewer chunks take no time worth saving."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The clauses of a query under one view's statistics, and how often each occurs on disk."""

    clauses: list[Clause]
    frequencies: dict[tuple[int, str], int]


@dataclass(frozen=True, slots=True)
class View:
    """`removed`: ascending numbers that `segments` may still hold."""

    segments: Segments | None
    recent: RecentTerms
    removed: Numbers

    def averages(self) -> list[float]:
        """The mean length of each field, over all chunks ever added."""
        tokens = np.array(self.recent.tokens, np.float64)
        documents = len(self.recent)
        if self.segments is not None:
            tokens += self.segments.tokens
            documents += self.segments.documents
        return [float(total) for total in tokens / max(1, documents)]

    def plan(self, query: LexicalQuery) -> Plan:
        """Which terms are searched in which fields, and with what weight. Raises SegmentsDamaged."""
        terms = [term.text for term in query.terms]
        recent = np.array(self.recent.frequencies(terms), np.int64).reshape(-1, len(FIELDS))
        held = np.zeros_like(recent)
        documents = len(self.recent)
        if self.segments is not None and terms:
            held = np.array(self.segments.frequencies(terms), np.int64)
            documents += self.segments.alive
        both = held + recent
        boosts = [getattr(query.weights, field) for field in FIELDS]
        clauses = []
        frequencies = {}
        for row in _worthwhile(query, both, documents):
            for field, boost in enumerate(boosts):
                frequency = int(both[row, field])
                if frequency and boost > 0:
                    says = inverse_frequency(documents, frequency) * (SATURATION + 1)
                    clauses.append(Clause(field, terms[row], boost * query.terms[row].weight * says))
                    frequencies[field, terms[row]] = int(held[row, field])
        return Plan(clauses, frequencies)

    def corrections(self, query: LexicalQuery) -> dict[str, str]:
        """See LexicalIndex.corrections. Raises SegmentsDamaged."""
        doubtful = [
            term for term in query.terms if term.text.isascii() and len(term.text) >= SHORTEST_CORRECTED
        ]
        terms = [term.text for term in doubtful]
        frequencies = self.recent.frequencies(terms)
        if self.segments is not None:
            frequencies += self.segments.frequencies(terms)
        known = {term for term, counts in zip(terms * 2, frequencies, strict=False) if any(counts)}
        found = {}
        for term in doubtful:
            if term.text not in known and term.text.isalpha():
                vocabulary = self.recent.vocabulary(VOCABULARY, term.text[:SURE_LETTERS])
                if self.segments is not None:
                    vocabulary += self.segments.vocabulary(VOCABULARY, term.text[:SURE_LETTERS])
                meant = likeliest_word(term.text, vocabulary)
                if meant is not None:
                    found[term.text] = meant
        return found

    def search(
        self, query: LexicalQuery, most: int, allowed: Numbers | None, labels: LabelGroups
    ) -> tuple[Numbers, Scores]:
        """See LexicalIndex.search. Raises SegmentsDamaged."""
        plan = self.plan(query)
        numbers, scores = self.recent.scores(plan.clauses, self.averages())
        if allowed is not None and len(numbers):
            kept = among(numbers, allowed)
            numbers, scores = numbers[kept], scores[kept]
        if self.segments is not None and plan.clauses:

            def keep(found: Numbers) -> NDArray[np.bool_]:
                kept = ~among(found, self.removed)
                if allowed is not None:
                    kept &= among(found, allowed)
                known = self.recent.holds(found[kept])
                kept[kept] = ~known
                return kept

            stored, stored_scores = self.segments.search(
                plan.clauses, plan.frequencies, most, keep, allowed, labels
            )
            numbers = np.concatenate((numbers, stored))
            scores = np.concatenate((scores, stored_scores))
        numbers, first = np.unique(numbers, return_index=True)
        best = np.argsort(-scores[first], kind="stable")[:most]
        return numbers[best], scores[first][best]


def among(numbers: Numbers, ascending: Numbers) -> NDArray[np.bool_]:
    """Which of `numbers` are in `ascending`."""
    if not len(ascending):
        return np.zeros(len(numbers), np.bool_)
    places = np.minimum(np.searchsorted(ascending, numbers), len(ascending) - 1)
    return np.asarray(ascending[places] == numbers)


def _worthwhile(query: LexicalQuery, frequencies: NDArray[np.int64], documents: int) -> Sequence[int]:
    """The rows of the terms to search: those that occur, without common ones if the others find enough,
    and of these the ones that say most."""
    if not len(frequencies):
        return []
    widest = frequencies.max(axis=1)
    rows = [row for row in range(len(widest)) if widest[row]]
    limit = max(COMMON_FROM, query.weights.common * documents)
    rarer = [row for row in rows if widest[row] <= limit]
    if rarer and max(widest[row] for row in rarer) >= ENOUGH_FOUND:
        rows = rarer
    if len(rows) > query.weights.most_terms:
        says = {row: query.terms[row].weight * inverse_frequency(documents, int(widest[row])) for row in rows}
        rows = sorted(sorted(rows, key=lambda row: -says[row])[: query.weights.most_terms])
    return rows
