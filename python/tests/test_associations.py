from __future__ import annotations

import math

import pytest

from fluorite.chunk import Chunk
from fluorite.learning.patterns.associations import (
    FrameworkCount,
    framework_relationships,
    frameworks_by_count,
    information_component,
    wilson_interval,
)
from fluorite.learning.patterns.baskets import Baskets, baskets_of


def pattern(
    identifier: str, frameworks: str, tags: str = "", quality: float = 0.5, path: str = ""
) -> list[Chunk]:
    labels = {"frameworks": tuple(frameworks.split()), "tags": tuple(tags.split()), "quality_score": quality}
    chunks = [
        Chunk(
            identifier,
            f"what {identifier} does",
            chunk_type="template",
            metadata={"name": identifier.replace("-", " ")},
            **labels,  # type: ignore[arg-type]
        )
    ]
    if path:
        chunks.append(
            Chunk(
                f"{identifier}#{path}",
                f"const {identifier.replace('-', '_')} = 1",
                chunk_type="template-file",
                metadata={"template": identifier, "path": path},
                **labels,  # type: ignore[arg-type]
            )
        )
    return chunks


def memory() -> Baskets:
    chunks = list[Chunk]()
    for number in range(8):
        chunks += pattern(f"shop-{number}", "Next.js prisma", "db", number / 10, "prisma/schema.prisma")
    for number in range(4):
        chunks += pattern(f"page-{number}", "nextjs", "ui")
    chunks += pattern("odd-one", "nextjs kafka", "queue")
    for number in range(30):
        chunks += pattern(f"other-{number}", "kafka" if number % 2 else "rails", "queue")
    return baskets_of(chunks)


def test_frameworks_are_counted_by_pattern_and_the_most_frequent_come_first() -> None:
    assert frameworks_by_count(memory(), 3) == [
        FrameworkCount("kafka", 16),
        FrameworkCount("rails", 15),
        FrameworkCount("nextjs", 13),
    ]
    assert frameworks_by_count(baskets_of([]), 3) == []


def test_a_template_and_its_files_are_one_basket() -> None:
    baskets = memory()
    assert len(baskets) == 8 + 4 + 1 + 30
    shop = next(basket for basket in baskets.baskets if basket.id == "shop-3")
    assert shop.frameworks == ("nextjs", "prisma")
    assert shop.features == ("db",) and shop.files == ("schema.prisma",)
    assert {piece.chunk_id for piece in shop.pieces} == {"shop-3", "shop-3#prisma/schema.prisma"}


def test_a_relationship_has_the_counts_of_its_baskets() -> None:
    found = framework_relationships(memory(), "Next.js")
    prisma = next(one for one in found if one.related == "prisma")
    assert (prisma.framework, prisma.kind, prisma.count) == ("nextjs", "framework", 8)
    assert prisma.support == pytest.approx(8 / 43)
    assert prisma.confidence == pytest.approx(8 / 13)
    expected = 13 * 8 / 43
    assert prisma.lift == pytest.approx(8 / expected)
    assert prisma.pmi == pytest.approx(math.log2(8.5 / (expected + 0.5)))
    assert prisma.pmi_lower < prisma.pmi < math.log2(prisma.lift)
    low, high = prisma.confidence_interval
    assert low < prisma.confidence < high
    assert prisma.evidence_ids == ("shop-7", "shop-6", "shop-5", "shop-4", "shop-3")
    assert ("file", "schema.prisma") in {(one.kind, one.related) for one in found}
    assert ("feature", "db") in {(one.kind, one.related) for one in found}


def test_what_met_once_or_less_than_by_chance_is_no_relationship() -> None:
    assert "kafka" not in {one.related for one in framework_relationships(memory(), "nextjs")}
    chunks = [chunk for number in range(20) for chunk in pattern(f"a-{number}", "react", "ui")]
    chunks += [chunk for number in range(3) for chunk in pattern(f"b-{number}", "vue", "ui")]
    chunks += [chunk for number in range(20) for chunk in pattern(f"c-{number}", "vue", "state")]
    assert "ui" not in {one.related for one in framework_relationships(baskets_of(chunks), "vue")}


def test_relationships_are_ordered_by_what_is_certain() -> None:
    found = framework_relationships(memory())
    assert [one.pmi_lower for one in found] == sorted((one.pmi_lower for one in found), reverse=True)
    pairs = [frozenset((one.framework, one.related)) for one in found if one.kind == "framework"]
    assert len(pairs) == len(set(pairs)) and frozenset(("nextjs", "prisma")) in pairs
    assert len(framework_relationships(memory(), limit=2)) == 2


def test_min_support_and_unknown_frameworks() -> None:
    baskets = memory()
    assert {one.related for one in framework_relationships(baskets, "nextjs", min_support=8 / 43)} == {
        "prisma",
        "db",
        "schema.prisma",
    }
    assert framework_relationships(baskets, "nextjs", min_support=0.5) == []
    assert framework_relationships(baskets, "unheard-of") == []
    assert framework_relationships(baskets_of([])) == []


def test_templates_that_are_the_same_but_for_their_language_count_once_and_have_none() -> None:
    chunks = list[Chunk]()
    for language in ("js", "ts", "py"):
        name = f"redis-cache-basic-{language}"
        chunks.append(
            Chunk(
                name,
                f"redis cache basic {language}\nstack: redis, {language}\ntags: cache, basic, generated",
                chunk_type="template",
                frameworks=("redis", language),
                tags=("cache", "basic", "generated"),
                metadata={"name": f"redis cache basic {language}"},
            )
        )
    (basket,) = baskets_of(chunks).baskets
    assert basket.variants == 3
    assert basket.frameworks == ("redis",) and basket.languages == () and basket.features == ("cache",)


def test_labels_of_the_memory_itself_are_joined() -> None:
    chunks = [*pattern("a", "Acme.js"), *pattern("b", "acme"), *pattern("c", "ACME"), *pattern("d", "acme")]
    baskets = baskets_of(chunks)
    assert len(baskets.with_item(("framework", "acme"))) == 4


def test_estimates_shrink_where_there_is_little_to_go_by() -> None:
    once, often = information_component(1, 0.01), information_component(100, 1)
    assert once[0] < often[0] and once[1] < 0 < often[1]
    value, lower = information_component(5, 5)
    assert value == 0 and lower == pytest.approx(-3.3 * 5.5**-0.5 - 2 * 5.5**-1.5)
    low, high = wilson_interval(3, 3)
    assert 0.4 < low < 0.5 and high == 1
    assert wilson_interval(0, 0) == (0, 1)
