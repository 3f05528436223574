from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.lexical_data import EVERY_WORD, WORDS, chunk, corpus, filled, found, never

from fluorite.chunk import Chunk
from fluorite.index import lexical_index, lexical_view
from fluorite.index.catalog import Catalog
from fluorite.index.filters import Filters
from fluorite.index.label_hashes import labels_wanted
from fluorite.index.lexical_fields import FIELDS, field_terms
from fluorite.index.lexical_index import LexicalIndex
from fluorite.index.lexical_query import LexicalQuery, LexicalWeights, query_terms
from fluorite.index.lexical_segments import FEWEST_FETCHED, Segments
from fluorite.index.ranking_function import inverse_frequency


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
