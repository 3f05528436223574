"""Learning from given pairs: an input, and the code that should be found for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...chunk import check_id, check_label, content_text, encoded_size
from ...context import CallContext
from ...errors import FluoriteError, InvalidArgument, reject_unknown
from ...search.learned.learned_state import LearnedStates
from ...store import ChunkStore
from .gate import FEWEST_JUDGED
from .pair_reading import read_pairs
from .pairs import LONGEST_CODE, LONGEST_TEXT, NAME, TrainingPair, part_of, stem, with_families
from .rounds import Clock, Embed, learn
from .training import RetrievalReport, lacking_pairs

MOST_EXAMPLES = 10_000
WEIGHT = 2.0
"""Of a given example against a pair of the memory: someone meant it."""
TASK_TYPE = "general"
FIELDS = ("input_text", "expected_output", "chunk_id", "task_type", "metadata")


@dataclass(frozen=True, slots=True)
class TrainingExample:
    """What should be found for `input_text`: the text `expected_output`, or the stored chunk `chunk_id`.
    `index` is its place among the given ones."""

    index: int
    input_text: str
    expected_output: str | None = None
    chunk_id: str | None = None
    task_type: str = TASK_TYPE


@dataclass(frozen=True, slots=True)
class RejectedExample:
    index: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingResult(RetrievalReport):
    """Measured after the run on those examples that were not trained on (`held_out_pairs`): `accuracy` is the
    share whose expected output came first among all code of the memory and of the examples, `loss` the
    cross-entropy in nats of the expected output among it; None where there was nothing to measure on."""

    accuracy: float | None = None
    loss: float | None = None
    rejected: list[RejectedExample] = field(default_factory=list)


def read_examples(values: object) -> tuple[list[TrainingExample], list[RejectedExample]]:
    """Examples as a caller gave them, and those that are of the wrong form. Raises InvalidArgument where
    they are no list or too many."""
    if not isinstance(values, list | tuple):
        raise InvalidArgument(f"examples is {type(values).__name__}. Give a list of examples.")
    if len(values) > MOST_EXAMPLES:
        raise InvalidArgument(f"{len(values):,} examples were given. Give at most {MOST_EXAMPLES:,} at once.")
    read, rejected = list[TrainingExample](), list[RejectedExample]()
    for index, value in enumerate(values):
        try:
            read.append(_read(index, value))
        except FluoriteError as error:
            rejected.append(RejectedExample(index, str(error)))
    return read, rejected


def train_examples(
    examples: Sequence[TrainingExample],
    rejected: Sequence[RejectedExample],
    store: ChunkStore,
    states: LearnedStates,
    embed: Embed,
    model_id: str,
    context: CallContext,
    seed: int = 0,
) -> TrainingResult:
    """Learns from the examples together with the memory's own pairs, and adopts what finds the held-out
    examples better without losing any of the memory's general set. Raises Cancelled."""
    clock = Clock()
    current = states.current(model_id)
    with clock.timing("pairs"):
        given, unusable = _pairs(examples, store)
        parts = _divided(given, read_pairs(store, context))
    target, training = parts["examples"], parts["training"]

    def result(adopted: bool, version: int, reason: str, **more: Any) -> TrainingResult:
        return TrainingResult(
            adopted=adopted,
            version=version,
            reason=reason,
            training_pairs=len(training),
            held_out_pairs=len(target),
            general_pairs=len(parts["general"]),
            rejected=sorted([*rejected, *unusable], key=lambda one: one.index),
            seconds=clock.stopped(),
            **more,
        )

    if not target:
        return result(False, current.version, "Not adopted: no example is held out to measure on; give more.")
    lacking = lacking_pairs(len(training), FEWEST_JUDGED)
    if lacking is not None:
        return result(False, current.version, lacking)
    outcome = learn(parts, ["examples", "general"], embed, current.learned, context, clock, seed)
    before, after = outcome.ranks()
    measured, version = outcome.measured[0], current.version
    if outcome.is_adopted:
        counts = {
            "training_pairs": len(training),
            "held_out_pairs": len(target),
            "general_pairs": len(parts["general"]),
        }
        summary = {"pairs": counts, "before": before, "after": after, "source": "examples"}
        version = states.adopt(outcome.learned, model_id, summary).version
    few = "" if len(target) >= FEWEST_JUDGED else f" Give more examples: {len(target)} were held out."
    return result(
        outcome.is_adopted,
        version,
        outcome.told() + few,
        before=before,
        after=after,
        verdicts=list(outcome.verdicts),
        accuracy=round(float(np.mean(measured.is_first)), 4),
        loss=round(float(np.mean(measured.loss)), 4),
    )


