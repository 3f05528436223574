"""Learning to find better, and taking that back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ..context import CallContext
from ..operation import operation
from ..search.learned.version_in_use import FACT, VersionInUse
from ..search.options import check_flag
from .base import EngineBase
from .logged import logged

if TYPE_CHECKING:
    from ..search.learned.query_adapter import Vectors


class RetrievalOperations(EngineBase):
    """What a memory learns of how its chunks are asked for."""

    @operation("background")
    @logged
    def train_retrieval(self, context: CallContext, force: bool = False) -> dict[str, Any]:
        """Learns from the memory's own pairs; see learning/retrieval/training.py."""
        check_flag("force", force)
        self._retriever.spaces.service()
        with self._memory.learning:
            report = self._trained(context, force)
        assert report is not None
        return report

    @operation("background")
    @logged
    def train_incremental(self, context: CallContext, examples: Any) -> dict[str, Any]:
        """Learns from given pairs; see learning/retrieval/examples.py."""
        from ..learning.retrieval.examples import read_examples, train_examples

        read, rejected = read_examples(examples)
        service = self._retriever.spaces.service()
        with self._memory.learning:
            result = train_examples(
                read,
                rejected,
                self._memory.chunks,
                self._retriever.learned,
                self._embed(context),
                service.model_id,
                context,
            )
        return asdict(result)

    @operation("background")
    def rollback_learning(self, _context: CallContext) -> dict[str, Any]:
        """Uses the version of learned retrieval before the one in use: {version, rolled_back}."""
        with self._memory.learning:
            state, rolled_back = self._retriever.learned.rollback()
        return {"version": state.version, "rolled_back": rolled_back}

    def _trained(self, context: CallContext, force: bool = False) -> dict[str, Any] | None:
        """What a run of training did; None without a model."""
        service = self._retriever.spaces.wanted().service
        if service is None:
            return None
        from ..learning.retrieval.training import train

        retriever = self._retriever
        embed = self._embed(context)
        model_id = service.model_id
        return asdict(train(self._memory.chunks, retriever.learned, embed, model_id, context, force=force))

    def _learned_retrieval(self) -> dict[str, Any]:
        """The version in use, as `getLearningStats` shows it."""
        in_use = VersionInUse.from_fact(self._memory.embeddings.facts.get(FACT))
        told = in_use.told
        return {
            "version": in_use.version,
            "model_id": told.model_id or None,
            "pairs": told.summary.get("pairs"),
            "before": told.summary.get("before", {}),
            "after": told.summary.get("after", {}),
            "adopted_at": told.created_at or None,
        }

    def _embed(self, context: CallContext) -> Callable[[Sequence[str]], Vectors]:
        from ..learning.retrieval.vectors_of_pairs import kept_vectors

        service = self._retriever.spaces.service()
        return lambda texts: kept_vectors(texts, service, self._memory.embeddings, context)
