"""What callers see of a chunk and of a hit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .chunk import Chunk

if TYPE_CHECKING:
    from .search.page import Hit


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


def hit_fields(hit: Hit) -> dict[str, Any]:
    """A found chunk's public fields."""
    fields = {**chunk_fields(hit.chunk), "score": hit.score, "variants": hit.variants}
    return fields if hit.explanation is None else {**fields, "explanation": hit.explanation}
