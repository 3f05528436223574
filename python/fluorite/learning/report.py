"""What a run of learning did."""

from __future__ import annotations

from dataclasses import dataclass, field

from .chunk_tally import FrameworkCombination


@dataclass(frozen=True, slots=True)
class Malformed:
    """A file that cannot be learned: its name within the folder, the line, counted from 1, and why."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What any run over a folder reports. Counts of files, except where the name says chunks.

    processed    files that were read in this run
    new, changed, unchanged, removed
                 against the run before; a file whose chunks came out the same is unchanged
    malformed    every file of the folder that cannot be learned, or not in full, whether it was read
                 now or before, and why
    chunks_stored, chunks_removed
                 writes of this run
    chunks_embedded
                 chunks that got their vector in this run
    high_quality_chunks
                 stored chunks of this run with at least `quality_threshold`
    duplicates   stored chunks of this run that are nearly identical to another of them
    patterns_by_type
                 stored chunks of this run by their type, the commonest first
    framework_combinations
                 the most frequent sets of frameworks that a pattern stored in this run is about
    quality_histogram
                 stored chunks of this run by quality_score: [0, 0.1), [0.1, 0.2), … [0.9, 1]
    seconds      by stage (scan, read_and_store, embed, measure), and total
    """

    path: str
    processed: int
    new: int
    changed: int
    unchanged: int
    removed: int
    malformed: list[Malformed]
    chunks_stored: int
    chunks_removed: int
    chunks_embedded: int
    high_quality_chunks: int
    duplicates: int
    patterns_by_type: dict[str, int]
    framework_combinations: list[FrameworkCombination]
    quality_histogram: list[int]
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningReport(RunReport):
    """What a run over templates did besides.

    skipped      templates of frameworks other than `target_frameworks`
    repaired     names of read files whose JSON was mended
    """

    skipped: int
    repaired: list[str]
