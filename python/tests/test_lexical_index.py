from __future__ import annotations

import shutil
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fluorite.chunk import Chunk
from fluorite.errors import Cancelled
from fluorite.index import lexical_index, lexical_manifest, lexical_view
from fluorite.index.build_lock import exclusive
from fluorite.index.catalog import Catalog
from fluorite.index.filters import Filters
from fluorite.index.label_hashes import labels_wanted
from fluorite.index.lexical_fields import FIELDS, field_terms
from fluorite.index.lexical_index import LexicalIndex
from fluorite.index.lexical_query import LexicalQuery, LexicalWeights, query_terms
from fluorite.index.lexical_segments import FEWEST_FETCHED, Segments
from fluorite.index.ranking_function import inverse_frequency

WORDS = ["auth", "cache", "query", "worker", "token", "stripe", "redis", "認証", "キャッシュ"]
EVERY_WORD = query_terms(" ".join(WORDS))


def never() -> None:
    pass


def chunk(number: int, content: str = "", chunk_type: str = "code", **more: object) -> Chunk:
    return Chunk(f"chunk{number}", content, chunk_type, **more)  # type: ignore[arg-type]


def corpus(count: int, seed: int = 0, first: int = 1) -> list[tuple[int, Chunk]]:
    generator = np.random.default_rng(seed)
    return [
        (number, chunk(number, " ".join(generator.choice(WORDS, size=generator.integers(1, 9)))))
        for number in range(first, first + count)
    ]


def filled(folder: Path, items: Sequence[tuple[int, Chunk]], flush: bool = True) -> LexicalIndex:
    index = LexicalIndex.open(folder, 0)
    index.apply(items, [], items[-1][0])
    if flush:
        index.flush(never)
    return index


def found(index: LexicalIndex, text: str, most: int = 1000) -> list[int]:
    numbers: list[int] = index.search(query_terms(text), most)[0].tolist()
    return numbers


def expected(items: Iterable[tuple[int, Chunk]], query: LexicalQuery) -> dict[int, float]:
    """BM25 by the book: number → score, of the chunks that match."""
    fields = {number: [Counter(text.split()) for text in field_terms(chunk)] for number, chunk in items}
    scores = Counter[int]()
    for position, name in enumerate(FIELDS):
        lengths = {number: counts[position].total() for number, counts in fields.items()}
        average = sum(lengths.values()) / max(1, len(lengths)) or 1
        for term in query.terms:
            holders = [number for number, counts in fields.items() if counts[position][term.text]]
            weight = term.weight * getattr(query.weights, name) * inverse_frequency(len(fields), len(holders))
            for number in holders:
                count = fields[number][position][term.text]
                penalty = 1.2 * (0.25 + 0.75 * lengths[number] / average)
                scores[number] += weight * 2.2 * count / (count + penalty)
    return dict(scores)


@pytest.mark.parametrize("flush", [False, True])
def test_scores_are_those_of_bm25(tmp_path: Path, flush: bool) -> None:
    items = corpus(300)
    index = filled(tmp_path, items, flush)
    numbers, scores = index.search(EVERY_WORD, 1000)
    reference = expected(items, EVERY_WORD)
    assert dict(zip(numbers.tolist(), scores.tolist(), strict=True)) == pytest.approx(reference, rel=1e-4)
    assert np.all(np.diff(scores) <= 0)


def test_a_chunk_scores_nearly_the_same_in_memory_and_on_disk(tmp_path: Path) -> None:
    index = filled(tmp_path / "one", corpus(400))
    index.apply(corpus(200, seed=1, first=401), [], 600)
    numbers, mixed = index.search(EVERY_WORD, 1000)
    whole = filled(tmp_path / "other", corpus(400) + corpus(200, seed=1, first=401))
    assert np.allclose(whole.scores(EVERY_WORD, numbers), mixed, rtol=0.03)


