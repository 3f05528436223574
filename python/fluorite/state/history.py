"""The history of searches: JSON lines in private files, written behind the searches' back."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..errors import InvalidArgument, StoreError
from ..shared import Shared
from .daily_files import DailyFiles

STEM = "history"
SUFFIX = ".jsonl"
SECONDS_BETWEEN_WRITES = 0.5
MOST_WAITING = 100_000
LONGEST_QUERY = 1000
"""Characters of a query that are kept."""
FIRST_HITS = 10


@dataclass(frozen=True, slots=True)
class Searched:
    """A search. `time` is in milliseconds since 1970, `hits` their number, `ids` those of the first."""

    time: int
    query: str
    hits: int
    milliseconds: float
    ids: Sequence[str]


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Newest first. `cursor` is for the next page; None at the end."""

    searches: list[Searched]
    cursor: str | None


class History:
    """The searches of one state folder; thread-safe.

    What cannot be written is dropped, and said once: a search never fails for its history.
    """

    def __init__(self, files: DailyFiles) -> None:
        self._files = files
        self._waiting: deque[Searched] = deque(maxlen=MOST_WAITING)
        self._writing = threading.Lock()
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._told = False
        self.error: str | None = None
        """Why the last write failed; None if it did not."""

    def add(self, query: str, ids: Sequence[str], milliseconds: float) -> None:
        """Notes a search, to be written within half a second; takes a few microseconds."""
        searched = Searched(
            time.time_ns() // 1_000_000, query[:LONGEST_QUERY], len(ids), milliseconds, ids[:FIRST_HITS]
        )
        self._waiting.append(searched)
        if not self._wake.is_set():
            self._wake.set()
            if self._thread is None:
                self._start()

    def flush(self) -> None:
        """Writes what waits; see `error` for what comes of it."""
        with self._writing:
            taken = [self._waiting.popleft() for _ in range(len(self._waiting))]
            if not taken:
                return
            try:
                self._files.append(b"".join(map(_line, taken)))
                self.error = None
            except OSError as error:
                self.error = f"{self._files.folder}: {error}"
        if self.error is not None and not self._told:
            self._told = True
            sys.stderr.write(
                f"fluorite: the history of searches cannot be written ({self.error}). Searches go on without "
                "it. Set FLUORITE_STATE_DIR or [privacy] state_path to a folder that can be written to.\n"
            )

    def page(self, limit: int, cursor: str | None = None) -> HistoryPage:
        """Searches before `cursor`, newest first. Raises InvalidArgument or StoreError."""
        self.flush()
        found = list[Searched]()
        try:
            for searched, place in self._backwards(cursor):
                found.append(searched)
                if len(found) == limit:
                    return HistoryPage(found, place)
        except OSError as error:
            raise StoreError(
                f"The history cannot be read ({error}). Check the folder's permissions."
            ) from None
        return HistoryPage(found, None)

    def clear(self) -> int:
        """Removes every search; says how many. Raises StoreError."""
        with self._writing:
            removed = len(self._waiting)
            self._waiting.clear()
            try:
                for name in self._files.names():
                    removed += self._files.read(name).count(b"\n")
                    self._files.remove(name)
            except OSError as error:
                raise StoreError(
                    f"The history cannot be removed ({error}). Check the folder's permissions."
                ) from None
        return removed

    def close(self) -> None:
        """Writes what waits."""
        self._closing.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        self.flush()

    def _start(self) -> None:
        with self._writing:
            if self._thread is None and not self._closing.is_set():
                self._thread = threading.Thread(target=self._run, name="fluorite-history", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while not self._closing.is_set():
            self._wake.wait()
            self._closing.wait(SECONDS_BETWEEN_WRITES)
            self._wake.clear()
            self.flush()

    def _backwards(self, cursor: str | None) -> Iterator[tuple[Searched, str]]:
        """Searches, newest first, each with the cursor of what comes before it."""
        before, end_before = self._read_cursor(cursor)
        for name in reversed(self._files.names()):
            order = self._files.order(name)
            if before is not None and (order is None or order > before):
                continue
            content = self._files.read(name)
            end = min(end_before, len(content)) if order == before else len(content)
            while end > 0:
                start = content.rfind(b"\n", 0, end - 1) + 1
                searched = _searched(content[start:end])
                if searched is not None:
                    yield searched, f"{name}:{start}"
                end = start

    def _read_cursor(self, cursor: str | None) -> tuple[Any, int]:
        if cursor is None:
            return None, 0
        name, _, place = cursor.rpartition(":")
        order = self._files.order(name)
        if order is None or not (place.isascii() and place.isdigit() and len(place) < 19):
            raise InvalidArgument(
                f"cursor {cursor!r} is none of getHistory's. Pass the one of the page before."
            )
        return order, int(place)


def _line(searched: Searched) -> bytes:
    at = datetime.fromtimestamp(searched.time / 1000, UTC).isoformat(timespec="milliseconds")
    fields = {
        "time": at.replace("+00:00", "Z"),
        "query": searched.query,
        "hits": searched.hits,
        "milliseconds": round(searched.milliseconds, 3),
        "ids": searched.ids,
    }
    return json.dumps(fields, ensure_ascii=False).encode() + b"\n"


def _searched(line: bytes) -> Searched | None:
    """What a line says; None for one that was cut off or that somebody changed."""
    try:
        fields = json.loads(line)
        at = round(datetime.fromisoformat(fields["time"]).timestamp() * 1000)
        return Searched(at, fields["query"], fields["hits"], fields["milliseconds"], fields["ids"])
    except (ValueError, KeyError, TypeError):
        return None


_histories: Shared[tuple[Path, int], History] = Shared(History.close)


def open_history(folder: Path, days: int) -> History:
    """The process's history in a state folder; nothing is made before there is something to keep."""
    return _histories.acquire((folder, days), lambda: History(DailyFiles(folder, STEM, SUFFIX, days)))


def release_history(folder: Path, days: int) -> None:
    """Lets go of a history; the last holder writes what waits."""
    _histories.release((folder, days))
