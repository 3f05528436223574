from __future__ import annotations

import base64
import json
import random
import string
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fluorite.chunk import Chunk
from fluorite.context import CallContext
from fluorite.learning.sources.code_folder import learn_code
from fluorite.learning.sources.documents import learn_documents
from fluorite.learning.sources.secrets import find_secrets, holds_any
from fluorite.settings import LearningSettings
from fluorite.store import ChunkStore

ALPHANUMERIC = string.ascii_letters + string.digits
seeds = st.integers(0, 2**32)


def drawn(seed: int, alphabet: str, length: int) -> str:
    return "".join(random.Random(seed).choices(alphabet, k=length))


def private_key(seed: int) -> str:
    lines = [base64.b64encode(random.Random(seed + row).randbytes(48)).decode() for row in range(6)]
    return "\n".join(["-----BEGIN RSA PRIVATE " + "KEY-----", *lines, "-----END RSA PRIVATE KEY-----"])


# Made up here, so that this file itself holds none.
KNOWN = {
    "AWS access key": "AKIA" + drawn(1, string.ascii_uppercase + "234567", 16),
    "GitHub token": "ghp_" + drawn(2, ALPHANUMERIC, 36),
    "Stripe key": "sk_live_" + drawn(3, ALPHANUMERIC, 24),
    "Google API key": "AIza" + drawn(4, ALPHANUMERIC, 35),
    "Slack token": "xoxb-" + drawn(5, string.digits, 12) + "-" + drawn(6, ALPHANUMERIC, 24),
    "Anthropic key": "sk-ant-api03-" + drawn(7, ALPHANUMERIC, 95),
    "npm token": "npm_" + drawn(8, ALPHANUMERIC, 36),
    "SendGrid key": "SG." + drawn(9, ALPHANUMERIC, 22) + "." + drawn(10, ALPHANUMERIC, 43),
    "Telegram token": drawn(11, "23456789", 10) + ":AA" + drawn(12, ALPHANUMERIC, 33),
    "private key": private_key(13),
}


@pytest.mark.parametrize("kind", KNOWN)
def test_the_keys_of_known_services_are_found_with_their_line_and_kind(kind: str) -> None:
    found = find_secrets(f"import x\n\nuse('{KNOWN[kind]}')\n")
    assert [(one.line, one.kind) for one in found] == [(3, kind)]


@pytest.mark.parametrize(
    "line",
    [
        'const apiKey = "{}";',
        "API_SECRET={}",
        '  "client_secret": "{}",',
        "  access_token: {}  # production",
        "$config['secret_key'] => '{}',",
        'auth_token := "{}"',
        "setItem('token', '{}')",
    ],
)
@settings(deadline=None)
@given(seed=seeds)
def test_random_values_given_to_secret_names_are_found(line: str, seed: int) -> None:
    value = drawn(seed, "0123456789abcdef", 40)
    assert [one.line for one in find_secrets("a\n" + line.replace("{}", value))] == [2]


@pytest.mark.parametrize(
    "line",
    [
        'apiKey: "your-api-key"',
        "const key = process.env.STRIPE_SECRET_KEY",
        'api_key = "{{api_key}}"',
        'token: "${GITHUB_TOKEN}"',
        "SECRET_KEY=changeme",
        "NEXTAUTH_SECRET=replace-with-strong-secret",
        "API_KEY=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        'secret = "00000000000000000000000000000000"',
        'password: "password123"',
        "POSTGRES_PASSWORD=postgrespostgres",
        "postgres://postgres:postgres@localhost:5432/app",
        "mysql://root:password@db/app",
        'token = "1234567890abcdef1234567890abcdef"',
        "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE",
        'STRIPE_KEY="sk_test_..."',
        "ANTHROPIC_API_KEY=sk-ant-your-key-here",
        "NEXTAUTH_SECRET=\nNEXTAUTH_URL=http://localhost:3000",
        "GOOGLE_APPLICATION_CREDENTIALS=path/to/key.json",
        "clientSecret: subscription.latest_invoice.client_secret",
        'const tokenUrl = "https://login.example.com/oauth2/v2.0/token"',
        "max_tokens: 4096, num_lookahead_tokens=num_lookahead_tokens",
        'password: "required|min:8|confirmed"',
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
        'Authorization: "Bearer YOUR_ACCESS_TOKEN_GOES_HERE"',
        'publicKey: "pk_test_51HGdsKLkjsdhfKJHSDkjh2389"',
    ],
)
def test_placeholders_references_and_words_are_no_secrets(line: str) -> None:
    assert find_secrets(line) == []


