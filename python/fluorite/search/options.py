"""The options of a search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from ..errors import InvalidArgument, reject_unknown
from ..index.filters import FILTER_NAMES, Filters

MOST_HITS = 10_000
HEAVIEST = 100.0


@dataclass(frozen=True, slots=True)
class Weights:
    """What each part of a score weighs; None: what the memory has learned or the default."""

    lexical: float | None = None
    dense: float | None = None
    quality: float | None = None
    feedback: float | None = None


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """Hits with a score below `min_score` are left out (None keeps all). `fold` is None where the kind
    of query decides: near-identical chunks are folded for a text and an example, not for a vector.
    Without `wait_for_model` a text is answered by its words while the model is being loaded."""

    filters: Filters = field(default_factory=Filters)
    min_score: float | None = None
    fold: bool | None = None
    explain: bool = False
    weights: Weights = field(default_factory=Weights)
    wait_for_model: bool = True

    @classmethod
    def from_fields(cls, values: Mapping[str, Any] | None) -> SearchOptions:
        """Options as a user gave them, checked. Raises UnknownOption or InvalidArgument."""
        given = {name: value for name, value in (values or {}).items() if value is not None}
        own = [item.name for item in fields(cls) if item.name != "filters"]
        reject_unknown("option of searchSimilar", given, (*own, *FILTER_NAMES))
        return cls(
            filters=Filters.from_fields({name: given[name] for name in FILTER_NAMES if name in given}),
            min_score=check_number("min_score", given.get("min_score"), -1, 1, "a score"),
            fold=check_flag("fold", given["fold"]) if "fold" in given else None,
            explain=check_flag("explain", given.get("explain", False)),
            weights=_weights(given.get("weights")),
            wait_for_model=check_flag("wait_for_model", given.get("wait_for_model", True)),
        )


def check_limit(name: str, value: object, most: int = MOST_HITS, least: int = 1) -> int:
    """`value` as a number of results. Raises InvalidArgument."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise InvalidArgument(f"{name} is {value!r}. Give a whole number from {least} to {most:,}.")
    return value


def _weights(value: object) -> Weights:
    if value is None:
        return Weights()
    names = [item.name for item in fields(Weights)]
    if not isinstance(value, Mapping):
        raise InvalidArgument(f"weights is {type(value).__name__}. Give an object with {', '.join(names)}.")
    reject_unknown("weight", value, names)
    return Weights(
        **{name: check_number(f"weights.{name}", value.get(name), 0, HEAVIEST, "a weight") for name in names}
    )


def check_number(name: str, value: object, low: float, high: float, kind: str) -> float | None:
    """`value` as a number, or None. Raises InvalidArgument."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise InvalidArgument(f"{name} is {value!r}. Give {kind} from {low:g} to {high:g}.")
    return float(value)


def check_flag(name: str, value: object) -> bool:
    """`value` as true or false. Raises InvalidArgument."""
    if not isinstance(value, bool):
        raise InvalidArgument(f"{name} is {value!r}. Give true or false.")
    return value
