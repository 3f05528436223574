"""What a user asks for: a text, a vector, or an example."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..chunk import check_id, encoded_size
from ..errors import InvalidArgument, reject_unknown
from ..index.arrays import Vectors
from .dense import unit_vector

MOST_QUERIES = 1000


@dataclass(frozen=True, slots=True)
class Query:
    """One of the three is set."""

    text: str | None = None
    vector: Vectors | None = None
    like: str | None = None


def read_query(value: Any, dimensions: Callable[[], int], where: str = "The query") -> Query:
    """A checked query. Raises InvalidArgument, DimensionMismatch or NotFinite."""
    if isinstance(value, str):
        encoded_size(value, where)
        return Query(text=value)
    if isinstance(value, Mapping):
        reject_unknown("key of a query", value, ("like",))
        return Query(like=check_id(value.get("like")))
    if not hasattr(value, "__len__"):
        raise InvalidArgument(
            f"{where} is {value!r}. Give a text, a Float32Array, or {{ like: id }} of a stored chunk."
        )
    return Query(vector=unit_vector(value, dimensions(), f"{where} vector"))
