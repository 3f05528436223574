"""Small memories in which what can be learned is known: made-up words of questions and of code."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from hashlib import blake2b

import numpy as np

from fluorite.chunk import Chunk
from fluorite.search.learned.query_adapter import Vectors
from fluorite.store import ChunkStore

DIMENSIONS = 32
TOPICS = 60


def embed(texts: Sequence[str]) -> Vectors:
    """A model that knows each word by itself and no two words to be alike."""
    summed = [np.sum([_vector(word) for word in text.split() or ["nothing"]], axis=0) for text in texts]
    return np.asarray([one / np.linalg.norm(one) for one in summed], np.float32)


@cache
def _vector(word: str) -> Vectors:
    digest = blake2b(word.encode(errors="replace"), digest_size=4).digest()
    chance = np.random.default_rng(int.from_bytes(digest, "little"))
    return np.asarray(chance.standard_normal(DIMENSIONS), np.float32)


def name_of(number: int) -> str:
    """A word of letters alone, the same for the same number."""
    return "".join("bdfghklmnprstvwz"[int(digit)] + "aeiou"[int(digit) % 5] for digit in str(number + 100))


def templates(count: int, japanese: bool = False, seed: int = 0) -> list[Chunk]:
    """Templates about two of TOPICS each: the description names them in words that the code never uses, so
    only who has learned which word of code means which word of a description finds the code."""
    chance = np.random.default_rng(seed)
    chunks = []
    for number in range(count):
        one, other = (int(topic) for topic in chance.choice(TOPICS, 2, replace=False))
        asked = [f"ask{name_of(topic)}" for topic in (one, other)]
        description = f"{asked[0]} with {asked[1]}" + (" の最小例です" if japanese and number % 2 else "")
        identifier = f"{name_of(number)}x{name_of(number * 7 + 3)}-template"
        told = {"name": f"Template {name_of(number)}", "description": description}
        chunks.append(Chunk(id=identifier, content=description, chunk_type="template", metadata=told))
        code = f"code{name_of(one)} code{name_of(other)} own{name_of(number)}"
        about = {"template": identifier, "path": "main.ts"}
        chunks.append(Chunk(f"{identifier}#main.ts", code, "template-file", metadata=about))
    return chunks


def filled(store: ChunkStore, count: int, japanese: bool = False) -> ChunkStore:
    store.put(templates(count, japanese))
    return store
