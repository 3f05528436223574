"""Which embeddings some chunk has, and the removal of the others."""

from __future__ import annotations

from ..context import CallContext
from ..store import ChunkStore, EmbeddingStore, content_key
from ..translation import translate
from .embedding_text import embedding_texts


def remove_unused_embeddings(store: ChunkStore, embeddings: EmbeddingStore, context: CallContext) -> int:
    """Removes the embeddings that no chunk has, of whatever model, and says how many.

    What is stored meanwhile keeps its own: an embedding is there before its chunk, so those that are there
    are listed first, and chunks that came since are looked at again before anything is removed.
    """
    unused = embeddings.content_keys()
    reached, total = 0, store.sequence()
    while reached < (newest := store.sequence()):
        keys, reached = _keys_after(store, reached)
        unused -= keys
        context.report("check", min(reached, total), max(total, newest))
    context.check()
    return embeddings.remove(unused)


def _keys_after(store: ChunkStore, sequence: int) -> tuple[set[bytes], int]:
    """The content keys of the next chunks after a sequence number, and the number reached.

    A text stands for two: a model that reads no Japanese is given its translation.
    """
    changes = store.changes_since(sequence)
    chunks = [chunk for _, chunk in changes.added]
    keys = {chunk.vector_key for chunk in chunks if chunk.vector_key is not None}
    for text in embedding_texts(store, chunks):
        if text is not None:
            keys |= {content_key(text.encode()), content_key(translate(text).encode())}
    return keys, changes.sequence
