"""Settings: the options of `initialize` over a TOML file over the defaults written here.

This module is the single source of defaults and of the rules that values obey.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar, cast

from .errors import InvalidArgument, InvalidConfiguration, PathNotFound, reject_unknown, unknown_name

MEBIBYTE = 1024 * 1024


def _option(default: Any, check: Callable[[Any], str | None]) -> Any:
    """A field whose values `check` accepts by returning None, or refuses by saying what is valid."""
    return field(default=default, metadata={"check": check})


def _flag(value: object) -> str | None:
    return None if isinstance(value, bool) else "true or false"


def _whole(low: int, high: int) -> Callable[[object], str | None]:
    def check(value: object) -> str | None:
        good = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
        return None if good else f"a whole number from {low:,} to {high:,}"

    return check


def _fraction(value: object) -> str | None:
    good = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
    return None if good else "a number from 0 to 1"


def _text(value: object) -> str | None:
    return None if isinstance(value, str) and value.strip() else "a text that is not empty"


def _optional_text(value: object) -> str | None:
    return None if value is None else _text(value)


def _one_of(*names: str) -> Callable[[object], str | None]:
    def check(value: object) -> str | None:
        return None if value in names else f"one of {', '.join(repr(name) for name in names)}"

    return check


def _names(value: object) -> str | None:
    good = isinstance(value, list | tuple) and all(isinstance(name, str) and name.strip() for name in value)
    return None if good else "a list of names"


def _only_true(value: object) -> str | None:
    return None if value is True else "true: this engine computes on the CPU alone"


def _thread_count() -> int:
    return min(8, os.cpu_count() or 1)


@dataclass(frozen=True, slots=True)
class MemorySettings:
    """`[memory]`: how chunks are kept."""

    cache_size_mb: int = _option(512, _whole(0, 1024 * 1024))
    """Upper bound of the decoded chunks held in memory, in MiB; 0 turns the cache off."""
    enable_compression: bool = _option(True, _flag)
    """Whether records are compressed with zstd on their way to the disk."""
    max_chunk_size: int = _option(MEBIBYTE, _whole(1, 1024 * MEBIBYTE))
    """Largest content of one chunk, in bytes of UTF-8."""


@dataclass(frozen=True, slots=True)
class LearningSettings:
    """`[learning]`: how templates become chunks."""

    quality_threshold: float = _option(0.7, _fraction)
    """Chunks with at least this `quality_score` count as high quality in reports."""
    batch_size: int = _option(32, _whole(1, 4096))
    """Most texts that go through the model at once."""
    parallel_processing: bool = _option(True, _flag)
    """Whether templates are read and parsed on several threads."""
    enable_incremental_learning: bool = _option(True, _flag)
    """Whether a run skips the files that have not changed since the last one."""
    target_frameworks: tuple[str, ...] = _option((), _names)
    """Learn only templates whose stack names one of these; empty means all."""


@dataclass(frozen=True, slots=True)
class MachineLearningSettings:
    """`[ml]`: how texts become vectors."""

    enable_ml: bool = _option(True, _flag)
    """False: no machine-learning library is ever imported."""
    embedding_model: str = _option("all-MiniLM-L6-v2", _text)
    """Name of a sentence-transformers directory under `models_path`."""
    precision: str = _option("int8", _one_of("fp32", "int8"))
    """Arithmetic of the model: 8-bit integers find as well as 32-bit floats, in less than half the time."""
    cpu_only: bool = _option(True, _only_true)
    num_threads: int = field(default_factory=_thread_count, metadata={"check": _whole(1, 256)})
    """Threads of one embedding batch; by default the machine's cores, 8 at most."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an engine needs to know before it starts."""

    memory_path: Path
    models_path: Path | None = None
    """Folder of sentence-transformers models and of their exports; the package's own comes second."""
    package_models: Path | None = None
    spike_templates_path: Path | None = None
    memory: MemorySettings = MemorySettings()
    learning: LearningSettings = LearningSettings()
    ml: MachineLearningSettings = field(default_factory=MachineLearningSettings)


