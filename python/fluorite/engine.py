"""The engine: what a bridge can ask of a memory. Thin methods; the work is in the rooms below."""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import __version__
from .answers import chunk_fields, hit_fields
from .chunk import check_id, check_label, encoded_size
from .context import CallContext
from .errors import InvalidArgument
from .given import read_given, read_one
from .memory import open_memory, release_memory
from .operation import Lane, operation
from .search.options import SearchOptions, check_limit
from .settings import Settings
from .store import given_for

if TYPE_CHECKING:
    from .search.query import Query
    from .search.retriever import Retriever

MOST_LISTED = 10_000
MOST_PING_BYTES = 1 << 30


def _lane_of_search(arguments: Mapping[str, Any]) -> Lane:
    """A vector is searched without the model, which a text may have to wait for."""
    queries = arguments.get("queries", [arguments.get("query")])
    by_vector = isinstance(queries, list) and all(isinstance(query, memoryview) for query in queries)
    return "interactive" if by_vector else "model"


class MemoryEngine:
    """A memory under the settings of one bridge.

    Several engines may share a folder, in one process or in many. `background` takes work that may
    run later; without it the next search does what it would have done.
    """

    def __init__(
        self, settings: Settings, background: Callable[[Callable[[], None]], None] | None = None
    ) -> None:
        self._settings = settings
        self._background = background
        self._memory = open_memory(settings.memory_path, settings.memory)

    @cached_property
    def _retriever(self) -> Retriever:
        # numpy takes 80 ms to import, and storing and reading chunks needs none of it.
        from .search.retriever import Retriever

        return Retriever(self._memory, self._settings, self._background)

    @operation("interactive")
    def ping(self, _context: CallContext, send: Any = None, receive_bytes: int = 0) -> dict[str, Any]:
        """Measures the door: where a received buffer lies, and a buffer of the wanted size back."""
        import numpy as np

        from .addresses import address_of

        received = np.zeros(check_limit("receive_bytes", receive_bytes, MOST_PING_BYTES, least=0), np.uint8)
        return {
            "sent_address": address_of(send) if send is not None else None,
            "received_address": address_of(received),
            "received": received,
        }

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
        wanted = [check_id(identifier) for identifier in _list("ids", ids)]
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
            prefix=_text("prefix", prefix),
            framework=framework,
            tag=tag,
            limit=check_limit("limit", limit, MOST_LISTED),
            cursor=_text("cursor", cursor) if cursor is not None else None,
        )
        return {"chunks": [chunk_fields(chunk) for chunk in page.chunks], "cursor": page.cursor}

    @operation(_lane_of_search)
    def search_similar(
        self, context: CallContext, query: Any, limit: int = 10, options: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """`search_many` for one query."""
        from .search.query import read_query

        return self._search([read_query(query, self._dimensions)], limit, options, context)

    @operation(_lane_of_search)
    def search_many(
        self, context: CallContext, queries: Any, limit: int = 10, options: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """For each query {hits, incomplete}: the best chunks, best first, and why some may be missing."""
        from .search.query import MOST_QUERIES, read_query

        given = _list("queries", queries)
        check_limit("The number of queries", len(given), MOST_QUERIES, least=0)
        read = [read_query(one, self._dimensions, f"queries[{row}]") for row, one in enumerate(given)]
        return self._search(read, limit, options, context)

    @operation("model")
    def generate_embeddings(self, context: CallContext, texts: Sequence[str]) -> dict[str, Any]:
        """Unit vectors of texts: {data: float32 (rows × dimensions), rows, dimensions}."""
        data = self._retriever.embed(
            _texts("texts", texts), context, lambda done, total: context.report("embed", done, total)
        )
        return {"data": data, "rows": data.shape[0], "dimensions": data.shape[1]}

    @operation("model")
    def semantic_search(
        self, context: CallContext, query: str, documents: Sequence[str], top_k: int = 5
    ) -> list[dict[str, Any]]:
        """The documents nearest in meaning to a query, best first. Nothing is stored."""
        from .search.dense import nearest_documents

        texts = [_text("query", query), *_texts("documents", documents)]
        top_k = check_limit("top_k", top_k)
        readable = self._retriever.spaces.service().readable
        vectors = self._retriever.embed([readable(text) for text in texts], context)
        return [
            {"document_index": row, "document_content": texts[row + 1], "similarity_score": score}
            for row, score in nearest_documents(vectors[0], vectors[1:], top_k)
        ]

    @operation("background")
    def learn_from_spikes(self, context: CallContext, path: str | None = None) -> dict[str, Any]:
        """Learns a folder of templates; see learning.learn_spikes."""
        from .learning import learn_spikes

        given = Path(_text("path", path)).expanduser().absolute() if path is not None else None
        folder = given or self._settings.spike_templates_path
        if folder is None:
            raise InvalidArgument(
                "learnFromSpikes needs a folder. Pass { path }, or spike_templates_path to initialize."
            )
        embed = self._retriever.upkeep.embed_pending
        with self._memory.learning:
            report = learn_spikes(folder, self._memory.chunks, embed, self._settings.learning, context)
            fields = asdict(report)
            self._memory.chunks.facts.put("learning", {"at": time.time_ns() // 1_000_000, "report": fields})
        self._retriever.upkeep.later()
        return fields

    @operation("interactive")
    def get_learning_stats(self, _context: CallContext) -> dict[str, Any]:
        """What the last learning run of this memory did, and when (milliseconds since 1970)."""
        last = self._memory.chunks.facts.get("learning") or {"at": None, "report": None}
        return {"chunks": self._memory.chunks.count(), "last_run_at": last["at"], "last_run": last["report"]}

    @operation("interactive")
    def get_metrics(self, _context: CallContext) -> dict[str, Any]:
        """Counts and sizes, read from the stores themselves; `_bytes` are bytes."""
        return {
            "version": __version__,
            "python_version": platform.python_version(),
            "python_modules": sorted(name for name in sys.modules if not name.startswith("_")),
            "chunks": self._memory.chunks.count(),
            "sequence": self._memory.chunks.sequence(),
            "store_bytes": self._memory.chunks.used_bytes(),
            "embeddings_bytes": self._memory.embeddings.used_bytes(),
            "cache": self._memory.chunks.cache_statistics(),
            **self._retriever.statistics(),
        }

    def close(self) -> None:
        """Stops background work, saves the indexes and lets go of the memory."""
        if "_retriever" in self.__dict__:
            self._retriever.close()
        release_memory(self._memory)

    def _search(
        self, queries: Sequence[Query], limit: int, options: Mapping[str, Any] | None, context: CallContext
    ) -> list[dict[str, Any]]:
        chosen = SearchOptions.from_fields(options)
        found = self._retriever.find(queries, check_limit("limit", limit), chosen, context)
        return [
            {
                "hits": [hit_fields(hit) for hit in one.hits],
                "incomplete": None if one.incomplete is None else asdict(one.incomplete),
            }
            for one in found
        ]

    def _tend(self, is_much: bool) -> None:
        """Has the indexes brought level in the background, once there is a reason to open them."""
        if "_retriever" in self.__dict__ or (is_much and self._settings.ml.enable_ml):
            self._retriever.upkeep.later()

    def _dimensions(self) -> int:
        return self._retriever.dimensions()

    def _given_model(self) -> str:
        return given_for(self._retriever.spaces.wanted().space.model_id)


def _list(name: str, values: object) -> Sequence[Any]:
    if not isinstance(values, list | tuple):
        raise InvalidArgument(f"{name} is {type(values).__name__}. Give a list of strings.")
    return values


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidArgument(f"{name} is {type(value).__name__}. Give a string.")
    encoded_size(value, name)
    return value


def _texts(name: str, values: object) -> list[str]:
    return [_text(f"{name}[{position}]", value) for position, value in enumerate(_list(name, values))]