def test_a_finding_never_shows_the_secret() -> None:
    for value in KNOWN.values():
        (found,) = find_secrets(f"x = '{value}'")
        assert value.split("\n")[0][8:] not in repr(found) and value[-12:] not in str(found)


def test_a_chunk_holds_a_secret_also_without_its_marks_or_case() -> None:
    value = "ghp_" + drawn(20, ALPHANUMERIC, 36)
    secrets = find_secrets(f"key: {value}")
    held = [
        Chunk("a", f"so {value} it is"),
        Chunk("a#" + value.lower().replace("_", "-"), ""),
        Chunk("a", "", metadata={"headings": [value.replace("_", "")]}),
        Chunk("a", "", tags=(value,)),
    ]
    assert [holds_any(secrets, chunk) for chunk in held] == [True] * 4
    assert not holds_any(secrets, Chunk("a", f"ghp_{drawn(21, ALPHANUMERIC, 36)}"))


def everything(store: ChunkStore) -> str:
    return "\n".join(repr(chunk) for chunk in store.page(limit=10_000).chunks)


def test_a_secret_is_never_stored_and_the_rest_of_its_file_is(store: ChunkStore, tmp_path: Path) -> None:
    key = "sk_live_" + drawn(30, ALPHANUMERIC, 30)
    body = "\n".join(f"  const value{row} = compute({row}, 'some text {row}')" for row in range(60))
    code = f"export function first() {{\n{body}\n}}\n\n"
    code += f"export function second() {{\n  return pay('{key}')\n{body}\n}}\n"
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "pay.ts").write_text(code)
    guide = "Text of the guide. " * 40
    (folder / "README.md").write_text(f"# Guide\n\n{guide}\n\n# Keys {key}\n\nUse {key}.\n")
    by_code = learn_code(folder, store, lambda _: 0, LearningSettings(), CallContext())
    by_documents = learn_documents(folder, store, lambda _: 0, LearningSettings(), CallContext())
    assert [(one.file, one.line, one.kind) for one in by_code.secrets] == [("pay.ts", 65, "Stripe key")]
    assert [(one.file, one.line) for one in by_documents.secrets] == [("README.md", 5), ("README.md", 7)]
    assert by_code.chunks_withheld >= 1 and by_code.chunks_stored >= 1
    stored = everything(store).lower()
    assert key.lower() not in stored and key[8:].lower() not in stored
    assert "some text 3" in stored and "text of the guide" in stored
    report = json.dumps([str(by_code), str(by_documents)])
    assert key not in report and key[8:] not in report


def test_environment_and_key_files_are_not_even_read(store: ChunkStore, tmp_path: Path) -> None:
    folder = tmp_path / "code"
    folder.mkdir()
    for name in (".env", ".env.local", "server.pem", "id_rsa", ".npmrc"):
        (folder / name).write_text("PLAIN=not-a-secret-by-its-look\n")
    (folder / ".env.example").write_text("API_URL=http://localhost:3000\n")
    report = learn_code(folder, store, lambda _: 0, LearningSettings(), CallContext())
    assert report.skipped == {"environment file": 2, "key file": 3}
    assert [chunk.id for chunk in store.page().chunks] == [".env.example"]


def test_a_secret_that_comes_into_a_learned_file_removes_the_chunk_that_had_its_place(
    store: ChunkStore, tmp_path: Path
) -> None:
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "a.py").write_text("def connect():\n    return client(timeout=30, retries=5)\n")
    learn_code(folder, store, lambda _: 0, LearningSettings(), CallContext())
    (folder / "a.py").write_text(
        f"def connect():\n    return client(api_key='{drawn(40, '0123456789abcdef', 40)}')\n"
    )
    report = learn_code(folder, store, lambda _: 0, LearningSettings(), CallContext())
    assert (report.chunks_removed, store.count(), len(report.secrets)) == (1, 0, 1)
    again = learn_code(folder, store, lambda _: 0, LearningSettings(), CallContext())
    assert (again.processed, again.secrets) == (0, report.secrets)
