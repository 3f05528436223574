"""Says whether what a memory has on disk can all be read, and whether it fits together.

The reading is done by a process of its own: LMDB trusts its pages, and a damaged one may end the process
that reads it.

    python -m fluorite.store.verification <memory_path>/chunks|embeddings
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import lmdb

from ..context import CallContext
from ..errors import StoreError
from .apart import run_apart
from .chunk_store import ChunkStore
from .embedding_store import EmbeddingStore
from .listing import LONGEST_KEY
from .survey import Survey, survey_chunks

PAGES = "pages"
MOST_NAMED = 10_000
"""Problems of a kind that are named one by one."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something on disk that is not as it should be. `kind`: pages, block, chunk, labels, removal, fact or
    embedding. `id` is that of the chunk or the name of the fact, where there is one."""

    kind: str
    id: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Verification:
    """How many chunks or embeddings of a store could be read, and what is wrong."""

    checked: int
    problems: list[Problem]

    @property
    def has_damaged_pages(self) -> bool:
        return any(problem.kind == PAGES for problem in self.problems)


def verify_chunks(store: ChunkStore, context: CallContext) -> Verification:
    """Reads everything; others may go on writing. Raises Cancelled or StoreError."""
    total = store.count()
    return _verify(store.environment.path, lambda done: context.report("verify", min(done, total), total))


def verify_embeddings(store: EmbeddingStore, context: CallContext) -> Verification:
    """As verify_chunks."""
    total = store.count()
    path = store.environment.path
    return _verify(path, lambda done: context.report("verify_embeddings", min(done, total), total))


def _verify(folder: Path, report: Callable[[int], None]) -> Verification:
    problems = list[Problem]()
    reached = 0

    def hear(line: str) -> None:
        nonlocal reached
        message: dict[str, Any] = json.loads(line)
        if "problem" in message:
            problems.append(Problem(**message["problem"]))
        else:
            reached = message["done"]
            report(reached)

    report(0)
    ended = run_apart(__name__, [str(folder)], hear)
    if ended is not None:
        reason = f"{folder / 'data.mdb'} cannot be read through: its reader ended with {ended}"
        problems.append(Problem(PAGES, None, reason))
    return Verification(reached, problems)


def problems_of(survey: Survey) -> Iterator[Problem]:
    """What a survey found, one by one; of many alike, the first."""
    for name in sorted(survey.disordered):
        yield Problem(PAGES, None, f"the keys of the table {name} are not in order")
    for block in survey.blocks:
        yield Problem("block", None, f"a block of chunks cannot be decoded: {block.reason}")
    for number, record in survey.records:
        yield Problem("chunk", None, f"record {number}: {record.reason}")
    for key in list(survey.dangling.values())[:MOST_NAMED]:
        yield Problem("chunk", id_of_key(key), "its record is not there, or cannot be read")
    for key in survey.misnamed[:MOST_NAMED]:
        yield Problem("chunk", id_of_key(key), "it leads to a chunk of another id")
    for number, chunk in survey.unlisted[:MOST_NAMED]:
        yield Problem("chunk", chunk.id, f"record {number} is not listed under its id")
    if survey.vanished:
        count = len(survey.vanished)
        yield Problem("chunk", None, f"{count:,} numbers of writes are neither there nor removed")
    if survey.labels:
        yield Problem("labels", None, f"{survey.labels:,} rows are not what the chunks' labels make")
    for _ in survey.removals:
        yield Problem("removal", None, "it names no number")
    for fact in survey.facts:
        yield Problem("fact", fact.key.decode(errors="replace"), f"it cannot be read: {fact.reason}")
    if survey.is_behind:
        yield Problem("fact", "sequence", f"it is {survey.sequence}, not {survey.newest}")


def id_of_key(key: bytes) -> str:
    """The id that a key stands for; of a long one, its beginning."""
    return key.decode() if len(key) < LONGEST_KEY else key[:LONGEST_KEY].decode(errors="ignore") + "…"


def _main(folder: Path) -> None:
    def tell(done: int) -> None:
        print(json.dumps({"done": done}), flush=True)

    def problem(one: Problem) -> None:
        print(json.dumps({"problem": asdict(one)}), flush=True)

    try:
        if folder.name == "chunks":
            chunks = ChunkStore(folder)
            survey = chunks.environment.read(lambda transaction: survey_chunks(chunks, transaction, tell))
            for one in problems_of(survey):
                problem(one)
            tell(survey.chunks)
        else:
            from .embedding_survey import survey_embeddings

            embeddings = EmbeddingStore(folder)
            count, bad, is_ordered = embeddings.environment.read(
                lambda transaction: survey_embeddings(embeddings, transaction, tell)
            )
            if not is_ordered:
                problem(Problem(PAGES, None, "the keys of the table vectors are not in order"))
            for value in bad[:MOST_NAMED]:
                problem(Problem("embedding", value.key.hex(), value.reason))
            tell(count)
    except (StoreError, lmdb.Error) as error:
        problem(Problem(PAGES, None, str(error)))


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
