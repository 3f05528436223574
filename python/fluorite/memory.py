"""One folder of memory, opened once per process and shared by all who name it."""

from __future__ import annotations

import threading
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from .settings import MEBIBYTE, MemorySettings
from .shared import Shared
from .store import ChunkStore, EmbeddingStore, FeedbackStore

if TYPE_CHECKING:
    from .index.feedback_index import FeedbackIndex
    from .index.index_set import IndexSet
    from .metrics.latency import Latencies
    from .state.run import Run


class Memory:
    """The stores under `memory_path`, and what is derived from them.

    chunks/       the truth                         (store/chunk_store.py, store/feedback_store.py)
    embeddings/   vectors by what they were made of (store/embedding_store.py)
    index/        derived, disposable               (index/index_set.py)
    """

    def __init__(self, path: Path, settings: MemorySettings) -> None:
        self.path = path
        self.chunks = ChunkStore(
            path / "chunks",
            cache_bytes=settings.cache_size_mb * MEBIBYTE,
            compress=settings.enable_compression,
        )
        self.embeddings = EmbeddingStore(path / "embeddings")
        self.feedback = FeedbackStore(path / "chunks")
        self._opened_at = self.chunks.sequence()
        self.learning = threading.Lock()
        self.runs: list[Run] = []
        """What takes long and goes on in this process."""
        self._lock = threading.Lock()

    @property
    def indexes(self) -> IndexSet:
        """Everything that is searched, opened when it is first asked for."""
        with self._lock:
            return self._indexes

    @property
    def latencies(self) -> dict[str, Latencies]:
        """Of searches by kind, since this process opened the memory."""
        with self._lock:
            return self._latencies

    @cached_property
    def _latencies(self) -> dict[str, Latencies]:
        from .metrics.latency import Latencies

        return {"text": Latencies(), "vector": Latencies()}

    @property
    def feedback_index(self) -> FeedbackIndex:
        """The feedback in memory; empty until it is refreshed."""
        with self._lock:
            return self._feedback_index

    @cached_property
    def _feedback_index(self) -> FeedbackIndex:
        from .index.feedback_index import FeedbackIndex

        return FeedbackIndex(self.feedback)

    @cached_property
    def _indexes(self) -> IndexSet:
        # numpy takes 80 ms to import, and a memory that nobody searches needs none of it.
        from .index.index_set import IndexSet

        return IndexSet(self.path / "index", self.chunks, self.embeddings, self._opened_at)

    def quality_histogram(self) -> list[int] | None:
        """See Catalog.quality_histogram; None while the catalog is not open."""
        return self._indexes.quality_histogram() if "_indexes" in self.__dict__ else None

    def close(self) -> None:
        if "_indexes" in self.__dict__:
            self._indexes.close()
        self.feedback.close()
        self.chunks.close()
        self.embeddings.close()


_memories: Shared[Path, Memory] = Shared(Memory.close)


def open_memory(path: Path, settings: MemorySettings) -> Memory:
    """The process's memory for a folder. Of several holders' cache sizes the largest counts.

    Raises StoreError or StoreDamaged.
    """
    path = path.resolve()
    memory = _memories.acquire(path, lambda: Memory(path, settings))
    memory.chunks.grow_cache(settings.cache_size_mb * MEBIBYTE)
    return memory


def release_memory(memory: Memory) -> None:
    """Lets go of a memory; the last holder saves its indexes and closes it."""
    _memories.release(memory.path)
