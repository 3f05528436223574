"""Exact search over unit vectors: a matrix, the numbers of its rows, and a file that holds both.

The file is derived and disposable:

    8 bytes    magic
    4 bytes    length of the header, little-endian
    header     msgpack: format, model, dimensions, rows, sequence, checksum (CRC-32 of what follows)
    padding    to a multiple of 64 bytes
    numbers    rows × uint64, little-endian
    vectors    rows × dimensions × float32, little-endian

It is written beside, synced and moved into place, so a reader sees an old whole file or a new one.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgpack
import numpy as np
from numpy.typing import NDArray

FORMAT = 1
MAGIC = b"FLUOVEC\n"
ALIGNMENT = 64

Vectors = NDArray[np.float32]
Numbers = NDArray[np.uint64]


class VectorIndex:
    """Vectors of one model, searched by cosine. Not thread-safe: the follower that owns it locks."""

    def __init__(self, model_id: str, dimensions: int) -> None:
        self.model_id = model_id
        self.dimensions = dimensions
        self.sequence = 0
        self._rows: dict[int, int] = {}
        self._numbers: Numbers = np.empty(0, np.uint64)
        self._vectors: Vectors = np.empty((0, dimensions), np.float32)
        self._alive: NDArray[np.bool_] = np.empty(0, np.bool_)
        self._used = 0

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, number: int) -> bool:
        return number in self._rows

    def add(self, numbers: Sequence[int], vectors: Vectors) -> None:
        """Adds unit vectors of shape (len(numbers), dimensions)."""
        self._reserve(self._used + len(numbers))
        stop = self._used + len(numbers)
        self._numbers[self._used : stop] = numbers
        self._vectors[self._used : stop] = vectors
        self._alive[self._used : stop] = True
        for row, number in enumerate(numbers, self._used):
            self._rows[number] = row
        self._used = stop

    def remove(self, numbers: Iterable[int]) -> None:
        """Forgets these numbers; unknown ones are passed over."""
        for number in numbers:
            row = self._rows.pop(number, None)
            if row is not None:
                self._alive[row] = False

    def search(self, query: Vectors, most: int) -> tuple[Numbers, Vectors]:
        """The numbers and cosines of the `most` nearest vectors, best first; equal ones by number.

        `query` is a unit vector of shape (dimensions,).
        """
        scores = np.where(self._alive[: self._used], self._vectors[: self._used] @ query, -np.inf)
        rows = _largest(scores, min(most, len(self)))
        order = np.lexsort((self._numbers[rows], -scores[rows]))
        return self._numbers[rows][order], scores[rows][order].astype(np.float32)

    def save(self, path: Path) -> None:
        """Writes the live vectors to `path`, atomically."""
        alive = self._alive[: self._used]
        numbers = np.ascontiguousarray(self._numbers[: self._used][alive], "<u8")
        vectors = np.ascontiguousarray(self._vectors[: self._used][alive], "<f4")
        header = msgpack.packb(
            {
                "format": FORMAT,
                "model": self.model_id,
                "dimensions": self.dimensions,
                "rows": len(numbers),
                "sequence": self.sequence,
                "checksum": zlib.crc32(vectors.data, zlib.crc32(numbers.data)),
            }
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        with temporary.open("wb") as file:
            file.write(MAGIC + struct.pack("<I", len(header)) + header)
            file.write(b"\0" * (-file.tell() % ALIGNMENT))
            file.write(numbers.data)
            file.write(vectors.data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)

    @classmethod
    def load(cls, path: Path, model_id: str, dimensions: int) -> VectorIndex | None:
        """The index in `path`; None where it is missing, damaged or of another model or format."""
        try:
            data = np.fromfile(path, np.uint8)
        except OSError:
            return None
        header, start = _header(data)
        expected = (FORMAT, model_id, dimensions)
        if header is None or (header["format"], header["model"], header["dimensions"]) != expected:
            return None
        rows = header["rows"]
        body = data[start:]
        if body.size != rows * (8 + 4 * dimensions) or zlib.crc32(body.data) != header["checksum"]:
            return None
        index = cls(model_id, dimensions)
        index.sequence = header["sequence"]
        index._numbers = body[: rows * 8].view("<u8")
        index._vectors = body[rows * 8 :].view("<f4").reshape(rows, dimensions)
        index._alive = np.ones(rows, np.bool_)
        index._used = rows
        index._rows = dict(zip(index._numbers.tolist(), range(rows), strict=True))
        return index

    def _reserve(self, rows: int) -> None:
        if rows <= len(self._numbers):
            return
        capacity = max(1024, rows, 2 * len(self._numbers))
        self._numbers = _grown(self._numbers, (capacity,), self._used)
        self._vectors = _grown(self._vectors, (capacity, self.dimensions), self._used)
        self._alive = _grown(self._alive, (capacity,), self._used)


def _largest(scores: Vectors, most: int) -> NDArray[np.intp]:
    if most >= len(scores):
        return np.flatnonzero(scores > -np.inf)
    return np.argpartition(-scores, most - 1)[:most] if most else np.empty(0, np.intp)


def _grown(array: NDArray[Any], shape: tuple[int, ...], used: int) -> NDArray[Any]:
    grown = np.empty(shape, array.dtype)
    grown[:used] = array[:used]
    return grown


def _header(data: NDArray[np.uint8]) -> tuple[dict[str, Any] | None, int]:
    prefix = len(MAGIC) + 4
    if data.size < prefix or data[: len(MAGIC)].tobytes() != MAGIC:
        return None, 0
    (length,) = struct.unpack("<I", data[len(MAGIC) : prefix].tobytes())
    try:
        header = msgpack.unpackb(data[prefix : prefix + length].tobytes())
    except (ValueError, msgpack.UnpackException):
        return None, 0
    names = {"format", "model", "dimensions", "rows", "sequence", "checksum"}
    if not isinstance(header, dict) or header.keys() != names:
        return None, 0
    stop = prefix + length
    return header, stop + -stop % ALIGNMENT
