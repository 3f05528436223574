"""What of a chunk is embedded."""

from __future__ import annotations

from collections.abc import Sequence

from ..chunk import DEFAULT_TYPE, Chunk, content_text, metadata_text, owner_of
from ..store import ChunkStore

SELF_DESCRIBING = frozenset({"template"})
"""Types whose content says what the metadata says."""


def embedding_texts(store: ChunkStore, chunks: Sequence[Chunk]) -> list[str | None]:
    """For each chunk its content, after what says where it belongs: its title or name, its description and
    path, or those of the template that its metadata names. None where the content is not text.

    Templates that are not in the store (any more) are passed over.
    """
    owners = dict.fromkeys(owner for chunk in chunks if (owner := owner_of(chunk)) is not None)
    templates = dict(zip(owners, store.get(list(owners)), strict=True))
    return [_text(chunk, templates.get(owner_of(chunk) or "")) for chunk in chunks]


def stands_alone(chunk: Chunk) -> bool:
    """Whether a chunk is code that is embedded without a word on what it is for. A given vector may stand
    for anything."""
    described = owner_of(chunk) is not None or metadata_text(chunk, "description")
    return (
        chunk.chunk_type == DEFAULT_TYPE
        and not described
        and chunk.vector_key is None
        and content_text(chunk) is not None
    )


def _text(chunk: Chunk, template: Chunk | None) -> str | None:
    content = content_text(chunk)
    if content is None or chunk.chunk_type in SELF_DESCRIBING:
        return content
    about = (chunk if template is None else template).metadata
    told = (about.get("title") or about.get("name"), about.get("description"), chunk.metadata.get("path"))
    return "\n".join((*(one for one in told if isinstance(one, str) and one), content))
