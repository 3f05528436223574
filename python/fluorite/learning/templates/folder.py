"""A folder of templates, and what is remembered of it between runs."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

import msgpack
import zstandard

from ...errors import InvalidArgument, PathNotFound
from ...store import ChunkStore

MEMORY_FORMAT = 1


@dataclass(frozen=True, slots=True)
class FileState:
    """A file as it was when it was last read.

    `template_id` is None where it held no template; then `line` and `reason` say why, except that a
    skipped template has an empty reason.
    """

    modified_ns: int
    size: int
    template_id: str | None = None
    line: int = 0
    reason: str = ""

    def looks_like(self, other: FileState | None) -> bool:
        return other is not None and (self.modified_ns, self.size) == (other.modified_ns, other.size)


def scan(folder: Path) -> dict[str, FileState]:
    """The JSON files below `folder`: path relative to it, with '/', in order → state.

    Raises PathNotFound or InvalidArgument. Hidden folders are passed over.
    """
    check_folder(folder)
    found = {}
    waiting = [folder]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if not entry.name.startswith("."):
                        waiting.append(Path(entry.path))
                elif entry.name.endswith(".json") and entry.is_file():
                    status = entry.stat()
                    name = os.path.relpath(entry.path, folder).replace(os.sep, "/")
                    found[name] = FileState(status.st_mtime_ns, status.st_size)
    return dict(sorted(found.items()))


def check_folder(folder: Path) -> None:
    """Raises PathNotFound or InvalidArgument where there is no such folder."""
    if not folder.exists():
        raise PathNotFound(f"The template folder {str(folder)!r} does not exist. Check spike_templates_path.")
    if not folder.is_dir():
        raise InvalidArgument(f"{str(folder)!r} is a file. Give the folder that holds the templates.")


class FolderMemory:
    """The states of a folder's files at the last run, kept in the store.

    They count only for the same target frameworks, because others would select other templates.
    """

    def __init__(self, store: ChunkStore, folder: Path, target_frameworks: Iterable[str]) -> None:
        digest = hashlib.blake2b(str(folder).encode(), digest_size=8).hexdigest()
        self._name = f"spikes:{digest}"
        self._store = store
        self._targets = sorted(target_frameworks)

    def load(self) -> dict[str, FileState]:
        packed = self._store.facts.get(self._name)
        if packed is None:
            return {}
        remembered = msgpack.unpackb(zstandard.ZstdDecompressor().decompress(packed))
        if remembered["format"] != MEMORY_FORMAT:
            return {}
        columns = (remembered[column] for column in ("names", "modified_ns", "sizes", "template_ids"))
        states = [
            FileState(
                modified_ns,
                size,
                PurePath(name).stem if template_id is True else template_id,
                *remembered["faults"].get(name, ()),
            )
            for name, modified_ns, size, template_id in zip(*columns, strict=True)
        ]
        if remembered["targets"] != self._targets:
            # Known files stay known, so that their chunks can be removed; none counts as unchanged.
            states = [replace(state, size=-1) for state in states]
        return dict(zip(remembered["names"], states, strict=True))

    def save(self, files: dict[str, FileState]) -> None:
        # Columns of like values, and no id that its file's name tells already: half the size of rows.
        packed = msgpack.packb(
            {
                "format": MEMORY_FORMAT,
                "targets": self._targets,
                "names": list(files),
                "modified_ns": [state.modified_ns for state in files.values()],
                "sizes": [state.size for state in files.values()],
                "template_ids": [
                    state.template_id == PurePath(name).stem or state.template_id
                    for name, state in files.items()
                ],
                "faults": {name: (state.line, state.reason) for name, state in files.items() if state.reason},
            }
        )
        self._store.facts.put(self._name, zstandard.ZstdCompressor(level=12).compress(packed))
