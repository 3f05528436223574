"""A repository's files as a source: one commit, without history, kept between runs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..context import CallContext
from ..settings import MEBIBYTE
from .git_command import GitFailure, run_git
from .source_failure import SourceFailure
from .sources import RepositorySource
from .state_folder import make_private

LONGEST_FETCH = 1800.0
"""Seconds."""
NO_COMMIT = ""

_ISOLATED = {
    # A user's settings may name filters, helpers and rewritten addresses, which are programs and hosts that
    # nobody listed.
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_LFS_SKIP_SMUDGE": "1",
    "GIT_OPTIONAL_LOCKS": "0",
}
_SETTINGS = (
    "credential.helper=",
    "core.symlinks=false",
    "core.fsmonitor=false",
    "core.autocrlf=false",
    "core.attributesFile=/dev/null",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "advice.detachedHead=false",
    "http.followRedirects=false",
)


@dataclass(frozen=True, slots=True)
class CheckedOut:
    """`folder` is what is to be learned of the repository; `changed` whether the commit is another than
    before."""

    folder: Path
    commit: str
    changed: bool


def check_out(source: RepositorySource, place: Path, most_bytes: int, context: CallContext) -> CheckedOut:
    """Brings `place` to the source's commit; asks the other side only for what is not there.

    Nothing is ever sent to the repository, nothing in it is run, no submodule is fetched, and symbolic links
    become plain files. Raises SourceFailure or Cancelled.
    """
    repository = _Repository(source, place, most_bytes, context)
    repository.prepare()
    commit = source.commit or repository.remote_commit()
    before = repository.present_commit()
    if commit != before:
        repository.fetch(commit)
        repository.check_size(commit)
    try:
        repository.materialize(commit)
    except GitFailure:
        # The kept copy may have been damaged: it is disposable.
        shutil.rmtree(place, ignore_errors=True)
        repository.prepare()
        repository.fetch(commit)
        repository.check_size(commit)
        repository.materialize(commit)
    if commit != before:
        repository.drop_others()
    folder = place / source.folder
    if not folder.is_dir():
        raise SourceFailure(
            f"commit {commit[:12]} has no folder {source.folder!r}; correct the source's folder"
        )
    return CheckedOut(folder, commit, commit != before)


@dataclass(frozen=True, slots=True)
class _Repository:
    source: RepositorySource
    place: Path
    most_bytes: int
    context: CallContext

    def prepare(self) -> None:
        """Makes an empty repository where there is none, or one of another address."""
        if (self.place / ".git").is_dir() and self._address() == self.source.url:
            # What a run that was killed has left; the run's own lock keeps others away.
            for left in (*self.place.glob(".git/*.lock"), *self.place.glob(".git/objects/pack/tmp_*")):
                left.unlink()
            return
        shutil.rmtree(self.place, ignore_errors=True)
        make_private(self.place)
        self._git("init", "--quiet", "--template=", "--initial-branch=kept", ".")
        self._git("config", "fluorite.address", self.source.url)

    def remote_commit(self) -> str:
        """The commit that the source's branch, tag or HEAD is at the other side."""
        wanted = self.source.ref or "HEAD"
        names = [wanted, f"{wanted}^{{}}"] if wanted != "HEAD" else ["HEAD"]
        listed = self._git("ls-remote", "--", self.source.url, *names, timeout=120).decode(errors="replace")
        commits = {name: commit for commit, _, name in (line.partition("\t") for line in listed.splitlines())}
        for name in (
            f"refs/heads/{wanted}",
            f"refs/tags/{wanted}^{{}}",
            f"refs/tags/{wanted}",
            wanted,
        ):
            if name in commits:
                return commits[name]
        raise SourceFailure(f"{self.source.url} has no branch or tag {wanted!r}; correct the source's ref")

    def present_commit(self) -> str:
        try:
            return self._git("rev-parse", "--verify", "--quiet", "HEAD^{commit}").decode().strip()
        except GitFailure:
            return NO_COMMIT

    def fetch(self, commit: str) -> None:
        self._git(
            *("fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules"),
            *("--no-write-fetch-head", "--", self.source.url, commit),
            timeout=LONGEST_FETCH,
            watch=self._watch_size,
        )

    def check_size(self, commit: str) -> None:
        """Refuses a commit whose files are together larger than allowed, before they are written."""
        listed = self._git("ls-tree", "-r", "-l", "-z", commit)
        sizes = (entry.split(None, 4)[3] for entry in listed.split(b"\0") if entry)
        if sum(int(size) for size in sizes if size.isdigit()) > self.most_bytes:
            raise self._too_large()

    def materialize(self, commit: str) -> None:
        """Makes the files those of the commit; files that have not changed keep their time."""
        self._git("checkout", "--quiet", "--force", "--detach", commit, timeout=LONGEST_FETCH)
        self._git("clean", "--quiet", "-ffdx")

    def drop_others(self) -> None:
        """Removes what earlier commits have left."""
        self._git("reflog", "expire", "--expire=now", "--all")
        self._git("gc", "--quiet", "--prune=now", timeout=LONGEST_FETCH)

    def _address(self) -> str:
        try:
            return self._git("config", "--get", "fluorite.address").decode(errors="replace").strip()
        except GitFailure:
            return ""

    def _watch_size(self) -> None:
        total = 0
        for folder, _, files in os.walk(self.place / ".git"):
            for file in files:
                try:
                    total += os.lstat(os.path.join(folder, file)).st_size
                except OSError:
                    continue
        if total > self.most_bytes:
            raise self._too_large()

    def _too_large(self) -> SourceFailure:
        most = self.most_bytes // MEBIBYTE
        return SourceFailure(f"{self.source.url} is larger than {most:,} MiB; raise max_repository_mb")

    def _git(self, *arguments: str, timeout: float = 120, watch: Callable[[], None] = lambda: None) -> bytes:
        scheme = self.source.url.partition("://")[0] if "://" in self.source.url else "ssh"
        environment = {
            **_ISOLATED,
            "GIT_ALLOW_PROTOCOL": scheme,
            "GIT_CEILING_DIRECTORIES": str(self.place.parent),
        }
        if "GIT_SSH_COMMAND" not in os.environ:
            environment["GIT_SSH_COMMAND"] = "ssh -o BatchMode=yes"
        settings = [word for setting in _SETTINGS for word in ("-c", setting)]
        return run_git(
            self.place,
            [*settings, *arguments],
            self.context,
            environment=environment,
            timeout=timeout,
            watch=watch,
        )
