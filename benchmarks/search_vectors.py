"""Vectors of a benchmark's corpus, derived from embeddings of real chunks, and exact search over them.

    search_vectors.py derive BASE FOLDER ROWS    vectors.f32 (ROWS × 384) and labels.u16 in FOLDER
    search_vectors.py exact BASE FOLDER ROWS     exact.json: the nearest of the first ROWS under every filter

BASE holds base.f32, samples.f32, samples.json and queries.f32, as search_base.js makes them. Each command
prints figures as JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 384
LABELS = 1000
NEIGHBOURS = 8
MOST = 10
BLOCK = 20_000
SAME = 0.999
PAIRS_BLOCK = 1000
LEAST_MOVE = 0.01
TOWARDS_NEAR = 1.5
NOISE = 0.2
QUANTILES = (0.1, 0.5, 0.9)

Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]


def read_vectors(file: Path) -> Vectors:
    return np.fromfile(file, np.float32).reshape(-1, DIMENSIONS)


def unit(vectors: Vectors) -> Vectors:
    lengths: Vectors = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.divide(vectors, np.maximum(lengths, 1e-9), dtype=np.float32)


def blocks(rows: int) -> Iterator[slice]:
    return (slice(start, min(start + BLOCK, rows)) for start in range(0, rows, BLOCK))


def nearest(queries: Vectors, vectors: Vectors, most: int) -> tuple[Vectors, Rows]:
    """Cosines and rows of the `most` nearest, best first."""
    cosines = np.full((len(queries), 0), -np.inf, np.float32)
    rows = np.empty((len(queries), 0), np.int64)
    for part in blocks(len(vectors)):
        found = np.arange(part.start, part.stop)[None, :].repeat(len(queries), axis=0)
        cosines, rows = best(np.hstack((cosines, queries @ vectors[part].T)), np.hstack((rows, found)), most)
    return cosines, rows


def best(cosines: Vectors, rows: Rows, most: int) -> tuple[Vectors, Rows]:
    if cosines.shape[1] > most:
        picks = np.argpartition(-cosines, most - 1, axis=1)[:, :most]
        cosines, rows = np.take_along_axis(cosines, picks, 1), np.take_along_axis(rows, picks, 1)
    order = np.argsort(-cosines, axis=1, kind="stable")
    return np.take_along_axis(cosines, order, 1), np.take_along_axis(rows, order, 1)


def near_others(vectors: Vectors, others: Vectors) -> Rows:
    """For each vector 8 rows of `others` (n, 384), the nearest that are not the same, in no order."""
    most = min(NEIGHBOURS, len(others))
    parts = []
    for start in range(0, len(vectors), PAIRS_BLOCK):
        cosines = vectors[start : start + PAIRS_BLOCK] @ others.T
        cosines[cosines > SAME] = -1
        parts.append(np.argpartition(-cosines, most - 1, axis=1)[:, :most])
    return np.vstack(parts)


class Deriver:
    """Makes the vector of a variant: its chunk's own, moved towards a near chunk and along a real change.

    The change is what the model made of a sampled variant of a similar chunk: the difference between that
    variant's vector and its chunk's. It gives the length of the move too, so that variants lie as far from
    their chunks, and from each other, as embedded ones do.
    """

    def __init__(self, base: Vectors, samples: Vectors, sampled: Rows) -> None:
        changes = samples - base[sampled]
        lengths = np.linalg.norm(changes, axis=1)
        moved = lengths > LEAST_MOVE
        self.base = base
        self.changes = unit(changes[moved])
        self.lengths = lengths[moved]
        self.near = near_others(base, base)
        self.near_changes = near_others(base, base[sampled[moved]])
        self.chance = np.random.default_rng(17)

    def variants(self, rows: Rows) -> Vectors:
        """One vector for each of these rows of the base, shape (len(rows), 384)."""
        chance = self.chance
        own = self.base[rows]
        near = self.base[self.near[rows, chance.integers(0, self.near.shape[1], len(rows))]]
        picks = self.near_changes[rows, chance.integers(0, self.near_changes.shape[1], len(rows))]
        direction = TOWARDS_NEAR * chance.random((len(rows), 1), np.float32) * unit(near - own)
        direction += self.changes[picks]
        direction += NOISE * unit(chance.standard_normal(own.shape, np.float32))
        # A step along the sphere's tangent whose chord has the change's length.
        direction -= own * np.sum(direction * own, axis=1, keepdims=True)
        cosines = (1 - self.lengths[picks] ** 2 / 2)[:, None]
        return unit(cosines * own + np.sqrt(np.maximum(0, 1 - cosines**2)) * unit(direction))


def derive(base_folder: Path, folder: Path, rows: int) -> dict[str, Any]:
    base = unit(read_vectors(base_folder / "base.f32"))
    labels = np.random.default_rng(19).integers(0, LABELS, rows).astype("<u2")
    labels.tofile(folder / "labels.u16")
    with (folder / "vectors.f32").open("wb") as file:
        base[:rows].tofile(file)
        if rows <= len(base):
            return {"real": rows, "derived": 0}
        samples = unit(read_vectors(base_folder / "samples.f32"))
        sampled = np.array(json.loads((base_folder / "samples.json").read_text()))
        deriver = Deriver(base, samples, sampled)
        for part in blocks(rows - len(base)):
            print(f"deriving vectors: {part.start} of {rows - len(base)}", file=sys.stderr)
            deriver.variants(np.arange(part.start, part.stop) % len(base)).tofile(file)
    derived = deriver.variants(sampled)
    return {
        "real": len(base),
        "derived": rows - len(base),
        "variant_to_own_chunk": {
            "embedded": quantiles(np.sum(samples * base[sampled], axis=1)),
            "derived": quantiles(np.sum(derived * base[sampled], axis=1)),
        },
        "variant_to_tenth_nearest_real_chunk": {
            "embedded": quantiles(nearest(samples, base, MOST)[0][:, -1]),
            "derived": quantiles(nearest(derived, base, MOST)[0][:, -1]),
        },
        "variant_to_nearest_variant": {
            "embedded": quantiles(nearest(samples, samples, 2)[0][:, -1]),
            "derived": quantiles(nearest(derived, derived, 2)[0][:, -1]),
        },
    }


def exact(base_folder: Path, folder: Path, rows: int) -> dict[str, Any]:
    base_rows = (base_folder / "base.f32").stat().st_size // (4 * DIMENSIONS)
    queries = unit(read_vectors(base_folder / "queries.f32"))
    vectors = np.memmap(folder / "vectors.f32", np.float32, "r").reshape(-1, DIMENSIONS)[:rows]
    labels = np.fromfile(folder / "labels.u16", "<u2")[:rows]
    given = json.loads((folder / "filters.json").read_text())
    series: dict[str, list[Any]] = {"none": [None] * len(queries)}
    series |= {one["name"]: one["exact"] for one in given["filters"]}
    members = {name: np.isin(np.arange(base_rows), rows) for name, rows in given["members"].items()}
    found = {
        name: (np.empty((len(queries), 0), np.float32), np.empty((len(queries), 0), np.int64))
        for name in series
    }
    for part in blocks(rows):
        print(f"exact search: {part.start} of {rows} rows", file=sys.stderr)
        cosines = queries @ vectors[part].T
        numbers = np.arange(part.start, part.stop)
        for name, limits in series.items():
            allowed = np.stack([passing(one, members, numbers % base_rows, labels[part]) for one in limits])
            block = best(
                np.where(allowed, cosines, np.float32(-np.inf)),
                np.broadcast_to(numbers, cosines.shape),
                MOST,
            )
            both = np.hstack((found[name][0], block[0])), np.hstack((found[name][1], block[1]))
            found[name] = best(*both, MOST)
    answers = {
        name: [
            {"rows": row[good].tolist(), "cosines": cosine[good].tolist()}
            for cosine, row in zip(cosines, rows_, strict=True)
            for good in (cosine > -np.inf,)
        ]
        for name, (cosines, rows_) in found.items()
    }
    (folder / "exact.json").write_text(json.dumps(answers))
    cosines = found["none"][0]
    return {"query_to_nearest": quantiles(cosines[:, 0]), "query_to_tenth": quantiles(cosines[:, -1])}


def passing(
    limit: dict[str, Any] | None, members: dict[str, NDArray[np.bool_]], base_rows: Rows, labels: NDArray[Any]
) -> NDArray[np.bool_]:
    if limit is None:
        return np.ones(len(labels), np.bool_)
    if "modulus" in limit:
        return np.asarray(labels % limit["modulus"] == limit["remainder"], np.bool_)
    return members[limit["framework"]][base_rows]


def quantiles(values: Vectors) -> list[float]:
    return [round(float(value), 3) for value in np.quantile(values, QUANTILES)]


def main() -> None:
    command, base, folder, rows = sys.argv[1:]
    work = {"derive": derive, "exact": exact}[command]
    print(json.dumps(work(Path(base), Path(folder), int(rows))))


if __name__ == "__main__":
    main()
