"""Feedback on disk, in the LMDB environment of the chunks.

    feedback         number of the feedback → msgpack of its fields
    feedback_links   hash of a chunk's id, number → nothing: what was said of a chunk

The fact `feedback` says how far the numbers go and how many feedbacks were ever removed, so that whoever
holds feedback in memory sees with one small read whether another process wrote; and it holds the salt.
Feedback is bounded: what has decayed to nothing goes, and beyond MOST_KEPT the oldest.
"""

from __future__ import annotations

import hashlib
import secrets
import struct
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import lmdb
import msgpack

from ..errors import InvalidArgument
from ..feedback import Feedback, QueryTrace
from .environment import OpenTable, open_environment
from .facts import Facts

MOST_KEPT = 100_000
"""Feedbacks, about 1.2 KB each."""
REMOVED_AT_ONCE = 16
"""Of what has decayed, so much goes with each that comes."""

FACT = "feedback"
SALT_BYTES = 16
TOKEN_BYTES = 4
HASH_BYTES = 16
_NUMBER = struct.Struct(">Q")
_PREFIX = "feedback-"
_CURSOR = "feedback:"


@dataclass(frozen=True, slots=True)
class FeedbackState:
    """`sequence` is the number of the newest feedback, 0 where there never was one."""

    sequence: int = 0
    removals: int = 0
    salt: bytes = b""


@dataclass(frozen=True, slots=True)
class FeedbackPage:
    """Numbers and feedbacks, newest first, and the cursor that continues them (None at the end)."""

    entries: list[tuple[int, Feedback]]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class _Tables:
    feedback: lmdb._Database
    links: lmdb._Database


class FeedbackStore:
    """Feedback by number; on disk when a write returns; safe for threads and processes."""

    def __init__(self, path: Path) -> None:
        self._environment = open_environment(path)
        self._facts = Facts(self._environment)
        self._opening = threading.Lock()
        self._tables: _Tables | None = None

    def _open(self) -> None:
        # Making a table waits for whoever is writing, and most memories never hold any feedback.
        with self._opening:
            if self._tables is None:
                self._environment.when_opened(self._open_tables)

    def _open_tables(self, table: OpenTable) -> None:
        self._tables = _Tables(table("feedback"), table("feedback_links"))

    @property
    def _opened(self) -> _Tables:
        assert self._tables is not None
        return self._tables

    def state(self) -> FeedbackState:
        return self._environment.read(self._state)

    def salt(self) -> bytes:
        """What the hashes of this memory are salted with; made when it is first asked for."""

        def work(transaction: lmdb.Transaction) -> bytes:
            state = self._state(transaction)
            if not state.salt:
                state = replace(state, salt=secrets.token_bytes(SALT_BYTES))
                self._facts.write(transaction, FACT, asdict(state))
            return state.salt

        return self.state().salt or self._environment.write(work)

    def add(self, feedback: Feedback, decayed_before: int = 0) -> int:
        """Keeps a feedback and returns its number. Of the oldest that were given before `decayed_before`
        (milliseconds since 1970) some go."""
        return self.add_many([feedback], decayed_before)

    def add_many(self, feedbacks: list[Feedback], decayed_before: int = 0) -> int:
        """`add` for each, in one transaction; returns the number of the last."""
        self._open()

        def work(transaction: lmdb.Transaction) -> int:
            state = self._state(transaction)
            number, removals = state.sequence, state.removals
            for feedback in feedbacks:
                number += 1
                key = _NUMBER.pack(number)
                transaction.put(key, _packed(feedback), db=self._opened.feedback, append=True)
                for link in _links(feedback):
                    transaction.put(link + key, b"", db=self._opened.links)
                removals += self._remove_oldest(transaction, decayed_before)
            self._facts.write(transaction, FACT, asdict(replace(state, sequence=number, removals=removals)))
            return number

        return self._environment.write(work)

    def get(self, number: int) -> Feedback | None:
        if self.state().sequence == 0:
            return None
        self._open()
        return self._environment.read(lambda transaction: self._get(transaction, number))

    def remove(self, number: int) -> Feedback | None:
        """Removes a feedback and returns it; None where there is none."""
        if self.state().sequence == 0:
            return None
        self._open()

        def work(transaction: lmdb.Transaction) -> Feedback | None:
            found = self._get(transaction, number)
            if found is not None:
                self._remove(transaction, number, found)
                state = self._state(transaction)
                self._facts.write(transaction, FACT, asdict(replace(state, removals=state.removals + 1)))
            return found

        return self._environment.write(work)

    def since(self, number: int, most: int) -> list[tuple[int, Feedback]]:
        """The next feedbacks after `number`, at most `most`, in the order of their numbers."""
        if self.state().sequence == 0:
            return []
        self._open()

        def work(transaction: lmdb.Transaction) -> list[tuple[int, Feedback]]:
            found = list[tuple[int, Feedback]]()
            with transaction.cursor(db=self._opened.feedback) as cursor:
                if cursor.set_range(_NUMBER.pack(number + 1)):
                    for key, value in cursor.iternext():
                        if len(found) == most:
                            break
                        found.append((_number(key), _unpacked(value)))
            return found

        return self._environment.read(work)

    def numbers(self) -> list[int]:
        """The numbers of all feedbacks, ascending."""
        if self.state().sequence == 0:
            return []
        self._open()

        def work(transaction: lmdb.Transaction) -> list[int]:
            with transaction.cursor(db=self._opened.feedback) as cursor:
                return [_number(key) for key in cursor.iternext(values=False)]

        return self._environment.read(work)

    def count(self) -> int:
        if self.state().sequence == 0:
            return 0
        self._open()
        return self._environment.read(
            lambda transaction: int(transaction.stat(self._opened.feedback)["entries"])
        )

    def page(self, chunk_id: str | None, limit: int, cursor: str | None = None) -> FeedbackPage:
        """Feedbacks, newest first; with `chunk_id` those that judge that chunk or brought it as a correction.

        Raises InvalidArgument for a cursor that no listing returned.
        """
        below = _number_in(cursor) if cursor is not None else None
        if self.state().sequence == 0:
            return FeedbackPage([], None)
        self._open()

        def work(transaction: lmdb.Transaction) -> FeedbackPage:
            entries = list[tuple[int, Feedback]]()
            for number in self._descending(transaction, chunk_id, below):
                found = self._get(transaction, number)
                if found is None:
                    continue
                if len(entries) == limit:
                    return FeedbackPage(entries, f"{_CURSOR}{entries[-1][0]}")
                entries.append((number, found))
            return FeedbackPage(entries, None)

        return self._environment.read(work)

    def close(self) -> None:
        self._environment.close()

    def _state(self, transaction: lmdb.Transaction) -> FeedbackState:
        fact = self._facts.read(transaction, FACT)
        return FeedbackState() if fact is None else FeedbackState(**fact)

    def _get(self, transaction: lmdb.Transaction, number: int) -> Feedback | None:
        value = transaction.get(_NUMBER.pack(number), db=self._opened.feedback)
        return None if value is None else _unpacked(value)

    def _remove(self, transaction: lmdb.Transaction, number: int, feedback: Feedback) -> None:
        key = _NUMBER.pack(number)
        transaction.delete(key, db=self._opened.feedback)
        for link in _links(feedback):
            transaction.delete(link + key, db=self._opened.links)

    def _remove_oldest(self, transaction: lmdb.Transaction, decayed_before: int) -> int:
        excess = int(transaction.stat(self._opened.feedback)["entries"]) - MOST_KEPT
        doomed = list[tuple[int, Feedback]]()
        with transaction.cursor(db=self._opened.feedback) as cursor:
            for key, value in cursor.iternext():
                feedback = _unpacked(value)
                is_over = len(doomed) < excess or feedback.at < decayed_before
                if not is_over or len(doomed) == REMOVED_AT_ONCE:
                    break
                doomed.append((_number(key), feedback))
        for number, feedback in doomed:
            self._remove(transaction, number, feedback)
        return len(doomed)

    def _descending(
        self, transaction: lmdb.Transaction, chunk_id: str | None, below: int | None
    ) -> Iterator[int]:
        table, prefix = self._opened.feedback, b""
        if chunk_id is not None:
            table, prefix = self._opened.links, _hash(chunk_id)
        after = prefix + (b"\xff" * _NUMBER.size if below is None else _NUMBER.pack(below))
        with transaction.cursor(db=table) as cursor:
            found = cursor.set_range(after)
            found = cursor.prev() if found else cursor.last()
            while found and bytes(cursor.key()).startswith(prefix):
                yield _number(bytes(cursor.key())[len(prefix) :])
                found = cursor.prev()


