from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fluorite.chunk import Chunk
from fluorite.context import CallContext
from fluorite.learning.sources.code_folder import learn_code
from fluorite.learning.sources.code_languages import GRAMMARS, language_of_file
from fluorite.learning.sources.code_names import description_of, routes_in
from fluorite.learning.sources.code_units import CodeUnit, read_code
from fluorite.learning.sources.source_report import SourceReport
from fluorite.learning.text_file import estimated_tokens
from fluorite.settings import LearningSettings
from fluorite.store import ChunkStore

LONG = "\n".join(
    f'    step_{row}(value_{row}, option_{row}, "a sentence about step {row}");' for row in range(14)
)
BODY = f"\n{LONG}\n"
SOURCES = {
    "typescript": (
        "import {{ Hono }} from 'hono'\nimport {{ other }} from 'elsewhere'\n\nconst app = new Hono()\n\n"
        "/** Lists users. */\nexport async function listUsers(query) {{{body}}}\n\n"
        "export class UserService {{\n  find(id) {{{body}  }}\n\n  save(user) {{{body}  }}\n}}\n",
        ["listUsers", "UserService.find", "UserService.save"],
    ),
    "tsx": (
        "import {{ useState }} from 'react'\n\n"
        "export function Counter() {{\n  useState(0){body}  return <b/>\n}}\n\n"
        "export const Page = () => {{{body}  return <Counter/>\n}}\n\nfunction helper() {{{body}}}\n",
        ["Counter", "Page", "helper"],
    ),
    "javascript": (
        "const express = require('express')\n\nfunction first() {{{body}}}\n\n"
        "class Second {{\n  go() {{{body}  }}\n"
        "  stop() {{{body}  }}\n}}\n",
        ["first", "Second.go", "Second.stop"],
    ),
    "python": (
        "import os\nfrom fastapi import FastAPI\n\n\n@decorated\ndef first(a):\n{body}\n\n\nclass Second:\n"
        "    def go(self):\n{body}\n\n    def stop(self):\n{body}\n",
        ["first", "Second.go", "Second.stop"],
    ),
    "php": (
        "<?php\n\nnamespace App;\n\nuse App\\Models\\User;\n\nclass First\n{{\n"
        "    public function go()\n    {{{body}    }}\n\n"
        "    public function stop()\n    {{{body}    }}\n}}\n\nfunction second() {{{body}}}\n",
        ["First.go", "First.stop", "second"],
    ),
    "go": (
        'package main\n\nimport "net/http"\n\ntype First struct {{\n\tName string\n}}\n\n'
        "func (f *First) Go() {{{body}}}\n\n"
        "func Second() {{{body}}}\n\nfunc Third() {{{body}}}\n",
        ["Go", "Second", "Third"],
    ),
    "rust": (
        "use std::fs;\n\npub struct First {{ a: u8 }}\n\nimpl First {{\n"
        "    pub fn go(&self) {{{body}    }}\n\n"
        "    pub fn stop(&self) {{{body}    }}\n}}\n\nfn second() {{{body}}}\n",
        ["First.go", "First.stop", "second"],
    ),
    "ruby": (
        "require 'sinatra'\n\nclass First\n  def go\n{body}\n  end\n\n  def stop\n{body}\n  end\nend\n\n"
        "def second\n{body}\nend\n",
        ["First.go", "First.stop", "second"],
    ),
    "java": (
        "package a;\n\nimport java.util.List;\n\npublic class First {{\n    void go() {{{body}    }}\n\n"
        "    void stop() {{{body}    }}\n}}\n\nclass Second {{\n    void run() {{{body}    }}\n}}\n",
        ["First.go", "First.stop", "Second"],
    ),
    "kotlin": (
        "package a\n\nimport io.ktor.server.application.*\n\nclass First {{\n    fun go() {{{body}    }}\n\n"
        "    fun stop() {{{body}    }}\n}}\n\nfun second() {{{body}}}\n",
        ["First.go", "First.stop", "second"],
    ),
    "csharp": (
        "using System;\n\nnamespace Shop;\n\npublic class First\n{{\n"
        "    public void Go()\n    {{{body}    }}\n\n    public void Stop()\n    {{{body}    }}\n}}\n\n"
        "public class Second\n{{\n    public void Run() {{{body}    }}\n}}\n",
        ["First.Go", "First.Stop", "Second"],
    ),
}
PAGE = (
    "import { useRouter } from 'next/navigation'\n\n"
    "export default function Page() {\n  useRouter()\n  return <main/>\n}\n"
)


