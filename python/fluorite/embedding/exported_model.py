"""A model as it is served: the ONNX export under `<models_path>/onnx`, found and checked without torch.

<models_path>/onnx/<name>-<source hash>-v<exporter version>/
    manifest.json       everything below but itself, with sizes and sha256
    fp32.onnx           text to unit vector: transformer, pooling, dense layers, normalisation
    int8.onnx           the same with 8-bit weights
    tokenizer.json      cuts at max_tokens, pads nothing
    verification.json   see files.changed_files; disposable
"""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InvalidArgument, ModelDamaged, ModelNotFound
from .files import FileRecord, changed_files, damage, read_json, records_from_json
from .model_directory import locate_model_directory, missing_model_message

MANIFEST_FORMAT = 1
EXPORTER_VERSION = 1

PRECISIONS = ("fp32", "int8")

MANIFEST = "manifest.json"
TOKENIZER = "tokenizer.json"
VERIFICATION = "verification.json"


@dataclass(frozen=True, slots=True)
class ExportedModel:
    """An export in one precision, ready to be loaded. `prompt` is put before every text."""

    name: str
    folder: Path
    precision: str
    model_id: str
    dimensions: int
    max_tokens: int
    pad_token_id: int
    prompt: str

    @property
    def onnx_file(self) -> Path:
        return self.folder / f"{self.precision}.onnx"

    @property
    def tokenizer_file(self) -> Path:
        return self.folder / TOKENIZER


def find_exported_model(models_path: Path, name: str, precision: str) -> ExportedModel:
    """The export of the model that `name` means now, its files checked; reads no weights as a rule.

    Raises InvalidArgument for an unknown precision, ModelNotFound where the model or its export is
    missing or older than the model, ModelDamaged where a file is not the one that was exported.
    """
    if precision not in PRECISIONS:
        raise InvalidArgument(
            f"There is no precision {precision!r}. Choose {' or '.join(map(repr, PRECISIONS))}."
        )
    folders = _export_folders(models_path, name)
    source = locate_model_directory(models_path, name)
    for folder in folders:
        manifest = read_manifest(folder)
        if source is None or _was_made_from(folder, manifest, source):
            check_files(folder, manifest, (f"{precision}.onnx", TOKENIZER))
            return describe_export(folder, manifest, precision)
    if source != models_path / name:
        raise ModelNotFound(missing_model_message(models_path, name))
    what = "has changed since it was exported" if folders else "has not been exported yet"
    raise ModelNotFound(
        f"The embedding model {str(source)!r} {what}. Run `{export_command(models_path, name)}`."
    )


def describe_export(folder: Path, manifest: dict[str, Any], precision: str) -> ExportedModel:
    return ExportedModel(
        name=manifest["name"],
        folder=folder,
        precision=precision,
        model_id=f"{manifest['source_hash'][:16]}-{precision}",
        dimensions=manifest["dimensions"],
        max_tokens=manifest["max_tokens"],
        pad_token_id=manifest["pad_token_id"],
        prompt=manifest["prompts"].get(manifest["default_prompt_name"], ""),
    )


def export_folder(models_path: Path, name: str, source_hash: str) -> Path:
    return models_path / "onnx" / f"{_folder_prefix(name)}{source_hash[:12]}-v{EXPORTER_VERSION}"


def export_command(models_path: Path, name: str) -> str:
    """A shell command that exports the model, valid in any folder."""
    module_path = Path(__file__).resolve().parents[2]
    words = [
        sys.executable,
        "-m",
        "fluorite.embedding.export",
        "--models-path",
        str(models_path),
        "--model",
        name,
    ]
    return f"PYTHONPATH={shlex.quote(str(module_path))} {shlex.join(words)}"


def read_manifest(folder: Path) -> dict[str, Any]:
    """Raises ModelDamaged where the manifest is missing, not JSON or of another format."""
    file = folder / MANIFEST
    manifest = read_json(file, dict, _remake(folder))
    if manifest.get("format") != MANIFEST_FORMAT:
        raise ModelDamaged(f"{file} is not a manifest of format {MANIFEST_FORMAT}. {_remake(folder)}")
    return manifest


def check_files(folder: Path, manifest: dict[str, Any], names: tuple[str, ...]) -> None:
    """Raises ModelDamaged for the first of these files that is not the one exported."""
    records = records_from_json(manifest["files"])
    expected = {folder / name: records[name] for name in names}
    for path in changed_files(expected, folder / VERIFICATION):
        raise damage(path, expected[path], _remake(folder))


def _export_folders(models_path: Path, name: str) -> list[Path]:
    """Exports of this name by this exporter, the newest first."""
    prefix, suffix = _folder_prefix(name), f"-v{EXPORTER_VERSION}"
    try:
        folders = [entry for entry in (models_path / "onnx").iterdir() if entry.is_dir()]
    except OSError:
        return []
    hash_length = 12
    found = [
        folder
        for folder in folders
        if folder.name.startswith(prefix)
        and folder.name.endswith(suffix)
        and len(folder.name) == len(prefix) + hash_length + len(suffix)
    ]
    return sorted(found, key=lambda folder: folder.stat().st_mtime_ns, reverse=True)


def _folder_prefix(name: str) -> str:
    return name.replace("/", "--") + "-"


def _was_made_from(folder: Path, manifest: dict[str, Any], source: Path) -> bool:
    records: dict[Path, FileRecord] = {
        source / name: record for name, record in records_from_json(manifest["source"]).items()
    }
    return not changed_files(records, folder / VERIFICATION)


def _remake(folder: Path) -> str:
    return f"Remove the folder {str(folder)!r} and run `npm run setup`."
