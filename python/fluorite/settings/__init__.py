"""Settings: options of `initialize` over FLUORITE_* variables over one TOML file over declared defaults.

sections            every key with its default, rule, unit and effect: the single source of them
rules, keys         what values keys take, and what a key declares
places              where the file and the state folder lie
configuration_file  reading the file
resolution          which value counts
effective           every value with where it came from
reference           the commented file and docs/configuration.md, made from the keys
"""

from .auto_learn import AutoLearnSettings
from .resolution import Surroundings, resolve
from .sections import (
    MEBIBYTE,
    LearningSettings,
    MachineLearningSettings,
    MemorySettings,
    PrivacySettings,
    ScheduleSettings,
    Settings,
)

__all__ = [
    "MEBIBYTE",
    "AutoLearnSettings",
    "LearningSettings",
    "MachineLearningSettings",
    "MemorySettings",
    "PrivacySettings",
    "ScheduleSettings",
    "Settings",
    "Surroundings",
    "resolve",
]
