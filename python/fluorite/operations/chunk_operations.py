"""Storing, reading, listing and removing chunks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ..answers import chunk_fields
from ..chunk import check_id, check_label
from ..context import CallContext
from ..given import read_given, read_one
from ..operation import operation
from ..search.options import check_limit
from ..store import given_for
from .base import EngineBase, check_list, check_text

MOST_LISTED = 10_000


class ChunkOperations(EngineBase):
    """What can be asked about single chunks."""

    @operation("interactive")
    def store_chunk(self, context: CallContext, chunk: Mapping[str, Any]) -> str:
        """Stores one chunk and returns its id; on disk when this returns."""
        given, vector = read_one(chunk, self._dimensions, self._settings.memory.max_chunk_size)
        if vector is not None and given.vector_key is not None:
            self._memory.embeddings.put(self._given_model(), [given.vector_key], vector[None, :])
        self._memory.chunks.put([given])
        self._tend(vector is None)
        return given.id

    @operation("background")
    def store_chunks(self, context: CallContext, chunks: object) -> dict[str, Any]:
        """Stores many chunks in one transaction, then embeds those that came without a vector."""
        given = read_given(chunks, self._dimensions, self._settings.memory.max_chunk_size)
        context.report("store", 0, len(given.chunks))
        if given.vectors:
            import numpy as np

            keyed = {chunk.vector_key: given.vectors.get(chunk.id) for chunk in given.chunks}
            rows = {key: vector for key, vector in keyed.items() if key is not None and vector is not None}
            self._memory.embeddings.put(self._given_model(), list(rows), np.stack(list(rows.values())))
        written = self._memory.chunks.put(given.chunks)
        context.report("store", len(given.chunks), len(given.chunks))
        if self._settings.ml.enable_ml and any(chunk.vector_key is None for chunk in given.chunks):
            self._retriever.upkeep.embed_pending(context)
        self._tend(bool(given.chunks))
        return {**asdict(written), "rejected": given.rejected}

    @operation("interactive")
    def get_chunks(self, _context: CallContext, ids: Sequence[str]) -> list[dict[str, Any] | None]:
        """The chunks with these ids, in their order; None where there is none."""
        wanted = [check_id(identifier) for identifier in check_list("ids", ids)]
        return [None if chunk is None else chunk_fields(chunk) for chunk in self._memory.chunks.get(wanted)]

    @operation("interactive")
    def delete_chunk(self, _context: CallContext, id: str) -> bool:
        """Removes a chunk and says whether there was one."""
        return self._memory.chunks.delete([check_id(id)]) > 0

    @operation("interactive")
    def list_chunks(
        self,
        _context: CallContext,
        prefix: str = "",
        framework: str | None = None,
        tag: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> dict[str, Any]:
        """A page of chunks: {chunks, cursor}; see ChunkStore.page."""
        for name, label in (("framework", framework), ("tag", tag)):
            if label is not None:
                check_label(name, label)
        page = self._memory.chunks.page(
            prefix=check_text("prefix", prefix),
            framework=framework,
            tag=tag,
            limit=check_limit("limit", limit, MOST_LISTED),
            cursor=check_text("cursor", cursor) if cursor is not None else None,
        )
        return {"chunks": [chunk_fields(chunk) for chunk in page.chunks], "cursor": page.cursor}

    def _tend(self, is_much: bool) -> None:
        """Has the indexes brought level in the background, once there is a reason to open them."""
        if self._opened is not None or (is_much and self._settings.ml.enable_ml):
            self._retriever.upkeep.later()

    def _given_model(self) -> str:
        return given_for(self._retriever.spaces.wanted().space.model_id)
