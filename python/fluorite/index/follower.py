"""Keeps a vector index level with the store.

The store's sequence numbers say what the index has not seen, whoever wrote it: this thread, another
worker or another process. Chunks whose embedding does not exist yet are pending until someone claims
and embeds them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from ..chunk import Chunk
from ..store import GIVEN, ChunkStore, EmbeddingStore, content_key, decode_vectors
from .vector_index import Numbers, VectorIndex, Vectors

FEW = 256
"""So many chunks are embedded within a second or two: a search waits for them."""
SECONDS_BETWEEN_CHECKS = 0.05
SAVE_AFTER = 2048
"""Changes after which `save` writes the file again; fewer are replayed from the store in milliseconds."""


def embedding_text(chunk: Chunk) -> str | None:
    """What of a chunk is embedded: its content; None where that is not text."""
    if isinstance(chunk.content, str):
        return chunk.content
    try:
        return chunk.content.decode()
    except UnicodeDecodeError:
        return None


class IndexFollower:
    """The vector index of one store and model; thread-safe."""

    def __init__(
        self, path: Path, store: ChunkStore, embeddings: EmbeddingStore, model_id: str, dimensions: int
    ) -> None:
        self._path = path
        self._store = store
        self._embeddings = embeddings
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._pending: dict[int, str] = {}
        self._claimed: dict[int, bool] = {}
        self.rebuilt = False
        loaded = VectorIndex.load(path, model_id, dimensions)
        if loaded is None or loaded.sequence > store.sequence():
            self.rebuilt = store.sequence() > 0
            loaded = VectorIndex(model_id, dimensions)
        self._index = loaded
        self._saved_sequence = loaded.sequence

    @property
    def model_id(self) -> str:
        return self._index.model_id

    @property
    def dimensions(self) -> int:
        return self._index.dimensions

    def refresh(self, check: Callable[[], None] | None = None) -> None:
        """Replays what the store has seen since. `check` may raise to stop in between."""
        with self._lock:
            while self._index.sequence < self._store.sequence():
                if check is not None:
                    check()
                changes = self._store.changes_since(self._index.sequence)
                self._forget(changes.removed)
                self._take(changes.added)
                self._index.sequence = changes.sequence

    def claim(self, most: int | None = None) -> dict[int, str]:
        """Takes over the chunks that lack an embedding and that nobody else is embedding: sequence number
        → text. With `most`, none if there are more. Follow with `embedded` or `give_up` for each."""
        with self._lock:
            free = {number: text for number, text in self._pending.items() if number not in self._claimed}
            if most is not None and len(free) > most:
                return {}
            self._claimed.update(dict.fromkeys(free, len(free) <= FEW))
            return free

    def embedded(self, texts: dict[int, str], vectors: Vectors) -> None:
        """Takes the embeddings of claimed chunks: `vectors` has one unit row for each of `texts`."""
        keys = [content_key(text.encode()) for text in texts.values()]
        self._embeddings.put(self.model_id, keys, vectors)
        with self._lock:
            rows = [row for row, number in enumerate(texts) if self._pending.pop(number, None) is not None]
            numbers = list(texts)
            self._index.add([numbers[row] for row in rows], vectors[rows])
            self.give_up(texts)

    def give_up(self, numbers: Iterable[int]) -> None:
        """Ends the claim on these chunks; those not embedded by now are free again."""
        with self._lock:
            for number in numbers:
                self._claimed.pop(number, None)
            self._changed.notify_all()

    def wait_for_few(self, check: Callable[[], None]) -> None:
        """Waits until the chunks that someone is embedding in a small batch are done; a long run is not
        waited for. `check` may raise to stop waiting."""
        with self._lock:
            awaited = {number for number, few in self._claimed.items() if few}
            while awaited & self._claimed.keys():
                check()
                self._changed.wait(SECONDS_BETWEEN_CHECKS)

    def search(self, query: Vectors, most: int) -> tuple[Numbers, Vectors]:
        """See VectorIndex.search."""
        with self._lock:
            return self._index.search(query, most)

    def save(self, always: bool = False) -> None:
        """Writes the index file where enough has changed for a later start to gain from it."""
        with self._lock:
            # A pending chunk lies below the sequence number, so the file would never learn of it.
            if self._pending:
                return
            behind = self._index.sequence - self._saved_sequence
            if behind and (always or behind >= SAVE_AFTER):
                self._index.save(self._path)
                self._saved_sequence = self._index.sequence

    def counts(self) -> tuple[int, int]:
        """Vectors held, and chunks that wait for theirs."""
        with self._lock:
            return len(self._index), len(self._pending)

    def _forget(self, numbers: Iterable[int]) -> None:
        doomed = list(numbers)
        self._index.remove(doomed)
        for number in doomed:
            self._pending.pop(number, None)

    def _take(self, added: list[tuple[int, Chunk]]) -> None:
        given = [(number, chunk.vector_key) for number, chunk in added if chunk.vector_key is not None]
        self._add(GIVEN, [number for number, _ in given], [key for _, key in given if key is not None])
        texts = {
            number: text
            for number, chunk in added
            if chunk.vector_key is None and (text := embedding_text(chunk)) is not None
        }
        found = self._add(self.model_id, list(texts), [content_key(text.encode()) for text in texts.values()])
        self._pending.update((number, text) for number, text in texts.items() if number not in found)

    def _add(self, model_id: str, numbers: list[int], keys: list[bytes]) -> set[int]:
        stored = self._embeddings.get(model_id, keys)
        width = self.dimensions * 2
        known = [
            (number, halves)
            for number, halves in zip(numbers, stored, strict=True)
            if halves is not None and len(halves) == width
        ]
        if known:
            self._index.add([number for number, _ in known], decode_vectors([halves for _, halves in known]))
        return {number for number, _ in known}
