"""Words of a query that no chunk has, and the word that was likely meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

SHORTEST_CORRECTED = 5
RAREST_CORRECTION = 3
SURE_LETTERS = 2
"""Words are compared with those that begin with the same letters: with one there are ten times as many."""


def likeliest_word(word: str, vocabulary: Iterable[tuple[str, int]]) -> str | None:
    """Of (word, how many chunks have it) the most frequent word within one edit of `word`: a letter left
    out, added, changed, or two swapped."""
    near = [
        (count, other)
        for other, count in vocabulary
        if count >= RAREST_CORRECTION and abs(len(other) - len(word)) <= 1 and within_one_edit(word, other)
    ]
    return max(near)[1] if near else None


def within_one_edit(one: str, other: str) -> bool:
    """Whether the words differ by at most one letter left out, added or changed, or two swapped."""
    if len(one) > len(other):
        one, other = other, one
    start = 0
    while start < len(one) and one[start] == other[start]:
        start += 1
    if len(one) < len(other):
        return one[start:] == other[start + 1 :]
    swapped = one[start + 1 : start + 2] + one[start : start + 1] + one[start + 2 :]
    return one[start + 1 :] == other[start + 1 :] or swapped == other[start:]


def respelled(text: str, corrections: Mapping[str, str]) -> str:
    """`text` with each term of `corrections`, whatever its letter case, as it was likely meant."""
    for word, likely in corrections.items():
        text = re.sub(re.escape(word), likely, text, flags=re.IGNORECASE)
    return text
