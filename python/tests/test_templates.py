from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluorite.learning.templates.quality import template_quality
from fluorite.learning.templates.template import MalformedTemplate, Template, parse_template
from fluorite.learning.templates.template_chunks import template_chunks

REAL_CODE = (
    "import { Hono } from 'hono';\nimport { jwt } from 'hono/jwt';\n\nconst service = new Hono();\n"
    "service.use('/account/*', jwt({ secret: process.env.JWT_SECRET }));\n"
    "service.get('/account/profile', (context) => context.json(context.get('jwtPayload')));\n"
)


def template(**changes: Any) -> dict[str, Any]:
    value = {
        "id": "hono-jwt",
        "name": "Hono JWT",
        "stack": ["hono", "typescript"],
        "tags": ["auth"],
        "description": "Protects account routes with signed tokens.",
        "params": [{"name": "app_name", "default": "api"}],
        "files": [{"path": "{{app_name}}/service.ts", "template": REAL_CODE}],
    }
    return {**value, **changes}


def parsed(**changes: Any) -> Template:
    return parse_template("hono-jwt.json", json.dumps(template(**changes)).encode())


def test_a_template_gives_a_chunk_of_its_own_and_one_for_each_meaningful_file() -> None:
    described, file = template_chunks(parsed(), "hono-jwt.json")
    assert described.id == "hono-jwt" and described.chunk_type == "template"
    for told in (
        "Hono JWT",
        "signed tokens",
        "stack: hono, typescript",
        "parameters: app_name",
        "service.ts",
    ):
        assert told in str(described.content)
    assert file.id == "hono-jwt#{{app_name}}/service.ts" and file.content == REAL_CODE
    assert file.frameworks == ("hono", "typescript") and file.metadata["template"] == "hono-jwt"


def test_empty_repeated_and_skeleton_files_give_no_chunk_of_their_own() -> None:
    files = [
        {"path": "a.ts", "template": REAL_CODE},
        {"path": "b.ts", "template": REAL_CODE},
        {"path": "c.ts", "template": ""},
        {"path": "d.ts", "template": "// Spike: hono jwt\nexport function demo() { console.log('hono'); }\n"},
    ]
    assert [chunk.id for chunk in template_chunks(parsed(files=files), "x")] == ["hono-jwt", "hono-jwt#a.ts"]


def test_two_files_with_one_path_keep_both() -> None:
    files = [
        {"path": "a.ts", "template": REAL_CODE},
        {"path": "a.ts", "template": REAL_CODE + "export default service;"},
    ]
    assert [chunk.id for chunk in template_chunks(parsed(files=files), "x")][1:] == [
        "hono-jwt#a.ts",
        "hono-jwt#a.ts~2",
    ]


def test_a_stub_scores_low_and_real_code_high_whatever_they_are_called() -> None:
    stub = parsed(
        id="precious",
        name="precious",
        description="Precious.",
        params=[],
        files=[{"path": "a.ts", "template": "export function demo() { return true; }"}],
    )
    assert template_quality(stub) < 0.15
    assert template_quality(parsed()) > 0.7
    assert template_quality(parsed(description="Auto-generated spike for hono jwt.")) > 0.5


def test_missing_parts_are_taken_as_absent_and_the_id_from_the_file_name() -> None:
    found = parse_template("folder/just-a-name.json", b'{"files": [{"path": "a", "content": "x"}]}')
    assert (found.id, found.name, found.stack, found.files[0].code) == ("just-a-name", "just-a-name", (), "x")


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (b"[1, 2]", 1, "not a list"),
        (b'{"id": 3}', 1, "id is a number"),
        (b'{\n"name": "x",\n"stack": [1]}', 3, "stack is not a list of strings"),
        (b'{"files": {}}', 1, "files is an object"),
        (b'{"files": ["x"]}', 1, "a file is a string"),
        (b'{"files": [{"template": "x"}]}', 1, "no path"),
        (b'{"name": "a\\u0000b"}', 1, "NUL"),
        (b'{"name": "\\ud800"}', 1, "surrogate"),
        (b'{"a": 1}\n\xff', 2, "not UTF-8"),
    ],
)
def test_a_file_that_is_no_template_is_told_by_line_and_reason(data: bytes, line: int, reason: str) -> None:
    with pytest.raises(MalformedTemplate) as caught:
        parse_template("bad.json", data)
    assert caught.value.line == line and reason in caught.value.reason


@given(st.binary(max_size=300))
def test_any_bytes_are_a_template_or_a_malformed_one(data: bytes) -> None:
    try:
        parse_template("any.json", data)
    except MalformedTemplate as error:
        assert error.line >= 1


def test_code_that_a_repair_would_tear_apart_is_refused() -> None:
    torn = b'{"id": "x", "files": [{"path": "a.js", "template": "log("method", ":url")"}]}'
    with pytest.raises(MalformedTemplate):
        parse_template("x.json", torn)
