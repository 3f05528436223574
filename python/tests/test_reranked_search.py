from __future__ import annotations

import sys

import numpy as np
import pytest
from tests.word_memory import MODEL, WordService, answers, filled, hits

from fluorite.memory import Memory
from fluorite.search.learned.candidate_features import FEATURES
from fluorite.search.learned.code_topics import CodeTopics
from fluorite.search.learned.expected_code import ExpectedCode
from fluorite.search.learned.learned import Learned
from fluorite.search.learned.learned_state import LearnedStates
from fluorite.search.learned.reranker import DEPTH, Network, Reranker
from fluorite.search.query import Query


def prefer(memory: Memory, feature: str, sign: int) -> None:
    """Adopts a reranker that orders by one feature alone."""
    linear = np.zeros(len(FEATURES), np.float32)
    linear[FEATURES.index(feature)] = sign
    nothing = np.zeros(0, np.float32)
    network = Network(np.zeros((len(FEATURES), 0), np.float32), nothing, nothing, linear)
    weights = np.zeros((WordService.dimensions, 2), np.float32)
    topics = CodeTopics({}, nothing, np.zeros((0, 0), np.float32), nothing)
    expected = ExpectedCode({}, nothing, weights, np.zeros(2, np.float32), np.ones(2, np.float32), topics)
    states = LearnedStates(memory.embeddings.facts)
    states.adopt(Learned(reranker=Reranker(expected, network)), MODEL, {})


def test_the_best_are_put_in_the_order_that_their_code_earns_and_no_others(memory: Memory) -> None:
    question = filled(memory, described=0)[3]
    before = hits(memory, question, 60, fold=False)
    prefer(memory, "cosine", -1)
    after = hits(memory, question, 60, fold=False)
    cosines = [(hit.explanation or {})["cosine"] for hit in after[:DEPTH]]
    assert cosines == sorted(cosines) and len(set(cosines)) > 1
    assert {hit.chunk.id for hit in after[:DEPTH]} == {hit.chunk.id for hit in before[:DEPTH]}
    assert answers(after[DEPTH:]) == answers(before[DEPTH:])
    assert [hit.score for hit in after] == pytest.approx([hit.score for hit in before])


def test_a_hit_tells_what_the_look_at_its_code_added(memory: Memory) -> None:
    question = filled(memory, described=0)[3]
    assert {(hit.explanation or {})["parts"]["reranking"] for hit in hits(memory, question)} == {0}
    prefer(memory, "lines", 1)
    assert {(hit.explanation or {})["parts"]["reranking"] for hit in hits(memory, question)} == {0}
    prefer(memory, "cosine", -1)
    told = hits(memory, question, 60, fold=False)
    added = [(hit.explanation or {})["parts"]["reranking"] for hit in told]
    assert max(added) > 0 > min(added) and sum(added) == pytest.approx(0, abs=1e-5)
    for hit in told:
        assert hit.score == pytest.approx(sum((hit.explanation or {})["parts"].values()), abs=1e-6)
    LearnedStates(memory.embeddings.facts).rollback()
    assert {(hit.explanation or {})["parts"]["reranking"] for hit in hits(memory, question)} == {0}


def test_described_code_examples_vectors_and_given_weights_keep_their_order(memory: Memory) -> None:
    question = filled(memory)[3]
    vector = WordService().embed([question])[0]

    def found() -> list[list[tuple[str, float]]]:
        return [
            answers(hits(memory, question)),
            answers(hits(memory, Query(like="c3"), chunk_type="code")),
            answers(hits(memory, Query(vector=vector), chunk_type="code")),
            answers(hits(memory, question, chunk_type="code", weights={"lexical": 0.3})),
        ]

    before, alone = found(), answers(hits(memory, question, chunk_type="code"))
    prefer(memory, "cosine", -1)
    assert found() == before
    assert answers(hits(memory, question, chunk_type="code")) != alone


def test_nothing_of_it_is_loaded_where_nothing_was_learned(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = filled(memory, described=0)[3]
    module = "fluorite.search.learned.reranker"
    monkeypatch.delitem(sys.modules, module)
    hits(memory, question)
    assert module not in sys.modules
    monkeypatch.undo()
