"""Chunks as a caller gives them: one by one, or as columns with one buffer of vectors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .chunk import GIVEN_FIELDS, Chunk, check_id, from_fields
from .errors import FluoriteError, InvalidArgument, reject_unknown
from .store import content_key

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

COLUMN_OF_FIELD = {
    "id": "ids",
    "content": "contents",
    "chunk_type": "chunk_types",
    "frameworks": "frameworks",
    "tags": "tags",
    "quality_score": "quality_scores",
    "metadata": "metadata",
}


@dataclass(frozen=True, slots=True)
class Rejection:
    """A chunk that was not stored: its id as it was given, an error's code and message."""

    id: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class GivenChunks:
    """Checked chunks; `vectors` maps the ids of those that came with an embedding to unit rows."""

    chunks: list[Chunk]
    vectors: dict[str, NDArray[np.float32]]
    rejected: list[Rejection]


def read_given(given: object, dimensions: Callable[[], int], max_chunk_size: int) -> GivenChunks:
    """Checks a list of chunks or an object of columns.

    A chunk that is wrong is rejected by itself. Raises InvalidArgument or UnknownOption where the
    form of the whole is wrong. `dimensions` is asked only where a vector is given.
    """
    rows = _rows_of_columns(given, dimensions) if isinstance(given, Mapping) else _rows_of_list(given)
    chunks, vectors, rejected = list[Chunk](), dict[str, Any](), list[Rejection]()
    for row, unit in rows:
        try:
            chunk, vector = read_one(row, dimensions, max_chunk_size, unit)
        except FluoriteError as error:
            identifier = row.get("id") if isinstance(row, Mapping) else None
            rejected.append(
                Rejection(identifier if isinstance(identifier, str) else "", error.code, str(error))
            )
            continue
        chunks.append(chunk)
        # Of two chunks with one id the last counts, with its vector or without.
        vectors.pop(chunk.id, None)
        if vector is not None:
            vectors[chunk.id] = vector
    return GivenChunks(chunks, vectors, rejected)


def read_one(
    values: object,
    dimensions: Callable[[], int],
    max_chunk_size: int,
    unit: NDArray[np.float32] | None = None,
) -> tuple[Chunk, NDArray[np.float32] | None]:
    """A checked chunk and its unit vector, if it came with one. Raises InvalidArgument and its kin.

    `unit` is that vector where the caller has it already.
    """
    if not isinstance(values, Mapping):
        raise InvalidArgument(f"A chunk is an object with id and content; got {type(values).__name__}.")
    reject_unknown("chunk field", values, (*GIVEN_FIELDS, "embedding"))
    embedding = values.get("embedding")
    if embedding is not None:
        from .search.dense import unit_vector

        where = f"Chunk {check_id(values.get('id'))!r}: embedding"
        unit = unit_vector(embedding, dimensions(), where)
    key = None if unit is None else content_key(unit.tobytes())
    return from_fields(values, max_chunk_size, key), unit


def _rows_of_list(given: object) -> Iterator[tuple[Any, None]]:
    if not isinstance(given, Sequence) or isinstance(given, str | bytes):
        raise InvalidArgument(
            f"storeChunks takes a list of chunks or an object of columns; got {type(given).__name__}."
        )
    return ((row, None) for row in given)


def _rows_of_columns(
    given: Mapping[str, Any], dimensions: Callable[[], int]
) -> Iterator[tuple[dict[str, Any], Any]]:
    columns = COLUMN_OF_FIELD.values()
    reject_unknown("column of storeChunks", given, (*columns, "embeddings"))
    for name in ("ids", "contents"):
        if given.get(name) is None:
            raise InvalidArgument(f"storeChunks needs the column {name}. Give a list with one entry a chunk.")
    present = {
        field: given[column] for field, column in COLUMN_OF_FIELD.items() if given.get(column) is not None
    }
    count = len(given["ids"])
    for field, values in present.items():
        column = COLUMN_OF_FIELD[field]
        if not isinstance(values, list):
            raise InvalidArgument(f"The column {column} is {type(values).__name__}. Give a list.")
        if len(values) != count:
            raise InvalidArgument(
                f"The column {column} has {len(values):,} entries and ids has {count:,}. Give one a chunk."
            )
    embeddings = given.get("embeddings")
    width = 0
    if embeddings is not None:
        width = dimensions()
        expected = count * width
        if not isinstance(embeddings, memoryview) or embeddings.format != "f" or len(embeddings) != expected:
            found = len(embeddings) if hasattr(embeddings, "__len__") else type(embeddings).__name__
            raise InvalidArgument(
                f"embeddings must be one Float32Array of {count:,} × {width} = {expected:,} numbers, "
                f"row by row; got {found}."
            )

    def rows() -> Iterator[tuple[dict[str, Any], Any]]:
        units, bad = _units(embeddings, count, width)
        for position in range(count):
            row = {field: values[position] for field, values in present.items()}
            if embeddings is not None and bad[position]:
                row["embedding"] = embeddings[position * width : (position + 1) * width]
                yield row, None
            else:
                yield row, None if units is None else units[position]

    return rows()


def _units(embeddings: Any, count: int, width: int) -> tuple[Any, Any]:
    if embeddings is None:
        return None, None
    import numpy as np

    from .search.dense import unit_rows

    return unit_rows(np.asarray(embeddings).reshape(count, width))
