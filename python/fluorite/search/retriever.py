"""Finds chunks by meaning: embeds the query, brings the index level with the store, searches it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..chunk import Chunk
from ..context import CallContext
from ..embedding import EmbeddingService, open_service
from ..errors import Cancelled, FluoriteError, MachineLearningDisabled, ModelNotFound
from ..index import FEW, IndexFollower
from ..memory import Memory
from ..settings import Settings
from ..store import GIVEN

DEFAULT_DIMENSIONS = 384
PENDING_AT_ONCE = 4096

Vectors = NDArray[np.float32]
Background = Callable[[Callable[[], None]], None]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Hit:
    """A found chunk and its cosine to the query."""

    chunk: Chunk
    score: float


class Retriever:
    """Semantic search over one memory under one bridge's settings; thread-safe.

    The model is described when first asked for and loaded when a text must be embedded. `background`
    takes work that may run later; without it the next search does what it would have done.
    """

    def __init__(self, memory: Memory, settings: Settings, background: Background | None) -> None:
        self._memory = memory
        self._settings = settings
        self._background = background
        self._opened: EmbeddingService | None = None
        self._lock = threading.Lock()
        self._scheduled = False
        self._background_context = CallContext()
        self._background_done = threading.Event()
        self._background_done.set()
        self._background_error: str | None = None

    def dimensions(self) -> int:
        """Numbers in a vector of this memory's space."""
        return self._follower().dimensions

    def embed(
        self, texts: Sequence[str], context: CallContext, report: Callable[[int, int], None] | None = None
    ) -> Vectors:
        """See EmbeddingService.embed. Raises MachineLearningDisabled, ModelNotFound, ModelDamaged."""
        vectors: Vectors = self._service().embed(texts, context, report)
        return vectors

    def find(self, query: Vectors, limit: int, min_score: float, context: CallContext) -> list[Hit]:
        """The chunks nearest to a unit vector of shape (dimensions,), best first."""
        follower = self._follower()
        follower.refresh(context.check)
        if follower.model_id != GIVEN:
            self._embed(follower, follower.claim(most=FEW), context)
            follower.wait_for_few(context.check)
            # More than a few are left by a run that was cancelled or killed: answer from what is there.
            if follower.counts()[1]:
                self.catch_up_later()
        numbers, scores = follower.search(query, limit)
        chunks = self._memory.chunks.get_by_number(numbers.tolist())
        return [
            Hit(chunk, score)
            for chunk, score in zip(chunks, scores.tolist(), strict=True)
            if chunk is not None and score >= min_score
        ]

    def embed_pending(self, context: CallContext) -> int:
        """Embeds every chunk that lacks its vector and that nobody else is embedding; says how many."""
        follower = self._follower()
        follower.refresh(context.check)
        return self._embed(follower, follower.claim(), context)

    def catch_up_later(self) -> None:
        """Brings the index level and embeds what is pending, on the background lane, so that the next
        search need not; once, however often this is called."""
        if self._background is None:
            return
        with self._lock:
            if self._scheduled:
                return
            self._scheduled = True
            self._background_done.clear()
        self._background(self._catch_up)

    def statistics(self) -> dict[str, Any]:
        """The index and the model as `getMetrics` shows them; nothing is loaded for it."""
        service = self._opened
        enabled = self._settings.ml.enable_ml
        follower = self._follower() if service is not None or not enabled else None
        vectors, pending = follower.counts() if follower is not None else (0, 0)
        return {
            "index": {
                "opened": follower is not None,
                "vectors": vectors,
                "pending": pending,
                "rebuilt": follower is not None and follower.rebuilt,
            },
            "embedding": {
                "enabled": enabled,
                "model": self._settings.ml.embedding_model,
                "precision": self._settings.ml.precision,
                "model_id": service.model_id if service is not None else None,
                "dimensions": service.dimensions if service is not None else None,
                "loaded": service is not None and service.is_loaded,
                "cache": asdict(service.statistics()) if service is not None else None,
                "background_error": self._background_error,
            },
        }

    def close(self) -> None:
        """Stops what runs in the background and waits for its end."""
        self._background_context.cancel()
        self._background_done.wait()
        if self._opened is not None:
            self._opened.close()

    def _embed(self, follower: IndexFollower, claimed: dict[int, str], context: CallContext) -> int:
        """Shortest first, so that a batch's texts are alike in length and little is padded."""
        waiting = sorted(claimed.items(), key=lambda item: len(item[1]))
        try:
            if waiting:
                context.report("embed", 0, len(waiting))
            for start in range(0, len(waiting), PENDING_AT_ONCE):
                texts = dict(waiting[start : start + PENDING_AT_ONCE])

                def report(done: int, _total: int, start: int = start) -> None:
                    context.report("embed", start + done, len(waiting))

                vectors = self._service().embed(list(texts.values()), context, report)
                follower.embedded(texts, vectors)
                report(len(texts), len(texts))
        finally:
            follower.give_up(claimed)
        return len(waiting)

    def _catch_up(self) -> None:
        with self._lock:
            self._scheduled = False
        try:
            if self._settings.ml.enable_ml:
                self.embed_pending(self._background_context)
            else:
                self._follower().refresh(self._background_context.check)
            self._background_error = None
        except Cancelled:
            pass
        except FluoriteError as error:
            # The next search meets the same error and tells its caller; here only metrics can.
            self._background_error = str(error)
        except Exception as error:
            self._background_error = f"{type(error).__name__}: {error}"
            _log.exception("catching up in the background failed")
        finally:
            with self._lock:
                if not self._scheduled:
                    self._background_done.set()

    def _follower(self) -> IndexFollower:
        """The index of the model's space; without a model, of the vectors that were given."""
        try:
            service = self._service()
        except (MachineLearningDisabled, ModelNotFound):
            return self._memory.follower(GIVEN, DEFAULT_DIMENSIONS)
        return self._memory.follower(service.model_id, service.dimensions)

    def _service(self) -> EmbeddingService:
        if not self._settings.ml.enable_ml:
            raise MachineLearningDisabled(
                "This needs the embedding model, and enable_ml is false. "
                "Initialize with enable_ml: true, or search with a Float32Array."
            )
        with self._lock:
            if self._opened is None:
                self._opened = open_service(self._settings, self._memory.embeddings)
            return self._opened
