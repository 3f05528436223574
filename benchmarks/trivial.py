"""What node-calls-python calls in benchmarks/round_trip.js: as little work as Python can do."""

from typing import Any

CHUNK = {
    "id": "small",
    "content": "const total = items.reduce((sum, item) => sum + item.price, 0);",
    "chunk_type": "code",
    "frameworks": ["node"],
    "tags": ["array"],
    "quality_score": 0.5,
    "metadata": {},
}


def nothing() -> None:
    return None


def chunk(_identifier: str) -> dict[str, Any]:
    return CHUNK


def length(memory: bytes) -> int:
    return len(memory)
