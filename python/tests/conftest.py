from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from tests.vector_data import build_in
from tests.web_site import Site, serving
from tests.word_memory import WordService

from fluorite.automation.state_folder import StateFolder
from fluorite.embedding.export import export_model
from fluorite.memory import Memory, open_memory, release_memory
from fluorite.search import spaces as spaces_module
from fluorite.settings import Settings
from fluorite.store import ChunkStore

ROOT = Path(__file__).parents[2]

# How long an example takes says more of the machine's other work than of the code.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ChunkStore]:
    opened = ChunkStore(tmp_path / "chunks", cache_bytes=1 << 20)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def models() -> Path:
    """The folder of the exported default model."""
    export_model(ROOT / "models")
    return ROOT / "models"


@pytest.fixture(scope="session")
def built_vectors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a vector index with lists; not to be changed."""
    return build_in(tmp_path_factory.mktemp("built"))


@pytest.fixture
def vectors_folder(built_vectors: Path, tmp_path: Path) -> Path:
    """A copy of those files."""
    copy = tmp_path / "copy"
    shutil.copytree(built_vectors, copy)
    return copy


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    return StateFolder(tmp_path / "state")


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with serving() as site:
        yield site


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
    """An empty memory whose model knows words alone; see word_memory.py."""
    monkeypatch.setattr(spaces_module, "open_service", lambda *_: WordService())
    opened = open_memory(tmp_path / "memory", Settings(tmp_path).memory)
    yield opened
    release_memory(opened)
