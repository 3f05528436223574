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
from fluorite.learning.retrieval.pairs import DESCRIPTION, TrainingPair
from fluorite.learning.retrieval.postings import postings_of
from fluorite.learning.retrieval.reranker_training import fit_length, fit_reranker
from fluorite.learning.retrieval.retrieval_task import Corpus, Task, measure, task_of
from fluorite.search.learned.learned import Learned, packed, unpacked
from fluorite.search.learned.reranker import (
    FEATURES,
    LONGEST_READ,
    Reranker,
    Standing,
    features,
    handed_out,
    lengths,
    spelled,
)
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


def standing(count: int) -> Standing:
    falling = np.linspace(1, 0.5, count, dtype=np.float32)
    return Standing(falling, falling, falling)


CODES = ["export function bah() { return 1; }", "Outline how bah is used.", "", "{}", "\udcff\0 概念"]


def test_a_reranker_comes_back_from_the_store_as_it_was(reranker: Reranker) -> None:
    again = unpacked(packed(Learned(reranker=reranker))).reranker
    assert again is not None
    terms = terms_of("bahの全体")
    mine, other = (features(one.length, terms, standing(5), CODES) for one in (reranker, again))
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
        changed("linear", b"\0\0\xc0\x7f" * len(FEATURES)),
        lambda values: {**values, "terms": values["terms"][:1] * len(values["terms"])},
        lambda values: {},
    ],
    ids=["features", "few terms", "few bytes", "odd bytes", "no layer", "zero", "nan", "twice", "empty"],
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
    assert broken.order({"bah": 1.0}, standing(20), CODES * 4).tolist() == list(range(20))


def test_scores_are_handed_out_anew_and_none_is_made_up() -> None:
    scores = np.array([0.9, 0.7, 0.4], np.float32)
    assert handed_out(scores, np.array([2, 0, 1])).tolist() == scores[[1, 2, 0]].tolist()


def test_a_word_that_few_of_the_candidates_hold_says_more_than_one_that_all_hold() -> None:
    own = spelled({"all": 1.0, "few": 1.0, "日本": 9.0}, ["ALL few", "all", "all", "nothing"])
    assert own[0] == pytest.approx(1) and own[3] == 0
    assert own[1] == own[2] < 0.5
    assert spelled({"late": 1.0}, ["early " * LONGEST_READ + "late"]).tolist() == [0]


def test_words_that_were_never_asked_expect_the_usual_length() -> None:
    expected = fit_length(task(world(range(30))), np.arange(60))
    short, long = (terms_of(text) for text in ("の概念", "の全体"))
    assert expected.of(short)[0] < -0.3 < 0.3 < expected.of(long)[0]
    assert not expected.of({"unknown": 1.0}).any()


@given(some.text(), some.lists(some.text(), max_size=6))
def test_no_text_breaks_a_reranker(reranker: Reranker, text: str, found: list[str]) -> None:
    assert np.isfinite(lengths(found)).all()
    order = reranker.order(terms_of(text), standing(len(found)), found)
    assert sorted(order.tolist()) == list(range(len(found)))
