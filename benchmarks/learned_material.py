"""Hand-written templates as something to learn from, and as something to be found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from retrieval_tasks import Template

from fluorite.chunk import Chunk
from fluorite.context import CallContext
from fluorite.embedding import EmbeddingService
from fluorite.index.fingerprint import fingerprints_of
from fluorite.learning.retrieval.candidates import Material
from fluorite.learning.retrieval.pairs import (
    DESCRIPTION,
    NAME,
    TrainingPair,
    stem,
    with_families,
)
from fluorite.learning.retrieval.postings import postings_of
from fluorite.learning.retrieval.retrieval_task import Corpus, Task, task_of
from fluorite.learning.retrieval.vectors_of_pairs import kept_vectors
from fluorite.search.learned.learned import Learned
from fluorite.search.learned.text_terms import terms_of
from fluorite.store import EmbeddingStore

UNSEEN = 0.1

DrawnBy = Literal["templates", "families"]
Rows = NDArray[np.int64]


class HandWritten:
    """Templates with their vectors, terms and fingerprints; row i is template i."""

    def __init__(
        self,
        templates: Sequence[Template],
        service: EmbeddingService,
        embeddings: EmbeddingStore,
        context: CallContext,
    ) -> None:
        self.templates = templates
        texts = [one.description for one in templates]
        names = [one.name for one in templates]
        codes = [one.code for one in templates]
        made = kept_vectors([*texts, *names, *codes], service, embeddings, context)
        self.vectors = {
            DESCRIPTION: made[: len(texts)],
            NAME: made[len(texts) : 2 * len(texts)],
            "code": made[2 * len(texts) :],
        }
        self.terms = {
            DESCRIPTION: [terms_of(one) for one in texts],
            NAME: [terms_of(one) for one in names],
        }
        self.fingerprints = fingerprints_of(
            Chunk(id=str(row), content=code) for row, code in enumerate(codes)
        )
        pairs = [
            TrainingPair(one.description, one.code, stem(one.id), DESCRIPTION, number)
            for number, one in enumerate(templates)
        ]
        self.families = np.array([pair.family for pair in with_families(pairs, most=len(pairs))], np.int64)

    def split(self, drawn_by: DrawnBy, seed: int) -> tuple[Rows, Rows]:
        """Rows to learn from and unseen rows: a tenth of the templates, or of the families, at random.

        Drawn by families, nothing unseen has a near copy among what is learned from.
        """
        groups = self.families if drawn_by == "families" else np.arange(len(self.templates))
        drawn = np.random.default_rng(seed).permutation(np.unique(groups))
        unseen = np.isin(groups, drawn[: int(UNSEEN * len(drawn))])
        return np.flatnonzero(~unseen), np.flatnonzero(unseen)

    def material(self, rows: Rows, seed: int) -> Material:
        """Descriptions and names of these templates with their code."""
        pairs = [
            TrainingPair(text, one.code, stem(one.id), source, row, int(self.families[row]))
            for source in (DESCRIPTION, NAME)
            for row, one in ((row, self.templates[row]) for row in rows.tolist())
            for text in [one.description if source == DESCRIPTION else one.name]
        ]
        vectors = np.concatenate([self.vectors[source][rows] for source in (DESCRIPTION, NAME)])
        terms = [self.terms[source][row] for source in (DESCRIPTION, NAME) for row in rows.tolist()]
        answers = np.tile(np.arange(len(rows)), 2)
        corpus = self._corpus(rows, self.families[rows])
        task = task_of("training", pairs, vectors, terms, answers, corpus)
        return Material(pairs, task, Learned(), lambda: None, seed)

    def task(self, unseen: Rows, among: Rows) -> Task:
        """The unseen descriptions over the code of `among`, each its own family."""
        pairs = [
            TrainingPair(self.templates[row].description, "", "", DESCRIPTION, family=row)
            for row in unseen.tolist()
        ]
        answers = np.searchsorted(among, unseen)
        terms = [self.terms[DESCRIPTION][row] for row in unseen.tolist()]
        vectors = self.vectors[DESCRIPTION][unseen]
        return task_of("unseen", pairs, vectors, terms, answers, self._corpus(among, among))

    def _corpus(self, rows: Rows, families: Rows) -> Corpus:
        codes = [self.templates[row].code for row in rows.tolist()]
        return Corpus(codes, self.vectors["code"][rows], postings_of(codes), families)
