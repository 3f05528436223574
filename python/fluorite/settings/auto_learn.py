"""`[auto_learn]`: where a run of automatic learning collects from, and within which limits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .keys import key
from .rules import PATH, number, whole


@dataclass(frozen=True, slots=True)
class AutoLearnSettings:
    """`[auto_learn]`: automatic learning."""

    sources_path: Path | None = key(
        None, PATH, "File that lists what to collect from; see automation.md.", shown="./sources.toml"
    )
    repository: Path | None = key(
        None,
        PATH,
        "Folder whose `learning-chunks/` is written.",
        default_words="the state folder",
        shown=".",
    )
    delay_seconds: float = key(
        1.0,
        number(0, 3600),
        "Least time between two requests to one host; its robots.txt may ask for more.",
        unit="seconds",
    )
    timeout_seconds: float = key(
        30.0, number(0.1, 3600), "Longest time that a server may be silent.", unit="seconds"
    )
    max_page_kb: int = key(
        2048, whole(1, 1024 * 1024), "Largest page or feed that is read, decompressed.", unit="KiB"
    )
    max_repository_mb: int = key(
        512,
        whole(1, 1024 * 1024),
        "Largest Git repository that is fetched; its files may be as large again.",
        unit="MiB",
    )
