from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fluorite.context import CallContext, Progress
from fluorite.errors import Cancelled, InvalidArgument, PathNotFound
from fluorite.learning.sources.document_sections import sections_of
from fluorite.learning.sources.documents import learn_documents
from fluorite.learning.sources.source_report import SourceReport
from fluorite.learning.sources.specification import MalformedSpecification, read_specification
from fluorite.learning.text_file import Undecodable, decode_text, estimated_tokens
from fluorite.settings import LearningSettings
from fluorite.store import ChunkStore

GUIDE = """---
title: Hono guide
tags: [hono, edge]
---
# Hono

A small web framework.

## Routing

Routes are declared on the app:

```ts
import { Hono } from 'hono'
const app = new Hono()
app.get('/', (c) => c.text('hi'))
```

## 認証ミドルウェア

トークンを検証してから、次の処理へ進みます。

```ts
app.use('/admin/*', bearerAuth({ verifyToken }))
```
"""
SPECIFICATION = """id: hono
name: Hono
npm: hono
version: 1.10
summary: 超軽量な Web フレームワーク
usage:
  basic: |
    import { Hono } from 'hono'
    const app = new Hono()
  cors: |
    app.use('/api/*', cors())
bestPractices:
  - 適切なアダプタを使う
"""
PROSE = "Each request passes the middleware in the order in which it was registered. "


def learn(folder: Path, store: ChunkStore, context: CallContext | None = None) -> SourceReport:
    return learn_documents(folder, store, lambda _: 0, LearningSettings(), context or CallContext())


def ids(store: ChunkStore) -> list[str]:
    return [chunk.id for chunk in store.page(limit=10_000).chunks]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    (folder / "ja").mkdir(parents=True)
    (folder / "guide.md").write_text(GUIDE)
    (folder / "hono.yaml").write_text(SPECIFICATION)
    (folder / "ja" / "guide.md").write_text("# 使い方\n\n" + "これは日本語の説明文です。" * 12)
    return folder


def test_a_document_gives_a_chunk_for_each_heading_with_its_code(store: ChunkStore, folder: Path) -> None:
    report = learn(folder, store)
    assert (report.processed, report.new, report.malformed) == (3, 3, [])
    (routing,) = store.get(["guide.md#routing"])
    assert routing is not None
    assert "## Routing\n\nRoutes are declared on the app:\n\n```ts\nimport { Hono }" in routing.content
    assert (routing.chunk_type, routing.frameworks, routing.tags) == ("document", ("hono",), ("hono", "edge"))
    assert routing.metadata["headings"] == ["Hono", "Routing"]
    assert (routing.metadata["name"], routing.metadata["title"]) == ("Hono guide", "Hono › Routing")
    assert (routing.metadata["language"], routing.metadata["line"]) == ("en", 1)
    (japanese,) = store.get(["guide.md#認証ミドルウェア"])
    assert japanese is not None and japanese.metadata["language"] == "ja"


def test_a_specification_gives_an_overview_and_its_parts_as_they_are_written(
    store: ChunkStore, folder: Path
) -> None:
    learn(folder, store)
    (overview, part) = store.get(["hono.yaml", "hono.yaml#usage"])
    assert overview is not None and part is not None
    assert isinstance(overview.content, str) and isinstance(part.content, str)
    assert "version: 1.10" in overview.content and overview.content.index("summary") < 20
    assert part.chunk_type == "specification" and part.frameworks == ("hono",)
    assert part.metadata["description"] == "超軽量な Web フレームワーク"
    assert "app.use('/api/*', cors())" in part.content


def test_a_code_block_stays_whole_and_with_the_prose_before_it() -> None:
    code = "\n".join(f"line_{row}(argument_{row})" for row in range(200))
    text = f"# T\n\n{PROSE * 30}\n\n{PROSE * 2}The call:\n\n```py\n{code}\n```\n\n{PROSE * 30}\n"
    (holder,) = [one for one in sections_of(text, 1 << 20) if "line_0(" in one.text]
    assert f"The call:\n\n```py\n{code}\n```" in holder.text


def test_long_sections_are_divided_and_tiny_ones_joined() -> None:
    paragraphs = "\n\n".join(f"{PROSE * 4}({number})" for number in range(12))
    sections = sections_of(f"# A\n\n{paragraphs}\n\n# B\n\n## C\n\nShort.\n\n## D\n\nAlso short.\n", 1 << 20)
    assert all(estimated_tokens(one.text) <= 256 for one in sections)
    long = [one for one in sections if one.slug == "a"]
    assert len(long) > 2 and not any(one.complete for one in long)
    assert sections[-1].text == "# B\n\n## C\n\nShort.\n\n## D\n\nAlso short."


