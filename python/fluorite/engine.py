"""The engine: what a bridge can ask of a memory. Thin methods; the work is in the rooms below."""

from __future__ import annotations

from typing import Any

from .context import CallContext
from .operation import operation
from .operations.automation_operations import AutomationOperations
from .operations.chunk_operations import ChunkOperations
from .operations.feedback_operations import FeedbackOperations
from .operations.history_operations import HistoryOperations
from .operations.maintenance_operations import MaintenanceOperations
from .operations.metrics_operations import MetricsOperations
from .operations.pattern_operations import PatternOperations
from .operations.search_operations import SearchOperations
from .operations.sharing_operations import SharingOperations
from .search.options import check_limit

MOST_PING_BYTES = 1 << 30


class MemoryEngine(
    ChunkOperations,
    SearchOperations,
    MetricsOperations,
    AutomationOperations,
    PatternOperations,
    HistoryOperations,
    FeedbackOperations,
    SharingOperations,
    MaintenanceOperations,
):
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
