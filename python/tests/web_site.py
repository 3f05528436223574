"""A real server on the loopback address, and collecting from it."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from fluorite.automation.addresses import AllowedHosts
from fluorite.automation.collecting import Collector
from fluorite.automation.report import SourceReport
from fluorite.automation.sources import PagesSource, Source
from fluorite.automation.state_folder import StateFolder
from fluorite.context import CallContext
from fluorite.settings import AutoLearnSettings

SETTINGS = AutoLearnSettings(delay_seconds=0, timeout_seconds=5, max_page_kb=64)
PAGE = """<html><head><title>Routing | Hono</title><meta name="description" content="How routes work.">
<style>p { color: red }</style></head><body><nav>Home Docs Blog</nav>
<main><h1>Routing<a class="headerlink" href="#routing">#</a></h1><p>Declare a <a href="/r">route</a>:</p>
<div class="highlight-typescript"><pre><code class="language-ts">app.get('/', (c) =&gt; c.text('hi'))
</code></pre></div><script>alert(1)</script></main><footer>© 2026</footer></body></html>"""

Reply = Callable[["Handler"], None]


@dataclass
class Site:
    """`pages` maps paths to what they hold: HTML, (type, body), or a function that answers. `asked` is every
    request in order: path, headers in lower case, and when (time.monotonic)."""

    pages: dict[str, str | bytes | tuple[str, bytes] | Reply] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str], float]] = field(default_factory=list)
    port: int = 0

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def paths(self) -> list[str]:
        return [path for path, _, _ in self.asked]


class Handler(BaseHTTPRequestHandler):
    site: Site

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.site.asked.append((self.path, headers, time.monotonic()))
        page = self.site.pages.get(self.path)
        if callable(page):
            page(self)
        elif page is None:
            self.reply(404, b"not here")
        elif isinstance(page, tuple):
            self.reply(200, page[1], {"Content-Type": page[0]})
        else:
            body = page.encode() if isinstance(page, str) else page
            self.reply(200, body, {"Content-Type": "text/html; charset=utf-8"})

    def reply(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    site = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("SiteHandler", (Handler,), {"site": site}))
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    server.daemon_threads = True
    site.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def redirect(target: str, status: int = 302) -> Reply:
    return lambda handler: handler.reply(status, headers={"Location": target})


def hosts(site: Site, *more: str) -> AllowedHosts:
    return AllowedHosts.of([site.host, *more], [site.host, *more])


def pages(site: Site, *paths: str) -> PagesSource:
    return PagesSource("docs", tuple(map(site.url, paths)), hosts(site))


def collect(
    state: StateFolder,
    source: Source,
    settings: AutoLearnSettings = SETTINGS,
    run: str = "",
    context: CallContext | None = None,
) -> SourceReport:
    """One source, in a run of its own unless `run` names one."""
    run = run or str(time.monotonic_ns())
    with Collector(state, settings, run, [source], context or CallContext()) as one:
        return one.collect(source)


def texts(state: StateFolder, source: str = "docs") -> dict[str, str]:
    """What is kept of a source, by file."""
    return {file.name: file.read_text() for file in state.collected(source).rglob("*") if file.is_file()}
