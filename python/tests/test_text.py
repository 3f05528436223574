from __future__ import annotations

from fluorite.text import substance, words


def test_identifiers_give_their_parts() -> None:
    assert words("createOrderBy XMLHttpRequest snake_case-kebab.dot") == (
        ["create", "order", "by", "xml", "http", "request", "snake", "case", "kebab", "dot"]
    )


def test_japanese_gives_runs_of_one_script_and_full_width_is_folded() -> None:
    assert words("ログイン認証を行う Ｎｅｘｔ") == ["ログイン", "認証", "を", "行", "う", "next"]


def test_a_skeleton_has_no_substance_and_one_real_call_has_some() -> None:
    known = frozenset(words("kafka producer ts"))
    skeleton = "// Auto-generated spike stub for kafka (producer)\nexport function demo() {}"
    real = "await producer.send({ topic: 'orders', messages: [{ key, value }] });"
    assert substance(skeleton, known) < 2
    assert substance(real, known) >= 5
