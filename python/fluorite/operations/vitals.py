"""What logs and metrics say of a memory's state, read from the stores themselves."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ..memory import Memory
from ..metrics.memory_use import memory_use


def vitals(memory: Memory) -> dict[str, Any]:
    """{chunks, quality_histogram, memory_use, cache}; see types/metrics.d.ts."""
    return {
        "chunks": memory.chunks.count(),
        "quality_histogram": memory.quality_histogram(),
        "memory_use": memory_use(),
        "cache": asdict(memory.chunks.cache_statistics()),
    }
