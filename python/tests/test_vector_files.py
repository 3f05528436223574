from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.vector_data import NUMBERS, QUERIES, ROWS, grow, ignore, opened, recall, rows


@pytest.mark.parametrize("kind", ["manifest", "segment", "centroids"])
def test_a_file_that_is_missing_short_or_of_another_time_makes_the_index_empty(
    vectors_folder: Path, kind: str
) -> None:
    (path,) = vectors_folder.glob(f"{kind}*")
    whole = path.read_bytes()
    for damage in (None, whole[:30], whole[: len(whole) // 2], whole[:-1], b"", bytes(len(whole))):
        path.unlink(missing_ok=True)
        if damage is not None:
            path.write_bytes(damage)
        index = opened(vectors_folder)
        assert index.rebuilt and len(index) == 0 and index.sequence == 0
    grow(index, 0, 100)
    index.sequence = 10**6
    assert index.save(ignore) and len(opened(vectors_folder)) == 100


def test_files_of_two_generations_are_not_mixed(vectors_folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    index = opened(other)
    grow(index, 0, ROWS + 50)
    assert index.build(ignore) and index.save(ignore)
    for kind in ("segment", "centroids"):
        (mine,), (theirs,) = vectors_folder.glob(f"{kind}*"), other.glob(f"{kind}*")
        whole = mine.read_bytes()
        mine.write_bytes(theirs.read_bytes())
        assert opened(vectors_folder).rebuilt
        mine.write_bytes(whole)
    assert not opened(vectors_folder).rebuilt


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 1, exclude_max=True), st.integers(1, 255))
def test_a_changed_byte_never_brings_down_a_search_and_is_found_by_verifying(
    built_vectors: Path, tmp_path_factory: pytest.TempPathFactory, place: float, mask: int
) -> None:
    vectors_folder = tmp_path_factory.mktemp("damaged")
    for path in built_vectors.iterdir():
        (vectors_folder / path.name).symlink_to(path)
    (segment,) = vectors_folder.glob("segment*")
    data = bytearray(segment.read_bytes())
    position = int(place * len(data))
    data[position] ^= mask
    segment.unlink()
    segment.write_bytes(data)
    index = opened(vectors_folder)
    if index.rebuilt:
        assert len(index) == 0
        return
    index.search(QUERIES[0], 10)
    index.search(QUERIES[0], 10, NUMBERS[:ROWS:2])
    index.cosines(QUERIES[0], NUMBERS[:50])
    if not index.verify():
        index.clear()
        assert index.rebuilt and len(index) == 0 and index.sequence == 0 and opened(vectors_folder).rebuilt
    else:
        assert recall(index, rows(0, ROWS)) >= 0.98


def test_two_indexes_on_one_folder_take_over_what_the_other_has_built(tmp_path: Path) -> None:
    first, second = opened(tmp_path), opened(tmp_path)
    for index in (first, second):
        grow(index, 0, ROWS)
    assert first.build(ignore) and first.save(ignore)
    assert second.build(ignore)
    assert second.statistics()["exact"] == 0 and recall(second, rows(0, ROWS)) >= 0.98
    grow(second, ROWS, ROWS + 250)
    assert second.build(ignore) and second.save(ignore)
    assert not first.save(ignore), "the second holds more"
    assert recall(first, rows(0, ROWS)) >= 0.98
    grow(first, ROWS, ROWS + 400)
    assert first.build(ignore) and first.save(ignore)
    for index in (first, opened(tmp_path)):
        assert len(index) == ROWS + 400 and recall(index, rows(0, ROWS + 400)) >= 0.98


def test_only_one_builds_or_saves_at_a_time(tmp_path: Path) -> None:
    first, second = opened(tmp_path), opened(tmp_path)
    grow(first, 0, ROWS)
    grow(second, 0, ROWS)
    results = list[bool]()

    def check() -> None:
        if not results:
            results.extend((second.build(ignore), second.save(ignore)))

    assert first.build(check) and results == [False, False]


def test_a_segment_that_another_process_deleted_is_written_again(vectors_folder: Path) -> None:
    index = opened(vectors_folder)
    (segment,) = vectors_folder.glob("segment*")
    os.unlink(segment)
    assert recall(index, rows(0, ROWS)) >= 0.98
    assert opened(vectors_folder).rebuilt
    assert index.save(ignore) and not opened(vectors_folder).rebuilt and opened(vectors_folder).verify()
