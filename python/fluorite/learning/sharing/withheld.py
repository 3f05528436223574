"""Which chunks are not shared, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from ...chunk import Chunk
from ..sources.secrets import find_secrets
from .shared_line import CORRECTS, is_imported

QUALITY = "below min_quality_score"
FEEDBACK = "made from feedback"
IMPORTS = "imported from others"
SECRET = "holds a secret"
PLACE = "names a path of this machine"

FEWEST_PARTS_OF_A_PLACE = 2
"""A shorter path, such as /root or /app, stands in many a template and tells nothing of a machine."""


def places_pattern(places: Sequence[Path]) -> re.Pattern[str] | None:
    """Finds these folders, and what lies in them, in text; None where none of them tells anything."""
    telling = sorted({str(place) for place in places if len(place.parts) > FEWEST_PARTS_OF_A_PLACE})
    if not telling:
        return None
    return re.compile(rf"(?:{'|'.join(map(re.escape, telling))})(?![\w.-])")


def reason_to_withhold(chunk: Chunk, least_quality: float, places: re.Pattern[str] | None) -> str | None:
    """Why a chunk is not shared; None for one that is."""
    if chunk.quality_score < least_quality:
        return QUALITY
    if CORRECTS in chunk.metadata:
        return FEEDBACK
    if is_imported(chunk):
        return IMPORTS
    text = text_of(chunk)
    if places is not None and places.search(text):
        return PLACE
    return SECRET if find_secrets(text) else None


def text_of(chunk: Chunk) -> str:
    """Everything that a chunk says, its metadata as assignments."""
    content = chunk.content if isinstance(chunk.content, str) else chunk.content.decode(errors="replace")
    labels = (chunk.id, chunk.chunk_type, *chunk.frameworks, *chunk.tags)
    return "\n".join((*labels, *_assignments("", chunk.metadata), content))


def _assignments(name: str, value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield f'{name} = "{value}"' if name else value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _assignments(key, item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _assignments(name, item)
