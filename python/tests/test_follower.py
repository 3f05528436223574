from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fluorite.chunk import Chunk
from fluorite.errors import Cancelled
from fluorite.index.follower import MOST_AWAITED_OF_LOST, Follower
from fluorite.store import ChunkStore


class Names:
    """An index of the least kind: which number has which id."""

    def __init__(self) -> None:
        self.sequence = 0
        self.held: dict[int, str] = {}
        self.rebuilt = False

    def apply(self, added: Sequence[tuple[int, Chunk]], removed: Sequence[int], sequence: int) -> None:
        for number in removed:
            self.held.pop(number, None)
        self.held.update((number, chunk.id) for number, chunk in added)
        self.sequence = sequence

    def ids(self) -> list[str]:
        return sorted(self.held.values())


def nothing() -> None:
    pass


def put(store: ChunkStore, *identifiers: str) -> None:
    store.put([Chunk(identifier, f"content of {identifier}") for identifier in identifiers])


def test_a_refresh_replays_writes_replacements_and_removals(store: ChunkStore) -> None:
    follower, index = Follower(store), Names()
    put(store, "a", "b")
    assert follower.refresh([index], nothing) == 0
    put(store, "b", "c")
    store.delete(["a"])
    assert follower.refresh([index], nothing) == 0
    assert (index.ids(), index.sequence) == (["b", "c"], store.sequence())


def test_an_index_made_anew_is_left_to_catching_up_and_the_others_are_not(store: ChunkStore) -> None:
    put(store, *(f"c{number}" for number in range(MOST_AWAITED_OF_LOST + 1)))
    follower, level, lost = Follower(store), Names(), Names()
    lost.rebuilt = True
    follower.catch_up([level], nothing)
    put(store, "new")
    assert follower.refresh([level, lost], nothing) == MOST_AWAITED_OF_LOST + 2
    assert ("new" in level.ids(), lost.ids()) == (True, [])
    follower.catch_up([level, lost], nothing)
    assert lost.ids() == level.ids()
    assert follower.refresh([level, lost], nothing) == 0


def test_however_much_was_written_a_search_waits_for_it(store: ChunkStore) -> None:
    follower, index = Follower(store), Names()
    put(store, *(f"c{number}" for number in range(MOST_AWAITED_OF_LOST + 10)))
    assert follower.refresh([index], nothing) == 0
    assert len(index.held) == MOST_AWAITED_OF_LOST + 10


def test_what_was_written_since_the_memory_was_opened_is_awaited_even_by_an_index_made_anew(
    store: ChunkStore,
) -> None:
    follower, fresh = Follower(store), Names()
    fresh.rebuilt = True
    put(store, *(f"c{number}" for number in range(MOST_AWAITED_OF_LOST + 1)))
    assert follower.refresh([fresh], nothing) == 0


def test_catching_up_counts_the_changes_and_can_be_stopped(store: ChunkStore) -> None:
    follower, index = Follower(store), Names()
    put(store, *(f"c{number}" for number in range(1500)))
    told: list[tuple[int, int]] = []

    def stop() -> None:
        if told:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        follower.catch_up([index], stop, lambda done, total: told.append((done, total)))
    assert 0 < told[0][0] < 1500 and told[0][1] == 1500
    held = index.sequence
    follower.catch_up([index], nothing, lambda done, total: told.append((done, total)))
    assert told[-1] == (1500 - held, 1500 - held)
    assert len(index.ids()) == 1500


def test_an_index_thrown_away_in_between_is_made_again_from_the_start(store: ChunkStore) -> None:
    follower, index = Follower(store), Names()
    put(store, "a", "b")
    follower.refresh([index], nothing)
    index.sequence, index.held = 0, {}
    put(store, "c")
    follower.refresh([index], nothing)
    assert index.ids() == ["a", "b", "c"]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_however_writes_and_refreshes_alternate_the_index_holds_what_the_store_holds(
    store: ChunkStore, data: st.DataObject
) -> None:
    follower, indexes = Follower(store), [Names(), Names()]
    for _ in range(data.draw(st.integers(1, 8))):
        names = data.draw(st.lists(st.sampled_from("abcdef"), max_size=4))
        if data.draw(st.booleans()):
            put(store, *names)
        else:
            store.delete(names)
        if data.draw(st.booleans()):
            follower.refresh(data.draw(st.sampled_from(([indexes[0]], indexes))), nothing)
    follower.refresh(indexes, nothing)
    kept = [chunk.id for chunk in store.page(limit=100).chunks]
    assert [index.ids() for index in indexes] == [kept, kept]


def test_threads_that_refresh_at_once_apply_every_change_once(store: ChunkStore) -> None:
    follower, index = Follower(store), Names()
    applied: list[int] = []
    plain = index.apply

    def counting(added: Sequence[tuple[int, Chunk]], removed: Sequence[int], sequence: int) -> None:
        applied.extend(number for number, _ in added)
        plain(added, removed, sequence)

    index.apply = counting  # type: ignore[method-assign]

    def write_and_refresh(name: str) -> None:
        for number in range(40):
            put(store, f"{name}{number}")
            follower.refresh([index], nothing)

    threads = [threading.Thread(target=write_and_refresh, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(applied) == list(range(1, 161))
    assert len(index.ids()) == 160
