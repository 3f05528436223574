"""The Markdown files that a source's pages are kept as, and what is remembered of each page."""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml

from .page_markdown import Page
from .state_folder import StateFolder, make_private, read_json, write_json, write_private

FORMAT = 1
LONGEST_NAME = 120

_PLAIN = re.compile(r"[^\w.~-]+")
_AMBIGUOUS = re.compile(r"__|//")


@dataclass(frozen=True, slots=True)
class KnownPage:
    """A page as it was when it was last fetched: its file, what the server said of it, and in which run."""

    file: str
    etag: str = ""
    last_modified: str = ""
    run: str = ""

    def conditions(self) -> dict[str, str]:
        """The headers that ask for the page only if it has changed."""
        given = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in given.items() if value}


@dataclass(slots=True)
class CollectedPages:
    """A source's pages, and the feed that they came by. `changed` counts the files that
    this run wrote."""

    folder: Path
    state: Path
    known: dict[str, KnownPage] = field(default_factory=dict)
    feed: KnownPage = KnownPage("")
    changed: int = 0

    @classmethod
    def of(cls, state: StateFolder, source: str) -> CollectedPages:
        folder, file = state.collected(source), state.collected_state(source)
        make_private(folder)
        stored = read_json(file)
        if stored.get("format") != FORMAT:
            return cls(folder, file)
        known = {url: KnownPage(**page) for url, page in stored["pages"].items()}
        there = {url: page for url, page in known.items() if (folder / page.file).is_file()}
        feed = KnownPage(**stored["feed"]) if len(there) == len(known) else KnownPage("")
        return cls(folder, file, there, feed)

    def keep(self, url: str, page: Page, known: KnownPage) -> None:
        """Writes a page where it differs from what is there, and remembers it."""
        front = {"title": page.title, "description": page.description, "source": url}
        header = yaml.safe_dump(
            {key: value for key, value in front.items() if value},
            allow_unicode=True,
            sort_keys=False,
            width=10_000,
        )
        data = f"---\n{header}---\n\n{page.text}\n".encode(errors="replace")
        if write_private(self.folder / known.file, data):
            self.changed += 1
        self.known[url] = known

    def drop_all_but(self, urls: set[str]) -> None:
        """Removes the pages of other URLs, and files that are nobody's."""
        self.known = {url: page for url, page in self.known.items() if url in urls}
        kept = {page.file for page in self.known.values()}
        for file in self.folder.rglob("*"):
            if file.is_file() and str(file.relative_to(self.folder)) not in kept:
                file.unlink()

    def size(self) -> int:
        """Bytes of all the files."""
        return sum((self.folder / page.file).stat().st_size for page in self.known.values())

    def save(self) -> None:
        pages = {url: asdict(page) for url, page in self.known.items()}
        write_json(self.state, {"format": FORMAT, "feed": asdict(self.feed), "pages": pages})


def file_of(url: str) -> str:
    """Where a page is kept: `<host>/<path>.md` with "__" for each "/" (a folder called build or dist would
    be passed over), and with a digest wherever that alone could stand for another URL too."""
    parts = urlsplit(url)
    path = parts.path.removeprefix("/")
    name = _PLAIN.sub("-", unquote(path, errors="replace").replace("/", "__")).strip(".-")
    exact = name and name == path.replace("/", "__") and not _AMBIGUOUS.search(path) and not parts.query
    if not exact or len(name.encode()) > LONGEST_NAME:
        cut = name.encode()[:LONGEST_NAME].decode(errors="ignore") or "index"
        name = f"{cut}-{hashlib.blake2b(url.encode(), digest_size=4).hexdigest()}"
    host = _PLAIN.sub("-", parts.netloc.lower()).strip(".-") or "host"
    return f"{host}/{name}.md"
