"""Which model's vectors answer.

The memory remembers the model whose embeddings it is complete in. A bridge that asks for another one
has every chunk embedded anew in the background; until that is done its texts are answered by the
model before. Vectors of two models are never compared.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from ..embedding import EmbeddingService, open_service
from ..errors import InvalidArgument, MachineLearningDisabled, ModelDamaged, ModelNotFound
from ..index.embedding_space import EmbeddingSpace
from ..memory import Memory
from ..settings import Settings
from ..store import GIVEN
from ..translation import translate

DEFAULT_DIMENSIONS = 384
FACT = "embedding_space"


@dataclass(frozen=True, slots=True)
class Served:
    """A space, and what embeds texts into it; `reason` says why there is nothing that does."""

    space: EmbeddingSpace
    service: EmbeddingService | None
    reason: str | None = None


class ModelSpaces:
    """The spaces of one memory under one bridge's settings; thread-safe."""

    def __init__(self, memory: Memory, settings: Settings) -> None:
        self._memory = memory
        self._settings = settings
        self._lock = threading.RLock()
        self._service: EmbeddingService | None = None
        self._before: Served | None = None
        self._is_complete = False

    def service(self) -> EmbeddingService:
        """The configured model. Raises MachineLearningDisabled, ModelNotFound or ModelDamaged."""
        if not self._settings.ml.enable_ml:
            raise MachineLearningDisabled(
                "This needs the embedding model, and enable_ml is false. Initialize with enable_ml: true."
            )
        with self._lock:
            if self._service is None:
                self._service = open_service(self._settings, self._memory.embeddings)
            return self._service

    @property
    def opened(self) -> EmbeddingService | None:
        """The configured model where it has been asked for, without asking for it."""
        return self._service

    def wanted(self) -> Served:
        """The configured model's space; without a model, the one that the memory remembers."""
        try:
            service = self.service()
        except MachineLearningDisabled:
            return Served(self._remembered_space(), None)
        except ModelNotFound as error:
            return Served(self._remembered_space(), None, str(error))
        space = self._memory.indexes.space(service.model_id, service.dimensions, service.readable)
        return Served(space, service)

    def for_text(self) -> Served:
        """What answers a text: the wanted space, or the one before while the wanted one is being filled."""
        wanted = self.wanted()
        if self._is_complete or wanted.service is None:
            return wanted
        remembered = self._memory.chunks.facts.get(FACT)
        if remembered is None:
            return wanted
        if remembered["model_id"] == wanted.space.model_id:
            self._is_complete = True
            return wanted
        with self._lock:
            if self._before is None:
                self._before = self._open_before(remembered)
            return self._before

    def completed(self, space: EmbeddingSpace) -> None:
        """Remembers that nothing in `space` waits for its vector, and answers from it from now on."""
        if self._is_complete or space.model_id == GIVEN:
            return
        self._memory.chunks.facts.put(
            FACT,
            {
                "model_id": space.model_id,
                "dimensions": space.dimensions,
                "embedding_model": self._settings.ml.embedding_model,
                "precision": self._settings.ml.precision,
                "reads_japanese": self._service is not None and self._service.reads_japanese,
            },
        )
        with self._lock:
            self._is_complete = True
            before, self._before = self._before, None
        if before is not None and before.service is not None:
            before.service.close()

    def close(self) -> None:
        for service in (self._service, self._before.service if self._before else None):
            if service is not None:
                service.close()

    def _remembered_space(self) -> EmbeddingSpace:
        remembered = self._memory.chunks.facts.get(FACT)
        if remembered is None:
            return self._memory.indexes.space(GIVEN, DEFAULT_DIMENSIONS)
        readable = str if remembered["reads_japanese"] else translate
        return self._memory.indexes.space(remembered["model_id"], remembered["dimensions"], readable)

    def _open_before(self, remembered: dict[str, str]) -> Served:
        before = replace(
            self._settings.ml,
            embedding_model=remembered["embedding_model"],
            precision=remembered["precision"],
        )
        settings = replace(self._settings, ml=before)
        reason = f"The memory is being embedded anew with {self._settings.ml.embedding_model!r}, and "
        try:
            service = open_service(settings, self._memory.embeddings)
        except (InvalidArgument, ModelNotFound, ModelDamaged) as error:
            return Served(self._remembered_space(), None, f"{reason}the model before is not there: {error}")
        if service.model_id != remembered["model_id"]:
            return Served(self._remembered_space(), None, f"{reason}the model before has changed.")
        return Served(self._remembered_space(), service)
