from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fluorite.store import ChunkStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ChunkStore]:
    opened = ChunkStore(tmp_path / "chunks", cache_bytes=1 << 20)
    yield opened
    opened.close()
