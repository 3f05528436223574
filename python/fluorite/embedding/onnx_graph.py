"""From a sentence-transformers directory to the ONNX graphs that are served. Needs torch; imports it late."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ExportUnavailable
from .quantization import quantize
from .runtime import DISABLED_OPTIMIZERS, import_onnxruntime

OPSET = 20
LARGEST_PARAMETER_BYTES = 1_900_000_000

_SUPPORTED_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_OUTPUT = "sentence_embedding"


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A sentence-transformers model in memory and what the manifest says of it."""

    pipeline: Any
    dimensions: int
    max_tokens: int
    pad_token_id: int
    inputs: tuple[str, ...]
    versions: dict[str, str]


def load_model(path: Path) -> LoadedModel:
    """Loads a model directory onto the CPU in float32, without a network.

    Raises ExportUnavailable where a package is missing or the model is not a text transformer.
    """
    with _quietly():
        torch, sentence_transformers = _import_exporters()
        pipeline = sentence_transformers.SentenceTransformer(
            str(path),
            device="cpu",
            local_files_only=True,
            # Its graph is smaller than the default one: masks are added, not selected (served 22% faster).
            model_kwargs={"attn_implementation": "eager", "dtype": torch.float32},
        ).eval()
        inputs = tuple(name for name in _SUPPORTED_INPUTS if name in pipeline.preprocess(["a"]))
    if not {"input_ids", "attention_mask"} <= set(inputs) or not getattr(
        pipeline.tokenizer, "is_fast", False
    ):
        raise ExportUnavailable(
            f"The model in {str(path)!r} is not a text transformer with a fast tokenizer. Use one that is."
        )
    size = sum(parameter.numel() * 4 for parameter in pipeline.parameters())
    if size > LARGEST_PARAMETER_BYTES:
        raise ExportUnavailable(
            f"The model in {str(path)!r} has {size:,} bytes of weights; ONNX files hold "
            f"{LARGEST_PARAMETER_BYTES:,}. Use a smaller one."
        )
    return LoadedModel(
        pipeline=pipeline,
        dimensions=pipeline.get_embedding_dimension(),
        max_tokens=pipeline.max_seq_length,
        pad_token_id=pipeline.tokenizer.pad_token_id or 0,
        inputs=inputs,
        versions={"torch": torch.__version__, "sentence-transformers": sentence_transformers.__version__},
    )


def write_tokenizer(model: LoadedModel, file: Path) -> None:
    """Writes tokenizer.json with truncation at the model's length and no padding."""
    from tokenizers import Tokenizer

    # By way of text: the model's own tokenizer is left as it is.
    tokenizer = Tokenizer.from_str(model.pipeline.tokenizer.backend_tokenizer.to_str())
    tokenizer.enable_truncation(model.max_tokens)
    tokenizer.no_padding()
    tokenizer.save(str(file), pretty=False)


def write_graphs(model: LoadedModel, fp32: Path, int8: Path, report: Callable[[str], None]) -> None:
    """Writes the optimized graphs of both precisions.

    Inputs, int64 of shape (batch, sequence): those of `model.inputs`. Output `sentence_embedding`,
    float32 of shape (batch, dimensions), rows of unit length.
    """
    with tempfile.TemporaryDirectory(dir=fp32.parent) as folder, _quietly():
        plain, quantized = Path(folder) / "plain.onnx", Path(folder) / "quantized.onnx"
        report("tracing the model")
        _trace(model, plain)
        report("optimizing the graph")
        optimize_graph(plain, fp32)
        report("quantizing to 8 bits")
        quantize(plain, quantized)
        optimize_graph(quantized, int8)


def _trace(model: LoadedModel, file: Path) -> None:
    import torch

    class Pipeline(torch.nn.Module):
        def __init__(self, pipeline: Any) -> None:
            super().__init__()
            self.pipeline = pipeline

        def forward(self, *tensors: Any) -> Any:
            features = self.pipeline(dict(zip(model.inputs, tensors, strict=True)))
            return torch.nn.functional.normalize(features[_OUTPUT], p=2, dim=1)

    # The example must be irregular (sizes above one, a padded row), or the tracer takes sizes for constants.
    example = {
        "input_ids": torch.full((3, 7), 5),
        "attention_mask": torch.ones((3, 7), dtype=torch.long),
        "token_type_ids": torch.zeros((3, 7), dtype=torch.long),
    }
    example["attention_mask"][1, 4:] = 0
    program = torch.onnx.export(
        Pipeline(model.pipeline),
        tuple(example[name] for name in model.inputs),
        dynamo=True,
        verbose=False,
        input_names=list(model.inputs),
        output_names=[_OUTPUT],
        dynamic_shapes=(tuple({0: "batch", 1: "sequence"} for _ in model.inputs),),
        opset_version=OPSET,
    )
    program.save(str(file), external_data=False)


def optimize_graph(source: Path, target: Path) -> None:
    """Writes the graph as ONNX Runtime would run it, in a form that suits every processor."""
    onnxruntime = import_onnxruntime()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # Above this level graphs are only good for the processor that made them.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(target)
    options.add_session_config_entry(*DISABLED_OPTIMIZERS)
    onnxruntime.InferenceSession(str(source), options, providers=["CPUExecutionProvider"])


def _import_exporters() -> tuple[Any, Any]:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import_onnxruntime()
    try:
        import onnx  # noqa: F401
        import onnxscript  # noqa: F401
        import sentence_transformers
        import torch
        import transformers
    except ImportError as error:
        raise ExportUnavailable(
            f"Exporting a model needs the Python package {error.name!r}, which {sys.executable} lacks. "
            "Run `npm run setup`, which installs it."
        ) from None
    transformers.utils.logging.disable_progress_bar()
    return torch, sentence_transformers


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Keeps the libraries' banners, progress bars and advice to exporters' authors out of the output."""
    disabled = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(sys.stderr):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)
