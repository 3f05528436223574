"""Feedback as a caller gives it, and the chunk that a correction becomes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgpack

from .chunk import (
    DEFAULT_QUALITY,
    DEFAULT_TYPE,
    LONGEST_ID,
    Chunk,
    check_id,
    check_metadata,
    content_text,
    encoded_size,
    metadata_text,
)
from .errors import ChunkTooLarge, InvalidArgument, reject_unknown, unknown_name
from .feedback import FEEDBACK_TYPES, OUTCOMES
from .store.codec import encode_chunk

FIELDS = ("id", "feedback_type", "query", "result", "rating", "correction", "metadata")
WITHOUT_QUERY = ("pattern_recognition", "general")
"""Types that may be about no query."""
MOST_METADATA_BYTES = 16_384
CORRECTION_HASH_BYTES = 8
INHERITED_METADATA = ("name", "title", "description", "summary", "path", "language")


@dataclass(frozen=True, slots=True)
class GivenFeedback:
    """Checked fields of a feedback."""

    feedback_type: str
    query: str
    chunk_id: str | None
    result: str | None
    rating: float | None
    correction: str | None
    metadata: Mapping[str, Any]


def read_feedback(given: object, max_chunk_size: int) -> GivenFeedback:
    """A checked feedback. Raises InvalidArgument, UnknownOption or ChunkTooLarge."""
    if not isinstance(given, Mapping):
        raise InvalidArgument(
            f"Feedback is an object with feedback_type and query; got {type(given).__name__}."
        )
    reject_unknown("feedback field", given, FIELDS)
    kind = given.get("feedback_type")
    if kind not in FEEDBACK_TYPES:
        if kind is None:
            raise InvalidArgument(f"feedback_type is missing. Give one of {', '.join(FEEDBACK_TYPES)}.")
        raise InvalidArgument(unknown_name("feedback type", kind, FEEDBACK_TYPES))
    identifier = given.get("id")
    query = _text("query", given.get("query"))
    if not query.strip() and kind not in WITHOUT_QUERY:
        raise InvalidArgument(
            f"query is empty, and {kind} is about a query. Give the text that was searched for, "
            "or 'general' as feedback_type."
        )
    metadata = check_metadata("feedback: metadata", given.get("metadata"))
    size = len(msgpack.packb(metadata))
    if size > MOST_METADATA_BYTES:
        raise InvalidArgument(
            f"The metadata of this feedback is {size:,} bytes. Give at most {MOST_METADATA_BYTES:,}."
        )
    result = given.get("result")
    return GivenFeedback(
        feedback_type=kind,
        query=query,
        chunk_id=None if identifier is None else check_id(identifier),
        result=None if result is None else _text("result", result),
        rating=_rating(given.get("rating")),
        correction=_correction(given.get("correction"), max_chunk_size),
        metadata=metadata,
    )


def read_use(query: object, outcome: object) -> tuple[str, str]:
    """A checked query and outcome. Raises InvalidArgument."""
    text = _text("query", query)
    if not text.strip():
        raise InvalidArgument("query is empty. Give the text that the chunk was found with.")
    if not isinstance(outcome, str):
        raise InvalidArgument(f"outcome is {_kind(outcome)}. Give one of {', '.join(OUTCOMES)}.")
    if outcome not in OUTCOMES:
        raise InvalidArgument(unknown_name("outcome", outcome, OUTCOMES))
    return text, outcome


def correction_chunk(correction: str, corrected: Chunk | None) -> Chunk:
    """The chunk of a correction; the same for the same correction of the same chunk.

    Type, labels, quality and what it is called are those of the chunk that it corrects. A template's text
    describes files that stand beside it, which a correction has not: it becomes plain code.
    """
    digest = hashlib.blake2b(correction.encode(), digest_size=CORRECTION_HASH_BYTES).hexdigest()
    ending = f"correction-{digest}"
    if corrected is None:
        return Chunk(ending, correction, metadata={"provenance": "correction"})
    called = {name: text for name in INHERITED_METADATA if (text := metadata_text(corrected, name))}
    return Chunk(
        id=f"{_fitting(corrected.id, LONGEST_ID - len(ending) - 1)}~{ending}",
        content=correction,
        chunk_type=DEFAULT_TYPE if corrected.chunk_type == "template" else corrected.chunk_type,
        frameworks=corrected.frameworks,
        tags=corrected.tags,
        quality_score=max(corrected.quality_score, DEFAULT_QUALITY),
        metadata={**called, "corrects": corrected.id, "provenance": "correction"},
    )


def described_by(chunk: Chunk, template: Chunk | None) -> Chunk:
    """A file with the name and description of its template, where it has none of its own."""
    if template is None:
        return chunk
    told = {name: text for name in ("name", "description") if (text := metadata_text(template, name))}
    return replace(chunk, metadata={**told, **chunk.metadata})


def chunk_key(chunk: Chunk) -> bytes:
    """What is equal for two chunks exactly where all but the times of storing is equal."""
    same = replace(chunk, created_at=0, updated_at=0)
    return hashlib.blake2b(encode_chunk(same), digest_size=16).digest()


def check_differs(correction: str, corrected: Chunk) -> None:
    """Raises InvalidArgument where a correction corrects nothing."""
    if content_text(corrected) == correction:
        raise InvalidArgument(
            f"The correction is what chunk {corrected.id!r} says already. Give what it should say instead."
        )


def _fitting(identifier: str, most: int) -> str:
    return identifier.encode()[:most].decode(errors="ignore")


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidArgument(f"{name} is {_kind(value)}. Give a string.")
    encoded_size(value, name)
    return value


def _kind(value: object) -> str:
    return "missing" if value is None else type(value).__name__


def _rating(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise InvalidArgument(
            f"rating is {value!r}. Give a number from 0 (of no use) to 1 (just right); 0.5 is neutral."
        )
    return float(value)


def _correction(value: object, max_chunk_size: int) -> str | None:
    if value is None:
        return None
    text = _text("correction", value)
    if not text.strip():
        raise InvalidArgument("correction is empty. Give the code as it should be, or leave it out.")
    size = encoded_size(text, "correction")
    if size > max_chunk_size:
        raise ChunkTooLarge(
            f"The correction is {size:,} bytes, above max_chunk_size = {max_chunk_size:,}. "
            "Give less of it, or raise max_chunk_size under [memory]."
        )
    return text
