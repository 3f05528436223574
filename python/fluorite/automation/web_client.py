"""Fetching over HTTP with good manners: only listed hosts, as robots.txt allows, one request at a time."""

from __future__ import annotations

import socket
import ssl
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from .. import __version__
from ..context import CallContext
from ..settings import AutoLearnSettings
from .addresses import DEFAULT_PORTS, AllowedHosts, host_of, is_public
from .source_failure import SourceFailure
from .waiting import await_work, pause

if TYPE_CHECKING:
    import httpx2

AGENT = "FluoriteMemory"
"""The name that a robots.txt may use."""
USER_AGENT = f"{AGENT}/{__version__} (documentation reader; obeys robots.txt)"
MOST_REDIRECTS = 5
LONGEST_DOWNLOAD = 10
"""Times the time-out that one answer may take in all."""
REDIRECTS = (301, 302, 303, 307, 308)
NOT_MODIFIED = 304


@dataclass(frozen=True, slots=True)
class Answer:
    """`url` is the one that was asked, or where a redirect leads; `kind` is the media type in lower case.
    `charset`, `etag` and `last_modified` may be empty."""

    url: str
    status: int
    kind: str
    charset: str
    body: bytes
    etag: str
    last_modified: str


class TooLarge(SourceFailure):
    """An answer above its limit; `head` is what had come till then."""

    def __init__(self, message: str, head: bytes) -> None:
        super().__init__(message)
        self.head = head


class WebClient:
    """One run's client: it remembers when each host was last asked."""

    def __init__(self, settings: AutoLearnSettings, context: CallContext) -> None:
        self._settings = settings
        self._context = context
        self._clients: dict[str | None, httpx2.Client] = {}
        self._asked: dict[str, float] = {}

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def request(
        self,
        url: str,
        hosts: AllowedHosts,
        most_bytes: int,
        delay: float,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request, `delay` seconds after the last one to that host; redirects are the caller's.

        A host that is not listed is not asked, nor one that has a private address unless it is listed for
        that; the address that was checked is the one that is connected to. Raises SourceFailure, or
        Cancelled.
        """
        host = host_of(url)
        if host is None:
            raise SourceFailure(f"{url} is no http or https address")
        if not hosts.allows(url):
            raise SourceFailure(f"{url}: the host {host} is not listed; add it to the source's hosts")
        self._wait_for_turn(host, delay)
        longest = self._settings.timeout_seconds * LONGEST_DOWNLOAD
        try:
            return await_work(
                lambda: self._send(url, hosts, most_bytes, headers or {}), longest, self._context
            )
        except TimeoutError:
            raise SourceFailure(f"{url}: not complete within {longest:g} s") from None
        finally:
            self._asked[host] = time.monotonic()

    def _wait_for_turn(self, host: str, delay: float) -> None:
        if host in self._asked:
            pause(self._asked[host] + delay - time.monotonic(), self._context)
        self._context.check()

    def _send(self, url: str, hosts: AllowedHosts, most_bytes: int, headers: Mapping[str, str]) -> Answer:
        import httpx2

        failure = SourceFailure(f"{url}: no address")
        for target, more in self._targets(url, hosts):
            try:
                return self._receive(url, target, most_bytes, {**headers, **more})
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                failure = SourceFailure(f"{url}: cannot connect ({_reason(error)})")
            except httpx2.TimeoutException:
                waited = self._settings.timeout_seconds
                raise SourceFailure(f"{url}: no answer within {waited:g} s") from None
            except (httpx2.HTTPError, httpx2.InvalidURL, ssl.SSLError, OSError, ValueError) as error:
                raise SourceFailure(f"{url}: {_reason(error)}") from None
        raise failure

    def _targets(self, url: str, hosts: AllowedHosts) -> Iterator[tuple[_Target, Mapping[str, str]]]:
        """What to connect to, in turn: the host's checked addresses, or a proxy that looks them up itself."""
        parts = urlsplit(url)
        name, port = parts.hostname or "", parts.port or DEFAULT_PORTS[parts.scheme]
        proxy = _proxy_for(parts.scheme, name)
        try:
            found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            if proxy is not None:
                yield _Target(url, proxy, name), {}
                return
            raise SourceFailure(f"{url}: the host has no address ({_reason(error)})") from None
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not hosts.allows_private(url) and not all(map(is_public, addresses)):
            raise SourceFailure(
                f"{url}: the host has an address of a private network; "
                "if that is meant, add it to the source's private_hosts"
            )
        if proxy is not None:
            yield _Target(url, proxy, name), {}
            return
        for address in addresses:
            shown = f"[{address}]" if ":" in address else address
            direct = parts._replace(netloc=f"{shown}:{port}").geturl()
            yield _Target(direct, None, name), {"Host": host_of(url) or name}

    def _receive(self, url: str, target: _Target, most_bytes: int, headers: Mapping[str, str]) -> Answer:
        with self._client(target.proxy).stream(
            "GET", target.url, headers=dict(headers), extensions={"sni_hostname": target.name}
        ) as response:
            body, redirected = bytearray(), response.status_code in REDIRECTS
            if not redirected:
                for piece in response.iter_bytes():
                    body += piece
                    if len(body) > most_bytes:
                        raise TooLarge(f"{url}: larger than {most_bytes // 1024:,} KiB", bytes(body))
            kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            return Answer(
                url=urljoin(url, response.headers.get("location", "")) if redirected else url,
                status=response.status_code,
                kind=kind,
                charset=response.charset_encoding or "",
                body=bytes(body),
                etag=response.headers.get("etag", ""),
                last_modified=response.headers.get("last-modified", ""),
            )

    def _client(self, proxy: str | None) -> httpx2.Client:
        if proxy not in self._clients:
            import httpx2

            no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
            self._clients[proxy] = httpx2.Client(
                headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"},
                timeout=self._settings.timeout_seconds,
                cookies=no_cookies,
                verify=httpx2.create_ssl_context(),
                # Passwords of a .netrc are for nobody here, and the proxy is chosen above.
                trust_env=False,
                proxy=proxy,
                # A kept connection to an address would serve other hosts' names at that address too.
                limits=httpx2.Limits(max_keepalive_connections=0),
            )
        return self._clients[proxy]


@dataclass(frozen=True, slots=True)
class _Target:
    """What the library is told to ask; `name` is the host whose certificate counts."""

    url: str
    proxy: str | None
    name: str


def _proxy_for(scheme: str, name: str) -> str | None:
    """The proxy that the environment names for a host, or None."""
    if urllib.request.proxy_bypass(name):
        return None
    proxies = urllib.request.getproxies()
    return proxies.get(scheme) or proxies.get("all")


def _reason(error: BaseException) -> str:
    return str(error).strip() or type(error).__name__
