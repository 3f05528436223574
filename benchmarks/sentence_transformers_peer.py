"""The other side of benchmarks/embedding.js: embeds the texts of each line of JSON on stdin.

Started as `python sentence_transformers_peer.py <python folder> <models folder> <threads>`. A request is
{"texts", "batch_size"}; the answer {"seconds", "tokens", "vector"} has the time of
`SentenceTransformer.encode` alone, the mean tokens of a text and the first text's vector.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import TextIO


def serve(models_path: Path, threads: int, answers: TextIO) -> None:
    import torch
    from sentence_transformers import SentenceTransformer

    from fluorite.embedding.model_directory import DEFAULT_MODEL, locate_model_directory

    directory = locate_model_directory(models_path, DEFAULT_MODEL)
    torch.set_num_threads(threads)
    model = SentenceTransformer(str(directory), device="cpu", local_files_only=True)

    def answer(value: object) -> None:
        answers.write(f"{json.dumps(value)}\n")
        answers.flush()

    answer("ready")
    for line in sys.stdin:
        request = json.loads(line)
        texts, size = request["texts"], request["batch_size"]
        started = time.perf_counter()
        vectors = model.encode(texts, batch_size=size, normalize_embeddings=True, show_progress_bar=False)
        seconds = time.perf_counter() - started
        encodings = model.tokenizer(texts, truncation=True, max_length=model.max_seq_length)["input_ids"]
        tokens = sum(map(len, encodings)) / len(texts)
        answer({"seconds": seconds, "tokens": tokens, "vector": vectors[0].tolist()})


if __name__ == "__main__":
    python_folder, models_folder, threads = sys.argv[1:]
    sys.path.insert(0, python_folder)
    os.environ["HF_HUB_OFFLINE"] = "1"
    # Libraries print to stdout while they load; the answers have it for themselves.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    serve(Path(models_folder), int(threads), answers)
