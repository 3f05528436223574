from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fluorite.chunk import Chunk
from fluorite.errors import Cancelled
from fluorite.index import catalog as module
from fluorite.index import catalog_merge
from fluorite.index.build_lock import exclusive
from fluorite.index.catalog import Catalog
from fluorite.index.filters import Filters
from fluorite.index.fingerprint import FINGERPRINT_VERSION

TAGGED = Filters(tags=("t",))


def write(catalog: Catalog, first: int, last: int) -> None:
    chunks = [
        (number, Chunk(f"id{number}", f"text {number}", tags=("t",))) for number in range(first, last + 1)
    ]
    catalog.apply(chunks, [], last)


def held(catalog: Catalog) -> list[int]:
    found = catalog.select(TAGGED)
    assert found is not None and len(found) == len(catalog)
    assert catalog.contains(found).all() and not np.isnan(catalog.qualities(found)).any()
    return list(found.tolist())


@pytest.fixture
def saved(tmp_path: Path) -> Catalog:
    catalog = Catalog.open(tmp_path, 0)
    write(catalog, 1, 20)
    assert catalog.save()
    return catalog


def test_what_was_saved_is_there_again(tmp_path: Path, saved: Catalog) -> None:
    again = Catalog.open(tmp_path, 25)
    assert (again.sequence, again.rebuilt, held(again)) == (20, False, list(range(1, 21)))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["columns", "lock"]


def test_a_new_memory_is_empty_and_not_rebuilt(tmp_path: Path) -> None:
    fresh = Catalog.open(tmp_path / "new", 0)
    assert (fresh.sequence, fresh.rebuilt, len(fresh)) == (0, False, 0)
    lost = Catalog.open(tmp_path / "new", 5)
    assert (lost.sequence, lost.rebuilt, len(lost)) == (0, True, 0)


def test_a_memory_without_chunks_is_saved_too(tmp_path: Path) -> None:
    catalog = Catalog.open(tmp_path, 0)
    assert not catalog.save()
    catalog.apply([], [3], 7)
    assert catalog.save() and not catalog.save()
    again = Catalog.open(tmp_path, 7)
    assert (again.sequence, again.rebuilt, len(again)) == (7, False, 0)


def test_a_file_ahead_of_the_store_is_left_aside_and_written_over(tmp_path: Path, saved: Catalog) -> None:
    catalog = Catalog.open(tmp_path, 5)
    assert (catalog.sequence, catalog.rebuilt, len(catalog)) == (0, True, 0)
    write(catalog, 1, 5)
    assert not catalog.reload(5)
    assert catalog.save()
    assert held(catalog) == held(Catalog.open(tmp_path, 5)) == [1, 2, 3, 4, 5]


