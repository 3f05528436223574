"""What feedback adds to a score, over arrays."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluorite.feedback import (
    FEEDBACK_TYPES,
    MILLISECONDS_OF_A_DAY,
    Feedback,
    QueryTrace,
    quality_signal,
    ranking_signals,
)
from fluorite.index.asked_vectors import AskedVectors
from fluorite.index.feedback_index import AskedQuery, FeedbackIndex, Likenesses, Signals
from fluorite.search.feedback import (
    FULL_COSINE,
    LEAST_COSINE,
    LEAST_OVERLAP,
    balance,
    judged,
    likeness,
    spread,
    standing,
    standing_in,
    with_feedback,
)
from fluorite.search.feedback_recall import trace_of
from fluorite.search.folding import Group
from fluorite.search.ranking import Ranked
from fluorite.store.feedback_store import FeedbackStore

HALF_LIFE = 90.0
NOW = 10**12


def floats(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.array(values, np.float32)


def opinions(*said: tuple[int, float], age_days: float = 0) -> Signals:
    """Signals about target 0: (row of the query, value)."""
    return Signals(
        np.array([query for query, _ in said], np.intp),
        np.zeros(len(said), np.int32),
        np.array([value for _, value in said], np.float32),
        np.full(len(said), NOW - int(age_days * MILLISECONDS_OF_A_DAY), np.int64),
    )


def effect(signals: Signals, alike: float | tuple[float, ...] = 1.0) -> float:
    near = floats(*alike) if isinstance(alike, tuple) else floats(alike)
    found = judged(signals, near, NOW, HALF_LIFE)
    return 0.0 if found is None else float(found.effects[0])


@given(st.lists(st.tuples(st.integers(0, 2), st.floats(-3, 3, width=16)), max_size=50), st.floats(0, 4000))
def test_no_effect_passes_its_bound(said: list[tuple[int, float]], age: float) -> None:
    assert -1 < effect(opinions(*said, age_days=age), (1.0, 0.4, 0.0)) < 1


def test_each_of_the_same_opinion_adds_less_than_the_one_before() -> None:
    effects = [effect(opinions(*[(0, 1.0)] * count)) for count in (0, 1, 2, 10, 1000)]
    assert effects == sorted(effects)
    assert effects[1] == pytest.approx(0.4) and 0.65 < effects[3] < 0.75 and effects[4] < 0.9
    assert effects[1] - effects[0] > effects[2] - effects[1]


def test_one_who_says_no_a_thousand_times_does_not_outweigh_three_friends_as_often_as_that() -> None:
    lone = effect(opinions(*[(0, -1.0)] * 1000, *[(0, 1.0)] * 3))
    assert -0.6 < lone < 0
    assert effect(opinions(*[(0, -1.0)] * 3, *[(0, 1.0)] * 3)) == 0


def test_about_a_query_that_is_hardly_alike_even_a_thousand_opinions_say_hardly_anything() -> None:
    assert effect(opinions(*[(0, 1.0)] * 1000), 0.05) < 0.05
    assert effect(opinions(*[(0, 1.0)] * 1000), 0.0) == 0


def test_one_opinion_on_this_query_counts_more_than_many_on_one_that_is_a_little_alike() -> None:
    mixed = opinions((0, -1.0), *[(1, 1.0)] * 5)
    assert effect(mixed, (1.0, 0.2)) < 0 < effect(mixed, (0.2, 1.0))


def test_what_was_said_fades() -> None:
    fresh, later = effect(opinions((0, 1.0))), effect(opinions((0, 1.0), age_days=HALF_LIFE))
    assert 0 < later < fresh
    assert effect(opinions((0, 1.0), age_days=7 * HALF_LIFE)) < 0.01
    assert effect(opinions((0, 1.0), age_days=-1)) == fresh


def test_likeness_is_nothing_below_the_threshold_and_rises_without_a_step() -> None:
    rows = np.arange(50)
    cosines = np.linspace(LEAST_COSINE - 0.1, FULL_COSINE + 0.1, 50, dtype=np.float32)
    none = np.empty(0, np.intp)
    found, alike = likeness(Likenesses(rows, cosines, none, floats()))
    assert found.tolist() == np.flatnonzero(cosines > LEAST_COSINE).tolist()
    assert np.all(alike[cosines[found] >= FULL_COSINE] == 1)
    assert np.all(np.diff(alike) >= 0) and np.diff(alike, prepend=0).max() < 0.1


@given(
    st.lists(st.floats(0, 1, width=32), min_size=1, max_size=12),
    st.lists(st.floats(-0.9375, 0.9375, width=32), min_size=12, max_size=12),
)
def test_scores_stay_between_zero_and_one_and_in_the_order_of_their_sums(
    scores: list[float], effects: list[float]
) -> None:
    nothing = np.zeros(len(scores), np.float32)
    base = Ranked(floats(*scores), nothing, nothing, nothing, nothing, nothing)
    added = floats(*effects[: len(scores)])
    found = with_feedback(base, added, 0.15)
    assert np.all((found.scores >= -1e-6) & (found.scores <= 1 + 1e-6))
    assert np.all(np.abs(found.feedback) <= 0.15 + 1e-6)
    wanted = np.maximum(base.scores + 0.15 * added, 0)
    for one in range(len(scores)):
        for other in range(len(scores)):
            if wanted[one] > wanted[other] + 1e-4:
                assert found.scores[one] > found.scores[other]


def test_what_is_said_against_a_hit_counts_against_its_copies_and_praise_does_not_spread() -> None:
    groups = [Group(0, [2]), Group(1, [3])]
    assert spread(floats(-0.5, 0.4, 0, 0), groups).tolist() == floats(-0.5, 0.4, -0.5, 0).tolist()
    assert spread(floats(-0.5, 0.4, 0.3, 0), groups).tolist() == floats(-0.5, 0.4, 0.3, 0).tolist()


def test_a_correction_matches_as_well_as_what_it_corrects_as_far_as_the_query_is_alike() -> None:
    nothing = floats(0, 0, 0)
    ranked = Ranked(floats(0.4, 0.1, 0.2), floats(0.2, 0.3, 0.1), nothing, nothing, nothing, nothing)
    found = standing_in(ranked, np.array([5, 7, 9]), {7: 5, 9: 5, 11: 5}, floats(0, 1, 0.25))
    assert found.lexical.tolist() == floats(0.4, 0.4, 0.2).tolist()
    assert found.dense.tolist() == floats(0.2, 0.3, 0.1).tolist()


def test_the_standing_of_a_chunk_is_nought_for_nothing_and_bounded() -> None:
    assert standing([], [], HALF_LIFE) == 0 == standing([0.0, 1.0, -1.0], [0, 0, 0], HALF_LIFE)
    assert 0 < standing([0.5], [0], HALF_LIFE) < standing([1.0] * 9, [0] * 9, HALF_LIFE) < 1
    assert balance(np.array([0.0]), np.array([0.0])).tolist() == [0]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("search_relevance", 1),
        ("recommendation", 1),
        ("similarity", 1),
        ("code_generation", 0.5),
        ("general", 0.5),
        ("pattern_recognition", None),
    ],
)
def test_the_type_says_how_much_a_rating_counts(kind: str, value: float | None) -> None:
    assert kind in FEEDBACK_TYPES
    rated = Feedback("t", kind, 0, QueryTrace(), chunk_id="a", rating=1.0)
    assert ranking_signals(rated) == ([] if value is None else [("a", value)])
    assert quality_signal(rated, "a") == (value or 1) and quality_signal(rated, "b") == 0


@pytest.mark.parametrize(
    ("outcome", "value"), [("accepted", 0.5), ("edited", 0.25), ("rejected", -0.25), ("failed", -0.5)]
)
def test_a_use_counts_half_as_much_as_a_rating(outcome: str, value: float) -> None:
    used = Feedback("t", "use", 0, QueryTrace(), chunk_id="a", outcome=outcome)
    assert ranking_signals(used) == [("a", value)]


def test_a_correction_speaks_for_itself_and_against_what_it_corrects_unless_that_was_rated() -> None:
    corrected = Feedback("t", "code_generation", 0, QueryTrace(), chunk_id="a", correction_id="b")
    against, for_itself = ranking_signals(corrected)
    assert against.value < 0 < for_itself.value and (against.chunk_id, for_itself.chunk_id) == ("a", "b")
    neutral = Feedback("t", "general", 0, QueryTrace(), chunk_id="a", correction_id="b", rating=0.5)
    assert [signal.chunk_id for signal in ranking_signals(neutral)] == ["b"]
    assert ranking_signals(Feedback("t", "general", 0, QueryTrace())) == []


def unit(seed: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    vector = np.random.default_rng(seed).standard_normal(8).astype(np.float32)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def kept(store: FeedbackStore, text: str, seed: int | None, model: str = "m", chunk: str = "a") -> int:
    vector = None if seed is None else unit(seed)
    trace = trace_of(text, vector, 1.0, model, store.salt())
    return store.add(Feedback("t", "search_relevance", NOW, trace, chunk_id=chunk, rating=1.0))


def test_vectors_of_one_model_are_compared_and_otherwise_words(tmp_path: Path) -> None:
    store = FeedbackStore(tmp_path / "chunks")
    index = FeedbackIndex(store)
    assert index.refresh() is False
    kept(store, "order by price", 1)
    kept(store, "order by price", 2, "other model")
    kept(store, "order by date", None)
    assert index.refresh() is True

    def ask(text: str, seed: int | None, model: str = "m") -> Likenesses:
        vector = None if seed is None else unit(seed)
        trace = trace_of(text, vector, 1.0, model, store.salt())
        return index.likenesses(AskedQuery(trace, vector), LEAST_COSINE)

    found = ask("order by price", 1)
    assert found.by_vector.tolist() == [0] and found.cosines[0] == pytest.approx(1, abs=1e-3)
    assert found.by_terms.tolist() == [1, 2] and found.overlaps[0] == pytest.approx(1)
    assert LEAST_OVERLAP < found.overlaps[1] < 1
    assert ask("nothing in common", None).by_terms.tolist() == []
    assert ask("price order by", None, "third").by_terms.tolist() == [0, 1, 2]
    unread = trace_of("認証", unit(1), 0.2, "m", store.salt())
    assert (unread.vector, unread.model_id) == (b"", "")
    store.close()


def test_the_index_follows_what_others_add_and_remove_and_starts_anew_when_most_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fluorite.index.feedback_index.WORTH_READING_ANEW", 4)
    store, other = FeedbackStore(tmp_path / "chunks"), FeedbackStore(tmp_path / "chunks")
    index = FeedbackIndex(store)

    def said(queries: int) -> dict[str, float]:
        signals = index.signals(np.arange(queries))
        return {
            index.target(row): value
            for row, value in zip(signals.targets.tolist(), signals.values.tolist(), strict=True)
            if value
        }

    numbers = [kept(other, f"query {row}", row, chunk=f"chunk {row}") for row in range(10)]
    assert index.refresh() and said(10) == {f"chunk {row}": 1.0 for row in range(10)}
    other.remove(numbers[3])
    assert index.refresh() and "chunk 3" not in said(10) and len(said(10)) == 9
    for number in numbers[4:9]:
        other.remove(number)
    numbers.append(kept(other, "one more", 99))
    assert index.refresh()
    assert list(said(5)) == ["chunk 0", "chunk 1", "chunk 2", "chunk 9", "a"]
    for number in (*numbers[:3], numbers[9], numbers[10]):
        other.remove(number)
    assert index.refresh() is False
    store.close()
    other.close()


@given(st.integers(0, 2**32), st.floats(-1, 1), st.sampled_from((8, 64, 100, 384)))
def test_signs_overlook_nothing_that_is_well_above_the_threshold(
    seed: int, cosine: float, width: int
) -> None:
    random = np.random.default_rng(seed)
    one, other = random.standard_normal((2, width))
    one /= np.linalg.norm(one)
    other -= one * (one @ other)
    other = cosine * one + math.sqrt(1 - cosine**2) * other / np.linalg.norm(other)
    asked = AskedVectors(width)
    asked.add(7, one.astype("<f2").tobytes())
    rows, cosines = asked.near(other.astype(np.float32), 0.5)
    if width >= 100 and cosine > 0.75:
        assert rows.tolist() == [7]
    if cosine < 0.49:
        assert rows.tolist() == []
    assert np.allclose(cosines, cosine, atol=0.01)


def test_no_text_of_a_query_and_no_unsalted_hash_is_kept(tmp_path: Path) -> None:
    one = trace_of("verysecretword order", None, 1.0, "m", b"salt")
    other = trace_of("verysecretword order", None, 1.0, "m", b"other salt")
    assert len(one.hashes) == 8 and one.hashes != other.hashes
    assert len(trace_of(" ".join(f"w{n}" for n in range(1000)), None, 1.0, "m", b"s").hashes) <= 256
    assert trace_of("", None, 1.0, "m", b"s") == QueryTrace()
