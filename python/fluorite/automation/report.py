"""What a run of automatic learning reports, and keeps between its beginning and its end."""

from __future__ import annotations

import secrets
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from .state_folder import read_json, write_json

StepName = Literal["collect", "learn", "export", "train", "commit"]
StepStatus = Literal["done", "skipped", "failed"]
SourceStatus = Literal["done", "partial", "failed", "planned"]

STEPS: tuple[StepName, ...] = ("collect", "learn", "export", "train", "commit")
JOURNAL_FORMAT = 1
LONGEST_PAUSE_MS = 20 * 3600 * 1000
"""A run that was interrupted longer ago is not taken up again: what it had collected is old."""


@dataclass(frozen=True, slots=True)
class StepReport:
    """`reason` says why a step was skipped or failed, or what to know of one that was done."""

    name: StepName
    status: StepStatus
    reason: str | None = None
    details: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class SourceReport:
    """`files` that there are, their `bytes`, and how many of them are as before (`not_modified`; not told of
    folders)."""

    name: str
    kind: str
    status: SourceStatus
    reason: str | None = None
    files: int = 0
    bytes: int = 0
    not_modified: int = 0
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AutoLearnReport:
    """`started_at` is in milliseconds since 1970; steps and sources in their order."""

    run_id: str
    started_at: int
    resumed: bool
    steps: list[StepReport]
    sources: list[SourceReport]


@dataclass(slots=True)
class Journal:
    """What of a run is done, on disk after every change, so that the next run can take it up.

    `sources` maps a source's name to what it was and what came of it, `learned` the folders that are
    learned to what that took. What failed is not in it, or is tried again.
    """

    file: Path
    run_id: str
    started_at: int
    resumed: bool
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)
    learned: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def begin(cls, file: Path) -> Journal:
        """The journal of the run that was interrupted, or of a run that begins."""
        now = time.time_ns() // 1_000_000
        stored = read_json(file)
        fresh = stored.get("format") == JOURNAL_FORMAT and now - stored["started_at"] <= LONGEST_PAUSE_MS
        if fresh and not stored["finished"]:
            return cls(
                file, stored["run_id"], stored["started_at"], True, stored["sources"], stored["learned"]
            )
        return cls(file, secrets.token_hex(8), now, False)

    def save(self, finished: bool = False) -> None:
        write_json(
            self.file,
            {
                "format": JOURNAL_FORMAT,
                "run_id": self.run_id,
                "started_at": self.started_at,
                "finished": finished,
                "sources": self.sources,
                "learned": self.learned,
            },
        )

    def source(self, name: str, definition: str) -> SourceReport | None:
        """What came of a source in this run, if it was done and is defined as it was then."""
        entry = self.sources.get(name)
        if entry is None or entry["definition"] != definition:
            return None
        return SourceReport(**entry["report"])

    def note_source(self, definition: str, report: SourceReport) -> None:
        self.sources[report.name] = {"definition": definition, "report": asdict(report)}
        self.save()

    def note_learned(self, key: str, details: dict[str, Any]) -> None:
        self.learned[key] = details
        self.save()
