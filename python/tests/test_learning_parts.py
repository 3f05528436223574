from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from tests.learning_worlds import name_of, templates

from fluorite.chunk import Chunk
from fluorite.context import CallContext
from fluorite.learning.retrieval.adapter_training import Lesson, fit_adapter
from fluorite.learning.retrieval.association_counting import fit_associations
from fluorite.learning.retrieval.gate import TOLERANCE, interval, judge
from fluorite.learning.retrieval.pair_reading import read_pairs
from fluorite.learning.retrieval.pairs import (
    DESCRIPTION,
    HEADING,
    NAME,
    TrainingPair,
    bounded,
    divided,
    pairs_of,
    part_of,
    stem,
    with_families,
)
from fluorite.learning.retrieval.postings import postings_of
from fluorite.learning.retrieval.retrieval_task import Corpus, Measured, Task, fused
from fluorite.search.learned.learned import FusionWeights
from fluorite.search.learned.query_adapter import QueryAdapter, Vectors, adapted
from fluorite.search.learned.term_associations import GREATEST_WEIGHT, MOST_ADDED, TermAssociations
from fluorite.search.learned.text_terms import terms_of
from fluorite.search.ranking import Evidence, RankingWeights, rank
from fluorite.store import ChunkStore


def never() -> None:
    pass


def pairs(count: int) -> list[TrainingPair]:
    chunks = templates(count)
    told = {chunk.id: chunk for chunk in chunks if chunk.chunk_type == "template"}
    return with_families(
        pairs_of([(row, chunk) for row, chunk in enumerate(chunks) if chunk.id not in told], told)
    )


def test_a_template_gives_its_description_and_its_name_with_each_file() -> None:
    found = pairs(1)
    assert [(pair.source, pair.code) for pair in found] == [
        (DESCRIPTION, found[0].code),
        (NAME, found[0].code),
    ]
    assert found[0].number == 1


def test_code_and_documents_give_what_they_say_of_themselves_without_the_answer_in_the_question() -> None:
    content = '"""Loads every user."""\nrows = fetch(table)'
    code = Chunk("code:a.py#load", content, "code", metadata={"description": "Loads every user."})
    section = Chunk(
        "docs:hono#routes",
        "# Routing by path\nprose\n```ts\napp.get(path, handler)\n```\n",
        "document",
        metadata={"title": "Routing by path"},
    )
    first, second = pairs_of([(1, code), (2, section)], {})
    assert (first.text, "Loads" in first.code, "fetch(table)" in first.code) == (
        "Loads every user.",
        False,
        True,
    )
    assert (second.source, second.text, second.code) == (
        HEADING,
        "Routing by path",
        "app.get(path, handler)\n",
    )


