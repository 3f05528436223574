"""How strongly frameworks, features and files go together in what the memory holds.

With N patterns, O of which hold both of two things, and E of which would if the two were independent:

    support       O / N
    confidence    O over the patterns with the framework; its interval is Wilson's, 95 %
    lift          O / E
    pmi           log2 of (O + ½) / (E + ½), the information component: pointwise mutual information
                  that shrinks towards 0 where there is little to go by
    pmi_lower     lower end of its 95 % interval

The last two are of Norén, Hopstadius and Bate, "Shrinkage observed-to-expected ratios for robust and
transparent large-scale pattern discovery" (2013). What is listed is ordered by pmi_lower, so two things
that met once by chance do not outrank two that meet often.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from .baskets import Baskets, Item

FEWEST_TOGETHER = 2
"""Two things that met once are no relationship."""
EVIDENCE = 5
NORMAL_95 = 1.959964


@dataclass(frozen=True, slots=True)
class Relationship:
    """`related`, a framework, language, feature or file as `kind` says, goes with `framework`. `count`
    patterns show it; `evidence_ids` are the best of them."""

    framework: str
    related: str
    kind: str
    count: int
    support: float
    confidence: float
    confidence_interval: tuple[float, float]
    lift: float
    pmi: float
    pmi_lower: float
    evidence_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FrameworkCount:
    """How many patterns show a framework."""

    framework: str
    count: int


def frameworks_by_count(baskets: Baskets, limit: int) -> list[FrameworkCount]:
    """The frameworks that patterns show, the most frequent first."""
    counts = [
        FrameworkCount(name, len(at)) for (kind, name), at in baskets.positions.items() if kind == "framework"
    ]
    return sorted(counts, key=lambda one: (-one.count, one.framework))[:limit]


def framework_relationships(
    baskets: Baskets, framework: str | None = None, min_support: float = 0.0, limit: int = 100
) -> list[Relationship]:
    """What goes with `framework`, or every pair of frameworks and what goes with each, strongest first.

    Only what is found together more often than chance has it, in at least two patterns, and in at least the
    share `min_support` of all patterns. Of two frameworks the pair is listed once, from the side with the
    higher confidence; with `framework` from its side. Empty for a framework that no pattern has.
    """
    if framework is not None:
        chosen = [baskets.name_of(framework)]
    else:
        chosen = [name for kind, name in baskets.positions if kind == "framework"]
    least = max(FEWEST_TOGETHER, math.ceil(min_support * len(baskets) - 1e-9))
    found = list[tuple[Relationship, Item]]()
    for name in chosen:
        own = _own_item(baskets, name)
        for item, count in _together(baskets, own).items():
            if count < least or (framework is None and not _is_told_here(baskets, own, item)):
                continue
            relationship = _relationship(baskets, own, item, count)
            if relationship.pmi > 0:
                found.append((relationship, item))
    found.sort(key=lambda pair: (-pair[0].pmi_lower, -pair[0].count, pair[0].framework, pair[1]))
    return [_with_evidence(baskets, relationship, item) for relationship, item in found[:limit]]


def information_component(observed: float, expected: float) -> tuple[float, float]:
    """Shrunk log2 of observed over expected counts, and the lower end of its 95 % interval."""
    shrunk = observed + 0.5
    value = math.log2(shrunk / (expected + 0.5))
    return value, value - 3.3 * shrunk**-0.5 - 2 * shrunk**-1.5


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927); (0, 1) without trials."""
    if trials == 0:
        return 0.0, 1.0
    share, squared = successes / trials, NORMAL_95 * NORMAL_95
    centre = share + squared / (2 * trials)
    reach = NORMAL_95 * math.sqrt(share * (1 - share) / trials + squared / (4 * trials * trials))
    scale = 1 + squared / trials
    return max(0.0, (centre - reach) / scale), min(1.0, (centre + reach) / scale)


def best_ids(baskets: Baskets, positions: Iterable[int], most: int = EVIDENCE) -> tuple[str, ...]:
    """The ids of the best patterns among `positions`."""
    chosen = sorted((baskets.baskets[at] for at in positions), key=lambda one: (-one.quality, one.id))
    return tuple(basket.id for basket in chosen[:most])


def _own_item(baskets: Baskets, name: str) -> Item:
    return ("language", name) if ("language", name) in baskets.positions else ("framework", name)


def _together(baskets: Baskets, own: Item) -> Counter[Item]:
    counts = Counter[Item]()
    for at in baskets.with_item(own):
        counts.update(baskets.baskets[at].items())
    counts.pop(own, None)
    return counts


def _is_told_here(baskets: Baskets, own: Item, item: Item) -> bool:
    """Whether a pair is listed from the side of `own`: that of the rarer of two frameworks."""
    if item[0] != "framework":
        return True
    return (len(baskets.with_item(own)), own) < (len(baskets.with_item(item)), item)


def _relationship(baskets: Baskets, own: Item, item: Item, count: int) -> Relationship:
    total, with_own, with_item = len(baskets), len(baskets.with_item(own)), len(baskets.with_item(item))
    expected = with_own * with_item / total
    pmi, lower = information_component(count, expected)
    low, high = wilson_interval(count, with_own)
    return Relationship(
        framework=own[1],
        related=item[1],
        kind=item[0],
        count=count,
        support=count / total,
        confidence=count / with_own,
        confidence_interval=(low, high),
        lift=count / expected,
        pmi=pmi,
        pmi_lower=lower,
        evidence_ids=(),
    )


def _with_evidence(baskets: Baskets, found: Relationship, item: Item) -> Relationship:
    own = _own_item(baskets, found.framework)
    both = set(baskets.with_item(own)).intersection(baskets.with_item(item))
    return replace(found, evidence_ids=best_ids(baskets, both))
