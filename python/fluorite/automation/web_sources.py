"""Collecting listed pages and feeds as Markdown files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ..settings import AutoLearnSettings
from .addresses import AllowedHosts
from .collected_pages import CollectedPages, KnownPage, file_of
from .page_markdown import Page, page_of_html
from .robots import PoliteFetcher
from .source_failure import SourceFailure
from .sources import FeedSource, PagesSource
from .state_folder import StateFolder
from .web_client import NOT_MODIFIED, Answer

HTML = ("text/html", "application/xhtml+xml")
TEXT = ("text/markdown", "text/x-markdown", "text/plain")
FEED = (
    "application/rss+xml",
    "application/atom+xml",
    "application/rdf+xml",
    "application/xml",
    "text/xml",
)
KIB = 1024


@dataclass(slots=True)
class Gathered:
    """What collecting a source came to: the files that there are, their bytes, how many of them are as
    before, and what failed."""

    files: int = 0
    bytes: int = 0
    not_modified: int = 0
    failures: list[str] = field(default_factory=list)

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Notes a failure instead of passing it on."""
        try:
            yield
        except SourceFailure as failure:
            self.failures.append(str(failure))


@dataclass(frozen=True, slots=True)
class WebCollector:
    """Collects what is on the web for one run. Pages that this very run has fetched already are not fetched
    again; the others only if they have changed. `advance` is told how many of a source's pages are done."""

    fetcher: PoliteFetcher
    state: StateFolder
    settings: AutoLearnSettings
    run: str
    advance: Callable[[int], None]

    def pages(self, source: PagesSource) -> Gathered:
        """Raises SourceFailure where nothing could be had, or Cancelled."""
        gathered, kept = Gathered(), CollectedPages.of(self.state, source.name)
        try:
            for place, url in enumerate(source.urls):
                self.advance(place)
                with gathered.noting():
                    self._page(url, source.hosts, kept, gathered)
            kept.drop_all_but(set(source.urls))
        finally:
            kept.save()
        return _finished(gathered, kept)

    def feed(self, source: FeedSource) -> Gathered:
        """Raises SourceFailure where the feed cannot be had or read, or Cancelled."""
        gathered, kept = Gathered(), CollectedPages.of(self.state, source.name)
        headers = {**_accepting((*FEED, "*/*")), **kept.feed.conditions()}
        answer = self.fetcher.get(source.url, source.hosts, self._most_bytes, headers)
        if answer.status == NOT_MODIFIED:
            gathered.not_modified = len(kept.known)
            return _finished(gathered, kept)
        entries = feed_entries(answer)[: source.most_entries]
        try:
            for entry in entries:
                self.advance(0)
                with gathered.noting():
                    self._entry(entry, source, kept, gathered)
            if not gathered.failures:
                kept.feed = KnownPage("", answer.etag, answer.last_modified)
        finally:
            kept.save()
        return _finished(gathered, kept)

    def _entry(self, entry: FeedEntry, source: FeedSource, kept: CollectedPages, gathered: Gathered) -> None:
        if source.fetch_pages and source.hosts.allows(entry.url):
            self._page(entry.url, source.hosts, kept, gathered)
            return
        try:
            page = page_of_html(entry.html)
        except SourceFailure as failure:
            raise SourceFailure(f"{entry.url}: {failure}") from None
        text = f"# {entry.title}\n\n{page.text}" if entry.title else page.text
        before = kept.changed
        kept.keep(entry.url, Page(entry.title, "", text), KnownPage(file_of(entry.url), run=self.run))
        gathered.not_modified += kept.changed == before

    def _page(self, url: str, hosts: AllowedHosts, kept: CollectedPages, gathered: Gathered) -> None:
        known = kept.known.get(url)
        if known is not None and known.run == self.run:
            return
        headers = {**_accepting((*HTML, *TEXT)), **(known.conditions() if known else {})}
        answer = self.fetcher.get(url, hosts, self._most_bytes, headers)
        if answer.status == NOT_MODIFIED and known is not None:
            gathered.not_modified += 1
            kept.known[url] = KnownPage(known.file, known.etag, known.last_modified, self.run)
            return
        before = kept.changed
        state = KnownPage(file_of(url), answer.etag, answer.last_modified, self.run)
        kept.keep(url, _read_page(answer), state)
        gathered.not_modified += kept.changed == before

    @property
    def _most_bytes(self) -> int:
        return self.settings.max_page_kb * KIB


@dataclass(frozen=True, slots=True)
class FeedEntry:
    url: str
    title: str
    html: str


def feed_entries(answer: Answer) -> list[FeedEntry]:
    """The entries of a feed that have an address and a text, in its order. Raises SourceFailure."""
    import feedparser

    feed = feedparser.parse(
        answer.body,
        response_headers={"content-type": f"{answer.kind}; charset={answer.charset}".rstrip("= ")},
    )
    entries = [_feed_entry(entry) for entry in feed.entries]
    found = [entry for entry in entries if entry.url.startswith(("http://", "https://")) and entry.html]
    if not found:
        reason = f" ({feed.bozo_exception})" if feed.get("bozo") else ""
        raise SourceFailure(f"{answer.url}: no feed with entries that hold a text{reason}")
    return found


def _feed_entry(entry: Any) -> FeedEntry:
    contents = [one.get("value", "") for one in entry.get("content", [])]
    html = max((*contents, entry.get("summary", "")), key=len)
    return FeedEntry(str(entry.get("link", "")), " ".join(str(entry.get("title", "")).split()), str(html))


def _read_page(answer: Answer) -> Page:
    """The page in an answer. Raises SourceFailure."""
    if answer.kind in HTML:
        try:
            return page_of_html(answer.body, answer.charset)
        except SourceFailure as failure:
            raise SourceFailure(f"{answer.url}: {failure}") from None
    if answer.kind in TEXT:
        try:
            text = answer.body.decode(answer.charset or "utf-8-sig").replace("\r\n", "\n").strip()
        except (UnicodeDecodeError, LookupError) as error:
            raise SourceFailure(f"{answer.url}: {error}") from None
        if not text or "\0" in text:
            raise SourceFailure(f"{answer.url}: it holds no text")
        return Page("", "", text)
    kinds = ", ".join((*HTML, *TEXT))
    raise SourceFailure(f"{answer.url}: its type is {answer.kind or 'unknown'}; what is read is {kinds}")


def _finished(gathered: Gathered, kept: CollectedPages) -> Gathered:
    gathered.files, gathered.bytes = len(kept.known), kept.size()
    if gathered.failures and not kept.known:
        raise SourceFailure("; ".join(gathered.failures))
    return gathered


def _accepting(kinds: tuple[str, ...]) -> dict[str, str]:
    return {"Accept": ", ".join(kinds)}
