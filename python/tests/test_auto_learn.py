from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.auto_learn_world import SETTINGS, World, reasons, statuses
from tests.git_world import AUTHOR, git, repository, write
from tests.web_site import serving

from fluorite.automation.run import describe_plan, plan_of
from fluorite.automation.state_folder import read_json, write_json
from fluorite.context import CallContext, Progress
from fluorite.errors import Cancelled, InvalidArgument, StoreError
from fluorite.store import ChunkStore


@pytest.fixture
def world(tmp_path: Path, store: ChunkStore) -> World:
    return World(tmp_path, store)


def test_a_run_collects_learns_and_exports(world: World) -> None:
    report = world.run()
    assert statuses(report) == {
        "collect": "done",
        "learn": "done",
        "export": "done",
        "train": "skipped",
        "commit": "skipped",
    }
    assert [(one.name, one.kind, one.status, one.files) for one in report.sources] == [
        ("notes", "folder", "done", 1),
        ("orders", "repository", "done", 1),
    ]
    assert world.learned == [("spikes", "spikes"), ("documents", "notes"), ("code", "orders")]
    ids = {chunk.id for chunk in world.store.page(limit=100).chunks}
    assert {"guide.md#signing-in", "src/orders.ts#listOrders"} <= ids
    assert report.steps[1].details["chunks_stored"] == len(ids)
    assert report.steps[2].details["chunks"] == len(ids)
    assert (world.state.learning_chunks / "manifest.json").is_file()
    assert not report.resumed


def test_a_second_run_finds_everything_as_it_was(world: World) -> None:
    first, second = world.run(), world.run()
    assert (first.run_id != second.run_id, second.resumed) == (True, False)
    assert second.steps[1].details["chunks_stored"] == 0
    assert second.sources[1].not_modified == 1


def test_a_failing_source_is_told_and_stops_nothing(world: World) -> None:
    world.sources(
        '[[folders]]\nname = "gone"\npath = "no-such-folder"\n'
        '[[repositories]]\nname = "nowhere"\nurl = "file:///no/such/repository"\n'
        '[[folders]]\nname = "notes"\npath = "notes"\nlearn = ["documents"]\n'
    )
    report = world.run()
    assert [one.status for one in report.sources] == ["failed", "done", "failed"]
    assert "no-such-folder" in str(report.sources[0].reason)
    assert statuses(report)["collect"] == statuses(report)["learn"] == "done"
    assert str(reasons(report)["collect"]).startswith("gone: The folder")
    assert ("documents", "notes") in world.learned


def test_a_step_that_fails_is_told_and_the_rest_is_done(world: World) -> None:
    def fail(learn_as: str, folder: Path) -> None:
        if learn_as == "documents":
            raise StoreError(f"{folder} cannot be stored. Make room.")

    world.before_learning = fail
    report = world.run()
    assert (statuses(report)["learn"], statuses(report)["export"]) == ("failed", "done")
    assert str(reasons(report)["learn"]) == f"notes: {world.base}/notes cannot be stored. Make room."
    assert world.learned == [("spikes", "spikes"), ("code", "orders")]


def test_a_run_that_was_interrupted_goes_on_with_what_is_not_done(world: World) -> None:
    context = CallContext()

    def stop(learn_as: str, _folder: Path) -> None:
        if learn_as == "code":
            context.cancel()
            context.check()

    world.before_learning = stop
    with pytest.raises(Cancelled):
        world.run(context)
    journal = read_json(world.state.journal(world.base / "memory"))
    assert journal["finished"] is False
    git(world.base / "origin", "commit", "-q", "--allow-empty", "-m", "later")
    world.before_learning = lambda _as, _folder: None
    world.learned.clear()
    report = world.run()
    assert (report.resumed, report.run_id) == (True, journal["run_id"])
    assert world.learned == [("code", "orders")]
    assert report.sources[1].details["commit"] != git(world.base / "origin", "rev-parse", "HEAD")
    assert [one["source"] for one in report.steps[1].details["learned"]] == [
        "spike_templates_path",
        "notes",
        "orders",
    ]
    assert world.run().resumed is False


