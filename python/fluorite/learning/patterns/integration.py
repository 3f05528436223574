"""How frameworks are combined in what the memory holds: patterns that show several of them together, what
each contributes, and what is usually added next.

Where no pattern shows all that were asked for, the answer is composed of those that show some of them and
of single ones, and says so. All of it is evidence: ids of patterns and chunks that can be read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, zip_longest

from .associations import EVIDENCE, FEWEST_TOGETHER, best_ids, information_component, wilson_interval
from .baskets import Basket, Baskets, Item
from .roles import known_roles

PIECES_OF_A_ROLE = 3
MOST_ADDED = 12
MOST_PATTERNS = 20
WEAK = 0.1
PROMISING = 0.5
"""From this quality on, a piece is code that one can start from."""
WEIGHTS = {"together": 0.4, "pairs": 0.2, "pieces": 0.2, "quality": 0.2}
PATTERN_WEIGHTS = {"coverage": 0.5, "quality": 0.3, "evidence": 0.2}


@dataclass(frozen=True, slots=True)
class IntegrationPattern:
    """Patterns that show `frameworks`, and no other of those asked for, together: `count` of them, the best
    in `evidence_ids`. `score` in [0, 1] is the sum of `parts`: coverage of the request, quality of the best,
    and how many there are."""

    frameworks: tuple[str, ...]
    count: int
    score: float
    parts: dict[str, float]
    evidence_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contribution:
    """What `framework` has for a role: `count` of its patterns, which is the `share` of all of its, and the
    chunks to start from. `suggested`: of the frameworks asked for, this one has the best to show for the
    role, in proportion to how much of it is about that role.
    """

    framework: str
    role: str
    count: int
    share: float
    suggested: bool
    chunk_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Addition:
    """What patterns of the frameworks in `with_frameworks` usually hold too, as `kind` says a framework or a
    feature: in the share `confidence` of them, with its 95 % interval. `score` is the mean over all that
    were asked for of the lower bound of the association (see associations.py)."""

    related: str
    kind: str
    with_frameworks: tuple[str, ...]
    count: int
    confidence: float
    confidence_interval: tuple[float, float]
    score: float
    evidence_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IntegrationPatterns:
    """The answer for `frameworks`, in canonical names.

    coverage       "all" where a pattern shows all of them, "pairs" where patterns show some together,
                   "singles" where none does, "none" where no pattern has any of them
    unknown        those that no pattern has
    summary        the same in a sentence
    score, parts   [0, 1], the sum of its parts: the largest share shown together, the share of the pairs
                   that are shown, of the frameworks that have code to start from, and the quality of it
    """

    frameworks: tuple[str, ...]
    unknown: tuple[str, ...]
    coverage: str
    summary: str
    score: float
    parts: dict[str, float]
    patterns: tuple[IntegrationPattern, ...]
    contributions: tuple[Contribution, ...]
    usually_added: tuple[Addition, ...]
    evidence_ids: tuple[str, ...]


def integration_patterns(
    frameworks: Sequence[str], baskets: Baskets, limit: int = MOST_PATTERNS
) -> IntegrationPatterns:
    """What the memory shows of the combination of `frameworks`, which may be written in any way."""
    wanted = tuple(dict.fromkeys(baskets.name_of(name) for name in frameworks))
    holding = {name: _holding(baskets, name) for name in wanted}
    unknown = tuple(name for name in wanted if not holding[name])
    patterns = _patterns(baskets, wanted, holding)
    contributions = _contributions(baskets, wanted, holding)
    widest = max((len(pattern.frameworks) for pattern in patterns), default=0)
    coverage = (
        "none" if widest == 0 else "all" if widest == len(wanted) else "pairs" if widest > 1 else "singles"
    )
    parts = _parts(wanted, patterns, contributions, baskets, widest)
    shown = patterns[:limit]
    evidence = dict.fromkeys(identifier for pattern in shown for identifier in pattern.evidence_ids)
    return IntegrationPatterns(
        frameworks=wanted,
        unknown=unknown,
        coverage=coverage,
        summary=_summary(baskets, wanted, patterns, unknown, coverage),
        score=round(sum(parts.values()), 3),
        parts=parts,
        patterns=tuple(shown),
        contributions=tuple(contributions),
        usually_added=tuple(_additions(baskets, wanted, holding)),
        evidence_ids=tuple(evidence),
    )


def _holding(baskets: Baskets, name: str) -> Sequence[int]:
    return baskets.with_item(("framework", name)) or baskets.with_item(("language", name))


def _patterns(
    baskets: Baskets, wanted: Sequence[str], holding: dict[str, Sequence[int]]
) -> list[IntegrationPattern]:
    shown = dict[int, tuple[str, ...]]()
    for name in wanted:
        for at in holding[name]:
            shown[at] = (*shown.get(at, ()), name)
    groups = dict[tuple[str, ...], list[int]]()
    for at, names in shown.items():
        groups.setdefault(names, []).append(at)
    found = list[IntegrationPattern]()
    for names, positions in groups.items():
        members = [baskets.baskets[at] for at in positions]
        members.sort(key=lambda one: (-one.quality * _relevance(one, set(names)), one.id))
        chosen = tuple(basket.id for basket in members[:EVIDENCE])
        quality = sorted((basket.quality for basket in members), reverse=True)[:3]
        values = {
            "coverage": len(names) / len(wanted),
            "quality": sum(quality) / len(quality),
            "evidence": 1 - 1 / (1 + len(positions)),
        }
        parts = {name: round(PATTERN_WEIGHTS[name] * value, 3) for name, value in values.items()}
        score = round(sum(parts.values()), 3)
        found.append(IntegrationPattern(names, len(positions), score, parts, chosen))
    found.sort(key=lambda one: (-len(one.frameworks), -one.score, one.frameworks))
    together = {name for one in found if len(one.frameworks) > 1 for name in one.frameworks}
    return [one for one in found if len(one.frameworks) > 1 or one.frameworks[0] not in together]


def _contributions(
    baskets: Baskets, wanted: Sequence[str], holding: dict[str, Sequence[int]]
) -> list[Contribution]:
    others = set(wanted)
    found = dict[tuple[str, str], list[tuple[float, str]]]()
    counts = Counter[tuple[str, str]]()
    for name in wanted:
        for at in holding[name]:
            basket = baskets.baskets[at]
            relevance = _relevance(basket, others)
            for role in {role for piece in basket.pieces for role in piece.roles}:
                counts[name, role] += 1
                piece = max(
                    (piece for piece in basket.pieces if role in piece.roles),
                    key=lambda one: (one.own_code, role in one.own_roles, one.quality, one.chunk_id),
                )
                found.setdefault((name, role), []).append((piece.quality * relevance, piece.chunk_id))
    best = dict[str, tuple[float, str]]()
    for (name, role), pieces in found.items():
        top = sorted(pieces, reverse=True)[:PIECES_OF_A_ROLE]
        share = counts[name, role] / len(holding[name])
        strength = sum(value for value, _ in top) / PIECES_OF_A_ROLE * share
        best[role] = max(best.get(role, (0.0, "")), (strength, name))
    order = {role: at for at, role in enumerate(known_roles().order)}
    result = list[Contribution]()
    for (name, role), pieces in found.items():
        chosen = sorted(pieces, key=lambda pair: (-pair[0], pair[1]))[:PIECES_OF_A_ROLE]
        result.append(
            Contribution(
                framework=name,
                role=role,
                count=counts[name, role],
                share=round(counts[name, role] / len(holding[name]), 3),
                suggested=best[role][1] == name,
                chunk_ids=tuple(identifier for _, identifier in chosen),
            )
        )
    result.sort(key=lambda one: (wanted.index(one.framework), -one.count, order[one.role]))
    return result


def _relevance(basket: Basket, wanted: set[str]) -> float:
    """How much of a pattern is about what was asked for: more of it counts, anything else counts against."""
    own = wanted.intersection(basket.frameworks)
    foreign = len(basket.frameworks) - len(own)
    return (1 + 0.25 * max(0, len(own) - 1)) / (1 + 0.5 * foreign)


def _additions(baskets: Baskets, wanted: Sequence[str], holding: dict[str, Sequence[int]]) -> list[Addition]:
    scores = dict[Item, dict[str, float]]()
    ranked = list[list[Item]]()
    for name in wanted:
        own = dict[Item, float]()
        counts = Counter(item for at in holding[name] for item in baskets.baskets[at].items())
        for item, count in counts.items():
            if item[0] not in ("framework", "feature") or item[1] in wanted or count < FEWEST_TOGETHER:
                continue
            expected = len(holding[name]) * len(baskets.with_item(item)) / len(baskets)
            value, lower = information_component(count, expected)
            if value > 0:
                # A weak but positive association is better than none: it counts a little.
                own[item] = max(lower, WEAK * value)
        for item, strength in own.items():
            scores.setdefault(item, {})[name] = strength
        ranked.append(sorted(own, key=lambda item: (-own[item], item)))
    # In turns, so that the framework with the most patterns does not fill the list alone.
    turns = dict.fromkeys(item for row in zip_longest(*ranked) for item in row if item is not None)
    found = list[Addition]()
    for item in islice(turns, MOST_ADDED):
        of = scores[item]
        either = set[int]().union(*(holding[name] for name in of))
        both = either.intersection(baskets.with_item(item))
        found.append(
            Addition(
                related=item[1],
                kind=item[0],
                with_frameworks=tuple(name for name in wanted if name in of),
                count=len(both),
                confidence=len(both) / len(either),
                confidence_interval=wilson_interval(len(both), len(either)),
                score=round(sum(of.values()) / len(wanted), 3),
                evidence_ids=best_ids(baskets, both),
            )
        )
    found.sort(key=lambda one: -len(one.with_frameworks))
    return found


def _parts(
    wanted: Sequence[str],
    patterns: Sequence[IntegrationPattern],
    contributions: Sequence[Contribution],
    baskets: Baskets,
    widest: int,
) -> dict[str, float]:
    shown = {pair for pattern in patterns for pair in combinations(pattern.frameworks, 2)}
    pairs = len(wanted) * (len(wanted) - 1) / 2
    qualities = dict[str, float]()
    for name in wanted:
        held = _holding(baskets, name)
        if held:
            qualities[name] = max(baskets.baskets[at].quality for at in held)
    values = {
        "together": widest / max(len(wanted), 1),
        "pairs": len(shown) / pairs if pairs else float(widest > 0),
        "pieces": sum(value >= PROMISING for value in qualities.values()) / max(len(wanted), 1),
        "quality": sum(qualities.values()) / max(len(wanted), 1),
    }
    return {name: round(WEIGHTS[name] * value, 3) for name, value in values.items()}


def _summary(
    baskets: Baskets,
    wanted: Sequence[str],
    patterns: Sequence[IntegrationPattern],
    unknown: Sequence[str],
    coverage: str,
) -> str:
    def joined(names: Iterable[str]) -> str:
        return " + ".join(baskets.names.title(name) for name in names)

    if coverage == "none":
        return f"No pattern has {joined(wanted) or 'any framework'}."
    if coverage == "all":
        count = patterns[0].count
        told = f"{count} pattern{'s' * (count != 1)} show{'s' * (count == 1)} {joined(wanted)} together."
        if len(wanted) == 1:
            told = f"{count} pattern{'s' * (count != 1)} of {joined(wanted)}."
    elif coverage == "pairs":
        some = [one for one in patterns if len(one.frameworks) > 1]
        told = f"No pattern shows all of {joined(wanted)}; composed of " + ", ".join(
            f"{joined(one.frameworks)} ({one.count})" for one in some
        )
        single = [one.frameworks[0] for one in patterns if len(one.frameworks) == 1]
        told += f" and, on its own, {', '.join(map(baskets.names.title, single))}." if single else "."
    else:
        told = f"No pattern shows two of {joined(wanted)} together; composed of patterns of one each."
    if unknown:
        told += f" Nothing is known of {', '.join(map(baskets.names.title, unknown))}."
    return told
