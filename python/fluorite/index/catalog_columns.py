"""The catalog's columns over a run of chunks, and what is looked up in them.

Arrays only, so that a million chunks can lie in a mapped file without a Python object for any of them.
Rows are in the order of the chunks' numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..chunk import Chunk, owner_of
from .arrays import Numbers
from .fingerprint import FINGERPRINT_WORDS, Fingerprints, fingerprints_of
from .label_hashes import label_hash, labels_of

OWNER = b"o"

Rows = NDArray[np.int32]
Positions = NDArray[np.int64]

DENSE = 32
"""Where more than one row in so many carries a label, a bit for every row is smaller than a list."""
FEWEST_ROWS = 4096
"""With fewer rows, no label is worth bits."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Columns of n chunks that carry L distinct labels, P times in all.

    Postings: the rows `label_rows[label_starts[i]:label_starts[i + 1]]`, ascending, carry the label whose
    hash is `labels[i]`. For the D labels that more than one row in DENSE carries there is also a bit for
    every row, first row in the highest bit. Ids: `id_text[id_starts[i]:id_starts[i + 1]]` is the UTF-8 of
    the i-th id in the order of bytes, and belongs to row `id_rows[i]`; `id_ranks` is the other way round.
    """

    numbers: Numbers  # (n,), ascending
    qualities: NDArray[np.float32]  # (n,)
    updated: NDArray[np.int64]  # (n,), milliseconds since 1970
    fingerprints: Fingerprints  # (n, FINGERPRINT_WORDS)
    owners: NDArray[np.uint64]  # (n,), one value for a template and its files
    labels: NDArray[np.uint64]  # (L,), ascending
    label_starts: Positions  # (L + 1,)
    label_rows: Rows  # (P,)
    dense_labels: NDArray[np.uint64]  # (D,), ascending
    dense_bits: NDArray[np.uint8]  # (D, ceil(n / 8))
    id_text: NDArray[np.uint8]
    id_starts: Positions  # (n + 1,)
    id_rows: Rows  # (n,)
    id_ranks: Rows  # (n,)

    def __len__(self) -> int:
        return len(self.numbers)


NAMES = tuple(item.name for item in fields(Columns))
_KINDS = {
    "numbers": "<i8",
    "qualities": "<f4",
    "updated": "<i8",
    "fingerprints": "<u8",
    "owners": "<u8",
    "labels": "<u8",
    "label_starts": "<i8",
    "label_rows": "<i4",
    "dense_labels": "<u8",
    "dense_bits": "|u1",
    "id_text": "|u1",
    "id_starts": "<i8",
    "id_rows": "<i4",
    "id_ranks": "<i4",
}


def columns_of(added: Sequence[tuple[int, Chunk]]) -> Columns:
    """The columns of chunks with their numbers, which may come in any order and are all different."""
    added = sorted(added, key=lambda pair: pair[0])
    chunks = [chunk for _, chunk in added]
    labels, rows = list[int](), list[int]()
    for row, chunk in enumerate(chunks):
        own = labels_of(chunk)
        labels.extend(own)
        rows.extend([row] * len(own))
    carried = np.array(labels, np.uint64)
    order = np.argsort(carried, kind="stable")
    distinct, counts = np.unique(carried, return_counts=True)
    ids = [chunk.id.encode() for chunk in chunks]
    id_rows = sorted(range(len(ids)), key=ids.__getitem__)
    return assembled(
        numbers=np.array([number for number, _ in added], np.int64),
        qualities=np.array([chunk.quality_score for chunk in chunks], np.float32),
        updated=np.array([chunk.updated_at for chunk in chunks], np.int64),
        fingerprints=fingerprints_of(chunks),
        owners=np.array([label_hash(OWNER, owner_of(chunk) or chunk.id) for chunk in chunks], np.uint64),
        labels=distinct,
        label_starts=starts_of(counts),
        label_rows=np.array(rows, np.int32)[order],
        id_text=np.frombuffer(b"".join([ids[row] for row in id_rows]), np.uint8),
        id_starts=starts_of(np.array([len(ids[row]) for row in id_rows], np.int64)),
        id_rows=np.array(id_rows, np.int32),
    )


def assembled(**given: NDArray[Any]) -> Columns:
    """Columns, with what follows from the others: the bits of dense labels and the ranks of ids."""
    labels, starts, rows, id_rows = (
        given[name] for name in ("labels", "label_starts", "label_rows", "id_rows")
    )
    count = len(id_rows)
    enough = max(count // DENSE, FEWEST_ROWS // DENSE)
    dense = np.flatnonzero(np.diff(starts) > enough)
    bits = np.empty((len(dense), -(-count // 8)), np.uint8)
    for place, label in enumerate(dense.tolist()):
        carried = np.zeros(count, np.bool_)
        carried[rows[starts[label] : starts[label + 1]]] = True
        bits[place] = np.packbits(carried)
    ranks = np.empty(count, np.int32)
    ranks[id_rows] = np.arange(count, dtype=np.int32)
    return Columns(**given, dense_labels=labels[dense], dense_bits=bits, id_ranks=ranks)


def starts_of(counts: NDArray[np.integer[Any]]) -> Positions:
    """Where each of several runs begins, and the end of the last; shape (len(counts) + 1,)."""
    starts = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=starts[1:])
    return starts


def arrays_of(columns: Columns) -> dict[str, NDArray[Any]]:
    """The columns by name, as they are written to a file."""
    return {name: getattr(columns, name) for name in NAMES}


def columns_in(arrays: Mapping[str, NDArray[Any]]) -> Columns | None:
    """The columns in a file's arrays; None where they do not fit together."""
    if arrays.keys() != _KINDS.keys() or any(arrays[name].dtype.str != kind for name, kind in _KINDS.items()):
        return None
    columns = Columns(**{name: np.asarray(arrays[name]) for name in NAMES})
    count, labels = len(columns), len(columns.labels)
    shapes = {
        "qualities": (count,),
        "updated": (count,),
        "fingerprints": (count, FINGERPRINT_WORDS),
        "label_starts": (labels + 1,),
        "id_starts": (count + 1,),
        "id_rows": (count,),
        "id_ranks": (count,),
        "dense_bits": (len(columns.dense_labels), -(-count // 8)),
    }
    if any(getattr(columns, name).shape != shape for name, shape in shapes.items()):
        return None
    ends = (columns.label_starts[0], columns.id_starts[0], columns.label_starts[-1], columns.id_starts[-1])
    return columns if ends == (0, 0, len(columns.label_rows), len(columns.id_text)) else None


def with_label(columns: Columns, label: int) -> NDArray[np.bool_]:
    """For each row whether it carries the label of this hash."""
    at = _place(columns.dense_labels, label)
    if at is not None:
        return np.unpackbits(columns.dense_bits[at], count=len(columns)).view(np.bool_)
    carried = np.zeros(len(columns), np.bool_)
    carried[all_rows_with_label(columns, label)] = True
    return carried


def all_rows_with_label(columns: Columns, label: int) -> Rows:
    """The rows that carry the label of this hash, whether or not they are alive, ascending."""
    at = _place(columns.labels, label)
    if at is None:
        return columns.label_rows[:0]
    return columns.label_rows[columns.label_starts[at] : columns.label_starts[at + 1]]


def count_with_label(columns: Columns, label: int) -> int:
    """How many rows carry the label of this hash, whether or not they are alive."""
    return len(all_rows_with_label(columns, label))


def rows_with_label(columns: Columns, label: int, rows: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
    """For each of `rows` whether it carries the label of this hash."""
    at = _place(columns.dense_labels, label)
    if at is not None:
        places = (7 - (rows & 7)).astype(np.uint8)
        return np.asarray(columns.dense_bits[at][rows >> 3] >> places & 1, np.bool_)
    carrying = all_rows_with_label(columns, label)
    if not len(carrying):
        return np.zeros(len(rows), np.bool_)
    places = np.minimum(np.searchsorted(carrying, rows), len(carrying) - 1)
    return np.asarray(carrying[places] == rows)


def with_prefix(columns: Columns, prefix: bytes) -> NDArray[np.bool_]:
    """For each row whether its id begins with `prefix`."""
    first, last = first_id(columns, prefix), first_id(columns, prefix, beyond=True)
    if (last - first) * DENSE > len(columns):
        return (columns.id_ranks >= first) & (columns.id_ranks < last)
    begins = np.zeros(len(columns), np.bool_)
    begins[columns.id_rows[first:last]] = True
    return begins


def _place(labels: NDArray[np.uint64], label: int) -> int | None:
    at = int(np.searchsorted(labels, np.uint64(label)))
    return at if at < len(labels) and int(labels[at]) == label else None


def first_id(columns: Columns, bound: bytes, beyond: bool = False) -> int:
    """How many ids come before `bound`; with `beyond` also those that begin with it."""
    low, high, length = 0, len(columns), len(bound) if beyond else None
    while low < high:
        middle = (low + high) // 2
        begin, end = columns.id_starts[middle : middle + 2].tolist()
        found = columns.id_text[begin:end].tobytes()[:length]
        if found < bound or (beyond and found == bound):
            low = middle + 1
        else:
            high = middle
    return low
