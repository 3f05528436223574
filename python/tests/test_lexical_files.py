from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.lexical_data import EVERY_WORD, WORDS, corpus, filled, found, never
from tests.threads import repeated

from fluorite.errors import Cancelled
from fluorite.index import lexical_manifest
from fluorite.index.build_lock import exclusive
from fluorite.index.lexical_index import LexicalIndex


def test_an_index_opens_where_it_was_flushed(tmp_path: Path) -> None:
    index = filled(tmp_path, corpus(100))
    index.apply(corpus(20, first=101), [], 120)
    index.close()
    reopened = LexicalIndex.open(tmp_path, 120)
    assert reopened.sequence == 100 and not reopened.rebuilt
    assert len(found(reopened, " ".join(WORDS))) == 100


def damage_manifest(folder: Path) -> None:
    (folder / "manifest").write_bytes(b"\0" * 40)


def foreign_manifest(folder: Path) -> None:
    (folder / "manifest").write_bytes(b"PK\3\4 something else")


def cut_manifest(folder: Path) -> None:
    path = folder / "manifest"
    path.write_bytes(path.read_bytes()[:-5])


def segments(folder: Path) -> Path:
    (path,) = folder.glob("segments-*")
    return path


def postings(folder: Path) -> Path:
    return max(segments(folder).glob("*.term"), key=lambda path: path.stat().st_size)


def lose_everything(folder: Path) -> None:
    shutil.rmtree(segments(folder))


def lose_meta(folder: Path) -> None:
    (segments(folder) / "meta.json").unlink()


def spoil_meta(folder: Path) -> None:
    (segments(folder) / "meta.json").write_text("{")


def lose_a_file(folder: Path) -> None:
    postings(folder).unlink()


def cut_a_file(folder: Path) -> None:
    path = postings(folder)
    path.write_bytes(path.read_bytes()[:-7])


DAMAGES = [
    damage_manifest,
    foreign_manifest,
    cut_manifest,
    lose_everything,
    lose_meta,
    spoil_meta,
    lose_a_file,
    cut_a_file,
]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_what_cannot_be_read_is_made_again(tmp_path: Path, damage: object) -> None:
    filled(tmp_path, corpus(100)).close()
    old = segments(tmp_path).name
    assert callable(damage)
    damage(tmp_path)
    index = LexicalIndex.open(tmp_path, 100)
    assert (index.sequence, index.rebuilt, found(index, "auth")) == (0, True, [])
    index.apply(corpus(100), [], 100)
    index.flush(never)
    assert segments(tmp_path).name != old
    assert len(found(LexicalIndex.open(tmp_path, 100), " ".join(WORDS))) == 100


def test_a_file_of_the_right_size_with_other_bytes_is_noticed_by_the_first_flush(tmp_path: Path) -> None:
    filled(tmp_path, corpus(100)).close()
    for path in segments(tmp_path).iterdir():
        if path.suffix in (".idx", ".term"):
            path.write_bytes(bytes(byte ^ 0x55 for byte in path.read_bytes()))
    index = LexicalIndex.open(tmp_path, 100)
    index.search(EVERY_WORD, 10)
    index.flush(never)
    assert (index.sequence, index.rebuilt) == (0, True)
    index.apply(corpus(100), [], 100)
    index.flush(never)
    assert len(found(index, " ".join(WORDS))) == 100


@pytest.mark.parametrize("name", ["FORMAT", "TERMS_VERSION"])
def test_another_version_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    filled(tmp_path, corpus(10)).close()
    monkeypatch.setattr(lexical_manifest, name, 99)
    index = LexicalIndex.open(tmp_path, 10)
    assert index.rebuilt and index.sequence == 0


def test_an_index_that_knows_more_than_the_store_is_made_again(tmp_path: Path) -> None:
    filled(tmp_path, corpus(100)).close()
    index = LexicalIndex.open(tmp_path, 60)
    assert index.rebuilt and index.sequence == 0
    index.apply(corpus(60), [], 60)
    index.flush(never)
    assert index.sequence == 60
    assert len(found(index, " ".join(WORDS))) == 60


def test_an_empty_store_was_not_rebuilt_and_leaves_no_files(tmp_path: Path) -> None:
    index = LexicalIndex.open(tmp_path, 0)
    assert not index.rebuilt and found(index, "auth") == [] and index.upper_bound(EVERY_WORD) == 0
    index.flush(never)
    assert not list(tmp_path.glob("segments-*"))


