"""Committing the learning chunks, and nothing else, in somebody's repository."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ..context import CallContext
from .git_command import GitFailure, run_git
from .source_failure import SourceFailure

LEARNING_CHUNKS = "learning-chunks"

_UNDER_WAY = {
    "MERGE_HEAD": "a merge",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
    "BISECT_LOG": "a bisection",
}


@dataclass(frozen=True, slots=True)
class LearningCommit:
    """`commit` is empty where nothing had changed; `branch` is empty on a detached HEAD."""

    commit: str
    branch: str
    files: int


def commit_learning_chunks(folder: Path, message: str, context: CallContext) -> LearningCommit:
    """Commits `learning-chunks/` of a folder in a Git work tree as it is on the disk.

    The commit is made in an index of its own, so that what the user has staged or changed elsewhere is
    neither in it nor touched. No hook runs, because a hook may add files; nothing is signed or pushed.
    Raises SourceFailure, or Cancelled before anything is changed.
    """
    repository = _WorkTree(folder, context)
    repository.check()
    branch, parent = repository.branch(), repository.head()
    with tempfile.TemporaryDirectory(dir=repository.git_folder(), prefix="fluorite-") as scratch:
        index = {"GIT_INDEX_FILE": os.path.join(scratch, "index")}
        if parent:
            repository.git("read-tree", parent, environment=index)
        repository.add(index)
        tree = repository.text("write-tree", environment=index)
        if tree == (
            repository.text("rev-parse", f"{parent}^{{tree}}") if parent else repository.empty_tree()
        ):
            return LearningCommit("", branch, 0)
        changed = repository.changed_files(parent, tree)
        parents = ["-p", parent] if parent else []
        commit = repository.text("commit-tree", tree, *parents, given=message.encode())
    # From here on to the end whatever the caller wishes: half of it would leave an index of another commit.
    whole = _WorkTree(folder, CallContext())
    whole.git("update-ref", "-m", "commit: learning chunks", "HEAD", commit, parent or "0" * len(commit))
    whole.refresh_index(commit)
    return LearningCommit(commit, branch, changed)


@dataclass(frozen=True, slots=True)
class _WorkTree:
    folder: Path
    context: CallContext

    def check(self) -> None:
        """Raises SourceFailure where nothing can be committed here."""
        if not self.folder.is_dir():
            raise SourceFailure(f"the repository {str(self.folder)!r} does not exist; correct it")
        try:
            inside = self.text("rev-parse", "--is-inside-work-tree")
        except GitFailure as failure:
            raise SourceFailure(
                f"{str(self.folder)!r} is in no Git repository ({failure}); run git init there, or correct it"
            ) from None
        if inside != "true":
            raise SourceFailure(f"{str(self.folder)!r} is in no work tree of Git; give a folder that is")
        git_folder = self.git_folder()
        for name, what in _UNDER_WAY.items():
            if (git_folder / name).exists():
                raise SourceFailure(f"{what} is under way in {str(self.folder)!r}; finish it first")
        if (git_folder / "index.lock").exists():
            raise SourceFailure(
                f"another Git command is at work in {str(self.folder)!r} "
                f"(if none is, remove {str(git_folder / 'index.lock')!r})"
            )
        chunks = self.folder / LEARNING_CHUNKS
        if chunks.is_symlink() or not chunks.is_dir():
            raise SourceFailure(f"{str(chunks)!r} is no folder; the learning chunks are written there")

    def add(self, index: dict[str, str]) -> None:
        try:
            self.git("add", "--all", "--", LEARNING_CHUNKS, environment=index)
        except GitFailure as failure:
            if "ignored" in str(failure):
                raise SourceFailure(
                    f"a .gitignore leaves out {LEARNING_CHUNKS}/; take out that line, or do not commit"
                ) from None
            raise

    def head(self) -> str:
        try:
            return self.text("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        except GitFailure:
            return ""

    def branch(self) -> str:
        try:
            return self.text("symbolic-ref", "--short", "--quiet", "HEAD")
        except GitFailure:
            return ""

    def git_folder(self) -> Path:
        return Path(os.fsdecode(self.git("rev-parse", "--absolute-git-dir").rstrip(b"\n")))

    def empty_tree(self) -> str:
        return self.text("mktree")

    def changed_files(self, parent: str, tree: str) -> int:
        return self.git("diff-tree", "-r", "--name-only", "-z", parent or self.empty_tree(), tree).count(
            b"\0"
        )

    def refresh_index(self, commit: str) -> None:
        """Tells the user's own index of the commit, for those files alone."""
        try:
            self.git("reset", "--quiet", commit, "--", LEARNING_CHUNKS)
        except GitFailure as failure:
            raise SourceFailure(
                f"committed as {commit[:12]}, but the index could not be refreshed ({failure}); "
                f"run: git reset -- {LEARNING_CHUNKS}"
            ) from None

    def text(self, *arguments: str, environment: dict[str, str] | None = None, given: bytes = b"") -> str:
        return self.git(*arguments, environment=environment, given=given).decode(errors="replace").strip()

    def git(self, *arguments: str, environment: dict[str, str] | None = None, given: bytes = b"") -> bytes:
        return run_git(
            self.folder,
            ["-c", "advice.addIgnoredFile=false", "-c", "core.fsmonitor=false", *arguments],
            self.context,
            environment=environment,
            given=given,
            timeout=300,
        )
