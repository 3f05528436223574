from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fluorite.chunk import Chunk
from fluorite.context import CallContext
from fluorite.errors import Cancelled, InvalidArgument, PathNotFound, StoreDamaged
from fluorite.learning.sharing import exported, imported
from fluorite.learning.sharing.exported import ExportReport, export_chunks
from fluorite.learning.sharing.imported import ImportReport, import_chunks
from fluorite.learning.sharing.shared_line import chunk_of, line_of
from fluorite.learning.sharing.withheld import places_pattern
from fluorite.store import ChunkStore

text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
label = text.filter(lambda value: value.strip() != "" and len(value.encode()) < 100)
numbers = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | numbers | text
plain = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(text, inner), max_leaves=6)
names = text.filter(lambda name: name not in ("collection", "imported", "corrects"))
chunks = st.builds(
    Chunk,
    id=label,
    content=text | st.binary(),
    chunk_type=label,
    frameworks=st.lists(label, max_size=3, unique=True).map(tuple),
    tags=st.lists(label, max_size=3, unique=True).map(tuple),
    quality_score=st.floats(0, 1),
    metadata=st.dictionaries(names, plain, max_size=4),
)


@pytest.fixture
def other(tmp_path: Path) -> Iterator[ChunkStore]:
    opened = ChunkStore(tmp_path / "other")
    yield opened
    opened.close()


def some(count: int) -> list[Chunk]:
    return [
        Chunk(f"chunk-{number:05}", f"const a{number} = {'x' * 200};", quality_score=0.8)
        for number in range(count)
    ]


def export(store: ChunkStore, folder: Path, context: CallContext | None = None) -> ExportReport:
    return export_chunks(folder, store, context or CallContext())


def merge(
    folder: Path, store: ChunkStore, trust: float = 0.5, source: str | None = "alice", most: int = 1 << 20
) -> ImportReport:
    return import_chunks(folder, store, CallContext(), trust, source, most)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def rewrite(folder: Path, name: str, data: bytes) -> None:
    """Puts other bytes into a shared file, and their checksum into the manifest."""
    (folder / name).write_bytes(data)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    for file in manifest["files"]:
        if file["name"] == name:
            file.update(bytes=len(data), sha256=sha256(data).hexdigest())
    (folder / "manifest.json").write_text(json.dumps(manifest))


def reasons(report: ImportReport) -> list[tuple[str, int, str]]:
    return [(one.file, one.line, one.reason) for one in report.rejected]


@given(chunks)
def test_a_chunk_survives_its_line(chunk: Chunk) -> None:
    line = line_of(chunk)
    assert line.count(b"\n") == 1 and chunk_of(line, 1 << 20) == chunk


@given(st.binary(max_size=300) | plain.map(lambda value: json.dumps(value).encode()))
def test_any_line_is_taken_or_refused_with_a_reason(line: bytes) -> None:
    try:
        chunk_of(line, 1000)
    except InvalidArgument as error:
        assert str(error)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None)
@given(given_chunks=st.lists(chunks, max_size=8, unique_by=lambda chunk: chunk.id))
def test_what_is_exported_comes_in_elsewhere_with_provenance_and_trust(
    tmp_path_factory: pytest.TempPathFactory, given_chunks: list[Chunk]
) -> None:
    folder = tmp_path_factory.mktemp("round")
    here, there = ChunkStore(folder / "here"), ChunkStore(folder / "there")
    here.put(given_chunks)
    report = export(here, folder / "shared")
    result = merge(folder / "shared", there)
    assert (result.imported, result.rejected, there.count()) == (report.chunks, [], report.chunks)
    for chunk in given_chunks:
        (stored,) = there.get([chunk.id])
        if stored is None:
            continue
        metadata = {**chunk.metadata, "source": "alice"}
        assert {name: stored.metadata[name] for name in metadata} == metadata
        assert replace(stored, created_at=0, updated_at=0, metadata={}) == replace(
            chunk, quality_score=chunk.quality_score * 0.5, metadata={}
        )
    assert report.chunks + sum(report.skipped.values()) == len(given_chunks)
    here.close()
    there.close()


def test_equal_memories_give_equal_files_whatever_their_history(
    store: ChunkStore, other: ChunkStore, tmp_path: Path
) -> None:
    store.put([replace(chunk, metadata={"a": 1, "b": 2}) for chunk in some(60)])
    other.put([Chunk("gone", "x")])
    for chunk in reversed(some(60)):
        other.put([replace(chunk, metadata={"b": 2, "a": 1, "collection": "code:1"})])
    other.delete(["gone"])
    export(store, tmp_path / "one")
    export(other, tmp_path / "two")
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")


def test_files_stay_within_their_bound_and_a_change_touches_one_of_them(
    store: ChunkStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exported, "FILE_BYTES", 10_000)
    store.put(some(400))
    report = export(store, tmp_path / "shared")
    before = bytes_of(tmp_path / "shared")
    assert len(report.files) > 8
    assert all(len(data) <= 10_000 for name, data in before.items() if name != "manifest.json")
    store.put([Chunk("chunk-00007", "changed"), Chunk("another", "one")])
    export(store, tmp_path / "shared")
    after = bytes_of(tmp_path / "shared")
    changed = {name for name in after if before.get(name) != after[name]}
    assert before.keys() == after.keys() and 2 <= len(changed) <= 3 and "manifest.json" in changed


