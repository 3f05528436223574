"""What filters, folding and ranking need to know of every chunk, as columns.

The catalog is a sequence of runs of columns, each with a map of the rows that are alive. The first run
is the mapped file; every `apply` adds a small one, and runs of a size become one as they gather, so
that there are never more than a few dozen. `save` makes one run of all and writes it:

    <folder>/columns    named arrays (see arrays.py and catalog_columns.py)
    <folder>/lock       held while the file is made (see build_lock.py)

Everything a reader looks at is one immutable value that writers replace, so readers never wait.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..chunk import Chunk
from .arrays import MappedArrays, Numbers, map_arrays, write_arrays
from .build_lock import exclusive
from .catalog_columns import Positions, arrays_of, columns_in, columns_of
from .catalog_merge import merged
from .catalog_runs import KeptResults, Run, forgotten, joined, share_alone, stand_alone, unknown, whole
from .catalog_select import passing_numbers, rows_of
from .filters import Filters
from .fingerprint import FINGERPRINT_VERSION, FINGERPRINT_WORDS, Fingerprints

FORMAT = 2
EXPECTED = {"kind": "catalog", "format": FORMAT, "fingerprint": FINGERPRINT_VERSION}
SMALL_FILE = 1 << 23
"""A file of at most so many bytes is read through when it is opened: that takes some milliseconds."""
SAVE_AFTER = 2048
SAVE_SHARE = 16
"""The file is worth writing again after SAVE_AFTER changes, or one for every SAVE_SHARE chunks if that
is more."""

QUALITY_BINS = 10

Identity = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _State:
    """The first `settled` of `runs` are in the file or on their way into it."""

    runs: tuple[Run, ...] = ()
    settled: int = 0
    sequence: int = 0
    saved_sequence: int = 0
    file: MappedArrays | None = None


class Catalog:
    """Columns of all chunks of one memory; thread-safe, any number of readers beside one writer."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "columns"
        self._lock_path = folder / "lock"
        self._writing = threading.Lock()
        self._state = _State()
        self._results = KeptResults()
        self._held: Identity | None = None
        self._distrusted: Identity | None = None
        self._verified: MappedArrays | None = None
        self.rebuilt = False

    @classmethod
    def open(cls, folder: Path, store_sequence: int) -> Catalog:
        """The catalog in `folder`. It is empty, with `rebuilt` set, where there is no file that is sound,
        of this format and not ahead of the store."""
        catalog = cls(folder)
        catalog.reload(store_sequence)
        if catalog._state.file is None:
            catalog.rebuilt = store_sequence > 0
            catalog._distrusted = _identity(catalog._path)
        return catalog

    def reload(self, store_sequence: int | None = None) -> bool:
        """Goes on from the file where another process has saved more there than this catalog holds, but
        not more than the store does. Says whether that was so."""
        found = _identity(self._path)
        if found is None or found in (self._distrusted, self._held):
            return False
        loaded = _loaded(self._path)
        if loaded is None or (store_sequence is not None and loaded.sequence > store_sequence):
            return False
        with self._writing:
            if loaded.sequence <= self._state.sequence:
                return False
            self._replace(loaded)
            self._held = found
        return True

    @property
    def sequence(self) -> int:
        """The catalog holds every change up to and with this one."""
        return self._state.sequence

    def __len__(self) -> int:
        return sum(run.count for run in self._state.runs)

    def apply(self, added: Sequence[tuple[int, Chunk]], removed: Sequence[int], sequence: int) -> None:
        """Takes chunks by their numbers, forgets the removed ones, and is then level with `sequence`.

        A removed number may never have been known, and an added one may be known already.
        """
        with self._writing:
            state = self._state
            if sequence <= state.sequence:
                return
            runs = list(state.runs)
            fresh = unknown(runs, added)
            if fresh:
                runs.append(whole(columns_of(fresh)))
            runs = forgotten(runs, np.array(removed, np.int64))
            self._state = replace(state, runs=joined(runs, state.settled), sequence=sequence)

    def select(self, filters: Filters) -> Numbers | None:
        """The numbers of the chunks that pass, ascending and read-only; None where every chunk does.

        `exclude_ids` are left to the caller.
        """
        if filters.is_empty:
            return None
        wanted = replace(filters, exclude_ids=())
        runs = [run for run in self._state.runs if run.count]
        found = [numbers for run in runs if len(numbers := self._results.get(run, wanted, passing_numbers))]
        together = found[0] if len(found) == 1 else np.concatenate([np.empty(0, np.int64), *found])
        if any(one[-1] > other[0] for one, other in pairwise(found)):
            together.sort()
        together.flags.writeable = False
        return together

    def touch(self, check: Callable[[], None]) -> None:
        """See MappedArrays.touch."""
        file = self._state.file
        if file is not None:
            file.touch(check)

    def share_alone(self) -> float:
        """About how many of the chunks stand alone (see embedding_text.stands_alone), 0 to 1."""
        return share_alone(self._state.runs)

    def stand_alone(self, numbers: Numbers) -> NDArray[np.bool_]:
        """For each number whether its chunk is there and stands alone."""
        return stand_alone(self._state.runs, numbers)

    def contains(self, numbers: Numbers) -> NDArray[np.bool_]:
        """For each number whether its chunk is there."""
        found = np.zeros(len(numbers), np.bool_)
        for _, positions, _ in self._alive(numbers):
            found[positions] = True
        return found

    def qualities(self, numbers: Numbers) -> NDArray[np.float32]:
        """The quality scores of chunks, in the order of `numbers`; NaN for one that is not there."""
        return self._filled("qualities", numbers, np.full(len(numbers), np.nan, np.float32))

    def fingerprints(self, numbers: Numbers) -> Fingerprints:
        """What `near_identical` compares, shape (n, FINGERPRINT_WORDS); 0 for a chunk that is not there,
        which is like no other."""
        empty = np.zeros((len(numbers), FINGERPRINT_WORDS), np.uint64)
        return self._filled("fingerprints", numbers, empty)

    def owners(self, numbers: Numbers) -> NDArray[np.uint64]:
        """One value for each template and its files, shape (n,); 0 for a chunk that is not there."""
        return self._filled("owners", numbers, np.zeros(len(numbers), np.uint64))

    def quality_histogram(self) -> list[int]:
        """How many chunks have a quality score from 0 to 0.1, and so on to the ten that end at 1."""
        counts = np.zeros(QUALITY_BINS, np.int64)
        for run in self._state.runs:
            scores = run.columns.qualities[run.alive]
            bins = np.minimum((scores * QUALITY_BINS).astype(np.uint8), QUALITY_BINS - 1)
            counts += np.bincount(bins, minlength=QUALITY_BINS)
        return [int(count) for count in counts]

    def verify(self, check: Callable[[], None] | None = None) -> bool:
        """Whether the file is what was written; reads all of it, once. Where it is not, the catalog is
        empty from then on and `rebuilt` is set. `check` may raise to stop in between."""
        file = self._state.file
        if file is None or file is self._verified:
            return True
        if file.verify(check):
            self._verified = file
            return True
        with self._writing:
            if self._state.file is file:
                self._distrusted = _identity(self._path)
                self.rebuilt = True
                self._replace(_State())
        return False

    def needs_save(self) -> bool:
        """Whether so much has changed that `save` is worth its work."""
        state = self._state
        return state.sequence - state.saved_sequence >= max(SAVE_AFTER, len(self) // SAVE_SHARE)

    def save(self, check: Callable[[], None] | None = None) -> bool:
        """Moves all changes into the file, atomically. Says whether it wrote: not where nothing changed,
        another process is writing or has saved more. `check` may raise to stop in between."""
        with exclusive(self._lock_path) as held:
            if not held or self.reload() or not self.verify(check):
                return False
            with self._writing:
                state = self._state
                if state.sequence == state.saved_sequence:
                    return False
                self._state = replace(state, settled=len(state.runs))
            written = False
            try:
                written = self._write(state, check)
            finally:
                if not written:
                    with self._writing:
                        self._state = replace(self._state, settled=state.settled)
        return written

    def statistics(self) -> dict[str, Any]:
        """`in_file` and `since` count rows, those of removed chunks included."""
        state = self._state
        in_file = len(state.runs[0].columns) if state.file is not None else 0
        return {
            "chunks": len(self),
            "sequence": state.sequence,
            "saved_sequence": state.saved_sequence,
            "in_file": in_file,
            "since": sum(len(run.columns) for run in state.runs) - in_file,
            "runs": len(state.runs),
            "rebuilt": self.rebuilt,
        }

    def close(self) -> None:
        """Lets go of the file; the catalog is empty from then on."""
        with self._writing:
            self._replace(_State())

    def _write(self, state: _State, check: Callable[[], None] | None) -> bool:
        """Makes one run of `state`, writes it, and puts the file in its place. What has come or gone since
        stays in memory. Says whether it is in place."""
        for stale in self._path.parent.glob(f"{self._path.name}.*.tmp"):
            stale.unlink(missing_ok=True)
        runs = state.runs or (whole(columns_of([])),)
        columns = merged([(run.columns, run.alive) for run in runs], check)
        write_arrays(self._path, {**EXPECTED, "sequence": state.sequence}, arrays_of(columns))
        written, identity = _loaded(self._path), _identity(self._path)
        if written is None:
            return False
        base = written.runs[0]
        with self._writing:
            now = self._state
            settled = now.runs[: len(state.runs)]
            if [run.columns for run in settled] != [run.columns for run in state.runs]:
                return False
            for before, after in zip(state.runs, settled, strict=True):
                gone = before.columns.numbers[before.alive & ~after.alive]
                (base,) = forgotten([base], gone)
            runs = (base, *now.runs[len(settled) :])
            self._replace(replace(written, runs=runs, sequence=now.sequence))
            self._held, self._verified = identity, written.file
        return True

    def _replace(self, state: _State) -> None:
        self._state = state
        self._results.clear()

    def _filled(self, column: str, numbers: Numbers, found: NDArray[Any]) -> NDArray[Any]:
        """`found`, a row for each of `numbers`, with the column's values of those that are there."""
        for run, positions, rows in self._alive(numbers):
            found[positions] = getattr(run.columns, column)[rows]
        return found

    def _alive(self, numbers: Numbers) -> Iterator[tuple[Run, Positions, Positions]]:
        """For each run the positions in `numbers` of those that are alive in it, and their rows."""
        for run in self._state.runs:
            positions, rows = rows_of(run.columns, numbers)
            if len(rows):
                alive = run.alive[rows]
                yield run, positions[alive], rows[alive]


def _loaded(path: Path) -> _State | None:
    file = map_arrays(path, EXPECTED)
    columns = None if file is None else columns_in(file.arrays)
    if file is None or columns is None or not isinstance(file.about.get("sequence"), int):
        return None
    if sum(array.nbytes for array in file.arrays.values()) <= SMALL_FILE and not file.verify():
        return None
    sequence = file.about["sequence"]
    return _State((whole(columns),), 1, sequence, sequence, file)


def _identity(path: Path) -> Identity | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
