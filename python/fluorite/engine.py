"""The engine: what a bridge can ask of a memory. Thin methods; the work is in the rooms below."""

from __future__ import annotations

import platform
import sys
from typing import Any

from . import __version__
from .context import CallContext
from .operation import operation
from .operations.chunk_operations import ChunkOperations
from .operations.learning_operations import LearningOperations
from .operations.pattern_operations import PatternOperations
from .operations.search_operations import SearchOperations
from .search.options import check_limit

MOST_PING_BYTES = 1 << 30


class MemoryEngine(ChunkOperations, SearchOperations, LearningOperations, PatternOperations):
    """Everything that can be asked; see EngineBase for how it is opened."""

    @operation("interactive")
    def ping(self, _context: CallContext, send: Any = None, receive_bytes: int = 0) -> dict[str, Any]:
        """Measures the door: where a received buffer lies, and a buffer of the wanted size back."""
        import numpy as np

        from .addresses import address_of

        received = np.zeros(check_limit("receive_bytes", receive_bytes, MOST_PING_BYTES, least=0), np.uint8)
        return {
            "sent_address": address_of(send) if send is not None else None,
            "received_address": address_of(received),
            "received": received,
        }

    @operation("interactive")
    def get_metrics(self, _context: CallContext) -> dict[str, Any]:
        """Counts and sizes, read from the stores themselves; `_bytes` are bytes."""
        return {
            "version": __version__,
            "python_version": platform.python_version(),
            "python_modules": sorted(name for name in sys.modules if not name.startswith("_")),
            "chunks": self._memory.chunks.count(),
            "sequence": self._memory.chunks.sequence(),
            "store_bytes": self._memory.chunks.used_bytes(),
            "embeddings_bytes": self._memory.embeddings.used_bytes(),
            "cache": self._memory.chunks.cache_statistics(),
            **self._retriever.statistics(),
        }