def _divided(given: Sequence[TrainingPair], known: Sequence[TrainingPair]) -> dict[str, list[TrainingPair]]:
    """What is trained on, the held-out examples, and the memory's general set; no family is in two."""
    chosen = {(pair.text, pair.code) for pair in given}
    pairs = with_families([*given, *known])
    own = [pair for pair in pairs if (pair.text, pair.code) in chosen]
    rest = [pair for pair in pairs if (pair.text, pair.code) not in chosen]
    target = [pair for pair in own if part_of(pair) != "training"]
    judged = {pair.family for pair in [*target, *(pair for pair in rest if part_of(pair) != "training")]}
    return {
        "examples": target,
        "general": [pair for pair in rest if part_of(pair) == "general" and pair.source != NAME],
        "training": [pair for pair in pairs if part_of(pair) == "training" and pair.family not in judged],
    }


def _pairs(
    examples: Sequence[TrainingExample], store: ChunkStore
) -> tuple[list[TrainingPair], list[RejectedExample]]:
    ids = list(dict.fromkeys(one.chunk_id for one in examples if one.chunk_id is not None))
    chunks = dict(zip(ids, store.get(ids), strict=True))
    pairs, rejected = list[TrainingPair](), list[RejectedExample]()
    for one in examples:
        code, key = one.expected_output or "", f"example:{(one.expected_output or '')[:200]}"
        if one.chunk_id is not None:
            chunk = chunks[one.chunk_id]
            if chunk is None:
                reason = f"There is no chunk {one.chunk_id!r}. Give the id of a stored one."
                rejected.append(RejectedExample(one.index, reason))
                continue
            code, key = content_text(chunk) or "", stem(one.chunk_id)
        if not code.strip():
            reason = f"The chunk {one.chunk_id!r} holds no text. Give one that does."
            rejected.append(RejectedExample(one.index, reason))
            continue
        text = one.input_text.strip()[:LONGEST_TEXT]
        pairs.append(TrainingPair(text, code[:LONGEST_CODE], key, one.task_type, weight=WEIGHT))
    return pairs, rejected


def _read(index: int, value: object) -> TrainingExample:
    where = f"examples[{index}]"
    if not isinstance(value, Mapping):
        raise InvalidArgument(f"{where} is {type(value).__name__}. Give an object with input_text.")
    given = {name: one for name, one in value.items() if one is not None}
    reject_unknown(f"field of {where}", given, FIELDS)
    input_text = _text(given.get("input_text"), f"{where}.input_text")
    if ("expected_output" in given) == ("chunk_id" in given):
        raise InvalidArgument(f"{where}: give either expected_output, a text, or chunk_id.")
    metadata = given.get("metadata", {})
    if not isinstance(metadata, Mapping):
        raise InvalidArgument(f"{where}.metadata is {type(metadata).__name__}. Give a plain object.")
    return TrainingExample(
        index,
        input_text,
        _text(given["expected_output"], f"{where}.expected_output") if "expected_output" in given else None,
        check_id(given["chunk_id"]) if "chunk_id" in given else None,
        check_label(f"{where}.task_type", given.get("task_type", TASK_TYPE)),
    )


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InvalidArgument(f"{where} is missing or empty. Give a text.")
    encoded_size(value, where)
    return value
