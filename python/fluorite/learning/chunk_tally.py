"""What a run of learning stored, counted: types, quality, combinations of frameworks, repetitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ..chunk import Chunk, normalise_label, owner_of
from ..frameworks import given_names

if TYPE_CHECKING:
    from ..index.fingerprint import Fingerprints

QUALITY_BINS = 10
MOST_COMBINATIONS = 20
BAND_EDGES = (0, 16, 32, 48, 64, 85, 106, 128)
"""Of two SimHashes that differ in at most 6 of 128 bits, one of seven bands is equal (pigeonhole)."""
MOST_NEIGHBOURS = 256
"""Chunks of equal band that one chunk is compared with."""


@dataclass(frozen=True, slots=True)
class FrameworkCombination:
    """Canonical names, sorted, and how many patterns are about just these."""

    frameworks: tuple[str, ...]
    count: int


@dataclass(slots=True)
class ChunkTally:
    """Counts stored chunks as they come. A template and its files are one pattern."""

    quality_threshold: float
    stored: int = 0
    high_quality: int = 0
    types: Counter[str] = field(default_factory=Counter)
    qualities: list[int] = field(default_factory=lambda: [0] * QUALITY_BINS)
    _frameworks: dict[str, set[str]] = field(default_factory=dict)
    _labels: dict[str, str | None] = field(default_factory=dict)
    _fingerprints: list[Fingerprints] = field(default_factory=list)

    def add(self, chunks: Sequence[Chunk]) -> None:
        """Takes chunks that were stored together."""
        if not chunks:
            return
        # numpy takes 80 ms to import, and a run that changes nothing needs none of it.
        from ..index.fingerprint import fingerprints_of

        self.stored += len(chunks)
        self.types.update(chunk.chunk_type for chunk in chunks)
        for chunk in chunks:
            self.high_quality += chunk.quality_score >= self.quality_threshold
            self.qualities[min(QUALITY_BINS - 1, int(chunk.quality_score * QUALITY_BINS))] += 1
            names = {name for label in chunk.frameworks if (name := self._framework(label)) is not None}
            self._frameworks.setdefault(owner_of(chunk) or chunk.id, set()).update(names)
        self._fingerprints.append(fingerprints_of(chunks))

    def figures(self) -> dict[str, Any]:
        """The fields of a RunReport that are counted here."""
        return {
            "chunks_stored": self.stored,
            "high_quality_chunks": self.high_quality,
            "duplicates": self.duplicates(),
            "patterns_by_type": dict(self.types.most_common()),
            "framework_combinations": self.combinations(),
            "quality_histogram": list(self.qualities),
        }

    def duplicates(self) -> int:
        """How many of the chunks are the same thing as another that was counted before them."""
        if not self._fingerprints:
            return 0
        import numpy as np

        return count_repetitions(np.concatenate(self._fingerprints))

    def combinations(self) -> list[FrameworkCombination]:
        """The most frequent sets of two frameworks or more, the commonest first."""
        counts = Counter(tuple(sorted(names)) for names in self._frameworks.values() if len(names) > 1)
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return [FrameworkCombination(names, count) for names, count in ranked[:MOST_COMBINATIONS]]

    def _framework(self, label: str) -> str | None:
        """The canonical name of a label of a stack; None where it names a language."""
        if label not in self._labels:
            names = given_names()
            name = names.of_label(label) or normalise_label(label)
            self._labels[label] = name if names.is_framework(name) else None
        return self._labels[label]


def count_repetitions(fingerprints: Fingerprints) -> int:
    """How many rows of `fingerprints`, shape (n, FINGERPRINT_WORDS), are the same thing as an earlier row.

    Like index.fingerprint.near_identical, but for a whole memory: SimHashes are compared only where a
    band of their bits is equal, which no pair within the distance misses, and with the next
    MOST_NEIGHBOURS that share it.
    """
    import numpy as np

    from ..index.fingerprint import FARTHEST

    known = fingerprints[fingerprints[:, 0] != 0]
    _, first = np.unique(known[:, 0], return_index=True)
    repeated = len(known) - len(first)
    long = known[np.sort(first)]
    long = long[long[:, 1:].any(axis=1), 1:]
    pairs = set[tuple[int, int]]()
    for start, stop in pairwise(BAND_EDGES):
        word, low = divmod(start, 64)
        bits = (long[:, word] >> np.uint64(low)) & np.uint64((1 << (stop - start)) - 1)
        order = np.argsort(bits, kind="stable")
        bits = bits[order]
        for step in range(1, min(len(bits), MOST_NEIGHBOURS + 1)):
            equal = np.flatnonzero(bits[step:] == bits[:-step])
            if not len(equal):
                break
            one, other = order[equal], order[equal + step]
            near = np.bitwise_count(long[one] ^ long[other]).sum(axis=1) <= FARTHEST
            pairs.update(zip(one[near].tolist(), other[near].tolist(), strict=True))
    folded = set[int]()
    for row, copy in sorted(pairs):
        if row not in folded:
            folded.add(copy)
    return repeated + len(folded)
