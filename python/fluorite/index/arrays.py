"""Named arrays in one file, mapped into memory: what every derived index is kept in.

    8 bytes    magic
    8 bytes    length and CRC-32 of the header, each uint32 little-endian
    header     msgpack: about (what the writer says of it), arrays (name, dtype, shape, offset, CRC-32)
    arrays     each at a multiple of 64 bytes, little-endian, C order

A file is written beside, synced and moved into place, so a reader sees an old whole file or a new one.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgpack
import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
"""Sequence numbers of chunks: the one name of a chunk that all indexes share."""
Vectors = NDArray[np.float32]

MAGIC = b"FLUOARR1"
ALIGNMENT = 64
BLOCK_BYTES = 1 << 24
PAGE_BYTES = 4096

_PREFIX = struct.Struct("<8sII")


@dataclass(frozen=True, slots=True)
class MappedArrays:
    """A file's arrays, read-only and mapped: a page is read from the disk when it is first touched."""

    about: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]]
    checksums: Mapping[str, int]

    def verify(self, check: Callable[[], None] | None = None) -> bool:
        """Whether the arrays are what was written. Reads the whole file; `check` may raise in between."""
        return all(_checksum(array, check) == self.checksums[name] for name, array in self.arrays.items())

    def touch(self, check: Callable[[], None]) -> None:
        """Touches every page, so that no search has to: 30 ms for a gigabyte that the system has cached."""
        for array in self.arrays.values():
            data = _bytes(array)
            for start in range(0, data.size, BLOCK_BYTES):
                check()
                data[start : start + BLOCK_BYTES : PAGE_BYTES].max()


def write_arrays(path: Path, about: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Writes `arrays` and `about`, whose values msgpack must know, to `path`, atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    checksums = {name: _checksum(array) for name, array in contiguous.items()}
    header = _header(about, contiguous, checksums)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(_PREFIX.pack(MAGIC, len(header), zlib.crc32(header)) + header)
            for array in contiguous.values():
                file.write(b"\0" * (-file.tell() % ALIGNMENT))
                file.write(_bytes(array).data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def map_arrays(path: Path, expected: Mapping[str, Any]) -> MappedArrays | None:
    """The arrays in `path`; None where the file is missing or cut short, its header is damaged, or its
    `about` differs from `expected` in one of that mapping's names."""
    try:
        # As a plain array: slices of np.memmap cost microseconds each.
        data: NDArray[np.uint8] = np.asarray(np.memmap(path, np.uint8, "r"))
        magic, length, checksum = _PREFIX.unpack(data[: _PREFIX.size].tobytes())
        header = data[_PREFIX.size : _PREFIX.size + length].tobytes()
    except (OSError, ValueError, struct.error):
        return None
    if magic != MAGIC or zlib.crc32(header) != checksum:
        return None
    described = msgpack.unpackb(header)
    about = described["about"]
    if any(about.get(name) != value for name, value in expected.items()):
        return None
    arrays, checksums = {}, {}
    start = _PREFIX.size + length
    for name, kind, shape, size, checksums[name] in described["arrays"]:
        start += -start % ALIGNMENT
        if start + size > data.size:
            return None
        arrays[name] = data[start : start + size].view(kind).reshape(shape)
        start += size
    return MappedArrays(about, arrays, checksums)


def _header(
    about: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], checksums: Mapping[str, int]
) -> bytes:
    described = [
        (name, array.dtype.newbyteorder("<").str, array.shape, array.nbytes, checksums[name])
        for name, array in arrays.items()
    ]
    return bytes(msgpack.packb({"about": dict(about), "arrays": described}))


def _checksum(array: NDArray[Any], check: Callable[[], None] | None = None) -> int:
    data, checksum = _bytes(array), 0
    for start in range(0, data.size, BLOCK_BYTES):
        if check is not None:
            check()
        checksum = zlib.crc32(data[start : start + BLOCK_BYTES].data, checksum)
    return checksum


def _bytes(array: NDArray[Any]) -> NDArray[np.uint8]:
    """The array's memory, flat; empty arrays have none to view."""
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    return little.reshape(-1).view(np.uint8) if little.size else np.empty(0, np.uint8)
