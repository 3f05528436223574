from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.vector_data import NUMBERS, QUERIES, ROWS, VECTORS, grow, ignore, opened, recall, rows

from fluorite.index import partitions, vector_search
from fluorite.index.partitions import OUTLINED, Centroids, list_layout, outlined
from fluorite.index.vector_build import list_count, nearest_exactly
from fluorite.index.vector_segment import Segment, number_table


def unit(rows: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def test_lists_find_nearly_what_a_comparison_with_everything_finds(built_vectors: Path) -> None:
    index = opened(built_vectors)
    assert not index.rebuilt and len(index) == ROWS
    assert index.statistics()["exact"] == 0 and index.statistics()["lists"] == list_count(ROWS)
    assert recall(index, rows(0, ROWS)) >= 0.98
    numbers, scores = index.search(QUERIES[0], 10)
    assert np.allclose(scores, index.cosines(QUERIES[0], numbers)) and (np.diff(scores) <= 0).all()
    expected = VECTORS[np.searchsorted(NUMBERS, numbers)] @ QUERIES[0]
    assert np.allclose(scores, expected, atol=1e-3)


@pytest.mark.parametrize("share", [0.9, 0.6, 0.1, 0.01, 0.001])
@pytest.mark.parametrize("alike", [False, True])
def test_a_filter_of_any_width_finds_the_best_that_it_allows(
    built_vectors: Path, share: float, alike: bool
) -> None:
    index = opened(built_vectors)
    order = np.argsort(VECTORS[:ROWS] @ QUERIES[1]) if alike else np.random.default_rng(1).permutation(ROWS)
    chosen = np.sort(order[-int(share * ROWS) :])
    allowed = np.union1d(NUMBERS[chosen], [NUMBERS[ROWS - 1] + 10])
    found = expected = 0
    for query in QUERIES:
        numbers, _ = index.search(query, 10, allowed)
        best = chosen[np.argsort(-(VECTORS[chosen] @ query))[:10]]
        assert np.isin(numbers, NUMBERS[chosen]).all() and len(numbers) == len(best)
        found += len(np.intersect1d(numbers, NUMBERS[best]))
        expected += len(best)
    assert found / expected >= (0.98 if len(chosen) > 2048 else 0.999)


def test_lists_read_on_two_cores_hold_what_one_core_finds(
    built_vectors: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = opened(built_vectors)
    allowed = NUMBERS[:ROWS:3]
    alone = [index.search(query, 10, some) for query in QUERIES for some in (None, allowed)]
    monkeypatch.setattr(vector_search, "WORTH_SHARING", 1)
    shared = [index.search(query, 10, some) for query in QUERIES for some in (None, allowed)]
    for one, other in zip(alone, shared, strict=True):
        assert one[0].tolist() == other[0].tolist() and np.array_equal(one[1], other[1])


@pytest.mark.parametrize("spread", [0.05, 1.0])
def test_every_list_within_reach_has_its_cosine(spread: float) -> None:
    random = np.random.default_rng(5)
    middle = random.normal(size=128)
    centers = unit(middle + random.normal(size=(500, 40)) @ random.normal(size=(40, 128)) * spread)
    centroids = Centroids(centers, np.eye(128, dtype=np.float32), *outlined(centers), 0.2, 500, 1.0, "")
    for query in unit(middle + random.normal(size=(20, 128))):
        whole = centroids.cosines(query)
        near = centroids.cosines_within_reach(query)
        known = near > -np.inf
        assert known[whole >= whole.max() - 0.2].all()
        assert np.allclose(near[known], whole[known], atol=1e-6)
    assert centroids.outline.shape == (500, OUTLINED)


def test_where_the_lists_within_reach_hold_too_little_further_ones_are_read(
    built_vectors: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = opened(built_vectors)
    assert index._state.centroids is not None
    monkeypatch.setattr(partitions, "READ_MOST", 400)
    monkeypatch.setattr(partitions, "READ_SHARE", 0)
    whole = recall(index, rows(0, ROWS))
    monkeypatch.setattr(partitions, "OUTLINE_ERROR", -index._state.centroids.reach)
    assert recall(index, rows(0, ROWS)) == whole >= 0.9


def test_a_filter_that_allows_nothing_finds_nothing(built_vectors: Path) -> None:
    index = opened(built_vectors)
    assert len(index.search(QUERIES[0], 10, np.empty(0, np.int64))[0]) == 0
    assert len(index.search(QUERIES[0], 10, np.array([-5, 10**9]))[0]) == 0


def test_what_is_added_and_removed_counts_at_once_and_after_opening_again(vectors_folder: Path) -> None:
    index = opened(vectors_folder)
    grow(index, ROWS, ROWS + 300)
    nearest = [index.search(query, 1)[0][0] for query in QUERIES]
    index.remove(nearest)
    living = rows(0, ROWS + 300) & ~np.isin(NUMBERS, nearest)
    assert index.save(ignore)
    for one in (index, opened(vectors_folder)):
        assert len(one) == living.sum()
        assert recall(one, living) >= 0.98
        assert not one.contains(np.array(nearest)).any()
        assert all(
            number not in one.search(query, 20)[0] for query, number in zip(QUERIES, nearest, strict=True)
        )


def test_when_all_near_a_query_is_removed_what_is_further_away_is_found(vectors_folder: Path) -> None:
    index = opened(vectors_folder)
    cosines = VECTORS[:ROWS] @ QUERIES[0]
    near = np.argsort(-cosines)[: ROWS // 5]
    index.remove(NUMBERS[near])
    rest = np.setdiff1d(np.arange(ROWS), near)
    numbers, scores = index.search(QUERIES[0], 10)
    assert np.isin(numbers, NUMBERS[rest]).all() and len(numbers) == 10
    assert scores[9] >= np.sort(cosines[rest])[-10] - 0.01


def test_the_tail_moves_into_lists_without_training_until_the_data_has_doubled(vectors_folder: Path) -> None:
    index = opened(vectors_folder)
    for stop in (ROWS + 300, ROWS + 900, 2 * ROWS - 1):
        grow(index, stop - 250, stop)
        assert index.build(ignore)
        assert index.statistics()["exact"] == 0 and index.statistics()["trained_on"] == ROWS
    assert index.statistics()["segments"] <= 3
    living = rows(0, ROWS) | rows(ROWS + 50, ROWS + 300) | rows(ROWS + 650, ROWS + 900)
    living |= rows(2 * ROWS - 251, 2 * ROWS - 1)
    assert len(index) == living.sum() and recall(index, living) >= 0.98
    grow(index, 2 * ROWS, 4 * ROWS)
    assert index.build(ignore) and index.statistics()["trained_on"] == len(index)
    assert index.statistics()["segments"] == 1
    assert recall(index, living | rows(2 * ROWS, 4 * ROWS)) >= 0.98
    assert index.save(ignore) and len(opened(vectors_folder)) == len(index)
    assert len(list(vectors_folder.iterdir())) == 4


def test_what_came_lately_is_in_lists_before_all_is_trained_again(vectors_folder: Path) -> None:
    index = opened(vectors_folder)
    grow(index, ROWS, 2 * ROWS - 100)
    assert index.build(ignore)
    grow(index, 2 * ROWS - 100, 3 * ROWS)
    assert index.build(ignore) and index.statistics()["exact"] == 0
    assert index.statistics()["trained_on"] == ROWS and index.needs_build()
    assert index.build(ignore) and index.statistics()["trained_on"] == 3 * ROWS
    assert recall(index, rows(0, 3 * ROWS)) >= 0.98 and not index.needs_build()


def test_what_came_lately_may_all_be_far_from_a_query(vectors_folder: Path) -> None:
    index = opened(vectors_folder)
    query, most = QUERIES[0], 5
    before = index.search(query, most)
    index.add(NUMBERS[ROWS : ROWS + 300], np.repeat(-query[None], 300, axis=0))
    assert index.build(ignore) and index.statistics()["segments"] == 2
    numbers, scores = index.search(query, most)
    assert numbers.tolist() == before[0].tolist() and np.allclose(scores, before[1])
    assert set(index.search(-query, most)[0].tolist()) <= set(NUMBERS[ROWS : ROWS + 300].tolist())


def test_removed_vectors_leave_the_files_when_they_are_many(vectors_folder: Path) -> None:
    index = opened(vectors_folder)
    index.remove(NUMBERS[: ROWS // 2])
    assert index.needs_build() and index.build(ignore) and index.save(ignore)
    assert len(index) == ROWS // 2 and recall(index, rows(ROWS // 2, ROWS)) >= 0.98
    index.remove(NUMBERS[:ROWS])
    assert index.build(ignore) and index.save(ignore)
    assert len(opened(vectors_folder)) == 0 and not opened(vectors_folder).rebuilt
    assert sorted(path.name for path in vectors_folder.iterdir()) == ["lock", "manifest"]


def test_a_bulk_load_is_found_before_anything_is_built(tmp_path: Path) -> None:
    index = opened(tmp_path)
    for start in range(0, ROWS, 700):
        grow(index, start, min(ROWS, start + 700))
    assert index.statistics()["exact"] == ROWS and recall(index, rows(0, ROWS)) == 1
    assert index.save(ignore) and recall(opened(tmp_path), rows(0, ROWS)) == 1


def test_what_happens_during_a_build_is_in_what_it_builds(tmp_path: Path) -> None:
    index = opened(tmp_path)
    grow(index, 0, ROWS)
    doomed, faults, done = NUMBERS[100:2000:10], list[str](), threading.Event()

    def write() -> None:
        for position, number in enumerate(doomed):
            index.remove([number])
            grow(index, ROWS + 10 * position, ROWS + 10 * position + 10)
        done.set()

    def search() -> None:
        while not done.is_set():
            numbers, _ = index.search(QUERIES[0], 30)
            if len(set(numbers.tolist())) != 30:
                faults.append(str(numbers))

    threads = [threading.Thread(target=write), threading.Thread(target=search)]
    started = threading.Event()

    def check() -> None:
        if not started.is_set():
            started.set()
            for thread in threads:
                thread.start()

    assert index.build(check)
    for thread in threads:
        thread.join()
    assert not faults
    living = rows(0, ROWS + 10 * len(doomed)) & ~np.isin(NUMBERS, doomed)
    assert len(index) == living.sum() and recall(index, living) >= 0.98
    assert index.save(ignore) and recall(opened(tmp_path), living) >= 0.98


def test_a_build_that_is_stopped_leaves_everything_as_it_was(tmp_path: Path) -> None:
    index = opened(tmp_path)
    grow(index, 0, ROWS)
    asked = 0

    def check() -> None:
        nonlocal asked
        asked += 1
        if asked == 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        index.build(check)
    assert recall(index, rows(0, ROWS)) == 1 and index.needs_build()
    assert not index.statistics()["building"]
    assert index.build(ignore) and recall(index, rows(0, ROWS)) >= 0.98


def test_progress_only_grows_and_reaches_its_total(tmp_path: Path) -> None:
    index = opened(tmp_path)
    grow(index, 0, ROWS)
    seen = list[float]()
    index.build(ignore, lambda done, total: seen.append(done / total))
    assert seen == sorted(seen) and seen[-1] == 1 and len(seen) > 5


@given(st.lists(st.integers(0, 50), min_size=1, max_size=20), st.integers(1, 100))
def test_lists_are_laid_out_apart_and_aligned(sizes: list[int], code_size: int) -> None:
    layout = list_layout(np.array(sizes, np.int64), code_size)
    ends = layout[:-1, 2] + layout[:-1, 1] * (code_size + 8)
    assert (ends == layout[1:, 2]).all() and (layout[:-1, 1] >= layout[:-1, 0]).all()
    assert not ((layout[:-1, 2] + layout[:-1, 1] * code_size) % 8).any()


@given(st.sets(st.integers(1, 2000), min_size=1, max_size=200), st.lists(st.integers(-10, 2100), max_size=50))
def test_a_table_leads_to_the_same_rows_as_a_search(numbers: set[int], wanted: list[int]) -> None:
    ascending = np.array(sorted(numbers), np.int64)
    table = number_table(ascending)
    segment = Segment(ascending, np.zeros((len(ascending), 1), np.int16), table)
    found_rows, found = segment.find(np.array(wanted, np.int64))
    assert found.tolist() == [number in numbers for number in wanted]
    assert ascending[found_rows[found]].tolist() == [number for number in wanted if number in numbers]


def test_the_yardstick_of_recall_is_exact(built_vectors: Path) -> None:
    segment = opened(built_vectors)._state.held[0].segment
    truth = nearest_exactly(segment, QUERIES, 5, ignore)
    expected = -np.sort(-(QUERIES @ VECTORS[:ROWS].T), axis=1)[:, :5]
    assert np.allclose(truth, expected, atol=1e-3)
