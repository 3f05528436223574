"""Embeddings on demand: the model is loaded when first needed, and no text is embedded twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..context import CallContext
from ..errors import ModelNotFound
from ..settings import Settings
from ..shared import Shared
from ..store import CacheStatistics, EmbeddingStore, LeastRecentlyUsed, content_key, decode_vectors
from ..translation import has_japanese, translate
from .exported_model import ExportedModel, find_exported_model
from .protocol import Embedder
from .vocabulary import knows_words

JAPANESE_WORDS = ("認証", "検索", "画面", "設定")
RECENT_BYTES = 16 * 1024 * 1024

Vectors = NDArray[np.float32]


class EmbeddingService:
    """One model over one embedding store; thread-safe."""

    def __init__(self, model: ExportedModel, threads: int, batch_size: int, store: EmbeddingStore) -> None:
        self.model_id = model.model_id
        self.dimensions = model.dimensions
        self._serving = (model, threads, batch_size)
        self._store = store
        self._embedder: Embedder | None = None
        self._lock = threading.Lock()
        self._recent: LeastRecentlyUsed[bytes, Vectors] = LeastRecentlyUsed(RECENT_BYTES)

    @cached_property
    def reads_japanese(self) -> bool:
        """Whether the model's vocabulary has the words of Japanese."""
        model, _, _ = self._serving
        return knows_words(model.tokenizer_file, JAPANESE_WORDS)

    def readable(self, text: str) -> str:
        """`text` in a language that the model knows: its Japanese in English where it knows none."""
        return text if not has_japanese(text) or self.reads_japanese else translate(text)

    @property
    def is_loaded(self) -> bool:
        return self._embedder is not None

    def embed(
        self,
        texts: Sequence[str],
        context: CallContext,
        report: Callable[[int, int], None] | None = None,
        look_up: bool = True,
    ) -> Vectors:
        """Unit vectors of shape (len(texts), dimensions), float32, in the order of `texts`.

        `report(done, total)` counts the texts that the model really had to embed. Without `look_up` the
        store is not searched for them: for a question it would cost as much as it saves.
        """
        keys = [content_key(text.encode()) for text in texts]
        vectors = np.empty((len(texts), self.dimensions), np.float32)
        missing = dict[bytes, int]()
        known = self._known(keys, look_up)
        for row, key in enumerate(keys):
            vector = known.get(key)
            if vector is None:
                missing.setdefault(key, row)
            else:
                vectors[row] = vector
        if missing:
            fresh = self._loaded().embed(
                [texts[row] for row in missing.values()],
                check=context.check,
                progress=report,
            )
            made = dict(zip(missing, fresh, strict=True))
            for key, vector in made.items():
                self._recent.put(key, vector.copy(), vector.nbytes)
            for row, key in enumerate(keys):
                if key in made:
                    vectors[row] = made[key]
        return vectors

    def load(self) -> None:
        """Loads the model, if it is not yet. Raises ModelDamaged."""
        self._loaded()

    def statistics(self) -> CacheStatistics:
        return self._recent.statistics()

    def _known(self, keys: Sequence[bytes], look_up: bool) -> dict[bytes, Vectors]:
        distinct = list(dict.fromkeys(keys))
        found = {}
        unknown = []
        for key in distinct:
            vector = self._recent.get(key)
            if vector is None:
                unknown.append(key)
            else:
                found[key] = vector
        stored = self._store.get(self.model_id, unknown) if look_up else [None] * len(unknown)
        for key, halves in zip(unknown, stored, strict=True):
            if halves is not None:
                (found[key],) = decode_vectors([halves])
        return found

    def close(self) -> None:
        """Lets go of the model; the last service that uses it frees its memory."""
        with self._lock:
            if self._embedder is not None:
                self._embedder = None
                _embedders.release(self._serving)

    def _loaded(self) -> Embedder:
        with self._lock:
            if self._embedder is None:
                self._embedder = _embedders.acquire(self._serving, lambda: _load(*self._serving))
            return self._embedder


def _load(model: ExportedModel, threads: int, batch_size: int) -> Embedder:
    from .onnx_embedder import OnnxEmbedder

    return OnnxEmbedder(model, threads, batch_size)


_embedders: Shared[tuple[ExportedModel, int, int], Embedder] = Shared(lambda embedder: None)


def open_service(settings: Settings, store: EmbeddingStore) -> EmbeddingService:
    """The service for the configured model, which it only describes until a text must be embedded.

    Raises ModelNotFound or ModelDamaged.
    """
    model = _find_model(settings)
    return EmbeddingService(model, settings.ml.num_threads, settings.learning.batch_size, store)


def _find_model(settings: Settings) -> ExportedModel:
    """From the user's models, else from those that set-up exported."""
    folders = [path for path in (settings.models_path, settings.package_models) if path is not None]
    if not folders:
        raise ModelNotFound("No folder of models is known. Pass models_path to initialize.")
    failures = []
    for folder in folders:
        try:
            return find_exported_model(folder, settings.ml.embedding_model, settings.ml.precision)
        except ModelNotFound as error:
            failures.append(error)
    raise failures[0]
