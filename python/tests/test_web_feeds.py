from __future__ import annotations

from tests.web_site import PAGE, Handler, Site, collect, hosts, texts

from fluorite.automation.sources import FeedSource
from fluorite.automation.state_folder import StateFolder

FEED = """<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>News</title>
<entry><title>Streaming</title><link href="{0}/posts/streaming"/><id>1</id>
<content type="html">&lt;p&gt;Stream with &lt;code&gt;stream()&lt;/code&gt;.&lt;/p&gt;</content></entry>
<entry><title>認証</title><link href="{0}/posts/auth"/><id>2</id>
<summary>トークンを検証します。</summary></entry>
<entry><title>Elsewhere</title><link href="http://elsewhere.invalid/x"/><id>3</id>
<summary>Told in the feed.</summary></entry></feed>"""


def feed(site: Site, fetch_pages: bool = False, most: int = 50) -> FeedSource:
    return FeedSource("news", site.url("/feed.xml"), most, fetch_pages, hosts(site))


def test_a_feeds_entries_are_learned_from_the_feed_itself(site: Site, state: StateFolder) -> None:
    site.pages["/feed.xml"] = ("application/atom+xml", FEED.format(site.url("")).encode())
    report = collect(state, feed(site))
    assert (report.status, report.files) == ("done", 3)
    assert "# Streaming\n\nStream with `stream()`." in texts(state, "news")["posts__streaming.md"]
    assert "トークンを検証します。" in texts(state, "news")["posts__auth.md"]
    assert site.paths() == ["/robots.txt", "/feed.xml"]
    assert collect(state, feed(site)).not_modified == 3


def test_a_feeds_pages_are_fetched_where_their_host_is_listed(site: Site, state: StateFolder) -> None:
    site.pages |= {
        "/feed.xml": ("application/atom+xml", FEED.format(site.url("")).encode()),
        "/posts/streaming": PAGE,
        "/posts/auth": PAGE,
    }
    report = collect(state, feed(site, fetch_pages=True))
    assert (report.status, report.files) == ("done", 3)
    assert site.paths() == ["/robots.txt", "/feed.xml", "/posts/streaming", "/posts/auth"]
    assert "Declare a route" in texts(state, "news")["posts__streaming.md"]


def test_an_unchanged_feed_costs_one_request(site: Site, state: StateFolder) -> None:
    def tagged(handler: Handler) -> None:
        if handler.headers["If-None-Match"] == '"7"':
            handler.reply(304)
        else:
            body = FEED.format(site.url("")).encode()
            handler.reply(200, body, {"Content-Type": "application/atom+xml", "ETag": '"7"'})

    site.pages |= {"/feed.xml": tagged, "/posts/streaming": PAGE, "/posts/auth": PAGE}
    collect(state, feed(site, fetch_pages=True))
    site.asked.clear()
    report = collect(state, feed(site, fetch_pages=True))
    assert (report.not_modified, site.paths()) == (3, ["/robots.txt", "/feed.xml"])


def test_a_feed_that_is_none_is_told(site: Site, state: StateFolder) -> None:
    site.pages["/feed.xml"] = ("text/xml", b"<html><p>Not <b>found</p>")
    report = collect(state, feed(site))
    assert report.status == "failed"
    assert report.reason is not None
    assert "no feed with entries" in report.reason
