from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from fluorite.context import CallContext
from fluorite.errors import Cancelled, PathNotFound
from fluorite.state import run_log
from fluorite.state.daily_files import DailyFiles
from fluorite.state.run import Run
from fluorite.state.run_log import RunLog, in_brief


@pytest.fixture
def log(tmp_path: Path) -> Iterator[RunLog]:
    opened = RunLog(DailyFiles(tmp_path / "state", "learning", ".log", 90))
    yield opened
    opened.close()


def lines(tmp_path: Path) -> list[dict[str, Any]]:
    text = (tmp_path / "state" / f"learning-{date.today()}.log").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_a_run_is_followed_from_its_start_to_its_end(log: RunLog, tmp_path: Path) -> None:
    context = CallContext()
    run = Run("learn_from_spikes", 0)
    with log.following(run, context, lambda: {"chunks": 3}):
        context.report("read", 1, 2)
        context.report("read", 2, 2)
        run.result = {"new": 2, "malformed": ["x"] * 40, "quality_histogram": [0] * 10, "path": "日本"}
    context.report("read", 2, 3)
    started, progress, ended = lines(tmp_path)
    assert {**started, "time": ""} == {
        "time": "",
        "level": "info",
        "event": "learn_from_spikes",
        "status": "started",
    }
    assert (progress["status"], progress["stage"], progress["done"]) == ("progress", "read", 2)
    assert (ended["status"], ended["chunks"]) == ("ended", 3)
    assert ended["result"] == {"new": 2, "malformed": 40, "quality_histogram": [0] * 10, "path": "日本"}


def test_progress_within_a_stage_is_logged_now_and_then(
    log: RunLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_log, "SECONDS_BETWEEN_LINES", 0.0)
    context = CallContext()
    with log.following(Run("learn_from_code", 0), context, dict):
        context.report("read", 1, 2)
    assert [line.get("done") for line in lines(tmp_path)] == [None, 1, None]


def test_what_fails_and_what_is_cancelled_is_told_apart(log: RunLog, tmp_path: Path) -> None:
    for error in (PathNotFound("there is no folder"), Cancelled("stopped"), ZeroDivisionError("oops")):
        with pytest.raises(type(error)), log.following(Run("learn", 0), CallContext(), dict):
            raise error
    ends = [(line["status"], line["level"], line["code"]) for line in lines(tmp_path) if "code" in line]
    assert ends == [
        ("failed", "error", "PATH_NOT_FOUND"),
        ("cancelled", "info", "CANCELLED"),
        ("failed", "error", "INTERNAL"),
    ]


def test_warnings_of_the_package_are_logged_while_a_log_is_open(log: RunLog, tmp_path: Path) -> None:
    try:
        raise ValueError("deep inside")
    except ValueError:
        logging.getLogger("fluorite.search.upkeep").exception("upkeep failed")
    logging.getLogger("another.package").warning("not ours")
    (line,) = lines(tmp_path)
    assert (line["event"], line["level"]) == ("upkeep failed", "error")
    assert "ValueError: deep inside" in line["traceback"]
    log.close()
    assert not logging.getLogger("fluorite").handlers


def test_a_log_that_cannot_be_written_is_said_once_and_warnings_reach_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    log = RunLog(DailyFiles(tmp_path / "file" / "state", "learning", ".log", 90))
    log.write("learn", status="started")
    log.write("broken", logging.WARNING)
    log.close()
    told = capsys.readouterr().err.splitlines()
    assert "cannot be written" in told[0]
    assert [json.loads(line)["event"] for line in told[1:]] == ["broken"]


def test_a_result_in_brief_keeps_numbers_and_the_length_of_lists() -> None:
    given = {"a": {"b": [1, 2.5]}, "c": ["x"], "d": [], "e": list(range(17)), "f": Path("p"), 1: None}
    assert in_brief(given) == {"a": {"b": [1, 2.5]}, "c": 1, "d": 0, "e": 17, "f": "p", "1": None}
