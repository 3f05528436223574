"""Chunks of a few words, and lexical indexes over them, for the tests of both."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fluorite.chunk import Chunk
from fluorite.index.lexical_index import LexicalIndex
from fluorite.index.lexical_query import query_terms

WORDS = ["auth", "cache", "query", "worker", "token", "stripe", "redis", "認証", "キャッシュ"]
EVERY_WORD = query_terms(" ".join(WORDS))


def never() -> None:
    pass


def chunk(number: int, content: str = "", chunk_type: str = "code", **more: object) -> Chunk:
    return Chunk(f"chunk{number}", content, chunk_type, **more)  # type: ignore[arg-type]


def corpus(count: int, seed: int = 0, first: int = 1) -> list[tuple[int, Chunk]]:
    generator = np.random.default_rng(seed)
    return [
        (number, chunk(number, " ".join(generator.choice(WORDS, size=generator.integers(1, 9)))))
        for number in range(first, first + count)
    ]


def filled(folder: Path, items: Sequence[tuple[int, Chunk]], flush: bool = True) -> LexicalIndex:
    index = LexicalIndex.open(folder, 0)
    index.apply(items, [], items[-1][0])
    if flush:
        index.flush(never)
    return index


def found(index: LexicalIndex, text: str, most: int = 1000) -> list[int]:
    numbers: list[int] = index.search(query_terms(text), most)[0].tolist()
    return numbers
