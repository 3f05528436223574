"""LMDB environments: one per path and process, grown when full."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import lmdb

from ..errors import StoreDamaged, StoreError
from ..shared import Shared

GIBIBYTE = 1024**3
INITIAL_MAP_SIZE = 16 * GIBIBYTE
MOST_READERS = 1024
MOST_TABLES = 16

Result = TypeVar("Result")


class Environment:
    """An LMDB environment, shared by all that open the same folder in this process.

    LMDB forbids opening one environment twice in a process: the second close would drop the locks
    of the first. The map is sparse and large; growing it needs a moment without transactions, which
    `_gate` provides. Full durability: a write that returned is on disk.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._gate = threading.Condition()
        self._active = 0
        self._growing = False
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._handle = lmdb.open(
                str(path),
                map_size=INITIAL_MAP_SIZE,
                max_dbs=MOST_TABLES,
                max_readers=MOST_READERS,
                max_spare_txns=8,
            )
        except (OSError, lmdb.Error) as error:
            raise _translated(path, error) from error
        self._handle.reader_check()

    def table(self, name: str, *, integer_keys: bool = False) -> lmdb._Database:
        with self._shared():
            return self._handle.open_db(name.encode(), integerkey=integer_keys)

    def read(self, work: Callable[[lmdb.Transaction], Result]) -> Result:
        """Runs `work` on one consistent view of the store."""
        return self._run(work, write=False)

    def write(self, work: Callable[[lmdb.Transaction], Result]) -> Result:
        """Runs `work` in a write transaction and commits; again after growing, where the map was full.

        `work` must therefore not change anything but the transaction.
        """
        return self._run(work, write=True)

    def used_bytes(self) -> int:
        """Bytes of the data file that hold pages."""
        with self._shared():
            info, stat = self._handle.info(), self._handle.stat()
        return int((info["last_pgno"] + 1) * stat["psize"])

    def close(self) -> None:
        """Gives up this holder's share; the last one closes the environment."""
        _environments.release(self.path)

    def close_for_all(self) -> None:
        """Closes the environment once no transaction is under way."""
        with self._gate:
            self._gate.wait_for(lambda: self._active == 0)
        self._handle.close()

    def _run(self, work: Callable[[lmdb.Transaction], Result], write: bool) -> Result:
        while True:
            try:
                with self._shared(), self._handle.begin(write=write) as transaction:
                    return work(transaction)
            except lmdb.MapFullError:
                self._resize(2)
            except lmdb.MapResizedError:
                self._resize(0)
            except (OSError, lmdb.Error) as error:
                raise _translated(self.path, error) from error

    @contextmanager
    def _shared(self) -> Iterator[None]:
        with self._gate:
            self._gate.wait_for(lambda: not self._growing)
            self._active += 1
        try:
            yield
        finally:
            with self._gate:
                self._active -= 1
                if self._active == 0:
                    self._gate.notify_all()

    def _resize(self, factor: int) -> None:
        with self._gate:
            self._gate.wait_for(lambda: not self._growing)
            self._growing = True
            self._gate.wait_for(lambda: self._active == 0)
            try:
                self._handle.set_mapsize(self._handle.info()["map_size"] * factor)
            except (OSError, lmdb.Error) as error:
                raise _translated(self.path, error) from error
            finally:
                self._growing = False
                self._gate.notify_all()


_environments: Shared[Path, Environment] = Shared(Environment.close_for_all)


def open_environment(path: Path) -> Environment:
    """The process's environment for `path`. Raises StoreError or StoreDamaged."""
    path = path.resolve()
    return _environments.acquire(path, lambda: Environment(path))


def _translated(path: Path, error: Exception) -> StoreError:
    if isinstance(error, lmdb.InvalidError | lmdb.CorruptedError | lmdb.PageNotFoundError | lmdb.PanicError):
        return StoreDamaged(
            f"{path / 'data.mdb'} is not a sound store ({error}). "
            "Put a backup in its place, or move the folder away to start an empty memory."
        )
    if isinstance(error, lmdb.VersionMismatchError):
        return StoreDamaged(
            f"{path / 'data.mdb'} was written by another LMDB format ({error}). Move it away."
        )
    return StoreError(
        f"{path}: {error}. Check that the folder can be written to and that the disk is not full."
    )