def learn(folder: Path, store: ChunkStore, max_chunk_size: int = 1 << 20) -> SourceReport:
    return learn_code(folder, store, lambda _: 0, LearningSettings(), CallContext(), max_chunk_size)


def stored(store: ChunkStore) -> dict[str, Chunk]:
    return {chunk.id: chunk for chunk in store.page(limit=10_000).chunks}


def units(language: str) -> tuple[CodeUnit, ...]:
    file = read_code(SOURCES[language][0].format(body=BODY), language)
    return file.units


@pytest.mark.parametrize("language", SOURCES)
def test_each_function_and_method_is_a_unit_under_its_name(language: str) -> None:
    found = units(language)
    named = [part for unit in found for part in unit.name.split(", ")]
    assert [name for name in SOURCES[language][1] if name not in named] == []
    assert all(estimated_tokens(unit.text) <= 480 for unit in found)


def test_every_language_with_a_grammar_is_tried() -> None:
    assert SOURCES.keys() == GRAMMARS.keys()


@pytest.mark.parametrize("language", SOURCES)
def test_no_line_of_code_is_lost(language: str) -> None:
    source = SOURCES[language][0].format(body=BODY)
    kept = "\n".join(unit.content() for unit in units(language)).split("\n")
    assert [line for line in source.split("\n") if line.strip() and line.rstrip() not in kept] == []


code_texts = st.lists(
    st.one_of(
        st.sampled_from([source.format(body=BODY) for source, _ in SOURCES.values()]),
        st.text(alphabet="abc(){}[];:=<>\"'`#/*@\n \t日本", max_size=300),
        st.builds(
            lambda row, times: (row + "\n") * times,
            st.text(alphabet="ab (){};", max_size=40),
            st.integers(1, 90),
        ),
    ),
    max_size=4,
).map("\n".join)


def test_a_text_that_only_begins_like_an_import_is_kept_whole() -> None:
    text = "const express = require('express')\n" + "".join(f"step_{n}(value_{n}, {n});\n" for n in range(99))
    kept = "\n".join(unit.content() for unit in read_code(text, "php").units)
    assert all(line in kept for line in text.split("\n"))


@settings(max_examples=60, deadline=None)
@given(code_texts, st.sampled_from([*GRAMMARS, "sql", "yaml"]))
def test_no_line_of_any_text_is_lost(text: str, language: str) -> None:
    kept = {line.strip() for unit in read_code(text, language).units for line in unit.content().split("\n")}
    assert [line for line in text.split("\n") if line.strip() and line.strip() not in kept] == []


def test_a_unit_comes_with_the_imports_it_uses_and_the_class_it_is_of() -> None:
    found = {unit.name: unit for unit in units("javascript")}
    assert found["Second.stop"].signature == "class Second {"
    first, find = (
        units("typescript")[0],
        {unit.name: unit for unit in units("typescript")}["UserService.save"],
    )
    assert "import { Hono } from 'hono'" in first.content() and "elsewhere" in first.content()
    assert find.imports == ""


def test_a_text_in_which_a_parser_gets_lost_is_divided_at_blank_lines() -> None:
    hostile = "val x = 1\n" * 400 + ">" * 100_000
    (last,) = read_code(hostile, "kotlin").units[-1:]
    assert last.text.endswith(">" * 100)


@pytest.mark.parametrize(
    ("code", "routes"),
    [
        ("app.get('/users/:id', (c) => c.json({}))", ["get /users/:id"]),
        ("Route::post('/orders', [OrderController::class, 'store']);", ["post /orders"]),
        ('@app.get("/items/{id}")\nasync def read(id: int): ...', ["get /items/{id}"]),
        ('    @GetMapping("/{id}")\n    public User find() {', ["get /{id}"]),
        ('r.GET("/ping", func(c *gin.Context) {', ["get /ping"]),
        ("get '/users' do\n  all\nend", ["get /users"]),
        ("const value = cache.get('users')", []),
    ],
)
def test_routes_are_read_from_declarations(code: str, routes: list[str]) -> None:
    assert routes_in(code) == routes


@pytest.mark.parametrize(
    ("code", "description"),
    [
        ("/** Lists users. Pages of 20. */\nfunction f() {}", "Lists users."),
        ("# 利用者を一覧する。次の文。\ndef f; end", "利用者を一覧する。"),
        ('def f(\n    a: int,\n) -> None:\n    """Reads a file.\n\n    More."""\n', "Reads a file."),
        ("// eslint-disable-next-line\nfunction f() {}", ""),
        ("/// <summary>Orders.</summary>\nclass A {}", "Orders."),
    ],
)
def test_the_description_is_the_first_sentence_of_the_comment(code: str, description: str) -> None:
    assert description_of(code) == description


