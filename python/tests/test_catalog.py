from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fluorite.chunk import Chunk, normalise_label
from fluorite.index import catalog_columns, catalog_merge, catalog_runs, catalog_select
from fluorite.index.catalog import Catalog
from fluorite.index.catalog_columns import columns_of
from fluorite.index.catalog_merge import merged
from fluorite.index.filters import Filters
from fluorite.index.fingerprint import FINGERPRINT_WORDS, fingerprints_of

LABELS = ["react", "React", "ＶＵＥ", "vue", "go", "Straße"]
TYPES = ["code", "Code", "doc"]
PREFIXES = ["a", "b", "ab", "é", "認", "認証", "a\U0001f389", "zz"]


def chunk(identifier: str, **fields: Any) -> Chunk:
    return Chunk(identifier, fields.pop("content", f"content of {identifier}"), **fields)


CHUNKS = st.builds(
    Chunk,
    id=st.text(alphabet="abé認証\U0001f389/", min_size=1, max_size=5),
    content=st.sampled_from(["a b c", "x = 1", "", b"\xff"]),
    chunk_type=st.sampled_from(TYPES),
    frameworks=st.lists(st.sampled_from(LABELS), max_size=3).map(tuple),
    tags=st.lists(st.sampled_from(LABELS), max_size=3).map(tuple),
    quality_score=st.sampled_from([0.0, 0.1, 0.5, 0.7, 1.0]),
    updated_at=st.integers(0, 5),
)

FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "frameworks": st.lists(st.sampled_from([*LABELS, "none"]), max_size=3)
        | st.fixed_dictionaries({"all": st.lists(st.sampled_from(LABELS), max_size=2)}),
        "tags": st.lists(st.sampled_from([*LABELS, "none"]), max_size=3)
        | st.fixed_dictionaries({"all": st.lists(st.sampled_from(LABELS), max_size=2)}),
        "chunk_type": st.sampled_from([*TYPES, "none"]),
        "min_quality_score": st.sampled_from([0.0, 0.1, 0.6, 0.7, 1.0]),
        "id_prefix": st.sampled_from(PREFIXES),
        "updated_after": st.integers(-1, 6),
    },
).map(Filters.from_fields)

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.lists(CHUNKS, max_size=12)),
        st.tuples(st.just("remove"), st.lists(st.integers(0, 60), max_size=6)),
        st.tuples(st.just("again"), st.lists(st.integers(0, 60), max_size=6)),
        st.tuples(st.just("save"), st.none()),
        st.tuples(st.just("open"), st.none()),
    ),
    max_size=25,
)


def passes(candidate: Chunk, filters: Filters) -> bool:
    def meets(carried: Sequence[str], names: tuple[str, ...], mode: str) -> bool:
        labels = {normalise_label(label) for label in carried}
        return not names or (all if mode == "all" else any)(name in labels for name in names)

    return (
        meets(candidate.frameworks, filters.frameworks, filters.frameworks_mode)
        and meets(candidate.tags, filters.tags, filters.tags_mode)
        and meets([candidate.chunk_type], filters.chunk_types, "any")
        and candidate.quality_score >= (filters.min_quality_score or 0)
        and candidate.id.startswith(filters.id_prefix or "")
        and (filters.updated_after is None or candidate.updated_at > filters.updated_after)
    )


def check_against(catalog: Catalog, model: dict[int, Chunk], newest: int, asked: Sequence[Filters]) -> None:
    assert len(catalog) == len(model)
    numbers = np.arange(newest + 3)[::-1]
    assert catalog.contains(numbers).tolist() == [int(number) in model for number in numbers]
    known = np.array(sorted(model, reverse=True), np.int64)
    assert catalog.qualities(known).tolist() == [np.float32(model[n].quality_score) for n in known]
    assert np.array_equal(catalog.fingerprints(known), fingerprints_of(model[n] for n in known))
    for filters in asked:
        found = catalog.select(filters)
        if filters.is_empty:
            assert found is None
        else:
            expected = sorted(number for number, held in model.items() if passes(held, filters))
            assert found is not None and found.dtype == np.int64 and found.tolist() == expected


