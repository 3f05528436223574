"""How chunks look on disk: msgpack, in blocks, compressed with zstd and trained dictionaries.

A block holds up to `BLOCK_RECORDS` chunks written together. Templates are tiny and alike: on 29,000
chunks of real ones a dictionary and blocks of 16 took 1.9 MB where single records took 3.8, and one
read still costs about 10 µs.
"""

from __future__ import annotations

import struct
import threading
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import msgpack
import zstandard

from ..chunk import Chunk
from ..errors import StoreDamaged

BLOCK_RECORDS = 16
BLOCK_BYTES = 64 * 1024
DICTIONARY_BYTES = 64 * 1024
DICTIONARY_SAMPLE_BYTES = 8 * 1024 * 1024
FEWEST_SAMPLES = 256

_LEVEL = 12
_PLAIN = b"\x00"
_COMPRESSED = b"\x01"
_CHECKED = b"\x02"
_CHECKSUM = struct.Struct("<I")


def encode_chunk(chunk: Chunk) -> bytes:
    return bytes(
        msgpack.packb(
            (
                chunk.id,
                chunk.content,
                chunk.chunk_type,
                chunk.frameworks,
                chunk.tags,
                chunk.quality_score,
                chunk.metadata,
                chunk.created_at,
                chunk.updated_at,
                chunk.vector_key,
            )
        )
    )


def decode_chunk(record: bytes) -> Chunk:
    values = msgpack.unpackb(record, strict_map_key=False)
    values[3], values[4] = tuple(values[3]), tuple(values[4])
    return Chunk(*values)


def train_dictionary(records: Sequence[bytes]) -> bytes | None:
    """A zstd dictionary for records like these; None where they are too alike to train on."""
    step = max(1, sum(map(len, records)) // DICTIONARY_SAMPLE_BYTES)
    try:
        return zstandard.train_dictionary(DICTIONARY_BYTES, list(records[::step])).as_bytes()
    except zstandard.ZstdError:
        return None


class BlockCodec:
    """Compresses and restores blocks; thread-safe.

    `load_dictionary` is asked for a dictionary's bytes when a block names one that is not known yet,
    for example because another process trained it.
    """

    def __init__(self, compress: bool, load_dictionary: Callable[[int], bytes | None]) -> None:
        self._compress = compress
        self._load_dictionary = load_dictionary
        self._training: zstandard.ZstdCompressionDict | None = None
        self._dictionaries: dict[int, zstandard.ZstdCompressionDict] = {}
        # zstd contexts must not be used by two threads at once.
        self._local = threading.local()

    def use_dictionary(self, dictionary: bytes) -> None:
        """Compresses with `dictionary` from now on."""
        loaded = zstandard.ZstdCompressionDict(dictionary)
        loaded.precompute_compress(level=_LEVEL)
        self._dictionaries[loaded.dict_id()] = loaded
        self._training = loaded

    @property
    def has_dictionary(self) -> bool:
        return self._training is not None

    def encode_block(self, records: Sequence[bytes | None]) -> bytes:
        payload = msgpack.packb(records)
        if not self._compress:
            return _CHECKED + _CHECKSUM.pack(zlib.crc32(payload)) + bytes(payload)
        return _COMPRESSED + self._compressor().compress(payload)

    def decode_block(self, block: bytes | memoryview) -> list[bytes | None]:
        """The records of a block, None where one was removed. Raises StoreDamaged."""
        try:
            return list(msgpack.unpackb(self._payload(block)))
        except (zstandard.ZstdError, ValueError, TypeError, msgpack.UnpackException) as error:
            raise StoreDamaged(
                f"A block of chunks on disk is damaged ({error}). Call repair(), or put a backup "
                "in the folder's place; the other blocks are still readable."
            ) from error

    def _payload(self, block: bytes | memoryview) -> bytes | memoryview:
        kind, rest = block[:1], block[1:]
        if kind == _COMPRESSED:
            return self._restore(rest)
        if kind == _PLAIN:
            return rest
        if kind != _CHECKED or len(rest) < _CHECKSUM.size:
            raise ValueError("it has no known form")
        (expected,) = _CHECKSUM.unpack(rest[: _CHECKSUM.size])
        payload = rest[_CHECKSUM.size :]
        if zlib.crc32(payload) != expected:
            raise ValueError("its checksum differs")
        return payload

    def _restore(self, frame: bytes | memoryview) -> bytes:
        dictionary_id = zstandard.get_frame_parameters(frame).dict_id
        decompressors: dict[int, Any] = self._local.__dict__.setdefault("decompressors", {})
        decompressor = decompressors.get(dictionary_id)
        if decompressor is None:
            dictionary = self._dictionary(dictionary_id) if dictionary_id else None
            decompressor = decompressors[dictionary_id] = zstandard.ZstdDecompressor(dict_data=dictionary)
        return bytes(decompressor.decompress(frame))

    def _dictionary(self, dictionary_id: int) -> zstandard.ZstdCompressionDict:
        dictionary = self._dictionaries.get(dictionary_id)
        if dictionary is None:
            data = self._load_dictionary(dictionary_id)
            if data is None:
                raise ValueError(f"its dictionary {dictionary_id} is not in the store")
            dictionary = self._dictionaries[dictionary_id] = zstandard.ZstdCompressionDict(data)
        return dictionary

    def _compressor(self) -> zstandard.ZstdCompressor:
        made: tuple[Any, zstandard.ZstdCompressor] | None = getattr(self._local, "compressor", None)
        if made is None or made[0] is not self._training:
            compressor = zstandard.ZstdCompressor(
                level=_LEVEL, dict_data=self._training, write_checksum=True, write_content_size=True
            )
            made = self._local.compressor = (self._training, compressor)
        return made[1]


def dictionary_id(dictionary: bytes) -> int:
    return int(zstandard.ZstdCompressionDict(dictionary).dict_id())


def pack_dictionary(dictionary: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=_LEVEL).compress(dictionary)


def unpack_dictionary(packed: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompress(packed)
