"""What the engine asks of whatever turns texts into vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Embedder(Protocol):
    """Turns texts into unit vectors; thread-safe."""

    @property
    def model_id(self) -> str:
        """Short and stable: the same wherever the same weights, pooling, prompts and precision are served."""
        ...

    @property
    def dimensions(self) -> int:
        """Numbers in a vector."""
        ...

    @property
    def max_tokens(self) -> int:
        """Tokens of a text that the model reads, special tokens included; the rest is cut off."""
        ...

    def embed(
        self,
        texts: Sequence[str],
        *,
        check: Callable[[], None] | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> NDArray[np.float32]:
        """Vectors of shape (len(texts), dimensions), float32, rows of unit length in the order of `texts`.

        `check` is called before every batch and cancels by raising; `progress(done, total)` counts texts
        after every batch.
        """
        ...
