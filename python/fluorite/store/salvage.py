"""Copies what can be read of a store whose pages are damaged into a fresh one.

The reading is done by processes of their own, which a damaged page may end; it goes on beyond that page, by
ever larger steps.

    python -m fluorite.store.salvage <from> <to> <table> [<first key, hexadecimal> <step>]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import lmdb

from .apart import run_apart
from .environment import INITIAL_MAP_SIZE, MOST_TABLES
from .records import key_of, number_of
from .survey import LARGEST_NUMBER

INTEGER_TABLES = frozenset({"records", "removals"})
DERIVED_TABLES = frozenset({"labels"})
NAMES = "names"
MOST_ROWS_BESIDE = 1 << 16

Tell = Callable[[int], None]


def salvage(source: Path, target: Path, expected: tuple[str, ...], tell: Tell) -> list[str]:
    """Makes `target` a store with every row of `source` that can be read; labels are left out.

    `expected` are tables to look for where their names cannot be read. `tell` hears how many rows were
    copied, and may raise to stop. Returns the names of the tables in which something could not be read.
    Nobody may write to `source` meanwhile. Raises StoreError.
    """
    target.mkdir(parents=True)
    names = list[str]()
    run_apart(__name__, [str(source), str(target), NAMES], names.append)
    damaged = list[str]()
    copied = 0
    for name in sorted({*names, *expected} - DERIVED_TABLES):
        place: tuple[bytes, int] | None = (b"", 0)
        while place is not None:
            reader = _Reader(*place)

            def hear(line: str, reader: _Reader = reader) -> None:
                nonlocal copied
                copied += reader.hear(line)
                tell(copied)

            first, step = place
            ended = run_apart(__name__, [str(source), str(target), name, first.hex(), str(step)], hear)
            if (ended is not None or reader.skipped) and name not in damaged:
                damaged.append(name)
            place = None if ended is None else _further(*reader.place, name in INTEGER_TABLES)
    return damaged


class _Reader:
    """What a reading process told: where it began last, how far it came, whether it left something out."""

    def __init__(self, first: bytes, step: int) -> None:
        self.first = self.reached = first
        self.step = step
        self.skipped = False

    def hear(self, line: str) -> int:
        """Takes a line of its output and says how many rows that makes."""
        word, _, rest = line.partition(" ")
        if word == "from":
            first, _, step = rest.partition(" ")
            self.first = self.reached = bytes.fromhex(first)
            self.step = int(step)
            self.skipped = True
            return 0
        self.reached = bytes.fromhex(word)
        return int(rest)

    @property
    def place(self) -> tuple[bytes, bytes, int]:
        return self.first, self.reached, self.step


def _further(first: bytes, reached: bytes, step: int, is_integer: bool) -> tuple[bytes, int] | None:
    """Where to go on after a failure: the key to begin with, and how many steps that is from the last row
    that could be read; None where there is nothing beyond."""
    if reached != first:
        return reached, 0
    if is_integer:
        number = (number_of(first) if first else 0) + 8**step
        return (key_of(number), step + 1) if number <= LARGEST_NUMBER else None
    kept = max(1, len(first) - step)
    beyond = int.from_bytes(first[:kept] or b"\0", "big") + 2 ** max(0, step - len(first))
    return (beyond.to_bytes(kept, "big"), step + 1) if beyond < 256**kept else _shorter(first[:kept], step)


def _shorter(key: bytes, step: int) -> tuple[bytes, int] | None:
    """The next key that is shorter, where the last byte of this one can grow no more."""
    while key and key[-1] == 255:
        key = key[:-1]
    return (key[:-1] + bytes([key[-1] + 1]), step + 1) if key else None


def _copy(source: lmdb.Environment, target: lmdb.Environment, name: str, first: bytes, step: int) -> None:
    """Copies the rows of a table from a key on and prints how far it is; goes on after what LMDB finds to
    be damaged."""
    is_integer = name in INTEGER_TABLES
    reader = _Reader(first, step)
    while True:
        try:
            _copy_rows(source, target, name, reader, is_integer)
            return
        except lmdb.NotFoundError:
            return
        except lmdb.Error:
            place = _further(*reader.place, is_integer)
            if place is None:
                return
            line = f"from {place[0].hex()} {place[1]}"
            print(line, flush=True)
            reader.hear(line)


def _copy_rows(
    source: lmdb.Environment, target: lmdb.Environment, name: str, reader: _Reader, is_integer: bool
) -> None:
    table = source.open_db(name.encode(), create=False)
    copy = target.open_db(name.encode(), integerkey=is_integer)
    with source.begin() as reading, reading.cursor(db=table) as cursor:
        rows, most = 0, 2 * reading.stat(table)["entries"] + MOST_ROWS_BESIDE
        found = cursor.set_range(reader.first) if reader.first else cursor.first()
        while found:
            key, value = bytes(cursor.key()), bytes(cursor.value())
            rows += 1
            if rows > most:
                raise lmdb.CorruptedError("pages go round in a circle")
            with target.begin(write=True) as writing:
                writing.put(key, value, db=copy)
            line = f"{key.hex()} 1"
            print(line, flush=True)
            reader.hear(line)
            found = cursor.next()


def _main(source_path: str, target_path: str, name: str, first: str = "", step: str = "0") -> None:
    with lmdb.open(source_path, readonly=True, lock=False, max_dbs=MOST_TABLES) as source:
        if name == NAMES:
            with source.begin() as transaction:
                for key, _ in transaction.cursor():
                    print(bytes(key).decode(), flush=True)
            return
        with lmdb.open(target_path, map_size=INITIAL_MAP_SIZE, max_dbs=MOST_TABLES, sync=False) as target:
            _copy(source, target, name, bytes.fromhex(first), int(step))


if __name__ == "__main__":
    _main(*sys.argv[1:])