blocks = st.one_of(
    st.builds(lambda level, text: f"{'#' * level} {text}", st.integers(1, 6), st.text(max_size=20)),
    st.builds(lambda text: f"```ts\n{text}\n```", st.text(max_size=200)),
    st.builds(
        lambda items: "\n".join(f"- {item}" for item in items), st.lists(st.text(max_size=30), max_size=30)
    ),
    st.builds(lambda text, times: text * times, st.text(max_size=60), st.integers(1, 40)),
    st.sampled_from(
        ["| a | b |\n|---|---|\n| 1 | 2 |", "> quoted\n> more", "[a]: http://b", "---", "Title\n==="]
    ),
    st.text(alphabet="#`-*_[]()<>|=~ \n\tab1.日本", max_size=120),
)


@settings(deadline=None)
@given(st.lists(blocks, max_size=12).map("\n\n".join), st.sampled_from([1 << 20, 300]))
def test_no_line_of_a_document_is_lost(text: str, max_bytes: int) -> None:
    text = text.replace("\r", "").replace("\0", "")
    sections = sections_of(text, max_bytes)
    assert all(len(one.text.encode()) <= max_bytes for one in sections)
    kept = "\n".join(one.text for one in sections)
    if max_bytes > 300:
        lines = [line for line in text.split("\n") if line.strip()]
        assert [line for line in kept.split("\n") if line.strip()] == lines
    else:
        assert "".join(kept.split()) == "".join(text.split())


yaml_texts = st.text(alphabet="ab z日本\n:#-'\"`", max_size=80)
yaml_values = st.recursive(
    yaml_texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(yaml_texts, inner, max_size=4),
    max_leaves=15,
)


@settings(deadline=None)
@given(st.dictionaries(yaml_texts, yaml_values, max_size=5))
def test_no_value_of_a_specification_is_lost(value: dict[str, object]) -> None:
    import yaml

    text = yaml.safe_dump({"name": "library", **value}, allow_unicode=True)
    read = read_specification(text, 1 << 20)
    assert read is not None
    kept = " ".join(" ".join(section.text for section in read.sections).split())

    def check(item: object) -> None:
        if isinstance(item, str):
            assert all(" ".join(line.split()) in kept for line in item.split("\n"))
        elif isinstance(item, list):
            for one in item:
                check(one)
        elif isinstance(item, dict):
            for one in item.values():
                check(one)

    check(value)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("name: a\nb:\n  - @scope\n", 3),
        ("name: a\nb: [1, 2\nc: 3\n", 3),
        ("name: " + "[" * 100_000, 1),
        ("name: a\nx: &x [*x]\n", 2),
        (
            "a: &a [1,1,1,1,1,1,1,1,1]\n"
            + "".join(
                f"{n}: &{n} [{','.join([f'*{p}'] * 9)}]\n" for p, n in zip("abcdefg", "bcdefgh", strict=True)
            ),
            1,
        ),
    ],
)
def test_yaml_that_cannot_be_read_is_reported_by_line(text: str, line: int) -> None:
    with pytest.raises(MalformedSpecification) as caught:
        read_specification(text, 1 << 20)
    assert caught.value.line == line and caught.value.reason


def test_what_is_wrong_with_one_file_is_told_and_ends_nothing(store: ChunkStore, folder: Path) -> None:
    (folder / "broken.yaml").write_text("name: a\nb:\n  - @scope\n")
    (folder / "latin.md").write_bytes("# Titre\n\ncaf\u00e9\n".encode("latin-1"))
    (folder / "wide.md").write_bytes("# Title\n".encode("utf-16"))
    (folder / "front.md").write_text("---\na: [\n---\n# Kept\n\nText that is kept.\n")
    (folder / "compose.yaml").write_text("services: {}\n")
    (folder / "binary.md").write_bytes(b"\0\1\2")
    report = learn(folder, store)
    assert {one.file: one.line for one in report.malformed} == {
        "broken.yaml": 3,
        "front.md": 3,
        "latin.md": 3,
        "wide.md": 1,
    }
    assert report.skipped == {"binary": 1, "no specification: it has neither id nor name": 1}
    assert "front.md#kept" in ids(store)
    again = learn(folder, store)
    assert (again.processed, again.malformed, again.skipped) == (0, report.malformed, report.skipped)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "euc_jp", "iso2022_jp"])
