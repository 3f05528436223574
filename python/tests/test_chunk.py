from __future__ import annotations

from typing import Any

import pytest

from fluorite.chunk import Chunk, from_fields, normalise_label
from fluorite.errors import ChunkTooLarge, FluoriteError, InvalidArgument, UnknownOption
from fluorite.given import read_one

LIMIT = 1024


def test_a_minimal_chunk_gets_the_documented_defaults() -> None:
    assert from_fields({"id": "a", "content": "x"}, LIMIT) == Chunk("a", "x", "code", (), (), 0.5, {})


def test_an_unknown_field_is_rejected_with_the_nearest_valid_one() -> None:
    with pytest.raises(UnknownOption, match=r"framework'\. Did you mean 'frameworks'"):
        read_one({"id": "a", "content": "x", "framework": ["hono"]}, lambda: 384, LIMIT)


@pytest.mark.parametrize(
    ("fields", "error", "told"),
    [
        ({"content": "x"}, InvalidArgument, "id is missing"),
        ({"id": "", "content": "x"}, InvalidArgument, "id is empty"),
        ({"id": 7, "content": "x"}, InvalidArgument, "id is int"),
        ({"id": "a\0b", "content": "x"}, InvalidArgument, "NUL"),
        ({"id": "a" * 4097, "content": "x"}, InvalidArgument, "4,097 bytes"),
        ({"id": "a"}, InvalidArgument, "content is missing"),
        ({"id": "a", "content": 3}, InvalidArgument, "content is int"),
        ({"id": "a", "content": "x" * 1025}, ChunkTooLarge, "1,025 bytes.*max_chunk_size = 1,024"),
        ({"id": "a", "content": "\ud800"}, InvalidArgument, "surrogate"),
        ({"id": "a", "content": "x", "quality_score": 1.5}, InvalidArgument, "quality_score is 1.5"),
        ({"id": "a", "content": "x", "quality_score": float("nan")}, InvalidArgument, "nan"),
        ({"id": "a", "content": "x", "quality_score": True}, InvalidArgument, "True"),
        ({"id": "a", "content": "x", "frameworks": "hono"}, InvalidArgument, "frameworks is str"),
        ({"id": "a", "content": "x", "tags": [""]}, InvalidArgument, "tags is empty"),
        ({"id": "a", "content": "x", "tags": ["t" * 300]}, InvalidArgument, "too long"),
        ({"id": "a", "content": "x", "metadata": []}, InvalidArgument, "metadata is list"),
        (
            {"id": "a", "content": "x", "metadata": {"n": float("inf")}},
            InvalidArgument,
            r"metadata\.n is inf",
        ),
        ({"id": "a", "content": "x", "metadata": {"n": 2**64}}, InvalidArgument, "64 bits"),
        ({"id": "a", "content": "x", "metadata": {"n": {1, 2}}}, InvalidArgument, "metadata.n is set"),
    ],
)
def test_bad_fields_are_named_with_a_remedy(
    fields: dict[str, Any], error: type[FluoriteError], told: str
) -> None:
    with pytest.raises(error, match=told):
        from_fields(fields, LIMIT)


def test_metadata_nested_too_deeply_is_refused_before_it_can_overflow() -> None:
    nested: dict[str, Any] = {}
    for _ in range(100):
        nested = {"n": nested}
    with pytest.raises(InvalidArgument, match="32 levels"):
        from_fields({"id": "a", "content": "x", "metadata": nested}, LIMIT)


def test_labels_are_looked_up_without_regard_to_case_and_width() -> None:
    assert normalise_label(" Ｎext.JS ") == normalise_label("next.js")
