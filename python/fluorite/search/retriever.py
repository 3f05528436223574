"""Finds chunks: by words and by meaning at once, ranked together, near-identical ones folded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from ..chunk import Chunk, content_text
from ..context import CallContext
from ..errors import InvalidArgument
from ..feedback import QueryTrace
from ..index.arrays import Numbers, Vectors
from ..index.embedding_space import EmbeddingSpace
from ..index.label_hashes import labels_wanted
from ..index.lexical_query import LexicalQuery, query_terms
from ..index.lexical_spelling import respelled
from ..memory import Memory
from ..settings import Settings
from ..translation import english_words, readability
from .candidates import Search, match_vector, match_words
from .feedback_recall import FeedbackRecall
from .learned.learned_state import LearnedStates
from .learned.reading import Reach, reach_of, reading_of
from .options import SearchOptions, Weights
from .page import CANDIDATES, Hit, LookedUp, page_of
from .query import Query
from .ranking import FACT as RANKING_FACT
from .ranking import RankingWeights
from .spaces import ModelSpaces, Served
from .upkeep import Background, Upkeep

Embedded = tuple[Vectors | None, float]
"""A unit vector, and the share of the text that it stands for."""

LOOKUP_THREADS = 2
NONE: Numbers = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Incomplete:
    """Why an answer may lack something. See types/search.d.ts."""

    changes_behind: int
    without_vector: int
    words_only: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """Hits, best first; `incomplete` is None where everything was searched in every way."""

    hits: list[Hit]
    incomplete: Incomplete | None = None


class Retriever:
    """Search over one memory under one bridge's settings; thread-safe.

    The model is described when first asked for and loaded when a text must be embedded.
    """

    def __init__(self, memory: Memory, settings: Settings, background: Background | None) -> None:
        self._memory = memory
        self._settings = settings
        self._indexes = memory.indexes
        self.learned = LearnedStates(memory.embeddings.facts)
        self.spaces = ModelSpaces(memory, settings)
        self.upkeep = Upkeep(memory, self.spaces, background)
        self._feedback = FeedbackRecall(memory, settings.learning.feedback_half_life_days)

    def dimensions(self) -> int:
        """Numbers in a vector of this memory's space."""
        return self.spaces.wanted().space.dimensions

    def embed(
        self, texts: Sequence[str], context: CallContext, report: Callable[[int, int], None] | None = None
    ) -> Vectors:
        """See EmbeddingService.embed. Raises MachineLearningDisabled, ModelNotFound, ModelDamaged."""
        vectors: Vectors = self.spaces.service().embed(texts, context, report)
        return vectors

    def find(
        self, queries: Sequence[Query], limit: int, options: SearchOptions, context: CallContext
    ) -> list[Found]:
        """The best chunks for each query."""
        found = list[Found | None]([None] * len(queries))
        # While another model takes over, a given vector and a text belong to different spaces.
        for by_vector in (True, False):
            places = [row for row, query in enumerate(queries) if (query.vector is not None) is by_vector]
            if places:
                alike = [queries[row] for row in places]
                for row, one in zip(
                    places, self._find(alike, by_vector, limit, options, context), strict=True
                ):
                    found[row] = one
        return [one for one in found if one is not None]

    def _find(
        self,
        queries: Sequence[Query],
        by_vector: bool,
        limit: int,
        options: SearchOptions,
        context: CallContext,
    ) -> list[Found]:
        served = self.spaces.wanted() if by_vector else self.spaces.for_text()
        has_text = any(query.text is not None for query in queries)
        if has_text and not options.wait_for_model and self.upkeep.load_soon(served):
            served = Served(served.space, None, "The model is being loaded.")
        behind = self.upkeep.before_search(served, context)
        incomplete = self._incomplete(served, behind, by_vector)
        allowed = self._indexes.catalog.select(options.filters)
        excluded = self._memory.chunks.numbers_of(options.filters.exclude_ids)
        dropped = np.unique(np.array(excluded, np.int64)) if excluded else NONE
        plain = Search(None, None, 1.0, allowed, dropped, labels_wanted(options.filters))
        if by_vector:
            weights = RankingWeights() if options.weights == Weights() else self._weights()
            looked_up: Iterable[LookedUp] = (
                LookedUp(None, replace(plain, vector=query.vector), None, by_vector=True) for query in queries
            )
        else:
            weights = self._weights()
            reach = self._reach(served, options, allowed)
            weights = weights if reach is None else reach.weights(weights)
            looked_up = self._looked_up(queries, limit, plain, reach, weights, served, context)
        found = []
        for one in looked_up:
            context.check()
            hits = page_of(self._memory, one, served.space, limit, options, weights)
            found.append(Found(hits, incomplete))
        return found

    def _reach(self, served: Served, options: SearchOptions, allowed: Numbers | None) -> Reach | None:
        state = self.learned.current(served.space.model_id)
        return reach_of(state, self._indexes.catalog, options.filters, allowed)

    def _looked_up(
        self,
        queries: Sequence[Query],
        limit: int,
        plain: Search,
        reach: Reach | None,
        weights: RankingWeights,
        served: Served,
        context: CallContext,
    ) -> Iterator[LookedUp]:
        """Texts and examples; words are looked up on another core while this one embeds and finds what is
        near."""
        most = max(CANDIDATES, limit)
        lookups = [_threads().submit(self._look_up, query, weights, reach, plain, most) for query in queries]
        vectors = self._embedded([query.text for query in queries], served, context)
        has_feedback = self._feedback.refresh()
        for query, lookup, embedded in zip(queries, lookups, vectors, strict=True):
            near = None
            if reach is None or not reach.replaces_vector:
                near = match_vector(served.space, replace(plain, vector=embedded[0]), max(limit, most // 2))
            one = lookup.result()
            if one.text == query.text:
                one = replace(one, near=near)
            one = self._with_vector(one, query, embedded, served, context)
            yield self._with_feedback(one, served) if has_feedback else one

    def _with_vector(
        self, one: LookedUp, query: Query, embedded: Embedded, served: Served, context: CallContext
    ) -> LookedUp:
        """The query with the vector of its text, as it was likely meant, or of its example."""
        if one.text != query.text:
            (embedded,) = self._embedded([one.text], served, context)
        if query.like is not None:
            embedded = self._vector_of(query.like, served.space), 1.0
        vector, share = embedded
        if vector is None:
            return one
        reading = one.search.reading
        reading = None if reading is None else reading.with_vector(vector)
        return replace(one, search=replace(one.search, vector=vector, readability=share, reading=reading))

    def _with_feedback(self, one: LookedUp, served: Served) -> LookedUp:
        if one.text is None:
            return one
        vector, share = one.search.vector, one.search.readability
        recalled = self._feedback.recall(one.text, vector, share, served.space.model_id)
        if recalled is None:
            return one
        return replace(one, search=replace(one.search, further=recalled.favoured), recalled=recalled)

    def trace(self, text: str, context: CallContext) -> QueryTrace:
        """What is kept of a query that feedback is given for."""
        served = self.spaces.for_text()
        self.upkeep.before_search(served, context)
        meant = respelled(text, self._indexes.lexical.corrections(query_terms(text)))
        ((vector, share),) = self._embedded([meant], served, context)
        return self._feedback.trace(meant, vector, share, served.space.model_id)

    def statistics(self) -> dict[str, Any]:
        """The indexes and the model as `getMetrics` shows them; nothing is loaded for it."""
        service = self.spaces.opened
        enabled = self._settings.ml.enable_ml
        space = self.spaces.wanted().space if service is not None or not enabled else None
        return {
            "index": self._indexes.statistics(space),
            "embedding": {
                "enabled": enabled,
                "model": self._settings.ml.embedding_model,
                "precision": self._settings.ml.precision,
                "model_id": service.model_id if service is not None else None,
                "dimensions": service.dimensions if service is not None else None,
                "loaded": service is not None and service.is_loaded,
                "cache": asdict(service.statistics()) if service is not None else None,
                "background_error": self.upkeep.error,
            },
        }

    def close(self) -> None:
        """Stops what runs in the background and waits for its end."""
        self.upkeep.close()
        self.spaces.close()

    def _weights(self) -> RankingWeights:
        return RankingWeights.from_fact(self._memory.chunks.facts.get(RANKING_FACT))

    def _look_up(
        self,
        query: Query,
        weights: RankingWeights,
        reach: Reach | None,
        plain: Search,
        most: int,
    ) -> LookedUp:
        if query.text is not None:
            corrections = self._indexes.lexical.corrections(query_terms(query.text))
            query = replace(query, text=respelled(query.text, corrections))
        own = [] if query.like is None else self._memory.chunks.numbers_of([query.like])
        dropped = np.union1d(plain.dropped, np.array(own, np.int64))
        words, reading = self._words(query, weights), None
        # An example is code already.
        if reach is not None and words is not None and query.text is not None:
            reading = reading_of(words, reach)
            words = reading.extended(words)
        search = replace(plain, words=words, dropped=dropped, reading=reading)
        return LookedUp(query.text, search, match_words(self._indexes, search, most))

    def _words(self, query: Query, weights: RankingWeights) -> LexicalQuery | None:
        if query.text is not None:
            glosses = " ".join(english_words(query.text))
            further = {glosses: weights.gloss} if glosses else None
            return query_terms(query.text, weights.words, further)
        if query.like is None:
            return None
        text = content_text(self._example(query.like))
        return None if text is None else query_terms(text, weights.words)

    def _example(self, identifier: str) -> Chunk:
        (chunk,) = self._memory.chunks.get([identifier])
        if chunk is None:
            raise InvalidArgument(
                f"There is no chunk {identifier!r} to be like. Give the id of a stored one."
            )
        return chunk

    def _embedded(self, texts: Sequence[str | None], served: Served, context: CallContext) -> list[Embedded]:
        """No vector where there is no text, no model, or nothing that the model can read."""
        service = served.service
        if service is None:
            return [(None, 1.0)] * len(texts)
        read = [None if text is None else service.readable(text) for text in texts]
        readable = [text for text in read if text is not None and text.strip()]
        made = iter(service.embed(readable, context, look_up=False) if readable else ())
        return [
            (next(made), 1.0 if text == given else readability(given or ""))
            if text is not None and text.strip()
            else (None, 1.0)
            for text, given in zip(read, texts, strict=True)
        ]

    def _vector_of(self, identifier: str, space: EmbeddingSpace) -> Vectors | None:
        numbers = np.array(self._memory.chunks.numbers_of([identifier]), np.int64)
        vectors = space.index.vectors(numbers)
        return vectors[0] if len(vectors) and not np.isnan(vectors).any() else None

    def _incomplete(self, served: Served, behind: int, by_vector: bool) -> Incomplete | None:
        without_vector = served.space.pending() if served.service is not None else 0
        words_only = None if by_vector else served.reason
        if not (behind or without_vector or words_only):
            return None
        return Incomplete(behind, without_vector, words_only)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(LOOKUP_THREADS, "fluorite-words")
