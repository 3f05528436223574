"""Exporting: once, atomically, checked, and without PyTorch where only serving is wanted."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fluorite.embedding import DEFAULT_MODEL, find_exported_model
from fluorite.embedding.export import export_model
from fluorite.embedding.model_directory import locate_model_directory
from fluorite.embedding.onnx_embedder import OnnxEmbedder
from fluorite.errors import InvalidArgument, ModelDamaged, ModelNotFound

ROOT = Path(__file__).parents[2]
WORDS = ["hello", "world", "code", "test", "app", "hono", "next", "auth"]


def run(script: str, *values: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "python")}
    return subprocess.run(
        [sys.executable, "-c", script, *values], env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models_path with a small random BERT that pools its first token and has prompts."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    models = tmp_path_factory.mktemp("models")
    source = tmp_path_factory.mktemp("bert")
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    pieces = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        *WORDS,
        ":",
        *letters,
        *(f"##{x}" for x in letters),
    ]
    (source / "vocab.txt").write_text("\n".join(pieces))
    config = BertConfig(
        vocab_size=len(pieces),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(source)
    BertTokenizerFast(vocab=str(source / "vocab.txt")).save_pretrained(source)
    transformer = Transformer(str(source), max_seq_length=24)
    model = SentenceTransformer(
        modules=[transformer, Pooling(32, pooling_mode="cls"), Normalize()],
        device="cpu",
        prompts={"query": "hello: ", "document": ""},
        default_prompt_name="query",
    )
    model.save(str(models / "tiny"))
    return models


def test_any_other_model_works_by_name_with_its_pooling_and_prompts(tiny: Path) -> None:
    from sentence_transformers import SentenceTransformer

    export_model(tiny, "tiny")
    embedder = OnnxEmbedder(find_exported_model(tiny, "tiny", "fp32"))
    texts = ["code test", "", "next auth app hono world " * 20, "zebra"]
    expected = SentenceTransformer(str(tiny / "tiny"), device="cpu").encode(texts)
    assert embedder.dimensions == 32
    assert np.sum(embedder.embed(texts) * expected, axis=1).min() > 0.9999


def test_a_second_export_does_nothing(tiny: Path) -> None:
    folder = export_model(tiny, "tiny")
    before = (folder / "fp32.onnx").stat().st_mtime_ns
    lines: list[str] = []
    assert export_model(tiny, "tiny", report=lines.append) == folder
    assert (folder / "fp32.onnx").stat().st_mtime_ns == before


def test_two_exports_at_once_both_succeed(tiny: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny / "tiny", tmp_path / "tiny")
    command = [
        sys.executable, "-m", "fluorite.embedding.export", "--models-path", str(tmp_path), "--model", "tiny",
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "python")}
    both = [subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for process in both:
        _, told = process.communicate()
        assert process.returncode == 0, told
    assert OnnxEmbedder(find_exported_model(tmp_path, "tiny", "int8")).embed(["code"]).shape == (1, 32)
    leftovers = [entry.name for entry in (tmp_path / "onnx").iterdir() if entry.is_dir()]
    assert len(leftovers) == 1


@pytest.mark.parametrize("file", ["fp32.onnx", "tokenizer.json"])
def test_a_damaged_file_of_an_export_is_named(tiny: Path, tmp_path: Path, file: str) -> None:
    export_model(tiny, "tiny")
    shutil.copytree(tiny, tmp_path / "models")
    (damaged,) = (tmp_path / "models" / "onnx").glob(f"tiny-*/{file}")
    data = bytearray(damaged.read_bytes())
    data[len(data) // 2] ^= 0xFF
    damaged.write_bytes(data)
    with pytest.raises(ModelDamaged, match=file):
        find_exported_model(tmp_path / "models", "tiny", "fp32")


def test_weights_other_than_the_published_ones_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = locate_model_directory(tmp_path, DEFAULT_MODEL)
    assert original is not None
    forged = tmp_path / "package" / original.name
    shutil.copytree(original, forged)
    weights = forged / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 0xFF
    weights.write_bytes(data)
    monkeypatch.setattr("fluorite.embedding.model_directory._package_directory", lambda: forged)
    with pytest.raises(ModelDamaged, match=r"model\.safetensors"):
        export_model(tmp_path / "models")


def test_a_model_that_nobody_has_is_named_with_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match="no-such-model"):
        find_exported_model(tmp_path, "no-such-model", "fp32")
    with pytest.raises(InvalidArgument, match="int4"):
        find_exported_model(tmp_path, DEFAULT_MODEL, "int4")


def test_exporting_without_torch_says_what_to_run(tiny: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny / "tiny", tmp_path / "tiny")
    script = (
        "import sys; sys.modules['torch'] = None\n"
        "from pathlib import Path; from fluorite.embedding.export import export_model\n"
        "from fluorite.errors import ExportUnavailable\n"
        "try: export_model(Path(sys.argv[1]), 'tiny')\n"
        "except ExportUnavailable as error: print(error)\n"
    )
    ended = run(script, str(tmp_path))
    assert "npm run setup" in ended.stdout, ended.stderr


def test_serving_imports_nothing_that_only_exporting_needs(tiny: Path) -> None:
    export_model(tiny, "tiny")
    script = (
        "import sys, json; from pathlib import Path\n"
        "from fluorite.embedding import find_exported_model\n"
        "from fluorite.embedding.onnx_embedder import OnnxEmbedder\n"
        "OnnxEmbedder(find_exported_model(Path(sys.argv[1]), 'tiny', 'int8')).embed(['code'])\n"
        "print(json.dumps(sorted(name.split('.')[0] for name in sys.modules)))\n"
    )
    ended = run(script, str(tiny))
    loaded: set[Any] = set(json.loads(ended.stdout))
    assert not loaded & {"torch", "transformers", "sentence_transformers", "onnx", "onnxscript", "sklearn"}