def test_the_upper_bound_is_what_endless_repetition_in_one_field_would_score(tmp_path: Path) -> None:
    index = filled(tmp_path, [*corpus(50), (51, chunk(51, "kafka " * 5000))])
    query = query_terms("kafka stripeless")
    ideal = index.upper_bound(query)
    assert index.search(query, 1)[1][0] <= ideal
    assert ideal == pytest.approx(2.2 * inverse_frequency(51, 1), rel=1e-4)
    assert index.upper_bound(query_terms("nothing there")) == 0


def test_what_is_applied_is_found_at_once_and_what_is_removed_never_again(tmp_path: Path) -> None:
    index = filled(tmp_path, corpus(50))
    index.apply([(51, chunk(51, "qdrantClient.upsert()"))], [], 51)
    assert found(index, "qdrant client") == [51]
    index.apply([(53, chunk(51, "qdrantClient.search()"))], [51], 53)
    assert found(index, "qdrant client") == [53]
    index.flush(never)
    assert found(index, "qdrant client") == [53]
    index.apply([], [53], 54)
    assert found(index, "qdrant client") == []
    index.flush(never)
    assert found(index, "qdrant client") == [] and index.sequence == 54


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("add"), st.lists(st.sampled_from(WORDS), min_size=1, max_size=4)),
            st.tuples(st.just("remove"), st.integers(0, 30)),
            st.just(("flush", 0)),
            st.just(("reopen", 0)),
        ),
        max_size=25,
    ),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3),
)
def test_any_history_finds_exactly_what_is_there(
    tmp_path_factory: pytest.TempPathFactory,
    history: list[tuple[str, list[str] | int]],
    asked: list[str],
) -> None:
    folder = tmp_path_factory.mktemp("lexical")
    index = LexicalIndex.open(folder, 0)
    log: list[tuple[list[tuple[int, Chunk]], list[int]]] = []
    alive = dict[int, Chunk]()
    for action, given_value in history:
        if isinstance(given_value, list):
            number = len(log) + 1
            alive[number] = chunk(number, " ".join(given_value))
            log.append(([(number, alive[number])], []))
        elif action == "remove":
            doomed = [number for number in [given_value] if number in alive]
            for number in doomed:
                del alive[number]
            log.append(([], doomed))
        elif action == "flush":
            index.flush(never)
        else:
            index.close()
            index = LexicalIndex.open(folder, len(log))
        for sequence in range(index.sequence + 1, len(log) + 1):
            index.apply(*log[sequence - 1], sequence)
    query = query_terms(" ".join(asked))
    numbers, _ = index.search(query, 100)
    assert sorted(numbers.tolist()) == sorted(expected(alive.items(), query))
    assert len(set(numbers.tolist())) == len(numbers)
    index.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("allowed", [1, 3, 40, 400, 1500, 2000])
@pytest.mark.parametrize("written", [0, 1000, 2000])
def test_a_filter_gives_the_best_of_what_it_allows(tmp_path: Path, allowed: int, written: int) -> None:
    items = corpus(2000)
    index = LexicalIndex.open(tmp_path, 0)
    if written:
        index.apply(items[:written], [], written)
        index.flush(never)
    index.apply(items[written:], [], 2000)
    passing = np.sort(np.random.default_rng(1).choice(2000, allowed, replace=False)) + 1
    everything, scores = index.search(EVERY_WORD, 2000)
    kept = np.isin(everything, passing)
    numbers, filtered = index.search(EVERY_WORD, 20, passing)
    assert np.isin(numbers, passing).all()
    assert np.allclose(filtered, scores[kept][:20], rtol=1e-5)
    assert len(index.search(EVERY_WORD, 20, passing[:0])[0]) == 0


