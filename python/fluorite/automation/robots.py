"""What a host's robots.txt allows (RFC 9309), and fetching that obeys it, redirects included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .addresses import AllowedHosts
from .source_failure import SourceFailure
from .web_client import AGENT, MOST_REDIRECTS, NOT_MODIFIED, REDIRECTS, Answer, TooLarge, WebClient

if TYPE_CHECKING:
    from protego import Protego

LARGEST_ROBOTS = 512 * 1024
"""Bytes; what is beyond is not read (RFC 9309 asks for at least 500 KiB)."""


@dataclass(frozen=True, slots=True)
class _Rules:
    """A host's rules; None where there are none, and everything is allowed."""

    rules: Protego | None

    def allow(self, url: str) -> bool:
        return self.rules is None or bool(self.rules.can_fetch(url, AGENT))

    def delay(self) -> float:
        asked = None if self.rules is None else self.rules.crawl_delay(AGENT)
        return float(asked or 0)


class PoliteFetcher:
    """Fetches pages of listed hosts as their robots.txt allows, at least `delay` seconds apart."""

    def __init__(self, client: WebClient, delay: float) -> None:
        self._client = client
        self._delay = delay
        self._rules: dict[str, _Rules | SourceFailure] = {}

    def get(
        self, url: str, hosts: AllowedHosts, most_bytes: int, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """The page at `url`, of status 200 or 304. Raises SourceFailure or Cancelled."""
        here = url.partition("#")[0]
        for _ in range(MOST_REDIRECTS + 1):
            rules = self._rules_for(here, hosts)
            if not rules.allow(here):
                raise SourceFailure(f"{here}: robots.txt does not allow it")
            delay = max(self._delay, rules.delay())
            answer = self._client.request(here, hosts, most_bytes, delay, headers)
            if answer.status not in REDIRECTS:
                if answer.status not in (200, NOT_MODIFIED):
                    raise SourceFailure(f"{here}: the server answered {answer.status}")
                return answer
            here = _next(here, answer, hosts)
        raise SourceFailure(f"{url}: redirected more than {MOST_REDIRECTS} times")

    def _rules_for(self, url: str, hosts: AllowedHosts) -> _Rules:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._rules:
            try:
                self._rules[origin] = self._read_rules(f"{origin}/robots.txt", hosts)
            except SourceFailure as failure:
                self._rules[origin] = failure
        known = self._rules[origin]
        if isinstance(known, SourceFailure):
            raise known
        return known

    def _read_rules(self, url: str, hosts: AllowedHosts) -> _Rules:
        from protego import Protego

        here = url
        for _ in range(MOST_REDIRECTS + 1):
            try:
                answer = self._client.request(here, hosts, LARGEST_ROBOTS, self._delay)
                body = answer.body
            except TooLarge as error:
                return _Rules(Protego.parse(error.head.decode(errors="replace")))
            if answer.status in REDIRECTS:
                here = _next(here, answer, hosts)
                continue
            if 400 <= answer.status < 500:
                return _Rules(None)
            if answer.status != 200:
                raise SourceFailure(
                    f"{here}: the server answered {answer.status}; without its rules nothing is fetched"
                )
            return _Rules(Protego.parse(body.decode("utf-8-sig", errors="replace")))
        raise SourceFailure(f"{url}: redirected more than {MOST_REDIRECTS} times")


def _next(here: str, answer: Answer, hosts: AllowedHosts) -> str:
    """Where a redirect leads. Raises SourceFailure where it may not be followed."""
    target = answer.url.partition("#")[0]
    if target == here:
        raise SourceFailure(f"{here}: redirected to itself")
    if not hosts.allows(target):
        raise SourceFailure(f"{here}: redirected to {target}, whose host is not listed; add it to hosts")
    if here.startswith("https:") and not target.startswith("https:"):
        raise SourceFailure(f"{here}: redirected to {target}, which is not encrypted")
    return target
