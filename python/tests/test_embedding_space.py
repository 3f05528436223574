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
from fluorite.index.embedding_space import FEW, EmbeddingSpace
from fluorite.index.follower import Follower
from fluorite.store import GIVEN, ChunkStore, EmbeddingStore, content_key, given_for

DIMENSIONS = 8


def unit(seed: int) -> NDArray[np.float32]:
    vector = np.random.default_rng(seed).normal(size=DIMENSIONS).astype(np.float32)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def nothing() -> None:
    pass


def level(store: ChunkStore, space: EmbeddingSpace) -> None:
    Follower(store).catch_up([space], nothing)


def counts(space: EmbeddingSpace) -> tuple[int, int]:
    return len(space.index), space.pending()


@pytest.fixture
def embeddings(tmp_path: Path) -> Iterator[EmbeddingStore]:
    opened = EmbeddingStore(tmp_path / "embeddings")
    yield opened
    opened.close()


@pytest.fixture
def space(tmp_path: Path, store: ChunkStore, embeddings: EmbeddingStore) -> EmbeddingSpace:
    return EmbeddingSpace(tmp_path / "vectors", store, embeddings, "model", DIMENSIONS)


def give(store: ChunkStore, embeddings: EmbeddingStore, identifier: str, seed: int) -> None:
    vector = unit(seed)
    key = content_key(vector.tobytes())
    embeddings.put(GIVEN, [key], vector[None, :])
    store.put([Chunk(identifier, "x", vector_key=key)])


def embed(space: EmbeddingSpace, texts: dict[int, str]) -> None:
    space.embedded(texts, np.stack([unit(number) for number in texts]))


def test_given_vectors_are_found_after_a_refresh_and_gone_after_a_removal(
    store: ChunkStore, embeddings: EmbeddingStore, space: EmbeddingSpace
) -> None:
    give(store, embeddings, "a", 1)
    give(store, embeddings, "b", 2)
    level(store, space)
    assert space.index.search(unit(2), 1)[0].tolist() == [2]
    store.delete(["b"])
    level(store, space)
    assert space.index.search(unit(2), 5)[0].tolist() == [1]


def test_a_text_is_pending_until_it_is_embedded_and_then_known_for_good(
    tmp_path: Path, store: ChunkStore, embeddings: EmbeddingStore, space: EmbeddingSpace
) -> None:
    store.put([Chunk("a", "hello"), Chunk("b", b"\xff\xfe")])
    level(store, space)
    claimed = space.claim(10_000)
    assert claimed == {1: "hello"}
    embed(space, claimed)
    assert counts(space) == (1, 0)
    again = EmbeddingSpace(tmp_path / "other", store, embeddings, "model", DIMENSIONS)
    level(store, again)
    assert (counts(again), again.index.rebuilt) == ((1, 0), True)


def test_vectors_of_another_model_are_never_taken(
    tmp_path: Path, store: ChunkStore, embeddings: EmbeddingStore, space: EmbeddingSpace
) -> None:
    store.put([Chunk("a", "hello")])
    level(store, space)
    embed(space, space.claim(10_000))
    other = EmbeddingSpace(tmp_path / "other", store, embeddings, "another model", DIMENSIONS)
    level(store, other)
    assert counts(other) == (0, 1)


def test_what_one_has_claimed_no_other_gets_until_it_is_given_up(
    store: ChunkStore, space: EmbeddingSpace
) -> None:
    store.put([Chunk("a", "one")])
    level(store, space)
    claimed = space.claim(10_000)
    assert space.claim(10_000) == {}
    space.give_up(claimed)
    assert space.claim(10_000) == claimed


def test_a_small_claim_is_waited_for_and_a_long_one_is_not(store: ChunkStore, space: EmbeddingSpace) -> None:
    store.put([Chunk(f"c{number}", f"text {number}") for number in range(FEW + 1)])
    level(store, space)
    assert space.claim(FEW, all_or_none=True) == {}
    long = space.claim(10_000)
    assert len(long) == FEW + 1
    started = time.monotonic()
    space.wait_for_few(nothing)
    assert time.monotonic() - started < 1
    store.put([Chunk("fresh", "fresh")])
    level(store, space)
    few = space.claim(FEW, all_or_none=True)
    assert list(few.values()) == ["fresh"]
    threading.Timer(0.2, embed, (space, few)).start()
    space.wait_for_few(nothing)
    assert counts(space) == (1, FEW + 1)


def test_waiting_can_be_stopped(store: ChunkStore, space: EmbeddingSpace) -> None:
    store.put([Chunk("a", "one")])
    level(store, space)
    space.claim(10_000)

    def stop() -> None:
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        space.wait_for_few(stop)


