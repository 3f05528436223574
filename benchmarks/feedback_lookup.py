"""Fills a memory with feedback, each for a query of its own, and times what a search asks of it.

Usage: feedback_lookup.py MEMORY COUNT QUERIES (a JSON list). Prints {p50_ms, p95_ms, read_ms} as JSON.
Queries are what the memory's templates are called, shaken so that none is like another's copy.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np

from fluorite.context import CallContext
from fluorite.embedding import open_service
from fluorite.feedback import Feedback
from fluorite.index.feedback_index import FeedbackIndex
from fluorite.memory import open_memory
from fluorite.search.feedback_recall import FeedbackRecall, trace_of
from fluorite.settings import resolve
from fluorite.store.feedback_store import fresh_token
from fluorite.translation import readability

BATCH = 2000
SHAKE = 0.02
ROUNDS = 20


def main() -> None:
    folder, count, queries = Path(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3])
    models = Path(__file__).parents[1] / "models"
    settings = resolve({"memory_path": str(folder), "enable_ml": True}, models)
    memory = open_memory(settings.memory_path, settings.memory)
    service = open_service(settings, memory.embeddings)
    chunks = [one for one in memory.chunks.page(limit=40_000).chunks if one.chunk_type == "template"]
    names = [str(one.metadata.get("description") or one.metadata.get("name")) for one in chunks]
    random = np.random.default_rng(7)
    missing = count - memory.feedback.count()
    if missing > 0:
        texts = list(dict.fromkeys(names))[:20_000]
        vectors = service.embed([service.readable(text) for text in texts], CallContext())
        for start in range(0, missing, BATCH):
            batch = []
            for row in range(start, min(start + BATCH, missing)):
                at = row % len(texts)
                shaken = vectors[at] + SHAKE * random.standard_normal(vectors.shape[1]).astype(np.float32)
                shaken /= np.linalg.norm(shaken)
                text = f"{texts[at]} {row}"
                trace = trace_of(text, shaken, readability(text), service.model_id, memory.feedback.salt())
                chunk_id = chunks[int(random.integers(len(chunks)))].id
                rating = float(random.random())
                now = time.time_ns() // 1_000_000
                batch.append(Feedback(fresh_token(), "search_relevance", now, trace, chunk_id, rating=rating))
            memory.feedback.add_many(batch)
    started = time.perf_counter()
    FeedbackIndex(memory.feedback).refresh()
    read = time.perf_counter() - started
    recall = FeedbackRecall(memory, settings.learning.feedback_half_life_days)
    recall.refresh()
    asked = [
        (text, service.embed([service.readable(text)], CallContext())[0], readability(text))
        for text in queries
    ]
    times = []
    for _ in range(ROUNDS):
        for text, vector, share in asked:
            started = time.perf_counter()
            if recall.refresh():
                recall.recall(text, vector, share, service.model_id)
            times.append(time.perf_counter() - started)
    p50, p95 = np.quantile(times, (0.5, 0.95)) * 1000
    print(json.dumps({"p50_ms": p50, "p95_ms": p95, "read_ms": read * 1000}))


if __name__ == "__main__":
    main()
