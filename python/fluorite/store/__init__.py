"""What is on disk and true: chunks and the embeddings made from them."""

from .cache import CacheStatistics, LeastRecentlyUsed
from .chunk_store import ChunkStore
from .chunk_tables import Changes, WriteResult
from .embedding_store import GIVEN, EmbeddingStore, content_key, decode_vectors, given_for, given_under
from .feedback_store import FeedbackStore
from .listing import Page

__all__ = [
    "GIVEN",
    "CacheStatistics",
    "Changes",
    "ChunkStore",
    "EmbeddingStore",
    "FeedbackStore",
    "LeastRecentlyUsed",
    "Page",
    "WriteResult",
    "content_key",
    "decode_vectors",
    "given_for",
    "given_under",
]
