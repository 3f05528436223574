from __future__ import annotations

from typing import Any

import msgpack
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluorite import wire
from fluorite.errors import InvalidArgument

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(plain)
def test_plain_values_survive(value: Any) -> None:
    envelope, buffers = wire.encode(value)
    assert (wire.decode(envelope, []), buffers) == (value, [])


@pytest.mark.parametrize("rows", [0, 1, 3, 5000])
@pytest.mark.parametrize("dtype", ["u1", "u4", "f4", "f8"])
def test_arrays_survive_inline_and_beside(rows: int, dtype: str) -> None:
    array = np.arange(rows, dtype=dtype)
    envelope, buffers = wire.encode({"data": array})
    assert len(buffers) == (array.nbytes > wire.INLINE_BYTES)
    restored = wire.decode(envelope, [memoryview(item).cast("B") for item in buffers])["data"]
    assert restored.format == array.dtype.char and np.array_equal(np.asarray(restored), array)


def test_a_large_array_travels_without_being_copied() -> None:
    array = np.zeros(100_000, np.float32)
    _, (buffer,) = wire.encode(array)
    assert buffer is array


@given(st.binary(max_size=64))
def test_any_bytes_are_read_or_refused_with_one_error(envelope: bytes) -> None:
    try:
        wire.decode(envelope, [])
    except InvalidArgument as error:
        assert "envelope" in str(error)


def test_a_reference_to_a_buffer_that_did_not_come_is_refused() -> None:
    envelope = msgpack.packb(msgpack.ExtType(wire.REFERENCE, b"f\x05\x00\x00\x00"))
    with pytest.raises(InvalidArgument):
        wire.decode(envelope, [])


def test_a_result_without_a_form_on_the_wire_is_a_fault() -> None:
    with pytest.raises(TypeError, match="object"):
        wire.encode({"x": object()})
    with pytest.raises(TypeError, match="elements"):
        wire.encode(np.zeros(3, np.float16))
