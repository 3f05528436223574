"""The sections and their keys: the single source of defaults, rules, units and effects."""

from __future__ import annotations

import os
from dataclasses import MISSING, dataclass, field
from pathlib import Path

from .auto_learn import AutoLearnSettings
from .keys import Key, key, keys_of
from .rules import FLAG, FRACTION, NAMES, ONLY_TRUE, PATH, TEXT, TIME_OF_DAY, one_of, whole

MEBIBYTE = 1024 * 1024


def _thread_count() -> int:
    return min(8, os.cpu_count() or 1)


@dataclass(frozen=True, slots=True)
class MemorySettings:
    """`[memory]`: how chunks are kept. Its paths are fields of Settings."""

    cache_size_mb: int = key(
        512,
        whole(0, 1024 * 1024),
        "Upper bound of the decoded chunks held in memory; 0 turns the cache off.",
        unit="MiB",
        is_option=True,
    )
    enable_compression: bool = key(
        True, FLAG, "Whether records are compressed with zstd on their way to the disk."
    )
    max_chunk_size: int = key(
        MEBIBYTE, whole(1, 1024 * MEBIBYTE), "Largest content of one chunk.", unit="bytes of UTF-8"
    )


@dataclass(frozen=True, slots=True)
class LearningSettings:
    """`[learning]`: how templates become chunks."""

    quality_threshold: float = key(
        0.7, FRACTION, "Chunks with at least this `quality_score` count as high quality in reports."
    )
    batch_size: int = key(
        32, whole(1, 4096), "Most texts that go through the model at once.", unit="texts", is_option=True
    )
    parallel_processing: bool = key(True, FLAG, "Whether templates are read and parsed on several threads.")
    enable_incremental_learning: bool = key(
        True,
        FLAG,
        "Whether a run skips the files that have not changed since the last one.",
        is_option=True,
    )
    feedback_half_life_days: int = key(
        90,
        whole(1, 36500),
        "After how long feedback and use count half; after seven times that they go.",
        unit="days",
    )
    target_frameworks: tuple[str, ...] = key(
        (), NAMES, "Learn only templates whose stack names one of these; empty means all.", is_option=True
    )


@dataclass(frozen=True, slots=True)
class MachineLearningSettings:
    """`[ml]`: how texts become vectors."""

    enable_ml: bool = key(
        True,
        FLAG,
        "False: no machine-learning library is ever loaded; search is by words, or by a given vector.",
        is_option=True,
    )
    embedding_model: str = key(
        "all-MiniLM-L6-v2", TEXT, "Name of a sentence-transformers directory under `models_path`."
    )
    precision: str = key(
        "int8",
        one_of("fp32", "int8"),
        "Arithmetic of the model: 8-bit integers find as well as 32-bit floats, in less than half the time.",
    )
    cpu_only: bool = key(True, ONLY_TRUE, "The model runs on the processor; no other value is accepted.")
    num_threads: int = key(
        _thread_count,
        whole(1, 256),
        "Threads of one embedding batch.",
        unit="threads",
        default_words="the machine's cores, 8 at most",
    )


@dataclass(frozen=True, slots=True)
class PrivacySettings:
    """`[privacy]`: what is kept of the use. No folder: nothing is."""

    history: bool = key(
        True,
        FLAG,
        "Whether the texts that are searched for are kept, on this machine alone, for `getHistory`.",
        is_option=True,
    )
    history_days: int = key(
        90,
        whole(1, 36500),
        "How long searches and log files are kept; older files are removed.",
        unit="days",
    )
    state_path: Path | None = key(
        None,
        PATH,
        "Folder of the history and the logs; outside every repository.",
        variable="FLUORITE_STATE_DIR",
        default_words="~/tmp/fluorite-learning",
        shown="~/tmp/fluorite-learning",
    )


@dataclass(frozen=True, slots=True)
class ScheduleSettings:
    """`[schedule]`: the daily run."""

    time: str = key(
        "02:00",
        TIME_OF_DAY,
        "When the daily learning run starts.",
        unit="hours:minutes, local time",
        variable="FLUORITE_SCHEDULE_TIME",
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an engine needs to know before it starts. The fields that are keys belong to `[memory]`."""

    memory_path: Path = key(
        MISSING,
        PATH,
        "Folder that keeps the memory; made if missing. Bridges, workers and processes may share one.",
        is_option=True,
        shown="./memory",
    )
    models_path: Path | None = key(
        None,
        PATH,
        "Folder of sentence-transformers models and of their ONNX exports.",
        is_option=True,
        default_words="the package's `models/`",
        shown="./models",
    )
    package_models: Path | None = None
    """The package's own models, which come second."""
    spike_templates_path: Path | None = key(
        None,
        PATH,
        "Folder of spike templates (`*.json`) that `learnFromSpikes` reads.",
        is_option=True,
        shown="./src/spikes",
    )
    memory: MemorySettings = MemorySettings()
    learning: LearningSettings = LearningSettings()
    ml: MachineLearningSettings = field(default_factory=MachineLearningSettings)
    privacy: PrivacySettings = PrivacySettings()
    schedule: ScheduleSettings = ScheduleSettings()
    auto_learn: AutoLearnSettings = field(default_factory=AutoLearnSettings)
    config_path: Path | None = None
    """The file that was read."""


SECTIONS: dict[str, type] = {
    "memory": MemorySettings,
    "learning": LearningSettings,
    "ml": MachineLearningSettings,
    "privacy": PrivacySettings,
    "schedule": ScheduleSettings,
    "auto_learn": AutoLearnSettings,
}

KEYS: dict[str, Key] = {
    one.full_name: one
    for one in (
        *keys_of("memory", Settings),
        *(one for name, settings in SECTIONS.items() for one in keys_of(name, settings)),
    )
}
"""Every key by its full name, such as `memory.cache_size_mb`, in the order of a file."""


def keys_in(section: str) -> dict[str, Key]:
    """The keys of a section by name."""
    return {one.name: one for one in KEYS.values() if one.section == section}
