"""What callers see of a chunk."""

from __future__ import annotations

from typing import Any

from .chunk import Chunk


def chunk_fields(chunk: Chunk) -> dict[str, Any]:
    """A chunk's public fields."""
    return {
        "id": chunk.id,
        "content": chunk.content,
        "chunk_type": chunk.chunk_type,
        "frameworks": chunk.frameworks,
        "tags": chunk.tags,
        "quality_score": chunk.quality_score,
        "metadata": chunk.metadata,
        "created_at": chunk.created_at,
        "updated_at": chunk.updated_at,
    }
