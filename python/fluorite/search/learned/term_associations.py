"""Which words of code go with which words of a question: sparse and bounded."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .text_terms import Terms

WEIGHT = 0.1
MOST_ADDED = 24
GREATEST_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class TermAssociations:
    """Question's term → code's terms with their strengths, strongest first."""

    strengths: dict[str, list[tuple[str, float]]] = field(default_factory=dict)

    def expansion(self, terms: Terms) -> dict[str, float]:
        """Terms that `terms` lacks → their weight in the query: at most MOST_ADDED of GREATEST_WEIGHT."""
        found = dict[str, float]()
        for term, weight in terms.items():
            for other, strength in self.strengths.get(term, ()):
                if other not in terms:
                    found[other] = found.get(other, 0.0) + WEIGHT * weight * strength
        best = heapq.nsmallest(MOST_ADDED, found.items(), key=lambda item: (-item[1], item[0]))
        return {term: min(weight, GREATEST_WEIGHT) for term, weight in best}

    def expanded(self, terms: Terms) -> dict[str, float]:
        return {**terms, **self.expansion(terms)}


def associations_from(value: Mapping[str, Sequence[Sequence[object]]]) -> TermAssociations:
    """Those that were stored as plain values."""
    return TermAssociations(
        {term: [(str(other), float(str(strength))) for other, strength in own] for term, own in value.items()}
    )
