from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.learning_worlds import DIMENSIONS, TOPICS, embed, name_of, templates
from tests.word_memory import ALONE, MODEL, answers, filled, hits, questions_and_code

from fluorite.chunk import Chunk
from fluorite.context import CallContext
from fluorite.errors import UnknownOption
from fluorite.index.catalog import Catalog
from fluorite.index.filters import Filters
from fluorite.learning.retrieval.training import train
from fluorite.memory import Memory
from fluorite.search.learned import reading
from fluorite.search.learned.learned import FusionWeights, Learned
from fluorite.search.learned.learned_state import LearnedState, LearnedStates
from fluorite.search.learned.query_adapter import QueryAdapter
from fluorite.search.learned.term_associations import TermAssociations
from fluorite.search.options import SearchOptions
from fluorite.search.query import Query


def share_found(memory: Memory, questions: Sequence[str]) -> float:
    """How often the code that answers a question is among the first five by meaning."""
    found = [
        f"c{row}" in [hit.chunk.id for hit in hits(memory, question, 5, weights={"lexical": 0})]
        for row, question in enumerate(questions)
    ]
    return float(np.mean(found))


def learn(memory: Memory) -> None:
    """Adopts an adapter that knows which word of code each word of a question means."""
    asked = {f"ask{name_of(topic)}": topic for topic in range(TOPICS)}
    meant = embed([f"code{name_of(topic)}" for topic in range(TOPICS)])
    says = np.ones(TOPICS, np.float32)
    adapter = QueryAdapter(0.1 * np.eye(DIMENSIONS, dtype=np.float32), asked, meant, says, 1.1)
    LearnedStates(memory.embeddings.facts).adopt(Learned(adapter), MODEL, {})


def test_code_alone_is_found_by_words_that_only_described_code_was_asked_with(memory: Memory) -> None:
    questions = filled(memory)[:40]
    before = share_found(memory, questions)
    learn(memory)
    assert before < 0.1
    assert share_found(memory, questions) > 0.5
    LearnedStates(memory.embeddings.facts).rollback()
    assert share_found(memory, questions) == before


def test_what_was_learned_outlives_a_compaction(memory: Memory) -> None:
    filled(memory)
    train(memory.chunks, LearnedStates(memory.embeddings.facts), embed, MODEL, CallContext())
    memory.embeddings.environment.compact(lambda _bytes: None)
    assert LearnedStates(memory.embeddings.facts).current(MODEL).version == 1


def test_what_a_run_adopts_is_used_by_the_next_search(memory: Memory) -> None:
    questions = filled(memory)[:5]
    assert all((hit.explanation or {})["learned"] is None for one in questions for hit in hits(memory, one))
    assert train(memory.chunks, LearnedStates(memory.embeddings.facts), embed, MODEL, CallContext()).adopted
    for question in questions:
        for hit in hits(memory, question, chunk_type="code"):
            assert (hit.explanation or {})["learned"]["version"] == 1


def test_a_hit_tells_what_was_learned_of_it(memory: Memory) -> None:
    questions = filled(memory)
    learn(memory)
    told = [hit for question in questions[:20] for hit in hits(memory, question, 30, fold=False)]
    seen = set[bool]()
    for hit in told:
        explanation = hit.explanation or {}
        stands_alone = hit.chunk.chunk_type == "code"
        seen.add(stands_alone)
        assert (explanation["learned"] is not None) is stands_alone
        assert hit.score == pytest.approx(sum(explanation["parts"].values()), abs=1e-6)
        if stands_alone:
            assert explanation["learned"]["version"] == 1
            assert explanation["learned"]["cosine"] != pytest.approx(explanation["cosine"], abs=1e-3)
    assert seen == {True, False}


def test_a_plain_cosine_is_told_as_it_is_without_learning(memory: Memory) -> None:
    question = filled(memory)[0]
    plain = {hit.chunk.id: (hit.explanation or {})["cosine"] for hit in hits(memory, question, 900)}
    learn(memory)
    for hit in hits(memory, question, 900):
        assert (hit.explanation or {})["cosine"] == pytest.approx(plain[hit.chunk.id], abs=1e-6)


def test_where_nothing_stands_alone_learning_changes_no_score(memory: Memory) -> None:
    filled(memory, alone=0)
    asked = [str(chunk.content) for chunk in templates(20)[::2]]
    before = [answers(hits(memory, one)) for one in asked]
    learn(memory)
    assert [answers(hits(memory, one)) for one in asked] == before


def test_examples_vectors_and_another_model_are_compared_as_ever(memory: Memory) -> None:
    filled(memory)
    queries = [Query(like="c3"), Query(vector=embed(["askbafa"])[0])]
    before = [answers(hits(memory, one)) for one in queries]
    text = answers(hits(memory, "askbafa"))
    learn(memory)
    assert [answers(hits(memory, one)) for one in queries] == before
    state = LearnedStates(memory.embeddings.facts).current()
    LearnedStates(memory.embeddings.facts).adopt(state.learned, "another", {})
    assert answers(hits(memory, "askbafa")) == text


def test_what_a_filter_leaves_out_is_not_found_by_what_was_learned(memory: Memory) -> None:
    questions = filled(memory)
    learn(memory)
    for question in questions[:10]:
        found = hits(memory, question, 50, id_prefix="c1", fold=False)
        assert found and all(hit.chunk.id.startswith("c1") for hit in found)
        kept = {hit.chunk.id for hit in hits(memory, question, 50, exclude_ids=[found[0].chunk.id])}
        assert found[0].chunk.id not in kept


