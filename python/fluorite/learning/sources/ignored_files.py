"""Which files of a folder are nobody's own source: ignored by Git, installed, built or generated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

GITIGNORE = ".gitignore"


def _listed(text: str) -> list[str]:
    return text.split()


VENDORED_FOLDERS = frozenset(
    _listed(
        "node_modules bower_components jspm_packages web_modules vendor vendors third_party "
        "thirdparty site-packages dist-packages __pycache__ __pypackages__ venv virtualenv eggs Pods "
        "Carthage Godeps dist build out target coverage htmlcov storybook-static elm-stuff deps "
        "_build obj DerivedData __snapshots__ cdk.out"
    )
)
LOCK_FILES = frozenset(
    _listed(
        "package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml bun.lock bun.lockb deno.lock "
        "composer.lock poetry.lock pdm.lock uv.lock pipfile.lock cargo.lock gemfile.lock go.sum "
        "go.work.sum mix.lock pubspec.lock podfile.lock package.resolved packages.lock.json "
        "flake.lock gradle.lockfile .terraform.lock.hcl requirements.lock"
    )
)
HEAD_OF_A_FILE = 2000
"""Characters in which a generator says that it was here."""
SHORTEST_MINIFIED = 1000
LINE_OF_MINIFIED = 300
"""Mean length of a line above which no person has written it."""

_MINIFIED_NAME = re.compile(r"[.-]min\.(?:js|mjs|cjs|css)$|\.(?:bundle|chunk)\.(?:js|css)$", re.IGNORECASE)
_SOURCE_MAP = re.compile(r"\.(?:js|mjs|cjs|css|ts)\.map$", re.IGNORECASE)
_GENERATED_NAME = re.compile(
    r"_pb2(?:_grpc)?\.pyi?$|\.pb(?:\.gw)?\.go$|_pb\.(?:js|d\.ts|rb)$|\.g\.(?:dart|cs)$|\.freezed\.dart$"
    r"|\.designer\.cs$|\.generated\.\w+$|(?:^|/)(?:__generated__|generated)/|_generated\.\w+$|\.snap$",
    re.IGNORECASE,
)
_GENERATED_HEAD = re.compile(
    r"@generated\b|<auto-?generated|\bcode generated\b.{0,80}\bdo not edit\b"
    r"|\b(?:this|the)\s+(?:file|code|class|module)\s+(?:is|was|has been)\s+"
    r"(?:auto(?:matically)?[ -]?)?generated\b"
    r"|\bauto(?:matically)?[ -]generated\b.{0,80}\b(?:do not|don't)\s+(?:edit|modify|change)\b"
    r"|\bdo not (?:edit|modify)\b.{0,80}\bgenerated\b"
    r"|自動生成された(?:ファイル|コード)|自動生成.{0,40}編集しない",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class IgnoreRules:
    """The rules of one .gitignore file, for the paths that begin with `base`, which is "" or ends in "/"."""

    base: str
    spec: GitIgnoreSpec

    def verdict(self, path: str) -> bool | None:
        """True: ignored; False: taken back in; None: no rule of this file says anything."""
        return self.spec.check_file(path[len(self.base) :]).include


def read_rules(file: Path, base: str) -> IgnoreRules | None:
    """The rules of a .gitignore; None where there is none that can be read. A line that is no rule is
    passed over, as Git does."""
    try:
        lines = file.read_bytes().decode("utf-8-sig", errors="surrogateescape").splitlines()
    except OSError:
        return None
    return rules_of(lines, base)


def rules_of(lines: Iterable[str], base: str = "") -> IgnoreRules | None:
    """Rules from the lines of a .gitignore; None where no line is one."""
    from pathspec import GitIgnoreSpec

    given = [line for line in lines if line.strip() and not line.startswith("#")]
    if not given:
        return None
    try:
        return IgnoreRules(base, GitIgnoreSpec.from_lines(given))
    except ValueError:
        sound = [line for line in given if _is_rule(line)]
        return IgnoreRules(base, GitIgnoreSpec.from_lines(sound)) if sound else None


def is_ignored(path: str, rules: Sequence[IgnoreRules]) -> bool:
    """Whether Git ignores `path` (a folder's ends in "/"), none of whose parents it ignores. `rules` stand
    from the outermost folder to the innermost, whose last word counts."""
    for one in reversed(rules):
        verdict = one.verdict(path)
        if verdict is not None:
            return verdict
    return False


def rules_above(folder: Path) -> tuple[str, tuple[IgnoreRules, ...]]:
    """The path of `folder` from the root of the Git repository that it lies in, with "/" at its end, and
    the rules between them; ("", ()) outside a repository, and where the rules ignore `folder` itself:
    who names an ignored folder wants it."""
    root = next((parent for parent in (folder, *folder.parents) if (parent / ".git").exists()), folder)
    base, rules = "", tuple[IgnoreRules, ...]()
    for step in folder.relative_to(root).parts:
        own = read_rules(root / base / GITIGNORE, base)
        rules = (*rules, own) if own is not None else rules
        base += f"{step}/"
        if is_ignored(base, rules):
            return "", ()
    return base, rules


def reason_by_name(path: str) -> str | None:
    """Why a file is nobody's own source, as far as its name tells; None for one that may be."""
    name = path.rsplit("/", 1)[-1]
    if name.lower() in LOCK_FILES:
        return "lock file"
    if _MINIFIED_NAME.search(name) or _SOURCE_MAP.search(name):
        return "minified"
    return "generated" if _GENERATED_NAME.search(path) else None


def reason_by_text(text: str) -> str | None:
    """Why a text is nobody's own source; None for one that may be."""
    if _GENERATED_HEAD.search(text, 0, HEAD_OF_A_FILE):
        return "generated"
    if len(text) >= SHORTEST_MINIFIED and len(text) > LINE_OF_MINIFIED * (text.count("\n") + 1):
        return "minified"
    return None


def _is_rule(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
