from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from tests.learning_worlds import embed, name_of

from fluorite.context import CallContext
from fluorite.errors import Cancelled
from fluorite.learning.retrieval.candidates import Material, with_reranker
from fluorite.learning.retrieval.expected_code_training import fit_expected_code
from fluorite.learning.retrieval.pairs import DESCRIPTION, TrainingPair
from fluorite.learning.retrieval.postings import postings_of
from fluorite.learning.retrieval.reranker_training import fit_reranker
from fluorite.learning.retrieval.retrieval_task import Corpus, Task, measure, task_of
from fluorite.learning.retrieval.topic_training import fit_topics
from fluorite.search.learned.candidate_features import FEATURES, Standing, features, mentioned, spelled
from fluorite.search.learned.code_topics import LONGEST_READ, CodeTopics, code_words
from fluorite.search.learned.expected_code import Question, lengths
from fluorite.search.learned.learned import Learned, packed, unpacked
from fluorite.search.learned.reranker import Reranker, handed_out
from fluorite.search.learned.text_terms import terms_of

NOTHING = Learned()


def never() -> None:
    pass


def world(topics: range) -> list[TrainingPair]:
    """Each topic has a sentence, asked for as an idea, and a page of code, asked for as a whole: both hold
    the topic's word once, and only who has learned how long ideas are tells them apart."""
    pairs = list[TrainingPair]()
    for number in topics:
        topic = name_of(number)
        for kind, code in (
            ("の概念", f"Outline where {topic} helps."),
            ("の全体", f"export function {topic}() {{\n" + "  run();\n" * 30 + "}"),
        ):
            family = 2 * topics.start + len(pairs)
            pairs.append(TrainingPair(f"{topic}{kind}", code, f"{topic}{kind}", DESCRIPTION, family=family))
    return pairs


def task(pairs: list[TrainingPair]) -> Task:
    codes, rows = [pair.code for pair in pairs], np.arange(len(pairs))
    families = np.array([pair.family for pair in pairs])
    corpus = Corpus(codes, embed(codes), postings_of(codes), families)
    texts = [pair.text for pair in pairs]
    return task_of("target", pairs, embed(texts), [terms_of(text) for text in texts], rows, corpus)


@pytest.fixture(scope="module")
def reranker() -> Reranker:
    pairs = world(range(120))
    found = fit_reranker(pairs, task(pairs), NOTHING, never)
    assert isinstance(found, Reranker)
    return found


def test_what_a_question_expects_of_code_is_learned_and_holds_for_unseen_topics(reranker: Reranker) -> None:
    unseen = task(world(range(120, 160)))
    before = measure(unseen, NOTHING, never).reciprocal_rank
    after = measure(unseen, Learned(reranker=reranker), never).reciprocal_rank
    assert before.mean() < 0.8
    assert after.mean() > before.mean() + 0.15


def test_the_same_pairs_give_the_same_reranker(reranker: Reranker) -> None:
    pairs = world(range(120))
    again = fit_reranker(pairs, task(pairs), NOTHING, never)
    assert isinstance(again, Reranker)
    assert packed(Learned(reranker=reranker)) == packed(Learned(reranker=again))


def test_a_reranker_is_one_more_candidate_for_the_gate_after_what_has_passed() -> None:
    pairs = world(range(120))
    made = with_reranker(Material(pairs, task(pairs), NOTHING, never, 0), NOTHING)
    assert isinstance(made, Learned) and made.reranker is not None and made.adapter is None


@pytest.mark.parametrize(
    "pairs",
    [
        [],
        world(range(10)),
        [TrainingPair(f"a {name_of(n)}", "the same code", "k", DESCRIPTION, family=0) for n in range(200)],
        [TrainingPair(f"{name_of(n)}", f"q{n}z", str(n), DESCRIPTION, family=n) for n in range(40)],
        [TrainingPair("\ud7ff\u202e\x07 ((%s", "{}\x00 ')) --", str(n), "", family=n) for n in range(90)],
    ],
    ids=["none", "few", "all alike", "nothing in common", "hostile"],
)
def test_a_memory_that_teaches_nothing_gives_a_reason_instead(pairs: list[TrainingPair]) -> None:
    if not pairs:
        corpus = Corpus([], np.empty((0, 4), np.float32), postings_of([]), np.empty(0, np.int64))
        given_ = task_of("target", [], np.empty((0, 4), np.float32), [], np.empty(0, np.int64), corpus)
    else:
        given_ = task(pairs)
    found = fit_reranker(pairs, given_, NOTHING, never)
    assert isinstance(found, str) and "questions" in found


