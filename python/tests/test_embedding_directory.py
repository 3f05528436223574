"""Which model a name means, and what is said when it cannot be served. The files here hold no real model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fluorite.embedding import DEFAULT_MODEL, find_exported_model
from fluorite.embedding.exported_model import MANIFEST, MANIFEST_FORMAT, VERIFICATION, export_folder
from fluorite.embedding.files import record_of, records_to_json
from fluorite.embedding.model_directory import read_model_directory
from fluorite.errors import ExportUnavailable, ModelDamaged, ModelNotFound

POOLING = {"idx": 1, "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}


def write(file: Path, content: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A models_path with the model `own`, and the export that was made of it."""
    source = tmp_path / "own"
    write(source / "modules.json", [POOLING])
    write(source / "1_Pooling" / "config.json", {"pooling_mode_mean_tokens": True})
    write(source / "config_sentence_transformers.json", {"prompts": {"query": "query: "}})
    write(source / "model.safetensors", "weights")
    described = read_model_directory(tmp_path, "own")
    folder = export_folder(tmp_path, "own", described.source_hash)
    for name in ("fp32.onnx", "int8.onnx", "tokenizer.json"):
        write(folder / name, name)
    manifest = {
        "format": MANIFEST_FORMAT,
        "name": "own",
        "source": records_to_json(described.files),
        "source_hash": described.source_hash,
        "dimensions": 8,
        "max_tokens": 16,
        "pad_token_id": 1,
        "prompts": described.prompts,
        "default_prompt_name": "query",
        "files": records_to_json({file.name: record_of(file) for file in folder.iterdir()}),
    }
    write(folder / MANIFEST, manifest)
    return tmp_path


def export_of(models: Path) -> Path:
    (folder,) = (models / "onnx").iterdir()
    return folder


def test_an_export_is_described_by_its_manifest(models: Path) -> None:
    model = find_exported_model(models, "own", "int8")
    assert (model.dimensions, model.max_tokens, model.pad_token_id, model.prompt) == (8, 16, 1, "query: ")
    assert model.onnx_file == export_of(models) / "int8.onnx"


def test_precisions_of_a_model_have_different_identities_that_do_not_depend_on_the_place(
    models: Path,
) -> None:
    ids = {
        precision: find_exported_model(models, "own", precision).model_id for precision in ("fp32", "int8")
    }
    moved = models.rename(models.with_name("moved"))
    assert ids["fp32"] != ids["int8"]
    assert find_exported_model(moved, "own", "int8").model_id == ids["int8"]


def test_an_export_is_served_where_its_source_is_absent(models: Path) -> None:
    for file in sorted((models / "own").rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    assert find_exported_model(models, "own", "fp32").dimensions == 8


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("model.safetensors", "WEIGHTS"),
        ("config_sentence_transformers.json", {"prompts": {"query": "ask: "}}),
        ("1_Pooling/config.json", {"pooling_mode_cls_token": True}),
    ],
)
def test_a_model_that_changed_since_its_export_is_not_served(models: Path, file: str, content: Any) -> None:
    find_exported_model(models, "own", "fp32")
    write(models / "own" / file, content)
    with pytest.raises(ModelNotFound, match=r"has changed .* fluorite\.embedding\.export .*--model own"):
        find_exported_model(models, "own", "fp32")


def test_a_model_without_an_export_is_named_with_the_command(models: Path) -> None:
    (models / "own").rename(models / "other")
    with pytest.raises(ModelNotFound, match=r"other.* has not been exported.*--model other"):
        find_exported_model(models, "other", "fp32")


def test_the_default_model_comes_with_set_up(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound) as caught:
        find_exported_model(tmp_path, DEFAULT_MODEL, "fp32")
    for part in (DEFAULT_MODEL, str(tmp_path), "npm run setup"):
        assert part in str(caught.value)


def test_a_damaged_file_is_named_with_both_hashes(models: Path) -> None:
    file = export_of(models) / "fp32.onnx"
    expected = record_of(file).sha256
    write(file, "fp32.0nnx")
    with pytest.raises(ModelDamaged) as caught:
        find_exported_model(models, "own", "fp32")
    for part in (str(file), expected, record_of(file).sha256, "npm run setup"):
        assert part in str(caught.value)
    assert find_exported_model(models, "own", "int8").dimensions == 8
    file.unlink()
    with pytest.raises(ModelDamaged, match=r"fp32\.onnx.*no such file"):
        find_exported_model(models, "own", "fp32")


@pytest.mark.parametrize("content", ["{", "[]", '{"format": 99}'])
def test_a_damaged_manifest_is_named(models: Path, content: str) -> None:
    write(export_of(models) / MANIFEST, content)
    with pytest.raises(ModelDamaged, match=r"manifest\.json"):
        find_exported_model(models, "own", "fp32")


def test_an_export_whose_stamps_cannot_be_written_is_served(models: Path) -> None:
    (export_of(models) / VERIFICATION).mkdir()
    assert find_exported_model(models, "own", "fp32").dimensions == 8
    assert not list(export_of(models).glob(f"{VERIFICATION}.*"))


def test_a_broken_file_of_the_source_is_named(models: Path) -> None:
    write(models / "own" / "modules.json", "[{")
    with pytest.raises(ModelDamaged, match=r"own/modules\.json.*not valid JSON"):
        read_model_directory(models, "own")
    write(models / "own" / "modules.json", [POOLING])
    (models / "own" / "1_Pooling" / "config.json").unlink()
    with pytest.raises(ModelDamaged, match=r"1_Pooling/config\.json is missing"):
        read_model_directory(models, "own")


def test_a_model_that_pools_without_its_prompts_is_refused(models: Path) -> None:
    write(models / "own" / "1_Pooling" / "config.json", {"include_prompt": False})
    with pytest.raises(ExportUnavailable, match="include_prompt"):
        read_model_directory(models, "own")


def test_documentation_and_other_runtimes_do_not_count(models: Path) -> None:
    before = read_model_directory(models, "own").source_hash
    write(models / "own" / "README.md", "# Own")
    write(models / "own" / ".gitattributes", "*.bin")
    write(models / "own" / "openvino" / "model.bin", "other")
    assert read_model_directory(models, "own").source_hash == before
