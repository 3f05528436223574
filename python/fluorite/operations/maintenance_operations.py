"""Keeping a memory sound and small."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from ..context import CallContext
from ..operation import operation
from .base import EngineBase, check_folder
from .logged import logged


class MaintenanceOperations(EngineBase):
    """What can be asked about the files of a memory."""

    @operation("background")
    @logged
    def backup(self, context: CallContext, path: object = None) -> dict[str, Any]:
        """Copies the memory's truth into a folder; see store/backup.py."""
        from ..store.backup import back_up

        started = time.monotonic()
        target = check_folder(path, "backup", "./memory-backup")
        size, chunks = back_up(self._memory.chunks, self._memory.embeddings, target, context)
        return {"path": str(target), "bytes": size, "chunks": chunks, "seconds": _since(started)}

    @operation("background")
    @logged
    def verify(self, context: CallContext) -> dict[str, Any]:
        """Reads everything that is on disk; see store/verification.py."""
        from ..store.verification import verify_chunks, verify_embeddings

        started = time.monotonic()
        chunks = verify_chunks(self._memory.chunks, context)
        embeddings = verify_embeddings(self._memory.embeddings, context)
        problems = [asdict(problem) for problem in (*chunks.problems, *embeddings.problems)]
        return {
            "ok": not problems,
            "checked": {"chunks": chunks.checked, "embeddings": embeddings.checked},
            "problems": problems,
            "seconds": _since(started),
        }

    @operation("background")
    @logged
    def repair(self, context: CallContext) -> dict[str, Any]:
        """Makes what is damaged readable again; see store/memory_repair.py."""
        from ..store.memory_repair import repair_memory

        started = time.monotonic()
        memory = self._memory
        with memory.learning:
            done = repair_memory(memory.path, memory.chunks, memory.embeddings, context)
        if done.repaired or done.lost:
            self._retriever.upkeep.later()
        return {**asdict(done), "seconds": _since(started)}

    @operation("background")
    @logged
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
