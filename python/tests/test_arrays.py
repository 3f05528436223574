from __future__ import annotations

import multiprocessing
from pathlib import Path
from typing import Any

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from fluorite.index.arrays import map_arrays, write_arrays
from fluorite.index.build_lock import exclusive

ARRAYS = st.dictionaries(
    st.text("abc", min_size=1, max_size=3),
    hnp.arrays(
        st.sampled_from(("<i8", "<f4", "<f2", "u1", "<u4")),
        hnp.array_shapes(min_dims=1, max_dims=2, min_side=0, max_side=9),
    ),
    max_size=4,
)


@given(ARRAYS)
def test_arrays_come_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, arrays: dict[str, NDArray[Any]]
) -> None:
    path = tmp_path_factory.mktemp("arrays") / "some.arrays"
    write_arrays(path, {"format": 1}, arrays)
    mapped = map_arrays(path, {"format": 1})
    assert mapped is not None
    assert mapped.arrays.keys() == arrays.keys()
    for name, array in arrays.items():
        assert mapped.arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(mapped.arrays[name], array)
    assert mapped.verify()


def test_a_file_with_any_byte_changed_is_refused_or_fails_verification(tmp_path: Path) -> None:
    path = tmp_path / "some.arrays"
    write_arrays(path, {"format": 1}, {"numbers": np.arange(8), "vectors": np.ones((8, 3), np.float32)})
    whole = path.read_bytes()
    header_end = 16 + int.from_bytes(whole[8:12], "little")
    first = header_end + -header_end % 64
    second = first + 64
    assert len(whole) == second + 8 * 3 * 4
    padding = range(header_end, first)
    for position in range(len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= 0x40
        path.write_bytes(damaged)
        mapped = map_arrays(path, {"format": 1})
        assert position in padding or mapped is None or not mapped.verify(), position


@pytest.mark.parametrize("kept", [0, 7, 15, 40, -1])
def test_a_file_cut_short_is_refused(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "some.arrays"
    write_arrays(path, {"format": 1}, {"numbers": np.arange(100)})
    path.write_bytes(path.read_bytes()[:kept])
    assert map_arrays(path, {"format": 1}) is None


def test_a_file_of_another_format_model_or_place_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "some.arrays"
    write_arrays(path, {"format": 1, "model": "a"}, {"numbers": np.arange(3)})
    assert map_arrays(path, {"format": 1, "model": "a"}) is not None
    assert map_arrays(path, {"format": 2, "model": "a"}) is None
    assert map_arrays(path, {"format": 1, "model": "b"}) is None
    assert map_arrays(path, {"dimensions": 3}) is None
    assert map_arrays(tmp_path / "none", {}) is None


def _holds(path: Path) -> bool:
    with exclusive(path) as held:
        return held


def test_only_one_thread_or_process_holds_a_build_lock(tmp_path: Path) -> None:
    path = tmp_path / "index" / "lock"
    with exclusive(path) as held:
        assert held
        assert not _holds(path)
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            assert not pool.apply(_holds, (path,))
    assert _holds(path)
