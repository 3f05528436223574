"""What `getConfiguration` tells: every key, the value that counts, and where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .configuration_file import ConfigurationFile
from .keys import Key
from .resolution import STATE_PATH, GivenValue, Origin, Surroundings, given_values
from .sections import KEYS


@dataclass(frozen=True, slots=True)
class ConfigurationValue:
    """A key with the value that counts, and where it came from. See types/settings.d.ts."""

    key: str
    value: Any
    origin: Origin
    source: str | None
    default: Any
    unit: str | None
    effect: str
    variable: str


def effective(options: Mapping[str, Any], surroundings: Surroundings) -> list[ConfigurationValue]:
    """Every key, in the order of a file. Raises as `resolve` does, but needs no memory_path."""
    given, file = given_values(options, surroundings)
    return [
        _described(key, given.get(name, GivenValue(key.default, "default")), file)
        for name, key in KEYS.items()
    ]


def _described(key: Key, given: GivenValue, file: ConfigurationFile | None) -> ConfigurationValue:
    source = given.source
    if given.origin == "file" and file is not None and (line := file.line_of(key)):
        source = f"{source}:{line}"
    return ConfigurationValue(
        key=key.full_name,
        value=str(given.value) if isinstance(given.value, Path) else given.value,
        origin=given.origin,
        source=source,
        default=key.declared.default_words if key.full_name == STATE_PATH else key.default,
        unit=key.declared.unit,
        effect=key.declared.effect,
        variable=key.variable,
    )
