"""Reads the chunks of a store that can teach what they are asked for; of very many, a sample."""

from __future__ import annotations

from ...chunk import Chunk, metadata_text, owner_of
from ...context import CallContext
from ...store import ChunkStore
from .pairs import DOCUMENT_TYPES, TrainingPair, bounded, hash_of_key, pairs_of, stem, with_families

TEMPLATE_TYPE = "template"
MOST_CHUNKS = 1 << 16
"""Chunks held in memory; of more, all of some keys are held."""


def read_pairs(store: ChunkStore, context: CallContext, most: int = MOST_CHUNKS) -> list[TrainingPair]:
    """The pairs of all chunks of a store, with families; bounded, chosen by their keys."""
    sequence, last = 0, store.sequence()
    sample = _Sample(most)
    removed = set[int]()
    while sequence < last:
        context.report("pairs", sequence, last)
        changes = store.changes_since(sequence)
        removed.update(changes.removed)
        for number, chunk in changes.added:
            sample.add(number, chunk)
        sequence = changes.sequence
    alive = [(number, chunk) for number, chunk in sample.chunks.items() if number not in removed]
    told = {chunk.id: chunk for _, chunk in alive if chunk.chunk_type == TEMPLATE_TYPE}
    teaching = [(number, chunk) for number, chunk in alive if chunk.chunk_type != TEMPLATE_TYPE]
    return with_families(bounded(pairs_of(teaching, told)))


class _Sample:
    """Chunks by number: all that teach, or those of the keys with the least hashes, the same in whatever
    order they come."""

    def __init__(self, most: int) -> None:
        self.chunks: dict[int, Chunk] = {}
        self._most = most
        self._hashes: dict[int, int] = {}
        self._limit = 1 << 64

    def add(self, number: int, chunk: Chunk) -> None:
        if not _teaches(chunk):
            return
        place = hash_of_key(stem(owner_of(chunk) or chunk.id))
        if place >= self._limit:
            return
        self.chunks[number], self._hashes[number] = chunk, place
        if len(self.chunks) > self._most:
            self._limit = sorted(self._hashes.values())[self._most // 2]
            self._hashes = {one: place for one, place in self._hashes.items() if place < self._limit}
            self.chunks = {one: self.chunks[one] for one in self._hashes}


def _teaches(chunk: Chunk) -> bool:
    if chunk.chunk_type == "correction" or not isinstance(chunk.content, str):
        return chunk.chunk_type == TEMPLATE_TYPE
    known = owner_of(chunk) is not None or metadata_text(chunk, "description") != ""
    return known or chunk.chunk_type in (TEMPLATE_TYPE, *DOCUMENT_TYPES)
