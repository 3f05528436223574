"""Searching and embedding."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ..answers import hit_fields
from ..context import CallContext
from ..operation import Lane, operation
from ..search.options import SearchOptions, check_limit
from .base import EngineBase, check_list, check_text, check_texts

if TYPE_CHECKING:
    from ..search.query import Query
    from ..search.retriever import Found


def _lane_of_search(arguments: Mapping[str, Any]) -> Lane:
    """A vector is searched without the model, which a text may have to wait for."""
    queries = arguments.get("queries", [arguments.get("query")])
    by_vector = isinstance(queries, list) and all(isinstance(query, memoryview) for query in queries)
    return "interactive" if by_vector else "model"


class SearchOperations(EngineBase):
    """What can be asked by text, vector or example."""

    @operation(_lane_of_search)
    def search_similar(
        self, context: CallContext, query: Any, limit: int = 10, options: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """`search_many` for one query."""
        from ..search.query import read_query

        return self._search([read_query(query, self._dimensions)], limit, options, context)

    @operation(_lane_of_search)
    def search_many(
        self, context: CallContext, queries: Any, limit: int = 10, options: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """For each query {hits, incomplete}: the best chunks, best first, and why some may be missing."""
        from ..search.query import MOST_QUERIES, read_query

        given = check_list("queries", queries)
        check_limit("The number of queries", len(given), MOST_QUERIES, least=0)
        read = [read_query(one, self._dimensions, f"queries[{row}]") for row, one in enumerate(given)]
        return self._search(read, limit, options, context)

    @operation("model")
    def generate_embeddings(self, context: CallContext, texts: Sequence[str]) -> dict[str, Any]:
        """Unit vectors of texts: {data: float32 (rows × dimensions), rows, dimensions}."""
        data = self._retriever.embed(
            check_texts("texts", texts), context, lambda done, total: context.report("embed", done, total)
        )
        return {"data": data, "rows": data.shape[0], "dimensions": data.shape[1]}

    @operation("model")
    def semantic_search(
        self, context: CallContext, query: str, documents: Sequence[str], top_k: int = 5
    ) -> list[dict[str, Any]]:
        """The documents nearest in meaning to a query, best first. Nothing is stored."""
        from ..search.dense import nearest_documents

        texts = [check_text("query", query), *check_texts("documents", documents)]
        top_k = check_limit("top_k", top_k)
        readable = self._retriever.spaces.service().readable
        vectors = self._retriever.embed([readable(text) for text in texts], context)
        return [
            {"document_index": row, "document_content": texts[row + 1], "similarity_score": score}
            for row, score in nearest_documents(vectors[0], vectors[1:], top_k)
        ]

    def _search(
        self, queries: Sequence[Query], limit: int, options: Mapping[str, Any] | None, context: CallContext
    ) -> list[dict[str, Any]]:
        chosen = SearchOptions.from_fields(options)
        started = time.perf_counter()
        found = self._retriever.find(queries, check_limit("limit", limit), chosen, context)
        self._note(queries, found, time.perf_counter() - started)
        return [
            {
                "hits": [hit_fields(hit) for hit in one.hits],
                "incomplete": None if one.incomplete is None else asdict(one.incomplete),
            }
            for one in found
        ]

    def _note(self, queries: Sequence[Query], found: Sequence[Found], seconds: float) -> None:
        """Counts searches, and keeps their texts. Of a call's time each has its share."""
        if not queries:
            return
        share = seconds / len(queries)
        vectors = sum(query.vector is not None for query in queries)
        for kind, count in (("vector", vectors), ("text", len(queries) - vectors)):
            if count:
                self._memory.latencies[kind].add(share, count)
        if vectors == len(queries) or not self._settings.privacy.history:
            return
        history = self._history
        if history is not None:
            for query, one in zip(queries, found, strict=True):
                if query.text is not None:
                    history.add(query.text, [hit.chunk.id for hit in one.hits], share * 1e3)
