"""The envelope: msgpack values in which buffers travel beside the text.

Bytes are plain msgpack values. Two extension types stand for typed memory: REFERENCE (element type,
index) names a buffer of the call, INLINE (element type, bytes) carries a small one. Element types are
those of `struct`: B uint8, I uint32, f float32, d float64.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import msgpack

from .errors import InvalidArgument

REFERENCE = 1
INLINE = 2
INLINE_BYTES = 4096
ELEMENTS = frozenset("BIfd")


def decode(envelope: bytes, buffers: Sequence[bytes | memoryview]) -> Any:
    """The value of an envelope; typed memory becomes memoryviews of its element type."""

    def restore(kind: int, data: bytes) -> Any:
        element = chr(data[0])
        if kind == INLINE:
            return memoryview(data[1:]).cast("B").cast(element)  # type: ignore[call-overload]
        (index,) = struct.unpack("<I", data[1:])
        return memoryview(buffers[index]).cast("B").cast(element)  # type: ignore[call-overload]

    try:
        return msgpack.unpackb(
            envelope, ext_hook=restore, strict_map_key=False, unicode_errors="surrogatepass"
        )
    except (ValueError, IndexError, struct.error, msgpack.UnpackException) as error:
        raise InvalidArgument(f"The call's envelope cannot be read ({error}). Use lib/ to make it.") from None


def encode(value: Any) -> tuple[bytes, list[Any]]:
    """An envelope, and the buffers that travel beside it: the arrays over 4 KiB."""
    buffers: list[Any] = []

    def replace(item: Any) -> Any:
        if is_dataclass(item) and not isinstance(item, type):
            return {entry.name: getattr(item, entry.name) for entry in fields(item)}
        view = memoryview(item)
        if view.format not in ELEMENTS:
            raise TypeError(f"an array of elements {view.format!r} has no form on the wire")
        element = view.format.encode()
        if view.nbytes <= INLINE_BYTES:
            return msgpack.ExtType(INLINE, element + view.tobytes())
        buffers.append(item)
        return msgpack.ExtType(REFERENCE, element + struct.pack("<I", len(buffers) - 1))

    return bytes(msgpack.packb(value, default=replace)), buffers
