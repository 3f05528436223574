"""What to collect from: the file `sources.toml`.

[[folders]]                      a folder of this machine
name = "notes"                   as it is called in reports and in the state folder
path = "~/notes"                 relative paths start at the file's own folder
learn = ["documents"]            "documents", "code", "spikes"; default: documents and code

[[repositories]]                 a Git repository, fetched without its history
name = "hono"
url = "https://example.com/honojs/hono.git"      https://, ssh://, user@host:path or file://
commit = "0123…"                 40 hexadecimal digits; or
ref = "main"                     a branch or tag; default: what the repository calls HEAD
folder = "docs"                  only this part of it
learn = ["documents", "code"]

[[pages]]                        pages, and no others: no link is followed
name = "hono-docs"
urls = ["https://hono.example/docs/routing"]
hosts = ["www.hono.example"]     hosts besides the URLs' own that a redirect may lead to
private_hosts = ["10.0.0.5:8080"]  hosts that may have an address of a private network

[[feeds]]                        RSS or Atom
name = "news"
url = "https://hono.example/feed.xml"
most_entries = 50
fetch_pages = true               the entries' pages, as far as their hosts are listed; default: false
hosts, private_hosts             as above
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from ..errors import InvalidConfiguration, PathNotFound, unknown_name
from .addresses import AllowedHosts, host_of

LearnAs = Literal["documents", "code", "spikes"]
SourceKind = Literal["folder", "repository", "pages", "feed"]

LEARN_AS: tuple[LearnAs, ...] = ("documents", "code", "spikes")
MOST_ENTRIES = 1000

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_REF = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/+@-]*")
_SCP_ADDRESS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*@[A-Za-z0-9][A-Za-z0-9_.-]*:[^:-][^:]*")


@dataclass(frozen=True, slots=True)
class FolderSource:
    name: str
    path: Path
    learn: tuple[LearnAs, ...]
    kind: SourceKind = "folder"


@dataclass(frozen=True, slots=True)
class RepositorySource:
    """`commit` or `ref` may be empty; without both it is the repository's HEAD."""

    name: str
    url: str
    commit: str
    ref: str
    folder: str
    learn: tuple[LearnAs, ...]
    kind: SourceKind = "repository"


@dataclass(frozen=True, slots=True)
class PagesSource:
    name: str
    urls: tuple[str, ...]
    hosts: AllowedHosts
    kind: SourceKind = "pages"


@dataclass(frozen=True, slots=True)
class FeedSource:
    name: str
    url: str
    most_entries: int
    fetch_pages: bool
    hosts: AllowedHosts
    kind: SourceKind = "feed"


Source = FolderSource | RepositorySource | PagesSource | FeedSource


