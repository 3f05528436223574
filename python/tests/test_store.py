from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.threads import repeated

from fluorite.chunk import Chunk
from fluorite.errors import InvalidArgument, StoreDamaged
from fluorite.store import ChunkStore, LeastRecentlyUsed
from fluorite.store.codec import BlockCodec, decode_chunk, encode_chunk, train_dictionary

scalars = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text()
)
plain = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
contents = st.text() | st.binary()
chunks = st.builds(
    Chunk,
    id=st.text(min_size=1),
    content=contents,
    frameworks=st.lists(st.text(min_size=1)).map(tuple),
    tags=st.lists(st.text(min_size=1)).map(tuple),
    quality_score=st.floats(0, 1),
    metadata=st.dictionaries(st.text(), plain),
    vector_key=st.none() | st.binary(min_size=16, max_size=16),
)


def alike(count: int, prefix: str = "chunk") -> list[Chunk]:
    return [
        Chunk(f"{prefix}-{number:05}", f"export const value{number} = {number};", frameworks=("hono",))
        for number in range(count)
    ]


@given(chunks)
def test_a_chunk_survives_the_record_format(chunk: Chunk) -> None:
    assert decode_chunk(encode_chunk(chunk)) == chunk


@given(st.lists(st.none() | st.binary(), max_size=16), st.booleans())
def test_a_block_survives_compression(records: list[bytes | None], compress: bool) -> None:
    codec = BlockCodec(compress, lambda _: None)
    assert codec.decode_block(codec.encode_block(records)) == records


@given(st.binary(max_size=200))
def test_any_bytes_in_place_of_a_block_are_reported_as_damage_or_read(block: bytes) -> None:
    codec = BlockCodec(True, lambda _: None)
    try:
        codec.decode_block(block)
    except StoreDamaged as error:
        assert "backup" in str(error)


def test_a_trained_dictionary_makes_small_alike_records_smaller() -> None:
    records = [encode_chunk(chunk) for chunk in alike(2000)]
    dictionary = train_dictionary(records)
    assert dictionary is not None
    plain_codec, trained = BlockCodec(True, lambda _: None), BlockCodec(True, lambda _: None)
    trained.use_dictionary(dictionary)
    assert len(trained.encode_block(records[:4])) < 0.7 * len(plain_codec.encode_block(records[:4]))


def test_what_was_stored_comes_back_and_counts_are_true(store: ChunkStore) -> None:
    result = store.put([Chunk("a", "one"), Chunk("b", b"\x00\xff")])
    assert (result.stored, result.replaced) == (2, 0)
    a, missing, b = store.get(["a", "nope", "b"])
    assert (a and a.content, missing, b and b.content) == ("one", None, b"\x00\xff")
    result = store.put([Chunk("a", "two"), Chunk("c", "three")])
    assert (result.stored, result.replaced, store.count()) == (1, 1, 3)


def test_replacing_keeps_the_time_of_creation_and_moves_the_time_of_update(store: ChunkStore) -> None:
    store.put([Chunk("a", "one")])
    (before,) = store.get(["a"])
    store.put([Chunk("a", "two")])
    (after,) = store.get(["a"])
    assert before and after and after.created_at == before.created_at <= after.updated_at


def test_of_two_chunks_with_one_id_in_a_batch_the_last_stays(store: ChunkStore) -> None:
    result = store.put([Chunk("a", "one", tags=("x",)), Chunk("a", "two", tags=("y",))])
    assert (result.stored, store.count()) == (1, 1)
    assert store.page(tag="x").chunks == []
    assert [chunk.content for chunk in store.page(tag="y").chunks] == ["two"]