def test_japanese_documents_are_read_in_each_encoding(encoding: str) -> None:
    text = "# 使い方\n\nこのライブラリは、トークンを検証します。カタカナも読みます。\n"
    assert decode_text(text.replace("\n", "\r\n").encode(encoding)) == text


@pytest.mark.parametrize(
    "data", ["Größe und Maß café".encode("latin-1"), b"\x81", "日本".encode("cp932"), bytes(range(128, 256))]
)
def test_what_is_not_certain_is_not_guessed(data: bytes) -> None:
    with pytest.raises(Undecodable):
        decode_text(data)


def test_a_second_run_reads_only_what_has_changed_and_follows_it(store: ChunkStore, folder: Path) -> None:
    first = learn(folder, store)
    sequence = store.sequence()
    assert (learn(folder, store).processed, store.sequence()) == (0, sequence)
    (folder / "guide.md").write_text(GUIDE.replace("## Routing", "## Routes"))
    (folder / "ja" / "guide.md").unlink()
    report = learn(folder, store)
    assert (report.processed, report.changed, report.removed, report.unchanged) == (1, 1, 1, 1)
    assert "guide.md#routes" in ids(store) and "guide.md#routing" not in ids(store)
    assert not any(one.startswith("ja/") for one in ids(store))
    os.utime(folder / "hono.yaml", ns=(1, 1))
    touched = learn(folder, store)
    assert (touched.processed, touched.changed, touched.chunks_stored, first.new) == (1, 0, 0, 3)


def test_ids_are_unique_and_leave_the_chunks_of_others_alone(store: ChunkStore, tmp_path: Path) -> None:
    text = "# Same\n\n" + PROSE * 9 + "\n\n# Same\n\n" + PROSE * 9 + "\n"
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "x.md").write_text(text.replace("Each", place))
        (tmp_path / place / "x.md#same.md").write_text("# One\n\nText.\n")
    learn(tmp_path / "a", store)
    before = store.get(["x.md#same", "x.md#same-1"])
    learn(tmp_path / "b", store)
    assert store.get(["x.md#same", "x.md#same-1"]) == before
    assert {"x.md#same~2", "x.md#same-1~2"} <= set(ids(store))
    sequence = store.sequence()
    (tmp_path / "b" / "x.md").touch()
    learn(tmp_path / "b", store)
    assert store.sequence() == sequence
    (tmp_path / "a" / "x.md").unlink()
    learn(tmp_path / "a", store)
    assert "x.md#same" not in ids(store) and "x.md#same~2" in ids(store)


def test_odd_file_names_give_ids_and_can_be_followed(store: ChunkStore, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    deep = folder / ("d" * 200) / ("e" * 200)
    deep.mkdir(parents=True)
    for name in ("with space.md", "a#b.md", "日本語.md", "%41.md", "x" * 200 + ".md"):
        (deep / name).write_text("# Title\n\nText.\n")
    with open(os.fsencode(deep) + b"/\xff.md", "wb") as file:
        file.write(b"# Raw\n\nText.\n")
    assert learn(folder, store).new == 6
    assert any(one.endswith("\\xff.md#raw") for one in ids(store))
    for path in deep.iterdir():
        path.unlink()
    assert (learn(folder, store).chunks_removed, store.count()) == (6, 0)


def test_a_cancelled_run_goes_on_where_it_stopped(store: ChunkStore, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for number in range(1100):
        (folder / f"{number:04}.md").write_text(f"# Title {number}\n\nText {number}.\n")
    context = CallContext(lambda progress: context.cancel() if progress.done else None)
    with pytest.raises(Cancelled):
        learn(folder, store, context)
    stored = store.count()
    told = list[Progress]()
    report = learn(folder, store, CallContext(told.append))
    assert 0 < stored < 1100 and report.processed == 1100 - stored and store.count() == 1100
    assert told[-1].done == told[-1].total == 1100 - stored


def test_a_missing_folder_and_a_file_are_refused(store: ChunkStore, tmp_path: Path) -> None:
    with pytest.raises(PathNotFound):
        learn(tmp_path / "none", store)
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidArgument):
        learn(tmp_path / "file", store)
