from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.threads import repeated

from fluorite.index.vector_index import VectorIndex
from fluorite.index.vector_maintenance import Limits
from fluorite.index.vector_rows import SCALE, bits_of, cleared, find, is_set

DIMENSIONS = 16
SOME = Limits(exact_rows=400, tail_rows=50)


def unit(rows: int, seed: int = 0) -> NDArray[np.float32]:
    vectors = np.random.default_rng(seed).normal(size=(rows, DIMENSIONS)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def rounded(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.rint(vectors * SCALE) / SCALE, np.float32)


def opened(folder: Path, sequence: int = 0, limits: Limits | None = None) -> VectorIndex:
    return VectorIndex.open(folder, "model", DIMENSIONS, sequence, limits)


def filled(folder: Path, rows: int, limits: Limits | None = None) -> VectorIndex:
    index = opened(folder, limits=limits)
    index.add(list(range(1, rows + 1)), unit(rows))
    index.sequence = rows
    return index


def ignore() -> None:
    pass


def test_search_returns_the_same_as_sorting_every_cosine(tmp_path: Path) -> None:
    index, query = filled(tmp_path, 3000), unit(1, seed=9)[0]
    index.remove(range(1, 3000, 3))
    numbers, scores = index.search(query, 10)
    everything = rounded(unit(3000)) @ query
    kept = [number for number in range(1, 3001) if (number - 1) % 3]
    expected = sorted(kept, key=lambda number: -everything[number - 1])[:10]
    assert numbers.tolist() == expected
    assert np.allclose(scores, everything[numbers - 1], atol=1e-6)


def test_equal_scores_come_in_the_order_of_their_numbers_wherever_they_lie(tmp_path: Path) -> None:
    index = opened(tmp_path, limits=Limits(exact_rows=40, tail_rows=10))
    same = np.repeat(unit(1), 100, axis=0)
    for start in range(0, 100, 20):
        index.add(list(range(100 - start, 80 - start, -1)), same[:20])
    assert index.search(same[0], 100)[0].tolist() == list(range(1, 101))
    assert index.search(same[0], 7)[0].tolist() == list(range(1, 8))


def test_more_hits_than_vectors_gives_all_and_an_empty_index_gives_none(tmp_path: Path) -> None:
    assert len(filled(tmp_path, 3).search(unit(1)[0], 10)[0]) == 3
    assert len(opened(tmp_path / "other").search(unit(1)[0], 10)[0]) == 0
    assert len(filled(tmp_path / "third", 3).search(unit(1)[0], 0)[0]) == 0


def test_a_saved_index_opens_without_what_was_removed_and_can_grow(tmp_path: Path) -> None:
    index = filled(tmp_path, 100)
    index.remove([7])
    assert index.save(ignore)
    loaded = opened(tmp_path, 100)
    assert not loaded.rebuilt and len(loaded) == 99 and loaded.sequence == 100
    assert loaded.contains(np.array([7, 8])).tolist() == [False, True]
    loaded.add([101], unit(1, seed=5))
    assert loaded.search(unit(1, seed=5)[0], 1)[0].tolist() == [101]


def test_a_file_claims_no_more_changes_than_it_was_told(tmp_path: Path) -> None:
    filled(tmp_path, 100).save(ignore, reached=60)
    loaded = opened(tmp_path, 100)
    assert loaded.sequence == 60 and len(loaded) == 100
    loaded.add(list(range(61, 101)), unit(40, seed=3))
    assert np.allclose(loaded.vectors(np.arange(1, 101)), unit(100), atol=1e-4)


def test_vectors_and_cosines_are_nan_where_there_is_nothing(tmp_path: Path) -> None:
    index, query = filled(tmp_path, 10), unit(1, seed=2)[0]
    index.remove([4])
    wanted = np.array([3, 99, 4, 1])
    cosines, vectors = index.cosines(query, wanted), index.vectors(wanted)
    assert np.isnan(cosines).tolist() == [False, True, True, False]
    assert np.isnan(vectors).all(axis=1).tolist() == [False, True, True, False]
    assert np.allclose(vectors[[0, 3]] @ query, cosines[[0, 3]], atol=1e-5)
    assert np.allclose(vectors[0], unit(10)[2], atol=1 / SCALE)


def test_a_number_that_was_ever_held_is_passed_over(tmp_path: Path) -> None:
    index = filled(tmp_path, 5)
    index.remove([2])
    index.add([2, 3, 6, 6], unit(4, seed=8))
    assert index.contains(np.arange(1, 7)).tolist() == [True, False, True, True, True, True]
    assert np.allclose(index.vectors(np.array([3])), unit(5)[2:3], atol=1e-4)


def test_a_search_answers_from_one_moment_while_others_write(tmp_path: Path) -> None:
    index = opened(tmp_path, limits=SOME)
    vectors = unit(6000)

    def search() -> None:
        before = len(index)
        numbers, scores = index.search(vectors[0], 50)
        assert len(set(numbers.tolist())) == len(numbers) >= min(before // 2, 20)
        assert np.allclose(scores, vectors[numbers - 1] @ vectors[0], atol=1e-3)

    with repeated(search, threads=2):
        for start in range(0, 6000, 100):
            index.add(list(range(start + 1, start + 101)), vectors[start : start + 100])
            index.remove([start + 3])
            if start % 1000 == 500:
                index.build(ignore)
    assert len(index) == 6000 - 60


Steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(1, 300)),
        st.tuples(st.just("add late"), st.integers(1, 40)),
        st.tuples(st.just("remove"), st.integers(1, 80)),
        st.tuples(st.sampled_from(["save", "reopen"]), st.just(0)),
    ),
    max_size=25,
)


