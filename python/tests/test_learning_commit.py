from __future__ import annotations

from pathlib import Path

import pytest
from tests.git_world import AUTHOR, commit, git, repository, write

from fluorite.automation.learning_commit import LearningCommit, commit_learning_chunks
from fluorite.automation.source_failure import SourceFailure
from fluorite.context import CallContext

CHUNKS = {"learning-chunks/a.jsonl": '{"id": "a"}\n', "learning-chunks/manifest.json": "{}\n"}


@pytest.fixture(autouse=True)
def _author(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in AUTHOR.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    repository(folder, {"README.md": "# Mine\n", "src/a.ts": "export {};\n"})
    return folder


def made(folder: Path) -> LearningCommit:
    return commit_learning_chunks(folder, "Update learning chunks\n", CallContext())


def files_of(folder: Path, revision: str = "HEAD") -> list[str]:
    return git(folder, "show", "--name-only", "--format=", revision).split()


def test_only_the_learning_chunks_are_committed_and_all_else_stays_as_it_was(work: Path) -> None:
    write(work, {**CHUNKS, "src/a.ts": "export const changed = 1;\n", "staged.md": "# Staged\n"})
    git(work, "add", "staged.md")
    write(work, {"staged.md": "# Staged, then changed\n", "stray.md": "# Stray\n"})
    git(work, "rm", "-q", "--cached", "README.md")
    before = git(work, "status", "--porcelain", "--", ":!learning-chunks")
    done = made(work)
    assert (done.branch, done.files, done.commit) == ("main", 2, git(work, "rev-parse", "HEAD"))
    assert files_of(work) == sorted(CHUNKS)
    assert git(work, "status", "--porcelain") == before
    assert git(work, "show", ":staged.md") == "# Staged"
    assert git(work, "log", "-1", "--format=%s") == "Update learning chunks"


def test_chunks_that_are_gone_are_gone_from_the_commit_too(work: Path) -> None:
    write(work, CHUNKS)
    made(work)
    (work / "learning-chunks" / "a.jsonl").unlink()
    made(work)
    assert (
        git(work, "ls-tree", "-r", "--name-only", "HEAD", "learning-chunks")
        == "learning-chunks/manifest.json"
    )


def test_nothing_is_committed_where_nothing_has_changed(work: Path) -> None:
    write(work, CHUNKS)
    first = made(work)
    assert made(work).commit == ""
    assert git(work, "rev-parse", "HEAD") == first.commit


def test_a_detached_head_and_a_repository_without_commits_serve(work: Path, tmp_path: Path) -> None:
    git(work, "checkout", "-q", "--detach")
    write(work, CHUNKS)
    done = made(work)
    assert (done.branch, git(work, "rev-parse", "HEAD")) == ("", done.commit)
    assert git(work, "rev-parse", "main") != done.commit

    empty = tmp_path / "empty"
    empty.mkdir()
    git(empty, "init", "-q", "-b", "main")
    write(empty, {**CHUNKS, "other.md": "# Not committed\n"})
    assert made(empty).files == 2
    assert git(empty, "status", "--porcelain") == "?? other.md"


def test_a_folder_within_a_repository_and_a_linked_work_tree_serve(work: Path, tmp_path: Path) -> None:
    write(work, {f"packages/engine/{name}": text for name, text in CHUNKS.items()})
    write(work, CHUNKS)
    made(work / "packages" / "engine")
    assert files_of(work) == [f"packages/engine/{name}" for name in sorted(CHUNKS)]
    git(work, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    write(tmp_path / "side", CHUNKS)
    assert made(tmp_path / "side").branch == "side"


def test_no_hook_runs(work: Path) -> None:
    for name in ("pre-commit", "commit-msg", "post-commit", "reference-transaction"):
        hook = work / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\ntouch ran\nexit 1\n")
        hook.chmod(0o755)
    write(work, CHUNKS)
    made(work)
    assert not (work / "ran").exists()


def test_what_stands_in_the_way_is_named(work: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceFailure, match="learning-chunks' is no folder"):
        made(work)
    with pytest.raises(SourceFailure, match="does not exist"):
        made(tmp_path / "nowhere")
    outside = tmp_path / "outside"
    write(outside, CHUNKS)
    with pytest.raises(SourceFailure, match="is in no Git repository"):
        made(outside)
    bare = tmp_path / "bare.git"
    bare.mkdir()
    git(bare, "init", "-q", "--bare")
    with pytest.raises(SourceFailure, match="is in no work tree"):
        made(bare)
    (work / "learning-chunks").symlink_to(outside / "learning-chunks")
    with pytest.raises(SourceFailure, match="is no folder"):
        made(work)


def test_an_ignored_folder_is_named(work: Path) -> None:
    head = commit(work, {".gitignore": "learning-chunks/\n"})
    write(work, CHUNKS)
    with pytest.raises(SourceFailure, match=r"\.gitignore leaves out learning-chunks/"):
        made(work)
    assert git(work, "rev-parse", "HEAD") == head


def test_nothing_is_committed_into_a_merge_or_beside_another_git(work: Path) -> None:
    write(work, CHUNKS)
    (work / ".git" / "MERGE_HEAD").write_text(git(work, "rev-parse", "HEAD") + "\n")
    with pytest.raises(SourceFailure, match="a merge is under way"):
        made(work)
    (work / ".git" / "MERGE_HEAD").unlink()
    (work / ".git" / "index.lock").touch()
    with pytest.raises(SourceFailure, match="another Git command is at work"):
        made(work)


def test_a_missing_identity_is_told_in_gits_words(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in AUTHOR:
        if "CONFIG" not in name:
            monkeypatch.delenv(name)
    git(work, "config", "user.useConfigOnly", "true")
    write(work, CHUNKS)
    before = git(work, "rev-parse", "HEAD")
    with pytest.raises(SourceFailure, match="git commit-tree"):
        made(work)
    assert git(work, "rev-parse", "HEAD") == before
