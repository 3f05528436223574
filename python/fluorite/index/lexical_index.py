"""Finds chunks by their words: BM25 over fields, on disk by Tantivy and in memory for what came since."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..chunk import Chunk
from .arrays import Numbers
from .build_lock import exclusive
from .label_hashes import LabelGroups
from .lexical_fields import searched
from .lexical_manifest import (
    Manifest,
    checksums_agree,
    delete_others,
    list_files,
    new_segments_name,
    read_manifest,
    sizes_agree,
    write_manifest,
)
from .lexical_query import LexicalQuery
from .lexical_segments import Scores, Segments, SegmentsDamaged, SegmentsNotWritten
from .lexical_view import View
from .recent_terms import RecentTerms

MANY_RECENT = 8192
"""So many chunks in memory are written by who adds to them, if it adds in bulk; a search would have to
put them all into postings first, which takes a third of a second."""
BULK = 256
TOO_MANY_RECENT = 4 * MANY_RECENT

_log = logging.getLogger(__name__)


class LexicalIndex:
    """The chunks of one memory by their words; thread-safe. One writer at a time calls `apply`.

    What is applied is found by the next search. `flush` moves it to the disk; a search never waits for
    that. Several processes may share the folder: who does not get its lock keeps what came in memory
    and takes over what the other wrote.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._state = threading.Lock()
        self._writing = threading.Lock()
        self._segments: Segments | None = None
        self._recent = RecentTerms()
        self._removed = set[int]()
        self._removed_numbers: Numbers | None = None
        self._sequence = 0
        self._manifest: Manifest | None = None
        self._refused = set[str]()
        self._verified = False
        self._tried_at = 0
        self.rebuilt = False

    @classmethod
    def open(cls, folder: Path, store_sequence: int) -> LexicalIndex:
        """The index in `folder`; what cannot be read, or is newer than the store, starts empty with
        `rebuilt` set where the store is not empty."""
        index = cls(folder)
        with exclusive(folder / "lock") as alone:
            manifest = read_manifest(folder)
            if manifest is not None and manifest.sequence > store_sequence:
                index._refused.add(manifest.segments)
            elif manifest is not None:
                index._take_over(manifest, alone)
        index.rebuilt = index._segments is None and store_sequence > 0
        return index

    @property
    def sequence(self) -> int:
        """All changes up to it are held."""
        return self._sequence

    def apply(self, added: Sequence[tuple[int, Chunk]], removed: Sequence[int], sequence: int) -> None:
        """Takes chunks by their numbers and forgets the removed ones; level with `sequence` then."""
        items = [(number, searched(chunk)) for number, chunk in added]
        with self._state:
            self._recent.add(items)
            if removed:
                self._recent.remove(removed)
                self._removed.update(removed)
                self._removed_numbers = None
            self._sequence = sequence
            waiting = len(self._recent) + len(self._removed)
        least = MANY_RECENT if len(added) + len(removed) >= BULK else TOO_MANY_RECENT
        if waiting >= least and waiting >= self._tried_at + BULK:
            self._tried_at = 0 if self._write(_never) else waiting

    def search(
        self, query: LexicalQuery, most: int, allowed: Numbers | None = None, labels: LabelGroups = ()
    ) -> tuple[Numbers, Scores]:
        """The numbers and BM25 scores of at most `most` chunks, best first, equal ones by number.
        `allowed`: ascending numbers, of which alone any are returned; `labels` that all of these carry
        spare the search what does not."""
        if most <= 0 or (allowed is not None and not len(allowed)):
            return np.empty(0, np.int64), np.empty(0, np.float32)
        view = self._view()
        try:
            return view.search(query, most, allowed, labels)
        except SegmentsDamaged as error:
            self._start_over(view.segments, error)
            return self._view().search(query, most, allowed, labels)

    def scores(self, query: LexicalQuery, numbers: Numbers) -> Scores:
        """The score that a search would give to each of these chunks, float32 of their shape; 0 for those
        that do not match or are not there."""
        wanted = np.unique(np.asarray(numbers, np.int64))
        found, values = self.search(query, len(wanted), wanted)
        result = np.zeros(len(numbers), np.float32)
        if len(found):
            order = np.argsort(found)
            places = np.minimum(np.searchsorted(found[order], numbers), len(found) - 1)
            hit = found[order][places] == numbers
            result[hit] = values[order][places[hit]]
        return result

    def upper_bound(self, query: LexicalQuery) -> float:
        """The score of a field that repeats every term of the query endlessly, each in the field where it
        says more; 0 if no chunk has any. A chunk that has all of them in both fields may exceed it."""
        view = self._view()
        try:
            plan = view.plan(query)
        except SegmentsDamaged as error:
            self._start_over(view.segments, error)
            return 0.0
        best = dict[str, float]()
        for clause in plan.clauses:
            best[clause.term] = max(best.get(clause.term, 0.0), clause.weight)
        return sum(best.values())

    def corrections(self, query: LexicalQuery) -> dict[str, str]:
        """For terms of the query that no chunk has, and that are Latin words of some length: the most
        frequent word one edit away that begins alike, where there is one."""
        view = self._view()
        try:
            return view.corrections(query)
        except SegmentsDamaged as error:
            self._start_over(view.segments, error)
            return {}

    def flush(self, check: Callable[[], None]) -> None:
        """Moves to the disk what came since; nothing where someone else is at it. The first time, the
        files' checksums are compared, and an index that is damaged starts over empty. `check` may raise."""
        if not self._verified:
            self._verify(check)
            self._verified = True
        self._write(check)

    def statistics(self) -> dict[str, Any]:
        view = self._view()
        return {
            "written": view.segments.alive if view.segments else 0,
            "segments": view.segments.segments if view.segments else 0,
            "recent": view.recent.alive,
            "removed": len(view.removed),
            "sequence": self._sequence,
            "rebuilt": self.rebuilt,
        }

    def close(self) -> None:
        """Lets go of files. What was not flushed is replayed from the store next time."""
        with self._writing, self._state:
            self._segments = None
            self._recent = RecentTerms()

    def _view(self) -> View:
        with self._state:
            if self._removed_numbers is None:
                self._removed_numbers = np.array(sorted(self._removed), np.int64)
            return View(self._segments, self._recent, self._removed_numbers)

    def _write(self, check: Callable[[], None]) -> bool:
        """Moves everything to the disk; False where another writes, or writing failed."""
        with self._writing, exclusive(self._folder / "lock") as alone:
            manifest = read_manifest(self._folder)
            if manifest is not None and manifest != self._manifest:
                self._take_over(manifest, alone)
            if not alone:
                return False
            with self._state:
                recent, count, sequence = self._recent, len(self._recent), self._sequence
                removed = frozenset(self._removed)
                held = self._segments
            if sequence == (manifest.sequence if manifest is not None else 0) and manifest == self._manifest:
                return True
            try:
                segments = held or Segments.create(self._folder / new_segments_name())
                if count or removed:
                    segments = segments.write(recent.first(count), removed, check)
                self._note(segments, sequence, check)
            except (SegmentsNotWritten, SegmentsDamaged, OSError) as error:
                _log.warning("the lexical index stays in memory: %s", error)
                if held is not None and not (held.folder / "meta.json").exists():
                    self._start_over(held, SegmentsDamaged("its files are gone"))
                return False
            with self._state:
                # Damage was found meanwhile, and everything starts over.
                if self._segments is not held:
                    return False
                self._segments = segments
                self._recent = recent.without(count)
                self._removed -= removed
                self._removed_numbers = None
            return True

    def _note(self, segments: Segments, sequence: int, check: Callable[[], None]) -> None:
        known = self._manifest.files if self._manifest is not None else {}
        manifest = Manifest(
            segments=segments.folder.name,
            sequence=sequence,
            documents=segments.documents,
            tokens=segments.tokens,
            alive=segments.alive,
            files=list_files(segments.folder, known, check),
        )
        write_manifest(self._folder, manifest)
        self._manifest = manifest
        delete_others(self._folder, segments.folder.name)

    def _verify(self, check: Callable[[], None]) -> None:
        segments, manifest = self._segments, self._manifest
        if segments is None or manifest is None or checksums_agree(segments.folder, manifest.files, check):
            return
        self._start_over(segments, SegmentsDamaged("a file does not hold what was written"))

    def _take_over(self, manifest: Manifest, alone: bool) -> None:
        """Continues from what another writer, or an earlier process, left on the disk, if it is sound.
        `alone`: nobody is writing; a writer deletes files that the manifest still names."""
        folder = self._folder / manifest.segments
        if manifest.segments in self._refused:
            return
        try:
            if alone and not sizes_agree(folder, manifest.files):
                raise SegmentsDamaged("a file has another size than when it was written")
            segments = Segments.open(folder, manifest.documents, manifest.tokens)
        except SegmentsDamaged as error:
            if alone:
                _log.warning("the lexical index in %s is damaged: %s", folder, error)
                self._refused.add(manifest.segments)
            return
        with self._state:
            before = self._manifest.sequence if self._manifest is not None else 0
            if manifest.sequence >= before:
                self._recent = self._recent.without(0, up_to=manifest.sequence)
                self._sequence = max(self._sequence, manifest.sequence)
            else:
                # The other one started over: what is in memory does not follow on what it has.
                self._recent = RecentTerms()
                self._sequence = manifest.sequence
            self._segments = segments
            self._manifest = manifest

    def _start_over(self, damaged: Segments | None, error: SegmentsDamaged) -> None:
        """Empty, and level with nothing, so that the store is replayed."""
        with self._state:
            if damaged is None or self._segments is not damaged:
                return
            _log.warning("the lexical index is damaged and is made again: %s", error)
            self._refused.add(damaged.folder.name)
            self._segments = None
            self._manifest = None
            self._recent = RecentTerms()
            self._removed = set()
            self._removed_numbers = None
            self._sequence = 0
            self.rebuilt = True


def _never() -> None:
    pass
