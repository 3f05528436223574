from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluorite.translation import english_words, glossary, readability, segments, translate


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("// 認証\nconst x = 1;", "authentication\nconst x = 1;"),
        ("Next.jsでログイン認証", "Next.js login authentication"),
        ("ｻｰﾊﾞｰの検索", "server search"),
        ("plain English, café", "plain English, café"),
        ("ぬるぽ", ""),
        ("全文検索", "full"),
    ],
)
def test_japanese_becomes_english_as_far_as_the_glossary_goes(text: str, expected: str) -> None:
    assert translate(text).removeprefix("// ").startswith(expected)


def test_the_longest_entry_counts_and_short_katakana_only_as_a_word() -> None:
    entries = {"検索": ("search",), "全文検索": ("full", "text"), "ペン": ("pen",), "タブ": ("tab",)}
    found = [piece for piece, english in segments("全文検索とタブとオープンタブ", entries) if english]
    assert found == ["全文検索", "タブ"]


def test_readability_is_the_share_of_letters_that_english_stands_for() -> None:
    assert readability("plain English") == readability("認証とlogin") == 1
    assert readability("ぬるぽ") == 0 and readability("") == 1
    assert 0 < readability("認証魑魅") < 1


def test_english_words_of_a_request_join_its_own() -> None:
    assert {"login", "authentication"} <= set(english_words("ログインの認証を作りたい"))
    assert english_words("only English") == []


@given(st.text() | st.text(alphabet="認証検索ログインサーバーabc .ﾊﾞー々"))
def test_segments_join_to_the_normalised_text_and_nothing_raises(text: str) -> None:
    assert "".join(piece for piece, _ in segments(text, glossary())) == unicodedata.normalize("NFKC", text)
    translate(text)


def test_every_entry_of_the_glossary_is_japanese_with_english_words() -> None:
    assert len(glossary()) > 500
    for japanese, english in glossary().items():
        assert not japanese.isascii(), japanese
        assert english and all(word.isascii() for word in english), japanese