def test_files_that_are_needed_no_more_go_and_foreign_ones_stay(
    store: ChunkStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exported, "FILE_BYTES", 5_000)
    store.put(some(100))
    export(store, tmp_path / "shared")
    (tmp_path / "shared" / "README.md").write_text("mine")
    store.delete([chunk.id for chunk in some(100)[1:]])
    report = export(store, tmp_path / "shared")
    assert report.files == ["chunks.jsonl"]
    assert bytes_of(tmp_path / "shared").keys() == {"chunks.jsonl", "manifest.json", "README.md"}


def test_what_is_not_for_others_is_left_out_and_counted(store: ChunkStore, tmp_path: Path) -> None:
    key = "AKIA" + "Q7RZ4MX2WLTN8VKJ"
    store.put(
        [
            Chunk("kept", "const a = 1;", quality_score=0.9, metadata={"path": "src/a.ts"}),
            Chunk("poor", "x", quality_score=0.1),
            Chunk("keyed", f"aws = '{key}'", quality_score=0.9),
            Chunk("noted", "x", quality_score=0.9, metadata={"deep": [{"api_key": key}]}),
            Chunk("corrected", "x", quality_score=0.9, metadata={"corrects": "kept"}),
            Chunk("here", "open('/home/alice/notes/x')", quality_score=0.9),
            Chunk("alike", "open('/home/alice2/notes/x')", quality_score=0.9),
            Chunk("theirs", "x", quality_score=0.9, metadata={"imported": {"trust": 0.5}}),
        ]
    )
    places = places_pattern([Path("/home/alice"), Path("/root")])
    report = export_chunks(tmp_path / "shared", store, CallContext(), 0.5, "", places)
    assert report.skipped == {
        "below min_quality_score": 1,
        "holds a secret": 2,
        "imported from others": 1,
        "made from feedback": 1,
        "names a path of this machine": 1,
    }
    written = b"".join(bytes_of(tmp_path / "shared").values())
    assert report.chunks == 2 and b"src/a.ts" in written and b"alice2" in written
    assert key.encode() not in written and b"/home/alice/" not in written
    assert export_chunks(tmp_path / "some", store, CallContext(), id_prefix="ke").chunks == 1


def test_own_chunks_stay_and_those_of_the_same_source_follow(
    store: ChunkStore, other: ChunkStore, tmp_path: Path
) -> None:
    store.put([Chunk("a", "theirs"), Chunk("b", "theirs", quality_score=0.8), Chunk("c", "theirs")])
    other.put([Chunk("a", "mine")])
    export(store, tmp_path / "shared")
    first, again = merge(tmp_path / "shared", other), merge(tmp_path / "shared", other)
    assert (first.imported, first.kept) == (2, 1)
    assert (again.imported, again.unchanged, again.kept) == (0, 2, 1)
    store.put([Chunk("b", "theirs, better", quality_score=0.8)])
    export(store, tmp_path / "shared")
    third = merge(tmp_path / "shared", other)
    assert (third.replaced, third.unchanged, third.kept) == (1, 1, 1)
    mine, followed = other.get(["a", "b"])
    assert mine is not None and mine.content == "mine"
    assert followed is not None and followed.content == "theirs, better"
    assert followed.quality_score == pytest.approx(0.4)
    assert followed.metadata["imported"] == {"trust": 0.5, "quality_score": 0.8}


def test_between_two_sources_the_more_trusted_wins(
    store: ChunkStore, other: ChunkStore, tmp_path: Path
) -> None:
    store.put([Chunk("a", "from alice")])
    export(store, tmp_path / "alice")
    store.put([Chunk("a", "from bob")])
    export(store, tmp_path / "bob")
    merge(tmp_path / "alice", other, 0.5, None)
    assert merge(tmp_path / "bob", other, 0.5, None).kept == 1
    assert merge(tmp_path / "bob", other, 0.6, None).replaced == 1
    (chunk,) = other.get(["a"])
    assert chunk is not None and (chunk.content, chunk.metadata["source"]) == ("from bob", "bob")