@settings(max_examples=40, deadline=None)
@given(Steps, st.integers(0, 1000))
def test_any_history_ends_in_what_it_added_and_did_not_remove(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]], seed: int
) -> None:
    folder = tmp_path_factory.mktemp("index")
    random = np.random.default_rng(seed)
    vectors = unit(12_000, seed)
    limits = Limits(exact_rows=128, tail_rows=32)
    index = opened(folder, limits=limits)
    living, withheld, next_number, saved = set[int](), list[int](), 1, False
    for step, count in steps:
        if step == "add":
            numbers = list(range(next_number, next_number + count))
            next_number += count + int(random.integers(0, 5))
            late = set(random.choice(numbers, count // 4, replace=False).tolist())
            withheld += late
            now = [number for number in numbers if number not in late]
            index.add(now, vectors[now])
            living |= set(now)
        elif step == "add late":
            now, withheld = withheld[-count:], withheld[:-count]
            index.add(now, vectors[now])
            living |= set(now)
        elif step == "remove":
            doomed = set(random.integers(1, next_number + 10, count).tolist())
            index.remove(doomed)
            living -= doomed
            withheld = [number for number in withheld if number not in doomed]
        elif step == "save" or saved:
            saved |= step == "save"
            index.save(ignore)
            if step == "reopen":
                index = opened(folder, next_number, limits)
                assert not index.rebuilt
    assert len(index) == len(living)
    query = unit(1, seed + 1)[0]
    alive = np.array(sorted(living), np.int64)
    scores = np.vecdot(np.rint(vectors[alive] * np.float32(SCALE)), query)
    expected = alive[np.lexsort((alive, -scores))]
    assert index.search(query, 20)[0].tolist() == expected[:20].tolist()
    allowed = np.flatnonzero(random.random(next_number) < random.random())
    wanted = [number for number in expected.tolist() if number in set(allowed.tolist())]
    assert index.search(query, 20, allowed)[0].tolist() == wanted[:20]
    assert index.contains(np.arange(next_number)).tolist() == [n in living for n in range(next_number)]


@pytest.mark.parametrize("position", [0, 9, 14, 40, 150, 500, 1000, -1])
def test_a_flipped_byte_in_the_manifest_makes_the_index_empty(tmp_path: Path, position: int) -> None:
    filled(tmp_path, 50).save(ignore)
    file = tmp_path / "manifest"
    data = bytearray(file.read_bytes())
    data[position] ^= 0x55
    file.write_bytes(data)
    damaged = opened(tmp_path, 50)
    assert damaged.rebuilt and len(damaged) == 0


@pytest.mark.parametrize("length", [0, 5, 12, 60, 1000])
def test_a_truncated_manifest_makes_the_index_empty(tmp_path: Path, length: int) -> None:
    filled(tmp_path, 50).save(ignore)
    file = tmp_path / "manifest"
    file.write_bytes(file.read_bytes()[:length])
    damaged = opened(tmp_path, 50)
    assert damaged.rebuilt and len(damaged) == 0 and damaged.sequence == 0
    damaged.add([1], unit(1))
    damaged.sequence = 50
    assert damaged.save(ignore) and len(opened(tmp_path, 50)) == 1


def test_files_of_another_model_dimension_or_a_store_that_lost_changes_are_not_used(tmp_path: Path) -> None:
    filled(tmp_path, 5).save(ignore)
    assert VectorIndex.open(tmp_path, "another", DIMENSIONS, 5).rebuilt
    assert VectorIndex.open(tmp_path, "model", 8, 5).rebuilt
    assert opened(tmp_path, 4).rebuilt
    assert not opened(tmp_path, 5).rebuilt
    assert not opened(tmp_path / "absent", 0).rebuilt
    filled(tmp_path / "pending", 5).save(ignore, reached=2)
    assert opened(tmp_path / "pending", 4).rebuilt


@given(st.sets(st.integers(-50, 400), max_size=80), st.lists(st.integers(-60, 420), max_size=60))
def test_find_agrees_with_membership(numbers: set[int], wanted: list[int]) -> None:
    ascending = np.array(sorted(numbers), np.int64)
    rows, found = find(ascending, np.array(wanted, np.int64))
    assert found.tolist() == [number in numbers for number in wanted]
    assert ascending[rows[found]].tolist() == [number for number in wanted if number in numbers]


@given(st.integers(1, 200), st.sets(st.integers(0, 199)), st.sets(st.integers(0, 199)))
def test_bits_agree_with_sets(length: int, first: set[int], second: set[int]) -> None:
    first, second = ({row for row in rows if row < length} for rows in (first, second))
    rows = np.array(sorted(first), np.int64)
    less = np.array(sorted(second), np.int64)
    everything = np.arange(length)
    assert is_set(bits_of(rows, length), everything).tolist() == [row in first for row in range(length)]
    without = is_set(cleared(bits_of(rows, length), length, less), everything)
    assert without.tolist() == [row in first - second for row in range(length)]
    rest = is_set(cleared(None, length, less), everything)
    assert rest.tolist() == [row not in second for row in range(length)]