def public_id(number: int, token: str) -> str:
    """A feedback's id, as users see it."""
    return f"{_PREFIX}{number}-{token}"


def number_and_token(identifier: str) -> tuple[int, str] | None:
    """What `public_id` made an id of; None for any other text."""
    number, _, token = identifier.removeprefix(_PREFIX).partition("-")
    good = identifier.startswith(_PREFIX) and number.isascii() and number.isdecimal() and len(number) < 19
    return (int(number), token) if good else None


def fresh_token() -> str:
    return secrets.token_hex(TOKEN_BYTES)


def _packed(feedback: Feedback) -> bytes:
    return bytes(msgpack.packb(asdict(feedback)))


def _unpacked(value: bytes | memoryview) -> Feedback:
    fields: dict[str, Any] = msgpack.unpackb(value, strict_map_key=False)
    return Feedback(**{**fields, "query": QueryTrace(**fields["query"])})


def _links(feedback: Feedback) -> list[bytes]:
    chunks = (feedback.chunk_id, feedback.correction_id)
    return [_hash(one) for one in dict.fromkeys(chunks) if one is not None]


def _hash(chunk_id: str) -> bytes:
    return hashlib.blake2b(chunk_id.encode(), digest_size=HASH_BYTES).digest()


def _number(key: bytes | memoryview) -> int:
    return int(_NUMBER.unpack(key)[0])


def _number_in(cursor: str) -> int:
    number = cursor.removeprefix(_CURSOR)
    if not cursor.startswith(_CURSOR) or not (number.isascii() and number.isdecimal()) or len(number) >= 19:
        raise InvalidArgument(
            f"cursor {cursor!r} is not valid. Pass the cursor that the page before returned."
        )
    return int(number)