def test_deleting_removes_a_chunk_its_labels_and_its_bytes_on_disk(tmp_path: Path) -> None:
    store = ChunkStore(tmp_path / "chunks", compress=False)
    store.put([Chunk("a", "visible-secret", frameworks=("hono",)), Chunk("b", "kept", frameworks=("hono",))])
    assert store.delete(["a", "nope"]) == 1
    assert store.get(["a", "b"])[0] is None
    assert [chunk.id for chunk in store.page(framework="hono").chunks] == ["b"]
    assert store.changes_since(0).removed == [1]
    assert [chunk.id for _, chunk in store.changes_since(0).added] == ["b"]
    store.close()


def test_long_ids_that_share_their_first_hundreds_of_bytes_stay_apart(store: ChunkStore) -> None:
    long = "長い" * 300
    store.put([Chunk(long, "one"), Chunk(long + "x", "two"), Chunk("短い", "three")])
    assert [chunk and chunk.content for chunk in store.get([long, long + "x", long + "y"])] == [
        "one",
        "two",
        None,
    ]
    assert {chunk.id for chunk in store.page(prefix="長い").chunks} == {long, long + "x"}
    assert store.delete([long]) == 1
    assert store.count() == 2


def test_listing_by_prefix_goes_through_every_chunk_once_in_order(store: ChunkStore) -> None:
    store.put([*alike(25, "b"), *alike(3, "a"), *alike(2, "c")])
    seen, cursor = [], None
    while True:
        page = store.page(prefix="b-", limit=10, cursor=cursor)
        seen += [chunk.id for chunk in page.chunks]
        cursor = page.cursor
        if cursor is None:
            break
    assert seen == [f"b-{number:05}" for number in range(25)]


def test_listing_by_framework_and_tag_takes_both_and_ignores_case(store: ChunkStore) -> None:
    store.put(
        [
            Chunk("a", "", frameworks=("Next.js",), tags=("auth",)),
            Chunk("b", "", frameworks=("next.js",), tags=("ui",)),
            Chunk("c", "", frameworks=("hono",), tags=("auth",)),
        ]
    )
    assert [chunk.id for chunk in store.page(framework="NEXT.JS", tag="Auth").chunks] == ["a"]
    first = store.page(framework="next.js", limit=1)
    assert [chunk.id for chunk in store.page(framework="next.js", limit=1, cursor=first.cursor).chunks] == [
        "b"
    ]
    assert store.page(framework="next").chunks == []


@pytest.mark.parametrize("cursor", ["nonsense", "number:x", "number:1"])
def test_a_cursor_of_another_listing_is_refused(store: ChunkStore, cursor: str) -> None:
    with pytest.raises(InvalidArgument, match="cursor"):
        store.page(cursor=cursor)


def test_labels_of_thousands_of_chunks_survive_many_blocks_and_removals(store: ChunkStore) -> None:
    store.put(alike(3000))
    store.delete(f"chunk-{number:05}" for number in range(0, 3000, 2))
    ids = [chunk.id for chunk in store.page(framework="hono", limit=5000).chunks]
    assert ids == [f"chunk-{number:05}" for number in range(1, 3000, 2)]


def test_changes_are_told_once_and_in_pages(store: ChunkStore) -> None:
    store.put(alike(100))
    store.put(alike(10))
    sequence, added, removed = 0, [], []
    while sequence < store.sequence():
        changes = store.changes_since(sequence, most=32)
        added += [chunk.id for _, chunk in changes.added]
        removed += changes.removed
        assert changes.sequence > sequence
        sequence = changes.sequence
    assert sorted(added) == sorted(chunk.id for chunk in alike(100))
    assert sorted(removed) == list(range(1, 11))


def test_a_second_opening_in_the_process_sees_the_first_ones_writes(
    store: ChunkStore, tmp_path: Path
) -> None:
    other = ChunkStore(tmp_path / "chunks")
    store.put([Chunk("a", "one")])
    assert other.get(["a"])[0] is not None
    other.close()
    assert store.get(["a"])[0] is not None


def _store_in_child(path: Path, count: int) -> None:
    child = ChunkStore(path)
    child.put(alike(count, "child"))
    child.put([Chunk("shared", "from the child")])


