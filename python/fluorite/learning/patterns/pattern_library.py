"""What the chunks of one memory have in common, counted when it is asked for and kept until they change."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import numpy as np

from ...chunk import Chunk
from ...context import CallContext
from ...index.catalog import Catalog
from ...index.embedding_space import EmbeddingSpace
from ...store import ChunkStore
from .associations import FrameworkCount, Relationship, framework_relationships, frameworks_by_count
from .baskets import Baskets, baskets_of
from .clusters import PatternCluster, chosen_clusters, pattern_clusters
from .integration import IntegrationPatterns, integration_patterns

CLUSTERS_FACT = "clusters"
PAGE = 4096


class PatternLibrary:
    """Relationships, combinations and clusters over one store; thread-safe."""

    def __init__(self, store: ChunkStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._baskets: tuple[int, Baskets] | None = None
        self._clusters: tuple[int, str, Sequence[PatternCluster]] | None = None

    def frameworks(self, limit: int, context: CallContext) -> list[FrameworkCount]:
        """See frameworks_by_count."""
        return frameworks_by_count(self._counted(context), limit)

    def relationships(
        self, framework: str | None, min_support: float, limit: int, context: CallContext
    ) -> list[Relationship]:
        """See framework_relationships."""
        return list(framework_relationships(self._counted(context), framework, min_support, limit))

    def integration(self, frameworks: Sequence[str], limit: int, context: CallContext) -> IntegrationPatterns:
        """See integration_patterns."""
        return integration_patterns(frameworks, self._counted(context), limit)

    def clusters(
        self,
        space: EmbeddingSpace,
        catalog: Catalog,
        limit: int,
        framework: str | None,
        context: CallContext,
    ) -> list[PatternCluster]:
        """Clusters of the chunks that have a vector in `space`, the largest first; see pattern_clusters."""
        with self._lock:
            sequence = self._store.sequence()
            if self._clusters is None or self._clusters[:2] != (sequence, space.model_id):
                made = self._made(space, catalog, context)
                self._clusters = (sequence, space.model_id, made)
            return list(chosen_clusters(self._clusters[2], limit, framework))

    def _counted(self, context: CallContext) -> Baskets:
        with self._lock:
            sequence = self._store.sequence()
            if self._baskets is None or self._baskets[0] != sequence:
                self._baskets = (sequence, baskets_of(_all_chunks(self._store, context)))
            return self._baskets[1]

    def _made(
        self, space: EmbeddingSpace, catalog: Catalog, context: CallContext
    ) -> Sequence[PatternCluster]:
        numbers = np.array(sorted(self._store.numbers()), np.int64)
        numbers = numbers[space.index.contains(numbers)]
        found = pattern_clusters(
            space.index.vectors(numbers),
            numbers,
            self._store.get_by_number,
            self._store.facts.get(CLUSTERS_FACT),
            space=space.model_id,
            fingerprints=catalog.fingerprints(numbers),
            context=context,
        )
        self._store.facts.put(CLUSTERS_FACT, found.record)
        return found.clusters


def _all_chunks(store: ChunkStore, context: CallContext) -> Iterator[Chunk]:
    total, done, sequence = store.count(), 0, 0
    while sequence < store.sequence():
        changes = store.changes_since(sequence, PAGE)
        yield from (chunk for _, chunk in changes.added)
        sequence, done = changes.sequence, done + len(changes.added)
        context.report("count", min(done, total), total)
