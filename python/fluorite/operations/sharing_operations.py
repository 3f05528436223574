"""Sharing what was learned."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..context import CallContext
from ..errors import InvalidArgument
from ..operation import operation
from ..search.options import check_number
from .base import EngineBase, check_folder, check_text
from .logged import logged

DEFAULT_TRUST = 0.5
LONGEST_SOURCE = 256


class SharingOperations(EngineBase):
    """What passes between the memories of different people."""

    @operation("background")
    @logged
    def export_chunks(
        self,
        context: CallContext,
        path: object = None,
        min_quality_score: float | None = None,
        id_prefix: str = "",
    ) -> dict[str, Any]:
        """Writes the memory's own chunks as a folder to share; see learning/sharing/exported.py."""
        from ..learning.sharing.exported import export_chunks
        from ..learning.sharing.withheld import places_pattern

        quality = check_number("min_quality_score", min_quality_score, 0, 1, "a number") or 0.0
        places = [Path.home(), self._memory.path]
        if self._settings.spike_templates_path is not None:
            places.append(self._settings.spike_templates_path)
        report = export_chunks(
            check_folder(path, "exportChunks", "./learning-chunks"),
            self._memory.chunks,
            context,
            quality,
            check_text("id_prefix", id_prefix),
            places_pattern(places),
        )
        return asdict(report)

    @operation("background")
    @logged
    def import_chunks(
        self,
        context: CallContext,
        path: object = None,
        trust: float | None = None,
        source: str | None = None,
    ) -> dict[str, Any]:
        """Merges a shared folder into the memory; see learning/sharing/imported.py."""
        from ..learning.sharing.imported import import_chunks

        share = check_number("trust", trust, 0, 1, "a number")
        if source is not None and not 0 < len(check_text("source", source).strip()) <= LONGEST_SOURCE:
            raise InvalidArgument(
                f"source is empty or longer than {LONGEST_SOURCE} characters. Name whom the chunks are from."
            )
        with self._memory.learning:
            report = import_chunks(
                check_folder(path, "importChunks", "./learning-chunks"),
                self._memory.chunks,
                context,
                DEFAULT_TRUST if share is None else share,
                source,
                self._settings.memory.max_chunk_size,
            )
        if report.imported or report.replaced:
            self._retriever.upkeep.later()
        return asdict(report)