@settings(deadline=None)
@given(STEPS, st.lists(FILTERS, min_size=1, max_size=6), st.booleans())
def test_whatever_happens_the_catalog_selects_what_plain_python_does(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, Any]], asked: list[Filters], small: bool
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        if small:
            # Every limit that only a large memory reaches.
            patched.setattr(catalog_columns, "FEWEST_ROWS", 0)
            patched.setattr(catalog_merge, "IDS_AT_ONCE", 3)
            patched.setattr(catalog_merge, "POSTINGS_AT_ONCE", 4)
            patched.setattr(catalog_select, "FEW", 1)
            patched.setattr(catalog_runs, "WORTH_KEEPING", 1)
            patched.setattr(catalog_runs, "RUNS_OF_A_SIZE", 2)
            patched.setattr(catalog_runs, "BYTES_OF_RESULTS", 100)
        folder = tmp_path_factory.mktemp("catalog")
        catalog = Catalog.open(folder, 0)
        model, history, sequence = dict[int, Chunk](), dict[int, Chunk](), 0
        for kind, what in steps:
            if kind == "write":
                added = [(sequence + 2 * place + 1, item) for place, item in enumerate(what)]
                sequence += 2 * len(what) + 1
                catalog.apply(added, [], sequence)
                model.update(added)
                history.update(added)
            elif kind == "remove":
                sequence += 1
                catalog.apply([], what, sequence)
                for number in what:
                    model.pop(number, None)
            elif kind == "again":
                sequence += 1
                catalog.apply([(number, history[number]) for number in what if number in model], [], sequence)
            else:
                behind = catalog.statistics()["saved_sequence"] < sequence
                assert catalog.save() == behind
            if kind == "open":
                catalog.close()
                catalog = Catalog.open(folder, sequence)
                assert catalog.sequence == sequence and not catalog.rebuilt
            check_against(catalog, model, sequence, asked)


@given(st.lists(CHUNKS, max_size=30), st.data())
def test_runs_whose_numbers_interleave_become_one_in_order(chunks: list[Chunk], data: st.DataObject) -> None:
    numbers = data.draw(st.permutations(range(1, len(chunks) + 1)))
    placed = list(zip(numbers, chunks, strict=True))
    cut = data.draw(st.integers(0, len(placed)))
    runs = [(columns_of(part), np.ones(len(part), np.bool_)) for part in (placed[:cut], placed[cut:])]
    together, whole = merged(runs), columns_of(placed)
    for name in catalog_columns.NAMES:
        if name not in {"id_rows", "id_ranks"}:
            assert np.array_equal(getattr(together, name), getattr(whole, name)), name


def test_unknown_numbers_have_no_quality_and_a_fingerprint_like_no_other(tmp_path: Path) -> None:
    catalog = Catalog.open(tmp_path, 0)
    assert np.isnan(catalog.qualities(np.array([1]))).all() and len(catalog) == 0
    catalog.apply([(5, chunk("a", updated_at=7)), (6, chunk("b", updated_at=8))], [], 6)
    catalog.apply([], [5, 99], 7)
    numbers = np.array([6, 5, 6, 99])
    assert np.isnan(catalog.qualities(numbers)).tolist() == [False, True, False, True]
    assert catalog.fingerprints(numbers).any(axis=1).tolist() == [True, False, True, False]
    empty = np.empty(0, np.int64)
    assert catalog.fingerprints(empty).shape == (0, FINGERPRINT_WORDS)


def test_changes_that_are_held_already_are_passed_over(tmp_path: Path) -> None:
    catalog = Catalog.open(tmp_path, 0)
    catalog.apply([(1, chunk("a"))], [], 3)
    catalog.apply([(1, chunk("a"))], [1], 3)
    assert (len(catalog), catalog.sequence) == (1, 3)


def test_numbers_may_come_in_any_order(tmp_path: Path) -> None:
    catalog = Catalog.open(tmp_path, 0)
    for sequence, number in enumerate((9, 3, 5, 1), 1):
        catalog.apply([(number, chunk(f"id{number}", tags=("t",)))], [], sequence)
    everything = Filters.from_fields({"tags": "t"})
    assert _listed(catalog, everything) == [1, 3, 5, 9]
    assert catalog.save() and _listed(catalog, everything) == [1, 3, 5, 9]


