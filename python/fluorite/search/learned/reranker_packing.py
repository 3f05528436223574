"""A reranker as plain values for the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .candidate_features import FEATURES
from .code_topics import CodeTopics, Floats
from .expected_code import ExpectedCode
from .reranker import Network, Reranker

_EXPECTED = ("says", "weights", "means", "deviations")
_NETWORK = ("hidden", "bias", "output", "linear")


def packed_reranker(reranker: Reranker) -> dict[str, Any]:
    expected, topics = reranker.expected, reranker.expected.topics
    return {
        "features": list(FEATURES),
        "terms": list(expected.terms),
        **{name: _packed(getattr(expected, name)) for name in _EXPECTED},
        "words": list(topics.words),
        "words_say": _packed(topics.says),
        "axes": _packed(topics.axes),
        "mean": _packed(topics.mean),
        **{name: _packed(getattr(reranker.network, name)) for name in _NETWORK},
    }


def reranker_from(values: Mapping[str, Any]) -> Reranker:
    """What was packed. Raises KeyError, TypeError, ValueError or AttributeError where it is damaged."""
    if tuple(values["features"]) != FEATURES:
        raise ValueError("The reranker is of other features.")
    terms, words, mean = _rows(values["terms"]), _rows(values["words"]), _read(values["mean"], -1)
    topics = CodeTopics(
        words,
        _read(values["words_say"], len(words)),
        _read(values["axes"], len(words), len(mean)),
        mean,
    )
    expected = ExpectedCode(
        terms,
        _read(values["says"], len(terms)),
        _read(values["weights"], -1, 2 + len(mean)),
        _read(values["means"], 2),
        _read(values["deviations"], 2),
        topics,
    )
    count, bias = len(FEATURES), _read(values["bias"], -1)
    network = Network(
        _read(values["hidden"], count, len(bias)),
        bias,
        _read(values["output"], len(bias)),
        _read(values["linear"], count),
    )
    if expected.dimensions < 1 or (expected.deviations <= 0).any():
        raise ValueError("The reranker is damaged.")
    return Reranker(expected, network)


def _rows(names: Sequence[str]) -> dict[str, int]:
    rows = {name: row for row, name in enumerate(names)}
    if len(rows) != len(names):
        raise ValueError("The reranker is damaged.")
    return rows


def _packed(array: Floats) -> bytes:
    return array.astype("<f4").tobytes()


def _read(data: bytes, *shape: int) -> Floats:
    array = np.frombuffer(data, "<f4").astype(np.float32).reshape(shape)
    if not np.isfinite(array).all():
        raise ValueError("The reranker is damaged.")
    return array
