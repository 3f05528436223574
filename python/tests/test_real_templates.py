"""The public archive of real templates, where it lies beside the project; skipped elsewhere."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from fluorite.context import CallContext
from fluorite.learning import learn_spikes
from fluorite.settings import LearningSettings
from fluorite.store import ChunkStore

ARCHIVE = Path(__file__).parents[3] / "shared" / "data" / "fluorite-mcp-spikes.tar.xz"

pytestmark = pytest.mark.skipif(
    not ARCHIVE.exists(), reason="the archive of real templates is not beside the project"
)


@pytest.fixture(scope="module")
def spikes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    return folder / "spikes"


def test_every_real_template_is_accounted_for_and_takes_a_quarter_of_its_bytes(
    spikes: Path, store: ChunkStore
) -> None:
    files = list(spikes.glob("*.json"))
    report = learn_spikes(spikes, store, lambda _: 0, LearningSettings(), CallContext())
    assert report.processed == report.new == len(files) == 20_402
    assert len(report.malformed) == 15 and len(report.repaired) == 55
    assert all(item.line > 1 and item.reason for item in report.malformed)
    learned = len(files) - len(report.malformed)
    assert report.chunks_stored == store.count() > learned
    assert store.used_bytes() < 0.26 * sum(file.stat().st_size for file in files)
    again = learn_spikes(spikes, store, lambda _: 0, LearningSettings(), CallContext())
    assert (again.processed, again.chunks_stored, again.malformed) == (0, 0, report.malformed)


def test_stubs_score_low_and_hand_written_templates_high(spikes: Path, store: ChunkStore) -> None:
    chosen = sorted(spikes.glob("*.json"))[::20]
    folder = spikes.parent / "sample"
    folder.mkdir()
    for file in chosen:
        (folder / file.name).write_bytes(file.read_bytes())
    learn_spikes(folder, store, lambda _: 0, LearningSettings(), CallContext())
    generated, written = list[float](), list[float]()
    for chunk in store.page(limit=10_000).chunks:
        if chunk.chunk_type == "template":
            description = str(chunk.metadata["description"])
            if description.startswith("Auto-generated spike"):
                generated.append(chunk.quality_score)
            elif description:
                written.append(chunk.quality_score)
    assert 2 * sum(generated) / len(generated) < sum(written) / len(written)
    assert sum(score < 0.2 for score in generated) > 0.8 * len(generated)
