"""Counts which words of code go with which words of a question.

The strength of an association is the pointwise mutual information of a question's term d and a code's
term c over all pairs, times P(c | d): PMI alone prefers what is rare, the probability alone what is
everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from ...search.learned.term_associations import TermAssociations
from ...search.learned.text_terms import frequent

MOST_TERMS = 4096
MOST_CODE_TERMS = 16_384
MOST_OF_A_TERM = 3
FEWEST_TOGETHER = 3
LONGEST_CODE = 200
"""Distinct terms of a piece of code that are counted; longer code is about everything."""
DOUBT = 2.0
"""Occurrences added to a term's own, so that a rare one does not seem certain."""


def fit_associations(
    questions: Sequence[Iterable[str]], codes: Sequence[Sequence[str]], check: Callable[[], None]
) -> TermAssociations:
    """`questions[i]` are terms of a text and `codes[i]` those of the code that answers it."""
    asked, answered = (
        frequent(questions, FEWEST_TOGETHER, MOST_TERMS),
        frequent(codes, FEWEST_TOGETHER, MOST_CODE_TERMS),
    )
    rows = {term: row for row, term in enumerate(asked)}
    columns = {term: column for column, term in enumerate(answered)}
    keys = list[np.ndarray[tuple[int], np.dtype[np.int64]]]()
    for question, code in zip(questions, codes, strict=True):
        check()
        left = np.array(sorted({rows[term] for term in question if term in rows}), np.int64)
        right = [columns[term] for term in dict.fromkeys(code) if term in columns][:LONGEST_CODE]
        keys.append((left[:, None] * len(columns) + np.array(right, np.int64)[None, :]).ravel())
    joined, together = np.unique(np.concatenate(keys or [np.empty(0, np.int64)]), return_counts=True)
    joined, together = joined[together >= FEWEST_TOGETHER], together[together >= FEWEST_TOGETHER]
    if not len(joined):
        return TermAssociations()
    row, column = np.divmod(joined, len(columns))
    own = np.array(list(asked.values()), np.float64)[row]
    other = np.array(list(answered.values()), np.float64)[column]
    strengths = np.log(together * len(questions) / (own * other)) * together / (own + DOUBT)
    return TermAssociations(_strongest(list(asked), list(answered), row, column, strengths))


def _strongest(
    asked: Sequence[str],
    answered: Sequence[str],
    rows: np.ndarray[tuple[int], np.dtype[np.int64]],
    columns: np.ndarray[tuple[int], np.dtype[np.int64]],
    strengths: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> dict[str, list[tuple[str, float]]]:
    found = dict[str, list[tuple[str, float]]]()
    for at in np.lexsort((columns, -strengths, rows)).tolist():
        term, other, strength = asked[rows[at]], answered[columns[at]], float(strengths[at])
        if strength <= 0 or term == other:
            continue
        own = found.setdefault(term, [])
        if len(own) < MOST_OF_A_TERM:
            own.append((other, round(strength, 4)))
    return found
