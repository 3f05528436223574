"""What the manifests of a folder say that its code is made with."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from pathlib import PurePosixPath

from ...frameworks import frameworks_in_manifest, given_names
from ..text_file import Undecodable, decode_text
from .source_files import SourceFile

LARGEST_MANIFEST = 256 * 1024

_JAVASCRIPT = frozenset({"package.json", "deno.json", "deno.jsonc"})
_PYTHON = frozenset({"pyproject.toml", "pipfile", "requirements.txt"})
_JVM = frozenset({"pom.xml", "build.gradle", "build.gradle.kts"})
_LANGUAGES_OF_MANIFEST = {
    **dict.fromkeys(
        _JAVASCRIPT, "typescript tsx javascript vue svelte astro css scss html prisma graphql json"
    ),
    **dict.fromkeys(_PYTHON, "python jinja html"),
    **dict.fromkeys(_JVM, "java kotlin groovy scala"),
    "composer.json": "php twig html",
    "go.mod": "go",
    "cargo.toml": "rust",
    "gemfile": "ruby erb html",
    "pubspec.yaml": "dart",
    "mix.exs": "elixir",
}


class Manifests:
    """The frameworks that manifests name, for the files in and below their folders."""

    def __init__(self) -> None:
        self._of_folder = dict[str, list[tuple[frozenset[str], tuple[str, ...]]]]()

    def read(self, files: Iterable[SourceFile]) -> None:
        """Takes in the manifests among `files`."""
        for file in files:
            name = PurePosixPath(file.name).name.lower()
            languages = _LANGUAGES_OF_MANIFEST.get(name)
            if languages is not None and file.size <= LARGEST_MANIFEST:
                found = _frameworks(file)
                if found:
                    folder = file.name.rpartition("/")[0]
                    entry = (frozenset(languages.split()), found)
                    self._of_folder.setdefault(folder, []).append(entry)

    def frameworks(self, file_name: str, language: str) -> tuple[str, ...]:
        """What the nearest manifest for that language names; empty where there is none."""
        if not self._of_folder:
            return ()
        folder = file_name.rpartition("/")[0]
        while True:
            entries = self._of_folder.get(folder, ())
            found = [one for languages, names in entries if language in languages for one in names]
            if found:
                return tuple(dict.fromkeys(found))
            if not folder:
                return ()
            folder = folder.rpartition("/")[0]

    def stamp(self, file_name: str, language: str) -> int:
        """A number that changes with `frameworks`."""
        return zlib.crc32(" ".join(self.frameworks(file_name, language)).encode())


def _frameworks(file: SourceFile) -> tuple[str, ...]:
    try:
        text = decode_text(file.path.read_bytes())
    except (OSError, Undecodable):
        return ()
    known = given_names()
    return tuple(one for one in frameworks_in_manifest(file.name, text) if known.is_framework(one))
