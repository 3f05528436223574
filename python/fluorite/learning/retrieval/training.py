"""Learns to find from what the memory itself says of its code, and uses only what proves better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import Any

from ...context import CallContext
from ...search.learned.learned_state import LearnedStates
from ...store import ChunkStore
from .gate import FEWEST_JUDGED, Verdict
from .pair_reading import read_pairs
from .pairs import TrainingPair, divided
from .rounds import Clock, Embed, learn

FEWEST_PAIRS = 100
"""Pairs to train on; of fewer nothing general is learned."""
ENOUGH_CHANGE = 0.1
"""The share of other pairs since the last attempt from which on another one is worth its time."""
PAIRS_OF_A_WRITE = 2
"""Pairs that one write changes on average, at most: a changed template takes two writes, and asks for each
of its files by two texts."""
WORTH_READING = 0.001
"""The share of writes from which on the pairs of a large memory are read again."""
SKETCH = 256
ATTEMPT_FACT = "retrieval:attempt"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrievalReport:
    """`version` is in use after the run; 0: nothing. `before` and `after`: mean reciprocal rank at 10 on
    held-out pairs by language ("all" too), empty where nothing was judged. `seconds` by stage (pairs, embed,
    terms, each candidate, judge, total)."""

    adopted: bool
    version: int
    reason: str
    training_pairs: int = 0
    held_out_pairs: int = 0
    general_pairs: int = 0
    before: dict[str, float] = field(default_factory=dict)
    after: dict[str, float] = field(default_factory=dict)
    verdicts: list[Verdict] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


def train(
    store: ChunkStore,
    states: LearnedStates,
    embed: Embed,
    model_id: str,
    context: CallContext,
    *,
    force: bool = False,
    seed: int = 0,
) -> RetrievalReport:
    """Learns from the pairs of a store and adopts what passes the gate. Unless `force`, nothing is tried
    where little has changed since the last attempt. Raises Cancelled, and then nothing has changed."""
    clock = Clock()
    current = states.current(model_id)
    sequence, last = store.sequence(), _last_attempt(store, model_id)
    same = "Not tried: few pairs have changed since the last attempt."
    if not force and last is not None and sequence - last["sequence"] < _fewest_writes(last):
        return RetrievalReport(adopted=False, version=current.version, reason=same, seconds=clock.stopped())
    with clock.timing("pairs"):
        pairs = read_pairs(store, context)
        parts = divided(pairs)
    counts: dict[str, Any] = {f"{part}_pairs": len(own) for part, own in parts.items()}
    attempt = {"model_id": model_id, "sequence": sequence, "pairs": len(pairs), "sketch": _sketch(pairs)}
    lacking = lacking_pairs(len(parts["training"]), len(parts["held_out"]))
    if lacking is None and not force and last is not None and not _is_news(attempt, last):
        lacking = same
    if lacking is not None:
        if lacking != same:
            store.facts.put(ATTEMPT_FACT, attempt)
        return RetrievalReport(
            adopted=False, version=current.version, reason=lacking, seconds=clock.stopped(), **counts
        )
    outcome = learn(
        dict(parts.items()), ["held_out", "general"], embed, current.learned, context, clock, seed
    )
    before, after = outcome.ranks()
    version = current.version
    if outcome.is_adopted:
        summary = {"pairs": counts, "before": before, "after": after, "source": "memory"}
        version = states.adopt(outcome.learned, model_id, summary).version
    store.facts.put(ATTEMPT_FACT, attempt)
    return RetrievalReport(
        adopted=outcome.is_adopted,
        version=version,
        reason=outcome.told(),
        before=before,
        after=after,
        verdicts=list(outcome.verdicts),
        seconds=clock.stopped(),
        **counts,
    )


def lacking_pairs(training: int, held_out: int) -> str | None:
    """Why so few pairs are not learned from; None where they are enough."""
    if training < FEWEST_PAIRS:
        return f"Not adopted: {training} pairs to train on, and {FEWEST_PAIRS} are needed."
    if held_out < FEWEST_JUDGED:
        return f"Not adopted: {held_out} held-out pairs, and {FEWEST_JUDGED} are needed to judge."
    return None


def _last_attempt(store: ChunkStore, model_id: str) -> Mapping[str, Any] | None:
    """What the last attempt with this model learned from; None where there was none."""
    fact = store.facts.get(ATTEMPT_FACT)
    if not isinstance(fact, dict) or fact.get("model_id") != model_id:
        return None
    whole = isinstance(fact.get("sketch"), list) and all(
        isinstance(fact.get(name), int) for name in ("sequence", "pairs")
    )
    return fact if whole else None


def _fewest_writes(last: Mapping[str, Any]) -> float:
    """With fewer writes, hardly ENOUGH_CHANGE of the pairs can be others."""
    pairs, sequence = int(last["pairs"]), int(last["sequence"])
    return max(1.0, ENOUGH_CHANGE * pairs / PAIRS_OF_A_WRITE, WORTH_READING * sequence)


def _sketch(pairs: list[TrainingPair]) -> list[int]:
    """The least hashes of the pairs: two sketches tell how much two sets of pairs have in common
    (Broder 1997)."""
    from hashlib import blake2b

    def value(pair: TrainingPair) -> int:
        data = f"{pair.text}\0{pair.code}".encode(errors="surrogatepass")
        return int.from_bytes(blake2b(data, digest_size=8).digest(), "little")

    return nsmallest(SKETCH, {value(pair) for pair in pairs})


def _is_news(attempt: Mapping[str, Any], last: Mapping[str, Any]) -> bool:
    now, then = set(attempt["sketch"]), set(last["sketch"])
    least = set(nsmallest(SKETCH, now | then))
    return len(least & now & then) < (1 - ENOUGH_CHANGE) * len(least)
