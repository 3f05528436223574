"""A copy of a memory's truth: chunks and embeddings. Indexes are derived and left out."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import lmdb

from ..context import CallContext
from ..errors import InvalidArgument, StoreError
from .chunk_store import ChunkStore
from .embedding_store import EmbeddingStore
from .environment_copy import synchronise

DATA = "data.mdb"
SPARE_BYTES = 1 << 20


def back_up(
    chunks: ChunkStore, embeddings: EmbeddingStore, target: Path, context: CallContext
) -> tuple[int, int]:
    """Makes `target` a memory with everything that was stored before the call, while others go on writing.

    The folder appears whole or not at all, and is on disk then. Returns its bytes and its chunks. Raises
    InvalidArgument where it is no empty folder, StoreError and Cancelled.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InvalidArgument(f"{str(target)!r} is not an empty folder. Give one that does not exist yet.")
    total = chunks.used_bytes() + embeddings.used_bytes()
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(target.parent).free
        if free < total + SPARE_BYTES:
            raise StoreError(
                f"{target.parent} has {free:,} bytes free, and the backup may take {total:,}. Make room, or "
                "choose another disk."
            )
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        # An embedding is stored before its chunk: copied after the chunks, they have theirs.
        done = 0
        for name, environment in (("chunks", chunks.environment), ("embeddings", embeddings.environment)):
            (temporary / name).mkdir()
            environment.copy_to(temporary / name / DATA, progress_of_copy(context, done, total))
            synchronise(temporary / name)
            done += (temporary / name / DATA).stat().st_size
        synchronise(temporary)
        count = _count(temporary / "chunks")
        temporary.replace(target)
        synchronise(target.parent)
    except OSError as error:
        raise StoreError(f"{target}: {error.strerror}. Check that the folder can be written to.") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    context.report("copy", total, total)
    return done, count


def progress_of_copy(context: CallContext, before: int, total: int) -> Callable[[int], None]:
    """Reports the bytes of one of several copies, `before` of `total` having been written."""
    return lambda written: context.report("copy", min(before + written, total - 1), total)


def _count(folder: Path) -> int:
    with lmdb.open(str(folder), readonly=True, lock=False, max_dbs=1) as copied:
        ids = copied.open_db(b"ids", create=False)
        with copied.begin() as transaction:
            return int(transaction.stat(ids)["entries"])
