"""Learning from folders."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..context import CallContext
from ..errors import InvalidArgument
from ..operation import operation
from .base import check_text
from .logged import logged
from .retrieval_operations import RetrievalOperations

if TYPE_CHECKING:
    from ..learning.sources.source_report import SourceReport

Learn = Callable[..., "SourceReport"]


class LearningOperations(RetrievalOperations):
    """What a memory can learn, and what it has learned."""

    @operation("background")
    @logged
    def learn_from_spikes(self, context: CallContext, path: str | None = None) -> dict[str, Any]:
        """Learns a folder of templates; see learning.learn_spikes."""
        return self._learn_templates(self._templates(path, "learnFromSpikes"), context)

    def _learn_templates(self, folder: Path, context: CallContext, trains: bool = True) -> dict[str, Any]:
        from ..learning import learn_spikes

        embed = self._retriever.upkeep.embed_pending
        with self._memory.learning:
            report = learn_spikes(folder, self._memory.chunks, embed, self._settings.learning, context)
            fields = {**asdict(report), "retrieval": None}
            self._remember(fields)
            if trains:
                fields["retrieval"] = self._trained(context)
                self._remember(fields)
        self._retriever.upkeep.later()
        return fields

    @operation("interactive")
    def find_spikes(self, _context: CallContext, path: str | None = None) -> str:
        """The absolute path of the folder of templates that `path` or the settings name."""
        from ..learning.templates.folder import check_folder

        folder = self._templates(path, "watchSpikes")
        check_folder(folder)
        return str(folder)

    @operation("background")
    @logged
    def learn_from_documents(self, context: CallContext, path: str | None = None) -> dict[str, Any]:
        """Learns Markdown files and library specifications; see learning/sources/documents.py."""
        from ..learning.sources.documents import learn_documents

        return self._learn(learn_documents, path, context)

    @operation("background")
    @logged
    def learn_from_code(self, context: CallContext, path: str | None = None) -> dict[str, Any]:
        """Learns a folder of code; see learning/sources/code_folder.py."""
        from ..learning.sources.code_folder import learn_code

        return self._learn(learn_code, path, context)

    def _learn(self, learn: Learn, path: object, context: CallContext, trains: bool = True) -> dict[str, Any]:
        folder = Path(check_text("path", path)).expanduser().absolute()
        upkeep = self._retriever.upkeep
        with self._memory.learning:
            report = learn(
                folder,
                self._memory.chunks,
                upkeep.embed_pending,
                self._settings.learning,
                context,
                self._settings.memory.max_chunk_size,
            )
            retrieval = self._trained(context) if trains else None
        upkeep.later()
        return {**asdict(report), "retrieval": retrieval}

    def _remember(self, report: dict[str, Any]) -> None:
        self._memory.chunks.facts.put("learning", {"at": time.time_ns() // 1_000_000, "report": report})

    def _templates(self, path: str | None, method: str) -> Path:
        given = Path(check_text("path", path)).expanduser().absolute() if path is not None else None
        folder = given or self._settings.spike_templates_path
        if folder is None:
            raise InvalidArgument(
                f"{method} needs a folder. Pass {{ path }}, or spike_templates_path to initialize."
            )
        return folder

    @operation("interactive")
    def get_learning_stats(self, _context: CallContext) -> dict[str, Any]:
        """What the last learning run of this memory did, and when (milliseconds since 1970)."""
        last = self._memory.chunks.facts.get("learning") or {"at": None, "report": None}
        return {
            "chunks": self._memory.chunks.count(),
            "last_run_at": last["at"],
            "last_run": last["report"],
            "retrieval": self._learned_retrieval(),
        }
