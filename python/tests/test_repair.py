from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import lmdb
import numpy as np
import pytest

from fluorite.chunk import Chunk
from fluorite.context import CallContext
from fluorite.errors import Cancelled, StoreDamaged
from fluorite.store import ChunkStore, EmbeddingStore
from fluorite.store.listing import id_key
from fluorite.store.memory_repair import repair_memory
from fluorite.store.records import key_of
from fluorite.store.repair import Repairs
from fluorite.store.verification import Problem, verify_chunks, verify_embeddings

COUNT = 400


@dataclass
class Memory:
    path: Path
    chunks: ChunkStore
    embeddings: EmbeddingStore

    def problems(self) -> list[Problem]:
        context = CallContext()
        return (
            verify_chunks(self.chunks, context).problems
            + verify_embeddings(self.embeddings, context).problems
        )

    def repair(self) -> Repairs:
        return repair_memory(self.path, self.chunks, self.embeddings, CallContext())

    def reopen(self, change: Callable[[Path], None]) -> None:
        """Closes everything, has the files changed, and opens them again."""
        self.chunks.close()
        self.embeddings.close()
        change(self.path)
        self.chunks = ChunkStore(self.path / "chunks")
        self.embeddings = EmbeddingStore(self.path / "embeddings")

    def removed(self) -> str:
        return "".join(path.read_text() for path in self.path.glob("damaged-*/removed.jsonl"))


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    made = make(tmp_path / "memory")
    yield made
    made.chunks.close()
    made.embeddings.close()


