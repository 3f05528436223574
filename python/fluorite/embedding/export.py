"""Exports an embedding model to ONNX, once.

python -m fluorite.embedding.export --models-path DIR [--model NAME]
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ExportUnavailable, FluoriteError, ModelDamaged
from . import onnx_graph
from .exported_model import (
    EXPORTER_VERSION,
    MANIFEST,
    MANIFEST_FORMAT,
    PRECISIONS,
    TOKENIZER,
    VERIFICATION,
    check_files,
    describe_export,
    export_folder,
    read_manifest,
)
from .files import record_of, records_to_json, stamp_files
from .model_directory import DEFAULT_MODEL, ModelDirectory, read_model_directory
from .onnx_embedder import OnnxEmbedder

LEAST_COSINE = 0.9999

PROBES = (
    "",
    "Read a file line by line",
    "ログインしていない利用者をサインイン画面へ移す",
    "export async function load(id: string) { return await fetch(`/api/items/${id}`); }",
    "one two three four five six seven eight nine ten " * 60,
)

Report = Callable[[str], None]


def export_model(models_path: Path, name: str = DEFAULT_MODEL, report: Report = lambda line: None) -> Path:
    """The folder of the model's export, made if it is not there; safe to run in several processes at once.

    A folder is built beside its place, flushed to the disk and renamed, so that whoever finds one finds
    all of it. Raises ModelNotFound, ModelDamaged for a broken source, ExportUnavailable.
    """
    source = read_model_directory(models_path, name)
    folder = export_folder(models_path, name, source.source_hash)
    if _is_intact(folder):
        report(f"{name} is exported already: {folder}")
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _exclusively(folder.parent / ".lock", report):
        if _is_intact(folder):
            report(f"{name} has just been exported by another process: {folder}")
            return folder
        _remove_leftovers(folder.parent)
        building = folder.parent / f".building-{os.getpid()}"
        building.mkdir()
        try:
            _build(source, building, report)
            _publish(building, folder)
        finally:
            shutil.rmtree(building, ignore_errors=True)
    report(f"{name} exported: {folder}")
    return folder


def _build(source: ModelDirectory, folder: Path, report: Report) -> None:
    report(f"loading {source.name} from {source.path}")
    model = onnx_graph.load_model(source.path)
    files = {precision: folder / f"{precision}.onnx" for precision in PRECISIONS}
    onnx_graph.write_tokenizer(model, folder / TOKENIZER)
    onnx_graph.write_graphs(model, files["fp32"], files["int8"], report)
    written = [*files.values(), folder / TOKENIZER]
    manifest: dict[str, Any] = {
        "format": MANIFEST_FORMAT,
        "exporter": EXPORTER_VERSION,
        "name": source.name,
        "source": records_to_json(source.files),
        "source_hash": source.source_hash,
        "dimensions": model.dimensions,
        "max_tokens": model.max_tokens,
        "pad_token_id": model.pad_token_id,
        "prompts": source.prompts,
        "default_prompt_name": source.default_prompt_name,
        "inputs": model.inputs,
        "opset": onnx_graph.OPSET,
        "versions": model.versions,
        "files": records_to_json({file.name: record_of(file) for file in written}),
    }
    report("comparing with the original")
    manifest["least_cosine"] = {
        precision: _least_cosine(model.pipeline, OnnxEmbedder(describe_export(folder, manifest, precision)))
        for precision in PRECISIONS
    }
    if manifest["least_cosine"]["fp32"] < LEAST_COSINE:
        raise ExportUnavailable(
            f"The export of {source.name!r} does not reproduce the model: the least cosine of a probe is "
            f"{manifest['least_cosine']['fp32']:.6f}. Use another model, for example {DEFAULT_MODEL!r}."
        )
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False), encoding="utf-8")
    sources = (source.path / name for name in source.files)
    stamp_files([*written, *sources], folder / VERIFICATION)


def _least_cosine(original: Any, embedder: OnnxEmbedder) -> float:
    expected = original.encode(list(PROBES), normalize_embeddings=True, show_progress_bar=False)
    return float(np.sum(expected * embedder.embed(PROBES), axis=1).min())


def _is_intact(folder: Path) -> bool:
    try:
        manifest = read_manifest(folder)
        check_files(folder, manifest, tuple(manifest["files"]))
    except ModelDamaged:
        return False
    return True


def _publish(building: Path, folder: Path) -> None:
    for file in building.iterdir():
        _flush(file)
    _flush(building)
    # A rename replaces only an empty folder; what is there has been found damaged.
    if folder.exists():
        folder.rename(building.with_name(f"{building.name}.damaged"))
    building.rename(folder)
    _flush(folder.parent)
    _remove_leftovers(folder.parent)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_leftovers(parent: Path) -> None:
    """Removes what killed exports have left; call it with the lock held, so none is at work."""
    for folder in parent.glob(".building-*"):
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _exclusively(lock: Path, report: Report) -> Iterator[None]:
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("another process is exporting; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m fluorite.embedding.export",
        description="Exports a sentence-transformers model to ONNX, in fp32 and int8, unless it is there.",
        epilog="examples:\n"
        "  python -m fluorite.embedding.export --models-path models\n"
        "  python -m fluorite.embedding.export --models-path models --model mine   (from models/mine)\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--models-path", type=Path, required=True, metavar="DIR", help="folder of the models")
    parser.add_argument("--model", default=DEFAULT_MODEL, metavar="NAME", help=f"default: {DEFAULT_MODEL}")
    options = parser.parse_args(arguments)
    try:
        export_model(
            options.models_path.absolute(),
            options.model,
            lambda line: print(line, file=sys.stderr, flush=True),
        )
    except FluoriteError as error:
        print(f"{error.code}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
