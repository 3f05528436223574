"""Ten consistent feedbacks on real templates, in Japanese and in English; skipped without the archive."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fluorite.context import CallContext
from fluorite.embedding.export import export_model
from fluorite.engine import MemoryEngine
from fluorite.settings import resolve

ROOT = Path(__file__).parents[2]
ARCHIVE = ROOT.parent / "shared" / "data" / "fluorite-mcp-spikes.tar.xz"
TOPICS = ("express", "fastapi", "stripe", "mongo", "nextjs", "prisma", "react", "terraform")

pytestmark = pytest.mark.skipif(
    not ARCHIVE.exists(), reason="the archive of real templates is not beside the project"
)

FAMILIES = [
    (
        "Stripeの決済画面を作りたい",
        ("Stripeで支払い画面を表示する", "Stripeの決済ページを実装したい"),
    ),
    (
        "FastAPIのログインでトークンを発行したい",
        ("ログインしたらトークンを返すFastAPIのAPI", "FastAPIでトークンを発行するログイン処理"),
    ),
    (
        "expire old documents in MongoDB automatically",
        ("MongoDB: delete documents after some time", "auto-remove stale mongo documents"),
    ),
    (
        "redirect visitors who are not logged in with Next.js middleware",
        (
            "Next.js middleware that sends anonymous users to the login page",
            "auth guard in Next.js middleware",
        ),
    ),
]
OTHERS = (
    "terraform state in an S3 bucket",
    "verify the signature of a Stripe webhook",
    "FastAPIのテストで依存を差し替える",
    "Next.jsのキャッシュを再検証する",
    "リストを並べ替える関数",
    "read a CSV file",
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MemoryEngine]:
    folder = tmp_path_factory.mktemp("feedback")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    chosen = folder / "chosen"
    chosen.mkdir()
    for file in sorted((folder / "spikes").glob("*.json")):
        if file.name.startswith(TOPICS):
            shutil.move(file, chosen / file.name)
    export_model(ROOT / "models")
    opened = MemoryEngine(resolve({"memory_path": str(folder / "memory")}, ROOT / "models"))
    report = opened.learn_from_spikes(CallContext(), str(chosen))
    assert report["new"] > 100
    yield opened
    opened.close()


def hits(engine: MemoryEngine, query: str) -> list[dict[str, Any]]:
    (found,) = engine.search_similar(CallContext(), query, 20, {"explain": True})
    assert found["incomplete"] is None
    return list(found["hits"])


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [hit["id"] for hit in found]


def place(identifier: str, found: list[dict[str, Any]]) -> int:
    return ids(found).index(identifier) if identifier in ids(found) else len(found)


@pytest.mark.parametrize(("query", "paraphrases"), FAMILIES)
def test_ten_feedbacks_reorder_paraphrases_and_leave_what_is_unrelated(
    engine: MemoryEngine, query: str, paraphrases: tuple[str, ...]
) -> None:
    others = {other: hits(engine, other) for other in OTHERS}
    before = {paraphrase: hits(engine, paraphrase) for paraphrase in paraphrases}
    disliked, liked = ids(hits(engine, query))[:2]
    given = [
        engine.add_feedback(
            CallContext(), {"id": one, "feedback_type": "search_relevance", "query": query, "rating": rating}
        )["feedback_id"]
        for one, rating in ((liked, 1.0), (disliked, 0.0))
        for _ in range(5)
    ]
    swapped = 0
    for asked, its in ((query, None), *before.items()):
        after = hits(engine, asked)
        assert ids(after).index(liked) < place(disliked, after), asked
        swapped += its is not None and place(disliked, its) < place(liked, its)
        (praised,) = [hit for hit in after if hit["id"] == liked]
        assert praised["explanation"]["feedback"]["positive"] == 5
        assert 0.02 < praised["explanation"]["parts"]["feedback"] <= 0.15
    assert swapped > 0
    for other, its in others.items():
        assert hits(engine, other) == its, other
    for identifier in given:
        assert engine.undo_feedback(CallContext(), identifier)
    assert {paraphrase: hits(engine, paraphrase) for paraphrase in paraphrases} == before
