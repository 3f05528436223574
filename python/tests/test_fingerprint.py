from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluorite.chunk import Chunk
from fluorite.index import fingerprint
from fluorite.index.fingerprint import (
    BYTES_AT_ONCE,
    FEWEST_TOKENS,
    FINGERPRINT_WORDS,
    LONGEST,
    Fingerprints,
    fingerprints_of,
    near_identical,
)

CODE = """\
import Fastify from 'fastify';
const app = Fastify();
app.get('/', async () => ({ ok: true }));
app.listen({ port: 3000 });
"""

DIFFERENT_CODE = [
    CODE,
    CODE.replace("3000", "3001"),
    CODE.replace("Fastify", "Koa").replace("fastify", "koa"),
    "CREATE INDEX ON items USING hnsw (embedding vector_l2_ops);",
    "CREATE INDEX ON items USING ivfflat (embedding vector_l2_ops);",
    "CREATE INDEX ON items USING hnsw (embedding vector_ip_ops);",
    'data "aws_vpc" "main" { id = var.id }',
    'data "aws_rds_instance" "main" { id = var.id }',
    "console.log(gmail.users.labels.list({ userId: 'me' }));",
    "console.log(gmail.users.threads.list({ userId: 'me' }));",
    "replicaCount: 3\nimage: nginx",
    "replicaCount: 1\nimage: nginx",
    "a - b",
    "b - a",
    "a -- b",
    "a b",
    "ab",
    "a_b",
    "if (x) { y(); }",
    "if (!x) { y(); }",
    "return a < b",
    "return a > b",
    "認証を行う",
    "認可を行う",
    "x = 1",
    "x = 1.0",
    "X = 1",
    "x == 1",
]


def of(content: str | bytes, chunk_type: str = "code", identifier: str = "a") -> Fingerprints:
    return fingerprints_of([Chunk(identifier, content, chunk_type)])


def described(identifier: str, name: str, description: str, *lines: str) -> Chunk:
    return Chunk(identifier, "\n".join((name, description, *lines)), "template")


def stub(library: str, feature: str, style: str, language: str) -> Chunk:
    identifier = f"strike-{library}-{feature}-{style}-{language}"
    return described(
        identifier,
        f"{library} {feature} {style} {language}",
        f"Auto-generated spike for {library} {feature} in {language} ({style}).",
        f"stack: {library}, {language}",
        f"tags: {feature}, {style}, generated",
        f"files: src/{library}-{feature}.{language}, spikes/{identifier}.{language}.txt, src/server.ts",
    )


def long_code(words: int, seed: int = 1) -> str:
    numbers = np.random.default_rng(seed).integers(0, 10_000, words)
    return " ".join(f"call{number}(value);" for number in numbers.tolist())


def same(*chunks: Chunk) -> bool:
    return not near_identical(fingerprints_of(chunks)).any()


def test_formatting_makes_no_difference() -> None:
    reformatted = "\n\n" + CODE.replace("'", '"').replace(";", "").replace("{ ", "{\n\t").replace("(", "( ")
    assert reformatted != CODE
    assert np.array_equal(of(CODE), of(reformatted))
    assert np.array_equal(of("認証 を行う"), of("認証を\n行う"))


def test_different_pieces_of_code_are_never_the_same() -> None:
    found = fingerprints_of([Chunk(str(row), code) for row, code in enumerate(DIFFERENT_CODE)])
    for one, other in combinations(range(len(found)), 2):
        assert found[one, 0] != found[other, 0], (DIFFERENT_CODE[one], DIFFERENT_CODE[other])
    assert near_identical(found).tolist() == list(range(len(found)))


def test_chunks_of_different_types_are_never_the_same() -> None:
    content = long_code(300)
    assert not same(Chunk("a", content, "code"), Chunk("b", content, "document"))
    assert same(Chunk("a", content, "code"), Chunk("b", content, " CODE"))


def test_bytes_are_compared_as_they_are() -> None:
    assert same(Chunk("a", b"\0\xff 1"), Chunk("b", b"\0\xff 1"))
    assert not same(Chunk("a", b"\0\xff 1"), Chunk("b", b"\0\xff1"))


@pytest.mark.parametrize("content", ["", b"", " \n;\t"])
def test_what_has_no_content_is_like_no_other(content: str | bytes) -> None:
    found = fingerprints_of([Chunk("a", content), Chunk("b", content), Chunk("c", "x")])
    assert not found[:2].any() and found[2].any()
    assert near_identical(found).tolist() == [0, 1, 2]


def test_stubs_of_one_topic_in_any_style_and_language_are_one_thing() -> None:
    variants = [("basic", "js"), ("typed", "ts"), ("secure", "py"), ("advanced", "go"), ("testing", "rs")]
    assert same(*(stub("koa", "controller", style, language) for style, language in variants))


@pytest.mark.parametrize(("library", "feature"), [("koa", "service"), ("hono", "controller")])
def test_stubs_of_different_topics_are_different(library: str, feature: str) -> None:
    assert not same(stub("koa", "controller", "basic", "js"), stub(library, feature, "basic", "js"))


def test_templates_with_other_files_or_words_are_different() -> None:
    plain = described("custom-x", "X", "Does x.", "files: main.go")
    assert same(plain, replace(plain, id="strike-x"))
    assert not same(plain, described("custom-x", "X", "Does x.", "files: main.py"))
    assert not same(plain, described("custom-x", "X", "Undoes x.", "files: main.go"))


