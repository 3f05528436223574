from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Iterator
from multiprocessing.synchronize import Event
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from fluorite.chunk import Chunk
from fluorite.context import CallContext
from fluorite.errors import Cancelled, InvalidArgument, StoreError
from fluorite.index.embeddings_in_use import remove_unused_embeddings
from fluorite.store import ChunkStore, EmbeddingStore, content_key
from fluorite.store.backup import back_up
from fluorite.translation import translate


@pytest.fixture
def embeddings(tmp_path: Path) -> Iterator[EmbeddingStore]:
    opened = EmbeddingStore(tmp_path / "embeddings")
    yield opened
    opened.close()


def some(count: int) -> list[Chunk]:
    return [
        Chunk(f"chunk-{number:05}", os.urandom(600), frameworks=("hono",), tags=(f"t{number % 7}",))
        for number in range(count)
    ]


def unit(*keys: bytes) -> np.ndarray:
    return np.eye(len(keys), 384, dtype=np.float32)


def test_a_backup_is_a_memory_and_refuses_a_folder_that_holds_something(
    store: ChunkStore, embeddings: EmbeddingStore, tmp_path: Path
) -> None:
    chunks = some(50)
    store.put(chunks)
    embeddings.put("model", [b"k" * 16], unit(b"k"))
    target = tmp_path / "backups" / "monday"
    target.mkdir(parents=True)
    size, count = back_up(store, embeddings, target, CallContext())
    assert count == 50
    assert size == sum(path.stat().st_size for path in target.rglob("data.mdb"))
    copied, vectors = ChunkStore(target / "chunks"), EmbeddingStore(target / "embeddings")
    assert [chunk and chunk.content for chunk in copied.get([chunk.id for chunk in chunks])] == [
        chunk.content for chunk in chunks
    ]
    assert vectors.get("model", [b"k" * 16]) == embeddings.get("model", [b"k" * 16])
    copied.close()
    vectors.close()
    with pytest.raises(InvalidArgument, match="empty folder"):
        back_up(store, embeddings, target, CallContext())
    assert [path.name for path in target.parent.iterdir()] == ["monday"]


def test_a_backup_taken_while_others_write_holds_whole_writes_alone(
    store: ChunkStore, embeddings: EmbeddingStore, tmp_path: Path
) -> None:
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            store.put([Chunk(f"{number}-{half}", os.urandom(2000)) for half in ("a", "b")])
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            while store.count() < 20 * (number + 1):
                pass
            _, count = back_up(store, embeddings, tmp_path / f"backup-{number}", CallContext())
            copied = ChunkStore(tmp_path / f"backup-{number}" / "chunks")
            assert count == copied.count() >= 20 and count % 2 == 0
            assert len(copied.changes_since(0).added) == count
            copied.close()
    finally:
        stop.set()
        writer.join()


