"""What a search is narrowed to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Literal

from ..chunk import LONGEST_ID, check_id, check_label, encoded_size, normalise_label
from ..errors import InvalidArgument, reject_unknown

MOST_LABELS = 1_000
MOST_EXCLUDED = 10_000
LATEST_TIME = 8_640_000_000_000_000
"""Milliseconds, the last time that JavaScript's Date can tell."""

Mode = Literal["any", "all"]


@dataclass(frozen=True, slots=True)
class Filters:
    """A chunk passes when it meets every condition that is set.

    Labels are in the form of `normalise_label`, sorted; with the mode "any" one of them is enough.
    `updated_after` is in milliseconds since 1970, UTC, and itself does not pass. `exclude_ids` are for
    the caller to leave out: the catalog knows chunks by their numbers. `standing_alone` is not for users:
    see embedding_text.stands_alone.
    """

    frameworks: tuple[str, ...] = ()
    frameworks_mode: Mode = "any"
    tags: tuple[str, ...] = ()
    tags_mode: Mode = "any"
    chunk_types: tuple[str, ...] = ()
    min_quality_score: float | None = None
    id_prefix: str | None = None
    updated_after: int | None = None
    exclude_ids: tuple[str, ...] = ()
    standing_alone: bool = False

    @classmethod
    def from_fields(cls, values: Mapping[str, Any] | None) -> Filters:
        """Filters as a user gave them, under the names of FILTER_NAMES; None is as if not given, and
        so is an empty list. Raises UnknownOption or InvalidArgument."""
        given = {name: value for name, value in (values or {}).items() if value is not None}
        reject_unknown("filter", given, FILTER_NAMES)
        frameworks, frameworks_mode = _labels("frameworks", given.get("frameworks"))
        tags, tags_mode = _labels("tags", given.get("tags"))
        return cls(
            frameworks=frameworks,
            frameworks_mode=frameworks_mode,
            tags=tags,
            tags_mode=tags_mode,
            chunk_types=_names("chunk_type", given.get("chunk_type")),
            min_quality_score=_quality(given.get("min_quality_score")),
            id_prefix=_prefix(given.get("id_prefix")),
            updated_after=_time(given.get("updated_after")),
            exclude_ids=_ids(given.get("exclude_ids")),
        )

    @property
    def is_empty(self) -> bool:
        """Whether every chunk passes, `exclude_ids` aside."""
        chosen = (self.frameworks, self.tags, self.chunk_types)
        bounds = (self.min_quality_score, self.id_prefix, self.updated_after)
        return not any(chosen) and all(bound is None for bound in bounds) and not self.standing_alone


FILTER_NAMES = tuple(
    "chunk_type" if item.name == "chunk_types" else item.name
    for item in fields(Filters)
    if not item.name.endswith("_mode") and item.name != "standing_alone"
)


def _labels(name: str, value: object) -> tuple[tuple[str, ...], Mode]:
    if not isinstance(value, Mapping):
        return _names(name, value), "any"
    reject_unknown(f"key of {name}", value, ("any", "all"))
    if len(value) != 1:
        raise InvalidArgument(f"{name} has {len(value)} keys. Give {{any: [...]}} or {{all: [...]}}.")
    mode: Mode = "any" if "any" in value else "all"
    names = _names(f"{name}.{mode}", value[mode])
    return names, mode if names else "any"


def _names(name: str, value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    names = (
        [value] if isinstance(value, str) else _listed(name, value, MOST_LABELS, "a name or a list of names")
    )
    return tuple(sorted({normalise_label(check_label(f"A name in {name}", label)) for label in names}))


def _ids(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(dict.fromkeys(map(check_id, _listed("exclude_ids", value, MOST_EXCLUDED, "a list of ids"))))


def _listed(name: str, value: object, most: int, valid: str) -> Sequence[object]:
    if isinstance(value, str | bytes) or not isinstance(value, Sequence):
        raise InvalidArgument(f"{name} is {_kind(value)}. Give {valid}.")
    if len(value) > most:
        raise InvalidArgument(f"{name} has {len(value):,} entries. Give at most {most:,}.")
    return value


def _quality(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise InvalidArgument(f"min_quality_score is {_shown(value)}. Give a number from 0 to 1.")
    return float(value)


def _prefix(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value:
        raise InvalidArgument(f"id_prefix is {_kind(value)}. Give how the ids begin, or leave it out.")
    if encoded_size(value, "id_prefix") > LONGEST_ID:
        raise InvalidArgument(
            f"id_prefix {value[:40]!r}… is longer than any id. Use at most {LONGEST_ID:,} bytes."
        )
    return value


def _time(value: object) -> int | None:
    if value is None:
        return None
    valid = "Give milliseconds since 1970 or a date such as '2025-01-31T12:00:00Z'."
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            raise InvalidArgument(f"updated_after is {_shown(value)}. {valid}") from None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return math.floor(moment.timestamp() * 1000)
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not -LATEST_TIME <= value <= LATEST_TIME
    ):
        raise InvalidArgument(f"updated_after is {_shown(value)}. {valid}")
    return math.floor(value)


def _shown(value: object) -> str:
    shown = repr(value) if isinstance(value, str | bool | int | float) else _kind(value)
    return shown if len(shown) <= 60 else f"{shown[:60]}…"


def _kind(value: object) -> str:
    return "empty" if value == "" else type(value).__name__