def test_a_language_that_an_id_does_not_name_is_part_of_the_description() -> None:
    one = described("grpc-client", "gRPC client", "A client in go.", "stack: grpc, go")
    other = described("grpc-caller", "gRPC client", "A client in python.", "stack: grpc, python")
    assert not same(one, other)


def test_a_template_named_by_its_id_alone_keeps_its_name() -> None:
    ids = ["docker-health.check", "docker-multi.stage"]
    assert not same(*(described(identifier, identifier, "", "stack: docker") for identifier in ids))


def test_long_copies_with_a_word_changed_are_the_same_and_rewritten_ones_are_not() -> None:
    words = long_code(400).split(" ")
    touched = [*words[:200], "other(value);", *words[201:]]
    rewritten = [word if row % 10 else "other(value);" for row, word in enumerate(words)]
    original = Chunk("a", " ".join(words))
    assert fingerprints_of([original])[0, 0] != of(" ".join(touched))[0, 0]
    assert same(original, Chunk("b", " ".join(touched)))
    assert not same(original, Chunk("c", " ".join(rewritten)))


def test_short_copies_with_a_word_changed_are_different() -> None:
    words = long_code((FEWEST_TOKENS - 4) // 4).split(" ")
    assert not of(" ".join(words))[0, 1:].any()
    assert not same(Chunk("a", " ".join(words)), Chunk("b", " ".join(["other(value);", *words[1:]])))


def test_a_row_joins_what_stands_for_a_group_and_not_its_last_member() -> None:
    found = np.zeros((4, FINGERPRINT_WORDS), np.uint64)
    found[:, 0] = [1, 2, 3, 1]
    found[:, 1] = [0b111111 << 32, 0b111111111111 << 32, 0b111111111111111111 << 32, 0b111111 << 32]
    assert near_identical(found).tolist() == [0, 0, 2, 0]
    assert near_identical(found[[2, 1, 0]]).tolist() == [0, 0, 2]


def test_nothing_and_one_are_grouped() -> None:
    assert near_identical(np.zeros((0, FINGERPRINT_WORDS), np.uint64)).tolist() == []
    assert near_identical(of("a")).tolist() == [0]
    assert fingerprints_of([]).shape == (0, FINGERPRINT_WORDS)


def test_very_long_content_is_compared_whole() -> None:
    text = "word " * (LONGEST // 5 + 1)
    assert same(Chunk("a", text), Chunk("b", text.replace(" ", "\n")))
    assert not same(Chunk("a", text), Chunk("b", text + "more"))


TEXTS = st.text(alphabet="ab1_ .;(){}'\"`\n\té認証🎉", max_size=60)


@given(st.lists(TEXTS, min_size=1, max_size=20))
def test_a_chunk_has_its_fingerprint_in_whatever_company(texts: list[str]) -> None:
    chunks = [Chunk(str(row), text, "code" if row % 3 else "note") for row, text in enumerate(texts)]
    together = fingerprints_of(chunks)
    alone = np.concatenate([fingerprints_of([chunk]) for chunk in chunks])
    assert np.array_equal(together, alone)


@given(TEXTS, TEXTS)
def test_signatures_are_equal_exactly_where_tokens_are(one: str, other: str) -> None:
    equal = tokens(one) == tokens(other)
    first, second = of(one)[0, 0], of(other)[0, 0]
    assert (first == second) == equal
    assert (first == 0) == (tokens(one) == [])


def tokens(text: str) -> list[str]:
    found, word = list[str](), ""
    for character in f"{text} ":
        wide = len(character.encode()) >= 3
        if not wide and (character.isalnum() or character == "_"):
            word += character
            continue
        found += [word] if word else []
        word = character if wide else ""
        if not wide and character not in " \n\t;":
            found.append("'" if character in '"`' else character)
    return found


def test_blocks_of_any_size_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    chunks = [Chunk(str(row), long_code(row * 3, row)) for row in range(60)]
    whole = fingerprints_of(chunks)
    assert sum(len(str(chunk.content)) for chunk in chunks) < BYTES_AT_ONCE
    monkeypatch.setattr(fingerprint, "BYTES_AT_ONCE", 100)
    assert np.array_equal(fingerprints_of(chunks), whole)


KNOWN = """
import sys
from fluorite.chunk import Chunk
from fluorite.index.fingerprint import fingerprints_of
chunks = [Chunk("a", "const a = 1;"), Chunk("b", "認証 b", "note")]
chunks += [Chunk("c-basic-js", "c basic js", "template")]
chunks += [Chunk("d", " ".join(f"word{n % 97}" for n in range(400)))]
print(fingerprints_of(chunks).tobytes().hex())
"""
KNOWN_FINGERPRINTS = (
    "30b3e059a8ae7f3600000000000000000000000000000000"
    "b262844aec6bfd5600000000000000000000000000000000"
    "1c4b64c11097360a00000000000000000000000000000000"
    "2f1a7c81fe715cc2d55f2947430ada6115ebeef4a9fcd76e"
)


def test_fingerprints_are_the_same_in_every_process() -> None:
    """A change of these values needs another FINGERPRINT_VERSION."""
    found = set()
    for seed in ("0", "1"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        ran = subprocess.run(
            [sys.executable, "-c", KNOWN],
            env=environment,
            cwd=Path(fingerprint.__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        )
        found.add(ran.stdout.strip())
    assert fingerprint.FINGERPRINT_VERSION == 1
    assert found == {KNOWN_FINGERPRINTS}
