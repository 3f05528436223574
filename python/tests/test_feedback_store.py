from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluorite.errors import InvalidArgument
from fluorite.feedback import Feedback, QueryTrace
from fluorite.store import feedback_store
from fluorite.store.feedback_store import FeedbackState, FeedbackStore, number_and_token, public_id


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[FeedbackStore]:
    opened = FeedbackStore(tmp_path / "chunks")
    yield opened
    opened.close()


def said(chunk_id: str | None = "a", at: int = 1000, **more: object) -> Feedback:
    trace = QueryTrace("model", b"\0\x3c" * 3, b"\1\0\0\0", b"\0\x3c")
    return Feedback("00ff00ff", "search_relevance", at, trace, chunk_id=chunk_id, **more)  # type: ignore[arg-type]


def test_a_memory_without_feedback_says_so_and_writes_nothing(kept: FeedbackStore, tmp_path: Path) -> None:
    before = (tmp_path / "chunks" / "data.mdb").read_bytes()
    assert kept.state() == FeedbackState()
    assert (kept.numbers(), kept.count(), kept.since(0, 5), kept.get(1), kept.remove(1)) == (
        [],
        0,
        [],
        None,
        None,
    )
    assert kept.page(None, 5).entries == []
    assert (tmp_path / "chunks" / "data.mdb").read_bytes() == before


def test_what_was_kept_comes_back_whole(kept: FeedbackStore) -> None:
    given = said(rating=0.25, correction_id="b", correction_key=b"k", metadata={"深い": [1, {"x": None}]})
    number = kept.add(given)
    assert kept.get(number) == given
    assert kept.since(0, 5) == [(number, given)]
    assert kept.since(number, 5) == []


def test_numbers_are_never_given_twice(kept: FeedbackStore) -> None:
    first = kept.add(said())
    assert kept.remove(first) == said()
    assert kept.remove(first) is None
    assert kept.add(said()) == first + 1
    assert (kept.state().sequence, kept.state().removals) == (2, 1)


def test_pages_go_from_the_newest_and_a_chunks_own_are_its_judgements_and_corrections(
    kept: FeedbackStore,
) -> None:
    numbers = [
        kept.add(said("a")),
        kept.add(said("b")),
        kept.add(said(None)),
        kept.add(said("b", correction_id="a")),
    ]
    first = kept.page(None, 3)
    assert [number for number, _ in first.entries] == numbers[:0:-1]
    assert [number for number, _ in kept.page(None, 3, first.cursor).entries] == numbers[:1]
    assert [number for number, _ in kept.page("a", 5).entries] == [numbers[3], numbers[0]]
    kept.remove(numbers[3])
    assert [number for number, _ in kept.page("a", 5).entries] == [numbers[0]]
    assert kept.page("nobody", 5).entries == []
    with pytest.raises(InvalidArgument, match="cursor 'id:a' is not valid"):
        kept.page(None, 3, "id:a")


def test_the_decayed_and_those_beyond_the_bound_go_oldest_first(
    kept: FeedbackStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at in range(40):
        kept.add(said(at=at))
    kept.add(said(at=100), decayed_before=30)
    assert kept.count() == 41 - feedback_store.REMOVED_AT_ONCE
    kept.add(said(at=100), decayed_before=30)
    assert [one.at for _, one in kept.since(0, 2)] == [30, 31]
    monkeypatch.setattr(feedback_store, "MOST_KEPT", 5)
    kept.add(said(at=100))
    assert kept.count() == 5
    kept.add(said(at=101))
    assert [one.at for _, one in kept.since(0, 9)] == [39, 100, 100, 100, 101]
    assert kept.page("a", 100).entries[-1][1].at == 39


def test_two_holders_share_one_salt(kept: FeedbackStore, tmp_path: Path) -> None:
    other = FeedbackStore(tmp_path / "chunks")
    salt = other.salt()
    assert kept.salt() == salt != b""
    kept.add(said())
    assert other.salt() == salt and other.state().sequence == 1
    other.close()


@given(st.integers(0, 10**18 - 1), st.text("0123456789abcdef", min_size=1, max_size=8))
def test_ids_round_trip(number: int, token: str) -> None:
    assert number_and_token(public_id(number, token)) == (number, token)


@pytest.mark.parametrize(
    "text", ["", "feedback-", "feedback--1-a", "1-a", "feedback-1e5-a", f"feedback-{9**30}-a"]
)
def test_any_other_text_is_no_id(text: str) -> None:
    assert number_and_token(text) is None
