from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path

import pytest
from tests.git_world import commit, git, repository

from fluorite.automation.git_command import GitFailure, run_git
from fluorite.automation.git_repository import CheckedOut, check_out
from fluorite.automation.source_failure import SourceFailure
from fluorite.automation.sources import RepositorySource
from fluorite.context import CallContext
from fluorite.errors import Cancelled
from fluorite.settings import MEBIBYTE

FILES = {
    "README.md": "# Orders\n",
    "docs/guide.md": "# Guide\n",
    "src/orders.ts": "export const orders = 1;\n",
}


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    folder = tmp_path / "origin"
    repository(folder, FILES)
    return folder


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "state" / "repositories" / "orders"


def source(origin: Path, commit: str = "", ref: str = "", folder: str = "") -> RepositorySource:
    return RepositorySource("orders", f"file://{origin}", commit, ref, folder, ("documents", "code"))


def fetched(source: RepositorySource, place: Path, most_bytes: int = 64 * MEBIBYTE) -> CheckedOut:
    return check_out(source, place, most_bytes, CallContext())


def test_a_branch_is_fetched_by_its_commit_without_history(origin: Path, place: Path) -> None:
    second = commit(origin, {"docs/guide.md": "# Second guide\n"})
    there = fetched(source(origin, ref="main"), place)
    assert (there.commit, there.changed, there.folder) == (second, True, place)
    assert (place / "docs" / "guide.md").read_text() == "# Second guide\n"
    assert git(place, "rev-list", "--count", "HEAD") == "1"
    assert place.stat().st_mode & 0o777 == 0o700


def test_a_commit_that_is_there_is_not_asked_for_again(origin: Path, place: Path, tmp_path: Path) -> None:
    first = git(origin, "rev-parse", "HEAD")
    commit(origin, {"README.md": "# Changed\n"})
    assert fetched(source(origin, commit=first), place).changed
    assert (place / "README.md").read_text() == "# Orders\n"
    origin.rename(tmp_path / "away")
    there = fetched(source(origin, commit=first), place)
    assert (there.commit, there.changed) == (first, False)


def test_what_changed_is_followed_and_what_did_not_keeps_its_time(origin: Path, place: Path) -> None:
    fetched(source(origin), place)
    before = (place / "src" / "orders.ts").stat().st_mtime_ns
    git(origin, "rm", "-q", "README.md")
    second = commit(origin, {"docs/guide.md": "# Rewritten\n"})
    there = fetched(source(origin), place)
    assert (there.commit, there.changed) == (second, True)
    assert not (place / "README.md").exists()
    assert (place / "docs" / "guide.md").read_text() == "# Rewritten\n"
    assert (place / "src" / "orders.ts").stat().st_mtime_ns == before
    assert git(place, "count-objects", "-v").count("count: 0") == 1


def test_tags_are_followed_to_their_commit(origin: Path, place: Path) -> None:
    first = git(origin, "rev-parse", "HEAD")
    git(origin, "tag", "-a", "v1", "-m", "one")
    commit(origin, {"README.md": "# Later\n"})
    assert fetched(source(origin, ref="v1"), place).commit == first


def test_only_the_folder_that_is_named_is_learned(origin: Path, place: Path) -> None:
    assert fetched(source(origin, folder="docs"), place).folder == place / "docs"
    with pytest.raises(SourceFailure, match="has no folder 'nowhere'"):
        fetched(source(origin, folder="nowhere"), place)