def test_a_file_of_another_fingerprint_is_made_again(
    tmp_path: Path, saved: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(module.EXPECTED, "fingerprint", FINGERPRINT_VERSION + 1)
    catalog = Catalog.open(tmp_path, 20)
    assert (catalog.sequence, catalog.rebuilt) == (0, True)
    write(catalog, 1, 20)
    assert catalog.save() and Catalog.open(tmp_path, 20).sequence == 20


def test_a_damaged_file_is_never_an_error(tmp_path: Path, saved: Catalog) -> None:
    path = tmp_path / "columns"
    whole, expected = path.read_bytes(), held(saved)
    random = np.random.default_rng(1)
    damaged = [whole[:length] for length in range(0, len(whole), 61)]
    damaged += [
        _flipped(whole, int(at), 1 << int(random.integers(8))) for at in random.integers(0, len(whole), 400)
    ]
    damaged += [whole + b"more", b"\0" * len(whole), whole[64:]]
    rebuilt = 0
    for data in damaged:
        path.write_bytes(data)
        catalog = Catalog.open(tmp_path, 20)
        if catalog.rebuilt:
            rebuilt += 1
            assert (catalog.sequence, len(catalog)) == (0, 0)
        else:
            assert catalog.sequence == 20 and held(catalog) == expected
    assert rebuilt > len(damaged) // 2
    path.unlink()
    path.mkdir()
    assert Catalog.open(tmp_path, 20).rebuilt


def test_damage_in_a_large_file_is_found_when_it_is_verified(
    tmp_path: Path, saved: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SMALL_FILE", 0)
    whole = (tmp_path / "columns").read_bytes()
    at = whole.index(b"id1id10")
    (tmp_path / "columns").write_bytes(_flipped(whole, at, 1))
    catalog = Catalog.open(tmp_path, 20)
    write(catalog, 21, 22)
    assert (catalog.sequence, catalog.rebuilt) == (22, False)
    assert not catalog.verify()
    assert (catalog.sequence, catalog.rebuilt, len(catalog)) == (0, True, 0)
    assert not catalog.reload(22) and not catalog.save()
    write(catalog, 1, 22)
    assert catalog.save() and catalog.verify()
    assert held(Catalog.open(tmp_path, 22)) == list(range(1, 23))


def test_damage_never_gets_into_a_new_file(
    tmp_path: Path, saved: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SMALL_FILE", 0)
    whole = (tmp_path / "columns").read_bytes()
    (tmp_path / "columns").write_bytes(_flipped(whole, whole.index(b"id1id10"), 1))
    catalog = Catalog.open(tmp_path, 21)
    write(catalog, 21, 21)
    assert not catalog.save() and catalog.rebuilt and catalog.sequence == 0


def test_what_happens_while_the_file_is_made_stays(tmp_path: Path, saved: Catalog) -> None:
    saved.apply([], [2], 21)
    write(saved, 22, 24)

    def meanwhile() -> None:
        sequence = saved.sequence + 1
        saved.apply([(sequence, Chunk(f"new{sequence}", "x", tags=("t",)))], [1, 22], sequence)

    assert saved.save(meanwhile)
    expected = [*range(3, 21), 23, 24, *range(25, saved.sequence + 1)]
    assert saved.sequence > 25 and held(saved) == expected
    again = Catalog.open(tmp_path, saved.sequence)
    assert again.sequence == 24 and held(again) == [1, *range(3, 21), 22, 23, 24]
    assert saved.save() and held(Catalog.open(tmp_path, saved.sequence)) == expected


def test_runs_that_gather_while_the_file_is_made_are_kept_apart_from_it(
    tmp_path: Path, saved: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog_merge, "IDS_AT_ONCE", 1)
    for number in range(21, 28):
        write(saved, number, number)

    def meanwhile() -> None:
        write(saved, saved.sequence + 1, saved.sequence + 1)

    assert saved.save(meanwhile)
    assert saved.sequence > 40 and held(saved) == list(range(1, saved.sequence + 1))
    assert held(Catalog.open(tmp_path, saved.sequence)) == list(range(1, 28))


def test_a_save_that_is_stopped_changes_nothing(tmp_path: Path, saved: Catalog) -> None:
    def stop() -> None:
        raise Cancelled("enough")

    write(saved, 21, 30)
    with pytest.raises(Cancelled):
        saved.save(stop)
    assert held(Catalog.open(tmp_path, 30)) == list(range(1, 21))
    for number in range(31, 60):
        write(saved, number, number)
        with pytest.raises(Cancelled):
            saved.save(stop)
    assert held(saved) == list(range(1, 60)) and saved.statistics()["runs"] < 12
    assert saved.save() and held(Catalog.open(tmp_path, 59)) == list(range(1, 60))


def test_one_process_saves_at_a_time(tmp_path: Path, saved: Catalog) -> None:
    write(saved, 21, 21)
    with exclusive(tmp_path / "lock") as alone:
        assert alone and not saved.save()
    assert saved.save()


def test_what_another_process_saved_is_taken_over_where_it_is_ahead(tmp_path: Path, saved: Catalog) -> None:
    other = Catalog.open(tmp_path, 20)
    write(saved, 21, 30)
    assert saved.save()
    assert not other.reload(29) and other.sequence == 20
    write(other, 21, 22)
    assert other.reload(30) and not other.reload(30)
    assert (other.sequence, held(other)) == (30, list(range(1, 31)))


def test_a_save_never_takes_a_file_back(tmp_path: Path, saved: Catalog) -> None:
    other = Catalog.open(tmp_path, 20)
    write(saved, 21, 30)
    assert saved.save()
    write(other, 21, 25)
    assert not other.save() and other.sequence == 30
    write(other, 31, 31)
    assert other.save() and held(Catalog.open(tmp_path, 31)) == list(range(1, 32))
    assert held(saved) == list(range(1, 31))


def test_a_catalog_that_is_ahead_of_the_file_keeps_what_it_holds(tmp_path: Path, saved: Catalog) -> None:
    other = Catalog.open(tmp_path, 20)
    write(other, 21, 40)
    write(saved, 21, 30)
    assert saved.save() and not other.reload(40)
    assert (other.sequence, held(other)) == (40, list(range(1, 41)))


def test_files_that_a_killed_process_left_half_written_are_cleared_away(
    tmp_path: Path, saved: Catalog
) -> None:
    (tmp_path / "columns.123.tmp").write_bytes(b"half")
    write(saved, 21, 21)
    assert saved.save()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["columns", "lock"]


def test_saving_is_worth_it_after_many_changes_or_a_share_of_a_large_memory(
    tmp_path: Path, saved: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SAVE_AFTER", 5)
    write(saved, 21, 24)
    assert not saved.needs_save()
    write(saved, 25, 25)
    assert saved.needs_save() and saved.save() and not saved.needs_save()
    monkeypatch.setattr(module, "SAVE_SHARE", 1)
    write(saved, 26, 40)
    assert not saved.needs_save()


def test_searches_go_on_while_one_writes_and_one_saves(tmp_path: Path, saved: Catalog) -> None:
    failures = list[str]()
    done = threading.Event()

    def search() -> None:
        while not done.is_set():
            found = saved.select(TAGGED)
            if found is None or len(found) < 20 or found.tolist() != list(range(1, len(found) + 1)):
                failures.append(str(found))

    def save() -> None:
        while not done.is_set():
            saved.save()

    threads = [_started(search), _started(search), _started(save)]
    for number in range(21, 321):
        write(saved, number, number)
    done.set()
    for thread in threads:
        thread.join()
    saved.save()
    assert not failures
    assert held(saved) == held(Catalog.open(tmp_path, 320)) == list(range(1, 321))


def test_a_closed_catalog_is_empty(saved: Catalog) -> None:
    saved.close()
    assert (len(saved), saved.sequence, saved.statistics()["in_file"]) == (0, 0, 0)


def _started(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def _flipped(data: bytes, at: int, bit: int) -> bytes:
    return data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]
