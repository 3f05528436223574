"""What was learned, by version, in the facts beside the embeddings: it holds for the vectors of a model.

    retrieval               which version is in use, and what is told of it (version_in_use.py)
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
from .version_in_use import FACT, FORMAT, Told, VersionInUse

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

    @property
    def told(self) -> Told:
        return Told(self.model_id, self.created_at, self.summary)


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
        version = self._in_use().version
        with self._lock:
            if self._known[0] != version:
                self._known = (version, load(self._facts, version))
            known = self._known[1]
        return known if model_id is None or known.model_id == model_id else NOTHING

    def adopt(self, learned: Learned, model_id: str, summary: Mapping[str, Any]) -> LearnedState:
        """Makes a version of `learned` and uses it from now on."""
        adopted = NOTHING

        def work(fact: Any) -> dict[str, Any]:
            nonlocal adopted
            in_use = VersionInUse.from_fact(fact)
            adopted = LearnedState(
                version=in_use.newest + 1,
                model_id=model_id,
                learned=learned,
                created_at=time.time_ns() // 1_000_000,
                previous=in_use.version,
                summary=dict(summary),
            )
            return {
                f"{FACT}:{adopted.version}": _packed(adopted),
                f"{FACT}:{adopted.version - KEPT}": None,
                FACT: VersionInUse(adopted.version, adopted.version, adopted.told).fact(),
            }

        self._facts.update(FACT, work)
        return adopted

    def rollback(self) -> tuple[LearnedState, int]:
        """Uses the version before again; returns it and the number of the one that was in use. After the
        first it is that nothing was learned. Raises InvalidArgument where nothing is in use."""
        in_use = self._in_use()
        if not in_use.version:
            raise InvalidArgument("Nothing learned is in use, so there is nothing to roll back.")
        previous = load(self._facts, load(self._facts, in_use.version).previous)
        self._facts.put(FACT, VersionInUse(previous.version, in_use.newest, previous.told).fact())
        return previous, in_use.version

    def _in_use(self) -> VersionInUse:
        return VersionInUse.from_fact(self._facts.get(FACT))


def load(facts: Facts, version: int) -> LearnedState:
    """A version as it was adopted; version 0 where it is gone or damaged."""
    values = facts.get(f"{FACT}:{version}") if version else None
    try:
        return NOTHING if values is None else _unpacked(values)
    except (KeyError, TypeError, ValueError, AttributeError):
        return NOTHING


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
