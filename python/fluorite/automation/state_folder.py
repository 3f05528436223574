"""Where automatic learning keeps what belongs in no repository: readable by its owner alone."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import StoreError

FOLDER_MODE = 0o700
FILE_MODE = 0o600


@dataclass(frozen=True, slots=True)
class StateFolder:
    """
    collected/<source>/     pages and feed entries as Markdown; what is known of them in <source>.json
    repositories/<source>/  checked-out Git repositories
    runs/<memory>.json      the journal of a memory's last run
    auto-learn.lock         who is running
    learning-chunks/        the export where no repository is given
    """

    path: Path

    @property
    def lock(self) -> Path:
        return self.path / "auto-learn.lock"

    @property
    def learning_chunks(self) -> Path:
        return self.path / "learning-chunks"

    def collected(self, source: str) -> Path:
        return self.path / "collected" / source

    def collected_state(self, source: str) -> Path:
        return self.path / "collected" / f"{source}.json"

    def repository(self, source: str) -> Path:
        return self.path / "repositories" / source

    def journal(self, memory: Path) -> Path:
        digest = hashlib.blake2b(os.fsencode(memory), digest_size=8).hexdigest()
        return self.path / "runs" / f"{digest}.json"

    def make(self) -> None:
        """Makes the folder. Raises StoreError."""
        make_private(self.path)


def make_private(folder: Path) -> None:
    """Makes a folder, and those above it that are missing, for their owner alone. Raises StoreError."""
    try:
        missing = [one for one in (folder, *folder.parents) if not one.exists()]
        for one in reversed(missing):
            one.mkdir(mode=FOLDER_MODE, exist_ok=True)
        if not folder.is_dir():
            raise NotADirectoryError(f"{folder} is a file")
    except OSError as error:
        raise StoreError(
            f"The folder {str(folder)!r} cannot be made ({error}). Set FLUORITE_STATE_DIR to one that can."
        ) from None


def write_private(file: Path, data: bytes) -> bool:
    """Writes a file whole or not at all, for its owner alone; whether anything had to be written.

    A file that holds the same already is left as it is, so that its time of change tells the truth.
    """
    try:
        if file.read_bytes() == data:
            return False
    except OSError:
        pass
    make_private(file.parent)
    draft = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, FILE_MODE)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(file)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return True


def write_json(file: Path, value: Any) -> None:
    write_private(file, json.dumps(value, ensure_ascii=False, indent=1).encode())


def read_json(file: Path) -> dict[str, Any]:
    """An object that `write_json` wrote; empty where there is none, or none that can be read."""
    try:
        value = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
