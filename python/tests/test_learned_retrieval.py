from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from tests.learning_worlds import embed, filled, name_of, templates

from fluorite.chunk import Chunk
from fluorite.context import CallContext
from fluorite.errors import Cancelled, InvalidArgument
from fluorite.learning.retrieval.candidates import CANDIDATES
from fluorite.learning.retrieval.examples import TrainingResult, read_examples, train_examples
from fluorite.learning.retrieval.training import train
from fluorite.search.learned.learned import FusionWeights, Learned, packed
from fluorite.search.learned.learned_state import NOTHING, LearnedStates, load
from fluorite.search.learned.query_adapter import QueryAdapter, Vectors
from fluorite.search.learned.term_associations import TermAssociations
from fluorite.search.learned.version_in_use import FACT, VersionInUse
from fluorite.store import ChunkStore

MODEL = "model-of-words"


def learned() -> Learned:
    """Two adapters are alike if their bytes are."""
    adapter = QueryAdapter(
        np.eye(4, dtype=np.float32),
        {"ask": 0},
        np.full((1, 4), 0.5, np.float32),
        np.ones(1, np.float32),
        1.25,
    )
    return Learned(adapter, TermAssociations({"ask": [("code", 2.5)]}), FusionWeights(0.4, 0.7))


def test_a_memory_whose_words_can_be_learned_finds_better_and_says_how_much(store: ChunkStore) -> None:
    report = train(filled(store, 400, japanese=True), LearnedStates(store.facts), embed, MODEL, CallContext())
    assert report.adopted and report.version == 1
    for language in ("all", "ja", "en"):
        assert report.after[language] > report.before[language] + 0.1
    state = LearnedStates(store.facts).current(MODEL)
    assert state.version == 1
    assert state.summary["after"] == report.after
    assert {verdict.candidate for verdict in report.verdicts} == {name for name, _ in CANDIDATES}


def test_the_same_memory_learns_the_same_to_the_byte(store: ChunkStore) -> None:
    states = LearnedStates(filled(store, 300).facts)
    train(store, LearnedStates(store.facts), embed, MODEL, CallContext())
    first = states.current().learned.adapter
    states.rollback()
    train(store, LearnedStates(store.facts), embed, MODEL, CallContext(), force=True)
    again = states.current().learned.adapter
    assert first is not None and again is not None and first is not again
    assert np.array_equal(first.matrix, again.matrix)
    assert np.array_equal(first.term_vectors, again.term_vectors)


def test_a_run_over_the_same_pairs_is_not_tried_again(store: ChunkStore) -> None:
    train(filled(store, 300), LearnedStates(store.facts), embed, MODEL, CallContext())
    again = train(store, LearnedStates(store.facts), embed, MODEL, CallContext())
    assert not again.adopted and again.version == 1 and "since the last attempt" in again.reason


def many(count: int, description: str, code: str) -> list[Chunk]:
    chunks = []
    for number in range(count):
        identifier = f"t-{name_of(number)}"
        told = {"name": identifier, "description": description.format(name_of(number))}
        chunks.append(Chunk(identifier, "", "template", metadata=told))
        about = {"template": identifier, "path": "a.ts"}
        chunks.append(
            Chunk(f"{identifier}#a.ts", code.format(name_of(number)), "template-file", metadata=about)
        )
    return chunks


@pytest.mark.parametrize(
    "chunks",
    [
        [],
        templates(5),
        many(300, "Does the same thing always.", "same code for everyone here"),
        many(
            300,
            "\ud7ff\u202e\x07{} 　ー々 \U0001f600 ((((( %s {{{{ '",
            "{}\x00 \u200b ')); DROP TABLE chunks --",
        ),
        [Chunk(str(number), b"\xff\xfe", "code", metadata={"description": 7}) for number in range(50)],
    ],
    ids=["empty", "five templates", "all identical", "hostile text", "bytes and odd metadata"],
)
def test_a_memory_that_teaches_nothing_changes_nothing_and_says_why(
    store: ChunkStore, chunks: list[Chunk]
) -> None:
    store.put(chunks)
    report = train(store, LearnedStates(store.facts), embed, MODEL, CallContext(), force=True)
    assert not report.adopted and report.version == 0
    assert "ot adopted" in report.reason
    assert LearnedStates(store.facts).current(MODEL) is NOTHING


