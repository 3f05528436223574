"""Looks through all embeddings on disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice

import lmdb
import numpy as np

from .embedding_store import CONTENT_KEY_BYTES, MODEL_KEY_BYTES, EmbeddingStore
from .survey import BadValue, in_order, rows_of

ROWS_AT_ONCE = 4096
FARTHEST_FROM_UNIT = 0.02
"""Rounding to float16 moves the length of a unit vector by less than 0.001."""


def survey_embeddings(
    embeddings: EmbeddingStore, transaction: lmdb.Transaction, tell: Callable[[int], None]
) -> tuple[int, list[BadValue], bool]:
    """How many embeddings there are, those that are no unit vector as wide as their model's others, and
    whether the keys are in order.

    `tell` hears how many were read, and may raise to stop.
    """
    bad = list[BadValue]()
    widths = dict[bytes, Counter[int]]()
    count = 0
    disordered = set[str]()
    for rows in _batches(in_order(rows_of(transaction, embeddings.vectors), "vectors", disordered)):
        for key, value in rows:
            widths.setdefault(key[:MODEL_KEY_BYTES], Counter())[len(value)] += 1
            if len(key) != MODEL_KEY_BYTES + CONTENT_KEY_BYTES or not value or len(value) % 2:
                bad.append(BadValue(key, value, "it is no vector"))
        for width in {len(value) for _, value in rows if value and len(value) % 2 == 0}:
            alike = [(key, value) for key, value in rows if len(value) == width]
            vectors = np.frombuffer(b"".join(value for _, value in alike), "<f2").astype(np.float32)
            lengths = np.linalg.norm(vectors.reshape(len(alike), -1), axis=1)
            for row in np.flatnonzero(~(np.abs(lengths - 1) <= FARTHEST_FROM_UNIT)).tolist():
                bad.append(BadValue(*alike[row], f"its length is {lengths[row]:.3g}, not 1"))
        count += len(rows)
        tell(count)
    usual = {model: counts.most_common(1)[0][0] for model, counts in widths.items()}
    if any(len(counts) > 1 for counts in widths.values()):
        known = {value.key for value in bad}
        for rows in _batches(rows_of(transaction, embeddings.vectors)):
            bad += [
                BadValue(key, value, f"it has {len(value) // 2} numbers, its model's others do not")
                for key, value in rows
                if key not in known and len(value) != usual[key[:MODEL_KEY_BYTES]]
            ]
    return count, bad, not disordered


def _batches(rows: Iterator[tuple[bytes, bytes]]) -> Iterator[list[tuple[bytes, bytes]]]:
    while batch := list(islice(rows, ROWS_AT_ONCE)):
        yield batch
