"""What code a question lets expect: how long it is, and what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...normalisation import unit
from .code_topics import LONGEST_READ, CodeTopics, Floats, Words, code_words
from .text_terms import Terms, unit_weights

LONGEST_CODE = 20_000
"""Characters that are counted."""

Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Question:
    """Its terms with their weights, and its own vector (d,), unit length."""

    terms: Terms
    vector: Floats


@dataclass(frozen=True, slots=True)
class CodeRead:
    """What is read of k pieces of code: their beginnings in lower case, the words of these, their topics
    (k, t) and standardised lengths (k, 2)."""

    texts: Sequence[str]
    words: Sequence[Words]
    topics: Floats
    lengths: Floats

    def of(self, places: Places) -> CodeRead:
        return CodeRead(
            [self.texts[place] for place in places.tolist()],
            [self.words[place] for place in places.tolist()],
            self.topics[places],
            self.lengths[places],
        )


@dataclass(frozen=True, slots=True)
class ExpectedCode:
    """The code that answers a question, linear in the question's terms and vector: `weights`
    (terms + d, 2 + t) with a row for each of `terms`, `says` (terms,), then for each dimension. Lengths come
    first, logarithms of characters and lines in `deviations` (2,) from `means` (2,); then the `topics`."""

    terms: dict[str, int]
    says: Floats
    weights: Floats
    means: Floats
    deviations: Floats
    topics: CodeTopics

    @property
    def dimensions(self) -> int:
        """Those of a question's vector."""
        return len(self.weights) - len(self.terms)

    def say(self, terms: Terms) -> Floats:
        """What each of these terms says, (n,); unknown ones as much as the rarest."""
        rarest = float(self.says.max(initial=1))
        rows = [self.terms.get(term) for term in terms]
        return np.array([rarest if row is None else self.says[row] for row in rows], np.float32)

    def of(self, question: Question) -> tuple[Floats, Floats]:
        """Lengths (2,), and topics (t,) as a unit vector."""
        rows, shares = unit_weights(self.terms, self.says, question.terms)
        by_terms, by_vector = self.weights[rows], self.weights[len(self.terms) :]
        found = np.asarray(shares @ by_terms + question.vector @ by_vector, np.float32)
        return found[:2], unit(found[2:])

    def read(self, codes: Sequence[str]) -> CodeRead:
        words = [code_words(code) for code in codes]
        standardised = np.asarray((lengths(codes) - self.means) / self.deviations, np.float32)
        texts = [code[:LONGEST_READ].lower() for code in codes]
        return CodeRead(texts, words, self.topics.of(words), standardised)


def lengths(codes: Sequence[str]) -> Floats:
    """Logarithms of characters and lines, (k, 2)."""
    counted = [(len(code), code.count("\n")) for code in (one[:LONGEST_CODE] for one in codes)]
    return np.log1p(np.array(counted, np.float32).reshape(len(codes), 2))
