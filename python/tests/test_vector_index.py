from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from fluorite.index import VectorIndex

DIMENSIONS = 16


def unit(rows: int, seed: int = 0) -> NDArray[np.float32]:
    vectors = np.random.default_rng(seed).normal(size=(rows, DIMENSIONS)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def filled(rows: int) -> VectorIndex:
    index = VectorIndex("model", DIMENSIONS)
    index.add(list(range(1, rows + 1)), unit(rows))
    index.sequence = rows
    return index


def test_search_returns_the_same_as_sorting_every_cosine() -> None:
    index, query = filled(3000), unit(1, seed=9)[0]
    index.remove(range(1, 3000, 3))
    numbers, scores = index.search(query, 10)
    everything = unit(3000) @ query
    kept = [number for number in range(1, 3001) if (number - 1) % 3]
    expected = sorted(kept, key=lambda number: -everything[number - 1])[:10]
    assert numbers.tolist() == expected
    assert np.allclose(scores, everything[numbers.astype(int) - 1])


def test_equal_scores_come_in_the_order_of_their_numbers() -> None:
    index = VectorIndex("model", DIMENSIONS)
    # One-hot vectors: their products are exact, whichever way the matrix product is blocked.
    same = np.repeat(np.eye(1, DIMENSIONS, dtype=np.float32), 3, axis=0)
    index.add([5, 3, 4], same)
    assert index.search(same[0], 3)[0].tolist() == [3, 4, 5]


def test_more_hits_than_vectors_gives_all_and_an_empty_index_gives_none() -> None:
    assert len(filled(3).search(unit(1)[0], 10)[0]) == 3
    assert len(VectorIndex("model", DIMENSIONS).search(unit(1)[0], 10)[0]) == 0


def test_a_saved_index_loads_without_what_was_removed_and_can_grow(tmp_path: Path) -> None:
    index = filled(100)
    index.remove([7])
    index.save(tmp_path / "vectors.index")
    loaded = VectorIndex.load(tmp_path / "vectors.index", "model", DIMENSIONS)
    assert loaded is not None and len(loaded) == 99 and 7 not in loaded and loaded.sequence == 100
    loaded.add([101], unit(1, seed=5))
    assert loaded.search(unit(1, seed=5)[0], 1)[0].tolist() == [101]


@pytest.mark.parametrize("position", [0, 9, 40, 200, -1])
def test_a_flipped_byte_anywhere_makes_the_file_count_as_missing(tmp_path: Path, position: int) -> None:
    file = tmp_path / "vectors.index"
    filled(50).save(file)
    data = bytearray(file.read_bytes())
    data[position] ^= 0x55
    file.write_bytes(data)
    assert VectorIndex.load(file, "model", DIMENSIONS) is None


@pytest.mark.parametrize("length", [0, 5, 12, 60, 1000])
def test_a_truncated_file_counts_as_missing(tmp_path: Path, length: int) -> None:
    file = tmp_path / "vectors.index"
    filled(50).save(file)
    file.write_bytes(file.read_bytes()[:length])
    assert VectorIndex.load(file, "model", DIMENSIONS) is None


def test_a_file_of_another_model_or_dimension_counts_as_missing(tmp_path: Path) -> None:
    file = tmp_path / "vectors.index"
    filled(5).save(file)
    assert VectorIndex.load(file, "another", DIMENSIONS) is None
    assert VectorIndex.load(file, "model", 8) is None
    assert VectorIndex.load(tmp_path / "absent", "model", DIMENSIONS) is None
