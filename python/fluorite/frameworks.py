"""Which frameworks a chunk is about: its stack, its tags, what it imports and what its manifest names."""

from __future__ import annotations

from collections.abc import Iterable

from .chunk import Chunk
from .framework_names import (
    Framework,
    FrameworkNames,
    canonical_framework,
    framework_key,
    frameworks_in_text,
    given_names,
)
from .framework_packages import language_of_path, packages_in_imports, packages_in_manifest

__all__ = [
    "Framework",
    "FrameworkNames",
    "canonical_framework",
    "framework_key",
    "frameworks_in_imports",
    "frameworks_in_manifest",
    "frameworks_in_text",
    "frameworks_of_chunk",
    "given_names",
]

DESCRIPTION_TYPE = "template"


def frameworks_in_imports(
    code: str, language: str | None = None, names: FrameworkNames | None = None
) -> list[str]:
    """Canonical names of what `code` imports, in order and each once. `language` is a name or a file's
    ending; None: imports are known by their form."""
    return _known(packages_in_imports(code, language), names or given_names())


def frameworks_in_manifest(file_name: str, text: str, names: FrameworkNames | None = None) -> list[str]:
    """Canonical names of what a manifest depends on, in order and each once; none for any other file."""
    return _known(packages_in_manifest(file_name, text), names or given_names())


def frameworks_of_chunk(chunk: Chunk, names: FrameworkNames | None = None) -> tuple[str, ...]:
    """Canonical names, languages included, of what a chunk is about, each once: first its stack, then its
    tags, then its code.

    A label of the stack that nobody knows stands for itself; an unknown tag is a topic, and so is one that
    is a common word.
    """
    names = names or given_names()
    found = [names.of_label(label) for label in chunk.frameworks]
    found += [names.unmistakable(tag) for tag in chunk.tags]
    if isinstance(chunk.content, str) and chunk.chunk_type != DESCRIPTION_TYPE:
        path = _text(chunk.metadata.get("path"))
        language = _text(chunk.metadata.get("language")) or language_of_path(path)
        if language or not path:
            found += frameworks_in_imports(chunk.content, language or None, names)
        found += frameworks_in_manifest(path, chunk.content, names)
    return tuple(dict.fromkeys(name for name in found if name is not None))


def _known(packages: Iterable[str], names: FrameworkNames) -> list[str]:
    found = map(names.of_package, packages)
    return list(dict.fromkeys(name for name in found if name is not None))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
