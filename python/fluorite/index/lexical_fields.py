"""Which of a chunk's text is found by its words, and in which field."""

from __future__ import annotations

from typing import NamedTuple

from ..chunk import Chunk, content_text
from ..terms import FUNCTION_WORDS, index_terms
from .label_hashes import labels_of
from .lexical_query import LexicalQuery

FIELDS = ("about", "content")
ABOUT_METADATA = ("name", "title", "path", "description", "summary")
DESCRIBED_TYPES = frozenset({"template"})
"""Chunks whose content says again what is about them: counted twice, it hides what is said once."""

FieldTerms = tuple[str, ...]
"""For each of FIELDS the chunk's terms, separated by spaces."""


class Searched(NamedTuple):
    """What of a chunk is searched, and the labels that it can be filtered by."""

    texts: FieldTerms
    labels: frozenset[int]


def searched(chunk: Chunk) -> Searched:
    return Searched(field_terms(chunk), labels_of(chunk))


def field_terms(chunk: Chunk) -> FieldTerms:
    """about: id, frameworks, tags, and the metadata that names or describes the chunk; content: its
    content, where that is text."""
    metadata = [
        value
        for name in ABOUT_METADATA
        if isinstance(value := chunk.metadata.get(name), str) and value not in chunk.id
    ]
    about = index_terms("\n".join((chunk.id, *chunk.frameworks, *chunk.tags, *metadata)))
    if chunk.chunk_type in DESCRIBED_TYPES and isinstance(chunk.metadata.get("name"), str):
        return about, ""
    return about, index_terms(content_text(chunk) or "")


def matched_terms(query: LexicalQuery, chunk: Chunk) -> list[str]:
    """The words of the query that are in the chunk, weightiest first."""
    held = set(" ".join(field_terms(chunk)).split(" "))
    found = sorted((term for term in query.terms if term.text in held), key=lambda term: -term.weight)
    return list(dict.fromkeys(term.word for term in found if term.text not in FUNCTION_WORDS))
