"""Texts as weighted terms, the same for learning as for search."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ...index.lexical_query import query_terms
from ...translation import english_words
from ..ranking import RankingWeights

GLOSS_WEIGHT = RankingWeights().gloss

Terms = Mapping[str, float]


def terms_of(text: str) -> dict[str, float]:
    """Term → weight, with the English words of its Japanese, as search looks for them."""
    glosses = " ".join(english_words(text))
    query = query_terms(text, further={glosses: GLOSS_WEIGHT} if glosses else None)
    return {term.text: term.weight for term in query.terms}


def unit_weights(
    rows: Mapping[str, int], says: NDArray[np.float32], terms: Iterable[str]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The ascending rows of those terms that are known, and what each says, as a unit vector."""
    known = np.array(sorted({rows[term] for term in terms if term in rows}), np.int64)
    weights = says[known]
    return known, np.asarray(weights / (np.linalg.norm(weights) or 1.0), np.float32)


def vocabulary(
    term_lists: Sequence[Iterable[str]], fewest: int, most: int
) -> tuple[dict[str, int], NDArray[np.float32]]:
    """A row for each of the `frequent` terms, and what each says, the more the fewer of the lists hold it."""
    known = frequent(term_lists, fewest, most)
    counts = np.array(list(known.values()), np.float32)
    says = np.log1p(len(term_lists) / (counts + 1)).astype(np.float32)
    return {term: row for row, term in enumerate(known)}, says


def frequent(term_lists: Iterable[Iterable[str]], fewest: int, most: int) -> dict[str, int]:
    """The terms that at least `fewest` of the lists hold → how many do; the `most` most frequent."""
    counts = Counter(term for terms in term_lists for term in set(terms))
    chosen = sorted(
        ((term, count) for term, count in counts.items() if count >= fewest),
        key=lambda item: (-item[1], item[0]),
    )
    return dict(chosen[:most])
