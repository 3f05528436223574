"""Code as an inverted index in memory: the BM25 of search over a few thousand pieces of code at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...index.ranking_function import LENGTH_SHARE, SATURATION
from ...search.learned.text_terms import Terms
from ...terms import index_terms

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Postings:
    """An inverted index of n documents: the rows of `columns[term]` are starts[c]:starts[c + 1]."""

    columns: dict[str, int]
    starts: Rows
    documents: Rows
    values: Floats
    says: Floats
    """(terms,) inverse document frequency."""
    count: int

    def scores(self, terms: Terms) -> Floats:
        """BM25 of every document, (n,)."""
        found = np.zeros(self.count, np.float32)
        for term, weight in terms.items():
            column = self.columns.get(term)
            if column is not None:
                rows = slice(self.starts[column], self.starts[column + 1])
                found[self.documents[rows]] += np.float32(weight) * self.values[rows]
        return found

    def bound(self, terms: Terms) -> float:
        """The greatest BM25 that `terms` could earn."""
        known = ((self.columns.get(term), weight) for term, weight in terms.items())
        return (SATURATION + 1) * sum(float(self.says[at]) * weight for at, weight in known if at is not None)


def postings_of(texts: Sequence[str]) -> Postings:
    columns = dict[str, int]()
    documents, held, counts = list[int](), list[int](), list[int]()
    lengths = np.ones(len(texts), np.float32)
    for row, text in enumerate(texts):
        occurring = Counter(index_terms(text).split())
        lengths[row] = sum(occurring.values())
        for term, count in occurring.items():
            documents.append(row)
            held.append(columns.setdefault(term, len(columns)))
            counts.append(count)
    order = np.argsort(np.array(held, np.int64), kind="stable")
    rows = np.array(documents, np.int64)[order]
    frequencies = np.bincount(np.array(held, np.int64), minlength=len(columns))
    says = np.log1p((len(texts) - frequencies + 0.5) / (frequencies + 0.5)).astype(np.float32)
    often = np.array(counts, np.float32)[order]
    relative = lengths / max(float(lengths.mean()), 1e-9) if len(texts) else lengths
    penalty = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * relative)
    values = says[np.array(held, np.int64)[order]] * often * (SATURATION + 1) / (often + penalty[rows])
    starts = np.concatenate(([0], np.cumsum(frequencies))).astype(np.int64)
    return Postings(columns, starts, rows, np.asarray(values, np.float32), says, len(texts))
