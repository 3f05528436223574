#!/usr/bin/env python3
"""What each part of learned retrieval gains, by itself and whatever the gate would say.

Called by learned_retrieval.js. A tenth of the hand-written templates is drawn as unseen, by templates and by
families (see learned_material.py); what is learned from the others is judged by the code that the unseen
descriptions find, MRR@10 by language: among the unseen tenth's code alone, and among the code of all
hand-written templates, counted in two ways (see learned_ranks.py). Prints one JSON object: for each way of
drawing the rows as mean and deviation over the splits and the seconds to learn; and the ids that are unseen
in the first split by families. Progress goes to stderr.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np
from learned_material import DrawnBy, HandWritten
from learned_ranks import reciprocal_ranks, scores_by_half
from retrieval_tasks import read_templates

from fluorite.context import CallContext, Progress
from fluorite.learning.retrieval.candidates import CANDIDATES, with_reranker
from fluorite.memory import open_memory, release_memory
from fluorite.search.learned.learned import Learned
from fluorite.search.spaces import ModelSpaces
from fluorite.settings import resolve

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("ja", "en")
AMONG = ("unseen", "all")
SECONDS_BETWEEN_NOTES = 2.0

Key = tuple[str, ...]
"""A row's name, how it is counted, among which code, and the language."""


def learned_parts(
    bench: HandWritten,
    seen: np.ndarray[Any, Any],
    seed: int,
    seconds: dict[str, list[float]],
) -> dict[str, Learned]:
    """Each of the gate's candidates, learned from these rows on its own, the reranker on top of the adapter;
    nothing where there is no better."""
    material = bench.material(seen, seed)
    made = dict[str, Learned]()
    for name, candidate in CANDIDATES:
        started = time.monotonic()
        found = candidate(material, made["adapter"] if candidate is with_reranker else Learned())
        seconds.setdefault(name, []).append(time.monotonic() - started)
        made[name] = Learned() if isinstance(found, str) else found
    return made


def measured(
    bench: HandWritten, drawn_by: DrawnBy, seed: int, seconds: dict[str, list[float]]
) -> tuple[dict[Key, float], int]:
    """Mean reciprocal ranks of one split, and how many templates are unseen in it."""
    seen, unseen = bench.split(drawn_by, seed)
    made = learned_parts(bench, seen, seed, seconds)
    fusion = made["fusion"].fusion
    plain, adapted, further = Learned(), made["adapter"], made["associations"]
    both = adapted.replacing(associations=further.associations)
    subjects = [
        (plain, {"lexical": "lexical", "dense": "dense", "fused": "fused"}),
        (
            further,
            {"lexical + associations": "lexical", "fused + associations": "fused"},
        ),
        (adapted, {"dense + adapter": "dense", "fused + adapter": "fused"}),
        (made["reranker"], {"fused + adapter + reranker": "fused"}),
        (both, {"fused + both": "fused"}),
        (adapted.replacing(fusion=fusion), {"fused + adapter + tuned fusion": "fused"}),
        (both.replacing(fusion=fusion), {"fused + both + tuned fusion": "fused"}),
    ]
    found = dict[Key, float]()
    for which, among in zip(AMONG, (unseen, np.arange(len(bench.templates))), strict=True):
        task = bench.task(unseen, among)
        languages = np.array(task.languages)
        for learned, halves in subjects:
            scores = scores_by_half(task, learned)
            for name, half in halves.items():
                ranks = reciprocal_ranks(scores[half], task.answers, bench.fingerprints[among])
                for counted, values in ranks.items():
                    for language in np.unique(languages).tolist():
                        found[name, counted, which, language] = float(values[languages == language].mean())
    return found, len(unseen)


def summary(splits: Sequence[dict[Key, float]]) -> list[dict[str, Any]]:
    """Rows of a table: for each name and way to count, [mean, deviation] over the splits by `among` and
    language; None where no split has an unseen description in that language."""

    def over_splits(*key: str) -> list[float] | None:
        values = [split[key] for split in splits if key in split]
        return [float(np.mean(values)), float(np.std(values))] if values else None

    heads = dict.fromkeys((name, counted) for split in splits for name, counted, _, _ in split)
    return [
        {"name": name, "counted": counted}
        | {which: {one: over_splits(name, counted, which, one) for one in LANGUAGES} for which in AMONG}
        for name, counted in heads
    ]


def note_progress() -> Callable[[Progress], None]:
    """Tells stderr how far it is, every two seconds and at the end of a stage."""
    told_at = 0.0

    def tell(progress: Progress) -> None:
        nonlocal told_at
        if progress.done < progress.total and time.monotonic() - told_at < SECONDS_BETWEEN_NOTES:
            return
        told_at = time.monotonic()
        left = "" if progress.seconds_left is None else f", {progress.seconds_left:.0f} s left"
        print(
            f"{progress.stage} {progress.done:,} of {progress.total:,}{left}",
            file=sys.stderr,
            flush=True,
        )

    return tell


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--templates", type=Path, required=True)
    parser.add_argument("--memory", type=Path, required=True, help="keeps the vectors")
    parser.add_argument("--splits", type=int, default=5)
    options = parser.parse_args()
    templates = read_templates(options.templates)
    settings = resolve({"memory_path": str(options.memory)}, ROOT / "models")
    memory = open_memory(settings.memory_path, settings.memory)
    service = ModelSpaces(memory, settings).service()
    context = CallContext(note_progress())
    bench = HandWritten(templates, service, memory.embeddings, context)
    ways: tuple[DrawnBy, ...] = get_args(DrawnBy)
    figures = dict[str, Any]()
    for step, drawn_by in enumerate(ways):
        seconds = dict[str, list[float]]()
        splits, counts = list[dict[Key, float]](), list[int]()
        for seed in range(options.splits):
            context.report("split", step * options.splits + seed, len(ways) * options.splits)
            found, count = measured(bench, drawn_by, seed, seconds)
            splits.append(found)
            counts.append(count)
        figures[drawn_by] = {
            "unseen_templates": float(np.mean(counts)),
            "rows": summary(splits),
            "seconds": {name: float(np.mean(own)) for name, own in seconds.items()},
        }
    context.report("split", len(ways) * options.splits, len(ways) * options.splits)
    release_memory(memory)
    _, unseen = bench.split("families", 0)
    told = {
        "templates": len(templates),
        "families": len(np.unique(bench.families)),
        "splits": options.splits,
        "drawn": figures,
        "unseen": [templates[row].id for row in unseen.tolist()],
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
