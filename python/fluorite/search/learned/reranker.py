"""Looks at the code of the best candidates and orders them once more.

Words and meaning find candidates by what can be looked up in a million chunks. Of the best few, code itself
can be looked at: how much of the question it spells out, and whether it is as long as what answers such
questions ("the idea of …" asks for a sentence, "a complete …" for a page). A small network, learned from the
memory's own pairs, weighs this with the evidence that was there.

Only the order changes: the scores are handed out again, so that what was not looked at keeps its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .text_terms import Terms, unit_weights

DEPTH = 24
"""Candidates that are looked at, in 0.3 ms; twice as many find no better."""
LONGEST_READ = 2000
"""Characters of a piece of code that are searched for words."""
LONGEST_CODE = 20_000
"""Characters that are counted."""
FEATURES = ("lexical", "dense", "cosine", "spelled", "characters", "lines", "characters_off", "lines_off")

Floats = NDArray[np.float32]
Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Standing:
    """What search knows of k candidates: shares of words and of meaning as they are weighed, and cosines of
    the question's own vector; each (k,)."""

    lexical: Floats
    dense: Floats
    cosines: Floats


@dataclass(frozen=True, slots=True)
class ExpectedLength:
    """The length of what answers a question, linear in its terms: `weights` (terms, 2) with a row for each of
    `terms`, `says` (terms,). Lengths are logarithms of characters and lines, in `deviations` (2,) from
    `means` (2,)."""

    terms: dict[str, int]
    says: Floats
    weights: Floats
    means: Floats
    deviations: Floats

    def of(self, terms: Terms) -> Floats:
        """(2,); zeros, the mean, where no term is known."""
        rows, shares = unit_weights(self.terms, self.says, terms)
        return np.asarray(shares @ self.weights[rows], np.float32)

    def standardised(self, codes: Sequence[str]) -> Floats:
        """The lengths of pieces of code, (k, 2)."""
        return np.asarray((lengths(codes) - self.means) / self.deviations, np.float32)


@dataclass(frozen=True, slots=True)
class Network:
    """Features → relu → a number, beside a linear part: `hidden` (features, h), `bias` and `output` (h,),
    `linear` (features,)."""

    hidden: Floats
    bias: Floats
    output: Floats
    linear: Floats

    def __call__(self, features: Floats) -> Floats:
        """(…, features) → (…,), the greater the better."""
        active = np.maximum(features @ self.hidden + self.bias, 0)
        return np.asarray(active @ self.output + features @ self.linear, np.float32)


@dataclass(frozen=True, slots=True)
class Reranker:
    length: ExpectedLength
    network: Network

    def order(self, terms: Terms, standing: Standing, codes: Sequence[str]) -> Places:
        """The places (k,) of k candidates, best first; as they were where the network finds nonsense."""
        found = self.network(features(self.length, terms, standing, codes))
        if not np.isfinite(found).all():
            return np.arange(len(codes), dtype=np.intp)
        return np.argsort(-found, kind="stable")


def features(length: ExpectedLength, terms: Terms, standing: Standing, codes: Sequence[str]) -> Floats:
    """(k, len(FEATURES)) of k candidates."""
    own = length.standardised(codes)
    off = np.abs(own - length.of(terms))
    columns = (standing.lexical, standing.dense, standing.cosines, spelled(terms, codes), *own.T, *off.T)
    return np.stack(columns, axis=1, dtype=np.float32)


def spelled(terms: Terms, codes: Sequence[str]) -> Floats:
    """The share of the Latin `terms` that each piece of code holds, (k,); those that few hold count more."""
    asked = [term for term in terms if term.isascii()]
    lowered = [code[:LONGEST_READ].lower() for code in codes]
    held = np.array([[term in code for term in asked] for code in lowered], np.float32)
    held = held.reshape(len(codes), len(asked))
    often = held.sum(axis=0)
    weights = np.log1p((len(codes) - often + 0.5) / (often + 0.5))
    weights *= np.array([terms[term] for term in asked], np.float32)
    return np.asarray(held @ weights / (float(weights.sum()) or 1.0), np.float32)


def lengths(codes: Sequence[str]) -> Floats:
    """Logarithms of characters and lines, (k, 2)."""
    counted = [(len(code), code.count("\n")) for code in (one[:LONGEST_CODE] for one in codes)]
    return np.log1p(np.array(counted, np.float32).reshape(len(codes), 2))


def handed_out(scores: Floats, order: Places) -> Floats:
    """`scores` (k,), descending, handed out anew: the first of `order` gets the greatest, and so on."""
    given = np.empty_like(scores)
    given[order] = scores
    return given