@pytest.mark.parametrize(
    "filters",
    [
        Filters(tags=("seldom",)),
        Filters(tags=("often", "seldom"), tags_mode="all"),
        Filters(tags=("seldom",), frameworks=("next.js", "hono")),
        Filters(frameworks=("hono",), min_quality_score=0.9),
        Filters(chunk_types=("code",)),
        Filters(tags=("nowhere",)),
    ],
)
def test_labels_spare_work_and_change_nothing(
    tmp_path: Path, filters: Filters, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = np.random.default_rng(3)
    items = [
        (
            number,
            replace(
                one,
                tags=("Often",) * bool(number % 2) + (" SELDOM ",) * (number % 9 == 0),
                frameworks=("Next.js",) * (number % 7 == 0) + ("Hono",) * (number % 12 == 0),
                quality_score=float(generator.random()),
            ),
        )
        for number, one in corpus(3000)
    ]
    index = filled(tmp_path / "lexical", items[:2900])
    index.apply(items[2900:], [9, 18], 3002)
    catalog = Catalog.open(tmp_path / "catalog", 0)
    catalog.apply(items, [9, 18], 3002)
    allowed = catalog.select(filters)
    assert allowed is not None
    _, scores = index.search(EVERY_WORD, 30, allowed)
    fetched = list[int]()
    hits = Segments._hits

    def counted(self: Segments, query: Any, count: int) -> Any:
        fetched.append(count)
        return hits(self, query, count)

    monkeypatch.setattr(Segments, "_hits", counted)
    numbers, confined = index.search(EVERY_WORD, 30, allowed, labels_wanted(filters))
    assert np.allclose(confined, scores, rtol=1e-5)
    assert np.isin(numbers, allowed).all()
    if filters.min_quality_score is None:
        assert sum(fetched) <= 2 * (30 + FEWEST_FETCHED)


def test_scores_of_given_numbers_are_those_of_the_search(tmp_path: Path) -> None:
    index = filled(tmp_path, corpus(300))
    index.apply(corpus(50, seed=1, first=301), [7], 351)
    query = query_terms("auth token")
    numbers, scores = index.search(query, 1000)
    asked = np.array([999, 7, *numbers[::-1].tolist()], np.int64)
    assert np.allclose(index.scores(query, asked), [0, 0, *scores[::-1].tolist()])
    assert index.scores(query_terms("nothing like this"), asked).tolist() == [0.0] * len(asked)


def test_common_terms_give_way_to_rarer_ones_in_large_memories(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = [(n, chunk(n, "react" + " table" * (n % 20 == 0))) for n in range(1, 401)]
    index = filled(tmp_path, items)
    assert len(found(index, "react table")) == 400
    monkeypatch.setattr(lexical_view, "COMMON_FROM", 100)
    monkeypatch.setattr(lexical_view, "ENOUGH_FOUND", 10)
    assert len(found(index, "react table")) == 20
    assert len(found(index, "react")) == 400


def test_of_a_long_query_the_terms_that_say_most_are_searched(tmp_path: Path) -> None:
    items = [(n, chunk(n, "common" if n > 2 else f"rare{n}")) for n in range(1, 50)]
    index = filled(tmp_path, items)
    query = query_terms("common rare1 rare2", LexicalWeights(part=0, most_terms=2))
    assert sorted(index.search(query, 100)[0].tolist()) == [1, 2]


def test_a_bulk_is_written_while_it_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexical_index, "MANY_RECENT", 500)
    index = LexicalIndex.open(tmp_path, 0)
    items = corpus(1200)
    for start in range(0, 1200, 300):
        index.apply(items[start : start + 300], [], start + 300)
    assert index.statistics()["written"] == 1200
    assert LexicalIndex.open(tmp_path, 1200).sequence == 1200
    assert len(found(index, " ".join(WORDS), 2000)) == 1200


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
    stop = threading.Event()
    failures = list[str]()

    def search() -> None:
        while not stop.is_set():
            try:
                numbers = found(index, " ".join(WORDS), 5000)
            except Exception as error:
                failures.append(repr(error))
                return
            if len(set(numbers)) != len(numbers) or len(numbers) < 500:
                failures.append(f"{len(numbers)} found, {len(set(numbers))} of them distinct")

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for start in range(501, 801, 20):
        index.apply(corpus(20, first=start), [], start + 19)
        if start % 3 == 0:
            index.flush(never)
    stop.set()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(found(index, " ".join(WORDS), 5000)) == 800


def test_nothing_is_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    index = filled(tmp_path, corpus(100))
    index.search(EVERY_WORD, 10)
    index.close()
    lose_a_file(tmp_path)
    LexicalIndex.open(tmp_path, 100)
    assert capfd.readouterr().out == ""
