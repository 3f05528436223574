from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluorite.chunk import Chunk
from fluorite.index.lexical_index import LexicalIndex
from fluorite.index.lexical_query import query_terms
from fluorite.index.lexical_spelling import likeliest_word, within_one_edit

WORD = st.text("abcd", min_size=1, max_size=6)


def edits(word: str) -> set[str]:
    """Everything one edit away, by brute force."""
    found = {word}
    for at in range(len(word) + 1):
        found.add(word[:at] + word[at + 1 :])
        found.add(word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :])
        for letter in "abcd":
            found.add(word[:at] + letter + word[at:])
            found.add(word[:at] + letter + word[at + 1 :])
    return found


@given(WORD, WORD)
def test_one_edit_is_a_letter_more_less_or_other_or_two_swapped(one: str, other: str) -> None:
    assert within_one_edit(one, other) == (other in edits(one))


@given(WORD)
def test_every_edit_is_recognised_from_both_sides(word: str) -> None:
    for other in sorted(edits(word)):
        assert within_one_edit(word, other) and within_one_edit(other, word)


def test_the_most_frequent_of_the_near_words_is_meant() -> None:
    vocabulary = [("router", 9), ("routes", 30), ("route", 2), ("stripe", 99)]
    assert likeliest_word("routee", vocabulary) == "routes"
    assert likeliest_word("kafka", vocabulary) is None


@pytest.mark.parametrize("flush", [False, True])
def test_a_misspelt_word_is_corrected_and_a_known_one_is_not(tmp_path: Path, flush: bool) -> None:
    index = LexicalIndex.open(tmp_path, 0)
    names = ["kubernetes-manifest", "middleware-guard", "router"]
    chunks = [Chunk(f"{name}-{n}", "middlewere" * (name == "router")) for name in names for n in range(4)]
    index.apply(list(enumerate(chunks, 1)), [], len(chunks))
    if flush:
        index.flush(lambda: None)
    assert index.corrections(query_terms("kubenetes")) == {"kubenete": "kubernete"}
    assert index.corrections(query_terms("midleware routr")) == {"midleware": "middleware", "routr": "router"}
    assert index.corrections(query_terms("middlewere guard 認証 xyzzy gurd")) == {}
