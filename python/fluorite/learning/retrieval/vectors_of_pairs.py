"""Vectors of texts and code for training, each made once and kept."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...context import CallContext
from ...embedding import EmbeddingService
from ...search.learned.query_adapter import Vectors
from ...store import EmbeddingStore, content_key

TEXTS_PER_WRITE = 1024


def kept_vectors(
    texts: Sequence[str], service: EmbeddingService, embeddings: EmbeddingStore, context: CallContext
) -> Vectors:
    """Unit vectors (n, d), float32, of texts as the model is to read them; rows of zeros for what it cannot
    read at all. What had to be embedded is kept, so that a run that is cancelled goes on where it stopped."""
    readable = [service.readable(text) for text in texts]
    found = np.zeros((len(texts), service.dimensions), np.float32)
    rows = _rows_by_text(readable)
    missing = _unknown(list(rows), service, embeddings)
    for start in range(0, len(missing), TEXTS_PER_WRITE):
        some = missing[start : start + TEXTS_PER_WRITE]
        context.report("embed", start, len(missing))
        vectors = service.embed(some, context, look_up=False)
        embeddings.put(service.model_id, [content_key(text.encode()) for text in some], vectors)
        for text, vector in zip(some, vectors, strict=True):
            found[rows.pop(text)] = vector
    if missing:
        context.report("embed", len(missing), len(missing))
    known = list(rows)
    for text, vector in zip(known, service.embed(known, context), strict=True):
        found[rows[text]] = vector
    return found


def _rows_by_text(texts: Sequence[str]) -> dict[str, list[int]]:
    rows = dict[str, list[int]]()
    for row, text in enumerate(texts):
        if text.strip():
            rows.setdefault(text, []).append(row)
    return rows


def _unknown(texts: Sequence[str], service: EmbeddingService, embeddings: EmbeddingStore) -> list[str]:
    """Those that are not kept, shortest first, so that a batch's texts are alike in length."""
    stored = embeddings.get(service.model_id, [content_key(text.encode()) for text in texts])
    width = service.dimensions * 2
    return sorted(
        (text for text, halves in zip(texts, stored, strict=True) if halves is None or len(halves) != width),
        key=len,
    )
