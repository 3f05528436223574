from __future__ import annotations

import gzip
import shutil
import ssl
import subprocess
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from tests.web_site import PAGE, SETTINGS, Handler, Site, collect, hosts, pages, redirect, serving

from fluorite.automation.addresses import AllowedHosts
from fluorite.automation.sources import PagesSource
from fluorite.automation.state_folder import StateFolder
from fluorite.context import CallContext
from fluorite.errors import Cancelled


def test_the_agent_says_who_it_is_and_asks_for_the_rules_first(site: Site, state: StateFolder) -> None:
    site.pages["/a"] = PAGE
    collect(state, pages(site, "/a"))
    assert site.paths() == ["/robots.txt", "/a"]
    assert all(headers["user-agent"].startswith("FluoriteMemory/") for _, headers, _ in site.asked)
    assert all(headers["host"] == site.host for _, headers, _ in site.asked)


def test_robots_txt_is_obeyed_also_behind_a_redirect(site: Site, state: StateFolder) -> None:
    site.pages |= {
        "/robots.txt": (
            "text/plain",
            b"User-agent: *\nDisallow: /\n\nUser-agent: FluoriteMemory\nDisallow: /no\n",
        ),
        "/yes": PAGE,
        "/no/1": PAGE,
        "/moved": redirect("/no/2"),
        "/no/2": PAGE,
    }
    report = collect(state, pages(site, "/yes", "/no/1", "/moved"))
    assert (report.status, report.files) == ("partial", 1)
    told = "robots.txt does not allow it"
    assert report.reason == f"{site.url('/no/1')}: {told}; {site.url('/no/2')}: {told}"
    assert site.paths() == ["/robots.txt", "/yes", "/moved"]


def test_without_a_readable_robots_txt_nothing_is_fetched(site: Site, state: StateFolder) -> None:
    site.pages |= {"/robots.txt": lambda handler: handler.reply(503), "/a": PAGE, "/b": PAGE}
    report = collect(state, pages(site, "/a", "/b"))
    assert report.status == "failed"
    assert report.reason is not None
    assert "robots.txt: the server answered 503" in report.reason
    assert site.paths() == ["/robots.txt"]


def test_a_host_is_asked_no_oftener_than_settings_and_rules_say(site: Site, state: StateFolder) -> None:
    site.pages |= {
        "/robots.txt": ("text/plain", b"User-agent: *\nCrawl-delay: 0.3\n"),
        "/a": PAGE,
        "/b": PAGE,
    }
    collect(state, pages(site, "/a", "/b"), replace(SETTINGS, delay_seconds=0.1))
    rules, first, second = (when for _, _, when in site.asked)
    assert first - rules >= 0.29
    assert second - first >= 0.29


def test_a_packed_answer_is_measured_unpacked(site: Site, state: StateFolder) -> None:
    packed = gzip.compress(b"<p>" + b"x" * 10_000_000)
    site.pages["/a"] = lambda handler: handler.reply(
        200, packed, {"Content-Type": "text/html", "Content-Encoding": "gzip"}
    )
    report = collect(state, pages(site, "/a"))
    assert len(packed) < 64 * 1024
    assert report.reason == f"{site.url('/a')}: larger than 64 KiB"


def test_a_redirect_to_another_port_of_the_host_is_another_host(site: Site, state: StateFolder) -> None:
    with serving() as other:
        other.pages["/b"] = PAGE
        site.pages["/a"] = redirect(other.url("/b"))
        refused = collect(state, pages(site, "/a"))
        assert other.asked == []
        listed = PagesSource("docs", (site.url("/a"),), hosts(site, other.host))
        allowed = collect(state, listed)
    assert (refused.status, allowed.status) == ("failed", "done")


def test_a_private_address_is_refused_unless_it_is_listed_as_one(site: Site, state: StateFolder) -> None:
    site.pages["/a"] = PAGE
    for name in ("127.0.0.1", "localhost"):
        url = f"http://{name}:{site.port}/a"
        report = collect(state, PagesSource("docs", (url,), AllowedHosts.of([f"{name}:{site.port}"], [])))
        assert report.reason is not None
        assert "address of a private network" in report.reason
    assert site.asked == []


def test_a_silent_server_is_given_up_and_holds_no_one_who_has_cancelled(state: StateFolder) -> None:
    held = threading.Event()
    with serving() as silent:
        silent.pages["/a"] = lambda _handler: (held.wait(20), None)[1]
        report = collect(state, pages(silent, "/a"), replace(SETTINGS, timeout_seconds=0.3))
        assert report.reason == f"{silent.url('/a')}: no answer within 0.3 s"

        context = CallContext()
        threading.Timer(0.2, context.cancel).start()
        started = time.monotonic()
        with pytest.raises(Cancelled):
            collect(state, pages(silent, "/a"), replace(SETTINGS, timeout_seconds=20), context=context)
        assert time.monotonic() - started < 10
        held.set()


def test_an_endless_answer_ends(site: Site, state: StateFolder) -> None:
    def drip(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html")
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b"x")
                handler.wfile.flush()
                time.sleep(0.02)
        except OSError:
            pass

    site.pages["/a"] = drip
    report = collect(state, pages(site, "/a"), replace(SETTINGS, timeout_seconds=0.1))
    assert report.reason == f"{site.url('/a')}: not complete within 1 s"


def test_a_proxy_of_the_environment_is_asked_with_the_whole_address(
    site: Site, state: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", site.url(""))
    monkeypatch.setenv("no_proxy", "")
    url = "http://192.0.2.1/a"
    site.pages[url] = PAGE
    report = collect(state, PagesSource("docs", (url,), AllowedHosts.of(["192.0.2.1"], ["192.0.2.1"])))
    assert (report.status, site.paths()) == ("done", ["http://192.0.2.1/robots.txt", url])


def test_no_cookie_is_kept(site: Site, state: StateFolder) -> None:
    site.pages["/a"] = lambda handler: handler.reply(
        200, PAGE.encode(), {"Content-Type": "text/html", "Set-Cookie": "who=me; Path=/"}
    )
    site.pages["/b"] = PAGE
    collect(state, pages(site, "/a", "/b"))
    assert [headers.get("cookie") for _, headers, _ in site.asked] == [None, None, None]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate")
@pytest.mark.parametrize(("name", "status"), [("localhost", "done"), ("elsewhere.example", "failed")])
def test_a_certificate_must_be_the_hosts_own(
    tmp_path: Path, state: StateFolder, monkeypatch: pytest.MonkeyPatch, name: str, status: str
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-keyout", str(key), "-out", str(certificate), "-days", "2", "-subj", f"/CN={name}"),
            *("-addext", f"subjectAltName=DNS:{name}"),
        ],
        capture_output=True,
        check=True,
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with serving(context) as site:
        site.pages["/a"] = PAGE
        host = f"localhost:{site.port}"
        source = PagesSource("docs", (f"https://{host}/a",), AllowedHosts.of([host], [host]))
        report = collect(state, source)
    assert (report.status, "certificate" in str(report.reason).lower()) == (status, status == "failed")