def test_what_was_interrupted_long_ago_or_configured_otherwise_begins_anew(world: World) -> None:
    world.run()
    file = world.state.journal(world.base / "memory")
    interrupted = {**read_json(file), "finished": False}
    world.learned.clear()
    write_json(file, {**interrupted, "started_at": interrupted["started_at"] - 21 * 3600 * 1000})
    assert (world.run().resumed, len(world.learned)) == (False, 3)

    write_json(file, interrupted)
    world.sources('[[folders]]\nname = "notes"\npath = "spikes"\nlearn = ["spikes"]\n')
    report = world.run(templates=None)
    assert (report.resumed, report.sources[0].details["folder"]) == (True, str(world.base / "spikes"))


def test_a_damaged_journal_counts_as_none(world: World) -> None:
    world.run()
    world.state.journal(world.base / "memory").write_bytes(b'{"format": 1, "fini')
    assert world.run().resumed is False


def test_pages_are_learned_and_known_by_their_address(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("http_proxy", raising=False)
    with serving() as site:
        site.pages["/guide"] = "<main><h1>Streaming</h1><p>Send parts of an answer as they come.</p></main>"
        world.sources(
            f'[[pages]]\nname = "docs"\nurls = ["{site.url("/guide")}"]\nprivate_hosts = ["{site.host}"]\n'
        )
        report = world.run()
    assert report.sources[0].status == "done"
    (chunk,) = [one for one in world.store.page(limit=100).chunks if "Send parts" in str(one.content)]
    assert chunk.id == f"127.0.0.1-{site.port}/guide.md#streaming"
    assert f"source: {site.url('/guide')}" in str(chunk.content)


def test_progress_is_told_and_never_runs_backwards(world: World) -> None:
    told = list[Progress]()
    world.run(CallContext(told.append))
    stages = list(dict.fromkeys(one.stage for one in told))
    assert stages[0] == "fetch"
    assert {"fetch", "read", "write"} <= set(stages)
    collected = [(one.done, one.total) for one in told if one.stage == "fetch"]
    assert collected == sorted(collected)
    assert collected[-1] == (2, 2)


def test_the_learning_chunks_are_committed_where_that_is_asked_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in AUTHOR.items():
        monkeypatch.setenv(name, value)
    mine = world.base / "mine"
    repository(mine, {"README.md": "# Mine\n"})
    write(mine, {"README.md": "# Mine, changed\n"})
    report = world.run(repository=mine, commit=True)
    assert statuses(report)["commit"] == "done"
    committed = git(mine, "show", "--name-only", "--format=", "HEAD").split()
    assert all(name.startswith("learning-chunks/") for name in committed)
    assert report.steps[4].details == {
        "commit": git(mine, "rev-parse", "HEAD"),
        "branch": "main",
        "files": len(committed),
    }
    assert git(mine, "status", "--porcelain") == "M README.md"
    assert reasons(world.run(repository=mine, commit=True))["commit"] == "no learning chunk has changed"
    git(mine, "checkout", "-q", "--detach")
    write(world.base, {"notes/more.md": "# More\n\nAnother note.\n"})
    assert "git branch NAME" in str(reasons(world.run(repository=mine, commit=True))["commit"])
    assert statuses(world.run(repository=world.base / "notes", commit=True))["commit"] == "failed"


def test_a_commit_needs_a_repository(world: World) -> None:
    with pytest.raises(InvalidArgument, match="commit needs the repository"):
        plan_of(world.base, None, None, None, True, SETTINGS, world.state)


def test_a_dry_run_touches_nothing(world: World) -> None:
    report = describe_plan(world.plan())
    assert [one.status for one in report.sources] == ["planned", "planned"]
    assert set(statuses(report).values()) == {"skipped"}
    assert not world.state.path.exists()


def test_the_state_is_its_owners_alone(world: World) -> None:
    before = os.umask(0)
    try:
        world.run()
    finally:
        os.umask(before)
    state = world.state
    folders = [state.path, state.journal(world.base).parent, state.repository("orders")]
    files = [state.lock, state.journal(world.base / "memory")]
    assert {one.stat().st_mode & 0o777 for one in folders} == {0o700}
    assert {one.stat().st_mode & 0o777 for one in files} == {0o600}


def test_a_state_folder_that_cannot_be_made_is_named(world: World) -> None:
    (world.base / "state").write_text("in the way")
    with pytest.raises(StoreError, match=r"cannot be made.*FLUORITE_STATE_DIR"):
        world.run()