_SECTIONS: dict[str, type] = {
    "memory": MemorySettings,
    "learning": LearningSettings,
    "ml": MachineLearningSettings,
}
_PATH_OPTIONS = ("memory_path", "models_path", "spike_templates_path", "config_path")
_SECTION_OF_OPTION = {
    "cache_size_mb": "memory",
    "batch_size": "learning",
    "enable_incremental_learning": "learning",
    "target_frameworks": "learning",
    "enable_ml": "ml",
}

Section = TypeVar("Section")


def resolve(options: Mapping[str, Any], package_models: Path | None = None) -> Settings:
    """The settings that the options of `initialize` ask for.

    `package_models` is where set-up left the exported default model.

    Raises UnknownOption, InvalidArgument, PathNotFound or InvalidConfiguration.
    """
    reject_unknown("option of initialize", options, (*_PATH_OPTIONS, *_SECTION_OF_OPTION))
    paths = {name: _path(name, options.get(name)) for name in _PATH_OPTIONS}
    memory_path = paths["memory_path"]
    if memory_path is None:
        raise InvalidArgument(
            "initialize needs memory_path, the folder that keeps the memory. "
            "Pass for example { memory_path: './memory' }."
        )
    sections = read_configuration(paths["config_path"]) if paths["config_path"] else {}
    for name, section in _SECTION_OF_OPTION.items():
        if options.get(name) is not None:
            _require(name, options[name], _checks(_SECTIONS[section])[name], InvalidArgument)
            sections.setdefault(section, {})[name] = options[name]
    templates = paths["spike_templates_path"]
    return Settings(
        memory_path=memory_path,
        models_path=paths["models_path"],
        package_models=package_models,
        spike_templates_path=templates,
        memory=_section(MemorySettings, sections.get("memory", {})),
        learning=_section(LearningSettings, sections.get("learning", {})),
        ml=_section(MachineLearningSettings, sections.get("ml", {})),
    )


def read_configuration(path: Path) -> dict[str, dict[str, Any]]:
    """The checked sections of a TOML file. Raises PathNotFound or InvalidConfiguration."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PathNotFound(
            f"config_path {str(path)!r} does not exist. Create the file or leave the option out."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidConfiguration(
            f"{path}: the file cannot be read ({error}). Save it as readable UTF-8 text."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise InvalidConfiguration(f"{path}: not valid TOML: {error}. Correct that line.") from None
    for section, values in document.items():
        if section not in _SECTIONS:
            raise InvalidConfiguration(f"{path}: {unknown_name('section', section, _SECTIONS)}")
        if not isinstance(values, dict):
            raise InvalidConfiguration(f"{path}: {section} is a section. Write it as [{section}].")
        checks = _checks(_SECTIONS[section])
        for name, value in values.items():
            where = f"{path}: [{section}] {name}"
            if name not in checks:
                raise InvalidConfiguration(f"{path}: {unknown_name(f'key in [{section}]', name, checks)}")
            _require(where, value, checks[name], InvalidConfiguration)
    return cast(dict[str, dict[str, Any]], document)


def _checks(section: type) -> dict[str, Callable[[Any], str | None]]:
    return {item.name: item.metadata["check"] for item in fields(section)}


def _require(
    name: str,
    value: Any,
    check: Callable[[Any], str | None],
    error: type[InvalidArgument | InvalidConfiguration],
) -> None:
    valid = check(value)
    if valid is not None:
        raise error(f"{name} is {value!r}, which is not valid. It takes {valid}.")


def _section(section: type[Section], values: Mapping[str, Any]) -> Section:
    frozen = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    return cast(Section, replace(cast(Any, section()), **frozen))


def _path(name: str, value: Any) -> Path | None:
    if value is None:
        return None
    _require(name, value, _text, InvalidArgument)
    if "\0" in value:
        raise InvalidArgument(f"{name} holds a NUL character. Pass a path without one.")
    return Path(value).expanduser().absolute()