def make(path: Path) -> Memory:
    """A memory of chunks in many blocks, some replaced and some removed, with an embedding for each."""
    chunks, embeddings = ChunkStore(path / "chunks"), EmbeddingStore(path / "embeddings")
    generator = np.random.default_rng(3)
    keys = [bytes([number % 256, number // 256]) * 8 for number in range(COUNT)]
    for start in range(0, COUNT, 100):
        chunks.put(
            [
                Chunk(
                    f"chunk-{number:04}",
                    generator.bytes(300),
                    frameworks=("hono",),
                    tags=(f"tag-{number % 5}",),
                    vector_key=keys[number],
                )
                for number in range(start, start + 100)
            ]
        )
    chunks.put([Chunk("chunk-0007", "replaced", tags=("tag-2",)), Chunk("extra", "x")])
    chunks.delete(["chunk-0011", "extra"])
    vectors = generator.standard_normal((COUNT, 32)).astype(np.float32)
    embeddings.put("given", keys, vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
    return Memory(path, chunks, embeddings)


def change_table(path: Path, name: str, change: Callable[[lmdb.Transaction, lmdb._Database], None]) -> None:
    with lmdb.open(str(path), max_dbs=16, map_size=1 << 30) as environment:
        table = environment.open_db(name.encode(), create=False)
        with environment.begin(write=True) as transaction:
            change(transaction, table)


def flip_in_block(path: Path, of_number: int) -> None:
    """Flips a bit in the middle of the block that begins with a record, in the file itself."""
    found = list[bytes]()

    def find(transaction: lmdb.Transaction, table: lmdb._Database) -> None:
        with transaction.cursor(db=table) as cursor:
            cursor.set_range(key_of(of_number))
            found.append(bytes(cursor.value()))

    change_table(path / "chunks", "records", find)
    file = path / "chunks" / "data.mdb"
    data = file.read_bytes()
    damaged = bytearray(found[0])
    damaged[len(damaged) // 2] ^= 0x10
    # Pages that were written anew leave their former content behind.
    file.write_bytes(data.replace(found[0], damaged))


def ids_in(store: ChunkStore) -> set[str]:
    return {chunk.id for _, chunk in store.changes_since(0, 10_000).added}


def test_a_sound_memory_verifies_and_repair_changes_nothing(memory: Memory) -> None:
    sequence = memory.chunks.sequence()
    checked = verify_chunks(memory.chunks, CallContext()), verify_embeddings(memory.embeddings, CallContext())
    assert [(one.checked, one.problems) for one in checked] == [(COUNT - 1, []), (COUNT, [])]
    done = memory.repair()
    assert (done.repaired, done.lost, memory.chunks.sequence()) == ([], [], sequence)
    assert not list(memory.path.glob("damaged-*"))


@pytest.mark.parametrize("compress", [True, False])
def test_a_flipped_bit_in_a_block_is_found_named_and_costs_that_block_alone(
    tmp_path: Path, compress: bool
) -> None:
    memory = make(tmp_path / "memory")
    if not compress:
        memory.chunks.close()
        memory.chunks = ChunkStore(memory.path / "chunks", compress=False)
        memory.chunks.put([Chunk(f"plain-{number}", f"plain content {number}") for number in range(32)])
    victim = memory.chunks.numbers_of(["plain-0" if not compress else "chunk-0096"])[0]
    before = ids_in(memory.chunks)
    memory.reopen(lambda path: flip_in_block(path, victim))
    problems = memory.problems()
    named = {problem.id for problem in problems if problem.kind == "chunk"}
    assert [problem.kind for problem in problems].count("block") == 1 and 4 <= len(named) <= 16
    with pytest.raises(StoreDamaged):
        memory.chunks.get([next(iter(named)) or ""])
    done = memory.repair()
    assert {lost.id for lost in done.lost} == named
    assert memory.problems() == []
    assert ids_in(memory.chunks) == before - named
    removed = memory.chunks.changes_since(0, 10_000).removed
    assert victim in removed and '"block"' in memory.removed()
    memory.chunks.put([Chunk(identifier or "", "stored again", tags=("tag-1",)) for identifier in named])
    assert memory.problems() == []
    assert {chunk.id for chunk in memory.chunks.page(tag="tag-1", limit=1000).chunks} >= named
    memory.chunks.close()
    memory.embeddings.close()


def test_labels_are_made_again_from_the_chunks(memory: Memory) -> None:
    wanted = [chunk.id for chunk in memory.chunks.page(tag="tag-2", limit=1000).chunks]

    def spoil(transaction: lmdb.Transaction, table: lmdb._Database) -> None:
        with transaction.cursor(db=table) as cursor:
            assert cursor.first()
            cursor.delete()
        transaction.put(b"\0\0\0\2tnever", b"\1\0", db=table)

    memory.reopen(lambda path: change_table(path / "chunks", "labels", spoil))
    (problem,) = memory.problems()
    assert (problem.kind, problem.reason[:1]) == ("labels", "2")
    done = memory.repair()
    assert ([one.kind for one in done.repaired], done.lost, memory.problems()) == (["labels"], [], [])
    assert [chunk.id for chunk in memory.chunks.page(tag="tag-2", limit=1000).chunks] == wanted
    assert memory.chunks.page(tag="never").chunks == []


def test_ids_that_were_lost_are_listed_again_and_those_that_lead_nowhere_go(memory: Memory) -> None:
    number = memory.chunks.numbers_of(["chunk-0020"])[0]

    def spoil(transaction: lmdb.Transaction, table: lmdb._Database) -> None:
        transaction.delete(id_key("chunk-0010"), db=table)
        transaction.put(id_key("chunk-0020"), key_of(123_456), db=table)
        transaction.put(id_key("nowhere"), key_of(7_000), db=table)
        transaction.put(id_key("short"), b"\1", db=table)

    memory.reopen(lambda path: change_table(path / "chunks", "ids", spoil))
    assert {problem.id for problem in memory.problems()} >= {"chunk-0010", "chunk-0020", "nowhere", "short"}
    done = memory.repair()
    assert {lost.id for lost in done.lost} == {"nowhere", "short"}
    assert {one.id for one in done.repaired if one.kind == "chunk"} == {"chunk-0010", "chunk-0020"}
    assert memory.problems() == []
    assert memory.chunks.numbers_of(["chunk-0020"]) == [number]
    assert None not in memory.chunks.get(["chunk-0010", "chunk-0020"])


def test_facts_that_cannot_be_read_go_and_numbers_are_not_given_twice(memory: Memory) -> None:
    memory.chunks.facts.put("spikes:1", {"a": 1})

    def spoil(transaction: lmdb.Transaction, table: lmdb._Database) -> None:
        transaction.put(b"spikes:1", b"\xc1", db=table)
        transaction.put(b"sequence", b"\x05", db=table)

    sequence = memory.chunks.sequence()
    memory.reopen(lambda path: change_table(path / "chunks", "facts", spoil))
    assert {problem.id for problem in memory.problems()} == {"spikes:1", "sequence"}
    memory.repair()
    assert memory.problems() == [] and memory.chunks.sequence() >= sequence
    assert memory.chunks.facts.get("spikes:1") is None and '"fact"' in memory.removed()


def test_what_is_no_embedding_is_removed_and_a_given_one_is_named(memory: Memory) -> None:
    def spoil(transaction: lmdb.Transaction, table: lmdb._Database) -> None:
        with transaction.cursor(db=table) as cursor:
            for data in (np.full(32, np.nan, "<f2").tobytes(), b"", b"\0" * 64, b"\0\x3c" + b"\0" * 20):
                cursor.next()
                cursor.put(bytes(cursor.key()), data)

    memory.reopen(lambda path: change_table(path / "embeddings", "vectors", spoil))
    problems = memory.problems()
    assert [problem.kind for problem in problems] == ["embedding"] * 4
    done = memory.repair()
    assert len({lost.id for lost in done.lost} & {f"chunk-{n:04}" for n in range(COUNT)}) == 4
    assert memory.problems() == []
    assert verify_embeddings(memory.embeddings, CallContext()).checked == COUNT - 4


@pytest.mark.parametrize("bit", [3, 60])
def test_a_flipped_bit_in_a_blocks_key_costs_no_chunk(memory: Memory, bit: int) -> None:
    before = ids_in(memory.chunks)

    def flip(path: Path) -> None:
        file = path / "chunks" / "data.mdb"
        data = file.read_bytes()
        # A leaf's node: flags (1: the value has pages of its own), length of the key, key.
        node = b"\1\0\x08\0" + key_of(33)
        assert node in data
        file.write_bytes(data.replace(node, node[:4] + key_of(33 ^ 1 << bit)))

    memory.reopen(flip)
    assert memory.problems()
    done = memory.repair()
    assert memory.problems() == []
    assert ids_in(memory.chunks) == before and {one.id for one in done.lost} <= {None}


def spoil_page(path: Path, holding: bytes, garbage: bytes = b"\xff" * 24) -> None:
    """Overwrites the header of every page that holds some bytes, as a failing disk might."""
    file = path / "data.mdb"
    data = bytearray(file.read_bytes())
    place = data.find(holding, 8192)
    assert place >= 0
    while place >= 0:
        start = place - place % 4096
        data[start : start + len(garbage)] = garbage
        place = data.find(holding, start + 4096)
    file.write_bytes(data)


@pytest.mark.parametrize("garbage", [b"\xff" * 24, b"\0" * 4096])
def test_damaged_pages_end_no_process_and_what_lies_on_others_is_saved(
    memory: Memory, garbage: bytes
) -> None:
    before = ids_in(memory.chunks)
    memory.chunks.facts.put("note", "kept")
    memory.reopen(lambda path: spoil_page(path / "chunks", id_key("chunk-0300"), garbage))
    problems = memory.problems()
    assert problems
    done = memory.repair()
    assert memory.problems() == []
    after = ids_in(memory.chunks)
    assert memory.chunks.facts.get("note") == "kept"
    lost = {one.id for one in done.lost if one.id is not None}
    assert before - after <= lost or any(one.id is None for one in done.lost)
    assert len(after) > COUNT / 2
    assert list(memory.path.glob("damaged-*/chunks.mdb"))
    assert memory.chunks.count() == len(after)
    memory.chunks.put([Chunk("later", "x")])
    assert memory.problems() == []


RANDOM_DAMAGE = """
import random, sys
from pathlib import Path
from tests.test_repair import ids_in, make
seed, folder = int(sys.argv[1]), Path(sys.argv[2])
memory = make(folder)
before = ids_in(memory.chunks)
generator = random.Random(seed)
def damage(path):
    for name in ("chunks", "embeddings"):
        file = path / name / "data.mdb"
        data = bytearray(file.read_bytes())
        for _ in range(3):
            place = generator.randrange(4 * 4096, len(data))
            data[place] ^= 1 << generator.randrange(8)
        file.write_bytes(data)
memory.reopen(damage)
done = memory.repair()
assert memory.problems() == [], memory.problems()
after = ids_in(memory.chunks)
assert after <= before
named = {one.id for one in done.lost}
assert before - after <= named or None in named, before - after - named
assert memory.chunks.count() == len(after)
print("ok", len(before) - len(after))
"""


@pytest.mark.parametrize("seed", [21])
def test_whatever_bits_are_flipped_repair_leaves_a_sound_memory_and_names_what_is_lost(
    seed: int, tmp_path: Path
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", RANDOM_DAMAGE, str(seed), str(tmp_path / "memory")],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[1],
        check=False,
    )
    assert ended.stdout.startswith("ok"), (ended.returncode, ended.stderr)


def test_verification_and_repair_stop_when_they_are_cancelled(memory: Memory) -> None:
    context = CallContext()
    context.cancel()
    with pytest.raises(Cancelled):
        verify_chunks(memory.chunks, context)
    with pytest.raises(Cancelled):
        repair_memory(memory.path, memory.chunks, memory.embeddings, context)
