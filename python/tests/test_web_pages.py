from __future__ import annotations

import re

import pytest
from tests.web_site import PAGE, Handler, Site, collect, pages, redirect, texts

from fluorite.automation.collected_pages import file_of
from fluorite.automation.state_folder import StateFolder


def test_a_page_is_kept_as_markdown_without_its_surroundings(site: Site, state: StateFolder) -> None:
    site.pages["/docs/routing.html"] = PAGE
    report = collect(state, pages(site, "/docs/routing.html"))
    (file,) = state.collected("docs").rglob("*.md")
    assert (report.status, report.files, report.reason) == ("done", 1, None)
    assert report.bytes == file.stat().st_size
    assert file.read_text() == (
        "---\ntitle: Routing\ndescription: How routes work.\n"
        f"source: {site.url('/docs/routing.html')}\n---\n\n"
        "# Routing\n\nDeclare a route:\n\n```ts\napp.get('/', (c) => c.text('hi'))\n```\n"
    )
    assert file.stat().st_mode & 0o777 == 0o600
    assert {folder.stat().st_mode & 0o777 for folder in (state.path, file.parent)} == {0o700}


def test_a_page_is_fetched_again_only_if_it_has_changed(site: Site, state: StateFolder) -> None:
    def tagged(handler: Handler) -> None:
        if handler.headers["If-None-Match"] == '"1"':
            handler.reply(304)
        else:
            handler.reply(200, PAGE.encode(), {"Content-Type": "text/html", "ETag": '"1"'})

    def dated(handler: Handler) -> None:
        if handler.headers["If-Modified-Since"]:
            handler.reply(304)
        else:
            date = {"Content-Type": "text/html", "Last-Modified": "Mon, 02 Nov 2026 10:00:00 GMT"}
            handler.reply(200, PAGE.encode(), date)

    site.pages |= {"/tagged": tagged, "/dated": dated, "/plain": PAGE}
    source = pages(site, "/tagged", "/dated", "/plain")
    assert collect(state, source).not_modified == 0
    times = {file: file.stat().st_mtime_ns for file in state.collected("docs").rglob("*.md")}
    assert collect(state, source).not_modified == 3
    assert {file: file.stat().st_mtime_ns for file in times} == times
    assert [headers.get("if-none-match") for path, headers, _ in site.asked if path == "/tagged"] == [
        None,
        '"1"',
    ]

    site.pages["/plain"] = PAGE.replace("Declare", "Write")
    report = collect(state, source)
    assert (report.not_modified, report.files) == (2, 3)
    assert any("Write a route" in text for text in texts(state).values())


def test_a_lost_file_is_fetched_whole(site: Site, state: StateFolder) -> None:
    site.pages["/a"] = lambda handler: handler.reply(
        *((304, b"") if handler.headers["If-None-Match"] else (200, PAGE.encode())),
        {"Content-Type": "text/html", "ETag": '"1"'},
    )
    collect(state, pages(site, "/a"))
    (file,) = state.collected("docs").rglob("*.md")
    file.unlink()
    collect(state, pages(site, "/a"))
    assert file.is_file()


def test_within_a_run_no_page_is_fetched_twice(site: Site, state: StateFolder) -> None:
    site.pages |= {"/a": PAGE, "/b": PAGE}
    collect(state, pages(site, "/a"), run="one")
    collect(state, pages(site, "/a", "/b"), run="one")
    assert [path for path in site.paths() if path != "/robots.txt"] == ["/a", "/b"]


def test_a_page_that_is_no_longer_listed_is_gone(site: Site, state: StateFolder) -> None:
    site.pages |= {"/a": PAGE, "/b": PAGE}
    collect(state, pages(site, "/a", "/b"))
    collect(state, pages(site, "/b"))
    assert list(texts(state)) == ["b.md"]


@pytest.mark.parametrize(
    ("page", "told"),
    [
        (None, "the server answered 404"),
        (("application/pdf", b"%PDF"), "its type is application/pdf"),
        ("<html><body><script>draw()</script></body></html>", "it holds no text"),
        ("<p>" + "x" * 70_000, "larger than 64 KiB"),
        (("text/plain", b"\xff\xfe"), "decode"),
        ("<div>" * 20_000 + "deep", "larger than 64 KiB|nested too deeply"),
        ("<b>" * 9_000 + "deep", "nested too deeply"),
        (redirect("/loop"), "redirected"),
        (redirect("http://elsewhere.invalid/"), "elsewhere.invalid/, whose host is not listed"),
        (redirect("file:///etc/passwd"), "not listed"),
    ],
)
def test_a_page_that_fails_is_told_and_the_others_are_kept(
    site: Site, state: StateFolder, page: object, told: str
) -> None:
    site.pages["/good"] = PAGE
    if page is not None:
        site.pages["/loop"] = page  # type: ignore[assignment]
    report = collect(state, pages(site, "/loop", "/good"))
    assert (report.status, list(texts(state))) == ("partial", ["good.md"])
    assert report.reason is not None
    assert re.search(told, report.reason), report.reason


def test_japanese_pages_are_read_in_their_encoding(site: Site, state: StateFolder) -> None:
    html = (
        "<html><head><meta charset='shift_jis'></head><body><h1>認証</h1><p>トークンを検証します。</p></body>"
    )
    site.pages["/ja"] = ("text/html", html.encode("shift_jis"))
    site.pages["/euc"] = ("text/html; charset=euc-jp", html.replace("shift_jis", "euc-jp").encode("euc_jp"))
    assert collect(state, pages(site, "/ja", "/euc")).status == "done"
    assert all("トークンを検証します。" in text for text in texts(state).values())


def test_markdown_is_kept_as_it_is(site: Site, state: StateFolder) -> None:
    site.pages["/llms.txt"] = ("text/plain; charset=utf-8", b"# Hono\r\n\r\nSmall *and* fast.\n")
    collect(state, pages(site, "/llms.txt"))
    assert texts(state)["llms.txt.md"].endswith("\n---\n\n# Hono\n\nSmall *and* fast.\n")


def test_files_of_different_addresses_differ_and_none_lies_in_a_folder_that_is_passed_over() -> None:
    urls = [
        "https://a.dev/",
        "https://a.dev/index",
        "https://a.dev/docs/build/x.html",
        "https://a.dev/docs__build__x",
        "https://a.dev/docs/build/x?page=2",
        "https://a.dev/docs/build/x?page=3",
        "https://a.dev/認証/入門",
        "https://a.dev/%E8%AA%8D%E8%A8%BC",
        "https://a.dev/../../etc/passwd",
        "https://a.dev/" + "long/" * 200,
        "https://b.dev:8443/.git/config",
    ]
    files = [file_of(url) for url in urls]
    assert len(set(files)) == len(urls), files
    for file in files:
        host, name = file.split("/")
        assert not host.startswith(".")
        assert not name.startswith(".")
        assert len(name.encode()) < 200
