from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fluorite import terms
from fluorite.terms import index_terms, singular, text_terms

ODD = st.one_of(
    st.text(),
    st.text(alphabet="aZ09_-.$+#@/ ーサば認々〆ﾊﾞé👍\u200d\ud800"),
    st.lists(st.sampled_from(["useState", "c++", "next.js", "a-b", "認証", "サーバー", "__", "ß"])).map(
        "-".join
    ),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("createOrderBy", "createorderby create order by"),
        ("XMLHttpRequest", "xmlhttprequest xml http request"),
        ("snake_case_name", "snakecasename snake case name"),
        ("react-hook-form", "reacthookform react hook form"),
        ("useState2", "usestate2 usestate use state"),
        ("Next.jsの", "nextjs next js"),
        ("@prisma/client", "prisma client"),
        ("C++ c# i++", "cpp csharp i"),
        (".env", "env"),
        ("OPENAI_API_KEY", "openaiapikey openai api key"),
        ("Ｆａｓｔ ｻｰﾊﾞ", "fast サーバ サー ーバ"),
        ("認証を行う", "認 認証 証 証を 行 行う"),
        ("しきい値", "しき きい 値"),
        ("Café", "cafe"),
        ("Привет 한국어", "привет 한국어"),
        ("👍🏽 … -- __", ""),
    ],
)
def test_text_gives_what_developers_type(text: str, expected: str) -> None:
    assert Counter(index_terms(text).split()) == Counter(expected.split())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("サーバー", "サーバ"),
        ("ﾃﾞｰﾀﾍﾞｰｽ", "データベース"),
        ("cookie", "cookies"),
        ("query", "queries"),
        ("cache", "caches"),
        ("class", "classes"),
        ("box", "boxes"),
        ("token", "tokens"),
    ],
)
def test_spellings_of_one_word_agree(one: str, other: str) -> None:
    assert index_terms(one) == index_terms(other)


@pytest.mark.parametrize("word", ["redis", "https", "nextjs", "aws", "class", "status", "macos"])
def test_words_that_only_look_like_plurals_stay(word: str) -> None:
    assert singular(word) == word


def test_the_marks_of_kana_stay() -> None:
    assert index_terms("ガード") != index_terms("カード")


def test_data_is_one_term_and_not_hundreds() -> None:
    blob = "".join(random.Random(1).choices("aB3cD4", k=5000))
    assert len(index_terms(blob).split()) == 1


@given(ODD)
@example("a-b++")
@example("$-$")
def test_any_text_gives_the_same_terms_with_and_without_their_kinds(text: str) -> None:
    flat = index_terms(text)
    assert Counter(flat.split()) == Counter(term.text for term in text_terms(text))
    assert flat == " ".join(flat.split())
    flat.encode()


@given(st.lists(st.from_regex(r"[a-z]{2,8}", fullmatch=True), min_size=2, max_size=4))
def test_the_parts_of_an_identifier_are_found_however_it_is_written(parts: list[str]) -> None:
    camel = parts[0] + "".join(part.capitalize() for part in parts[1:])
    for written in (camel, "_".join(parts), "-".join(parts)):
        found = set(index_terms(written).split())
        assert {singular(part) for part in parts} <= found
    if sum(map(len, parts)) <= terms.LONGEST_WORD:
        joined = "".join(parts)
        assert joined in index_terms("-".join(parts)).split()
        assert singular(joined) in index_terms(camel).split()


def test_memory_for_words_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terms, "REMEMBERED", 100)
    for number in range(1000):
        index_terms(f"word{number}")
    assert len(terms._remembered) <= 101
