"""Single values that the store and other rooms remember: the format, the dictionaries, what was learned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import lmdb
import msgpack

from .codec import dictionary_id, pack_dictionary, unpack_dictionary
from .environment import Environment, OpenTable

_SEQUENCE = b"sequence"
_DICTIONARY = "dictionary"


class Facts:
    """Msgpack values by name; on disk when a write returns."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        environment.when_opened(self._open_tables)

    def _open_tables(self, table: OpenTable) -> None:
        self.table = table("facts")

    def get(self, name: str) -> Any:
        """The value under `name`, or None."""
        return self._environment.read(lambda transaction: self.read(transaction, name))

    def put(self, name: str, value: Any) -> None:
        self._environment.write(lambda transaction: self.write(transaction, name, value))

    def read(self, transaction: lmdb.Transaction, name: str) -> Any:
        """The value under `name` that `transaction` sees, or None."""
        value = transaction.get(name.encode(), db=self.table)
        return None if value is None else _unpacked(value)

    def write(self, transaction: lmdb.Transaction, name: str, value: Any) -> None:
        transaction.put(name.encode(), msgpack.packb(value), db=self.table)

    def update(self, name: str, work: Callable[[Any], Mapping[str, Any]]) -> None:
        """Puts the values that `work` makes of the one under `name`, by name, all or none; None removes.
        Nobody writes in between; `work` may be called again."""

        def write(transaction: lmdb.Transaction) -> None:
            for other, made in work(self.read(transaction, name)).items():
                if made is None:
                    transaction.delete(other.encode(), db=self.table)
                else:
                    self.write(transaction, other, made)

        self._environment.write(write)

    def newest_dictionary(self) -> bytes | None:
        number = self.get(_DICTIONARY)
        return None if number is None else self.dictionary(number)

    def dictionary(self, number: int) -> bytes | None:
        """The zstd dictionary with this id, whichever process trained it."""
        packed = self.get(f"{_DICTIONARY}:{number}")
        return None if packed is None else unpack_dictionary(packed)

    def put_dictionary(self, dictionary: bytes) -> None:
        number = dictionary_id(dictionary)
        self.put(f"{_DICTIONARY}:{number}", pack_dictionary(dictionary))
        self.put(_DICTIONARY, number)

    def sequence(self, transaction: lmdb.Transaction) -> int:
        """The number of the newest write that `transaction` sees."""
        value = transaction.get(_SEQUENCE, db=self.table)
        return int(msgpack.unpackb(value)) if value else 0

    def set_sequence(self, transaction: lmdb.Transaction, sequence: int) -> None:
        transaction.put(_SEQUENCE, msgpack.packb(sequence), db=self.table)


def _unpacked(value: bytes | memoryview) -> Any:
    return msgpack.unpackb(value, strict_map_key=False)