def test_nothing_in_a_repository_is_run_and_links_lead_nowhere(
    origin: Path, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = tmp_path / "ran"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\necho \"$0\" >> '{ran}'\ncat\n")
    program.chmod(0o755)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("post-checkout", "reference-transaction", "post-index-change"):
        (hooks / name).symlink_to(program)
    settings = tmp_path / "gitconfig"
    settings.write_text(
        f'[core]\nhooksPath = {hooks}\nfsmonitor = {program}\n[filter "run"]\nsmudge = {program}\n'
        f'[credential]\nhelper = {program}\n[url "file:///elsewhere"]\ninsteadOf = file://\n'
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    (origin / "link.md").symlink_to("/etc/passwd")
    monkeypatch.delenv("GIT_DIR")
    commit(origin, {".gitattributes": "*.md filter=run\n", "docs/other.md": "# Other\n"})
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    fetched(source(origin), place)
    assert not ran.exists()
    assert not (place / "link.md").is_symlink()
    assert (place / "link.md").read_text() == "/etc/passwd"


def test_submodules_are_not_fetched(origin: Path, place: Path, tmp_path: Path) -> None:
    repository(tmp_path / "inner", {"secret.md": "# Inner\n"})
    git(
        origin, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(tmp_path / "inner"), "inner"
    )
    commit(origin, {})
    fetched(source(origin), place)
    assert list((place / "inner").iterdir()) == []


def test_a_damaged_copy_is_made_again(origin: Path, place: Path) -> None:
    fetched(source(origin), place)
    for pack in (place / ".git" / "objects").rglob("*"):
        if pack.is_file():
            pack.chmod(0o600)
            pack.write_bytes(b"damaged")
    (place / "README.md").unlink()
    (place / "stray.md").write_text("# not of the repository\n")
    fetched(source(origin), place)
    assert (place / "README.md").read_text() == "# Orders\n"
    assert not (place / "stray.md").exists()


def test_a_repository_that_is_too_large_is_refused(origin: Path, place: Path) -> None:
    commit(origin, {"zeros.txt": "0" * 3 * MEBIBYTE})
    with pytest.raises(SourceFailure, match="larger than 1 MiB; raise max_repository_mb"):
        fetched(source(origin), place, MEBIBYTE)
    assert not (place / "zeros.txt").exists()


def test_a_fetch_is_stopped_when_it_grows_too_large(origin: Path, place: Path) -> None:
    (origin / "noise.bin").write_bytes(os.urandom(24 * MEBIBYTE))
    commit(origin, {})
    with pytest.raises(SourceFailure, match="larger than 1 MiB"):
        fetched(source(origin), place, MEBIBYTE)
    assert not list(place.glob(".git/objects/pack/*.pack"))


@pytest.mark.parametrize(
    ("url", "ref", "told"),
    [
        ("file:///no/such/repository", "", "git ls-remote: fatal"),
        ("https://127.0.0.1:9/x.git", "", "git ls-remote: fatal"),
        ("ssh://git@127.0.0.1:9/x.git", "", "git ls-remote: "),
        (None, "no-such-branch", "has no branch or tag 'no-such-branch'; correct the source's ref"),
    ],
)
def test_what_cannot_be_fetched_is_told_without_asking_anybody(
    origin: Path, place: Path, url: str | None, ref: str, told: str
) -> None:
    asked = RepositorySource("orders", url or f"file://{origin}", "", ref, "", ("code",))
    started = time.monotonic()
    with pytest.raises(SourceFailure, match=told):
        fetched(asked, place)
    assert time.monotonic() - started < 30


def test_git_that_hangs_is_ended_with_all_it_started(tmp_path: Path) -> None:
    mark = "86399.5"
    hang = ["-c", f"alias.hang=!sleep {mark}", "hang"]
    with pytest.raises(SourceFailure, match=r"did not finish within 0\.3 s"):
        run_git(tmp_path, hang, CallContext(), timeout=0.3)
    context = CallContext()
    threading.Timer(0.3, context.cancel).start()
    with pytest.raises(Cancelled):
        run_git(tmp_path, hang, context, timeout=60)
    end = time.monotonic() + 30
    while _running(mark) and time.monotonic() < end:
        time.sleep(0.05)
    assert _running(mark) == b""


def _running(mark: str) -> bytes:
    """The processes that sleep that long; one that was killed may take a moment to be gone."""
    return subprocess.run(["pgrep", "-f", f"sleep {mark}"], capture_output=True, check=False).stdout


def test_gits_own_words_are_told(tmp_path: Path) -> None:
    with pytest.raises(GitFailure, match=r"git rev-parse: fatal: .*not a git repository") as caught:
        run_git(tmp_path, ["rev-parse", "HEAD"], CallContext(), environment={"GIT_CEILING_DIRECTORIES": "/"})
    assert caught.value.status == 128