def test_a_chunk_that_becomes_the_memorys_own_during_an_import_stays(
    store: ChunkStore, other: ChunkStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put([Chunk("a", "theirs")])
    export(store, tmp_path / "shared")
    read = other.get

    def read_then_store(identifiers: list[str]) -> list[Chunk | None]:
        found = read(identifiers)
        other.put([Chunk("a", "mine")])
        return found

    monkeypatch.setattr(other, "get", read_then_store)
    assert merge(tmp_path / "shared", other).kept == 1
    (chunk,) = read(["a"])
    assert chunk is not None and chunk.content == "mine"


def test_bad_lines_are_named_by_file_and_line_and_stop_nothing(
    store: ChunkStore, other: ChunkStore, tmp_path: Path
) -> None:
    store.put([Chunk("a", "x")])
    export(store, tmp_path / "shared")
    good = line_of(Chunk("good", "x"))
    secret = line_of(Chunk("s", "token = 'ghp_" + "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY2zA4'"))
    lines = [
        good,
        b"{oops\n",
        b"[1]\n",
        b'{"id": "x", "content": "y", "colour": 1}\n',
        b'{"id": "x", "content": "y", "quality_score": NaN}\n',
        b"\xff\xfe\n",
        good,
        b"[" * 100_000 + b"\n",
        secret,
        b"\n",
        b'{"id": "x", "content": "y", "metadata": {"imported": {"trust": 1}}}\n',
        b'{"id": "' + b"y" * 2_000_000 + b'"}\n',
        line_of(Chunk("last", "x"))[:-1],
    ]
    rewrite(tmp_path / "shared", "chunks.jsonl", b"".join(lines))
    report = merge(tmp_path / "shared", other, most=1000)
    assert [one.line for one in report.rejected] == [2, 3, 4, 5, 6, 7, 8, 9, 11, 12]
    assert (report.imported, other.count()) == (2, 2)
    assert "GitHub token" in report.rejected[7].reason and "colour" in report.rejected[2].reason


def test_a_damaged_or_missing_file_is_named_and_the_others_come_in(
    store: ChunkStore, other: ChunkStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exported, "FILE_BYTES", 5_000)
    store.put(some(100))
    shared = tmp_path / "shared"
    files = export(store, shared).files
    data = bytearray((shared / files[0]).read_bytes())
    data[len(data) // 2] ^= 1
    (shared / files[0]).write_bytes(data)
    (shared / files[1]).unlink()
    (shared / files[2]).rename(tmp_path / "elsewhere")
    (shared / files[2]).symlink_to(tmp_path / "elsewhere")
    os.truncate(shared / files[3], 10)
    (shared / "chunks-3210.jsonl").write_text("{}")
    report = merge(shared, other)
    assert sorted(one.file for one in report.rejected) == sorted([*files[:4], "chunks-3210.jsonl"])
    assert all(one.line == 0 for one in report.rejected) and report.imported == other.count() > 0
    assert "sha256" in next(one.reason for one in report.rejected if one.file == files[0])


def test_a_manifest_cannot_name_what_lies_elsewhere(
    store: ChunkStore, other: ChunkStore, tmp_path: Path
) -> None:
    store.put([Chunk("a", "x")])
    export(store, tmp_path / "shared")
    manifest = json.loads((tmp_path / "shared" / "manifest.json").read_bytes())
    for name in ("../secret.jsonl", "/etc/passwd", "chunks-0/../../x.jsonl", "chunks.jsonl\n", ""):
        manifest["files"][0]["name"] = name
        (tmp_path / "shared" / "manifest.json").write_text(json.dumps(manifest))
        with pytest.raises(StoreDamaged, match="name"):
            merge(tmp_path / "shared", other)


def test_another_format_is_refused_with_a_remedy(
    store: ChunkStore, other: ChunkStore, tmp_path: Path
) -> None:
    export(store, tmp_path / "shared")
    path = tmp_path / "shared" / "manifest.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 2'))
    with pytest.raises(InvalidArgument, match=r"format 2, .* reads format 1\. Update"):
        merge(tmp_path / "shared", other)
    with pytest.raises(PathNotFound, match="exportChunks"):
        merge(tmp_path / "nowhere", other)
    (tmp_path / "shared" / "manifest.json").write_text("{")
    with pytest.raises(StoreDamaged, match="not JSON"):
        merge(tmp_path / "shared", other)


def test_a_manifest_of_something_else_is_not_overwritten(store: ChunkStore, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"name": "web app"}')
    with pytest.raises(InvalidArgument, match="something else"):
        export(store, tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidArgument, match="is a file"):
        export(store, tmp_path / "file")


def test_a_cancelled_export_changes_nothing_and_a_cancelled_import_leaves_whole_writes(
    store: ChunkStore, other: ChunkStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imported, "CHUNKS_PER_WRITE", 10)
    monkeypatch.setattr("fluorite.context.SECONDS_BETWEEN_REPORTS", 0)
    store.put(some(35))
    export(store, tmp_path / "shared")
    before = bytes_of(tmp_path / "shared")
    store.put([Chunk("one more", "x")])
    stopped = CallContext()
    stopped.cancel()
    with pytest.raises(Cancelled):
        export(store, tmp_path / "shared", stopped)
    assert bytes_of(tmp_path / "shared") == before
    context = CallContext(lambda progress: context.cancel() if other.count() >= 20 else None)
    with pytest.raises(Cancelled):
        import_chunks(tmp_path / "shared", other, context, 0.5, "alice", 1 << 20)
    assert other.count() == 20
    assert merge(tmp_path / "shared", other).imported == 15


def test_the_source_is_named_after_the_folder_around(
    store: ChunkStore, other: ChunkStore, tmp_path: Path
) -> None:
    export(store, tmp_path / "bobs-patterns" / "learning-chunks")
    assert merge(tmp_path / "bobs-patterns" / "learning-chunks", other, source=None).source == "bobs-patterns"
