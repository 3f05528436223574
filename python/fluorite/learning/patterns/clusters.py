"""Clusters of similar patterns, with a name, and an id that stays when the memory grows.

Chunks that are the same thing again count once. Membership is by the nearest centroid, so what is
remembered of a run is small: the clusters' ids and centroids. The next run goes on from those centroids;
a new cluster takes the id of the old one with which it shares most members.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...chunk import Chunk
from ...context import CallContext
from ...frameworks import FrameworkNames, given_names
from ...index.arrays import Numbers, Vectors
from ...index.fingerprint import FINGERPRINT_WORDS, Fingerprints, fingerprints_of, near_identical
from .cluster_labels import Member, labels_of, member_of
from .partition import Groups, nearest, partitioned

RECORD_FORMAT = 1
MEMBERS_READ = 200
"""Most members of a cluster, those nearest to its centroid, that are read for its label."""
EXEMPLARS = 5
QUALITY_OF_AN_EXEMPLAR = 0.15
"""What full quality is worth in cosine when exemplars are chosen."""
SAME_CLUSTER = 0.2
"""Share of common members, of all members of both, from which a new cluster takes an old one's id."""
MOST_LONG = 4096
"""With more long chunks, only equal ones count once; comparing each with each would take too long."""
BLOCK = 4096

ChunksOf = Callable[[Sequence[int]], Sequence[Chunk | None]]


@dataclass(frozen=True, slots=True)
class PatternCluster:
    """`size` counts chunks, `distinct` those that are no copies. `coherence` is the distinct members' mean
    cosine to the centroid. `frameworks` says how many of the members that were read have each (languages
    included), `exemplars` are ids of chunks, the most typical first. `language` is that of the label."""

    id: str
    label: str
    language: str
    terms: tuple[str, ...]
    size: int
    distinct: int
    coherence: float
    frameworks: dict[str, int]
    exemplars: tuple[str, ...]


@dataclass(frozen=True)
class PatternClusters:
    """Clusters, the largest first; `groups[i]` is the cluster of the i-th chunk that was given. `record` is
    what the next run wants as `previous`: plain values, some 800 bytes a cluster."""

    clusters: tuple[PatternCluster, ...]
    groups: Groups
    record: dict[str, Any]


def pattern_clusters(
    vectors: Vectors,
    numbers: Numbers,
    chunks_of: ChunksOf,
    previous: Mapping[str, Any] | None = None,
    *,
    space: str = "",
    fingerprints: Fingerprints | None = None,
    names: FrameworkNames | None = None,
    context: CallContext | None = None,
) -> PatternClusters:
    """Clusters the chunks with these `numbers`, shape (n,), by their unit `vectors`, shape (n, d).

    `chunks_of` gives the chunks of numbers in their order, None for one that is gone. `space` names the
    model that made the vectors: a record of another space is not used. `fingerprints`, shape
    (n, FINGERPRINT_WORDS), are the catalog's; without them they are made here. Stages "fingerprint",
    "cluster" and "label" are reported. Raises Cancelled.
    """
    context = context or CallContext()
    names = names or given_names()
    if fingerprints is None:
        fingerprints = _fingerprints(numbers, chunks_of, context)
    leaders = _leaders(fingerprints)
    distinct = np.flatnonzero(leaders == np.arange(len(leaders)))
    old = _remembered(previous, space, vectors.shape[1]) if previous is not None else None
    context.report("cluster", 0, 1)
    own = np.ascontiguousarray(vectors[distinct], np.float32)
    groups, centres = partitioned(own, old[1] if old is not None else None, context.check)
    context.report("cluster", 1, 1)
    cosines = np.einsum("ij,ij->i", own, centres[groups]) if len(own) else np.empty(0, np.float32)
    places = np.empty(len(leaders), np.int64)
    places[distinct] = np.arange(len(distinct))
    everyone = groups[places[leaders]] if len(leaders) else groups
    sizes = np.bincount(everyone, minlength=len(centres))
    kept = _kept_ids(own, groups, len(centres), old)
    told, exemplars = list[list[Member]](), list[tuple[str, ...]]()
    for group in range(len(centres)):
        context.report("label", group, len(centres))
        rows = np.flatnonzero(groups == group)
        rows = rows[np.argsort(-cosines[rows], kind="stable")][:MEMBERS_READ]
        chunks = chunks_of(numbers[distinct[rows]].tolist())
        found = [(float(cosines[row]), chunk) for row, chunk in zip(rows, chunks, strict=True) if chunk]
        told.append([member_of(chunk, names) for _, chunk in found])
        found.sort(key=lambda pair: (-pair[0] - QUALITY_OF_AN_EXEMPLAR * pair[1].quality_score, pair[1].id))
        exemplars.append(tuple(chunk.id for _, chunk in found[:EXEMPLARS]))
    context.report("label", len(centres), len(centres))
    ids = _ids(kept, exemplars)
    clusters = tuple(
        PatternCluster(
            id=ids[group],
            label=label.text or (exemplars[group][0] if exemplars[group] else ids[group]),
            language=label.language,
            terms=label.terms,
            size=int(sizes[group]),
            distinct=int((groups == group).sum()),
            coherence=round(float(cosines[groups == group].mean()), 4),
            frameworks=label.frameworks,
            exemplars=exemplars[group],
        )
        for group, label in enumerate(labels_of(told, names))
    )
    return PatternClusters(clusters, everyone, _record(space, ids, centres))


