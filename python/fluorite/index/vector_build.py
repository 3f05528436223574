"""Making segments: several merged into one, with lists of trained centroids.

The work is cut into blocks that threads of low priority take in turn, each with FAISS on one core. Teams
of OpenMP would spin at their barriers where other work holds the cores, and could not be stopped.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..normalisation import unit
from .arrays import Vectors
from .partitions import Centroids, fill_lists, import_faiss, list_layout, new_index, outlined
from .vector_files import Space, new_name, write_segment
from .vector_rows import SCALE, Fixed, Rows
from .vector_segment import Held, Segment, unit_vectors

STRIDES = (4, 4, 2, 1)
"""Each round takes every so many-th row: what is far from settled needs few (Newling and Fleuret 2016). The
last takes all."""
ROWS_PER_LIST = 32
"""Training rows for each list: 100 MB for 4,096 lists of 384 dimensions."""
BLOCK = 8192
REACH = 0.39
"""Reach, as a share of the distance (1 - cosine) between two vectors of the data at random. Measured with
requests and descriptions, which are unlike the code they look for: 0.27 for MiniLM's vectors."""
PROBES = 64
NICENESS = 5

Sums = tuple[Rows, Vectors, NDArray[np.int64]]
"""Lists, the sums of the vectors that are nearest to each, and how many these are."""

Check = Callable[[], None]
Report = Callable[[int, int], None]
Result = TypeVar("Result")


def list_count(rows: int) -> int:
    """A power of two near 4 · √rows: 4,096 for a million."""
    return int(2 ** np.clip(np.round(np.log2(4 * np.sqrt(max(1, rows)))), 2, 15))


def train(sources: Sequence[Held], check: Check, report: Report) -> Centroids:
    """Spherical k-means over a sample of the living rows, in a random rotation."""
    rows = sum(len(held) for held in sources)
    count = min(list_count(rows), rows)
    random = np.random.default_rng(rows)
    sample = _sample(sources, min(rows, count * ROWS_PER_LIST), random)
    centers = unit(sample[random.choice(len(sample), count, replace=False)].astype(np.float32))
    total = np.zeros(sample.shape[1])
    rounds = [(stride, range(0, len(sample), BLOCK * stride)) for stride in STRIDES]
    done, most = 0, sum(len(blocks) for _, blocks in rounds)
    for stride, blocks in rounds:
        quantizer = new_index(centers)[1]
        sums, sizes = np.zeros(centers.shape, np.float32), np.zeros(count, np.int64)

        def work(start: int, quantizer: Any = quantizer, stride: int = stride) -> Sums:
            vectors = sample[start : start + BLOCK * stride : stride].astype(np.float32) / np.float32(SCALE)
            nearest = quantizer.search(vectors, 1)[1][:, 0]
            order = np.argsort(nearest, kind="stable")
            filled, starts, sizes = np.unique(nearest[order], return_index=True, return_counts=True)
            return filled, np.add.reduceat(vectors[order], starts, axis=0), sizes

        for filled, partial, some in in_parallel(work, blocks, check):
            sums[filled] += partial
            sizes[filled] += some
            done += 1
            report(done, most)
        total = sums.sum(axis=0, dtype=np.float64)
        empty = np.flatnonzero(sizes == 0)
        sums[empty] = sample[random.choice(len(sample), len(empty), replace=False)]
        centers = unit(sums)
    mean = total / len(sample)
    rotation = np.linalg.qr(random.normal(size=(len(mean), len(mean))))[0].astype(np.float32)
    reach = REACH * (1 - float(mean @ mean))
    centers = unit(centers @ rotation.T)
    return Centroids(centers, rotation, *outlined(centers), reach, rows, 0.0, new_name("centroids"))


def merge(space: Space, sources: Sequence[Held], centroids: Centroids, check: Check, report: Report) -> str:
    """Writes the living rows of `sources` as one segment with lists, and returns its name."""
    living = [held.living_rows() for held in sources]
    unsorted = [held.segment.numbers[rows] for held, rows in zip(sources, living, strict=True)]
    source = np.concatenate([np.full(len(rows), n, np.uint16) for n, rows in enumerate(living)])
    order = np.argsort(np.concatenate(unsorted), kind="stable")
    numbers, source, rows = np.concatenate(unsorted)[order], source[order], np.concatenate(living)[order]
    matrix: Fixed = scratch(space.folder, (len(numbers), space.dimensions), np.int16)
    encoder = _Encoder(space.folder, centroids, len(numbers))

    def work(start: int) -> None:
        block = source[start : start + BLOCK]
        for n in np.unique(block).tolist():
            mine = start + np.flatnonzero(block == n)
            matrix[mine] = sources[n].segment.matrix[rows[mine]]
        encoder.encode(start, matrix[start : start + BLOCK])

    blocks = range(0, len(numbers), BLOCK)
    for done, _ in enumerate(in_parallel(work, blocks, check), 1):
        report(done, len(blocks))
    lists = encoder.lists()
    check()
    return write_segment(space, numbers, matrix, lists, centroids.name)


