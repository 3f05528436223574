"""What was learned, by version, in the store's facts.

    retrieval               {format, version, newest}: the version in use (0: nothing) and the highest given
    retrieval:<version>     a version: its arrays, where it came from and how it was judged

Both are written in one transaction, so a reader finds the old version or the new one, whole. The last
KEPT versions stay, for `rollback`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...errors import InvalidArgument
from ...store.facts import Facts
from .learned import Learned, packed, unpacked

FACT = "retrieval"
FORMAT = 1
KEPT = 3


@dataclass(frozen=True, slots=True)
class LearnedState:
    """`learned` holds for the vectors of `model_id`. `created_at`: milliseconds since 1970. `summary`: plain
    values for reports (pairs, mean reciprocal ranks by language). Version 0 is that nothing was learned."""

    version: int = 0
    model_id: str = ""
    learned: Learned = field(default_factory=Learned)
    created_at: int = 0
    previous: int = 0
    summary: Mapping[str, Any] = field(default_factory=dict)


NOTHING = LearnedState()


class LearnedStates:
    """The state in use, read again when another process or run has changed it; thread-safe."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._lock = threading.Lock()
        self._known = (0, NOTHING)

    def current(self, model_id: str | None = None) -> LearnedState:
        """The state in use; with a `model_id`, nothing where it was learned for another one. A state that
        cannot be read counts as nothing."""
        version = self.version()
        with self._lock:
            if self._known[0] != version:
                self._known = (version, load(self._facts, version))
            known = self._known[1]
        return known if model_id is None or known.model_id == model_id else NOTHING

    def version(self) -> int:
        """The version in use, of whatever model; 0: nothing."""
        return _pointed(self._facts.get(FACT))[0]

    def adopt(self, learned: Learned, model_id: str, summary: Mapping[str, Any]) -> LearnedState:
        """Makes a version of `learned` and uses it from now on."""
        adopted = NOTHING

        def work(pointer: Any) -> dict[str, Any]:
            nonlocal adopted
            version, newest = _pointed(pointer)
            adopted = LearnedState(
                version=newest + 1,
                model_id=model_id,
                learned=learned,
                created_at=time.time_ns() // 1_000_000,
                previous=version,
                summary=dict(summary),
            )
            return {
                f"{FACT}:{adopted.version}": _packed(adopted),
                f"{FACT}:{adopted.version - KEPT}": None,
                FACT: _pointer(adopted.version, adopted.version),
            }

        self._facts.update(FACT, work)
        return adopted

    def rollback(self) -> LearnedState:
        """Uses the version before again and returns it; after the first it is that nothing was learned.
        Raises InvalidArgument where nothing is in use."""
        version, newest = _pointed(self._facts.get(FACT))
        if not version:
            raise InvalidArgument("Nothing learned is in use, so there is nothing to roll back.")
        previous = load(self._facts, load(self._facts, version).previous)
        self._facts.put(FACT, _pointer(previous.version, newest))
        return previous


def load(facts: Facts, version: int) -> LearnedState:
    """A version as it was adopted; version 0 where it is gone or damaged."""
    values = facts.get(f"{FACT}:{version}") if version else None
    try:
        return NOTHING if values is None else _unpacked(values)
    except (KeyError, TypeError, ValueError, AttributeError):
        return NOTHING


def _pointed(fact: Any) -> tuple[int, int]:
    """The version in use and the newest one; zeros where the fact is not there or damaged."""
    if not isinstance(fact, dict) or fact.get("format") != FORMAT:
        return 0, 0
    version, newest = fact.get("version"), fact.get("newest")
    return (version, newest) if isinstance(version, int) and isinstance(newest, int) else (0, 0)


def _pointer(version: int, newest: int) -> dict[str, int]:
    return {"format": FORMAT, "version": version, "newest": newest}


def _packed(state: LearnedState) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": state.version,
        "model_id": state.model_id,
        "created_at": state.created_at,
        "previous": state.previous,
        "summary": dict(state.summary),
        **packed(state.learned),
    }


def _unpacked(values: Mapping[str, Any]) -> LearnedState:
    if values["format"] != FORMAT:
        return NOTHING
    return LearnedState(
        version=values["version"],
        model_id=values["model_id"],
        learned=unpacked(values),
        created_at=values["created_at"],
        previous=values["previous"],
        summary=values["summary"],
    )