def test_another_process_writes_and_reads_the_same_store(store: ChunkStore, tmp_path: Path) -> None:
    store.put([Chunk("shared", "from the parent")])
    assert store.get(["shared"])[0]
    child = multiprocessing.get_context("spawn").Process(
        target=_store_in_child, args=(tmp_path / "chunks", 500)
    )
    child.start()
    child.join()
    assert child.exitcode == 0
    (shared,) = store.get(["shared"])
    assert shared is not None and shared.content == "from the child"
    # The child trained a dictionary that this process has not seen.
    assert all(store.get([chunk.id for chunk in alike(500, "child")]))


def test_a_write_that_returned_survives_a_kill(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path\n"
        "from fluorite.store import ChunkStore; from fluorite.chunk import Chunk\n"
        "store = ChunkStore(Path(sys.argv[1]))\n"
        "store.put([Chunk('a', 'kept')]); os.kill(os.getpid(), 9)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    killed = subprocess.run([sys.executable, "-c", script, tmp_path / "chunks"], env=environment, check=False)
    assert killed.returncode == -9
    store = ChunkStore(tmp_path / "chunks")
    assert store.get(["a"])[0] is not None
    store.close()


def test_a_full_map_is_grown_while_other_threads_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fluorite.store.environment.INITIAL_MAP_SIZE", 1 << 20)
    store = ChunkStore(tmp_path / "chunks", compress=False)
    store.put([Chunk("first", "x")])

    def read() -> None:
        assert store.get(["first"])[0] is not None
        time.sleep(0.0005)

    with repeated(read, threads=3):
        for number in range(20):
            store.put([Chunk(f"big-{number}", os.urandom(200_000))])
    assert store.count() == 21
    store.close()


def test_a_damaged_data_file_is_named_and_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "chunks"
    folder.mkdir()
    (folder / "data.mdb").write_bytes(b"this is not a database" * 1000)
    with pytest.raises(StoreDamaged, match=r"data\.mdb.*backup"):
        ChunkStore(folder)
    assert (folder / "data.mdb").read_bytes().startswith(b"this is not")


def test_a_store_of_a_later_format_is_refused(tmp_path: Path) -> None:
    store = ChunkStore(tmp_path / "chunks")
    store.facts.put("format", 99)
    store.close()
    with pytest.raises(StoreDamaged, match="format 99"):
        ChunkStore(tmp_path / "chunks")


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 8), st.sampled_from(["put", "delete"])), max_size=40))
def test_any_order_of_puts_and_deletes_matches_a_dictionary(steps: list[tuple[int, str]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        store = ChunkStore(Path(folder) / "chunks")
        expected: dict[str, str] = {}
        for position, (number, step) in enumerate(steps):
            if step == "put":
                store.put([Chunk(f"c{number}", str(position), tags=(str(number % 3),))])
                expected[f"c{number}"] = str(position)
            else:
                assert store.delete([f"c{number}"]) == (expected.pop(f"c{number}", None) is not None)
        assert {chunk.id: chunk.content for chunk in store.page(limit=100).chunks} == expected
        by_tag = {chunk.id for tag in "012" for chunk in store.page(tag=tag, limit=100).chunks}
        assert by_tag == set(expected)
        numbers = {number for number, _ in store.changes_since(0).added}
        assert len(numbers) == len(expected)
        store.close()


def test_the_cache_stays_within_its_bytes_and_drops_the_longest_unused() -> None:
    cache: LeastRecentlyUsed[str, str] = LeastRecentlyUsed(100)
    for name in "abcd":
        cache.put(name, name, 30)
    assert cache.get("a") is None
    assert cache.get("b") == "b"
    cache.put("e", "e", 30)
    assert (cache.get("b"), cache.get("c")) == ("b", None)
    cache.put("huge", "huge", 101)
    statistics = cache.statistics()
    assert statistics.bytes <= 100 and statistics.entries == 3 and statistics.misses == 2