def test_an_index_whose_files_are_deleted_meanwhile_is_made_again(tmp_path: Path) -> None:
    index = filled(tmp_path, corpus(100))
    shutil.rmtree(tmp_path)
    index.apply(corpus(10, first=101), [], 110)
    index.flush(never)
    assert (index.sequence, index.rebuilt) == (0, True)
    index.apply(corpus(110), [], 110)
    index.flush(never)
    assert len(found(index, " ".join(WORDS))) == index.statistics()["written"] == 110


def test_a_crash_between_commit_and_manifest_is_harmless(tmp_path: Path) -> None:
    filled(tmp_path, corpus(100)).close()
    before = (tmp_path / "manifest").read_bytes()
    index = LexicalIndex.open(tmp_path, 100)
    more = corpus(50, seed=1, first=101)
    index.apply(more, [3], 151)
    index.flush(never)
    index.close()
    (tmp_path / "manifest").write_bytes(before)
    index = LexicalIndex.open(tmp_path, 151)
    assert index.sequence == 100 and not index.rebuilt
    for _ in range(2):
        index.apply(more, [3], 151)
        numbers = found(index, " ".join(WORDS))
        assert sorted(numbers) == [number for number in range(1, 151) if number != 3]
        index.flush(never)
    assert index.statistics()["written"] == 149


def test_a_flush_that_is_cancelled_changes_nothing(tmp_path: Path) -> None:
    index = filled(tmp_path, corpus(100))
    index.apply(corpus(100, first=101), [5], 201)

    def cancel() -> None:
        raise Cancelled("stop")

    with pytest.raises(Cancelled):
        index.flush(cancel)
    assert len(found(index, " ".join(WORDS))) == 199
    index.flush(never)
    assert index.statistics()["written"] == len(found(index, " ".join(WORDS))) == 199


def test_two_on_one_folder_take_over_what_the_other_wrote(tmp_path: Path) -> None:
    one, other = LexicalIndex.open(tmp_path, 0), LexicalIndex.open(tmp_path, 0)
    for index in (one, other):
        index.apply(corpus(100), [], 100)
    one.flush(never)
    other.flush(never)
    assert other.statistics()["written"] == 100 and other.statistics()["recent"] == 0
    other.apply(corpus(50, first=101), [1], 151)
    other.flush(never)
    one.flush(never)
    assert one.sequence == 151
    assert sorted(found(one, " ".join(WORDS))) == sorted(found(other, " ".join(WORDS))) == [*range(2, 151)]


def test_while_another_writes_everything_stays_in_memory_and_is_found(tmp_path: Path) -> None:
    index = filled(tmp_path, corpus(100))
    index.apply(corpus(50, first=101), [], 150)
    with exclusive(tmp_path / "lock") as held:
        assert held
        index.flush(never)
        assert index.statistics()["recent"] == 50
        assert len(found(index, " ".join(WORDS))) == 150
    index.flush(never)
    assert index.statistics()["recent"] == 0


def test_one_that_lost_its_files_to_another_that_started_over_follows_it(tmp_path: Path) -> None:
    one = filled(tmp_path, corpus(100))
    (tmp_path / "manifest").unlink()
    filled(tmp_path, corpus(40)).close()
    one.apply(corpus(10, first=101), [], 110)
    one.flush(never)
    assert one.sequence == 40
    one.apply(corpus(110)[40:], [], 110)
    one.flush(never)
    assert sorted(found(one, " ".join(WORDS))) == [*range(1, 111)]


def test_searches_go_on_while_others_add_and_flush(tmp_path: Path) -> None:
    index = filled(tmp_path, corpus(500))

    def search() -> None:
        numbers = found(index, " ".join(WORDS), 5000)
        assert len(set(numbers)) == len(numbers) >= 500

    with repeated(search, threads=3):
        for start in range(501, 801, 20):
            index.apply(corpus(20, first=start), [], start + 19)
            if start % 3 == 0:
                index.flush(never)
    assert len(found(index, " ".join(WORDS), 5000)) == 800


def test_nothing_is_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    index = filled(tmp_path, corpus(100))
    index.search(EVERY_WORD, 10)
    index.close()
    lose_a_file(tmp_path)
    LexicalIndex.open(tmp_path, 100)
    assert capfd.readouterr().out == ""
