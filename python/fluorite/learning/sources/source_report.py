"""What a run over a folder of documents or of code did."""

from __future__ import annotations

from dataclasses import dataclass

from ..report import RunReport


@dataclass(frozen=True, slots=True)
class FoundSecret:
    """Where something looks like a secret, and like which kind; never the secret itself. `line` counts
    from 1."""

    file: str
    line: int
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport(RunReport):
    """What a run over documents or code did besides.

    skipped      entries of the folder that are not learned, by reason; a folder counts once
    secrets      every place of the folder that looks like a secret; the chunks that would have held it
                 are not stored
    languages    stored chunks of this run by language
    chunks_withheld
                 chunks of this run that were dropped because of a secret in them
    """

    skipped: dict[str, int]
    secrets: list[FoundSecret]
    languages: dict[str, int]
    chunks_withheld: int
