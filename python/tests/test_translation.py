from __future__ import annotations

import re
import unicodedata
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluorite.translation import (
    GLOSSARY,
    english_words,
    glossary,
    has_japanese,
    readability,
    segments,
    translate,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("// 認証\nconst x = 1;", "authentication\nconst x = 1;"),
        ("Next.jsでログイン認証", "Next.js login authentication"),
        ("ｻｰﾊﾞｰの検索", "server search"),
        ("plain English, café", "plain English, café"),
        ("ぬるぽ", ""),
        ("全文検索", "full text search"),
        ("二要素認証の結果を出力", "two factor authentication result output"),
        ("フェイルオーバー時の接続戦略", "failover connection strategy"),
        ("結合テスト", "integration test"),
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


def test_every_entry_of_the_glossary_is_japanese_with_english_words_and_stands_there_once() -> None:
    seen = Counter[str]()
    for file in GLOSSARY:
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.startswith("# "):
                continue
            japanese, english = line.split("\t")
            for word in japanese.split(" "):
                assert has_japanese(word[0]) and unicodedata.is_normalized("NFKC", word), word
                seen[word] += 1
            for word in english.split(" "):
                assert re.fullmatch(r"[a-z0-9.][a-z0-9.+#-]*", word), line
    assert seen == Counter(list(glossary())) and len(seen) > 7_000
