"""What a learning run did."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Malformed:
    """A file that is no template: its name within the folder, the line, counted from 1, and why."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class LearningReport:
    """Counts of files, except where the name says chunks.

    processed    files that were read in this run
    new, changed, unchanged, removed
                 against the run before; a file whose chunks came out the same is unchanged
    skipped      templates of frameworks other than `target_frameworks`
    repaired     names of read files whose JSON was mended
    malformed    every file of the folder that is no template, whether it was read now or before
    chunks_stored, chunks_removed
                 writes of this run
    chunks_embedded
                 chunks that got their vector in this run
    high_quality_chunks
                 stored chunks of this run with at least `quality_threshold`
    seconds      by stage (scan, read_and_store, embed), and total
    """

    path: str
    processed: int
    new: int
    changed: int
    unchanged: int
    removed: int
    skipped: int
    repaired: list[str]
    malformed: list[Malformed]
    chunks_stored: int
    chunks_removed: int
    chunks_embedded: int
    high_quality_chunks: int
    seconds: dict[str, float] = field(default_factory=dict)
