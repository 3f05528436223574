from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import pytest

from fluorite.errors import InvalidArgument, UnknownOption
from fluorite.index.filters import FILTER_NAMES, MOST_EXCLUDED, MOST_LABELS, Filters


def test_nothing_given_is_no_filter() -> None:
    nothing: list[dict[str, Any] | None] = [None, {}, {"frameworks": None, "tags": []}, {"tags": {"all": []}}]
    for given in nothing:
        filters = Filters.from_fields(given)
        assert filters == Filters() and filters.is_empty


def test_ids_to_exclude_alone_let_every_chunk_pass_the_catalog() -> None:
    filters = Filters.from_fields({"exclude_ids": ["b", "a", "b"]})
    assert filters.exclude_ids == ("b", "a") and filters.is_empty


@pytest.mark.parametrize(
    ("given", "names", "mode"),
    [
        ("React", ("react",), "any"),
        (["Vue", "ＲＥＡＣＴ", " react "], ("react", "vue"), "any"),
        (("react",), ("react",), "any"),
        ({"any": ["Next.js"]}, ("next.js",), "any"),
        ({"all": ["b", "a"]}, ("a", "b"), "all"),
        ({"all": "Straße"}, ("strasse",), "all"),
    ],
)
def test_labels_have_one_form_and_a_mode(given: Any, names: tuple[str, ...], mode: str) -> None:
    filters = Filters.from_fields({"frameworks": given, "tags": given})
    assert (filters.frameworks, filters.frameworks_mode) == (names, mode)
    assert (filters.tags, filters.tags_mode) == (names, mode)
    assert not filters.is_empty


@pytest.mark.parametrize(
    ("given", "milliseconds"),
    [
        (0, 0),
        (1_700_000_000_000, 1_700_000_000_000),
        (1_700_000_000_000.9, 1_700_000_000_000),
        (-1.5, -2),
        ("1970-01-01", 0),
        ("2023-11-14T22:13:20Z", 1_700_000_000_000),
        (" 2023-11-14T22:13:20.123Z ", 1_700_000_000_123),
        ("2023-11-15T07:13:20+09:00", 1_700_000_000_000),
        ("2023-11-14T22:13:20", 1_700_000_000_000),
    ],
)
def test_a_time_is_milliseconds_or_a_date_in_utc(given: Any, milliseconds: int) -> None:
    assert Filters.from_fields({"updated_after": given}).updated_after == milliseconds


def test_a_fraction_of_a_millisecond_in_a_date_is_not_lost_to_rounding_up() -> None:
    moment = datetime(2023, 11, 14, 22, 13, 20, 999_999, tzinfo=UTC).isoformat()
    assert Filters.from_fields({"updated_after": moment}).updated_after == 1_700_000_000_999


def test_every_option_has_its_place() -> None:
    given = {
        "frameworks": "a",
        "tags": "b",
        "chunk_type": ["Code", "doc"],
        "min_quality_score": 1,
        "id_prefix": "x/",
        "updated_after": 5,
        "exclude_ids": ["y"],
    }
    assert sorted(given) == sorted(FILTER_NAMES)
    assert Filters.from_fields(given) == (
        Filters(("a",), "any", ("b",), "any", ("code", "doc"), 1.0, "x/", 5, ("y",))
    )


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"frameworks": 5}, r"frameworks is int\. Give a name or a list"),
        ({"frameworks": ""}, r"frameworks is empty\."),
        ({"frameworks": ["a", " "]}, "frameworks"),
        ({"frameworks": ["a", 5]}, r"frameworks is int\. Give a name"),
        ({"frameworks": ["a\0"]}, "NUL"),
        ({"frameworks": "\ud800"}, "surrogate"),
        ({"frameworks": ["x" * 257]}, "too long"),
        ({"frameworks": ["x"] * (MOST_LABELS + 1)}, r"1,001 entries\. Give at most 1,000"),
        ({"frameworks": {}}, r"frameworks has 0 keys\. Give \{any"),
        ({"tags": {"any": ["a"], "all": ["b"]}}, "tags has 2 keys"),
        ({"tags": {"all": [None]}}, r"tags\.all is missing"),
        ({"tags": {"all": 5}}, r"tags\.all is int"),
        ({"tags": b"react"}, "tags is bytes"),
        ({"chunk_type": {"any": ["code"]}}, "chunk_type is dict"),
        ({"chunk_type": ""}, "chunk_type is empty"),
        ({"min_quality_score": math.nan}, "min_quality_score is nan. Give a number from 0 to 1"),
        ({"min_quality_score": 1.01}, "min_quality_score is 1.01"),
        ({"min_quality_score": True}, "min_quality_score is True"),
        ({"min_quality_score": "0.5"}, "min_quality_score is '0.5'"),
        ({"id_prefix": ""}, "id_prefix is empty"),
        ({"id_prefix": ["a"]}, "id_prefix is list"),
        ({"id_prefix": "\udc00"}, "surrogate"),
        ({"id_prefix": "x" * 4097}, "longer than any id"),
        ({"updated_after": math.nan}, "updated_after is nan. Give milliseconds"),
        ({"updated_after": math.inf}, "updated_after is inf"),
        ({"updated_after": 1e17}, r"updated_after is 1e\+17"),
        ({"updated_after": True}, "updated_after is True"),
        ({"updated_after": "yesterday"}, "updated_after is 'yesterday'"),
        ({"updated_after": "x" * 500}, "updated_after is 'x{59}…"),
        ({"updated_after": [1]}, "updated_after is list"),
        ({"exclude_ids": "a"}, r"exclude_ids is str\. Give a list of ids"),
        ({"exclude_ids": ["a", ""]}, "id is empty"),
        ({"exclude_ids": [5]}, "id is int"),
        ({"exclude_ids": ["a"] * (MOST_EXCLUDED + 1)}, "at most 10,000"),
    ],
)
def test_what_is_wrong_is_named_with_what_is_valid(given: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidArgument, match=told):
        Filters.from_fields(given)


def test_unknown_names_are_rejected_with_the_nearest_valid_one() -> None:
    with pytest.raises(UnknownOption, match=r"framework'\. Did you mean 'frameworks'"):
        Filters.from_fields({"framework": "a"})
    with pytest.raises(UnknownOption, match="key of tags 'every'"):
        Filters.from_fields({"tags": {"every": ["a"]}})
