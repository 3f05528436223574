"""Counts, sizes and times."""

from __future__ import annotations

import platform
import sys
from typing import Any

from .. import __version__
from ..context import CallContext
from ..operation import operation
from .learning_operations import LearningOperations


class MetricsOperations(LearningOperations):
    """What is measured of a memory and of the process."""

    @operation("interactive")
    def get_metrics(self, context: CallContext) -> dict[str, Any]:
        """See types/metrics.d.ts."""
        from .vitals import vitals

        learned = self.get_learning_stats(context)
        return {
            "version": __version__,
            "python_version": platform.python_version(),
            "python_modules": sorted(name for name in sys.modules if not name.startswith("_")),
            "sequence": self._memory.chunks.sequence(),
            "store_bytes": self._memory.chunks.used_bytes(),
            "embeddings_bytes": self._memory.embeddings.used_bytes(),
            **self._retriever.statistics(),
            **vitals(self._memory),
            "searches": {kind: one.summary() for kind, one in self._memory.latencies.items()},
            "learning": {
                "running": [run.fields() for run in tuple(self._memory.runs)],
                "last_run_at": learned["last_run_at"],
                "last_run": learned["last_run"],
            },
            "retrieval": learned["retrieval"] if learned["retrieval"]["version"] else None,
            "history": self._history_fields(),
        }

    @operation("interactive")
    def get_prometheus_metrics(self, context: CallContext) -> str:
        """The same in Prometheus' text format."""
        from ..metrics.prometheus import exposition

        return exposition(self.get_metrics(context), self._memory.latencies)

    def _history_fields(self) -> dict[str, Any]:
        privacy, opened = self._settings.privacy, self._opened_history
        return {
            "enabled": privacy.history and privacy.state_path is not None,
            "path": None if privacy.state_path is None else str(privacy.state_path),
            "error": None if opened is None else opened.error,
        }
