"""Serves an exported model with ONNX Runtime and tokenizers alone."""

from __future__ import annotations

import contextlib
import os
import platform
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .batching import TokenRow, batches_by_length, pad, tokenize
from .exported_model import ExportedModel
from .parallel import results_in_order
from .runtime import DISABLED_OPTIMIZERS, import_onnxruntime

TOKENS_PER_BATCH = 512
"""With more, activations leave the core's cache: of 2,048 tokens each takes 1.6 times as long."""
FEWEST_TOKENS_PER_BATCH = 64
"""Few texts are spread over the cores down to this; below it, calls cost more than the work."""

_SEVERITY_ERROR = 3

Vectors = NDArray[np.float32]


class OnnxEmbedder:
    """See Embedder. The session and the tokenizer are shared by all threads that call `embed`.

    A batch runs on one core, and several batches at once: two cores that share one batch wait for each
    other at each of its 400 kernels, and embed a third less.
    """

    def __init__(self, model: ExportedModel, threads: int | None = None, batch_size: int = 32) -> None:
        """Loads the model. `threads` is how many batches run at once; None means the physical cores.
        `batch_size` is the most texts in one."""
        self._model = model
        self._tokenizer = _load_tokenizer(model)
        self._session = _start_session(model)
        self._inputs = {given.name for given in self._session.get_inputs()}
        self._batch_size = batch_size
        self._threads = threads or physical_cores()
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="fluorite-embedding")

    @property
    def model_id(self) -> str:
        return self._model.model_id

    @property
    def dimensions(self) -> int:
        return self._model.dimensions

    @property
    def max_tokens(self) -> int:
        return self._model.max_tokens

    def embed(
        self,
        texts: Sequence[str],
        *,
        check: Callable[[], None] | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Vectors:
        """See Embedder.embed. The model's default prompt precedes each text, as in sentence-transformers."""
        prompted = [self._model.prompt + text for text in texts] if self._model.prompt else texts
        rows = tokenize(self._tokenizer, prompted, self.max_tokens, check)
        lengths = [len(row) for row in rows]
        budget = min(TOKENS_PER_BATCH, max(FEWEST_TOKENS_PER_BATCH, sum(lengths) // self._threads))
        batches = list(batches_by_length(lengths, budget, self._batch_size))
        vectors = np.empty((len(texts), self.dimensions), np.float32)
        done = 0
        with contextlib.closing(self._run_all(batches, rows)) as results:
            if check is not None:
                check()
            for batch, found in results:
                vectors[batch] = found
                done += len(batch)
                if progress is not None:
                    progress(done, len(texts))
                if check is not None and done < len(texts):
                    check()
        return vectors

    def _run_all(
        self, batches: list[list[int]], rows: Sequence[TokenRow]
    ) -> Generator[tuple[list[int], Vectors]]:
        def run(batch: list[int]) -> Vectors:
            return self._run([rows[position] for position in batch])

        if len(batches) == 1:
            # On the caller's own thread, a query need not queue behind a long list of texts.
            yield batches[0], run(batches[0])
        else:
            yield from results_in_order(self._pool, run, batches, ahead=self._threads)

    def _run(self, rows: Sequence[TokenRow]) -> Vectors:
        input_ids, attention_mask = pad(rows, self._model.pad_token_id)
        feeds = {"input_ids": input_ids, "attention_mask": attention_mask}
        if "token_type_ids" in self._inputs:
            feeds["token_type_ids"] = np.zeros_like(input_ids)
        (vectors,) = self._session.run(None, feeds)
        return np.asarray(vectors, np.float32)


def physical_cores() -> int:
    """Cores that this process may use, hyper-threads counted once."""
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    if allowed is None:
        return os.cpu_count() or 1
    cores = set()
    for number in allowed:
        topology = Path(f"/sys/devices/system/cpu/cpu{number}/topology")
        try:
            cores.add(tuple((topology / name).read_text() for name in ("physical_package_id", "core_id")))
        except OSError:
            return len(allowed)
    return len(cores)


def _load_tokenizer(model: ExportedModel) -> Any:
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(model.tokenizer_file))


def _start_session(model: ExportedModel) -> Any:
    onnxruntime = import_onnxruntime()
    options = session_options(saturates=model.precision == "int8" and _sums_bytes_in_16_bits())
    return onnxruntime.InferenceSession(str(model.onnx_file), options, providers=["CPUExecutionProvider"])


def session_options(saturates: bool) -> Any:
    """Options for an exported graph; `saturates` is for processors whose sums of bytes overflow."""
    onnxruntime = import_onnxruntime()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _SEVERITY_ERROR
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # Its plans are kept per shape, and the shapes of batches are many.
    options.enable_mem_pattern = False
    if saturates:
        # Turns the weights into unsigned bytes, whose products are summed exactly, only slower.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
        options.add_session_config_entry("session.x64quantprecision", "1")
        options.add_session_config_entry(*DISABLED_OPTIMIZERS)
    else:
        # The exporter has optimized the graph; doing it again costs start-up time and undoes its choices.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return options


def _sums_bytes_in_16_bits() -> bool:
    """Whether this is an x86 processor without VNNI, which adds products of bytes in 16 bits."""
    if platform.machine().lower() not in {"x86_64", "amd64"}:
        return False
    try:
        return "vnni" not in Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return True
