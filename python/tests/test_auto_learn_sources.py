from __future__ import annotations

import ipaddress
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluorite.automation.addresses import AllowedHosts, host_of, is_public
from fluorite.automation.sources import (
    FeedSource,
    FolderSource,
    PagesSource,
    RepositorySource,
    Source,
    read_sources,
)
from fluorite.errors import InvalidConfiguration, PathNotFound

ALL = """
[[folders]]
name = "notes"
path = "notes"
learn = ["documents"]

[[repositories]]
name = "hono"
url = "https://example.com/hono.git"
ref = "main"
folder = "docs"

[[pages]]
name = "docs"
urls = ["https://hono.example/docs/a", "https://hono.example/docs/b", "https://hono.example/docs/a"]
hosts = ["www.hono.example"]
private_hosts = ["intranet.example:8080"]

[[feeds]]
name = "news"
url = "https://hono.example/feed.xml"
most_entries = 20
fetch_pages = true
"""


def sources_of(tmp_path: Path, text: str) -> list[Source]:
    file = tmp_path / "sources.toml"
    file.write_text(text)
    return read_sources(file)


def test_every_kind_of_source_is_read(tmp_path: Path) -> None:
    own = AllowedHosts.of(["hono.example"], [])
    assert sources_of(tmp_path, ALL) == [
        FolderSource("notes", tmp_path / "notes", ("documents",)),
        RepositorySource("hono", "https://example.com/hono.git", "", "main", "docs", ("documents", "code")),
        PagesSource(
            "docs",
            ("https://hono.example/docs/a", "https://hono.example/docs/b"),
            AllowedHosts.of(
                ["hono.example", "www.hono.example", "intranet.example:8080"], ["intranet.example:8080"]
            ),
        ),
        FeedSource("news", "https://hono.example/feed.xml", 20, True, own),
    ]


def repository(line: str) -> str:
    return f'[[repositories]]\nname = "a"\n{line}\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[folder]]\n", "Unknown kind of source 'folder'. Did you mean 'folders'"),
        ("[folders]\n", r"Write each as \[\[folders\]\]"),
        ("[[folders]]\n", r"\[\[folders\]\] number 1: name is missing"),
        ('[[folders]]\nname = "../x"\npath = "."', "name is '../x'. It takes 1 to 64 letters"),
        ('[[folders]]\nname = "a"\n', r"\(a\): path is missing"),
        ('[[folders]]\nname = "a"\npath = "."\nlern = []', "Unknown key 'lern'. Did you mean 'learn'"),
        ('[[folders]]\nname = "a"\npath = "."\nlearn = ["all"]', r"learn is \['all'\].*'documents', 'code'"),
        (
            '[[folders]]\nname = "a"\npath = "."\n[[folders]]\nname = "A"\npath = "."',
            "two sources are called 'a'",
        ),
        (repository('url = "http://example.com/x"'), "https://, ssh:// or file://"),
        (repository('url = "git://example.com/x"'), "https://, ssh:// or file://"),
        (repository('url = "--upload-pack=touch x"'), "https://, ssh:// or file://"),
        (repository('url = "ext::sh -c x"'), "https://, ssh:// or file://"),
        (repository('url = "ssh://-oProxyCommand=x/y"'), "https://, ssh:// or file://"),
        (repository('url = "-oX@host:path"'), "https://, ssh:// or file://"),
        (repository('url = "https://a.example/x"\ncommit = "abc"'), "40 hexadecimal digits"),
        (repository('url = "https://a.example/x"\nref = "--all"'), "branch or tag"),
        (repository('url = "https://a.example/x"\nfolder = "../up"'), "within the repository"),
        (repository(f'url = "https://a.example/x"\nref = "b"\ncommit = "{"a" * 40}"'), "give one of the two"),
        ('[[pages]]\nname = "a"\nurls = []', "urls is"),
        ('[[pages]]\nname = "a"\nurls = ["ftp://x/"]', "begin with https:// or http://"),
        ('[[pages]]\nname = "a"\nurls = ["https://user:pass@x/"]', "begin with https:// or http://"),
        ('[[pages]]\nname = "a"\nurls = ["https://x/"]\nhosts = ["https://y/"]', "hosts such as"),
        ('[[feeds]]\nname = "a"\nurl = "https://x/"\nmost_entries = 0', "from 1 to 1,000"),
        ('[[feeds]]\nname = "a"\nurl = "https://x/"\nfetch_pages = 1', "true or false"),
        ("[[pages]\n", "not valid TOML"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InvalidConfiguration, match=told) as caught:
        sources_of(tmp_path, text)
    assert str(tmp_path / "sources.toml") in str(caught.value)


@pytest.mark.parametrize(
    "url", ["https://a.example/x.git", "ssh://git@a.example:22/x", "git@a.example:me/x.git", "file:///srv/x"]
)
def test_the_usual_addresses_of_repositories_are_taken(tmp_path: Path, url: str) -> None:
    (found,) = sources_of(tmp_path, repository(f'url = "{url}"'))
    assert isinstance(found, RepositorySource)
    assert found.url == url


def test_a_list_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PathNotFound, match=r"none\.toml"):
        read_sources(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::808:808", True),
        ("2002:7f00:1::", False),
    ],
)
def test_addresses_of_this_machine_and_of_private_networks_are_known(address: str, public: bool) -> None:
    assert is_public(address) is public


@given(st.ip_addresses(v=4, network="10.0.0.0/8"))
def test_no_mapping_hides_a_private_address(address: ipaddress.IPv4Address) -> None:
    assert not is_public(str(address))
    assert not is_public(f"::ffff:{address}")
    assert not is_public(str(ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) + int(address))))


def test_hosts_are_compared_by_name_and_port() -> None:
    hosts = AllowedHosts.of(["Docs.example", "a.example:8080"], [])
    allowed = [
        "https://docs.example/x",
        "http://DOCS.example:80/",
        "https://docs.example.:443/",
        "http://a.example:8080",
    ]
    refused = [
        "https://docs.example:8443/",
        "https://evil.docs.example/",
        "https://docs.example.evil/",
        "https://docs.example@evil.example/",
        "http://a.example/",
        "ftp://docs.example/",
        "https:///x",
        "https://docs.example\\@evil.example/",
        "https://docs.example/\nx",
    ]
    assert [url for url in allowed if not hosts.allows(url)] == []
    assert [url for url in refused if hosts.allows(url)] == []


@given(st.text())
def test_no_text_makes_the_reading_of_an_address_fail(text: str) -> None:
    host_of(text)
    host_of(f"https://{text}")


def test_the_documented_list_is_valid(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "automation.md").read_text()
    (example,) = re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    kinds = [source.kind for source in sources_of(tmp_path, example)]
    assert kinds == ["folder", "repository", "pages", "feed"]


def test_a_source_is_the_same_to_every_process(tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    file.write_text(ALL)
    program = (
        "from pathlib import Path; import sys\n"
        "from fluorite.automation.collecting import definition_of\n"
        "from fluorite.automation.sources import read_sources\n"
        "print([definition_of(source) for source in read_sources(Path(sys.argv[1]))])"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", program, str(file)],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(told) == 1
