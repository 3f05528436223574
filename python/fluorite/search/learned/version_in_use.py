"""Which version of learned retrieval is in use, and what is told of it; read without numpy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FACT = "retrieval"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Told:
    """A version as reports show it. `created_at`: milliseconds since 1970. `summary`: plain values (pairs,
    mean reciprocal ranks by language)."""

    model_id: str = ""
    created_at: int = 0
    summary: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VersionInUse:
    """`version` is in use (0: nothing learned), `newest` the highest that was ever given."""

    version: int = 0
    newest: int = 0
    told: Told = field(default_factory=Told)

    @classmethod
    def from_fact(cls, fact: Any) -> VersionInUse:
        """Nothing where the fact is not there or damaged."""
        try:
            version, newest, told = fact["version"], fact["newest"], fact["told"]
            sound = fact["format"] == FORMAT and isinstance(version, int) and isinstance(newest, int)
            told = Told(str(told["model_id"]), int(told["created_at"]), dict(told["summary"]))
        except (KeyError, TypeError, ValueError):
            return cls()
        return cls(version, newest, told) if sound else cls()

    def fact(self) -> dict[str, Any]:
        told = {
            "model_id": self.told.model_id,
            "created_at": self.told.created_at,
            "summary": dict(self.told.summary),
        }
        return {"format": FORMAT, "version": self.version, "newest": self.newest, "told": told}
