"""The vectors of one model over one store: which chunks have theirs, and which still wait for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..chunk import Chunk
from ..store import GIVEN, ChunkStore, EmbeddingStore, content_key, decode_vectors, given_under
from .arrays import Vectors
from .embedding_text import embedding_texts
from .vector_index import VectorIndex

FEW = 64
"""So many chunks are embedded within a quarter of a second: a search waits for them."""
SECONDS_BETWEEN_CHECKS = 0.05
SAVE_AFTER = 2048
"""Changes after which `save` writes the files again; fewer are replayed from the store in milliseconds."""


class EmbeddingSpace:
    """A vector index that takes each chunk's embedding from the embedding store; thread-safe.

    Chunks whose embedding does not exist yet are pending until someone claims and embeds them. `readable`
    brings a text into a language that the model knows.
    """

    def __init__(
        self,
        folder: Path,
        store: ChunkStore,
        embeddings: EmbeddingStore,
        model_id: str,
        dimensions: int,
        readable: Callable[[str], str] = str,
    ) -> None:
        self._store = store
        self._readable = readable
        self._embeddings = embeddings
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._pending = set[int]()
        self._claimed: dict[int, bool] = {}
        self._verified = False
        self.index = VectorIndex.open(folder, model_id, dimensions, store.sequence())
        self._saved_sequence = self.index.sequence

    @property
    def model_id(self) -> str:
        return self.index.model_id

    @property
    def dimensions(self) -> int:
        return self.index.dimensions

    @property
    def sequence(self) -> int:
        return self.index.sequence

    def apply(self, added: Sequence[tuple[int, Chunk]], removed: Sequence[int], sequence: int) -> None:
        """See DerivedIndex.apply."""
        with self._lock:
            self.index.remove(removed)
            self._pending.difference_update(removed)
            self._take(added)
            self.index.sequence = sequence

    def claim(self, most: int, all_or_none: bool = False) -> dict[int, str]:
        """Takes over chunks that lack an embedding and that nobody else is embedding, at most `most`:
        number → text. With `all_or_none`, none if there are more. Follow with `embedded` or `give_up`."""
        with self._lock:
            free = sorted(self._pending - self._claimed.keys())
            if all_or_none and len(free) > most:
                return {}
            numbers = free[:most]
            chunks = self._store.get_by_number(numbers)
            texts = self._texts(
                [(number, chunk) for number, chunk in zip(numbers, chunks, strict=True) if chunk is not None]
            )
            # A chunk that is gone by now waits for nothing, though the removal is yet to be replayed.
            self._pending.difference_update(set(numbers) - texts.keys())
            self._claimed.update(dict.fromkeys(texts, len(free) <= FEW))
            return texts

    def embedded(self, texts: Mapping[int, str], vectors: Vectors) -> None:
        """Takes the embeddings of claimed chunks: `vectors` has one unit row for each of `texts`."""
        keys = [content_key(text.encode()) for text in texts.values()]
        self._embeddings.put(self.model_id, keys, vectors)
        with self._lock:
            numbers = list(texts)
            rows = [row for row, number in enumerate(numbers) if number in self._pending]
            self._pending.difference_update(numbers)
            self.index.add([numbers[row] for row in rows], vectors[rows])
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

    def save(self, check: Callable[[], None], always: bool = False) -> None:
        """Writes the index's files where enough has changed for a later start to gain from it."""
        with self._lock:
            # A pending chunk is replayed again after the next start, so the files must not reach past it.
            reached = min(self._pending, default=self.sequence + 1) - 1
        behind = reached - self._saved_sequence
        if behind > 0 and (always or behind >= SAVE_AFTER) and self.index.save(check, reached):
            self._saved_sequence = reached

    def maintain(self, check: Callable[[], None], report: Callable[[int, int], None] | None = None) -> None:
        """Verifies the files once, and empties an index whose files are damaged; builds lists where the
        size calls for them, and writes what came since where that is worth it."""
        if not self._verified and not self.index.verify(check):
            with self._lock:
                self.index.clear()
                self._pending.clear()
        self._verified = True
        built = False
        while self.index.needs_build() and self.index.build(check, report):
            built = True
        self.save(check, always=built)

    @property
    def rebuilt(self) -> bool:
        return self.index.rebuilt

    def pending(self) -> int:
        """Chunks that wait for their vector."""
        return len(self._pending)

    def statistics(self) -> dict[str, Any]:
        return {
            **self.index.statistics(),
            "unbuilt": self.index.needs_build(),
            "pending": self.pending(),
            "sequence": self.sequence,
            "rebuilt": self.rebuilt,
        }

    def close(self) -> None:
        self.index.close()

    def _take(self, added: Sequence[tuple[int, Chunk]]) -> None:
        known = self.index.contains(np.array([number for number, _ in added], np.int64))
        fresh = [change for change, held in zip(added, known.tolist(), strict=True) if not held]
        given = [(number, chunk.vector_key) for number, chunk in fresh if chunk.vector_key is not None]
        found = set[int]()
        for model in given_under(self.model_id):
            missing = [(number, key) for number, key in given if number not in found]
            found |= self._add(model, [number for number, _ in missing], [key for _, key in missing])
        if self.model_id == GIVEN:
            return
        texts = self._texts([(number, chunk) for number, chunk in fresh if number not in found])
        found = self._add(self.model_id, list(texts), [content_key(text.encode()) for text in texts.values()])
        self._pending.update(texts.keys() - found)

    def _texts(self, chunks: Sequence[tuple[int, Chunk]]) -> dict[int, str]:
        texts = embedding_texts(self._store, [chunk for _, chunk in chunks])
        return {
            number: self._readable(text)
            for (number, _), text in zip(chunks, texts, strict=True)
            if text is not None
        }

    def _add(self, model_id: str, numbers: Sequence[int], keys: Sequence[bytes]) -> set[int]:
        stored = self._embeddings.get(model_id, keys)
        width = self.dimensions * 2
        known = [
            (number, halves)
            for number, halves in zip(numbers, stored, strict=True)
            if halves is not None and len(halves) == width
        ]
        if known:
            self.index.add([number for number, _ in known], decode_vectors([halves for _, halves in known]))
        return {number for number, _ in known}
