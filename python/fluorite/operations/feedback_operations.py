"""What users say of chunks and do with them; effects are in search/feedback.py."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..chunk import Chunk, check_id, owner_of
from ..context import CallContext
from ..errors import InvalidArgument
from ..feedback import MILLISECONDS_OF_A_DAY, USE, Feedback, decay
from ..given_feedback import (
    check_differs,
    chunk_key,
    correction_chunk,
    described_by,
    read_feedback,
    read_use,
)
from ..operation import operation
from ..search.options import check_limit
from ..store.feedback_store import fresh_token, number_and_token, public_id
from .base import EngineBase, check_text

if TYPE_CHECKING:
    from ..feedback import QueryTrace

HALF_LIVES_KEPT = 7
"""After so many half-lives less than a hundredth of a feedback's weight is left, and it goes."""
MOST_LISTED = 10_000
RESULT_HASH_BYTES = 16


class FeedbackOperations(EngineBase):
    """Giving feedback, recording use, taking either back, and listing both."""

    @operation("model")
    def add_feedback(self, context: CallContext, feedback: object = None) -> dict[str, Any]:
        """Keeps a feedback, and its correction as a chunk of its own; on disk when this returns."""
        given = read_feedback(feedback, self._settings.memory.max_chunk_size)
        judged = None if given.chunk_id is None else self._judged(given.chunk_id)
        if given.correction is not None and judged is not None:
            check_differs(given.correction, judged)
        trace = self._trace(given.query, context)
        correction = None
        if given.correction is not None:
            correction = correction_chunk(given.correction, None if judged is None else self._called(judged))
            if self._memory.chunks.get([correction.id])[0] is None:
                self._memory.chunks.put([correction])
                self._retriever.upkeep.later()
        result = None if given.result is None else given.result.encode()
        kept = Feedback(
            token=fresh_token(),
            feedback_type=given.feedback_type,
            at=_now(),
            query=trace,
            chunk_id=given.chunk_id,
            rating=given.rating,
            correction_id=None if correction is None else correction.id,
            correction_key=None if correction is None else chunk_key(correction),
            result_key=None if result is None else self._hidden(result),
            result_bytes=None if result is None else len(result),
            metadata=given.metadata,
        )
        return {"feedback_id": self._keep(kept), "correction_id": kept.correction_id}

    @operation("model")
    def record_use(
        self, context: CallContext, id: object = None, query: object = None, outcome: object = None
    ) -> dict[str, Any]:
        """Keeps what became of a chunk that was found with a query and used."""
        text, became = read_use(query, outcome)
        used = self._judged(check_id(id))
        trace = self._trace(text, context)
        kept = Feedback(fresh_token(), USE, _now(), trace, chunk_id=used.id, outcome=became)
        return {"feedback_id": self._keep(kept)}

    @operation("interactive")
    def undo_feedback(self, _context: CallContext, feedback_id: object = None) -> bool:
        """Takes a feedback or use back, and removes its correction unless it has been changed or another
        feedback brought it too. Says whether there was one."""
        named = number_and_token(check_text("feedback_id", feedback_id))
        if named is None:
            return False
        number, token = named
        found = self._memory.feedback.get(number)
        if found is None or found.token != token or self._memory.feedback.remove(number) is None:
            return False
        if found.correction_id is not None:
            self._remove_correction(found.correction_id, found.correction_key)
        return True

    @operation("interactive")
    def list_feedback(
        self,
        _context: CallContext,
        id: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> dict[str, Any]:
        """A page of feedback and use, newest first: {feedback, cursor}; with `id` that on one chunk."""
        page = self._memory.feedback.page(
            None if id is None else check_id(id),
            check_limit("limit", limit, MOST_LISTED),
            None if cursor is None else check_text("cursor", cursor),
        )
        now = _now()
        return {"feedback": [self._fields(*entry, now) for entry in page.entries], "cursor": page.cursor}

    def _fields(self, number: int, feedback: Feedback, now: int) -> Mapping[str, Any]:
        return {
            "feedback_id": public_id(number, feedback.token),
            "feedback_type": feedback.feedback_type,
            "outcome": feedback.outcome,
            "id": feedback.chunk_id,
            "rating": feedback.rating,
            "correction_id": feedback.correction_id,
            "result_bytes": feedback.result_bytes,
            "metadata": feedback.metadata,
            "created_at": feedback.at,
            "weight": decay(now - feedback.at, self._half_life_days),
        }

    def _judged(self, identifier: str) -> Chunk:
        (chunk,) = self._memory.chunks.get([identifier])
        if chunk is None:
            raise InvalidArgument(
                f"There is no chunk {identifier!r} to give feedback on. Give the id of a stored one, "
                "as a hit has it."
            )
        return chunk

    def _called(self, chunk: Chunk) -> Chunk:
        owner = owner_of(chunk)
        return chunk if owner is None else described_by(chunk, self._memory.chunks.get([owner])[0])

    def _trace(self, query: str, context: CallContext) -> QueryTrace:
        return self._retriever.trace(query, context)

    def _hidden(self, text: bytes) -> bytes:
        salt = self._memory.feedback.salt()
        return hashlib.blake2b(text, key=salt, digest_size=RESULT_HASH_BYTES).digest()

    def _keep(self, feedback: Feedback) -> str:
        kept_for = int(HALF_LIVES_KEPT * self._half_life_days * MILLISECONDS_OF_A_DAY)
        number = self._memory.feedback.add(feedback, feedback.at - kept_for)
        return public_id(number, feedback.token)

    def _remove_correction(self, identifier: str, key: bytes | None) -> None:
        rest = self._memory.feedback.page(identifier, MOST_LISTED).entries
        if any(other.correction_id == identifier for _, other in rest):
            return
        (chunk,) = self._memory.chunks.get([identifier])
        if chunk is not None and chunk_key(chunk) == key:
            self._memory.chunks.delete([identifier])

    @property
    def _half_life_days(self) -> float:
        return self._settings.learning.feedback_half_life_days


def _now() -> int:
    return time.time_ns() // 1_000_000