def test_a_model_that_gives_nonsense_is_not_learned_from(store: ChunkStore) -> None:
    def nonsense(texts: Sequence[str]) -> Vectors:
        return np.full((len(texts), 8), np.nan, np.float32)

    report = train(filled(store, 200), LearnedStates(store.facts), nonsense, MODEL, CallContext())
    assert not any(verdict.adopted for verdict in report.verdicts if verdict.candidate == "adapter")
    state = LearnedStates(store.facts).current(MODEL)
    assert state.learned.adapter is None


def test_a_cancelled_run_leaves_everything_as_it_was(store: ChunkStore) -> None:
    context = CallContext()

    def embed_and_give_up(texts: Sequence[str]) -> Vectors:
        context.cancel()
        return embed(texts)

    with pytest.raises(Cancelled):
        train(filled(store, 200), LearnedStates(store.facts), embed_and_give_up, MODEL, context)
    assert LearnedStates(store.facts).current(MODEL) is NOTHING
    assert train(store, LearnedStates(store.facts), embed, MODEL, CallContext()).adopted


def test_a_state_comes_back_as_it_was_adopted(store: ChunkStore) -> None:
    states = LearnedStates(store.facts)
    adopted = states.adopt(learned(), MODEL, {"pairs": {"training": 3}})
    again = LearnedStates(store.facts).current(MODEL)
    assert (again.version, again.previous, again.summary) == (1, 0, {"pairs": {"training": 3}})
    assert again.created_at == adopted.created_at > 0
    assert again.learned.associations == learned().associations
    assert again.learned.fusion == learned().fusion
    vector = np.array([1, 0, 0, 0], np.float32)
    own, other = again.learned.adapter, learned().adapter
    assert own is not None and other is not None
    assert np.array_equal(own.adapt(vector, ["ask"]), other.adapt(vector, ["ask"]))
    assert own.scale == 1.25


def test_rolling_back_returns_to_each_version_before_and_then_to_nothing(store: ChunkStore) -> None:
    states = LearnedStates(store.facts)
    for number in range(2):
        states.adopt(learned(), MODEL, {"number": number})
    assert states.rollback()[0].version == 1
    assert states.current(MODEL).summary == {"number": 0}
    assert states.rollback() == (NOTHING, 1)
    assert states.current(MODEL) == NOTHING
    with pytest.raises(InvalidArgument, match="nothing to roll back"):
        states.rollback()
    assert states.adopt(learned(), MODEL, {}).version == 3


def test_another_holder_of_the_memory_sees_a_new_version_at_once(store: ChunkStore) -> None:
    mine, other = LearnedStates(store.facts), LearnedStates(store.facts)
    assert other.current(MODEL) is NOTHING
    mine.adopt(learned(), MODEL, {})
    assert other.current(MODEL).version == 1


def test_a_state_of_another_model_is_left_alone_and_not_used(store: ChunkStore) -> None:
    states = LearnedStates(store.facts)
    states.adopt(learned(), "another", {})
    assert states.current(MODEL) is NOTHING
    assert states.current("another").version == states.current().version == 1


def damaged(name: str, value: object) -> dict[str, object]:
    return {**packed(learned()), "format": 1, "version": 1, "model_id": MODEL, name: value}


@pytest.mark.parametrize(
    "damage",
    [
        None,
        7,
        {},
        {"format": 99},
        damaged("adapter", {"dimensions": 3}),
        damaged("adapter", {**packed(learned())["adapter"], "matrix": b"\0" * 31}),
        damaged("adapter", {**packed(learned())["adapter"], "term_vectors": b"\xff" * 8}),
        damaged("adapter", {**packed(learned())["adapter"], "scale": float("nan")}),
        damaged("fusion", [7, 0.5]),
        damaged("fusion", [0.5]),
        damaged("associations", {"ask": 3}),
    ],
)
def test_a_damaged_state_counts_as_nothing(store: ChunkStore, damage: object) -> None:
    states = LearnedStates(store.facts)
    states.adopt(learned(), MODEL, {})
    store.facts.put(f"{FACT}:1", damage)
    assert LearnedStates(store.facts).current(MODEL) == NOTHING
    assert load(store.facts, 1) == NOTHING
    assert states.rollback() == (NOTHING, 1)


