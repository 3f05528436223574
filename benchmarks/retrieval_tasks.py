"""Retrieval over hand-written templates, as tasks with a measure, and how two runs of one differ."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
STUB = "Auto-generated spike"
LEAST_CODE = 40
RESAMPLES = 4000

Vectors = NDArray[np.float32]
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Template:
    """A hand-written template; `whole` is all that is searched in it, `code` its files alone."""

    id: str
    name: str
    description: str
    code: str
    whole: str


@dataclass(frozen=True, slots=True)
class Task:
    """Retrieval: `relevance[query]` is the grade of every relevant document position."""

    name: str
    queries: list[str]
    documents: list[str]
    relevance: list[dict[int, int]]
    measure: Callable[[list[int], dict[int, int]], float]


def read_templates(folder: Path) -> list[Template]:
    found = []
    for file in sorted(folder.glob("*.json")):
        try:
            entry = json.loads(file.read_text(encoding="utf-8"))
        except ValueError:
            continue
        description = entry.get("description") or ""
        contents = [one.get("template") or one.get("content") or "" for one in entry.get("files") or []]
        code = "\n".join(contents).strip()
        if description and not description.startswith(STUB) and len(code) >= LEAST_CODE:
            labels = (entry["name"], description, ", ".join(entry["stack"]), ", ".join(entry["tags"]))
            found.append(Template(entry["id"], entry["name"], description, code, "\n".join((*labels, code))))
    return found


def description_tasks(templates: list[Template], per_language: int) -> Iterator[Task]:
    chance = np.random.default_rng(7)
    codes = [template.code for template in templates]
    for language, wanted in (("ja", True), ("en", False)):
        own = [
            n for n, template in enumerate(templates) if bool(JAPANESE.search(template.description)) is wanted
        ]
        chosen = chance.permutation(own)[:per_language].tolist()
        queries = [templates[n].description for n in chosen]
        yield Task(f"MRR@10 {language}", queries, codes, [{n: 1} for n in chosen], reciprocal_rank)


def request_tasks(templates: list[Template], file: Path) -> Iterator[Task]:
    positions = {template.id: n for n, template in enumerate(templates)}
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    for language in ("ja", "en"):
        own = [row for row in rows if row["lang"] == language]
        # A relevant template that is not among the documents stays in the ideal order, as a loss.
        grades = [
            {positions.get(name, -1 - n): grade for n, (name, grade) in enumerate(row["relevant"].items())}
            for row in own
        ]
        documents = [template.whole for template in templates]
        yield Task(f"nDCG@10 {language}", [row["query"] for row in own], documents, grades, discounted_gain)


def reciprocal_rank(ranked: list[int], grades: dict[int, int]) -> float:
    return next((1 / rank for rank, document in enumerate(ranked, 1) if document in grades), 0.0)


def discounted_gain(ranked: list[int], grades: dict[int, int]) -> float:
    def gain(order: Sequence[int]) -> float:
        return float(sum((2**grade - 1) / np.log2(rank + 2) for rank, grade in enumerate(order)))

    ideal = sorted(grades.values(), reverse=True)[:10]
    return gain([grades.get(document, 0) for document in ranked]) / gain(ideal)


def score(task: Task, vector_of: dict[str, Vectors]) -> Values:
    documents = np.stack([vector_of[text] for text in task.documents])
    queries = np.stack([vector_of[text] for text in task.queries])
    ranked = np.argsort(-(queries @ documents.T), axis=1, kind="stable")[:, :10]
    return np.array(
        [task.measure(row.tolist(), grades) for row, grades in zip(ranked, task.relevance, strict=True)]
    )


def difference(values: Values, reference: Values) -> dict[str, float]:
    paired = values - reference
    picks = np.random.default_rng(13).integers(0, len(paired), (RESAMPLES, len(paired)))
    low, high = np.quantile(paired[picks].mean(axis=1), (0.025, 0.975))
    return {"mean": float(paired.mean()), "low": float(low), "high": float(high)}