def probe_queries(held: Held) -> Vectors:
    """Directions between two vectors each: queries that are not in the data, for measuring recall."""
    random = np.random.default_rng(0)
    living = held.living_rows()
    picked = np.sort(random.choice(living, min(len(living), 2 * PROBES), replace=False))
    vectors = random.permutation(unit_vectors(held.segment, picked))
    half = len(vectors) // 2
    return unit(vectors[:half] + vectors[len(vectors) - half :])


def nearest_exactly(segment: Segment, queries: Vectors, most: int, check: Check) -> Vectors:
    """The `most` highest cosines for each query, descending, (queries, most)."""
    faiss = import_faiss()

    def work(start: int) -> Vectors:
        block = segment.matrix[start : start + BLOCK].astype(np.float32) / np.float32(SCALE)
        found = faiss.knn(queries, block, min(most, len(block)), faiss.METRIC_INNER_PRODUCT)
        return np.asarray(found[0], np.float32)

    blocks = range(0, len(segment.numbers), BLOCK)
    scores = np.concatenate(list(in_parallel(work, blocks, check)), axis=1)
    return np.asarray(-np.sort(-scores, axis=1)[:, :most], np.float32)


def in_parallel(work: Callable[[int], Result], starts: Sequence[int], check: Check) -> Iterator[Result]:
    """The results of `work(start)`, in order, from one thread of low priority for each core."""
    cores = os.cpu_count() or 1
    with ThreadPoolExecutor(cores, "vector-build", _lower_priority) as pool:
        try:
            waiting = []
            for start in starts:
                check()
                waiting.append(pool.submit(work, start))
                if len(waiting) > 2 * cores:
                    yield waiting.pop(0).result()
            for future in waiting:
                check()
                yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def scratch(folder: Path, shape: tuple[int, ...], kind: Any) -> NDArray[Any]:
    """Zeroed memory of a nameless file, so that it need not be resident; it goes with the array."""
    if 0 in shape:
        return np.zeros(shape, kind)
    with tempfile.TemporaryFile(dir=folder) as file:
        return np.memmap(file, kind, "w+", shape=shape)


class _Encoder:
    def __init__(self, folder: Path, centroids: Centroids, rows: int) -> None:
        faiss = import_faiss()
        self._folder = folder
        self._index, self._quantizer = new_index(centroids.centers)
        dimensions = len(centroids.rotation)
        self._rotation = faiss.LinearTransform(dimensions, dimensions, False)
        faiss.copy_array_to_vector(centroids.rotation.reshape(-1), self._rotation.A)
        self._rotation.is_trained = True
        self._of_row = np.zeros(rows, np.uint16)
        self._codes: NDArray[np.uint8] = scratch(folder, (rows, self._index.code_size), np.uint8)
        self._count = len(centroids.centers)

    def encode(self, start: int, matrix: Fixed) -> None:
        pointer = import_faiss().swig_ptr
        vectors = self._rotation.apply(matrix.astype(np.float32) / np.float32(SCALE))
        nearest = np.ascontiguousarray(self._quantizer.search(vectors, 1)[1][:, 0])
        codes = np.empty((len(matrix), self._index.code_size), np.uint8)
        self._index.encode_vectors(len(matrix), pointer(vectors), pointer(nearest), pointer(codes))
        self._of_row[start : start + len(matrix)] = nearest
        self._codes[start : start + len(matrix)] = codes

    def lists(self) -> dict[str, NDArray[Any]]:
        sizes = np.bincount(self._of_row, minlength=self._count).astype(np.int64)
        end = int(list_layout(sizes, self._index.code_size)[-1, 2])
        lists: NDArray[np.uint8] = scratch(self._folder, (end,), np.uint8)
        fill_lists(lists, sizes, self._of_row, self._codes)
        return {"sizes": sizes, "of_row": self._of_row, "lists": lists}


def _lower_priority() -> None:
    import_faiss().omp_set_num_threads(1)
    with contextlib.suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


def _sample(sources: Sequence[Held], most: int, random: np.random.Generator) -> Fixed:
    living = [one.living_rows() for one in sources]
    ends = np.cumsum([0] + [len(rows) for rows in living])
    picked = np.sort(random.choice(int(ends[-1]), most, replace=False))
    bounds = np.searchsorted(picked, ends)
    sample = np.empty((most, sources[0].segment.matrix.shape[1]), np.int16)
    for n, (held, rows) in enumerate(zip(sources, living, strict=True)):
        for start in range(int(bounds[n]), int(bounds[n + 1]), BLOCK):
            some = slice(start, min(start + BLOCK, int(bounds[n + 1])))
            sample[some] = held.segment.matrix[rows[picked[some] - ends[n]]]
    return sample
