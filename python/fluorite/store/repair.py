"""Makes what is damaged in a memory's stores readable again, and names what is lost.

Whatever is removed is written aside first. Removals are logged as any other, so that every index, of this
process or another, follows; what only derives from chunks (labels, ids) is made again from them.
"""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import lmdb

from ..chunk import Chunk
from . import records
from .chunk_store import ChunkStore
from .codec import encode_chunk
from .embedding_store import MODEL_KEY_BYTES, EmbeddingStore
from .environment_copy import synchronise
from .listing import id_key
from .survey import BadValue, Survey, label_rows, survey_chunks
from .verification import id_of_key

REMOVED = "removed.jsonl"

Tell = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Repaired:
    """Something that was put right. `id` as in verification.Problem."""

    kind: str
    id: str | None
    action: str


@dataclass(frozen=True, slots=True)
class Lost:
    """Something that could not be saved; `id` of the chunk where it is known."""

    id: str | None
    reason: str


@dataclass(slots=True)
class Repairs:
    repaired: list[Repaired] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)

    def add(self, other: Repairs) -> None:
        self.repaired += other.repaired
        self.lost += other.lost


class Aside:
    """A folder of the memory, made when it is first needed, for what repair takes out."""

    def __init__(self, memory_path: Path) -> None:
        self.path = memory_path / f"damaged-{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}"

    def write(self, kind: str, values: Iterable[BadValue]) -> None:
        """Appends values, as they were on disk, to `removed.jsonl`; on disk when this returns."""
        lines = [
            json.dumps(
                {
                    "kind": kind,
                    "key": value.key.hex(),
                    "reason": value.reason,
                    "data": base64.b64encode(value.data).decode(),
                }
            )
            for value in values
        ]
        if lines:
            self.make()
            with (self.path / REMOVED).open("a", encoding="utf-8") as file:
                file.write("\n".join([*lines, ""]))
                file.flush()
                os.fsync(file.fileno())

    def make(self) -> None:
        if not self.path.exists():
            self.path.mkdir(parents=True)
            synchronise(self.path.parent)


def repair_chunks(store: ChunkStore, aside: Aside, tell: Tell) -> Repairs:
    """Repairs what can be read page by page, in one transaction. `tell` hears how many chunks were read."""

    def work(transaction: lmdb.Transaction) -> Repairs:
        done = Repairs()
        survey = survey_chunks(store, transaction, tell)
        if survey.is_sound:
            return done
        _take_out_values(store, transaction, survey, aside, done)
        misplaced[:] = survey.misplaced
        moved = {id_key(chunk.id) for chunk in misplaced}
        gone = {number for number, _ in survey.records} | set(survey.vanished)
        gone |= _list_again(store, transaction, survey, aside, done)
        for number, key in survey.dangling.items():
            transaction.delete(key, db=store.tables.ids)
            gone.add(number)
            if key not in moved:
                done.lost.append(Lost(id_of_key(key), "its record is not there, or cannot be read"))
        for key in survey.misnamed:
            transaction.delete(key, db=store.tables.ids)
            done.repaired.append(
                Repaired("chunk", id_of_key(key), "removed: it led to a chunk of another id")
            )
        if survey.vanished:
            done.lost.append(
                Lost(None, f"{len(survey.vanished):,} numbers of writes have no record any more")
            )
        _log_removals(store, transaction, survey, gone)
        transaction.drop(store.tables.labels, delete=False)
        for key, row in label_rows(store, transaction):
            transaction.put(key, row, db=store.tables.labels)
        if survey.labels:
            done.repaired.append(Repaired("labels", None, "made again from the chunks"))
        return done

    misplaced = list[Chunk]()
    done = store.environment.write(work)
    store.put(misplaced, lambda _: False)
    done.repaired += [
        Repaired("chunk", chunk.id, "stored again under a number of its own") for chunk in misplaced
    ]
    return done


def repair_embeddings(
    embeddings: EmbeddingStore, given: dict[bytes, str], aside: Aside, tell: Tell
) -> Repairs:
    """Takes out what is no embedding. `given` says whose vector a content key is that a user passed in:
    those are lost, while others are made again from their text."""
    from .embedding_survey import survey_embeddings

    def work(transaction: lmdb.Transaction) -> Repairs:
        done = Repairs()
        _, bad, _ = survey_embeddings(embeddings, transaction, tell)
        aside.write("embedding", bad)
        for value in bad:
            transaction.delete(value.key, db=embeddings.vectors)
            done.repaired.append(Repaired("embedding", value.key.hex(), f"removed: {value.reason}"))
            owner = given.get(value.key[MODEL_KEY_BYTES:])
            if owner is not None:
                done.lost.append(Lost(owner, "the vector that was given with it; its content is embedded"))
        return done

    return embeddings.environment.write(work)


def _take_out_values(
    store: ChunkStore, transaction: lmdb.Transaction, survey: Survey, aside: Aside, done: Repairs
) -> None:
    """Removes blocks, records, removals and facts that cannot be read."""
    aside.write("block", survey.blocks)
    for block in survey.blocks:
        transaction.delete(block.key, db=store.tables.records)
        done.repaired.append(Repaired("block", None, f"removed: {block.reason}"))
    aside.write("record", (value for _, value in survey.records))
    unreadable = [number for number, _ in survey.records]
    records.remove(transaction, store.tables.records, store.codec, unreadable)
    done.repaired += [Repaired("chunk", None, f"record {number} removed") for number in unreadable]
    for key in survey.removals:
        transaction.delete(key, db=store.tables.removals)
        done.repaired.append(Repaired("removal", None, "removed"))
    aside.write("fact", survey.facts)
    for fact in survey.facts:
        transaction.delete(fact.key, db=store.facts.table)
        name = fact.key.decode(errors="replace")
        done.repaired.append(Repaired("fact", name, "removed; the next run that needs it makes it again"))


def _list_again(
    store: ChunkStore, transaction: lmdb.Transaction, survey: Survey, aside: Aside, done: Repairs
) -> set[int]:
    """Lists chunks whose id was lost, the newest of each; returns the numbers that nothing has any more."""
    surplus, replaced = list[int](), set[int]()
    unreadable = {key: number for number, key in survey.dangling.items()}
    for number, chunk in sorted(survey.unlisted, key=lambda item: -item[0]):
        key = id_key(chunk.id)
        if key in unreadable or transaction.get(key, db=store.tables.ids) is None:
            transaction.put(key, records.key_of(number), db=store.tables.ids)
            if key in unreadable:
                replaced.add(unreadable[key])
                del survey.dangling[unreadable.pop(key)]
            done.repaired.append(Repaired("chunk", chunk.id, "listed again"))
        else:
            surplus.append(number)
            aside.write("record", [BadValue(key, encode_chunk(chunk), "an older one of the same id")])
            done.repaired.append(Repaired("chunk", chunk.id, f"record {number}, an older one, removed"))
    records.remove(transaction, store.tables.records, store.codec, surplus)
    return {*surplus, *replaced}


def _log_removals(
    store: ChunkStore, transaction: lmdb.Transaction, survey: Survey, numbers: Iterable[int]
) -> None:
    sequence = survey.reached
    for number in sorted(number for number in numbers if number > 0):
        sequence += 1
        key = records.key_of(sequence)
        transaction.put(key, records.key_of(number), db=store.tables.removals, append=True)
    store.facts.set_sequence(transaction, sequence)
