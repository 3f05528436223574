"""Metrics in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from .latency import Latencies

PREFIX = "fluorite"
FIRST, LAST = 50e-6, 20.0
"""Bounds of latency between which a scraper is told every doubling, in seconds."""

Values = Iterable[tuple[tuple[str, ...], float | None]]
"""The values of labels, and what is measured for them."""


def exposition(metrics: Mapping[str, Any], latencies: Mapping[str, Latencies]) -> str:
    """What `getMetrics` returns, and the latencies by kind of search, for a scraper. What is None there
    is left out here."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(metrics, latencies))
    return generate_latest(registry).decode()


class _Collector(Collector):
    def __init__(self, metrics: Mapping[str, Any], latencies: Mapping[str, Latencies]) -> None:
        self._metrics = metrics
        self._latencies = latencies

    def collect(self) -> Iterator[Metric]:
        metrics = self._metrics
        yield _info(metrics)
        yield _gauge("chunks", "Stored chunks.", [((), metrics["chunks"])])
        sizes = [(("chunks",), metrics["store_bytes"]), (("embeddings",), metrics["embeddings_bytes"])]
        yield _gauge("store_bytes", "Size on disk.", sizes, ["store"])
        yield from _caches(metrics)
        yield self._searches()
        yield from _indexes(metrics["index"])
        yield _gauge("memory_bytes", "Of the process, by kind.", _memory(metrics["memory_use"]), ["kind"])
        yield from _learning(metrics)

    def _searches(self) -> Metric:
        family = HistogramMetricFamily(
            f"{PREFIX}_search_duration_seconds",
            "Searches since this process opened the memory.",
            labels=["kind"],
        )
        for kind, latencies in self._latencies.items():
            cumulative, count, seconds = latencies.cumulative()
            buckets = [(repr(bound), float(held)) for bound, held in cumulative if FIRST <= bound <= LAST]
            family.add_metric([kind], [*buckets, ("+Inf", float(count))], seconds)
        return family


def _info(metrics: Mapping[str, Any]) -> Metric:
    described = {
        "version": metrics["version"],
        "python_version": metrics["python_version"],
        "model": metrics["embedding"]["model"],
        "precision": metrics["embedding"]["precision"],
    }
    return InfoMetricFamily(PREFIX, "What is running.", described)


def _caches(metrics: Mapping[str, Any]) -> Iterator[Metric]:
    caches = [(("chunks",), metrics["cache"]), (("embeddings",), metrics["embedding"]["cache"])]
    known = [(labels, cache) for labels, cache in caches if cache is not None]
    for name, told in (("hits", "Found in the cache."), ("misses", "Not found in the cache.")):
        counter = CounterMetricFamily(f"{PREFIX}_cache_{name}", told, labels=["cache"])
        for labels, cache in known:
            counter.add_metric(labels, cache[name])
        yield counter
    for name, told in (("bytes", "Held in the cache."), ("capacity_bytes", "Most that the cache holds.")):
        yield _gauge(f"cache_{name}", told, [(labels, cache[name]) for labels, cache in known], ["cache"])


def _indexes(indexes: Mapping[str, Any]) -> Iterator[Metric]:
    behind = [((name,), index["behind"]) for name, index in indexes.items() if index is not None]
    yield _gauge("index_behind", "Writes that an index does not hold yet.", behind, ["index"])
    if indexes["vectors"] is not None:
        waiting = [((), indexes["vectors"]["pending"])]
        yield _gauge("vectors_pending", "Chunks that wait for their vector.", waiting)


def _memory(use: Mapping[str, int | None]) -> Values:
    return [((name.removesuffix("_bytes"),), value) for name, value in use.items()]


def _learning(metrics: Mapping[str, Any]) -> Iterator[Metric]:
    histogram = metrics["quality_histogram"]
    if histogram is not None:
        bins = [((f"{low / 10}", f"{(low + 1) / 10}"), count) for low, count in enumerate(histogram)]
        yield _gauge("chunks_by_quality", "Stored chunks by their quality score.", bins, ["from", "to"])
    learning = metrics["learning"]
    running = [
        ((run["operation"], run["stage"] or ""), run["done"] / run["total"] if run["total"] else 0.0)
        for run in learning["running"]
    ]
    yield _gauge(
        "learning_progress_ratio", "How far the present stage of a run is.", running, ["operation", "stage"]
    )
    if learning["last_run_at"] is not None:
        ended = [((), learning["last_run_at"] / 1000)]
        yield _gauge("learning_last_run_timestamp_seconds", "When learning last ended.", ended)
    accuracy = [
        ((when, language), value)
        for when in ("before", "after")
        for language, value in ((metrics["retrieval"] or {}).get(when) or {}).items()
    ]
    yield _gauge(
        "retrieval_mean_reciprocal_rank",
        "Of held-out pairs, before and after the last training that was adopted.",
        accuracy,
        ["when", "language"],
    )


def _gauge(
    name: str,
    told: str,
    values: Values,
    labels: list[str] | None = None,
) -> Metric:
    family = GaugeMetricFamily(f"{PREFIX}_{name}", told, labels=labels or [])
    for given, value in values:
        if value is not None:
            family.add_metric(given, value)
    return family
