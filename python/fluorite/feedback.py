"""What users say of chunks, and what a memory keeps of it.

Of a query nothing is kept that can be read: its unit vector, and the salted hashes of its terms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

FEEDBACK_TYPES = (
    "similarity",
    "pattern_recognition",
    "recommendation",
    "search_relevance",
    "code_generation",
    "general",
)
USE = "use"
"""The type under which `recordUse` is kept."""

OUTCOMES: Mapping[str, float] = {"accepted": 1.0, "edited": 0.5, "rejected": -0.5, "failed": -1.0}
"""What became of a chunk that was used, as a rating in [-1, 1]."""

_RANKING_WEIGHTS: Mapping[str, float] = {
    "search_relevance": 1.0,
    "recommendation": 1.0,
    "similarity": 1.0,
    "code_generation": 0.5,
    USE: 0.5,
    "general": 0.5,
    "pattern_recognition": 0.0,
}
"""How much one says of a chunk as an answer to its query. A rating is meant; a use may have other causes."""

MILLISECONDS_OF_A_DAY = 86_400_000
CORRECTED = -0.5
"""What a correction says of the chunk that it corrects, where no rating says more."""
CORRECTION_WEIGHT = 3.0
"""A correction is written by hand, for this query: it counts as so many good ratings of itself."""


@dataclass(frozen=True, slots=True)
class QueryTrace:
    """What is kept of a query.

    `vector` is its unit vector in float16 (little-endian), of the model `model_id`; empty where there was
    no model, or the model could read too little of it. `hashes` are salted, uint32 little-endian, distinct
    and ascending; `weights` has a float16 for each.
    """

    model_id: str = ""
    vector: bytes = b""
    hashes: bytes = b""
    weights: bytes = b""


@dataclass(frozen=True, slots=True)
class Feedback:
    """One feedback or use. `at` is in milliseconds since 1970, UTC.

    `token` makes its id one of this memory alone. `correction_key` is the content key of the correction's
    chunk as it was stored; `result_key` a salted hash of the result, of which `result_bytes` tells the size.
    """

    token: str
    feedback_type: str
    at: int
    query: QueryTrace
    chunk_id: str | None = None
    outcome: str | None = None
    rating: float | None = None
    correction_id: str | None = None
    correction_key: bytes | None = None
    result_key: bytes | None = None
    result_bytes: int | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


class Signal(NamedTuple):
    """What one feedback says of a chunk: `value` below 0 against it, above 0 for it; its size is how much
    that counts."""

    chunk_id: str
    value: float


def judgement(feedback: Feedback) -> float:
    """What a feedback says of its chunk, in [-1, 1]."""
    if feedback.outcome is not None:
        return OUTCOMES[feedback.outcome]
    if feedback.rating is not None:
        return 2 * feedback.rating - 1
    return 0.0 if feedback.correction_id is None else CORRECTED


def ranking_signals(feedback: Feedback) -> list[Signal]:
    """What a feedback says of chunks as answers to its query; nothing that is neutral."""
    signals = []
    if feedback.chunk_id is not None:
        weight = _RANKING_WEIGHTS[feedback.feedback_type]
        signals.append(Signal(feedback.chunk_id, weight * judgement(feedback)))
    if feedback.correction_id is not None:
        signals.append(Signal(feedback.correction_id, CORRECTION_WEIGHT))
    return [signal for signal in signals if signal.value]


def quality_signal(feedback: Feedback, chunk_id: str) -> float:
    """What a feedback says of a chunk whatever was asked; 0 where it is about another one."""
    if feedback.chunk_id != chunk_id:
        return 0.0
    return judgement(feedback) * (_RANKING_WEIGHTS[feedback.feedback_type] or 1.0)


def decay(age_ms: int, half_life_days: float) -> float:
    """What is left of a feedback's weight, in (0, 1]."""
    return float(0.5 ** (max(age_ms, 0) / (half_life_days * MILLISECONDS_OF_A_DAY)))
