"""The options of a search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from ..errors import InvalidArgument, reject_unknown

MOST_HITS = 10_000


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """`min_score`: hits with a lower cosine are left out (-1 keeps all)."""

    min_score: float = -1.0

    @classmethod
    def from_fields(cls, values: Mapping[str, Any] | None) -> SearchOptions:
        """Options as a user gave them, checked. Raises UnknownOption or InvalidArgument."""
        given = dict(values or {})
        reject_unknown("option of searchSimilar", given, [item.name for item in fields(cls)])
        score = given.get("min_score")
        if score is None:
            return cls()
        if isinstance(score, bool) or not isinstance(score, int | float) or not -1 <= score <= 1:
            raise InvalidArgument(f"min_score is {score!r}. Give a cosine from -1 to 1.")
        return cls(min_score=float(score))


def check_limit(name: str, value: object, most: int = MOST_HITS, least: int = 1) -> int:
    """`value` as a number of results. Raises InvalidArgument."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise InvalidArgument(f"{name} is {value!r}. Give a whole number from {least} to {most:,}.")
    return value
