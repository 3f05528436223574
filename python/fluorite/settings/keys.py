"""Keys: what a field of a settings class declares about itself, and nobody says again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any

from .rules import PATH, Rule

DECLARATION = "key"
VARIABLE_PREFIX = "FLUORITE_"


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a key is besides its name and its section.

    effect        one or two sentences for the reader of a reference page
    unit          of a number
    is_option     whether an option of `initialize` has the same name
    variable      the environment variable; by default FLUORITE_ and the name in capitals
    default_words the default where it depends on the machine
    shown         what a commented file shows, where there is no default
    """

    rule: Rule
    effect: str
    unit: str | None = None
    is_option: bool = False
    variable: str | None = None
    default_words: str | None = None
    shown: Any = None


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a section. `default` is as a file would write it; None where there is none."""

    section: str
    name: str
    default: Any
    declared: Declaration

    @property
    def full_name(self) -> str:
        return f"{self.section}.{self.name}"

    @property
    def variable(self) -> str:
        return self.declared.variable or f"{VARIABLE_PREFIX}{self.name.upper()}"

    @property
    def is_path(self) -> bool:
        return self.declared.rule is PATH


def key(default: Any, rule: Rule, effect: str, **further: Any) -> Any:
    """A field that is a key; `further` are fields of Declaration. A callable default is called."""
    metadata = {DECLARATION: Declaration(rule, effect, **further)}
    if callable(default):
        return field(default_factory=default, metadata=metadata)
    return field(default=default, metadata=metadata)


def keys_of(section: str, settings: type) -> Iterator[Key]:
    """The keys that a class declares, in its order."""
    for item in fields(settings):
        if DECLARATION in item.metadata:
            yield Key(section, item.name, _default_of(item), item.metadata[DECLARATION])


def _default_of(item: Field[Any]) -> Any:
    if item.default_factory is not MISSING:
        factory: Callable[[], Any] = item.default_factory
        return factory()
    default = None if item.default is MISSING else item.default
    return list(default) if isinstance(default, tuple) else default
