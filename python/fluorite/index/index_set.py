"""All that is derived from one memory's chunks, and its upkeep.

<memory_path>/index/catalog      the columns that filters, folding and ranking need
<memory_path>/index/lexical      words
<memory_path>/index/vectors-…    one folder for each embedding space
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..store import ChunkStore, EmbeddingStore
from .catalog import Catalog
from .embedding_space import EmbeddingSpace
from .follower import DerivedIndex, Follower
from .lexical_index import LexicalIndex

WORTH_SAVING = 64
SHARE_WORTH_SAVING = 100
"""When a memory is closed, changes are saved that are so many and one in so many chunks."""
FLUSH_AFTER = 1024
"""Chunks in memory after which words are written to the disk; fewer are replayed in a tenth of a second."""

MAINTAIN_AFTER = 2048
"""Changes, whoever wrote them, after which the files are tended."""

Check = Callable[[], None]
Report = Callable[[int, int], None]


class IndexSet:
    """A memory's indexes, each opened when it is first asked for; thread-safe."""

    def __init__(
        self, folder: Path, store: ChunkStore, embeddings: EmbeddingStore, opened_at: int | None = None
    ) -> None:
        self._folder = folder
        self._store = store
        self._embeddings = embeddings
        self._lock = threading.RLock()
        self._follower = Follower(store, opened_at)
        self._catalog: Catalog | None = None
        self._lexical: LexicalIndex | None = None
        self._spaces: dict[str, EmbeddingSpace] = {}
        self._words_verified = False
        self._maintained = 0

    @property
    def catalog(self) -> Catalog:
        with self._lock:
            if self._catalog is None:
                self._catalog = Catalog.open(self._folder / "catalog", self._store.sequence())
            return self._catalog

    @property
    def lexical(self) -> LexicalIndex:
        with self._lock:
            if self._lexical is None:
                self._lexical = LexicalIndex.open(self._folder / "lexical", self._store.sequence())
            return self._lexical

    def space(self, model_id: str, dimensions: int, readable: Callable[[str], str] = str) -> EmbeddingSpace:
        """The vectors of one model; see EmbeddingSpace."""
        with self._lock:
            space = self._spaces.get(model_id)
            if space is None:
                name = hashlib.blake2b(model_id.encode(), digest_size=8).hexdigest()
                folder = self._folder / f"vectors-{name}"
                space = EmbeddingSpace(folder, self._store, self._embeddings, model_id, dimensions, readable)
                self._spaces[model_id] = space
            return space

    def refresh(self, space: EmbeddingSpace, check: Check) -> int:
        """Brings level what lacks little; says how many changes the index furthest behind still lacks."""
        return self._follower.refresh(self._parts(space), check)

    def catch_up(self, space: EmbeddingSpace, check: Check, report: Report | None = None) -> None:
        """Brings everything level, however long that takes."""
        self._follower.catch_up(self._parts(space), check, report)

    def touch(self, space: EmbeddingSpace, check: Check) -> None:
        """Maps the files' pages ahead of the searches that need them; see MappedArrays.touch."""
        self.catalog.touch(check)
        space.index.touch(check)

    def needs_maintenance(self) -> bool:
        """Whether so much has come since the last `maintain` that searches are slower for it."""
        return self.catalog.sequence - self._maintained >= MAINTAIN_AFTER

    def maintain(self, space: EmbeddingSpace, check: Check, report: Report | None = None) -> None:
        """What makes the next search and the next start quick: files are verified once, what came since
        is moved into them, and a large space gets its partitions."""
        self._maintained = self.catalog.sequence
        self.catalog.verify(check)
        space.maintain(check, report)
        if not self._words_verified or self._unsaved_words() >= FLUSH_AFTER:
            self.lexical.flush(check)
            self._words_verified = True
        # What turned out to be damaged is empty by now.
        self.catch_up(space, check, report)
        if self.catalog.needs_save():
            self.catalog.save(check)

    def _parts(self, space: EmbeddingSpace) -> list[DerivedIndex]:
        return [self.catalog, self.lexical, space]

    def statistics(self, space: EmbeddingSpace | None) -> dict[str, Any]:
        """Counts of everything that is open; `behind` counts changes that are yet to be replayed."""
        current = self._store.sequence()
        opened = {"catalog": self._catalog, "lexical": self._lexical, "vectors": space}
        return {
            name: None if part is None else {"behind": max(0, current - part.sequence), **part.statistics()}
            for name, part in opened.items()
        }

    def quality_histogram(self) -> list[int] | None:
        """See Catalog.quality_histogram; None while the catalog is not open."""
        return None if self._catalog is None else self._catalog.quality_histogram()

    def close(self) -> None:
        """Writes to the files what a later start would take long to replay, and lets go of them."""
        if self._lexical is not None:
            if self._unsaved_words() >= WORTH_SAVING:
                self._lexical.flush(_never)
            self._lexical.close()
        if self._catalog is not None:
            state = self._catalog.statistics()
            unsaved = state["sequence"] - state["saved_sequence"]
            if unsaved >= max(WORTH_SAVING, len(self._catalog) // SHARE_WORTH_SAVING):
                self._catalog.save()
            self._catalog.close()
        for space in self._spaces.values():
            space.save(_never, always=True)
            space.close()

    def _unsaved_words(self) -> int:
        state = self.lexical.statistics()
        return int(state["recent"] + state["removed"])


def _never() -> None:
    pass