def chosen_clusters(
    clusters: Sequence[PatternCluster],
    limit: int = 50,
    framework: str | None = None,
    names: FrameworkNames | None = None,
) -> list[PatternCluster]:
    """The largest clusters; with `framework`, however it is written, those whose members have it, first
    those in which most do."""
    if framework is None:
        return sorted(clusters, key=lambda one: (-one.distinct, one.id))[:limit]
    name = (names or given_names()).of_label(framework) or framework
    holding = [one for one in clusters if one.frameworks.get(name)]
    return sorted(holding, key=lambda one: (-one.frameworks[name], one.id))[:limit]


def _fingerprints(numbers: Numbers, chunks_of: ChunksOf, context: CallContext) -> Fingerprints:
    found = np.zeros((len(numbers), FINGERPRINT_WORDS), np.uint64)
    for start in range(0, len(numbers), BLOCK):
        context.report("fingerprint", start, len(numbers))
        chunks = chunks_of(numbers[start : start + BLOCK].tolist())
        there = [(start + place, chunk) for place, chunk in enumerate(chunks) if chunk is not None]
        if there:
            found[[row for row, _ in there]] = fingerprints_of(chunk for _, chunk in there)
    context.report("fingerprint", len(numbers), len(numbers))
    return found


def _leaders(fingerprints: Fingerprints) -> NDArray[np.int64]:
    """For each row the first row that is the same thing, shape (n,)."""
    if np.count_nonzero(fingerprints[:, 1]) > MOST_LONG:
        fingerprints = fingerprints.copy()
        fingerprints[:, 1:] = 0
    return near_identical(fingerprints)


def _kept_ids(
    vectors: Vectors, groups: Groups, count: int, old: tuple[list[str], Vectors] | None
) -> dict[int, str]:
    """New group → the id of the old one with most members in common; each id at most once."""
    if old is None or not len(vectors):
        return {}
    identifiers, centres = old
    before = nearest(vectors, centres)[0]
    common = np.zeros((count, len(centres)), np.int64)
    np.add.at(common, (groups, before), 1)
    either = common.sum(axis=1)[:, None] + common.sum(axis=0) - common
    share = common / np.maximum(either, 1)
    kept = dict[int, str]()
    used = set[int]()
    for place in np.argsort(-share, axis=None, kind="stable").tolist():
        new, former = divmod(place, len(centres))
        if share[new, former] < SAME_CLUSTER:
            break
        if new not in kept and former not in used:
            kept[new] = identifiers[former]
            used.add(former)
    return kept


def _ids(kept: Mapping[int, str], exemplars: Sequence[tuple[str, ...]]) -> list[str]:
    taken = set(kept.values())
    ids = list[str]()
    for group, members in enumerate(exemplars):
        identifier, attempt = kept.get(group), 0
        while identifier is None:
            seed = f"{members[0] if members else group}\0{attempt}".encode()
            candidate = "cluster-" + blake2b(seed, digest_size=5).hexdigest()
            identifier, attempt = (None if candidate in taken else candidate), attempt + 1
        taken.add(identifier)
        ids.append(identifier)
    return ids


def _record(space: str, ids: Sequence[str], centres: Vectors) -> dict[str, Any]:
    return {
        "format": RECORD_FORMAT,
        "space": space,
        "dimensions": int(centres.shape[1]) if centres.ndim == 2 else 0,
        "ids": list(ids),
        "centroids": centres.astype("<f2").tobytes(),
    }


def _remembered(record: Mapping[str, Any], space: str, dimensions: int) -> tuple[list[str], Vectors] | None:
    """Ids and centroids of a record; None for one of another format, space or shape, or an empty one."""
    expected = {"format": RECORD_FORMAT, "space": space, "dimensions": dimensions}
    if any(record.get(name) != value for name, value in expected.items()):
        return None
    ids, packed = record.get("ids"), record.get("centroids")
    if not isinstance(ids, list) or not isinstance(packed, bytes):
        return None
    if not ids or len(packed) != 2 * len(ids) * dimensions:
        return None
    centres = np.frombuffer(packed, "<f2").reshape(len(ids), dimensions).astype(np.float32)
    return list(map(str, ids)), centres
