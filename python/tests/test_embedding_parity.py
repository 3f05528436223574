"""The exported model against sentence-transformers, text by text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fluorite.embedding import DEFAULT_MODEL, find_exported_model
from fluorite.embedding.model_directory import locate_model_directory
from fluorite.embedding.onnx_embedder import OnnxEmbedder
from fluorite.errors import Cancelled

ROOT = Path(__file__).parents[2]
REAL_ARCHIVE = ROOT.parent / "shared" / "data" / "fluorite-mcp-spikes.tar.xz"
SHORT = [
    "",
    " ",
    "a",
    "ログイン認証を追加する",
    "データベース 検索 カード ガード",
    "export const add = (a: number, b: number): number => a + b;",
    "SELECT id FROM users WHERE email = $1;",
    "emoji 🚀 and ünïcödé",
    "\n\t\n",
]
LONG = ["word " * 1000, "認証 " * 600, "x" * 5000]


@pytest.fixture(scope="module")
def embedder(models: Path) -> OnnxEmbedder:
    return OnnxEmbedder(find_exported_model(models, DEFAULT_MODEL, "fp32"))


@pytest.fixture(scope="module")
def original(models: Path) -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(locate_model_directory(models, DEFAULT_MODEL)), device="cpu")


@pytest.fixture(scope="module")
def texts() -> list[str]:
    samples = [json.loads(file.read_text()) for file in sorted((ROOT / "examples" / "spikes").glob("*.json"))]
    described = [f"{value['name']}\n{value['description']}" for value in samples[::3]]
    code = [value["files"][0]["template"] for value in samples[::5]]
    return [*SHORT, *LONG, *described, *code]


def cosines(left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.sum(left * right, axis=1), np.float32)


def test_fp32_gives_the_vectors_of_sentence_transformers(
    embedder: OnnxEmbedder, original: Any, texts: list[str]
) -> None:
    expected = original.encode(texts, batch_size=16, normalize_embeddings=True, show_progress_bar=False)
    assert cosines(embedder.embed(texts), expected).min() >= 0.9999


@pytest.mark.skipif(
    not REAL_ARCHIVE.exists(), reason="the archive of real templates is not beside the project"
)
def test_fp32_gives_the_same_over_real_templates(embedder: OnnxEmbedder, original: Any) -> None:
    import itertools
    import tarfile

    with tarfile.open(REAL_ARCHIVE) as archive:
        files = (entry for entry in archive if entry.name.endswith(".json"))
        chosen = itertools.islice(files, 0, 6000, 60)
        texts = [stream.read().decode() for entry in chosen if (stream := archive.extractfile(entry))]
    assert len(texts) == 100
    expected = original.encode(texts, batch_size=32, normalize_embeddings=True, show_progress_bar=False)
    assert cosines(embedder.embed(texts), expected).min() >= 0.9999


@pytest.mark.parametrize("precision", ["fp32", "int8"])
@pytest.mark.parametrize("batch_size", [1, 3, 64])
def test_a_vector_depends_neither_on_the_batch_nor_on_the_order(
    models: Path, texts: list[str], precision: str, batch_size: int
) -> None:
    embedder = OnnxEmbedder(find_exported_model(models, DEFAULT_MODEL, precision), batch_size=batch_size)
    some = texts[:24]
    forwards = embedder.embed(some)
    backwards = embedder.embed(some[::-1])[::-1]
    alone = np.vstack([embedder.embed([text]) for text in some])
    assert cosines(forwards, backwards).min() > 0.99999
    assert cosines(forwards, alone).min() > 0.99999


def test_int8_stays_close_to_fp32(models: Path, embedder: OnnxEmbedder, texts: list[str]) -> None:
    eight = OnnxEmbedder(find_exported_model(models, DEFAULT_MODEL, "int8"))
    assert eight.model_id != embedder.model_id
    assert cosines(eight.embed(texts), embedder.embed(texts)).min() > 0.98


def test_vectors_are_unit_float32_rows_and_no_text_gives_no_row(embedder: OnnxEmbedder) -> None:
    vectors = embedder.embed(SHORT)
    assert vectors.shape == (len(SHORT), 384) and vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert embedder.embed([]).shape == (0, 384)


def test_progress_counts_up_to_the_total_and_a_check_cancels(
    embedder: OnnxEmbedder, texts: list[str]
) -> None:
    told: list[tuple[int, int]] = []
    embedder.embed(texts, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (len(texts), len(texts)) and told == sorted(told)
    calls = iter(range(3))

    def stop() -> None:
        if next(calls, None) is None:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        embedder.embed(texts, check=stop)
