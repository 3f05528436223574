from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluorite.chunk import Chunk
from fluorite.index.lexical_fields import field_terms, matched_terms
from fluorite.index.lexical_query import MOST_TERMS, LexicalWeights, query_terms
from fluorite.index.ranking_function import inverse_frequency, rounded_length, saturated


def weights_of(text: str, weights: LexicalWeights | None = None) -> dict[str, float]:
    query = query_terms(text) if weights is None else query_terms(text, weights)
    return {term.text: term.weight for term in query.terms}


def test_terms_weigh_by_what_they_are_of_their_text() -> None:
    chosen = LexicalWeights(word=1, whole=0.9, part=0.5, function_word=0, katakana=0.8, kanji_pair=0.3)
    assert weights_of("the useForm token", chosen) == {"useform": 0.9, "form": 0.5, "token": 1}
    japanese = weights_of("認証ガード", chosen)
    assert (japanese["認証"], japanese["ガード"]) == (0.3, 0.8)


def test_a_term_that_is_met_twice_keeps_its_larger_weight_and_its_place() -> None:
    query = query_terms("useForm form")
    assert [term.text for term in query.terms].count("form") == 1
    assert weights_of("useForm form")["form"] == 1


def test_further_texts_add_their_terms_at_a_share_of_their_weight() -> None:
    query = query_terms("認証", further={"auth": 0.5, "login guard": 0.4})
    found = {term.text: term.weight for term in query.terms}
    assert (found["auth"], found["login"], found["guard"]) == (0.5, 0.4, 0.4)
    extended = query_terms("login").extended("login flow", 0.5)
    assert [(term.text, term.weight) for term in extended.terms] == [("login", 1.0), ("flow", 0.5)]


def test_of_a_pasted_file_the_first_terms_count() -> None:
    assert len(query_terms(" ".join(f"word{n}x" for n in range(5000))).terms) == MOST_TERMS


def test_no_terms_in_an_empty_query() -> None:
    assert query_terms(" … ").terms == ()


def test_a_chunk_is_found_by_its_id_its_labels_and_what_its_metadata_says() -> None:
    chunk = Chunk(
        "auth-guard#src/guard.ts",
        "export const allow = true",
        "code",
        ("nestjs",),
        ("security",),
        metadata={"description": "Blocks strangers", "path": "src/guard.ts", "lines": 3, "template": "x"},
    )
    about, content = (set(text.split()) for text in field_terms(chunk))
    assert {"authguard", "auth", "guard", "src", "nestjs", "security", "block", "stranger"} <= about
    assert content == {"export", "const", "allow", "true"}
    assert field_terms(chunk)[0].split().count("guard") == 2


def test_a_template_is_not_found_twice_by_the_same_words() -> None:
    chunk = Chunk(
        "a", "Kafka Producer\nsends", "template", metadata={"name": "Kafka", "description": "sends"}
    )
    assert field_terms(chunk)[1] == ""
    assert field_terms(Chunk("a", "Kafka Producer", "template"))[1] != ""


@pytest.mark.parametrize(("content", "found"), [(b"kafka", True), (b"kafka\xff", False), (b"", False)])
def test_bytes_are_searched_where_they_are_text(content: bytes, found: bool) -> None:
    assert ("kafka" in field_terms(Chunk("a", content))[1]) == found


def test_the_words_that_match_are_told_as_they_stand_in_the_query() -> None:
    chunk = Chunk("a", "await producers.send(); // 認証する", frameworks=("next.js",))
    query = query_terms("How to authenticate a Producer in Next.js 認証 ロール")
    assert matched_terms(query, chunk) == ["Producer", "Next.js", "認証", "認", "証"]


@given(st.integers(0, 10_000_000))
def test_lengths_are_rounded_down_by_little(length: int) -> None:
    assert length * 0.88 <= rounded_length(length) <= length
    assert length > 40 or rounded_length(length) == length


@given(st.integers(1, 10**6), st.integers(0, 2 * 10**6))
def test_rarer_terms_say_more_and_none_says_less_than_nothing(documents: int, frequency: int) -> None:
    assert inverse_frequency(documents, frequency) > 0
    assert inverse_frequency(documents, frequency) >= inverse_frequency(documents, frequency + 1)


def test_occurrences_saturate_and_long_fields_count_less() -> None:
    counts = np.array([1, 2, 5, 1000], np.float32)
    gained = saturated(counts, np.full(4, 10, np.float32), 10)
    assert np.all(np.diff(gained) > 0) and gained[-1] < 1
    assert saturated(counts, np.full(4, 20, np.float32), 10)[0] < gained[0]
