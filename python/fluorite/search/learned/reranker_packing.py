"""A reranker as plain values for the store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .reranker import FEATURES, ExpectedLength, Floats, Network, Reranker

_LENGTH = ("says", "weights", "means", "deviations")
_NETWORK = ("hidden", "bias", "output", "linear")


def packed_reranker(reranker: Reranker) -> dict[str, Any]:
    return {
        "features": list(FEATURES),
        "terms": list(reranker.length.terms),
        **{name: _packed(getattr(reranker.length, name)) for name in _LENGTH},
        **{name: _packed(getattr(reranker.network, name)) for name in _NETWORK},
    }


def reranker_from(values: Mapping[str, Any]) -> Reranker:
    """What was packed. Raises KeyError, TypeError, ValueError or AttributeError where it is damaged."""
    if tuple(values["features"]) != FEATURES:
        raise ValueError("The reranker is of other features.")
    terms, count = values["terms"], len(FEATURES)
    length = ExpectedLength(
        {term: row for row, term in enumerate(terms)},
        _read(values["says"], len(terms)),
        _read(values["weights"], len(terms), 2),
        _read(values["means"], 2),
        _read(values["deviations"], 2),
    )
    bias = _read(values["bias"], -1)
    network = Network(
        _read(values["hidden"], count, len(bias)),
        bias,
        _read(values["output"], len(bias)),
        _read(values["linear"], count),
    )
    if len(length.terms) != len(terms) or (length.deviations <= 0).any():
        raise ValueError("The reranker is damaged.")
    return Reranker(length, network)


def _packed(array: Floats) -> bytes:
    return array.astype("<f4").tobytes()


def _read(data: bytes, *shape: int) -> Floats:
    array = np.frombuffer(data, "<f4").astype(np.float32).reshape(shape)
    if not np.isfinite(array).all():
        raise ValueError("The reranker is damaged.")
    return array
