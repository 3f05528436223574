"""Labels as hashes: what of a chunk can be filtered by equality, and which labels a filter asks for."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

from ..chunk import Chunk, normalise_label
from .embedding_text import stands_alone
from .filters import Filters

FRAMEWORK = b"f"
TAG = b"t"
CHUNK_TYPE = b"c"

LabelGroups = tuple[tuple[int, ...], ...]
"""Hashes of labels; a chunk passes that carries at least one of every group."""


@lru_cache(1 << 14)
def label_hash(kind: bytes, normalised: str) -> int:
    """64 bits that stand for a label in its normalised form. Of a million different labels, two share
    theirs with a probability of 3 in 10^8."""
    return int.from_bytes(blake2b(kind + normalised.encode(), digest_size=8).digest(), "little")


STANDS_ALONE = label_hash(b"a", "")
"""The label of what stands alone."""


def labels_of(chunk: Chunk) -> frozenset[int]:
    """The labels that a chunk carries."""
    return _labels(chunk.chunk_type, chunk.frameworks, chunk.tags, stands_alone(chunk))


def labels_wanted(filters: Filters) -> LabelGroups:
    """The labels that chunks must carry to pass."""
    groups = list[tuple[int, ...]]()
    for kind, names, mode in (
        (FRAMEWORK, filters.frameworks, filters.frameworks_mode),
        (TAG, filters.tags, filters.tags_mode),
        (CHUNK_TYPE, filters.chunk_types, "any"),
    ):
        hashes = tuple(label_hash(kind, name) for name in names)
        groups.extend([(one,) for one in hashes] if mode == "all" else [hashes] if hashes else [])
    if filters.standing_alone:
        groups.append((STANDS_ALONE,))
    return tuple(groups)


@lru_cache(1 << 14)
def _labels(
    chunk_type: str, frameworks: tuple[str, ...], tags: tuple[str, ...], alone: bool
) -> frozenset[int]:
    own = [(CHUNK_TYPE, chunk_type), *((FRAMEWORK, one) for one in frameworks), *((TAG, one) for one in tags)]
    hashes = {label_hash(kind, normalise_label(label)) for kind, label in own}
    return frozenset(hashes | {STANDS_ALONE} if alone else hashes)
