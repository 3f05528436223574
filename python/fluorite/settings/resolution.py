"""From options, environment variables, file and defaults to the values that count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..errors import InvalidArgument, InvalidConfiguration, reject_unknown
from .keys import DECLARATION, Key
from .places import PATH_OPTION, enclosing_repository, find_configuration, usual_state_path
from .rules import PATH, absolute_path
from .sections import KEYS, SECTIONS, Settings, keys_in

if TYPE_CHECKING:
    from .configuration_file import ConfigurationFile

Origin = Literal["default", "file", "environment", "option"]

STATE_PATH = "privacy.state_path"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a process brings along besides options. By default nothing: then only options and the file
    that they name count, and nothing of the use is kept."""

    environment: Mapping[str, str] = field(default_factory=dict)
    working_folder: Path | None = None


@dataclass(frozen=True, slots=True)
class GivenValue:
    """A checked value, paths absolute. `source` names the file, which `line_of` looks up, or the variable."""

    value: Any
    origin: Origin
    source: str | None = None


def resolve(
    options: Mapping[str, Any],
    package_models: Path | None = None,
    surroundings: Surroundings | None = None,
) -> Settings:
    """The settings that the options of `initialize` ask for.

    `package_models` is where set-up left the exported default model.

    Raises UnknownOption, InvalidArgument, PathNotFound or InvalidConfiguration.
    """
    given, file = given_values(options, surroundings or Surroundings())
    if "memory.memory_path" not in given:
        raise InvalidArgument(
            "initialize needs memory_path, the folder that keeps the memory. "
            "Pass for example { memory_path: './memory' }."
        )
    own = [item.name for item in fields(Settings) if DECLARATION in item.metadata]
    return Settings(
        package_models=package_models,
        config_path=file.path if file else None,
        **{name: _value(given, KEYS[f"memory.{name}"]) for name in own},
        **{section: _section(given, section) for section in SECTIONS},
    )


def given_values(
    options: Mapping[str, Any], surroundings: Surroundings
) -> tuple[dict[str, GivenValue], ConfigurationFile | None]:
    """The values that are not those of the classes, by full name, each from what counts most."""
    allowed = {key.name: key for key in KEYS.values() if key.declared.is_option}
    reject_unknown("option of initialize", options, (PATH_OPTION, *allowed))
    config_path = _path_option(PATH_OPTION, options.get(PATH_OPTION))
    file = _file(config_path, surroundings)
    given = dict[str, GivenValue]()
    if file is not None:
        given.update(_of_file(file))
    given.update(_of_environment(surroundings.environment))
    for name, key in allowed.items():
        if options.get(name) is not None:
            given[key.full_name] = GivenValue(_checked(key, name, options[name], InvalidArgument), "option")
    _place_state(given, surroundings.environment)
    return given, file


def _file(given: Path | None, surroundings: Surroundings) -> ConfigurationFile | None:
    found = find_configuration(given, surroundings.environment, surroundings.working_folder)
    if found is None:
        return None
    # tomllib is worth its time only where there is a file.
    from .configuration_file import read_configuration

    return read_configuration(*found)


def _of_file(file: ConfigurationFile) -> dict[str, GivenValue]:
    found = {}
    for section, values in file.sections.items():
        for name, value in values.items():
            key = keys_in(section)[name]
            placed = absolute_path(value, file.path.absolute().parent) if key.is_path else value
            found[key.full_name] = GivenValue(placed, "file", str(file.path))
    return found


def _of_environment(environment: Mapping[str, str]) -> dict[str, GivenValue]:
    """An empty variable counts as not given."""
    found = {}
    for key in KEYS.values():
        text = environment.get(key.variable)
        if text:
            value = _checked(key, key.variable, key.declared.rule.read(text), InvalidConfiguration)
            found[key.full_name] = GivenValue(value, "environment", key.variable)
    return found


def _checked(
    key: Key, name: str, value: Any, error: type[InvalidArgument] | type[InvalidConfiguration]
) -> Any:
    rule = key.declared.rule
    if not rule.accepts(value):
        raise error(f"{name} is {value!r}, which is not valid. It takes {rule.takes}.")
    return absolute_path(value) if key.is_path else value


def _path_option(name: str, value: Any) -> Path | None:
    if value is None:
        return None
    if not PATH.accepts(value):
        raise InvalidArgument(f"{name} is {value!r}, which is not valid. It takes {PATH.takes}.")
    return absolute_path(value)


def _place_state(given: dict[str, GivenValue], environment: Mapping[str, str]) -> None:
    """Refuses a named state folder inside a repository; gives the usual one where none is named."""
    named = given.get(STATE_PATH)
    if named is None:
        usual = usual_state_path(environment)
        if usual is not None:
            given[STATE_PATH] = GivenValue(usual, "default")
    elif (repository := enclosing_repository(named.value)) is not None:
        raise InvalidConfiguration(
            f"{named.source}: the state folder {str(named.value)!r} lies inside the repository {repository}. "
            "Searches and logs are private: name a folder outside of every repository."
        )


def _section(given: Mapping[str, GivenValue], section: str) -> Any:
    settings = SECTIONS[section]
    names = {item.name for item in fields(settings)}
    values = {
        name: _value(given, key)
        for name, key in keys_in(section).items()
        if name in names and key.full_name in given
    }
    return replace(settings(), **values)


def _value(given: Mapping[str, GivenValue], key: Key) -> Any:
    value = given[key.full_name].value if key.full_name in given else None
    return tuple(value) if isinstance(value, list) else value