def test_runs_stay_few_when_chunks_come_one_by_one(tmp_path: Path) -> None:
    catalog = Catalog.open(tmp_path, 0)
    for number in range(1, 1001):
        catalog.apply([(number, chunk(f"id{number}"))], [number - 1] if number % 3 == 0 else [], number)
        assert catalog.statistics()["runs"] <= 7 * 4
    assert len(catalog) == 1000 - 333
    assert _listed(catalog, Filters(id_prefix="id100")) == [100, 1000]


def test_many_chunks_in_pages_are_all_there(tmp_path: Path) -> None:
    catalog = Catalog.open(tmp_path, 0)
    page = 4096
    for start in range(0, 5 * page, page):
        numbers = range(start, start + page)
        added = [
            (number * 3 + 1, chunk(f"{number % 10}/{number}", content="same", tags=(f"t{number % 100}",)))
            for number in numbers
        ]
        catalog.apply(added, [start * 3 + 1], start + page)
        if start == 2 * page:
            assert catalog.save()
    expected = [number for number in range(5 * page) if number % page]
    assert len(catalog) == len(expected)
    tagged = Filters.from_fields({"tags": "T7"})
    assert _listed(catalog, tagged) == [number * 3 + 1 for number in expected if number % 100 == 7]
    wide, narrow = Filters(id_prefix="3/"), Filters(id_prefix="3/1003")
    assert _listed(catalog, wide) == [number * 3 + 1 for number in expected if number % 10 == 3]
    assert _listed(catalog, narrow) == [
        number * 3 + 1 for number in expected if str(number).startswith("1003") and number % 10 == 3
    ]
    assert catalog.save()
    again = Catalog.open(tmp_path, 5 * page)
    for filters in (tagged, wide, narrow):
        assert _listed(again, filters) == _listed(catalog, filters)


def test_ids_to_exclude_do_not_change_a_selection(tmp_path: Path) -> None:
    catalog = Catalog.open(tmp_path, 0)
    catalog.apply([(1, chunk("a", tags=("t",)))], [], 1)
    filters = Filters.from_fields({"tags": "t", "exclude_ids": ["a"]})
    assert _listed(catalog, filters) == [1]
    assert catalog.select(replace(filters, tags=())) is None


def test_a_result_that_is_kept_is_not_one_of_an_earlier_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog_runs, "WORTH_KEEPING", 1)
    catalog = Catalog.open(tmp_path, 0)
    catalog.apply([(number, chunk(f"id{number}", tags=("t",))) for number in range(1, 9)], [], 8)
    catalog.save()
    filters = Filters.from_fields({"tags": "t"})
    first = catalog.select(filters)
    assert first is not None and catalog.select(filters) is first
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 99
    catalog.apply([], [4], 9)
    assert _listed(catalog, filters) == [1, 2, 3, 5, 6, 7, 8]


def test_the_memory_that_kept_results_take_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog_runs, "WORTH_KEEPING", 1)
    monkeypatch.setattr(catalog_runs, "BYTES_OF_RESULTS", 100)
    results = catalog_runs.KeptResults()
    run = catalog_runs.whole(columns_of([(number, chunk(f"id{number}")) for number in range(20)]))
    made = list[str | None]()

    def nothing(_: object, __: object, filters: Filters) -> NDArray[np.int64]:
        made.append(filters.id_prefix)
        return np.empty(0, np.int64)

    for prefix in ("a", "b", "c", "d", "e", "a", "f", "b"):
        results.get(run, Filters(id_prefix=prefix), nothing)
    assert made == ["a", "b", "c", "d", "e", "f", "b"]


def test_a_label_is_found_under_every_spelling_that_normalises_to_it(tmp_path: Path) -> None:
    odd = ["\u0345", "\u1e9e\u0323", "\u03d3", "ﬃ", "①", "İ", "ﾊﾝｶｸ"]
    catalog = Catalog.open(tmp_path, 0)
    catalog.apply([(row + 1, chunk(label, tags=(label,))) for row, label in enumerate(odd)], [], len(odd))
    for row, label in enumerate(odd):
        assert row + 1 in _listed(catalog, Filters.from_fields({"tags": label}))


def _listed(catalog: Catalog, filters: Filters) -> list[int]:
    found = catalog.select(filters)
    assert found is not None
    return list(found.tolist())
