"""Fits a small network to lists of candidates, so that the right ones come first.

Cross-entropy between the network's softmax over a list and the right ones of it (ListNet, Cao et al. 2007),
by Adam (Kingma and Ba 2015).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ...search.learned.reranker import Network
from .adam import Adam, faded

NETWORKS = 3
HIDDEN = 8
STEPS = 600
BATCH = 128
STEP = 0.01
PULL = 1e-2
SHARPNESS = 8.0
LEAST_DEVIATION = 1e-3
"""What hardly differs in training must not become huge where it does."""

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]
Check = Callable[[], None]


def fit_network(features: Floats, right: Flags, check: Check, seed: int = 0) -> Network:
    """From n lists of k candidates: features (n, k, f), and which are right (n, k), at least one of each.
    The mean of NETWORKS networks, which side by side are one; the same for the same lists."""
    from threadpoolctl import threadpool_limits

    chance = np.random.default_rng(seed)
    means = features.mean(axis=(0, 1))
    deviations = features.std(axis=(0, 1)) + np.float32(LEAST_DEVIATION)
    standardised = np.asarray((features - means) / deviations, np.float32)
    with threadpool_limits(1, user_api="blas"):
        trained = [_fitted(standardised, right.astype(np.float32), chance, check) for _ in range(NETWORKS)]
    hidden = np.concatenate([one[0] for one in trained], axis=1) / deviations[:, None]
    return Network(
        hidden=hidden,
        bias=np.concatenate([one[1] for one in trained]) - means @ hidden,
        output=np.asarray(np.concatenate([one[2] for one in trained]) / NETWORKS, np.float32),
        linear=np.mean([one[3] for one in trained], axis=0, dtype=np.float32) / deviations,
    )


def _fitted(features: Floats, right: Floats, chance: np.random.Generator, check: Check) -> list[Floats]:
    count = features.shape[2]
    parts = [
        Adam((chance.standard_normal((count, HIDDEN)) / np.sqrt(count)).astype(np.float32), STEP),
        Adam(np.zeros(HIDDEN, np.float32), STEP),
        Adam((0.1 * chance.standard_normal(HIDDEN)).astype(np.float32), STEP),
        Adam(np.zeros(count, np.float32), STEP),
    ]
    for step in range(STEPS):
        check()
        batch = chance.choice(len(features), min(BATCH, len(features)), replace=False)
        slopes = _slopes([part.values for part in parts], features[batch], right[batch])
        for part, slope in zip(parts, slopes, strict=True):
            part.move(slope, faded(step, STEPS))
    return [part.values for part in parts]


def _slopes(values: Sequence[Floats], features: Floats, right: Floats) -> list[Floats]:
    """The gradients of the mean loss by each of `values`."""
    hidden, bias, output, linear = values
    before = features @ hidden + bias
    active = np.maximum(before, 0)
    logits = SHARPNESS * (active @ output + features @ linear)
    given = np.exp(logits - logits.max(axis=1, keepdims=True))
    wanted = given * right
    given /= given.sum(axis=1, keepdims=True)
    wanted /= np.maximum(wanted.sum(axis=1, keepdims=True), 1e-9)
    error = np.asarray((given - wanted) * (SHARPNESS / len(features)), np.float32)
    back = (error[:, :, None] * output * (before > 0)).reshape(-1, hidden.shape[1])
    flat = features.reshape(-1, features.shape[2])
    return [
        flat.T @ back + PULL * hidden,
        back.sum(axis=0),
        active.reshape(-1, hidden.shape[1]).T @ error.ravel() + PULL * output,
        flat.T @ error.ravel() + PULL * linear,
    ]
