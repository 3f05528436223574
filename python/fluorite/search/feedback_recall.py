"""From a query to what feedback says of chunks for it, and back: what is kept of a query."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..feedback import QueryTrace
from ..index.arrays import Numbers, Vectors
from ..index.feedback_index import AskedQuery
from ..index.lexical_query import query_terms
from ..memory import Memory
from ..translation import english_words
from .feedback import LEAST_COSINE, Judged, judged, likeness, standing_in
from .ranking import Ranked, Scores

MOST_TERMS = 64
"""Of a longer query the first."""
GLOSS_WEIGHT = 0.5
TERM_HASH_BYTES = 4
"""So short that a hash stands for many words, though one query's terms still differ."""
MOST_RECALLED = 100
"""Of more chunks, those of which most is said."""
READ_ENOUGH = 0.5
"""A vector that stands for less of its text is not compared: what lost most of its words is like much."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """What feedback says of stored chunks for one query: `numbers` (k,), ascending, their `effects` in
    (-1, 1), and what `explain` tells of each; `corrected` are the numbers of corrections and, beside each,
    of what it corrects."""

    numbers: Numbers
    effects: Scores
    details: Mapping[int, Mapping[str, Any]]
    corrected: Mapping[int, int]

    def at(self, numbers: Numbers) -> Scores:
        """The effects on these chunks, (n,); 0 where nothing is said."""
        places = np.minimum(np.searchsorted(self.numbers, numbers), len(self.numbers) - 1)
        return np.where(self.numbers[places] == numbers, self.effects[places], np.float32(0))

    def standing_in(self, ranked: Ranked, numbers: Numbers) -> Ranked:
        """`ranked` with corrections in the place of what they correct; see feedback.standing_in."""
        if not self.corrected:
            return ranked
        told = (self.details.get(number) for number in numbers.tolist())
        alike = np.array([0.0 if one is None else one["likeness"] for one in told], np.float32)
        return standing_in(ranked, numbers, self.corrected, alike)

    @property
    def favoured(self) -> Numbers:
        """The chunks that are well spoken of, ascending."""
        return self.numbers[self.effects > 0]

    def told(self, numbers: Numbers) -> Mapping[str, Any] | None:
        """What `explain` tells of the first of these chunks, or of another in its place."""
        return next((self.details[one] for one in numbers.tolist() if one in self.details), None)


def trace_of(text: str, vector: Vectors | None, readability: float, model_id: str, salt: bytes) -> QueryTrace:
    """What is kept of a query: its unit vector (d,), where the model could read enough of it, and the salted
    hashes of its terms."""
    glosses = " ".join(english_words(text))
    terms = query_terms(text, further={glosses: GLOSS_WEIGHT} if glosses else None).terms[:MOST_TERMS]
    weights = dict[int, float]()
    for term in terms:
        digest = hashlib.blake2b(term.text.encode(), key=salt, digest_size=TERM_HASH_BYTES).digest()
        number = int.from_bytes(digest, "little")
        weights[number] = max(weights.get(number, 0.0), term.weight)
    hashes = np.array(sorted(weights), "<u4")
    kept = vector is not None and readability >= READ_ENOUGH
    return QueryTrace(
        model_id=model_id if kept else "",
        vector=vector.astype("<f2").tobytes() if kept and vector is not None else b"",
        hashes=hashes.tobytes(),
        weights=np.array([weights[number] for number in hashes.tolist()], "<f2").tobytes(),
    )


class FeedbackRecall:
    """The feedback of one memory, as far as it bears on queries; thread-safe."""

    def __init__(self, memory: Memory, half_life_days: float) -> None:
        self._memory = memory
        self._index = memory.feedback_index
        self._half_life_days = half_life_days

    def refresh(self) -> bool:
        """Brings it level with the store; says whether there is any."""
        return self._index.refresh()

    def trace(self, text: str, vector: Vectors | None, readability: float, model_id: str) -> QueryTrace:
        """See trace_of."""
        return trace_of(text, vector, readability, model_id, self._memory.feedback.salt())

    def recall(self, text: str, vector: Vectors | None, readability: float, model_id: str) -> Recalled | None:
        """What feedback says for a query; None where it says nothing of any stored chunk."""
        if vector is not None and readability >= READ_ENOUGH and not self._index.compares_by_terms(model_id):
            asked = AskedQuery(QueryTrace(model_id), vector)
        else:
            trace = self.trace(text, vector, readability, model_id)
            asked = AskedQuery(trace, vector if trace.vector else None)
        rows, alike = likeness(self._index.likenesses(asked, LEAST_COSINE))
        if not len(rows):
            return None
        now = time.time_ns() // 1_000_000
        found = judged(self._index.signals(rows), alike, now, self._half_life_days)
        return None if found is None else self._of_stored(found)

    def _of_stored(self, found: Judged) -> Recalled | None:
        strongest = np.argsort(-np.abs(found.effects), kind="stable")[:MOST_RECALLED].tolist()
        stored = self._memory.chunks.number_of_each(
            [self._index.target(int(found.targets[row])) for row in strongest]
        )
        rows = {number: row for number, row in zip(stored, strongest, strict=True) if number is not None}
        if not rows:
            return None
        numbers = np.array(sorted(rows), np.int64)
        details = {
            number: {
                "likeness": float(found.likenesses[row]),
                "positive": int(found.positive[row]),
                "negative": int(found.negative[row]),
                "last_at": int(found.last_at[row]),
            }
            for number, row in rows.items()
        }
        effects = found.effects[[rows[number] for number in numbers.tolist()]]
        return Recalled(
            numbers, effects, details, self._corrected(numbers[effects > 0].tolist(), found, rows)
        )

    def _corrected(self, favoured: Sequence[int], found: Judged, rows: Mapping[int, int]) -> dict[int, int]:
        pairs = dict[int, int]()
        for number in favoured:
            target = int(found.targets[rows[number]])
            corrected = self._index.corrected(self._index.target(target))
            if corrected is not None:
                for other in self._memory.chunks.numbers_of([corrected]):
                    pairs[number] = other
        return pairs
