"""Text → code as a task with a measure: what a gate compares before and after.

The score is that of search (see search/ranking.py) without quality: BM25 as a share of the best or of a
full match, and cosine as a share of the best, weighted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...search.learned.candidate_features import Standing
from ...search.learned.expected_code import Places, Question
from ...search.learned.learned import FusionWeights, Learned
from ...search.learned.query_adapter import adapted
from ...search.learned.reranker import DEPTH as LOOKED_AT
from ...search.learned.reranker import handed_out
from ...search.learned.text_terms import Terms
from ...translation import readability
from .adapter_training import TEMPERATURE
from .pairs import Language, TrainingPair
from .postings import Postings

DEPTH = 10

Floats = NDArray[np.float32]
Values = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Corpus:
    """m distinct pieces of code: the texts, vectors (m, d), inverted index, families (m,)."""

    texts: Sequence[str]
    vectors: Floats
    postings: Postings
    families: Rows


@dataclass(frozen=True, slots=True)
class Task:
    """n questions over a corpus. `answers` (n,): rows of the corpus. `name` names it in reports."""

    name: str
    corpus: Corpus
    vectors: Floats
    terms: Sequence[Terms]
    answers: Rows
    families: Rows
    languages: Sequence[Language]
    readable: Floats

    @property
    def count(self) -> int:
        return len(self.answers)


@dataclass(frozen=True, slots=True)
class Measured:
    """Per question: reciprocal rank within DEPTH, whether the answer is first, and the cross-entropy of the
    adapter's softmax over all code (nats); each (n,)."""

    reciprocal_rank: Values
    is_first: Values
    loss: Values


def task_of(
    name: str,
    pairs: Sequence[TrainingPair],
    vectors: Floats,
    terms: Sequence[Terms],
    answers: Rows,
    corpus: Corpus,
) -> Task:
    return Task(
        name,
        corpus,
        vectors,
        terms,
        answers,
        np.array([pair.family for pair in pairs], np.int64),
        [pair.language for pair in pairs],
        np.array([readability(pair.text) for pair in pairs], np.float32),
    )


def measure(task: Task, learned: Learned, check: Callable[[], None]) -> Measured:
    """Every question answered with what was learned. A variant of the answer counts as the answer."""
    cosines, words, bounds = evidence(task, learned, check)
    ranks, losses = np.zeros(task.count), np.zeros(task.count)
    for row in range(task.count):
        scores = answer(task, row, learned, cosines[row], words[row], float(bounds[row]))
        right = task.corpus.families == task.families[row]
        right[task.answers[row]] = True
        best = scores[right].max()
        others = scores[~right]
        # Ties are halved: no order of the corpus is to help.
        ranks[row] = 1 + np.count_nonzero(others > best) + 0.5 * np.count_nonzero(others == best)
        logits = cosines[row].astype(np.float64) / TEMPERATURE
        top = logits.max()
        losses[row] = np.log(np.exp(logits - top).sum()) + top - logits[right].max()
    return Measured(np.where(ranks <= DEPTH, 1 / ranks, 0.0), (ranks < 2).astype(np.float64), losses)


def evidence(task: Task, learned: Learned, check: Callable[[], None]) -> tuple[Floats, Floats, Floats]:
    """Cosines (n, m), BM25 (n, m) and its bounds (n,)."""
    terms = [
        learned.associations.expanded(own) if learned.associations is not None else own for own in task.terms
    ]
    vectors = task.vectors
    if learned.adapter is not None:
        vectors = adapted(learned.adapter, vectors, task.terms)
    words = np.zeros((task.count, len(task.corpus.families)), np.float32)
    for row, own in enumerate(terms):
        check()
        words[row] = task.corpus.postings.scores(own)
    bounds = np.array([task.corpus.postings.bound(own) for own in terms], np.float32)
    return np.asarray(vectors @ task.corpus.vectors.T, np.float32), words, bounds


def answer(task: Task, row: int, learned: Learned, cosines: Floats, words: Floats, bound: float) -> Floats:
    """The scores (m,) of all code for one question, from its `evidence`."""
    fusion = learned.fusion or FusionWeights()
    scores = fused(cosines, words, bound, float(task.readable[row]), fusion)
    if learned.reranker is not None:
        plain = task.corpus.vectors @ task.vectors[row]
        places, standing = standing_of(scores, *shares(cosines, words, bound, fusion), plain)
        codes = [task.corpus.texts[place] for place in places.tolist()]
        order = learned.reranker.order(Question(task.terms[row], task.vectors[row]), standing, codes)
        scores[places] = handed_out(scores[places], order)
    return scores


def fused(cosines: Floats, words: Floats, bound: float, readable: float, weights: FusionWeights) -> Floats:
    """Scores (m,) as search adds them up."""
    share = weights.dense * min(1.0, 2 * readable)
    lexical, dense = shares(cosines, words, bound, weights)
    return np.asarray(share * dense + (1 - share) * lexical, np.float32)


def shares(cosines: Floats, words: Floats, bound: float, weights: FusionWeights) -> tuple[Floats, Floats]:
    """BM25 and cosines as shares of the best or of a full match, each (m,)."""
    full = max(float(words.max(initial=0)), weights.full_match * bound) or 1.0
    meaning = np.maximum(cosines, 0)
    best = float(meaning.max(initial=0)) or 1.0
    return np.asarray(words / full, np.float32), np.asarray(meaning / best, np.float32)


def standing_of(scores: Floats, lexical: Floats, dense: Floats, plain: Floats) -> tuple[Places, Standing]:
    """The rows of those candidates of m that a reranker looks at, best first, and what it is told of them;
    `plain` are the cosines of the question's own vector."""
    best = np.argsort(-scores, kind="stable")[:LOOKED_AT]
    return best, Standing(lexical[best], dense[best], plain[best])


def sampled(task: Task, most: int) -> Task:
    """Every k-th question, so that at most about `most` are left."""
    rows = np.arange(0, task.count, max(1, -(-task.count // most)))
    return replace(
        task,
        vectors=task.vectors[rows],
        terms=[task.terms[row] for row in rows.tolist()],
        answers=task.answers[rows],
        families=task.families[rows],
        languages=[task.languages[row] for row in rows.tolist()],
        readable=task.readable[rows],
    )
