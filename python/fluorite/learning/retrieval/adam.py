"""The optimiser of everything that is fitted by gradients."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Adam:
    """Kingma and Ba (2015), with the usual constants. `values` are those so far."""

    def __init__(self, values: Floats, step: float) -> None:
        self.values = values.copy()
        self._step = step
        self._mean = np.zeros_like(values)
        self._square = np.zeros_like(values)
        self._times = 0

    def move(self, gradient: Floats, fade: float) -> None:
        """One step down the gradient, `fade` times as long as the first would be."""
        self._times += 1
        self._mean += 0.1 * (gradient - self._mean)
        self._square += 0.001 * (gradient * gradient - self._square)
        mean = self._mean / (1 - 0.9**self._times)
        root = np.sqrt(self._square / (1 - 0.999**self._times)) + 1e-8
        self.values -= np.float32(fade * self._step) * (mean / root)


def faded(step: int, steps: int) -> float:
    """How long the step is among `steps`, from nearly 1 to nearly 0 along a cosine (Loshchilov and Hutter
    2017)."""
    return float(0.5 * (1 + np.cos(np.pi * (step + 1) / (steps + 1))))