def test_training_stops_when_it_is_told_to() -> None:
    context = CallContext()
    context.cancel()
    pairs = world(range(120))
    with pytest.raises(Cancelled):
        fit_reranker(pairs, task(pairs), NOTHING, context.check)


def question(text: str) -> Question:
    return Question(terms_of(text), embed([text])[0])


def standing(count: int) -> Standing:
    falling = np.linspace(1, 0.5, count, dtype=np.float32)
    return Standing(falling, falling, falling)


CODES = ["export function bah() { return 1; }", "Outline how bah is used.", "", "{}", "\udcff\0 概念"]


def test_a_reranker_comes_back_from_the_store_as_it_was(reranker: Reranker) -> None:
    again = unpacked(packed(Learned(reranker=reranker))).reranker
    assert again is not None
    asked = question("bahの全体")
    mine, other = (
        features(one.expected, asked, standing(5), one.expected.read(CODES)) for one in (reranker, again)
    )
    assert np.array_equal(mine, other)
    assert np.array_equal(reranker.network(mine), again.network(other))


def changed(name: str, value: object) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda values: {**values, name: value}


@pytest.mark.parametrize(
    "damage",
    [
        changed("features", ["score"]),
        changed("terms", ["one"]),
        changed("weights", b"\0\0"),
        changed("says", b"abc"),
        changed("hidden", None),
        changed("deviations", b"\0" * 8),
        changed("words", ["one"]),
        changed("axes", b"\0\0\0\0"),
        changed("linear", b"\0\0\xc0\x7f" * len(FEATURES)),
        lambda values: {**values, "terms": values["terms"][:1] * len(values["terms"])},
        lambda values: {},
    ],
    ids=[
        "features",
        "few terms",
        "few bytes",
        "odd bytes",
        "no layer",
        "zero",
        "few words",
        "few axes",
        "nan",
        "twice",
        "empty",
    ],
)
def test_a_damaged_reranker_is_refused(
    reranker: Reranker, damage: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    values = packed(Learned(reranker=reranker))
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        unpacked({**values, "reranker": damage(values["reranker"])})


def test_a_state_without_a_reranker_is_read() -> None:
    values = packed(NOTHING)
    del values["reranker"]
    assert unpacked(values) == NOTHING


def test_a_network_that_finds_nonsense_leaves_the_order(reranker: Reranker) -> None:
    linear = np.full(len(FEATURES), np.nan, np.float32)
    broken = replace(reranker, network=replace(reranker.network, linear=linear))
    assert broken.order(question("bah"), standing(20), CODES * 4).tolist() == list(range(20))


def test_a_question_by_the_vector_of_another_model_leaves_the_order(reranker: Reranker) -> None:
    ours = question("bahの全体")
    others = replace(ours, vector=np.ones(len(ours.vector) + 1, np.float32))
    assert reranker.order(others, standing(20), CODES * 4).tolist() == list(range(20))
    assert reranker.order(ours, standing(20), CODES * 4).tolist() != list(range(20))


def test_scores_are_handed_out_anew_and_none_is_made_up() -> None:
    scores = np.array([0.9, 0.7, 0.4], np.float32)
    assert handed_out(scores, np.array([2, 0, 1])).tolist() == scores[[1, 2, 0]].tolist()


def test_code_is_told_by_what_it_spells_out_and_by_what_it_lacks() -> None:
    asked, says = {"all": 1.0, "rare": 1.0, "gloss": 0.5}, np.array([1, 3, 4], np.float32)
    share, held, missing = spelled(asked, says, ["all rare", "all", "gloss", ""])
    assert share.tolist() == pytest.approx([4 / 6, 1 / 6, 2 / 6, 0])
    assert held.tolist() == [3, 1, 4, 0]
    assert missing.tolist() == [0, 3, 3, 3]
    assert not np.any(spelled({}, np.zeros(0, np.float32), ["all"]))


def test_code_is_read_without_regard_to_case_and_of_long_code_the_beginning(reranker: Reranker) -> None:
    read = reranker.expected.read(["ALL Few", "early " * LONGEST_READ + "late"])
    share = spelled({"few": 1.0, "late": 1.0}, np.ones(2, np.float32), read.texts)[0]
    assert share.tolist() == [0.5, 0]
    assert [sorted(words) for words in read.words] == [["all", "few"], ["ea", "early"]]


def test_an_unknown_term_says_as_much_as_the_rarest(reranker: Reranker) -> None:
    expected = reranker.expected
    assert expected.say({"unknown": 1.0, "概念": 1.0})[0] == expected.says.max()


def test_code_that_a_question_mentions_is_told_from_code_with_words_of_its_own() -> None:
    topics = CodeTopics(
        {"const": 0, "redis": 1},
        np.array([1, 3], np.float32),
        np.eye(2, dtype=np.float32),
        np.zeros(2, np.float32),
    )
    codes = ["const redis", "const", "createRedis2", "const stripe", "", "( ) ; x"]
    found = mentioned({"redis": 1.0, "create": 1.0}, topics, [code_words(code) for code in codes])
    assert found.tolist() == [0.75, 0, 1, 0, 0, 0]
    webhooks = mentioned({"webhooks": 1.0, "id": 1.0}, topics, [code_words("webhook"), code_words("valid")])
    assert webhooks.tolist() == [1, 0]


def test_words_and_vectors_that_were_never_asked_expect_the_usual_length() -> None:
    expected = fit_expected_code(task(world(range(30))), np.arange(60))
    short, long = (expected.of(question(text))[0] for text in ("の概念", "の全体"))
    assert short[0] < -0.3 < 0.3 < long[0]
    nothing = Question({"unknown": 1.0}, np.zeros(expected.dimensions, np.float32))
    assert not any(part.any() for part in expected.of(nothing))


def test_a_question_expects_the_topics_of_what_answered_questions_like_it() -> None:
    pairs = [
        TrainingPair(f"{question} {name_of(n)}", f"{code} {name_of(n)}", f"{n}", DESCRIPTION, family=n)
        for n in range(40)
        for question, code in [
            ("store", "sqlQuery insertRow") if n % 2 else ("draw", "canvasPath strokeLine")
        ]
    ]
    expected = fit_expected_code(task(pairs), np.arange(40))
    codes = ["insert a row by query", "stroke the path of a canvas", "", "unknown"]
    kinds = expected.topics.of([code_words(code) for code in codes])
    for asked, (right, wrong) in {"store this": (0, 1), "draw that": (1, 0)}.items():
        likeness = np.asarray(kinds @ expected.of(question(asked))[1])
        assert likeness[right] > 0.3 > -0.3 > likeness[wrong]
        assert likeness[2] == likeness[3] == 0


def test_topics_are_the_principal_axes_of_words() -> None:
    codes = [code_words(f"alpha beta {name_of(n % 7)} {name_of(n % 5)}") for n in range(60)]
    again = fit_topics(codes)
    topics = fit_topics(codes)
    assert np.array_equal(topics.axes, again.axes) and topics.words == again.words
    assert np.allclose(topics.axes.T @ topics.axes, np.eye(topics.axes.shape[1]), atol=1e-4)
    assert np.allclose(np.linalg.norm(topics.of(codes), axis=1), 1, atol=1e-4)
    assert fit_topics([code_words("lonely")]).of([code_words("anything")]).shape == (1, 0)


@given(some.text(), some.lists(some.text(), max_size=6))
def test_no_text_breaks_a_reranker(reranker: Reranker, text: str, found: list[str]) -> None:
    assert np.isfinite(lengths(found)).all()
    order = reranker.order(question(text), standing(len(found)), found)
    assert sorted(order.tolist()) == list(range(len(found)))
