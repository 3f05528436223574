#!/usr/bin/env python3
"""What each precision of the embedding model costs and what retrieval makes of it.

    npm run bench:precision -- --templates DIR [--queries FILE] [--all]

Retrieval, over the hand-written templates of DIR: MRR@10 of description to code (code alone indexed),
Japanese and English apart, and nDCG@10 of the graded requests in FILE over whole templates. Differences
to fp32 are paired, with 95% bootstrap intervals. Speed: against sentence-transformers in the same run,
in turns, the best of the rounds. Prints a table and writes benchmarks/results/embedding_precision.json.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from retrieval_tasks import Task, description_tasks, difference, read_templates, request_tasks, score

from fluorite.embedding.export import export_model
from fluorite.embedding.exported_model import ExportedModel, find_exported_model
from fluorite.embedding.model_directory import DEFAULT_MODEL, locate_model_directory
from fluorite.embedding.onnx_embedder import OnnxEmbedder, physical_cores
from fluorite.embedding.onnx_graph import optimize_graph
from fluorite.embedding.runtime import import_onnxruntime

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks" / "results" / "embedding_precision.json"

Vectors = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]


def quantized_variants(model: ExportedModel, folder: Path) -> Iterator[ExportedModel]:
    """ONNX Runtime's own ways to 8 bits: one scale per tensor of activations."""
    import_onnxruntime()
    from onnxruntime.quantization import QuantType, quantize_dynamic

    (folder / model.tokenizer_file.name).symlink_to(model.tokenizer_file)
    ways: dict[str, dict[str, Any]] = {
        "dynamic, per channel": {"per_channel": True},
        "same, reduced range": {"per_channel": True, "reduce_range": True},
        "same, MatMul only": {"per_channel": True, "op_types_to_quantize": ["MatMul"]},
        "dynamic, per tensor": {"per_channel": False},
    }
    for name, options in ways.items():
        variant = replace(model, folder=folder, precision=name)
        quantized = folder / "quantized.onnx"
        constant = {"MatMulConstBOnly": True}
        quantize_dynamic(
            str(model.onnx_file),
            str(quantized),
            weight_type=QuantType.QInt8,
            extra_options=constant,
            **options,
        )
        optimize_graph(quantized, variant.onnx_file)
        yield variant


def bfloat16_kernel() -> str:
    """What ONNX Runtime's CPU provider says to a matrix product in bfloat16."""
    import onnx

    onnxruntime = import_onnxruntime()
    kind = onnx.TensorProto.BFLOAT16
    value = [onnx.helper.make_tensor_value_info(name, kind, [4, 4]) for name in "abc"]
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("MatMul", ["a", "b"], ["c"])], "g", value[:2], value[2:]
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 20)], ir_version=10)
    try:
        onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    except Exception as error:
        return f"none ({str(error).strip()})"
    return "there is one"


def texts_of_length(tokens: int, count: int, texts: Sequence[str], embedder: OnnxEmbedder) -> list[str]:
    """Different texts of exactly `tokens` tokens, special ones included, cut from the templates' words."""
    tokenizer: Any = embedder._tokenizer
    tokenizer.no_truncation()
    ids = [one for text in texts for one in tokenizer.encode(text, add_special_tokens=False).ids]
    tokenizer.enable_truncation(embedder.max_tokens)
    step = max(1, (len(ids) - 2 * tokens) // count)
    made = []
    for n in range(count):
        # Decoding and encoding again may merge or split words, so the cut is made longer, then trimmed.
        text = tokenizer.decode(ids[n * step : n * step + 2 * tokens])
        offsets = tokenizer.encode(text).offsets
        made.append(text[: offsets[min(tokens, len(offsets) - 1) - 2][1]])
    return made


def best_seconds(subjects: dict[str, Embed], texts: Sequence[str], rounds: int) -> dict[str, float]:
    best = dict.fromkeys(subjects, float("inf"))
    for _ in range(rounds):
        for name, embed in subjects.items():
            start = time.perf_counter()
            embed(texts)
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def single_latency(subjects: dict[str, Embed], texts: Sequence[str]) -> dict[str, float]:
    taken: dict[str, list[float]] = {name: [] for name in subjects}
    for text in texts:
        for name, embed in subjects.items():
            start = time.perf_counter()
            embed([text])
            taken[name].append(time.perf_counter() - start)
    return {name: float(np.median(seconds)) for name, seconds in taken.items()}


def measure_speed(
    subjects: dict[str, Embed], texts: Sequence[str], ruler: OnnxEmbedder
) -> dict[str, dict[str, Any]]:
    short, long = texts_of_length(31, 256, texts, ruler), texts_of_length(256, 48, texts, ruler)
    learning = texts_of_length(60, 800, texts, ruler) + texts_of_length(150, 200, texts, ruler)
    for embed in subjects.values():
        embed(long[:4])
    short_seconds, long_seconds = best_seconds(subjects, short, 5), best_seconds(subjects, long, 3)
    learning_seconds, single = best_seconds(subjects, learning, 3), single_latency(subjects, short[:100])
    return {
        name: {
            "short_texts_per_second": len(short) / short_seconds[name],
            "long_texts_per_second": len(long) / long_seconds[name],
            "single_short_p50_ms": single[name] * 1000,
            "learning_25000_texts_seconds": learning_seconds[name] * 25,
        }
        for name in subjects
    }


def batch_dependence(embedder: OnnxEmbedder, texts: Sequence[str]) -> dict[str, float]:
    """How near a text's vector among others is to its vector alone."""
    alone = np.concatenate([embedder.embed([text]) for text in texts])
    cosines = np.sum(alone * embedder.embed(texts), axis=1)
    return {"least": float(cosines.min()), "mean": float(cosines.mean())}


def cosines(vectors: Vectors, reference: Vectors) -> dict[str, float]:
    values = np.sum(vectors * reference, axis=1)
    return {"least": float(values.min()), "mean": float(values.mean())}


def load_original(path: Path, threads: int) -> Embed:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(threads)
    model = SentenceTransformer(str(path), device="cpu", local_files_only=True)
    return lambda texts: np.asarray(
        model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False), np.float32
    )


