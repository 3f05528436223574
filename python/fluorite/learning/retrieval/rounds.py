"""One round of learning: vectors and terms of pairs, and each candidate before the gate."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np

from ...context import CallContext
from ...search.learned.learned import Learned
from ...search.learned.query_adapter import Vectors
from ...search.learned.text_terms import terms_of
from .candidates import CANDIDATES, Candidate, Material
from .gate import Verdict, judge, refused
from .pairs import LONGEST_CODE, TrainingPair
from .postings import postings_of
from .retrieval_task import Corpus, Measured, Task, measure, task_of

Embed = Callable[[Sequence[str]], Vectors]
"""Unit vectors (n, d), float32, of texts as the model is to read them (translated where it must be)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What has passed, and how it judges on the gate's sets; `measured` belongs to `learned`."""

    learned: Learned
    tasks: Sequence[Task]
    before: Sequence[Measured]
    measured: Sequence[Measured]
    verdicts: Sequence[Verdict] = field(default_factory=list)

    @property
    def is_adopted(self) -> bool:
        return any(verdict.adopted for verdict in self.verdicts)

    def told(self) -> str:
        """The verdicts for people."""
        return " ".join(
            f"{one.candidate.capitalize()} {'adopted' if one.adopted else 'not adopted'}: {one.reason}."
            for one in self.verdicts
        )

    def ranks(self) -> tuple[dict[str, float], dict[str, float]]:
        """Mean reciprocal ranks on the target by language, "all" too, before the round and after it."""
        return _by_language(self.tasks[0], self.before[0]), _by_language(self.tasks[0], self.measured[0])


class Clock:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._started = time.monotonic()

    @contextmanager
    def timing(self, stage: str) -> Iterator[None]:
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[stage] = round(self.seconds.get(stage, 0.0) + time.monotonic() - started, 3)

    def stopped(self) -> dict[str, float]:
        return {**self.seconds, "total": round(time.monotonic() - self._started, 3)}


def learn(
    parts: Mapping[str, Sequence[TrainingPair]],
    judged: Sequence[str],
    embed: Embed,
    present: Learned,
    context: CallContext,
    clock: Clock,
    seed: int,
    candidates: Sequence[tuple[str, Candidate]] = CANDIDATES,
) -> Outcome:
    """Judges each candidate on top of what has passed before it. `parts` has what is trained on as
    "training"; `judged` names those that are sets of the gate, the target first. Raises Cancelled."""
    training, *tasks = _tasks(
        parts, ["training", *(name for name in judged if parts[name])], embed, context, clock
    )
    with clock.timing("judge"):
        before = [measure(task, present, context.check) for task in tasks]
    outcome = Outcome(present, tasks, before, before)
    material = Material(parts["training"], training, present, context.check, seed)
    for step, (name, candidate) in enumerate(candidates):
        context.report("learn", step, len(candidates))
        with clock.timing(name):
            made = candidate(material, outcome.learned)
        with clock.timing("judge"):
            outcome = _judged(name, made, outcome, context, seed)
    context.report("learn", len(candidates), len(candidates))
    return outcome


def _judged(name: str, made: Learned | str, outcome: Outcome, context: CallContext, seed: int) -> Outcome:
    if isinstance(made, str):
        return replace(outcome, verdicts=[*outcome.verdicts, refused(name, made)])
    after = [measure(task, made, context.check) for task in outcome.tasks]
    verdict = judge(name, outcome.tasks, outcome.measured, after, seed)
    verdicts = [*outcome.verdicts, verdict]
    if not verdict.adopted:
        return replace(outcome, verdicts=verdicts)
    return replace(outcome, learned=made, measured=after, verdicts=verdicts)


def _tasks(
    parts: Mapping[str, Sequence[TrainingPair]],
    names: Sequence[str],
    embed: Embed,
    context: CallContext,
    clock: Clock,
) -> list[Task]:
    """A task for each of these parts, all over the code of all of them."""
    used = [pair for name in names for pair in parts[name]]
    codes = list(dict.fromkeys(pair.code for pair in used))
    with clock.timing("embed"):
        vector_of = _embedded([*(pair.text for pair in used), *codes], embed, context)
    with clock.timing("terms"):
        family_of = {pair.code: pair.family for pair in reversed(used)}
        corpus = Corpus(
            codes,
            np.stack([vector_of[code] for code in codes]),
            postings_of([code[:LONGEST_CODE] for code in codes]),
            np.array([family_of[code] for code in codes], np.int64),
        )
        terms = {text: terms_of(text) for text in {pair.text for pair in used}}
        rows = {code: row for row, code in enumerate(codes)}
        tasks = []
        for name in names:
            context.check()
            own = parts[name]
            vectors = np.stack([vector_of[pair.text] for pair in own])
            answers = np.array([rows[pair.code] for pair in own], np.int64)
            tasks.append(task_of(name, own, vectors, [terms[pair.text] for pair in own], answers, corpus))
    return tasks


def _embedded(texts: Sequence[str], embed: Embed, context: CallContext) -> dict[str, Vectors]:
    """Vectors by text; what the model gives no direction is all zeros."""
    distinct = list(dict.fromkeys(texts))
    context.check()
    vectors = np.nan_to_num(np.asarray(embed(distinct), np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    return dict(zip(distinct, vectors, strict=True))


def _by_language(task: Task, measured: Measured) -> dict[str, float]:
    languages = np.array(task.languages)
    means = {"all": float(measured.reciprocal_rank.mean())}
    for one in np.unique(languages).tolist():
        means[one] = float(measured.reciprocal_rank[languages == one].mean())
    return {language: round(value, 4) for language, value in means.items()}
