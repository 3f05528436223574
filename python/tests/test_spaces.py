from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fluorite.chunk import Chunk
from fluorite.context import CallContext
from fluorite.memory import Memory, open_memory, release_memory
from fluorite.search import spaces as spaces_module
from fluorite.search.options import SearchOptions
from fluorite.search.query import Query
from fluorite.search.retriever import Found, Retriever
from fluorite.search.spaces import ModelSpaces
from fluorite.settings import MachineLearningSettings, Settings

DIMENSIONS = 8


class FakeService:
    """Embeds every text as one axis of a space of its own; each model has another axis."""

    def __init__(self, precision: str) -> None:
        self.model_id = f"model-{precision}"
        self.dimensions = DIMENSIONS
        self.reads_japanese = True
        self.axis = {"fp32": 0, "int8": 1}[precision]

    def readable(self, text: str) -> str:
        return text

    def embed(self, texts: Sequence[str], *_: Any, **__: Any) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
        vectors[:, self.axis] = 1
        return vectors

    def close(self) -> None:
        pass


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
    def open_service(settings: Settings, _embeddings: object) -> FakeService:
        return FakeService(settings.ml.precision)

    monkeypatch.setattr(spaces_module, "open_service", open_service)
    opened = open_memory(tmp_path / "memory", Settings(tmp_path).memory)
    yield opened
    release_memory(opened)


def settings(memory: Memory, precision: str) -> Settings:
    return Settings(memory.path, ml=MachineLearningSettings(precision=precision))


def bridge(memory: Memory, precision: str) -> Retriever:
    return Retriever(memory, settings(memory, precision), None)


def test_a_memory_that_was_searched_before_it_was_filled_remembers_its_model(memory: Memory) -> None:
    first = bridge(memory, "int8")
    first.find([Query(text="anything")], 1, SearchOptions(), CallContext())
    memory.chunks.put([Chunk("a", "text")])
    first.upkeep.embed_pending(CallContext())
    other = ModelSpaces(memory, settings(memory, "fp32"))
    assert other.for_text().space.model_id == "model-int8"
    assert other.wanted().space.model_id == "model-fp32"


def test_while_a_model_takes_over_a_given_vector_is_compared_with_its_own_kind_alone(memory: Memory) -> None:
    memory.chunks.put([Chunk(f"c{number}", f"text {number}") for number in range(100)])
    bridge(memory, "int8").upkeep.embed_pending(CallContext())
    taking_over = bridge(memory, "fp32")
    vector = np.zeros(DIMENSIONS, np.float32)
    vector[1] = 1
    queries = [Query(text="text 7"), Query(vector=vector), Query(text="text 8")]

    def ask() -> list[Found]:
        return taking_over.find(queries, 3, SearchOptions(), CallContext())

    text, given, other = ask()
    assert given.hits == []
    assert (text.hits[0].chunk.id, other.hits[0].chunk.id) == ("c7", "c8")
    taking_over.upkeep.embed_pending(CallContext())
    assert [hit.score for hit in ask()[1].hits] == [0, 0, 0]
