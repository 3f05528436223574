from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from fluorite.chunk import Chunk
from fluorite.errors import Cancelled
from fluorite.index import FEW, IndexFollower
from fluorite.store import GIVEN, ChunkStore, EmbeddingStore, content_key

DIMENSIONS = 8


def unit(seed: int) -> NDArray[np.float32]:
    vector = np.random.default_rng(seed).normal(size=DIMENSIONS).astype(np.float32)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def nothing() -> None:
    pass


@pytest.fixture
def embeddings(tmp_path: Path) -> Iterator[EmbeddingStore]:
    opened = EmbeddingStore(tmp_path / "embeddings")
    yield opened
    opened.close()


@pytest.fixture
def follower(tmp_path: Path, store: ChunkStore, embeddings: EmbeddingStore) -> IndexFollower:
    return IndexFollower(tmp_path / "vectors.index", store, embeddings, "model", DIMENSIONS)


def give(store: ChunkStore, embeddings: EmbeddingStore, identifier: str, seed: int) -> None:
    vector = unit(seed)
    key = content_key(vector.tobytes())
    embeddings.put(GIVEN, [key], vector[None, :])
    store.put([Chunk(identifier, "x", vector_key=key)])


def embed(follower: IndexFollower, texts: dict[int, str]) -> None:
    follower.embedded(texts, np.stack([unit(number) for number in texts]))


def test_given_vectors_are_found_after_a_refresh_and_gone_after_a_removal(
    store: ChunkStore, embeddings: EmbeddingStore, follower: IndexFollower
) -> None:
    give(store, embeddings, "a", 1)
    give(store, embeddings, "b", 2)
    follower.refresh()
    assert follower.search(unit(2), 1)[0].tolist() == [2]
    store.delete(["b"])
    follower.refresh()
    assert follower.search(unit(2), 5)[0].tolist() == [1]


def test_a_text_is_pending_until_it_is_embedded_and_then_known_for_good(
    tmp_path: Path, store: ChunkStore, embeddings: EmbeddingStore, follower: IndexFollower
) -> None:
    store.put([Chunk("a", "hello"), Chunk("b", b"\xff\xfe")])
    follower.refresh()
    claimed = follower.claim()
    assert claimed == {1: "hello"}
    embed(follower, claimed)
    assert follower.counts() == (1, 0)
    again = IndexFollower(tmp_path / "other.index", store, embeddings, "model", DIMENSIONS)
    again.refresh()
    assert (again.counts(), again.rebuilt) == ((1, 0), True)


def test_vectors_of_another_model_are_never_taken(
    tmp_path: Path, store: ChunkStore, embeddings: EmbeddingStore, follower: IndexFollower
) -> None:
    store.put([Chunk("a", "hello")])
    follower.refresh()
    embed(follower, follower.claim())
    other = IndexFollower(tmp_path / "other.index", store, embeddings, "another model", DIMENSIONS)
    other.refresh()
    assert other.counts() == (0, 1)


def test_what_one_has_claimed_no_other_gets_until_it_is_given_up(
    store: ChunkStore, follower: IndexFollower
) -> None:
    store.put([Chunk("a", "one")])
    follower.refresh()
    claimed = follower.claim()
    assert follower.claim() == {}
    follower.give_up(claimed)
    assert follower.claim() == claimed


def test_a_small_claim_is_waited_for_and_a_long_one_is_not(
    store: ChunkStore, follower: IndexFollower
) -> None:
    store.put([Chunk(f"c{number}", f"text {number}") for number in range(FEW + 1)])
    follower.refresh()
    assert follower.claim(most=FEW) == {}
    long = follower.claim()
    assert len(long) == FEW + 1
    started = time.monotonic()
    follower.wait_for_few(nothing)
    assert time.monotonic() - started < 1
    store.put([Chunk("fresh", "fresh")])
    follower.refresh()
    few = follower.claim(most=FEW)
    assert list(few.values()) == ["fresh"]
    threading.Timer(0.2, embed, (follower, few)).start()
    follower.wait_for_few(nothing)
    assert follower.counts() == (1, FEW + 1)


def test_waiting_can_be_stopped(store: ChunkStore, follower: IndexFollower) -> None:
    store.put([Chunk("a", "one")])
    follower.refresh()
    follower.claim()

    def stop() -> None:
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        follower.wait_for_few(stop)


def test_a_chunk_removed_while_it_is_embedded_does_not_come_back(
    store: ChunkStore, follower: IndexFollower
) -> None:
    store.put([Chunk("a", "one")])
    follower.refresh()
    claimed = follower.claim()
    store.delete(["a"])
    follower.refresh()
    embed(follower, claimed)
    assert follower.counts() == (0, 0)


def test_a_saved_index_is_taken_up_where_it_stopped(
    tmp_path: Path, store: ChunkStore, embeddings: EmbeddingStore, follower: IndexFollower
) -> None:
    give(store, embeddings, "a", 1)
    follower.refresh()
    follower.save(always=True)
    give(store, embeddings, "b", 2)
    again = IndexFollower(tmp_path / "vectors.index", store, embeddings, "model", DIMENSIONS)
    assert (again.counts(), again.rebuilt) == ((1, 0), False)
    again.refresh()
    assert again.search(unit(2), 1)[0].tolist() == [2]


def test_a_damaged_index_is_made_again_from_the_store(
    tmp_path: Path, store: ChunkStore, embeddings: EmbeddingStore, follower: IndexFollower
) -> None:
    give(store, embeddings, "a", 1)
    follower.refresh()
    follower.save(always=True)
    file = tmp_path / "vectors.index"
    file.write_bytes(file.read_bytes()[:-3])
    again = IndexFollower(file, store, embeddings, "model", DIMENSIONS)
    again.refresh()
    assert (again.rebuilt, again.search(unit(1), 1)[0].tolist()) == (True, [1])


def test_an_index_from_a_later_state_than_the_store_is_made_again(
    tmp_path: Path, store: ChunkStore, embeddings: EmbeddingStore, follower: IndexFollower
) -> None:
    for number in range(3):
        give(store, embeddings, f"c{number}", number)
    follower.refresh()
    follower.save(always=True)
    restored = ChunkStore(tmp_path / "restored backup")
    give(restored, embeddings, "only", 9)
    again = IndexFollower(tmp_path / "vectors.index", restored, embeddings, "model", DIMENSIONS)
    again.refresh()
    assert again.counts() == (1, 0)
    restored.close()
