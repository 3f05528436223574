"""What is remembered of a learned folder between runs, and which chunks are its own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgpack
import zstandard

from ...chunk import Chunk
from ...store import ChunkStore
from .source_files import SourceFile

MEMORY_FORMAT = 1
LONGEST_NAME_IN_AN_ID = 1500
MOST_CHUNKS_OF_A_FILE = 100_000


@dataclass(frozen=True, slots=True)
class SourceState:
    """A file as it was when it was last read.

    `stamp` stands for what was learned of it from elsewhere. `skipped` is the reason for which it was
    not learned, `line` and `reason` say what was malformed, `secrets` are (line, kind).
    """

    modified_ns: int
    size: int
    stamp: int = 0
    chunks: int = 0
    skipped: str = ""
    line: int = 0
    reason: str = ""
    secrets: tuple[tuple[int, str], ...] = ()

    def is_of(self, file: SourceFile, stamp: int) -> bool:
        return (self.modified_ns, self.size, self.stamp) == (file.modified_ns, file.size, stamp)


class SourceMemory:
    """The states of a folder's files at the last run, kept in the store.

    `kind` says as what the folder was learned, `version` how: after a change of the latter no file counts
    as unchanged. `collection` marks the folder's chunks.
    """

    def __init__(self, store: ChunkStore, folder: Path, kind: str, version: int) -> None:
        digest = hashlib.blake2b(str(folder).encode(errors="surrogateescape"), digest_size=8).hexdigest()
        self.collection = f"{kind}:{digest}"
        self._name = f"sources:{self.collection}"
        self._store = store
        self._version = version

    def load(self) -> dict[str, SourceState]:
        packed = self._store.facts.get(self._name)
        if packed is None:
            return {}
        remembered = msgpack.unpackb(zstandard.ZstdDecompressor().decompress(packed), strict_map_key=False)
        if remembered["format"] != MEMORY_FORMAT:
            return {}
        columns = (remembered[column] for column in ("names", "modified_ns", "sizes", "stamps", "chunks"))
        current = remembered["version"] == self._version
        states = dict[str, SourceState]()
        for name, modified_ns, size, stamp, chunks in zip(*columns, strict=True):
            skipped, line, reason, secrets = remembered["notes"].get(name, ("", 0, "", ()))
            found = tuple((where, kind) for where, kind in secrets)
            known_size = size if current else -1
            states[name] = SourceState(modified_ns, known_size, stamp, chunks, skipped, line, reason, found)
        return states

    def save(self, files: dict[str, SourceState]) -> None:
        packed = msgpack.packb(
            {
                "format": MEMORY_FORMAT,
                "version": self._version,
                "names": list(files),
                "modified_ns": [state.modified_ns for state in files.values()],
                "sizes": [state.size for state in files.values()],
                "stamps": [state.stamp for state in files.values()],
                "chunks": [state.chunks for state in files.values()],
                "notes": {
                    name: (state.skipped, state.line, state.reason, state.secrets)
                    for name, state in files.items()
                    if state.skipped or state.reason or state.secrets
                },
            }
        )
        self._store.facts.put(self._name, zstandard.ZstdCompressor(level=6).compress(packed))

    def chunk_ids(self, name: str) -> set[str]:
        """The ids of the chunks that the store holds of a file of this folder."""
        base = base_id(name)
        candidates = [
            *self._store.get([base]),
            *self._store.page(prefix=f"{base}#", limit=MOST_CHUNKS_OF_A_FILE).chunks,
            *self._store.page(prefix=f"{base}~", limit=MOST_CHUNKS_OF_A_FILE).chunks,
        ]
        return {chunk.id for chunk in candidates if chunk is not None and self.owns(chunk, name)}

    def owns(self, chunk: Chunk, name: str) -> bool:
        return (chunk.metadata.get("collection"), chunk.metadata.get("path")) == (self.collection, name)


def base_id(name: str) -> str:
    """The id of a file's first chunk, and the beginning of the others': its name, cut where it is so long
    that no id would hold it."""
    encoded = name.encode()
    if len(encoded) <= LONGEST_NAME_IN_AN_ID:
        return name
    digest = hashlib.blake2b(encoded, digest_size=8).hexdigest()
    return f"{encoded[:LONGEST_NAME_IN_AN_ID].decode(errors='ignore')}…{digest}"
