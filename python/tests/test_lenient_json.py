from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluorite.learning.templates.lenient_json import MalformedJson, read_json

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(plain)
def test_valid_json_is_read_as_it_is_and_not_called_repaired(value: Any) -> None:
    reading = read_json(json.dumps(value))
    assert (reading.value, reading.repaired) == (value, False)


@given(st.text())
def test_any_text_is_read_or_refused_with_a_place_and_a_reason(text: str) -> None:
    try:
        read_json(text)
    except MalformedJson as error:
        assert error.line >= 1 and error.column >= 1 and error.reason


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'{"code": "a\`b"}', {"code": r"a\`b"}),
        (r'{"code": "\${x}\d"}', {"code": r"\${x}\d"}),
        (r'{"code": "\\d \q"}', {"code": r"\d \q"}),
        ('{"code": "two\nlines"}', {"code": "two\nlines"}),
        ('{"a": 1 "b": 2}', {"a": 1, "b": 2}),
        ('{"a": [1, 2,], }', {"a": [1, 2]}),
        ('{"files": [{"path": "x"}]]}', {"files": [{"path": "x"}]}),
    ],
)
def test_common_faults_are_mended(text: str, value: Any) -> None:
    reading = read_json(text)
    assert (reading.value, reading.repaired) == (value, True)


@pytest.mark.parametrize(
    "text",
    ["", "not json at all", '{"a": "x', "[" * 100_000, '{"a": 1}{"b": 2}', r'{"code": "say \\"hi\\" twice"}'],
)
def test_what_would_take_a_guess_is_refused_or_loses_no_word(text: str) -> None:
    try:
        value = read_json(text).value
    except MalformedJson:
        return
    flat = json.dumps(value, ensure_ascii=False)
    for word in ("a", "b", "say", "hi", "twice", "x"):
        assert (word in text) <= (word in flat)


def test_the_place_is_where_a_strict_reader_stops() -> None:
    with pytest.raises(MalformedJson) as caught:
        read_json('{\n  "a": 1,\n  "code": "say \\\\"hi\\\\" \\\\"}{"" , : oops [\n')
    assert caught.value.line == 3