def test_what_a_generator_says_of_everything_is_no_question() -> None:
    told, files = {}, []
    for row in range(20):
        identifier = f"stub-{name_of(row)}"
        about = {"name": identifier, "description": f"Generated template for {name_of(row)}"}
        told[identifier] = Chunk(identifier, "", "template", metadata=about)
        files.append((row, Chunk(f"{identifier}#a", "some real code", metadata={"template": identifier})))
    assert pairs_of(files, told) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            ("Sends mail", "send(message)", "mail-basic-js"),
            ("Posts letters", "post(letter)", "mail-typed-ts"),
        ),
        (("Sends mail", "send(message)", "one"), ("sends  mails", "transport.deliver(it)", "two")),
        (("Sends mail", "send(message, now)", "one"), ("Posts letters", "send(message,  now);", "two")),
    ],
    ids=["ids of a series", "equal texts", "equal code"],
)
def test_variants_are_one_family(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    made = [
        TrainingPair(text, code, stem(identifier), DESCRIPTION) for text, code, identifier in (one, other)
    ]
    stranger = TrainingPair("Reads a file", "open(path).read()", "file", DESCRIPTION)
    first, second, third = with_families([*made, stranger])
    assert first.family == second.family != third.family


def test_no_family_is_trained_on_and_judged_and_names_are_not_judged() -> None:
    parts = divided(pairs(400))
    judged = {pair.family for part in ("general", "held_out") for pair in parts[part]}
    assert parts["general"] and parts["held_out"]
    assert judged.isdisjoint(pair.family for pair in parts["training"])
    assert {pair.source for part in ("general", "held_out") for pair in parts[part]} == {DESCRIPTION}


def test_a_pair_stays_in_its_part_and_in_the_selection_when_others_come() -> None:
    few, many = pairs(50), pairs(400)
    part = {pair.key: part_of(pair) for pair in many}
    assert all(part[pair.key] == part_of(pair) for pair in few)
    chosen = {pair.key for pair in bounded(many, 200)}
    assert 0 < len(chosen) <= 200
    assert {pair.key for pair in bounded(few, 60)} >= chosen & {pair.key for pair in few}


def test_of_very_many_chunks_the_same_keys_are_read_in_whatever_order_they_came(store: ChunkStore) -> None:
    chunks = templates(200)
    store.put(chunks)
    everything = read_pairs(store, CallContext())
    few = read_pairs(store, CallContext(), most=100)
    keys = {pair.key for pair in few}
    assert 10 < len(keys) < 60
    own = [(pair.text, pair.code) for pair in everything if pair.key in keys]
    assert sorted(own) == sorted((pair.text, pair.code) for pair in few)
    store.put(chunks[::-1])
    again = {pair.key for pair in read_pairs(store, CallContext(), most=100)}
    least = min(len(keys), len(again))
    assert len(keys & again) == least


def test_what_is_gone_or_teaches_nothing_is_not_read(store: ChunkStore) -> None:
    chunks = templates(20)
    store.put([*chunks, Chunk("alone", "just some code"), Chunk("bytes", b"\xff")])
    assert {pair.key for pair in read_pairs(store, CallContext())} == {stem(one.id) for one in chunks[::2]}
    store.delete([one.id for one in chunks[1::2]])
    assert read_pairs(store, CallContext()) == []


@given(some.lists(some.tuples(some.text(), some.text(), some.text(max_size=5)), max_size=12))
def test_no_text_breaks_the_pairs(texts: list[tuple[str, str, str]]) -> None:
    made = [TrainingPair(text, code, stem(key), DESCRIPTION) for text, code, key in texts]
    parts = divided(with_families(made))
    assert sum(map(len, parts.values())) <= len(made)
    for pair in made:
        postings_of([pair.code]).scores(terms_of(pair.text))


def test_scores_for_judging_are_those_of_search() -> None:
    chance = np.random.default_rng(3)
    cosines = chance.uniform(-1, 1, 50).astype(np.float32)
    bm25 = chance.uniform(0, 9, 50).astype(np.float32)
    for readable in (0.1, 0.4, 1.0):
        own = fused(cosines, bm25, 30.0, readable, FusionWeights(0.4, 0.6))
        evidence = Evidence(bm25, 30.0, cosines, readable)
        weights = RankingWeights(lexical=0.6, dense=0.4, quality=0.0, full_match=0.6)
        np.testing.assert_allclose(own, rank(evidence, np.zeros(50, np.float32), weights).scores, atol=1e-6)


def lesson(count: int = 400, dimensions: int = 16) -> Lesson:
    """Code lies near its question, and a word of the question pulls it away."""
    chance = np.random.default_rng(1)
    questions = chance.standard_normal((count, dimensions))
    words = chance.integers(0, 8, count)
    pulls = chance.standard_normal((8, dimensions)) * 2
    codes = questions + pulls[words]

    def unit(
        values: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    ) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        return np.asarray(values / np.linalg.norm(values, axis=1, keepdims=True), np.float32)  # fmt: skip

    rows = np.arange(count)
    terms = [[f"word{word}"] for word in words]
    return Lesson(unit(questions), terms, rows, unit(codes), rows, rows, np.ones(count, np.float32))


def test_the_adapter_moves_questions_towards_code_it_has_not_seen() -> None:
    whole = lesson(600)
    seen = slice(0, 500)
    taught = Lesson(
        whole.vectors[seen], whole.terms[seen], whole.answers[seen], whole.codes[seen], whole.families[seen],
        whole.code_families[seen], whole.weights[seen],
    )  # fmt: skip
    adapter = fit_adapter(taught, never)

    def found_first(questions: Vectors) -> float:
        return float((np.argmax(questions @ whole.codes[500:].T, axis=1) == np.arange(100)).mean())

    moved = adapted(adapter, whole.vectors[500:], whole.terms[500:])
    assert found_first(moved) > found_first(whole.vectors[500:]) + 0.1
    np.testing.assert_allclose(np.linalg.norm(moved, axis=1), 1, atol=1e-5)


def test_an_adapter_of_nothing_leaves_a_vector_as_it_is_even_where_it_is_damaged() -> None:
    vector = np.array([0.6, 0.8], np.float32)
    empty = np.empty((0, 2), np.float32)
    same = QueryAdapter(np.eye(2, dtype=np.float32), {}, empty, np.empty(0, np.float32))
    assert np.allclose(same.adapt(vector, ["unknown"]), vector)
    for value in (np.nan, np.inf, 0.0):
        broken = QueryAdapter(np.full((2, 2), value, np.float32), {}, empty, np.empty(0, np.float32))
        assert broken.adapt(vector, []) is vector


def test_associations_find_what_goes_together_and_stay_bounded() -> None:
    questions = [[f"ask{n % 10}", "the"] for n in range(300)]
    codes = [[f"code{n % 10}", "import", f"own{n}"] for n in range(300)]
    found = fit_associations(questions, codes, never)
    assert [other for other, _ in found.strengths["ask3"]] == ["code3"]
    expansion = found.expansion({"ask3": 1.0, "unknown": 1.0})
    assert list(expansion) == ["code3"] and 0 < expansion["code3"] <= GREATEST_WEIGHT
    assert "code3" not in found.expansion({"ask3": 1.0, "code3": 0.1})
    wild = TermAssociations({f"t{n}": [(f"c{n}{m}", 1e9) for m in range(9)] for n in range(9)})
    grown = wild.expansion({f"t{n}": 1.0 for n in range(9)})
    assert len(grown) == MOST_ADDED and set(grown.values()) == {GREATEST_WEIGHT}
    assert fit_associations([], [], never).strengths == {}


def task(count: int, languages: Sequence[str]) -> Task:
    rows = np.arange(count)
    empty = np.empty((0, 2), np.float32)
    corpus = Corpus([], empty, postings_of([]), np.empty(0, np.int64))
    return Task("target", corpus, empty, [], rows, rows, list(languages), np.ones(count, np.float32))  # type: ignore[arg-type]


def measured(values: Sequence[float]) -> Measured:
    ranks = np.array(values, np.float64)
    return Measured(ranks, ranks, ranks)


def test_a_sure_gain_passes_the_gate() -> None:
    verdict = judge(
        "it", [task(100, ["en"] * 100)], [measured([0.3] * 100)], [measured([0.5] * 90 + [0.3] * 10)]
    )
    assert verdict.adopted and "0.300 → 0.480" in verdict.reason


@pytest.mark.parametrize(
    ("before", "after", "languages", "reason"),
    [
        ([0.3] * 10, [1.0] * 10, ["en"] * 10, "10 pairs were held out"),
        ([0.5] * 100, [0.5] * 100, ["en"] * 100, "no sure gain"),
        ([0.5] * 100, [1.0, 0.05] * 50, ["en"] * 100, "no sure gain"),
        ([0.5] * 100, [0.9] * 70 + [0.45] * 30, ["ja"] * 70 + ["en"] * 30, "worse by more than"),
        ([0.5] * 100, [float("nan")] * 100, ["en"] * 100, "not finite"),
    ],
    ids=["too few", "no change", "chance", "one language suffers", "not a number"],
)
def test_the_gate_refuses_and_says_why(
    before: list[float], after: list[float], languages: list[str], reason: str
) -> None:
    verdict = judge("it", [task(len(before), languages)], [measured(before)], [measured(after)])
    assert not verdict.adopted and reason in verdict.reason


def test_the_gate_guards_the_sets_that_are_not_the_target() -> None:
    tasks = [task(50, ["en"] * 50), task(50, ["en"] * 50)]
    before = [measured([0.5] * 50)] * 2
    drop = 0.5 - 2 * TOLERANCE
    assert not judge("it", tasks, before, [measured([0.9] * 50), measured([drop] * 50)]).adopted
    assert judge("it", tasks, before, [measured([0.9] * 50), measured([0.5] * 50)]).adopted


def test_what_is_alike_counts_once_in_the_interval() -> None:
    differences = np.tile([0.4, -0.2], 50)
    low_of_many, _ = interval(differences, np.arange(100), 0)
    low_of_two, _ = interval(differences, np.arange(100) % 2, 0)
    assert low_of_many > 0 > low_of_two
