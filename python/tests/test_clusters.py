from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from fluorite.chunk import Chunk
from fluorite.context import CallContext
from fluorite.errors import Cancelled
from fluorite.frameworks import given_names
from fluorite.index.arrays import Numbers, Vectors
from fluorite.learning.patterns.cluster_labels import labels_of, member_of
from fluorite.learning.patterns.clusters import PatternClusters, chosen_clusters, pattern_clusters
from fluorite.learning.patterns.partition import partitioned

TOPICS = [
    ("nextjs", "認証 ミドルウェア", "セッションを検証"),
    ("kafka", "Kafka consumer retry", "reads a topic again after an error"),
    ("prisma", "Prisma transaction rollback", "writes rows together"),
    ("stripe", "決済 ウェブフック", "署名を検証して決済を記録"),
    ("playwright", "Playwright screenshot", "compares screenshots of a page"),
]


class Memory:
    """Chunks of five topics: vectors about five directions, shape (n, 24)."""

    def __init__(self, of_each: int, seed: int = 1) -> None:
        random = np.random.default_rng(seed)
        directions = np.linalg.qr(np.random.default_rng(0).normal(size=(24, 24)))[0][: len(TOPICS)]
        self.chunks = list[Chunk]()
        rows = []
        for number in range(of_each):
            for topic, (framework, name, description) in enumerate(TOPICS):
                metadata = {"name": f"{name} {number}", "description": description}
                identifier = f"{framework}-{number}"
                self.chunks.append(
                    Chunk(identifier, f"{name} {number * 31}", "template", (framework,), (), 0.5, metadata)
                )
                rows.append(directions[topic] + random.normal(scale=0.08, size=24))
        vectors = np.array(rows, np.float32)
        self.vectors: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        self.numbers: Numbers = np.arange(1, len(rows) + 1)

    def chunks_of(self, numbers: Sequence[int]) -> list[Chunk | None]:
        return [self.chunks[number - 1] for number in numbers]

    def clusters(self, rows: slice = slice(None), previous: PatternClusters | None = None) -> PatternClusters:
        record = previous.record if previous is not None else None
        return pattern_clusters(self.vectors[rows], self.numbers[rows], self.chunks_of, record, space="m")


