"""Consistent copies of LMDB environments, with progress."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import lmdb

BYTES_AT_ONCE = 1 << 20


def copy_environment(handle: lmdb.Environment, path: Path, tell: Callable[[int], None]) -> None:
    """Writes what `handle` holds as of now, without free pages, to the file `path`; on disk when this
    returns. `tell` hears the bytes written and may raise to stop it; the file is then removed.

    LMDB writes into a pipe and this thread from there into the file. Raises lmdb.Error or OSError.
    """
    failures = list[BaseException]()
    source, sink = os.pipe()

    def write() -> None:
        try:
            handle.copyfd(sink, compact=True)
        except BaseException as error:
            failures.append(error)
        finally:
            os.close(sink)

    writer = threading.Thread(target=write, name="fluorite-copy", daemon=True)
    writer.start()
    try:
        with path.open("xb") as file:
            written = 0
            while data := os.read(source, BYTES_AT_ONCE):
                file.write(data)
                written += len(data)
                tell(written)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    finally:
        # A copy that nobody reads ends with a broken pipe.
        os.close(source)
        writer.join()
    if failures:
        path.unlink(missing_ok=True)
        raise failures[0]


def synchronise(path: Path) -> None:
    """Has a file, or the names of a folder's files, on disk when this returns."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
