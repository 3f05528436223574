from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluorite.chunk import Chunk
from fluorite.learning.patterns.quality_explained import (
    QualityExplanation,
    explained_chunk,
    explained_file,
    explained_template,
)
from fluorite.learning.patterns.syntax import parses
from fluorite.learning.templates.quality import file_quality, template_quality
from fluorite.learning.templates.template import Template, parse_template
from fluorite.learning.templates.template_chunks import template_chunks

CODE = (
    "import { Hono } from 'hono';\nimport { jwt } from 'hono/jwt';\nconst service = new Hono();\n"
    "service.use('/account/*', jwt({ secret: process.env.JWT_SECRET }));\n"
)


def parsed(code: str = CODE, **changes: Any) -> Template:
    value = {
        "id": "hono-jwt",
        "name": "Hono JWT",
        "stack": ["hono"],
        "tags": ["auth"],
        "description": "Protects account routes with signed tokens.",
        "params": [{"name": "app_name"}, {"name": "unused"}],
        "files": [{"path": "{{app_name}}/service.ts", "template": code}],
    }
    return parse_template("hono-jwt.json", json.dumps({**value, **changes}).encode())


def values(found: QualityExplanation) -> dict[str, float]:
    return {part.property: part.value for part in found.parts}


def test_a_whole_single_unused_template_has_the_quality_it_is_stored_with() -> None:
    for template in (parsed(), parsed(description="", stack=[]), parsed(files=[], params=[])):
        found = explained_template(template)
        assert found.score == template_quality(template)
        for file in template.files:
            assert explained_file(template, file).score == file_quality(template, file)


def test_the_parts_add_up_and_name_what_was_measured() -> None:
    found = explained_template(parsed(), variants=4, use=0.5)
    assert found.score == pytest.approx(sum(part.contribution for part in found.parts), abs=0.001)
    told = values(found)
    assert told["description"] == told["labels"] == told["parses"] == 1
    assert told["parameters"] == 0.5 and told["duplication"] == 0.25 and told["use"] == 0.5
    assert 0 < told["real_code"] < 1


def test_cut_code_copies_and_bad_feedback_lower_the_score_within_bounds() -> None:
    whole = explained_template(parsed()).score
    cut = explained_template(parsed(CODE + "service.get('/x', (context) => {"))
    assert values(cut)["parses"] == 0 and whole - 0.1 <= cut.score < whole
    assert whole - 0.03 <= explained_template(parsed(), variants=1000).score < whole
    assert explained_template(parsed(), use=-1).score == pytest.approx(whole - 0.15, abs=0.001)
    assert explained_template(parsed(), use=-50).score == explained_template(parsed(), use=-1).score


def test_a_stored_chunk_is_explained_as_its_template_was() -> None:
    template = parsed()
    described, file = template_chunks(template, "hono-jwt.json")
    assert explained_chunk(described, files=[file]) == explained_template(template)
    assert explained_chunk(file, described) == explained_file(template, template.files[0])


def test_what_only_the_template_knew_counts_as_parameters() -> None:
    skeleton = {"path": "{{unused}}/readme.md", "template": "demo"}
    template = parsed(files=[{"path": "{{app_name}}/service.ts", "template": CODE}, skeleton])
    described, file = template_chunks(template, "hono-jwt.json")
    found = explained_chunk(described, files=[file])
    assert found.score == described.quality_score == template_quality(template)
    assert values(found)["parameters"] == pytest.approx(1, abs=0.02)


def test_a_chunk_with_a_quality_of_its_own_keeps_it() -> None:
    chunk = Chunk("mine", "const a = (1;", quality_score=0.9)
    assert explained_chunk(chunk).score == 0.9 and values(explained_chunk(chunk))["given"] == 0.9
    named = Chunk("mine", "const a = (1;", quality_score=0.9, metadata={"path": "a.ts"})
    assert explained_chunk(named).score == 0.8
    assert explained_chunk(Chunk("bytes", b"\xff", quality_score=0.4), use=1).score == 0.55


@pytest.mark.parametrize(
    ("path", "code", "whole"),
    [
        ("a.py", "def f(x):\n    return x\n", True),
        ("a.py", "def f(x)\n    return x\n", False),
        ("a.py", "class {{app_name}}:\n    pass\n", True),
        ("a.json", '{"name": "{{app_name}}"}', True),
        ("package.json", '{\\n "name": "x" }', False),
        ("a.toml", "a = [1,", False),
        ("a.ts", "const a = { b: [1, 2] }; // a ( in a comment\nconst c = '(';", True),
        ("a.ts", "const a = `( ${x} `; const b = /[(]\\/(/.test(x);", True),
        ("a.ts", "function f() { return (1; }", False),
        ("a.tsx", "const A = () => <p>it's (fine)</p>;\nconst b = 'https://x';", True),
        ("a.rs", "fn f<'a>(x: &'a str) -> char { '(' }", True),
        ("a.md", "anything (", None),
        ("a.ts", "   ", None),
        ("a.ts", "(" * 100_000, None),
    ],
)
def test_code_is_looked_at_for_being_whole(path: str, code: str, whole: bool | None) -> None:
    assert parses(path, code) is whole


@given(
    st.text(max_size=80),
    st.sampled_from(["a.py", "a.json", "a.ts", "a.tsx", "a.rs", "a.php", "a.toml"]),
    st.integers(-3, 10),
    st.floats(allow_nan=False),
)
def test_scores_stay_between_0_and_1_whatever_is_stored(
    code: str, path: str, variants: int, use: float
) -> None:
    for quality in (0.0, 0.5, 1.0):
        chunk = Chunk("a#b", code, "template-file", quality_score=quality, metadata={"path": path})
        for owner in (None, Chunk("a", code, "template", metadata={"name": 3})):
            found = explained_chunk(chunk, owner, variants=variants, use=use)
            assert 0 <= found.score <= 1