def test_the_number_of_groups_comes_from_the_data() -> None:
    memory = Memory(60)
    groups, centres = partitioned(memory.vectors)
    assert len(centres) == len(TOPICS)
    assert all(len(set(groups[topic :: len(TOPICS)].tolist())) == 1 for topic in range(len(TOPICS)))
    np.testing.assert_allclose(np.linalg.norm(centres, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("count", [0, 1, 7, 8, 30])
def test_few_and_equal_vectors_are_one_group(count: int) -> None:
    vectors = np.tile(np.eye(1, 6, dtype=np.float32), (count, 1))
    groups, centres = partitioned(vectors)
    assert groups.tolist() == [0] * count and len(centres) == min(count, 1)


def test_clusters_have_size_coherence_exemplars_and_a_label_in_their_members_language() -> None:
    memory = Memory(40)
    found = memory.clusters()
    assert len(found.clusters) == len(TOPICS)
    by_framework = {one.exemplars[0].split("-")[0]: one for one in found.clusters}
    assert by_framework["nextjs"].language == "ja" and by_framework["kafka"].language == "en"
    assert by_framework["nextjs"].label.startswith("Next.js: ")
    assert "ミドルウェア" in by_framework["nextjs"].label and "認証" in by_framework["nextjs"].label
    assert "決済" in by_framework["stripe"].label
    assert by_framework["kafka"].label.startswith("Apache Kafka: ")
    assert "consumer" in by_framework["kafka"].terms and "retry" in by_framework["kafka"].terms
    for one in found.clusters:
        assert one.size == one.distinct == 40 and 0.8 < one.coherence < 1
        assert len(one.exemplars) == 5 and len(set(one.exemplars)) == 5
        framework = one.exemplars[0].split("-")[0]
        assert all(name.startswith(framework) for name in one.exemplars)


def test_near_identical_chunks_count_once_but_belong_to_the_cluster() -> None:
    memory = Memory(20)
    for number in range(30):
        memory.chunks.append(Chunk(f"copy-{number}", "the very same code", "code", ("kafka",)))
    kafka = memory.vectors[1]
    memory.vectors = np.concatenate([memory.vectors, np.tile(kafka, (30, 1))])
    memory.numbers = np.arange(1, len(memory.chunks) + 1)
    found = memory.clusters()
    (of_kafka,) = chosen_clusters(found.clusters, framework="Kafka")
    assert (of_kafka.size, of_kafka.distinct) == (50, 21)
    assert len(set(found.groups[100:].tolist())) == 1


def test_ids_persist_when_the_memory_grows() -> None:
    memory = Memory(60)
    before = memory.clusters(slice(0, 200))
    after = memory.clusters(previous=before)
    assert {one.id for one in before.clusters} == {one.id for one in after.clusters}
    for row in range(200):
        assert before.clusters[before.groups[row]].id == after.clusters[after.groups[row]].id
    again = memory.clusters(previous=after)
    assert again.clusters == after.clusters


def test_a_new_topic_gets_an_id_of_its_own_and_the_others_keep_theirs() -> None:
    memory = Memory(60)
    known = np.flatnonzero(np.arange(300) % 5 != 4)
    before = pattern_clusters(memory.vectors[known], memory.numbers[known], memory.chunks_of, space="m")
    after = memory.clusters(previous=before)
    kept = {one.id for one in before.clusters}
    assert len(before.clusters) == 4 and len(after.clusters) == 5
    (fresh,) = [one for one in after.clusters if one.id not in kept]
    assert fresh.exemplars[0].startswith("playwright")


def test_a_record_of_another_model_or_a_damaged_one_is_not_used() -> None:
    memory = Memory(20)
    found = memory.clusters()
    record = found.record
    for wrong in ({**record, "space": "other"}, {**record, "centroids": b"1"}, {**record, "format": 99}, {}):
        again = pattern_clusters(memory.vectors, memory.numbers, memory.chunks_of, wrong, space="m")
        assert again.clusters == found.clusters
    other = pattern_clusters(memory.vectors[:, :12], memory.numbers, memory.chunks_of, record, space="m")
    assert other.record["dimensions"] == 12


def test_chunks_that_are_gone_and_an_empty_memory_do_no_harm() -> None:
    memory = Memory(20)
    found = pattern_clusters(memory.vectors, memory.numbers, lambda numbers: [None] * len(numbers))
    assert all(one.label == one.id and one.exemplars == () for one in found.clusters)
    empty = pattern_clusters(memory.vectors[:0], memory.numbers[:0], memory.chunks_of)
    assert empty.clusters == () and empty.record["ids"] == []
    assert memory.clusters(slice(0, 0), found).clusters == ()


def test_clusters_are_chosen_by_size_and_framework() -> None:
    found = Memory(20).clusters().clusters
    assert len(chosen_clusters(found, limit=2)) == 2
    assert [one.label.split(":")[0] for one in chosen_clusters(found, framework="ネクスト")] == ["Next.js"]
    assert chosen_clusters(found, framework="rails") == []


def test_a_cancelled_call_stops() -> None:
    memory = Memory(20)
    context = CallContext()
    context.cancel()
    with pytest.raises(Cancelled):
        pattern_clusters(memory.vectors, memory.numbers, memory.chunks_of, context=context)


def test_labels_hold_whole_words_and_leave_out_what_says_nothing() -> None:
    def told(name: str, description: str) -> Chunk:
        return Chunk(name, "x", "template", (), (), 0.5, {"name": name, "description": description})

    ours = [member_of(told(f"t{n} デモ", "最小構成の検索インデックス作成"), given_names()) for n in range(3)]
    theirs = [member_of(told(f"strike-x-{n} demo", "Auto-generated spike"), given_names()) for n in range(3)]
    label, other = labels_of([ours, theirs], given_names())
    assert set(label.terms) == {"検索", "インデックス"} and label.language == "ja"
    assert label.text in ("検索、インデックス", "インデックス、検索")
    assert other.text == "" and other.language == "en"
    assert labels_of([], given_names()) == []
