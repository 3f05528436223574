"""Marks the engine's methods that may be called from outside, and the lane each runs in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar

Lane = Literal["interactive", "model", "background"]
"""`interactive` work answers within milliseconds, `model` work may wait for the embedding model to
load, `background` work may take minutes."""

Choose = Callable[[Mapping[str, Any]], Lane]
Method = TypeVar("Method", bound=Callable[..., Any])

OPERATION_MARK = "fluorite_lane"


def operation(lane: Lane | Choose) -> Callable[[Method], Method]:
    """Opens a method to callers, on a lane or on the one that its arguments call for."""

    def mark(method: Method) -> Method:
        setattr(method, OPERATION_MARK, lane)
        return method

    return mark


def lane_of(method: object, arguments: Mapping[str, Any]) -> Lane | None:
    """The lane on which to run an operation with these arguments; None for anything else."""
    lane: Lane | Choose | None = getattr(method, OPERATION_MARK, None)
    return lane(arguments) if callable(lane) else lane