def test_a_cancelled_backup_and_one_without_room_leave_nothing(
    store: ChunkStore, embeddings: EmbeddingStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put(some(3000))
    monkeypatch.setattr("fluorite.context.SECONDS_BETWEEN_REPORTS", 0)
    context = CallContext(lambda progress: context.cancel())
    with pytest.raises(Cancelled):
        back_up(store, embeddings, tmp_path / "backups" / "one", context)
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(StoreError, match="bytes free"):
        back_up(store, embeddings, tmp_path / "backups" / "one", CallContext())
    assert list((tmp_path / "backups").iterdir()) == []


def test_compacting_gives_room_back_and_keeps_everything_in_every_open_store(
    store: ChunkStore, tmp_path: Path
) -> None:
    another = ChunkStore(tmp_path / "chunks")
    chunks = some(2000)
    store.put(chunks)
    store.facts.put("note", 3)
    store.delete([chunk.id for chunk in chunks[100:]])
    before, sequence = store.used_bytes(), store.sequence()
    heard = list[int]()
    store.environment.compact(heard.append)
    assert store.used_bytes() < before / 4 and heard[-1] == store.used_bytes()
    for opened in (store, another):
        assert (opened.count(), opened.sequence(), opened.facts.get("note")) == (100, sequence, 3)
        assert len(opened.page(framework="hono", tag="t3").chunks) == len(
            [number for number in range(100) if number % 7 == 3]
        )
    another.put([Chunk("after", "x")])
    assert store.get(["after"])[0] is not None
    another.close()
    assert sorted(os.listdir(tmp_path / "chunks")) == ["claim", "data.mdb", "lock.mdb"]


def test_writes_and_reads_go_on_while_a_store_is_compacted(store: ChunkStore) -> None:
    store.put(some(500))
    failures, stop = list[BaseException](), threading.Event()
    written = list[str]()

    def work(name: str) -> None:
        try:
            while not stop.is_set():
                identifier = f"{name}-{len(written)}"
                store.put([Chunk(identifier, os.urandom(500))])
                written.append(identifier)
                assert store.get([identifier])[0] is not None
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for _ in range(5):
        store.environment.compact(lambda _: None)
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert None not in store.get(written)


def test_a_read_within_a_read_does_not_wait_for_a_compaction_that_waits_for_it(store: ChunkStore) -> None:
    store.put(some(10))
    environment = store.environment
    compacting = threading.Thread(target=environment.compact, args=(lambda _: None,), daemon=True)

    def read(_: object) -> int:
        compacting.start()
        time.sleep(0.3)
        return store.count()

    assert environment.read(read) == 10
    compacting.join(30)
    assert not compacting.is_alive() and store.count() == 10


def _hold(path: Path, opened: Event, done: Event) -> None:
    store = ChunkStore(path)
    opened.set()
    done.wait()
    store.close()


def test_a_store_that_another_process_has_open_is_not_compacted_and_says_who(
    store: ChunkStore, tmp_path: Path
) -> None:
    store.put(some(10))
    spawn = multiprocessing.get_context("spawn")
    opened, done = spawn.Event(), spawn.Event()
    child = spawn.Process(target=_hold, args=(tmp_path / "chunks", opened, done))
    child.start()
    try:
        assert opened.wait(30)
        with pytest.raises(StoreError, match=rf"\({child.pid}\)|another process"):
            store.environment.compact(lambda _: None)
        assert store.count() == 10
    finally:
        done.set()
        child.join()
    store.environment.compact(lambda _: None)
    assert store.count() == 10


def test_embeddings_that_no_chunk_has_go_and_those_in_use_stay(
    store: ChunkStore, embeddings: EmbeddingStore
) -> None:
    japanese = "認証のミドルウェア"
    store.put(
        [
            Chunk("plain", "const a = 1;"),
            Chunk("ja", japanese),
            Chunk("given", "x", vector_key=b"g" * 16),
            Chunk("titled", "y", metadata={"title": "Guard", "path": "src/guard.ts"}),
        ]
    )
    used = [
        *(content_key(text.encode()) for text in ("const a = 1;", japanese, translate(japanese))),
        b"g" * 16,
        content_key(b"Guard\nsrc/guard.ts\ny"),
    ]
    unused = [content_key(b"gone"), content_key(b"y")]
    for model in ("one", "other"):
        embeddings.put(model, used + unused, unit(*used, *unused))
    assert remove_unused_embeddings(store, embeddings, CallContext()) == 4
    for model in ("one", "other"):
        assert None not in embeddings.get(model, used)
        assert embeddings.get(model, unused) == [None, None]


def test_an_embedding_whose_chunk_comes_while_unused_ones_are_looked_for_stays(
    store: ChunkStore, embeddings: EmbeddingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put([Chunk("a", "x")])
    embeddings.put("model", [b"n" * 16], unit(b"n"))
    read = store.changes_since

    def read_then_store(sequence: int) -> object:
        changes = read(sequence)
        if sequence == 0:
            store.put([Chunk("b", "y", vector_key=b"n" * 16)])
        return changes

    monkeypatch.setattr(store, "changes_since", read_then_store)
    assert remove_unused_embeddings(store, embeddings, CallContext()) == 0
