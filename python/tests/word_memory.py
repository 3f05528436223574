"""A memory whose model knows words alone, and what a search of it answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tests.learning_worlds import DIMENSIONS, embed, templates

from fluorite.chunk import Chunk
from fluorite.context import CallContext
from fluorite.memory import Memory
from fluorite.search.options import SearchOptions
from fluorite.search.page import Hit
from fluorite.search.query import Query
from fluorite.search.retriever import Retriever
from fluorite.settings import Settings

MODEL = "model-of-words"
ALONE = 200


class WordService:
    """The world's model behind the service's face."""

    model_id = MODEL
    dimensions = DIMENSIONS
    reads_japanese = True

    def readable(self, text: str) -> str:
        return text

    def embed(self, texts: Sequence[str], *_: Any, **__: Any) -> NDArray[np.float32]:
        return embed(texts)

    def close(self) -> None:
        pass


def questions_and_code(count: int) -> list[tuple[str, Chunk]]:
    """What templates that the memory has never seen say of themselves, and their code, standing alone."""
    chunks = {chunk.id: chunk for chunk in templates(count, seed=9)}
    return [
        (str(told.content), Chunk(f"c{row}", chunks[f"{told.id}#main.ts"].content))
        for row, told in enumerate(chunk for chunk in chunks.values() if chunk.chunk_type == "template")
    ]


def filled(memory: Memory, described: int = 400, alone: int = ALONE) -> list[str]:
    """A memory of described templates and of code alone; the questions of the latter."""
    pairs = questions_and_code(alone)
    memory.chunks.put([*templates(described), *(chunk for _, chunk in pairs)])
    retriever(memory).upkeep.embed_pending(CallContext())
    return [question for question, _ in pairs]


def retriever(memory: Memory) -> Retriever:
    return Retriever(memory, Settings(memory.path), None)


def hits(memory: Memory, query: Query | str, limit: int = 10, **options: Any) -> list[Hit]:
    asked = Query(text=query) if isinstance(query, str) else query
    chosen = SearchOptions.from_fields({"explain": True, **options})
    (found,) = retriever(memory).find([asked], limit, chosen, CallContext())
    return found.hits


def answers(found: Sequence[Hit]) -> list[tuple[str, float]]:
    return [(hit.chunk.id, hit.score) for hit in found]