def read_sources(file: Path) -> list[Source]:
    """The sources that a file lists, in its order by kind. Raises PathNotFound or InvalidConfiguration."""
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PathNotFound(
            f"The list of sources {str(file)!r} does not exist. Write it, or correct sources_path."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidConfiguration(f"{file}: the file cannot be read ({error}). Save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise InvalidConfiguration(f"{file}: not valid TOML: {error}. Correct that line.") from None
    sources = [
        reader(_Table(f"{file}: [[{kind}]] number {number}", entry, file.parent))
        for kind, entries in _known_kinds(file, document)
        for number, entry in enumerate(entries, 1)
        for reader in (_READERS[kind],)
    ]
    names = [source.name.lower() for source in sources]
    for name in names:
        if names.count(name) > 1:
            raise InvalidConfiguration(f"{file}: two sources are called {name!r}. Give each its own name.")
    return sources


def _known_kinds(file: Path, document: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    for kind in document:
        if kind not in _READERS:
            raise InvalidConfiguration(f"{file}: {unknown_name('kind of source', kind, _READERS)}")
        entries = document[kind]
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise InvalidConfiguration(f"{file}: {kind} is a list of tables. Write each as [[{kind}]].")
        yield kind, entries


class _Table:
    """One source's keys, each taken once and checked; errors say where they stand."""

    def __init__(self, where: str, values: Mapping[str, Any], base: Path) -> None:
        self._values = dict(values)
        self._known: list[str] = []
        self.base = base
        self._where = where
        self.name = self.text("name")
        self._where = f"{where} ({self.name})"
        if not _NAME.fullmatch(self.name):
            raise self.error("name", "1 to 64 letters, digits, - and _, the first no mark")

    def error(self, key: str, valid: str) -> InvalidConfiguration:
        given = repr(self._values[key]) if key in self._values else "missing"
        return InvalidConfiguration(f"{self._where}: {key} is {given}. It takes {valid}.")

    def text(self, key: str, default: str | None = None) -> str:
        value = self._take(key, default)
        if not isinstance(value, str) or "\0" in value or (default is None and not value.strip()):
            raise self.error(key, "a text")
        return value.strip()

    def texts(self, key: str, default: list[str] | None = None) -> list[str]:
        value = self._take(key, default)
        good = isinstance(value, list) and all(isinstance(one, str) and one.strip() for one in value)
        if not good or (default is None and not value):
            raise self.error(key, "a list of texts")
        return [one.strip() for one in cast(list[str], value)]

    def flag(self, key: str, default: bool) -> bool:
        value = self._take(key, default)
        if not isinstance(value, bool):
            raise self.error(key, "true or false")
        return value

    def whole(self, key: str, default: int, most: int) -> int:
        value = self._take(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
            raise self.error(key, f"a whole number from 1 to {most:,}")
        return value

    def learn(self) -> tuple[LearnAs, ...]:
        names = self.texts("learn", ["documents", "code"])
        if not names or not all(name in LEARN_AS for name in names):
            raise self.error("learn", f"a list of {', '.join(map(repr, LEARN_AS))}")
        return tuple(dict.fromkeys(cast(list[LearnAs], names)))

    def hosts(self, urls: list[str], key: str) -> AllowedHosts:
        """The hosts of the source: those of its URLs, which are checked here, and those listed."""
        own = [host_of(url) for url in urls]
        if None in own:
            raise self.error(key, "addresses that begin with https:// or http:// and name a host")
        listed, private = self.texts("hosts", []), self.texts("private_hosts", [])
        for name, given in (("hosts", listed), ("private_hosts", private)):
            if any(host_of(f"https://{host}/") is None or "/" in host for host in given):
                raise self.error(name, "hosts such as 'docs.example.com' or 'docs.example.com:8080'")
        return AllowedHosts.of([*(one for one in own if one is not None), *listed, *private], private)

    def no_more(self) -> None:
        for key in self._values:
            if key not in self._known:
                raise InvalidConfiguration(f"{self._where}: {unknown_name('key', key, self._known)}")

    def _take(self, key: str, default: Any) -> Any:
        self._known.append(key)
        return self._values.get(key, default)


def _folder(table: _Table) -> FolderSource:
    path = table.base / Path(table.text("path")).expanduser()
    source = FolderSource(table.name, path.absolute(), table.learn())
    table.no_more()
    return source


def _repository(table: _Table) -> RepositorySource:
    url, commit, ref = table.text("url"), table.text("commit", ""), table.text("ref", "")
    if not _is_repository(url):
        raise table.error("url", "an address that begins with https://, ssh:// or file://, or user@host:path")
    if commit and not _COMMIT.fullmatch(commit):
        raise table.error("commit", "the 40 hexadecimal digits of a commit")
    if ref and not _REF.fullmatch(ref):
        raise table.error("ref", "the name of a branch or tag")
    if commit and ref:
        raise table.error("ref", "nothing beside a commit: give one of the two")
    folder = table.text("folder", "")
    if folder.startswith("/") or ".." in Path(folder).parts:
        raise table.error("folder", "a path within the repository")
    source = RepositorySource(table.name, url, commit, ref, folder, table.learn())
    table.no_more()
    return source


def _is_repository(url: str) -> bool:
    if any(character.isspace() or not character.isprintable() for character in url):
        return False
    scheme, separator, rest = url.partition("://")
    if separator:
        return scheme in ("https", "ssh", "file") and bool(rest) and not rest.startswith("-")
    return _SCP_ADDRESS.fullmatch(url) is not None


def _pages(table: _Table) -> PagesSource:
    urls = table.texts("urls")
    source = PagesSource(table.name, tuple(dict.fromkeys(urls)), table.hosts(urls, "urls"))
    table.no_more()
    return source


def _feed(table: _Table) -> FeedSource:
    url = table.text("url")
    source = FeedSource(
        table.name,
        url,
        table.whole("most_entries", 50, MOST_ENTRIES),
        table.flag("fetch_pages", False),
        table.hosts([url], "url"),
    )
    table.no_more()
    return source


_READERS: dict[str, Callable[[_Table], Source]] = {
    "folders": _folder,
    "repositories": _repository,
    "pages": _pages,
    "feeds": _feed,
}