def test_a_damaged_state_leaves_search_as_it_was(memory: Memory) -> None:
    question = filled(memory)[0]
    before = answers(hits(memory, question))
    learn(memory)
    assert answers(hits(memory, question)) != before
    memory.embeddings.facts.put("retrieval:1", {"format": 1, "adapter": {"dimensions": 3}})
    assert answers(hits(memory, question)) == before


def test_further_terms_and_weights_apply_only_where_all_that_may_be_found_stands_alone(
    memory: Memory,
) -> None:
    filled(memory)
    states = LearnedStates(memory.embeddings.facts)
    code = str(questions_and_code(ALONE)[7][1].content).split()[-1]
    plain = answers(hits(memory, "asked thing"))
    states.adopt(Learned(associations=TermAssociations({"asked": [(code, 9.0)]})), MODEL, {})
    assert answers(hits(memory, "asked thing")) == plain
    found = {
        hit.chunk.id: hit.explanation or {} for hit in hits(memory, "asked thing", ALONE, chunk_type="code")
    }
    assert [one for one, told in found.items() if told["parts"]["lexical"]] == ["c7"]
    assert found["c7"]["learned"] == {"version": 1, "cosine": None, "added_terms": [code]}
    states.adopt(Learned(fusion=FusionWeights(dense=1.0)), MODEL, {})
    assert answers(hits(memory, "asked thing")) == plain
    alone = hits(memory, code, chunk_type="code")
    assert all((hit.explanation or {})["parts"]["lexical"] == 0 for hit in alone)
    told = hits(memory, code, chunk_type="code", weights={"lexical": 1, "dense": 0})
    assert all((hit.explanation or {})["parts"]["dense"] == 0 for hit in told)


DESCRIBED = Chunk("described", "code", metadata={"description": "says what it is for"})
OWNED = Chunk("owned", "code", metadata={"template": "described"})
NO_CODE = Chunk("prose", "text", "document")
NO_TEXT = Chunk("bytes", b"\xff\xfe")
GIVEN = Chunk("given", "code", vector_key=b"0123456789abcdef")
CODE = [Chunk(f"code{row}", f"code {row}", metadata={"name": "named"}) for row in range(3)]


@pytest.mark.parametrize(
    ("chunks", "share"),
    [
        ([], 0),
        ([DESCRIBED, OWNED, NO_CODE, NO_TEXT, GIVEN], 0),
        (CODE, 1),
        ([*CODE, DESCRIBED], 0.75),
        (
            [DESCRIBED, *(replace(one, id=f"{one.id} {row}") for row in range(3000) for one in CODE)],
            9000 / 9001,
        ),
    ],
    ids=["nothing", "none", "all", "some", "many"],
)
def test_the_catalog_knows_what_stands_alone(tmp_path: Path, chunks: list[Chunk], share: float) -> None:
    wanted = [row for row, one in enumerate(chunks, 1) if one.id.startswith("code")]
    numbers = np.arange(len(chunks) + 3)
    catalog = Catalog.open(tmp_path, 0)
    catalog.apply(list(enumerate(chunks, 1)), [], len(chunks))
    catalog.save()
    for one in (catalog, Catalog.open(tmp_path, len(chunks))):
        assert one.share_alone() == share
        found = one.select(Filters(standing_alone=True))
        assert found is not None and found.tolist() == wanted
        assert np.flatnonzero(one.stand_alone(numbers)).tolist() == wanted
    catalog.apply([], wanted[:2], len(chunks) + 1)
    assert np.flatnonzero(catalog.stand_alone(numbers)).tolist() == wanted[2:]


def test_nobody_can_filter_by_what_stands_alone() -> None:
    with pytest.raises(UnknownOption, match="standing_alone"):
        SearchOptions.from_fields({"standing_alone": True})


@pytest.mark.parametrize("few", [0, 1 << 15])
def test_a_large_memory_is_sorted_out_and_finds_the_same(
    memory: Memory, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    questions = filled(memory)
    learn(memory)
    found = [answers(hits(memory, one, 3, weights={"lexical": 0})) for one in questions[:20]]
    monkeypatch.setattr(reading, "FEW", few)
    assert [answers(hits(memory, one, 3, weights={"lexical": 0})) for one in questions[:20]] == found


def test_vectors_of_another_size_are_not_adapted(tmp_path: Path) -> None:
    catalog = Catalog.open(tmp_path, 0)
    catalog.apply(list(enumerate([*CODE, DESCRIBED], 1)), [], 4)
    nothing = np.empty((0, 2), np.float32)
    adapter = QueryAdapter(np.eye(2, dtype=np.float32), {}, nothing, np.empty(0, np.float32))
    reach = reading.Reach(LearnedState(1, MODEL, Learned(adapter)), catalog, 0.75)
    numbers = np.array([1, 4, 9], np.int64)
    fitting = reading.Reading(reach, {}).with_vector(np.array([1, 0], np.float32))
    assert fitting.covers(numbers).tolist() == [True, False, False]
    other = reading.Reading(reach, {}).with_vector(np.ones(3, np.float32))
    assert other.vector is None and not other.covers(numbers).any()
