"""What the patterns of a memory have in common."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ..chunk import check_id, check_label, owner_of
from ..context import CallContext
from ..errors import InvalidArgument
from ..feedback import quality_signal
from ..operation import operation
from ..search.options import check_limit, check_number
from .base import EngineBase, check_texts

if TYPE_CHECKING:
    from ..learning.patterns.pattern_library import PatternLibrary

MOST_FRAMEWORKS = 20
MOST_RELATIONSHIPS = 10_000
MOST_PATTERNS = 1_000
MOST_CLUSTERS = 10_000
MOST_FILES = 10_000
MOST_JUDGEMENTS = 1_000
"""Of more feedbacks on one chunk, the latest enter its quality."""


class PatternOperations(EngineBase):
    """What can be asked about frameworks, their combinations, and clusters of patterns."""

    _library: PatternLibrary | None = None
    _library_lock = threading.Lock()

    @operation("background")
    def get_frameworks(self, context: CallContext, limit: int = 100) -> list[dict[str, Any]]:
        """The frameworks that patterns show, the most frequent first: {framework, count}."""
        most = check_limit("limit", limit, MOST_RELATIONSHIPS)
        return [asdict(one) for one in self._patterns.frameworks(most, context)]

    @operation("background")
    def get_framework_relationships(
        self,
        context: CallContext,
        framework: str | None = None,
        min_support: float | None = None,
        limit: int = 100,
    ) -> list[dict[str, Any]]:
        """What goes with a framework, or with each; see learning/patterns/associations.py."""
        if framework is not None:
            check_label("framework", framework)
        support = check_number("min_support", min_support, 0, 1, "a share of all patterns") or 0.0
        most = check_limit("limit", limit, MOST_RELATIONSHIPS)
        return [asdict(one) for one in self._patterns.relationships(framework, support, most, context)]

    @operation("background")
    def get_integration_patterns(
        self, context: CallContext, frameworks: Sequence[str], limit: int = 20
    ) -> dict[str, Any]:
        """What the memory shows of a combination of frameworks; see learning/patterns/integration.py."""
        names = check_texts("frameworks", frameworks)
        if not 1 <= len(names) <= MOST_FRAMEWORKS:
            raise InvalidArgument(
                f"frameworks has {len(names)} names. Give from 1 to {MOST_FRAMEWORKS}, "
                "for example ['nextjs', 'hono']."
            )
        for place, name in enumerate(names):
            check_label(f"frameworks[{place}]", name)
        most = check_limit("limit", limit, MOST_PATTERNS)
        return asdict(self._patterns.integration(names, most, context))

    @operation("background")
    def get_pattern_clusters(
        self, context: CallContext, limit: int = 50, framework: str | None = None
    ) -> list[dict[str, Any]]:
        """Clusters of similar patterns, the largest first; see learning/patterns/clusters.py."""
        if framework is not None:
            check_label("framework", framework)
        most = check_limit("limit", limit, MOST_CLUSTERS)
        space = self._retriever.upkeep.level(context)
        catalog = self._memory.indexes.catalog
        return [asdict(one) for one in self._patterns.clusters(space, catalog, most, framework, context)]

    @operation("interactive")
    def explain_quality(self, _context: CallContext, id: str) -> dict[str, Any] | None:
        """What a chunk's quality score is made of; None where there is no such chunk."""
        from ..learning.patterns.quality_explained import explained_chunk

        chunks = self._memory.chunks
        (chunk,) = chunks.get([check_id(id)])
        if chunk is None:
            return None
        owner = owner_of(chunk)
        template = chunks.get([owner])[0] if owner is not None else None
        files = chunks.page(prefix=f"{chunk.id}#", limit=MOST_FILES).chunks
        own_files = [one for one in files if owner_of(one) == chunk.id]
        return asdict(explained_chunk(chunk, template, own_files, use=self._standing(chunk.id)))

    def _standing(self, chunk_id: str) -> float:
        feedbacks = [one for _, one in self._memory.feedback.page(chunk_id, MOST_JUDGEMENTS).entries]
        if not feedbacks:
            return 0.0
        from ..search.feedback import standing

        now = time.time_ns() // 1_000_000
        return standing(
            [quality_signal(one, chunk_id) for one in feedbacks],
            [now - one.at for one in feedbacks],
            self._settings.learning.feedback_half_life_days,
        )

    @property
    def _patterns(self) -> PatternLibrary:
        with self._library_lock:
            if self._library is None:
                from ..learning.patterns.pattern_library import PatternLibrary

                self._library = PatternLibrary(self._memory.chunks)
            return self._library
