"""What a reranker is told of each candidate for a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .code_topics import CodeTopics, Floats, Words, code_words
from .expected_code import CodeRead, ExpectedCode, Question
from .text_terms import Terms

FEATURES = (
    "lexical",
    "dense",
    "cosine",
    "spelled",
    "best_spelled",
    "best_missing",
    "mentioned",
    "topics_expected",
    "topics_named",
    "characters",
    "lines",
    "characters_off",
    "lines_off",
)
LONG_WORD = 5
"""Letters of a word that may end otherwise in a question."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What search knows of k candidates: shares of words and of meaning as they are weighed, and cosines of
    the question's own vector; each (k,)."""

    lexical: Floats
    dense: Floats
    cosines: Floats


def features(expected: ExpectedCode, question: Question, standing: Standing, codes: CodeRead) -> Floats:
    """(k, features) of k candidates, in the order of FEATURES."""
    asked = {term: weight for term, weight in question.terms.items() if term.isascii()}
    length, topics = expected.of(question)
    columns = (
        standing.lexical,
        standing.dense,
        standing.cosines,
        *spelled(asked, expected.say(asked), codes.texts),
        mentioned(asked, expected.topics, codes.words),
        codes.topics @ topics,
        codes.topics @ expected.topics.of([code_words(" ".join(asked))])[0],
        *codes.lengths.T,
        *np.abs(codes.lengths - length).T,
    )
    return np.stack(columns, axis=1, dtype=np.float32)


def spelled(asked: Terms, says: Floats, codes: Sequence[str]) -> tuple[Floats, Floats, Floats]:
    """Of the terms `asked`, which say `says`: the share that each piece of code holds, what the most telling
    of them says that it holds, and the most telling that it lacks, translations aside; each (k,)."""
    if not asked:
        nothing = np.zeros(len(codes), np.float32)
        return nothing, nothing, nothing
    held = np.array([[term in code for term in asked] for code in codes], np.float32).reshape(-1, len(asked))
    weights = np.array(list(asked.values()), np.float32)
    share = held @ (weights * says) / max(float(weights @ says), 1e-6)
    own = np.where(weights >= weights.max(), says, 0)
    return np.asarray(share, np.float32), (held * says).max(axis=1), ((1 - held) * own).max(axis=1)


def mentioned(asked: Terms, topics: CodeTopics, counted: Sequence[Words]) -> Floats:
    """The share of the words of each piece of code that the terms `asked` mention, (k,); those that say more
    count more, and unknown ones as the rarest. A long word is mentioned by all but its last letter."""
    joined, rarest = " ".join(asked), float(topics.says.max(initial=0))
    says, told = dict[str, float](), dict[str, float]()
    for word in set[str]().union(*counted):
        row = topics.words.get(word)
        says[word] = 0.0 if len(word) == 1 else rarest if row is None else float(topics.says[row])
        is_told = word in asked or (len(word) >= LONG_WORD and word[:-1] in joined)
        told[word] = says[word] if is_told else 0.0
    sums = [(sum(map(told.__getitem__, words)), sum(map(says.__getitem__, words))) for words in counted]
    return np.array([own / whole if whole else 0.0 for own, whole in sums], np.float32)
