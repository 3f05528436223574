from __future__ import annotations

import multiprocessing
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from tests.auto_learn_world import World, statuses

from fluorite.automation.report import AutoLearnReport
from fluorite.automation.run_lock import run_lock
from fluorite.context import CallContext
from fluorite.errors import Cancelled, RunInProgress
from fluorite.store import ChunkStore


@pytest.fixture
def world(tmp_path: Path, store: ChunkStore) -> World:
    return World(tmp_path, store)


def test_a_second_run_at_once_says_who_holds_the_lock(world: World) -> None:
    entered, leave = threading.Event(), threading.Event()

    def hold(_as: str, _folder: Path) -> None:
        entered.set()
        leave.wait(30)

    world.before_learning = hold
    first = threading.Thread(target=world.run)
    first.start()
    assert entered.wait(30)
    with pytest.raises(RunInProgress, match=rf"process {os.getpid()}, since 20\d\d-.*memory'"):
        world.run()
    world.before_learning = lambda _as, _folder: None
    reports = list[AutoLearnReport]()
    second = threading.Thread(target=lambda: reports.append(world.run(wait=True)))
    second.start()
    time.sleep(0.3)
    assert reports == []
    leave.set()
    first.join()
    second.join()
    assert reports[0].resumed is False


def test_who_waits_can_give_up(world: World) -> None:
    context = CallContext()
    with run_lock(world.state.lock, {"memory_path": "x"}, False, CallContext()):
        threading.Timer(0.2, context.cancel).start()
        with pytest.raises(Cancelled):
            world.run(context, wait=True)


def _hold_and_die(file: Path, taken: Any) -> None:
    with run_lock(file, {"memory_path": "/of/a/dead/process"}, False, CallContext()):
        taken.set()
        time.sleep(60)


def test_the_lock_of_a_process_that_died_holds_nobody(world: World) -> None:
    processes = multiprocessing.get_context("spawn")
    taken = processes.Event()
    other = processes.Process(target=_hold_and_die, args=(world.state.lock, taken))
    other.start()
    assert taken.wait(30)
    with pytest.raises(RunInProgress, match=rf"process {other.pid}, .*/of/a/dead/process"):
        world.run()
    other.kill()
    other.join()
    assert "/of/a/dead/process" in world.state.lock.read_text()
    assert statuses(world.run())["learn"] == "done"
