"""One folder of memory, opened once per process and shared by all who name it."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from .settings import MEBIBYTE, MemorySettings
from .shared import Shared
from .store import ChunkStore, EmbeddingStore

if TYPE_CHECKING:
    from .index import IndexFollower


class Memory:
    """The stores under `memory_path`, and an index for each embedding space that is searched.

    chunks/       the truth                         (store/chunk_store.py)
    embeddings/   vectors by what they were made of (store/embedding_store.py)
    index/        derived, disposable               (index/vector_index.py)
    """

    def __init__(self, path: Path, settings: MemorySettings) -> None:
        self.path = path
        self.chunks = ChunkStore(
            path / "chunks",
            cache_bytes=settings.cache_size_mb * MEBIBYTE,
            compress=settings.enable_compression,
        )
        self.embeddings = EmbeddingStore(path / "embeddings")
        self.learning = threading.Lock()
        self._followers: dict[str, IndexFollower] = {}
        self._lock = threading.Lock()

    def follower(self, model_id: str, dimensions: int) -> IndexFollower:
        """The index over the embeddings of one model."""
        with self._lock:
            follower = self._followers.get(model_id)
            if follower is None:
                # numpy takes 80 ms to import, and a memory that nobody searches needs none of it.
                from .index import IndexFollower

                name = hashlib.blake2b(model_id.encode(), digest_size=8).hexdigest()
                file = self.path / "index" / f"vectors-{name}.index"
                follower = IndexFollower(file, self.chunks, self.embeddings, model_id, dimensions)
                self._followers[model_id] = follower
            return follower

    def save_indexes(self, always: bool) -> None:
        for follower in list(self._followers.values()):
            follower.save(always)

    def close(self) -> None:
        self.save_indexes(always=True)
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
