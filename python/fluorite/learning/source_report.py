"""What a run over a folder of documents or of code did."""

from __future__ import annotations

from dataclasses import dataclass, field

from .report import Malformed


@dataclass(frozen=True, slots=True)
class FoundSecret:
    """Where something looks like a secret, and like which kind; never the secret itself. `line` counts
    from 1."""

    file: str
    line: int
    kind: str


@dataclass(frozen=True, slots=True)
class SourceReport:
    """Counts of files, except where the name says chunks.

    processed    files that were read in this run
    new, changed, unchanged, removed
                 against the run before; a file whose chunks came out the same is unchanged
    skipped      entries of the folder that are not learned, by reason; a folder counts once
    malformed    every file of the folder that cannot be learned, or not in full, and why
    secrets      every place of the folder that looks like a secret; the chunks that would have held it
                 are not stored
    languages    stored chunks of this run by language
    chunks_stored, chunks_removed
                 writes of this run
    chunks_withheld
                 chunks of this run that were dropped because of a secret in them
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
    skipped: dict[str, int]
    malformed: list[Malformed]
    secrets: list[FoundSecret]
    languages: dict[str, int]
    chunks_stored: int
    chunks_removed: int
    chunks_withheld: int
    chunks_embedded: int
    high_quality_chunks: int
    seconds: dict[str, float] = field(default_factory=dict)