def test_a_folder_becomes_chunks_with_the_frameworks_of_imports_and_manifest(
    store: ChunkStore, tmp_path: Path
) -> None:
    folder = tmp_path / "code"
    (folder / "web" / "app").mkdir(parents=True)
    (folder / "web" / "package.json").write_text(
        json.dumps({"dependencies": {"next": "15.0.0", "zod": "^3"}})
    )
    (folder / "web" / "app" / "page.tsx").write_text(PAGE)
    (folder / "web" / "app" / "plain.ts").write_text("export const add = (a: number, b: number) => a + b\n")
    (folder / "tool.py").write_text("import numpy\n\n\ndef mean(values):\n    return numpy.mean(values)\n")
    (folder / "Dockerfile").write_text("FROM node:22\nRUN npm ci\n")
    (folder / "notes.md").write_text("# Notes\n")
    report = learn(folder, store)
    chunks = stored(store)
    page, plain, tool = (
        chunks["web/app/page.tsx#Page"],
        chunks["web/app/plain.ts#add"],
        chunks["tool.py#mean"],
    )
    assert {"nextjs", "zod"} <= set(page.frameworks) and "nextjs" in plain.frameworks
    assert "nextjs" in page.metadata["imported_frameworks"] and "imported_frameworks" not in plain.metadata
    assert tool.frameworks == ("numpy",)
    assert (page.chunk_type, page.metadata["kind"], page.metadata["language"]) == ("code", "component", "tsx")
    assert chunks["Dockerfile"].metadata["language"] == "dockerfile"
    assert report.skipped == {"no known language": 1} and report.languages["tsx"] == 1
    assert all(0 <= chunk.quality_score <= 1 for chunk in chunks.values())


def test_only_what_depends_on_a_change_is_read_again(store: ChunkStore, tmp_path: Path) -> None:
    folder = tmp_path / "code"
    (folder / "a").mkdir(parents=True)
    manifest = folder / "a" / "package.json"
    manifest.write_text('{"dependencies": {"hono": "^4"}}')
    (folder / "a" / "x.ts").write_text("export const one = () => 1\n")
    (folder / "y.ts").write_text("export const two = () => 2\n")
    learn(folder, store)
    assert learn(folder, store).processed == 0
    manifest.write_text('{"dependencies": {"express": "^4"}}')
    report = learn(folder, store)
    assert (report.processed, report.changed, report.unchanged) == (2, 2, 1)
    assert stored(store)["a/x.ts#one"].frameworks == ("express",)
    (folder / ".gitignore").write_text("y.ts\n")
    assert (learn(folder, store).removed, "y.ts#two" in stored(store)) == (1, False)


def test_data_generated_binary_and_empty_files_are_told_apart(store: ChunkStore, tmp_path: Path) -> None:
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "rows.json").write_text(json.dumps(list(range(20_000)), indent=1))
    (folder / "api.ts").write_text("// @generated\nexport const a = 1\n")
    (folder / "packed.ts").write_text("var a=1;" * 400)
    (folder / "blob.py").write_bytes(b"\x7fELF\0\0")
    (folder / "latin.py").write_bytes("# caf\u00e9\n".encode("latin-1"))
    (folder / "nothing.py").write_text("\n")
    (folder / "large.py").write_text("x = 1\n" * 40_000)
    report = learn(folder, store, 200_000)
    assert report.skipped == {
        "binary": 1,
        "data": 1,
        "empty": 1,
        "generated": 1,
        "minified": 1,
        "too large": 1,
    }
    assert [(one.file, one.line) for one in report.malformed] == [("latin.py", 1)]
    assert store.count() == 0


@given(st.integers(20, 400))
@settings(max_examples=10, deadline=None)
def test_no_chunk_is_larger_than_it_may_be(size: int) -> None:
    from fluorite.learning.sources.code_folder import read_file
    from fluorite.learning.sources.manifests import Manifests
    from fluorite.learning.sources.source_files import SourceFile

    file = SourceFile("a.ts", Path("a.ts"), 0, 0)
    reading = read_file(file, SOURCES["typescript"][0].format(body=BODY), size, Manifests())
    assert reading.chunks and all(len(str(chunk.content).encode()) <= size for chunk in reading.chunks)


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("src/App.TSX", "tsx"),
        ("Dockerfile.prod", "dockerfile"),
        (".env.example", "env"),
        ("prisma/schema.prisma", "prisma"),
        ("requirements-dev.txt", "requirements"),
        ("photo.png", None),
        ("README.md", None),
    ],
)
def test_a_file_s_name_tells_its_language(name: str, language: str | None) -> None:
    assert language_of_file(name) == language
