"""The user's own searches."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ..context import CallContext
from ..operation import operation
from ..search.options import check_limit
from .base import EngineBase, check_text

MOST_LISTED = 10_000


class HistoryOperations(EngineBase):
    """What was searched for, by whatever process of this user."""

    @operation("background")
    def get_history(
        self, _context: CallContext, limit: int = 100, cursor: str | None = None
    ) -> dict[str, Any]:
        """A page, newest first: {searches, cursor}."""
        limit = check_limit("limit", limit, MOST_LISTED)
        before = check_text("cursor", cursor) if cursor is not None else None
        history = self._history
        return {"searches": [], "cursor": None} if history is None else asdict(history.page(limit, before))

    @operation("background")
    def clear_history(self, _context: CallContext) -> int:
        """Removes all of it; says how many searches that were."""
        history = self._history
        return 0 if history is None else history.clear()
