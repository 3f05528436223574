"""Embeddings that no chunk has: what they were made from has been removed or changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

import lmdb

from .embedding_store import MODEL_KEY_BYTES, EmbeddingStore

KEYS_PER_WRITE = 10_000


def embedding_keys(embeddings: EmbeddingStore) -> set[bytes]:
    """The content keys under which there is an embedding, of whatever model."""

    def work(transaction: lmdb.Transaction) -> set[bytes]:
        with transaction.cursor(db=embeddings.vectors) as cursor:
            return {bytes(key[MODEL_KEY_BYTES:]) for key in cursor.iternext(values=False)}

    return embeddings.environment.read(work)


def remove_embeddings(embeddings: EmbeddingStore, contents: set[bytes]) -> int:
    """Removes the embeddings of these content keys and says how many there were."""

    def work(transaction: lmdb.Transaction) -> list[bytes]:
        with transaction.cursor(db=embeddings.vectors) as cursor:
            return [bytes(key) for key in cursor.iternext(values=False) if key[MODEL_KEY_BYTES:] in contents]

    doomed = embeddings.environment.read(work) if contents else []
    for some in _parts(doomed):
        embeddings.environment.write(partial(_delete, embeddings=embeddings, keys=some))
    return len(doomed)


def _delete(transaction: lmdb.Transaction, embeddings: EmbeddingStore, keys: Iterable[bytes]) -> None:
    for key in keys:
        transaction.delete(key, db=embeddings.vectors)


def _parts(keys: list[bytes]) -> Iterator[list[bytes]]:
    for start in range(0, len(keys), KEYS_PER_WRITE):
        yield keys[start : start + KEYS_PER_WRITE]
