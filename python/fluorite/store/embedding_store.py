"""Embeddings on disk, keyed by what they were made from, so that no text is embedded twice.

One LMDB environment `<memory_path>/embeddings`: model key (8 bytes) + content key (16 bytes) → unit
vector in float16. Half precision moves the cosine of two MiniLM vectors by less than 0.0003 and
lets five vectors share a page instead of two. Vectors of different models never mix: the model is
part of the key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import lmdb

from .environment import OpenTable, open_environment
from .facts import Facts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MODEL_KEY_BYTES = 8
CONTENT_KEY_BYTES = 16
KEYS_PER_WRITE = 10_000

GIVEN = "given"
"""The model under which vectors are kept that a user passed in where no model was known."""


def given_for(model_id: str) -> str:
    """The model under which vectors are kept that a user passed in for this model's space."""
    return model_id if model_id == GIVEN else f"{GIVEN}:{model_id}"


def given_under(model_id: str) -> tuple[str, ...]:
    """Where to look for a given vector that may join this model's space."""
    return tuple(dict.fromkeys((given_for(model_id), GIVEN)))


def content_key(content: bytes) -> bytes:
    """The key of whatever `content` embeds to: 16 bytes of BLAKE2b."""
    return hashlib.blake2b(content, digest_size=CONTENT_KEY_BYTES).digest()


def decode_vectors(halves: Sequence[bytes | memoryview]) -> NDArray[np.float32]:
    """What `EmbeddingStore.get` returned, none of it None, as float32 rows of unit length."""
    import numpy as np

    from ..normalisation import unit

    rows = np.frombuffer(b"".join(halves), "<f2").astype(np.float32).reshape(len(halves), -1)
    return unit(rows)


class EmbeddingStore:
    """Unit vectors by model and content; safe for threads and processes."""

    def __init__(self, path: Path) -> None:
        self.environment = open_environment(path)
        self.facts = Facts(self.environment)
        self.environment.when_opened(self._open_tables)

    def _open_tables(self, table: OpenTable) -> None:
        self.vectors = table("vectors")

    def put(self, model_id: str, keys: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        """Keeps vectors of shape (len(keys), dimensions); on disk when this returns."""
        model = _model_key(model_id)
        width = vectors.shape[1] * 2
        halves = vectors.astype("<f2").tobytes()

        def work(transaction: lmdb.Transaction) -> None:
            with transaction.cursor(db=self.vectors) as cursor:
                cursor.putmulti(
                    sorted(
                        (model + key, halves[row * width : (row + 1) * width]) for row, key in enumerate(keys)
                    )
                )

        if keys:
            self.environment.write(work)

    def get(self, model_id: str, keys: Sequence[bytes]) -> list[bytes | memoryview | None]:
        """The float16 bytes of each vector, in the order of `keys`; None where there is none."""
        model = _model_key(model_id)

        def work(transaction: lmdb.Transaction) -> list[bytes | memoryview | None]:
            return [transaction.get(model + key, db=self.vectors) for key in keys]

        return self.environment.read(work)

    def content_keys(self) -> set[bytes]:
        """The content keys under which there is an embedding, of whatever model."""

        def work(transaction: lmdb.Transaction) -> set[bytes]:
            with transaction.cursor(db=self.vectors) as cursor:
                return {bytes(key[MODEL_KEY_BYTES:]) for key in cursor.iternext(values=False)}

        return self.environment.read(work)

    def remove(self, contents: set[bytes]) -> int:
        """Removes the embeddings of these content keys and says how many there were."""

        def find(transaction: lmdb.Transaction) -> list[bytes]:
            with transaction.cursor(db=self.vectors) as cursor:
                keys = (bytes(key) for key in cursor.iternext(values=False))
                return [key for key in keys if key[MODEL_KEY_BYTES:] in contents]

        doomed = self.environment.read(find) if contents else []
        for start in range(0, len(doomed), KEYS_PER_WRITE):
            self.environment.write(partial(self._delete, doomed[start : start + KEYS_PER_WRITE]))
        return len(doomed)

    def _delete(self, keys: Sequence[bytes], transaction: lmdb.Transaction) -> None:
        for key in keys:
            transaction.delete(key, db=self.vectors)

    def count(self) -> int:
        return self.environment.read(lambda transaction: int(transaction.stat(self.vectors)["entries"]))

    def used_bytes(self) -> int:
        return self.environment.used_bytes()

    def close(self) -> None:
        self.environment.close()


def _model_key(model_id: str) -> bytes:
    return hashlib.blake2b(model_id.encode(), digest_size=MODEL_KEY_BYTES).digest()
