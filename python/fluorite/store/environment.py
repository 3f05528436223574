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
from .environment_copy import copy_environment, synchronise
from .folder_claim import FolderClaim

GIBIBYTE = 1024**3
INITIAL_MAP_SIZE = 16 * GIBIBYTE
MOST_READERS = 1024
MOST_TABLES = 16

Result = TypeVar("Result")
OpenTable = Callable[..., lmdb._Database]


class Environment:
    """An LMDB environment, shared by all that open the same folder in this process.

    LMDB forbids opening one environment twice in a process: the second close would drop the locks
    of the first. The map is sparse and large; growing it needs a moment without transactions, which
    `_gate` provides, and so does putting another data file in the place of this one. Full durability:
    a write that returned is on disk.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._gate = threading.Condition()
        self._active = 0
        self._inside = threading.local()
        self._closed_off = False
        self._takers: list[Callable[[OpenTable], None]] = []
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._claim = FolderClaim(path)
            try:
                self._handle = _opened(path)
            except BaseException:
                self._claim.release()
                raise
        except (OSError, lmdb.Error) as error:
            raise _translated(path, error) from error

    def when_opened(self, take: Callable[[OpenTable], None]) -> None:
        """Has `take` open its tables, at once and again whenever the data file was exchanged."""
        with self._shared():
            take(self._open_table)
        self._takers.append(take)

    def _open_table(self, name: str, integer_keys: bool = False) -> lmdb._Database:
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
        self._claim.release()

    def copy_to(self, path: Path, tell: Callable[[int], None]) -> None:
        """Writes a consistent copy without free pages to a file that is not there yet; on disk when this
        returns. Reads and writes go on meanwhile. `tell` hears the bytes written and may raise to stop it.
        """
        with self._shared():
            self._copy_to(path, tell)

    def refuse_others(self) -> None:
        """Raises StoreError, which names them, where other processes have the folder open."""
        with self._alone():
            pass

    def compact(self, tell: Callable[[int], None]) -> None:
        """Puts a copy without free pages in the place of the data file; see copy_to for `tell`.

        Calls from this process wait for a moment. Raises StoreError where another has the folder open.
        """
        copied = self.path / "data.mdb.compacted"
        try:
            before = self._last_write()
            copied.unlink(missing_ok=True)
            self.copy_to(copied, tell)
            with self._alone():
                if self._last_write() != before:
                    copied.unlink()
                    self._copy_to(copied, tell)
                self._exchange(copied)
        except (OSError, lmdb.Error) as error:
            raise _translated(self.path, error) from error
        finally:
            copied.unlink(missing_ok=True)

    def exchange(self, make: Callable[[], Path]) -> None:
        """Puts the file that `make` returns in the place of the data file, which it may read and link.

        Calls from this process wait until then. Raises StoreError where another has the folder open.
        """
        try:
            with self._alone():
                self._exchange(make())
        except (OSError, lmdb.Error) as error:
            raise _translated(self.path, error) from error

    def _last_write(self) -> int:
        return int(self._handle.info()["last_txnid"])

    def _copy_to(self, path: Path, tell: Callable[[int], None]) -> None:
        try:
            copy_environment(self._handle, path, tell)
        except (OSError, lmdb.Error) as error:
            raise _translated(self.path, error) from error

    def _exchange(self, path: Path) -> None:
        self._handle.close()
        try:
            synchronise(path)
            path.replace(self.path / "data.mdb")
            synchronise(self.path)
        finally:
            self._handle = _opened(self.path)
            for take in self._takers:
                take(self._open_table)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No transaction runs in this process and no other has the folder open until the block ends."""
        with self._closed():
            if not self._claim.take_alone():
                holders = ", ".join(self._claim.holders()) or "another process"
                raise StoreError(
                    f"{self.path} is also open in {holders}. Shut that down, or wait for its end, and try "
                    "again."
                )
            try:
                yield
            finally:
                self._claim.share()

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
        depth = getattr(self._inside, "depth", 0)
        with self._gate:
            # Whoever closes the gate waits for this thread, if it is inside already.
            self._gate.wait_for(lambda: depth > 0 or not self._closed_off)
            self._active += 1
        self._inside.depth = depth + 1
        try:
            yield
        finally:
            self._inside.depth = depth
            with self._gate:
                self._active -= 1
                if self._active == 0:
                    self._gate.notify_all()

    @contextmanager
    def _closed(self) -> Iterator[None]:
        """No transaction of this process runs, and none begins, until the block ends."""
        with self._gate:
            self._gate.wait_for(lambda: not self._closed_off)
            self._closed_off = True
            self._gate.wait_for(lambda: self._active == 0)
        try:
            yield
        finally:
            with self._gate:
                self._closed_off = False
                self._gate.notify_all()

    def _resize(self, factor: int) -> None:
        with self._closed():
            try:
                self._handle.set_mapsize(self._handle.info()["map_size"] * factor)
            except (OSError, lmdb.Error) as error:
                raise _translated(self.path, error) from error


_environments: Shared[Path, Environment] = Shared(Environment.close_for_all)


def open_environment(path: Path) -> Environment:
    """The process's environment for `path`. Raises StoreError or StoreDamaged."""
    path = path.resolve()
    return _environments.acquire(path, lambda: Environment(path))


def _opened(path: Path) -> lmdb.Environment:
    handle = lmdb.open(
        str(path),
        map_size=INITIAL_MAP_SIZE,
        max_dbs=MOST_TABLES,
        max_readers=MOST_READERS,
        max_spare_txns=8,
    )
    handle.reader_check()
    return handle


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