def test_a_chunk_removed_while_it_is_embedded_does_not_come_back(
    store: ChunkStore, space: EmbeddingSpace
) -> None:
    store.put([Chunk("a", "one")])
    level(store, space)
    claimed = space.claim(10_000)
    store.delete(["a"])
    level(store, space)
    embed(space, claimed)
    assert counts(space) == (0, 0)


def test_a_saved_index_is_taken_up_where_it_stopped(
    tmp_path: Path, store: ChunkStore, embeddings: EmbeddingStore, space: EmbeddingSpace
) -> None:
    give(store, embeddings, "a", 1)
    level(store, space)
    space.save(nothing, always=True)
    give(store, embeddings, "b", 2)
    again = EmbeddingSpace(tmp_path / "vectors", store, embeddings, "model", DIMENSIONS)
    assert (counts(again), again.index.rebuilt) == ((1, 0), False)
    level(store, again)
    assert again.index.search(unit(2), 1)[0].tolist() == [2]


def test_a_damaged_index_is_made_again_from_the_store(
    tmp_path: Path, store: ChunkStore, embeddings: EmbeddingStore, space: EmbeddingSpace
) -> None:
    give(store, embeddings, "a", 1)
    level(store, space)
    space.save(nothing, always=True)
    for file in (tmp_path / "vectors").iterdir():
        file.write_bytes(file.read_bytes()[:-3])
    again = EmbeddingSpace(tmp_path / "vectors", store, embeddings, "model", DIMENSIONS)
    level(store, again)
    assert (again.rebuilt, again.index.search(unit(1), 1)[0].tolist()) == (True, [1])


def test_an_index_from_a_later_state_than_the_store_is_made_again(
    tmp_path: Path, store: ChunkStore, embeddings: EmbeddingStore, space: EmbeddingSpace
) -> None:
    for number in range(3):
        give(store, embeddings, f"c{number}", number)
    level(store, space)
    space.save(nothing, always=True)
    restored = ChunkStore(tmp_path / "restored backup")
    give(restored, embeddings, "only", 9)
    again = EmbeddingSpace(tmp_path / "vectors", restored, embeddings, "model", DIMENSIONS)
    level(restored, again)
    assert counts(again) == (1, 0)
    restored.close()


def test_a_given_vector_counts_only_for_the_model_it_was_given_for(
    store: ChunkStore, embeddings: EmbeddingStore, space: EmbeddingSpace
) -> None:
    vector = unit(3)
    key = content_key(vector.tobytes())
    embeddings.put(given_for("another model"), [key], vector[None, :])
    store.put([Chunk("a", "text", vector_key=key)])
    level(store, space)
    assert counts(space) == (0, 1)
    embed(space, space.claim(10))
    assert counts(space) == (1, 0)


def test_saving_while_chunks_wait_for_their_vector_forgets_none_of_them(
    tmp_path: Path, store: ChunkStore, embeddings: EmbeddingStore, space: EmbeddingSpace
) -> None:
    give(store, embeddings, "a", 1)
    store.put([Chunk("waits", "text")])
    give(store, embeddings, "b", 2)
    level(store, space)
    space.save(nothing, always=True)
    again = EmbeddingSpace(tmp_path / "vectors", store, embeddings, "model", DIMENSIONS)
    level(store, again)
    assert counts(again) == (2, 1)


def test_a_file_is_embedded_with_what_its_template_says_and_its_path(
    store: ChunkStore, space: EmbeddingSpace
) -> None:
    told = {"name": "Login", "description": "Sign in with a token"}
    store.put(
        [
            Chunk("login", "Login\nSign in with a token", "template", metadata=told),
            Chunk("guide", "Prose.", "document", metadata={"title": "Guide › Login", "path": "guide.md"}),
            Chunk("login#a.ts", "code()", metadata={"template": "login", "path": "src/a.ts"}),
            Chunk("lost#b.ts", "more()", metadata={"template": "lost", "path": "b.ts"}),
        ]
    )
    level(store, space)
    texts = sorted(space.claim(10).values())
    assert texts == [
        "Guide › Login\nguide.md\nProse.",
        "Login\nSign in with a token",
        "Login\nSign in with a token\nsrc/a.ts\ncode()",
        "b.ts\nmore()",
    ]


def test_texts_are_made_readable_for_the_model(
    tmp_path: Path, store: ChunkStore, embeddings: EmbeddingStore
) -> None:
    space = EmbeddingSpace(tmp_path / "other", store, embeddings, "model", DIMENSIONS, str.upper)
    store.put([Chunk("a", "text")])
    level(store, space)
    assert list(space.claim(1).values()) == ["TEXT"]
