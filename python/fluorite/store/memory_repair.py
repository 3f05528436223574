"""Repairs a memory's stores: in place where their pages are sound, else by building them anew."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from ..context import CallContext
from .chunk_store import ChunkStore
from .embedding_store import EmbeddingStore
from .environment import Environment
from .repair import Aside, Lost, Repaired, Repairs, repair_chunks, repair_embeddings
from .salvage import salvage
from .verification import verify_chunks, verify_embeddings

CHUNK_TABLES = ("ids", "records", "removals", "facts")
EMBEDDING_TABLES = ("vectors",)

Tell = Callable[[int], None]
Mend = Callable[[Path], Repairs]


def repair_memory(
    memory_path: Path, chunks: ChunkStore, embeddings: EmbeddingStore, context: CallContext
) -> Repairs:
    """Puts right what verification finds; what is taken out lies in a folder `damaged-…` of the memory.

    Raises Cancelled, or StoreError: where pages are damaged and another process has the memory open.
    """
    aside = Aside(memory_path)
    done = Repairs()
    total = chunks.count()

    def tell(read: int) -> None:
        context.report("repair", min(read, total), total)

    verified = verify_chunks(chunks, context)
    if verified.problems and not verified.has_damaged_pages:
        done.add(repair_chunks(chunks, aside, tell))
        verified = verify_chunks(chunks, context)
    if verified.problems:
        done.add(
            _rebuild(chunks.environment, CHUNK_TABLES, aside, tell, lambda path: _mend(path, aside, tell))
        )
    verified = verify_embeddings(embeddings, context)
    given = _given_vectors(chunks) if verified.problems else {}
    if verified.problems and not verified.has_damaged_pages:
        done.add(repair_embeddings(embeddings, given, aside, lambda _: context.check()))
        verified = verify_embeddings(embeddings, context)
    if verified.problems:
        done.add(
            _rebuild(
                embeddings.environment,
                EMBEDDING_TABLES,
                aside,
                lambda _: context.check(),
                lambda path: _mend_embeddings(path, given, aside, context),
            )
        )
    return done


def _rebuild(
    environment: Environment, tables: tuple[str, ...], aside: Aside, tell: Tell, mend: Mend
) -> Repairs:
    """Exchanges a store's file for one with all that could be read of it; the damaged file goes aside."""
    done = Repairs()
    name = environment.path.name
    fresh = aside.path.parent / f".{name}-{os.getpid()}"

    def make() -> Path:
        shutil.rmtree(fresh, ignore_errors=True)
        damaged = salvage(environment.path, fresh, tables, tell)
        done.add(mend(fresh))
        aside.make()
        os.link(environment.path / "data.mdb", aside.path / f"{name}.mdb")
        done.lost += [
            Lost(None, f"rows of the table {table} in {name} that lie on damaged pages") for table in damaged
        ]
        done.repaired.append(Repaired("pages", None, f"{name} built anew from all that could be read"))
        return fresh / "data.mdb"

    try:
        environment.exchange(make)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return done


def _mend(path: Path, aside: Aside, tell: Tell) -> Repairs:
    store = ChunkStore(path)
    try:
        return repair_chunks(store, aside, tell)
    finally:
        store.close()


def _mend_embeddings(path: Path, given: dict[bytes, str], aside: Aside, context: CallContext) -> Repairs:
    store = EmbeddingStore(path)
    try:
        done = repair_embeddings(store, given, aside, lambda _: context.check())
        left = store.content_keys()
        done.lost += [
            Lost(owner, "the vector that was given with it; its content is embedded")
            for key, owner in given.items()
            if key not in left and owner not in {lost.id for lost in done.lost}
        ]
        return done
    finally:
        store.close()


def _given_vectors(store: ChunkStore) -> dict[bytes, str]:
    """The content keys of vectors that were passed in → the id of a chunk that has it."""
    given = dict[bytes, str]()
    reached = 0
    while reached < store.sequence():
        changes = store.changes_since(reached)
        reached = changes.sequence
        given.update(
            (chunk.vector_key, chunk.id) for _, chunk in changes.added if chunk.vector_key is not None
        )
    return given
