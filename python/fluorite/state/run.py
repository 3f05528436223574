"""A run of an operation that takes long, while it goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..context import Progress


@dataclass(slots=True)
class Run:
    """`started_at` is in milliseconds since 1970; `result` is what the operation returned."""

    operation: str
    started_at: int
    progress: Progress | None = None
    result: object = None

    def fields(self) -> dict[str, Any]:
        """How far it is: {operation, started_at, stage, done, total, seconds_left}, the last four None
        before it has told."""
        told = self.progress
        return {
            "operation": self.operation,
            "started_at": self.started_at,
            "stage": told and told.stage,
            "done": told and told.done,
            "total": told and told.total,
            "seconds_left": told and told.seconds_left,
        }