@pytest.mark.parametrize(
    "damage",
    [
        7,
        [],
        {"format": 1},
        {"format": 1, "version": "1", "newest": None, "told": 3},
        {**VersionInUse(1, 1).fact(), "format": 2},
    ],
)
def test_a_damaged_pointer_counts_as_nothing_and_learning_goes_on(store: ChunkStore, damage: object) -> None:
    states = LearnedStates(store.facts)
    states.adopt(learned(), MODEL, {})
    store.facts.put(FACT, damage)
    assert states.current(MODEL) == NOTHING
    assert states.adopt(learned(), MODEL, {}).version == states.current(MODEL).version == 1


def test_only_the_last_versions_stay_on_disk(store: ChunkStore) -> None:
    states = LearnedStates(store.facts)
    for _ in range(5):
        states.adopt(learned(), MODEL, {})
    assert [load(store.facts, version).version for version in range(1, 6)] == [0, 0, 3, 4, 5]


def given(count: int, seed: int) -> list[dict[str, str]]:
    """Examples that no template of `filled` shows, but that can be learned from them."""
    chunks = {chunk.id: chunk for chunk in templates(count, seed=seed)}
    return [
        {"input_text": str(chunk.content), "expected_output": str(chunks[f"{identifier}#main.ts"].content)}
        for identifier, chunk in chunks.items()
        if chunk.chunk_type == "template"
    ]


def trained(values: object, store: ChunkStore) -> TrainingResult:
    return train_examples(
        *read_examples(values), store, LearnedStates(store.facts), embed, MODEL, CallContext()
    )


def test_given_examples_are_learned_and_measured_on_those_held_out(store: ChunkStore) -> None:
    result = trained(given(600, seed=5), filled(store, 300))
    assert result.adopted and result.version == 1
    assert 20 < result.held_out_pairs < 400
    assert result.after["all"] > result.before["all"]
    assert result.accuracy is not None and 0.1 < result.accuracy <= 1
    assert result.loss is not None and 0 < result.loss < 20
    assert result.rejected == []


def test_what_was_measured_is_what_search_would_find_first(store: ChunkStore) -> None:
    filled(store, 300)
    before = trained(given(600, seed=5), store)
    again = trained(given(600, seed=5), store)
    assert not again.adopted and again.version == 1
    assert (again.accuracy, again.loss) == (before.accuracy, before.loss)
    assert again.before == before.after


def test_the_id_of_a_stored_chunk_stands_for_its_content(store: ChunkStore) -> None:
    filled(store, 300)
    files = [chunk.id for chunk in templates(300) if chunk.chunk_type != "template"]
    values = [{"input_text": f"wanted {name_of(row)}", "chunk_id": one} for row, one in enumerate(files)]
    result = trained([*values, {"input_text": "wanted", "chunk_id": "nobody"}], store)
    assert result.accuracy is not None
    assert [(one.index, "nobody" in one.reason) for one in result.rejected] == [(300, True)]


def test_few_examples_are_not_adopted_and_measured_as_nothing(store: ChunkStore) -> None:
    result = trained([{"input_text": "a question", "expected_output": "some code"}], store)
    assert not result.adopted and result.accuracy is None and result.loss is None
    assert result.reason.startswith("Not adopted: ")


@pytest.mark.parametrize("values", ["text", {"input_text": "x"}, [{}] * 10_001])
def test_examples_that_are_no_list_or_too_many_are_refused(values: object) -> None:
    with pytest.raises(InvalidArgument, match="examples"):
        read_examples(values)


@pytest.mark.parametrize(
    "value",
    [
        1,
        {"input_text": "", "expected_output": "x"},
        {"input_text": "x"},
        {"input_text": "x", "expected_output": "y", "chunk_id": "z"},
        {"input_text": "\ud800", "expected_output": "x"},
        {"input_text": "x", "chunk_id": ""},
        {"input_text": "x", "expected_output": "y", "metadata": [1]},
        {"input_text": "x", "expected_output": "y", "task_type": ""},
        {"input_text": "x", "expected_output": "y", "task": "z"},
    ],
)
def test_an_example_of_the_wrong_form_is_rejected_by_its_place_and_the_others_are_read(value: object) -> None:
    good = {"input_text": "x", "expected_output": "y", "metadata": {"any": 1}, "chunk_id": None}
    read, rejected = read_examples([good, value, good])
    assert [one.index for one in read] == [0, 2]
    assert [one.index for one in rejected] == [1]
    assert len(rejected[0].reason) > 10
