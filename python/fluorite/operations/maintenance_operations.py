"""Keeping a memory sound and small."""

from __future__ import annotations

import time
from typing import Any

from ..context import CallContext
from ..operation import operation
from .base import EngineBase, check_folder


class MaintenanceOperations(EngineBase):
    """What can be asked about the files of a memory."""

    @operation("background")
    def backup(self, context: CallContext, path: object = None) -> dict[str, Any]:
        """Copies the memory's truth into a folder; see store/backup.py."""
        from ..store.backup import back_up

        started = time.monotonic()
        target = check_folder(path, "backup", "./memory-backup")
        size, chunks = back_up(self._memory.chunks, self._memory.embeddings, target, context)
        return {"path": str(target), "bytes": size, "chunks": chunks, "seconds": _since(started)}

    @operation("background")
    def compact(self, context: CallContext) -> dict[str, Any]:
        """Removes embeddings that no chunk has, and gives free pages back to the disk."""
        from ..index.embeddings_in_use import remove_unused_embeddings
        from ..store.backup import progress_of_copy

        started = time.monotonic()
        stores = (self._memory.chunks, self._memory.embeddings)
        before = sum(store.used_bytes() for store in stores)
        for store in stores:
            store.environment.refuse_others()
        removed = remove_unused_embeddings(*stores, context)
        done = 0
        for store in stores:
            store.environment.compact(progress_of_copy(context, done, before))
            done += store.used_bytes()
        context.report("copy", before, before)
        return {
            "before_bytes": before,
            "after_bytes": done,
            "embeddings_removed": removed,
            "seconds": _since(started),
        }


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)
