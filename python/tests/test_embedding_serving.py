"""What serving promises its host: all cores, nothing left running, no network, quick checks."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from fluorite.embedding import DEFAULT_MODEL, find_exported_model
from fluorite.embedding.batching import batches_by_length, tokenize
from fluorite.embedding.exported_model import VERIFICATION
from fluorite.embedding.files import sha256_of
from fluorite.embedding.onnx_embedder import OnnxEmbedder, session_options
from fluorite.embedding.parallel import results_in_order
from fluorite.embedding.runtime import import_onnxruntime

ROOT = Path(__file__).parents[2]
TEXTS = [
    "",
    "export const total = (items: Item[]) => items.reduce((sum, item) => sum + item.price, 0);",
    "未ログインの利用者をサインイン画面へ移す",
    *(f"route number {number} answers {'very ' * (number % 40)}quickly" for number in range(80)),
]


@pytest.fixture(scope="module")
def embedder(models: Path) -> OnnxEmbedder:
    return OnnxEmbedder(find_exported_model(models, DEFAULT_MODEL, "int8"), threads=2)


def test_threads_that_embed_at_once_get_what_each_would_get_alone(embedder: OnnxEmbedder) -> None:
    expected = embedder.embed(TEXTS)
    with ThreadPoolExecutor(4) as pool:
        for vectors in pool.map(lambda _: embedder.embed(TEXTS), range(4)):
            assert np.allclose(vectors, expected, atol=1e-5)


def test_the_number_of_threads_does_not_change_a_vector(models: Path, embedder: OnnxEmbedder) -> None:
    alone = OnnxEmbedder(find_exported_model(models, DEFAULT_MODEL, "int8"), threads=1)
    assert np.sum(alone.embed(TEXTS) * embedder.embed(TEXTS), axis=1).min() > 0.99999


def test_processors_that_saturate_get_the_same_vectors(models: Path, embedder: OnnxEmbedder) -> None:
    model = find_exported_model(models, DEFAULT_MODEL, "int8")
    exact = OnnxEmbedder(model)
    exact._session = import_onnxruntime().InferenceSession(
        str(model.onnx_file), session_options(saturates=True), providers=["CPUExecutionProvider"]
    )
    assert np.sum(exact.embed(TEXTS[:20]) * embedder.embed(TEXTS[:20]), axis=1).min() > 0.9999


def test_a_long_text_is_cut_where_the_model_stops_reading(embedder: OnnxEmbedder) -> None:
    mostly_blank = "start" + " " * 40_000 + "then the words that count"
    no_blank = "x" * 40_000
    words = "word " * 20_000
    rows = tokenize(embedder._tokenizer, [mostly_blank, no_blank, words], embedder.max_tokens, None)
    whole = [embedder._tokenizer.encode(text).ids for text in (mostly_blank, no_blank, words)]
    assert [row.tolist() for row in rows] == whole
    assert [len(row) for row in rows] == [8, 3, 256]


def test_a_mebibyte_of_text_takes_no_longer_than_its_beginning(embedder: OnnxEmbedder) -> None:
    text = "const answer = await fetch('/api'); " * 30_000
    started = time.perf_counter()
    vectors = embedder.embed([text, text[:4000]])
    assert time.perf_counter() - started < 1
    assert np.allclose(vectors[0], vectors[1], atol=1e-5)


def test_batches_hold_every_row_once_within_their_limits() -> None:
    lengths = [3, 300, 7, 7, 0, 120, 64, 64, 64]
    batches = list(batches_by_length(lengths, token_budget=128, most_rows=4))
    assert sorted(position for batch in batches for position in batch) == list(range(len(lengths)))
    for batch in batches:
        longest = max(lengths[position] for position in batch)
        assert len(batch) <= 4
        assert len(batch) == 1 or len(batch) * longest <= 128


def test_leaving_early_leaves_nothing_running() -> None:
    running = threading.Semaphore(0)
    ended: list[int] = []

    def work(number: int) -> int:
        running.release()
        time.sleep(0.05)
        ended.append(number)
        return number

    with ThreadPoolExecutor(2) as pool:
        with (
            pytest.raises(KeyError),
            contextlib.closing(results_in_order(pool, work, range(100), ahead=3)) as results,
        ):
            for number, result in results:
                assert number == result
                running.acquire()
                raise KeyError(number)
        count = len(ended)
        time.sleep(0.2)
        assert len(ended) == count < 10


def test_an_error_in_one_batch_reaches_the_caller() -> None:
    def work(number: int) -> float:
        return 1 / (number - 2)

    with ThreadPoolExecutor(2) as pool, pytest.raises(ZeroDivisionError):
        list(results_in_order(pool, work, range(5), ahead=2))


def test_files_are_hashed_once_and_again_when_touched(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (source,) = (models / "onnx").glob(f"{DEFAULT_MODEL}-*")
    folder = tmp_path / "onnx" / source.name
    folder.mkdir(parents=True)
    for file in source.iterdir():
        if file.name == "int8.onnx":
            shutil.copy(file, folder)
        elif file.name != VERIFICATION:
            (folder / file.name).symlink_to(file)
    hashed: list[str] = []

    def counting(path: Path) -> str:
        hashed.append(path.name)
        return sha256_of(path)

    monkeypatch.setattr("fluorite.embedding.files.sha256_of", counting)
    find_exported_model(tmp_path, DEFAULT_MODEL, "int8")
    assert {"int8.onnx", "tokenizer.json", "model.safetensors"} <= set(hashed)
    assert "fp32.onnx" not in hashed
    hashed.clear()
    find_exported_model(tmp_path, DEFAULT_MODEL, "int8")
    assert hashed == []
    os.utime(folder / "int8.onnx")
    find_exported_model(tmp_path, DEFAULT_MODEL, "int8")
    assert hashed == ["int8.onnx"]


def test_serving_says_nothing_and_keeps_telemetry_off(models: Path, tmp_path: Path) -> None:
    script = (
        "import json, os, sys, time; from pathlib import Path\n"
        "from fluorite.embedding import DEFAULT_MODEL, find_exported_model\n"
        "from fluorite.embedding.onnx_embedder import OnnxEmbedder\n"
        "OnnxEmbedder(find_exported_model(Path(sys.argv[1]), DEFAULT_MODEL, 'int8')).embed(['code'])\n"
        "time.sleep(1)\n"
        "folder = '/proc/self/fd'\n"
        "links = [os.path.realpath(f'{folder}/{name}') for name in os.listdir(folder)]\n"
        "Path(sys.argv[2]).write_text(json.dumps([link for link in links if 'socket' in link]))\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    environment |= {"HOME": str(tmp_path), "XDG_CACHE_HOME": "", "PYTHONPATH": str(ROOT / "python")}
    found = tmp_path / "sockets.json"
    ended = subprocess.run(
        [sys.executable, "-c", script, str(models), str(found)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert json.loads(found.read_text()) == []
    # With telemetry on, ONNX Runtime keeps a database below .cache/Microsoft.
    assert [entry.name for entry in tmp_path.iterdir()] == [found.name]
