#!/usr/bin/env python3
"""What each part of learned retrieval gains, by itself and whatever the gate would say.

Called by learned_retrieval.js. Hand-written templates are split by family, a tenth unseen; what is learned
from the others is judged by the code that the unseen descriptions find, MRR@10 by language: among the
unseen tenth's code alone, and among the code of all hand-written templates. Only a template's own code
counts as found. Prints one JSON object: the rows as mean and deviation over the splits, seconds, and the
ids that are unseen in the first split.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from retrieval_tasks import Template, read_templates

from fluorite.context import CallContext
from fluorite.embedding.service import EmbeddingService
from fluorite.learning.retrieval.candidates import (
    Material,
    with_adapter,
    with_associations,
    with_fusion,
)
from fluorite.learning.retrieval.pairs import DESCRIPTION, NAME, TrainingPair, stem, with_families
from fluorite.learning.retrieval.postings import postings_of
from fluorite.learning.retrieval.retrieval_task import DEPTH, Corpus, Task, evidence, fused, task_of
from fluorite.learning.retrieval.vectors_of_pairs import kept_vectors
from fluorite.memory import open_memory, release_memory
from fluorite.search.learned.learned import FusionWeights, Learned
from fluorite.search.learned.text_terms import terms_of
from fluorite.search.spaces import ModelSpaces
from fluorite.settings import resolve

ROOT = Path(__file__).resolve().parent.parent
UNSEEN = 0.1
LANGUAGES = ("ja", "en")
CANDIDATE_SETS = ("unseen", "all")

Rows = NDArray[np.int64]
Vectors = NDArray[np.float32]


class Bench:
    """The hand-written templates with their vectors and terms; row i is template i."""

    def __init__(self, templates: Sequence[Template], service: EmbeddingService, keep: object) -> None:
        self.templates = templates
        texts = [one.description for one in templates]
        names = [one.name for one in templates]
        codes = [one.code for one in templates]

        def tell(done: int, total: int) -> None:
            print(f"embedding {done:,} of {total:,}", file=sys.stderr)

        context = CallContext(lambda progress: tell(progress.done, progress.total))
        made = kept_vectors([*texts, *names, *codes], service, keep, context)  # type: ignore[arg-type]
        self.vectors = {
            DESCRIPTION: made[: len(texts)],
            NAME: made[len(texts) : 2 * len(texts)],
            "code": made[2 * len(texts) :],
        }
        self.terms = {DESCRIPTION: [terms_of(one) for one in texts], NAME: [terms_of(one) for one in names]}
        pairs = [
            TrainingPair(one.description, one.code, stem(one.id), DESCRIPTION, number)
            for number, one in enumerate(templates)
        ]
        self.families = np.array([pair.family for pair in with_families(pairs, most=len(pairs))], np.int64)

    def split(self, seed: int) -> tuple[Rows, Rows]:
        """Rows to learn from and unseen rows; no family is in both."""
        families = np.random.default_rng(seed).permutation(np.unique(self.families))
        unseen = np.isin(self.families, families[: int(UNSEEN * len(families))])
        return np.flatnonzero(~unseen), np.flatnonzero(unseen)

    def material(self, rows: Rows, seed: int) -> Material:
        """Descriptions and names of these templates with their code."""
        pairs = [
            TrainingPair(text, one.code, stem(one.id), source, row, int(self.families[row]))
            for source in (DESCRIPTION, NAME)
            for row, one in ((row, self.templates[row]) for row in rows.tolist())
            for text in [one.description if source == DESCRIPTION else one.name]
        ]
        vectors = np.concatenate([self.vectors[source][rows] for source in (DESCRIPTION, NAME)])
        terms = [self.terms[source][row] for source in (DESCRIPTION, NAME) for row in rows.tolist()]
        answers = np.tile(np.arange(len(rows)), 2)
        corpus = self.corpus(rows, self.families[rows])
        return Material(
            pairs, task_of("training", pairs, vectors, terms, answers, corpus), Learned(), _never, seed
        )

    def corpus(self, rows: Rows, families: Rows) -> Corpus:
        codes = [self.templates[row].code for row in rows.tolist()]
        return Corpus(self.vectors["code"][rows], postings_of(codes), families)

    def task(self, unseen: Rows, among: Rows) -> Task:
        """The unseen descriptions over the code of `among`, each its own family."""
        pairs = [
            TrainingPair(self.templates[row].description, "", "", DESCRIPTION, family=row)
            for row in unseen.tolist()
        ]
        answers = np.searchsorted(among, unseen)
        terms = [self.terms[DESCRIPTION][row] for row in unseen.tolist()]
        vectors = self.vectors[DESCRIPTION][unseen]
        return task_of("unseen", pairs, vectors, terms, answers, self.corpus(among, among))


def ranks(task: Task, learned: Learned) -> dict[str, NDArray[np.float64]]:
    """Reciprocal ranks at DEPTH by words, by meaning and by both."""
    cosines, words, bounds = evidence(task, learned, _never)
    weights = learned.fusion or FusionWeights()
    both = np.stack(
        [
            fused(cosines[row], words[row], float(bounds[row]), float(task.readable[row]), weights)
            for row in range(task.count)
        ]
    )
    return {name: _reciprocal(scores, task.answers) for name, scores in
            (("lexical", words), ("dense", cosines), ("fused", both))}  # fmt: skip


def _reciprocal(scores: NDArray[np.float32], answers: Rows) -> NDArray[np.float64]:
    own = scores[np.arange(len(answers)), answers][:, None]
    # Ties are halved: no order of the code is to help.
    places = 1 + (scores > own).sum(axis=1) + 0.5 * ((scores == own).sum(axis=1) - 1)
    return np.where(places <= DEPTH, 1 / places, 0.0)


def _never() -> None:
    pass


def measured(bench: Bench, seed: int, seconds: dict[str, list[float]]) -> dict[str, dict[str, list[float]]]:
    """For each row of the table and set of candidates, the mean ranks by language."""
    seen, unseen = bench.split(seed)
    material = bench.material(seen, seed)
    made = dict[str, Learned]()
    for name, candidate in (
        ("adapter", with_adapter),
        ("associations", with_associations),
        ("fusion", with_fusion),
    ):
        started = time.monotonic()
        found = candidate(material, Learned())
        seconds.setdefault(name, []).append(time.monotonic() - started)
        made[name] = Learned() if isinstance(found, str) else found
    adapter, associations, fusion = (
        made["adapter"].adapter,
        made["associations"].associations,
        made["fusion"].fusion,
    )
    plain, adapted = Learned(), Learned(adapter=adapter)
    further, both = Learned(associations=associations), Learned(adapter=adapter, associations=associations)
    subjects = [
        ("lexical", plain, "lexical"),
        ("dense", plain, "dense"),
        ("fused", plain, "fused"),
        ("lexical + associations", further, "lexical"),
        ("dense + adapter", adapted, "dense"),
        ("fused + associations", further, "fused"),
        ("fused + adapter", adapted, "fused"),
        ("fused + both", both, "fused"),
        ("fused + adapter + tuned fusion", adapted.replacing(fusion=fusion), "fused"),
        ("fused + both + tuned fusion", both.replacing(fusion=fusion), "fused"),
    ]
    rows = dict[str, dict[str, list[float]]]()
    for which, among in zip(CANDIDATE_SETS, (unseen, np.arange(len(bench.templates))), strict=True):
        task = bench.task(unseen, among)
        languages = np.array(task.languages)
        for name, learned, half in subjects:
            values = ranks(task, learned)[half]
            rows.setdefault(name, {})[which] = [float(values[languages == one].mean()) for one in LANGUAGES]
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--templates", type=Path, required=True)
    parser.add_argument("--memory", type=Path, required=True, help="keeps the vectors")
    parser.add_argument("--splits", type=int, default=5)
    options = parser.parse_args()
    settings = resolve({"memory_path": str(options.memory)}, ROOT / "models")
    memory = open_memory(settings.memory_path, settings.memory)
    service = ModelSpaces(memory, settings).service()
    bench = Bench(read_templates(options.templates), service, memory.embeddings)
    seconds = dict[str, list[float]]()
    splits = []
    for seed in range(options.splits):
        print(f"split {seed + 1} of {options.splits}", file=sys.stderr)
        splits.append(measured(bench, seed, seconds))
    _, unseen = bench.split(0)
    table = [
        {
            "name": name,
            **{
                which: {
                    language: [float(np.mean(own)), float(np.std(own))]
                    for column, language in enumerate(LANGUAGES)
                    for own in [[split[name][which][column] for split in splits]]
                }
                for which in CANDIDATE_SETS
            },
        }
        for name in splits[0]
    ]
    figures = {
        "templates": len(bench.templates),
        "unseen": [bench.templates[row].id for row in unseen.tolist()],
        "splits": options.splits,
        "rows": table,
        "seconds": {name: float(np.mean(own)) for name, own in seconds.items()},
    }
    release_memory(memory)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
