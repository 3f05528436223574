from __future__ import annotations

import mmap
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from fluorite.chunk import Chunk
from fluorite.context import CallContext
from fluorite.engine import MemoryEngine
from fluorite.index.catalog import Catalog
from fluorite.metrics.latency import Latencies
from fluorite.metrics.memory_use import memory_use
from fluorite.metrics.prometheus import exposition
from fluorite.operation import operation
from fluorite.operations.logged import logged
from fluorite.settings import MachineLearningSettings, PrivacySettings, Settings

CALL = CallContext()


class Engine(MemoryEngine):
    @operation("background")
    @logged
    def learn_slowly(self, context: CallContext, times: int = 1) -> dict[str, Any]:
        context.report("read", times, 4)
        return {"seen": self.get_metrics(context)["learning"]["running"]}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = Engine(
        Settings(
            tmp_path / "memory",
            ml=MachineLearningSettings(enable_ml=False),
            privacy=PrivacySettings(state_path=tmp_path / "state"),
        )
    )
    yield opened
    opened.close()


def samples(text: str) -> dict[tuple[str, ...], float]:
    """Every sample by its name and the values of its labels, in the order of the labels' names."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@given(st.lists(st.floats(1e-6, 100.0), min_size=1, max_size=200))
def test_quantiles_are_within_their_bound_of_the_true_ones(seconds: list[float]) -> None:
    latencies = Latencies()
    for one in seconds:
        latencies.add(one)
    summary, ordered = latencies.summary(), sorted(seconds)
    assert summary["count"] == len(seconds)
    assert summary["max"] == round(ordered[-1] * 1e3, 3)
    for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
        true = ordered[max(0, -int(-share * len(ordered) // 1) - 1)] * 1e3
        assert abs(summary[name] - true) <= 0.045 * true + 0.0005


def test_durations_beyond_all_bounds_are_counted_too() -> None:
    latencies = Latencies()
    latencies.add(0.0)
    latencies.add(1e9, times=2)
    assert latencies.summary()["count"] == 3
    cumulative, count, _seconds = latencies.cumulative()
    assert (cumulative[0][1], count) == (1, 3)


def test_before_the_first_search_there_is_no_latency() -> None:
    assert Latencies().summary() == {"count": 0, "p50": None, "p95": None, "p99": None, "max": None}


def test_the_memory_use_is_that_of_this_process() -> None:
    before = memory_use()
    # Pages of its own: the allocator may have as many to spare, which are counted already.
    with mmap.mmap(-1, 64 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as held:
        for page in range(0, len(held), mmap.PAGESIZE):
            held[page] = 1
        after = memory_use()
    assert after["peak_resident_bytes"] is not None and after["peak_resident_bytes"] > 64 << 20
    if before["anonymous_bytes"] is None or after["anonymous_bytes"] is None:
        pytest.skip("This system does not tell anonymous memory.")
    assert after["anonymous_bytes"] - before["anonymous_bytes"] > 60 << 20


def test_the_quality_histogram_counts_the_chunks_that_are_alive(tmp_path: Path) -> None:
    catalog = Catalog.open(tmp_path, 0)
    scores = [0.0, 0.1, 0.3, 0.6, 0.7, 0.9, 0.95, 1.0]
    catalog.apply(
        [(number, Chunk(f"{number}", "x", quality_score=score)) for number, score in enumerate(scores, 1)],
        [],
        1,
    )
    assert catalog.quality_histogram() == [1, 1, 0, 1, 0, 0, 1, 1, 0, 3]
    catalog.apply([(20, Chunk("20", "x", quality_score=0.25))], [1, 8], 2)
    assert catalog.quality_histogram() == [0, 1, 1, 1, 0, 0, 1, 1, 0, 2]
    catalog.close()


def test_metrics_tell_searches_by_kind_and_the_quality_of_what_is_stored(engine: Engine) -> None:
    engine.store_chunks(
        CALL, [{"id": f"{n}", "content": "login", "quality_score": n / 10} for n in range(11)]
    )
    engine.search_many(CALL, ["login", {"like": "3"}, memoryview(b"\0\0\x80?" * 384).cast("f")])
    metrics = engine.get_metrics(CALL)
    assert metrics["quality_histogram"] == [1] * 9 + [2]
    assert [metrics["searches"][kind]["count"] for kind in ("text", "vector")] == [2, 1]
    assert metrics["searches"]["text"]["p50"] > 0
    assert metrics["cache"]["hit_rate"] == metrics["cache"]["hits"] / (
        metrics["cache"]["hits"] + metrics["cache"]["misses"]
    )
    assert metrics["retrieval"] is None


def test_a_run_is_seen_while_it_goes_on_and_not_after(engine: Engine) -> None:
    seen = engine.learn_slowly(CALL, times=3)["seen"]
    assert [(run["operation"], run["stage"], run["done"], run["total"]) for run in seen] == [
        ("learn_slowly", "read", 3, 4)
    ]
    assert engine.get_metrics(CALL)["learning"]["running"] == []


def test_what_prometheus_scrapes_says_the_same_as_metrics(engine: Engine) -> None:
    empty = samples(engine.get_prometheus_metrics(CALL))
    assert empty[("fluorite_chunks",)] == 0
    engine.store_chunks(CALL, [{"id": f"{n}", "content": "login", "quality_score": 0.85} for n in range(7)])
    for _ in range(5):
        engine.search_similar(CALL, "login")
    metrics = engine.get_metrics(CALL)
    found = samples(engine.get_prometheus_metrics(CALL))
    assert found[("fluorite_chunks",)] == metrics["chunks"] == 7
    assert found[("fluorite_cache_misses_total", "chunks")] == metrics["cache"]["misses"]
    assert found[("fluorite_chunks_by_quality", "0.8", "0.9")] == 7
    assert found[("fluorite_search_duration_seconds_count", "text")] == 5
    assert found[("fluorite_search_duration_seconds_bucket", "text", "+Inf")] == 5
    assert found[("fluorite_search_duration_seconds_count", "vector")] == 0
    assert found[("fluorite_index_behind", "catalog")] == 0


def test_learning_and_retrieval_are_scraped_where_there_are_any(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "spikes").mkdir()
    engine.learn_from_spikes(CALL, str(tmp_path / "spikes"))
    metrics = engine.get_metrics(CALL)
    metrics["retrieval"] = {"before": {"ja": 0.5}, "after": {"ja": 0.75}}
    found = samples(exposition(metrics, {}))
    ended = metrics["learning"]["last_run_at"] / 1000
    assert found[("fluorite_learning_last_run_timestamp_seconds",)] == ended
    assert found[("fluorite_retrieval_mean_reciprocal_rank", "ja", "after")] == 0.75


def test_the_buckets_of_latency_are_cumulative(engine: Engine) -> None:
    generator = random.Random(1)
    for _ in range(500):
        engine._memory.latencies["text"].add(generator.lognormvariate(-5, 2))
    found = samples(engine.get_prometheus_metrics(CALL))
    buckets = [
        value
        for name, value in found.items()
        if name[:2] == ("fluorite_search_duration_seconds_bucket", "text")
    ]
    assert buckets == sorted(buckets) and buckets[-1] == 500 and len(set(buckets)) > 8
