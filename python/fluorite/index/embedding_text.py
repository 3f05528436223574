"""What of a chunk is embedded."""

from __future__ import annotations

from collections.abc import Sequence

from ..chunk import Chunk, owner_of
from ..store import ChunkStore


def embedding_texts(store: ChunkStore, chunks: Sequence[Chunk]) -> list[str | None]:
    """For each chunk its content, after what says where it belongs: the name and description of the
    template that its metadata names, and its path. None where the content is not text.

    Templates that are not in the store (any more) are passed over.
    """
    owners = dict.fromkeys(owner for chunk in chunks if (owner := owner_of(chunk)) is not None)
    templates = dict(zip(owners, store.get(list(owners)), strict=True))
    return [_text(chunk, templates.get(owner_of(chunk) or "")) for chunk in chunks]


def content_text(chunk: Chunk) -> str | None:
    """The content, where it is text."""
    if isinstance(chunk.content, str):
        return chunk.content
    try:
        return chunk.content.decode()
    except UnicodeDecodeError:
        return None


def _text(chunk: Chunk, template: Chunk | None) -> str | None:
    content = content_text(chunk)
    if content is None or template is None:
        return content
    told = (template.metadata.get("name"), template.metadata.get("description"), chunk.metadata.get("path"))
    return "\n".join((*(one for one in told if isinstance(one, str) and one), content))
