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
        self._scratch = np.empty_like(values)

    def move(self, gradient: Floats, fade: float) -> None:
        """One step down the gradient, `fade` times as long as the first would be."""
        self._times += 1
        scratch = self._scratch
        # In place: to ask the system for megabytes of temporary values takes longer than to compute them.
        np.subtract(gradient, self._mean, out=scratch)
        scratch *= 0.1
        self._mean += scratch
        np.multiply(gradient, gradient, out=scratch)
        scratch -= self._square
        scratch *= 0.001
        self._square += scratch
        np.divide(self._square, 1 - 0.999**self._times, out=scratch)
        np.sqrt(scratch, out=scratch)
        scratch += 1e-8
        np.divide(self._mean, scratch, out=scratch)
        scratch *= fade * self._step / (1 - 0.9**self._times)
        self.values -= scratch


def faded(step: int, steps: int) -> float:
    """How long the step is among `steps`, from nearly 1 to nearly 0 along a cosine (Loshchilov and Hutter
    2017)."""
    return float(0.5 * (1 + np.cos(np.pi * (step + 1) / (steps + 1))))
