from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluorite.errors import InvalidArgument
from fluorite.state.daily_files import DailyFiles, make_private_folder
from fluorite.state.history import LONGEST_QUERY, History


def files(folder: Path, days: int = 90, today: date | None = None, **bounds: int) -> DailyFiles:
    return DailyFiles(folder, "history", ".jsonl", days, lambda: today or date.today(), **bounds)


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    opened = History(files(tmp_path / "state"))
    yield opened
    opened.close()


def queries(history: History) -> list[str]:
    return [one.query for one in history.page(1000).searches]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_searches_come_back_newest_first_as_they_were(history: History) -> None:
    before = time.time_ns() // 1_000_000
    history.add("認証の例", ["a", "b"], 1.23456)
    history.add("second\nline", [str(n) for n in range(25)], 2.0)
    newest, oldest = history.page(10).searches
    assert (newest.query, newest.hits, newest.ids) == ("second\nline", 25, [str(n) for n in range(10)])
    assert (oldest.query, oldest.hits, oldest.ids, oldest.milliseconds) == ("認証の例", 2, ["a", "b"], 1.235)
    assert before <= oldest.time <= newest.time <= time.time_ns() // 1_000_000


def test_what_is_searched_for_is_written_within_a_second_by_itself(history: History, tmp_path: Path) -> None:
    history.add("query", [], 1.0)
    deadline = time.monotonic() + 10
    while not list((tmp_path / "state").glob("history-*.jsonl")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(0.1)
    history.add("another", [], 1.0)
    while "another" not in next((tmp_path / "state").glob("history-*.jsonl")).read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_nothing_is_made_before_there_is_something_to_keep(history: History, tmp_path: Path) -> None:
    assert (history.page(10).searches, history.clear()) == ([], 0)
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o277, 0o777])
def test_the_folder_and_its_files_are_the_owners_alone_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        history = History(files(tmp_path / "state"))
        history.add("query", [], 1.0)
        history.close()
    finally:
        os.umask(before)
    assert history.error is None
    assert mode(tmp_path / "state") == 0o700
    (file,) = (tmp_path / "state").glob("history-*.jsonl")
    assert mode(file) == 0o600
    assert (tmp_path / "state/.gitignore").read_text() == "*\n"
    assert mode(tmp_path / "state/.gitignore") == 0o600


def test_a_file_that_others_could_read_is_theirs_no_more(tmp_path: Path) -> None:
    today = files(tmp_path)
    today.append(b"{}\n")
    (tmp_path / today.names()[0]).chmod(0o644)
    today.append(b"{}\n")
    assert mode(tmp_path / today.names()[0]) == 0o600


def test_a_link_in_the_place_of_a_file_is_not_followed(tmp_path: Path) -> None:
    make_private_folder(tmp_path / "state")
    (tmp_path / "state" / f"history-{date.today()}.jsonl").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="history-"):
        files(tmp_path / "state").append(b"{}\n")
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_cannot_be_written_loses_the_history_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("x")
    history = History(files(tmp_path / "file" / "state"))
    for _ in range(3):
        history.add("query", [], 1.0)
        history.flush()
    history.close()
    assert history.error is not None and str(tmp_path / "file") in history.error
    assert capsys.readouterr().err.count("cannot be written") == 1


def test_a_folder_that_vanishes_is_made_again(history: History, tmp_path: Path) -> None:
    history.add("one", [], 1.0)
    history.flush()
    for path in (tmp_path / "state").iterdir():
        path.unlink()
    (tmp_path / "state").rmdir()
    history.add("two", [], 1.0)
    assert queries(history) == ["two"]


def test_files_older_than_the_retention_go_when_a_day_begins(tmp_path: Path) -> None:
    day = date(2025, 3, 1)
    for age in (0, 1, 2, 3, 400):
        files(tmp_path, days=1000, today=day - timedelta(days=age)).append(b"{}\n")
    (tmp_path / "history-of-mine.jsonl").write_text("kept")
    files(tmp_path, days=3, today=day).append(b"{}\n")
    assert files(tmp_path).names() == [f"history-2025-{name}.jsonl" for name in ("02-27", "02-28", "03-01")]
    assert (tmp_path / "history-of-mine.jsonl").exists()


def test_a_full_file_is_followed_by_another_and_the_oldest_make_room(tmp_path: Path) -> None:
    day = date(2025, 3, 1)
    daily = files(tmp_path, today=day, bytes_per_file=100, bytes_in_all=1000)
    other = files(tmp_path, today=day, bytes_per_file=100, bytes_in_all=1000)
    for number in range(200):
        (daily if number % 3 else other).append(b'{"n": %d}\n' % number)
    names = daily.names()
    content = b"".join(map(daily.read, names))
    assert all((tmp_path / name).stat().st_size <= 100 for name in names)
    assert len(content) <= 1000
    numbers = [json.loads(line)["n"] for line in content.splitlines()]
    assert numbers == list(range(numbers[0], 200))
    assert len(numbers) > 50


@given(
    st.lists(st.text(max_size=20), max_size=30),
    st.integers(1, 7),
    st.integers(20, 300),
)
def test_pages_give_every_search_once_newest_first(
    tmp_path_factory: pytest.TempPathFactory, asked: list[str], limit: int, size: int
) -> None:
    history = History(files(tmp_path_factory.mktemp("state"), bytes_per_file=size))
    for query in asked:
        history.add(query, [], 0.5)
        history.flush()
    found, cursor = list[str](), None
    while True:
        page = history.page(limit, cursor)
        found += [one.query for one in page.searches]
        cursor = page.cursor
        if cursor is None:
            break
    history.close()
    assert found == asked[::-1]


def test_a_line_that_was_cut_off_is_passed_over(history: History, tmp_path: Path) -> None:
    history.add("whole", [], 1.0)
    history.flush()
    (file,) = (tmp_path / "state").glob("history-*.jsonl")
    with file.open("ab") as end:
        end.write(b'{"time": "2025-0\n[]\n\xff\n{"time": 3}\n')
    history.add("next", [], 1.0)
    assert queries(history) == ["next", "whole"]


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "../history-2025-01-01.jsonl:3", "history-2025-99-01.jsonl:3", "history-2025-01-01.jsonl:x"],
)
def test_a_cursor_of_another_kind_is_refused(history: History, cursor: str) -> None:
    with pytest.raises(InvalidArgument, match="cursor"):
        history.page(10, cursor)


def test_clearing_removes_every_search_also_those_that_wait(history: History, tmp_path: Path) -> None:
    history.add("written", [], 1.0)
    history.flush()
    history.add("waiting", [], 1.0)
    assert history.clear() == 2
    assert not list((tmp_path / "state").glob("history-*"))
    assert queries(history) == []


def test_a_long_query_is_cut(history: History) -> None:
    history.add("x" * (LONGEST_QUERY + 5), [], 1.0)
    assert queries(history) == ["x" * LONGEST_QUERY]


def test_to_note_a_search_takes_far_less_than_a_tenth_of_a_millisecond(history: History) -> None:
    ids = [str(number) for number in range(100)]
    started = time.perf_counter()
    for _ in range(2000):
        history.add("cursor pagination with a stable order", ids, 10.0)
    assert (time.perf_counter() - started) / 2000 < 0.0001