def report(result: dict[str, Any]) -> None:
    heads = ("", "short/s", "long/s", "one, ms", "25,000, s", "cosine least, mean", "batch-mates least")
    print("\n{:20s} {:>8s} {:>7s} {:>8s} {:>9s} {:>20s} {:>18s}".format(*heads))
    for name, speed in result["speed"].items():
        near = result["cosine_to_sentence_transformers"].get(name, {"least": 1.0, "mean": 1.0})
        mates = result["batch_dependence"].get(name, {}).get("least")
        print(
            f"{name:20s} {speed['short_texts_per_second']:8.0f} {speed['long_texts_per_second']:7.0f} "
            f"{speed['single_short_p50_ms']:8.2f} {speed['learning_25000_texts_seconds']:9.0f} "
            f"{near['least']:12.5f} {near['mean']:.6f} {'' if mates is None else f'{mates:.6f}':>18s}"
        )
    for name, values in result["retrieval"].items():
        print(f"\n{name}  ({values['queries']} queries)")
        for precision, entry in values["precisions"].items():
            change = entry["difference"]
            interval = f"{change['mean']:+.4f} [{change['low']:+.4f}, {change['high']:+.4f}]"
            print(f"  {precision:20s} {entry['mean']:.4f}   {interval if precision != 'fp32' else ''}")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--templates", type=Path, required=True, metavar="DIR", help="folder of template JSON files"
    )
    parser.add_argument(
        "--queries", type=Path, metavar="FILE", help="graded requests, one JSON object a line"
    )
    parser.add_argument("--models-path", type=Path, default=ROOT / "models", metavar="DIR")
    parser.add_argument("--queries-per-language", type=int, default=400, metavar="N")
    parser.add_argument("--all", action="store_true", help="also the other ways of quantizing")
    options = parser.parse_args()
    templates = read_templates(options.templates) if options.templates.is_dir() else []
    if not templates:
        print(f"skipped: there are no hand-written templates in {options.templates}", file=sys.stderr)
        return 0
    tasks = list(description_tasks(templates, options.queries_per_language))
    if options.queries is not None:
        tasks += request_tasks(templates, options.queries)

    export_model(options.models_path, DEFAULT_MODEL)
    served = {
        name: find_exported_model(options.models_path, DEFAULT_MODEL, name) for name in ("fp32", "int8")
    }
    with tempfile.TemporaryDirectory() as folder:
        if options.all:
            served |= {model.precision: model for model in quantized_variants(served["fp32"], Path(folder))}
        result = compare(
            {name: OnnxEmbedder(model) for name, model in served.items()}, tasks, options.models_path
        )
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    report(result)
    return 0


def compare(embedders: dict[str, OnnxEmbedder], tasks: list[Task], models_path: Path) -> dict[str, Any]:
    texts = list(dict.fromkeys(text for task in tasks for text in (*task.documents, *task.queries)))
    path = locate_model_directory(models_path, DEFAULT_MODEL)
    assert path is not None
    original = load_original(path, physical_cores())
    subjects = {"sentence-transformers": original, **{name: one.embed for name, one in embedders.items()}}
    sample = np.random.default_rng(5).permutation(len(texts))[:400].tolist()
    few = [texts[n] for n in sample]
    expected = original(few)
    speed = measure_speed(subjects, few, embedders["fp32"])
    vectors = {}
    for name, embedder in embedders.items():
        print(f"embedding {len(texts):,} texts with {name}", file=sys.stderr)
        vectors[name] = dict(zip(texts, embedder.embed(texts), strict=True))
    scores = {name: [score(task, vectors[name]) for task in tasks] for name in embedders}
    return {
        "threads": physical_cores(),
        "load_average": os.getloadavg()[0],
        "bfloat16_kernel": bfloat16_kernel(),
        "speed": speed,
        "cosine_to_sentence_transformers": {
            name: cosines(np.stack([vectors[name][text] for text in few]), expected) for name in embedders
        },
        "batch_dependence": {name: batch_dependence(one, few) for name, one in embedders.items()},
        "retrieval": {
            task.name: {
                "queries": len(task.queries),
                "documents": len(task.documents),
                "precisions": {
                    name: {
                        "mean": float(values[n].mean()),
                        "difference": difference(values[n], scores["fp32"][n]),
                    }
                    for name, values in scores.items()
                },
            }
            for n, task in enumerate(tasks)
        },
    }


if __name__ == "__main__":
    sys.exit(main())
