"""Patterns as baskets of what occurs together: a template and its files are one, and so are the variants
of a template."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ...chunk import Chunk, metadata_text, normalise_label
from ...frameworks import FrameworkNames, frameworks_of_chunk, given_names
from ...index.fingerprint import STYLES, fingerprints_of
from ..templates.template_chunks import TEMPLATE_TYPE
from .roles import role_of_kind, roles_of


def _listed(text: str) -> list[str]:
    return text.split()


ItemKind = str
Item = tuple[ItemKind, str]
"""What a basket holds: its kind (framework, language, feature or file) and its name."""

GENERIC_FEATURES = frozenset(
    _listed(
        "adv advanced auto basic code concept demo example examples generated generic minimal misc other "
        "sample simple skeleton spike starter strike stub template templates typed"
    )
)
"""Tags that say how a pattern was made and not what it is about."""

GENERATED = "generated"
"""Templates with this tag were made in series, and what names their style (secure, testing) is no topic."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A chunk of a basket: what it is for, and its own quality. Of `roles`, `own_roles` are told by its path
    or name, the others by what it has in common with its pattern. `own_code`: it is code and no description.
    """

    chunk_id: str
    roles: tuple[str, ...]
    own_roles: tuple[str, ...]
    quality: float
    own_code: bool


@dataclass(frozen=True, slots=True)
class Basket:
    """One pattern. `id` is its template's, or that of a chunk that belongs to none; `variants` counts the
    templates that are the same but for language and style, this one included."""

    id: str
    name: str
    frameworks: tuple[str, ...]
    languages: tuple[str, ...]
    features: tuple[str, ...]
    files: tuple[str, ...]
    quality: float
    variants: int
    pieces: tuple[Piece, ...]

    def items(self) -> list[Item]:
        return [
            *(("framework", name) for name in self.frameworks),
            *(("language", name) for name in self.languages),
            *(("feature", name) for name in self.features),
            *(("file", name) for name in self.files),
        ]


@dataclass(frozen=True)
class Baskets:
    """Baskets, and for each item the positions of those that hold it, ascending."""

    baskets: Sequence[Basket]
    names: FrameworkNames
    positions: Mapping[Item, Sequence[int]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.baskets)

    def with_item(self, item: Item) -> Sequence[int]:
        return self.positions.get(item, ())

    def name_of(self, framework: str) -> str:
        """The canonical name that a framework goes by in here."""
        return self.names.of_label(framework) or normalise_label(framework)


def baskets_of(chunks: Iterable[Chunk], names: FrameworkNames | None = None) -> Baskets:
    """The baskets of chunks, in the order of their first chunk.

    Without `names`, those given and those that the chunks' own stacks teach. Labels and files of a pattern
    with variants are those that more than half of them have, so that a template generated once for each
    language is a pattern of none.
    """
    groups = dict[str, list[Chunk]]()
    for chunk in chunks:
        owner = chunk.metadata.get("template")
        groups.setdefault(owner if isinstance(owner, str) else chunk.id, []).append(chunk)
    if names is None:
        names = given_names().learned(label for members in groups.values() for label in members[0].frameworks)
    heads = [_head(identifier, members) for identifier, members in groups.items()]
    signatures = fingerprints_of(heads)[:, 0].tolist()
    families = dict[object, list[Basket]]()
    for (identifier, members), head, signature in zip(groups.items(), heads, signatures, strict=True):
        same = signature if signature and head.chunk_type == TEMPLATE_TYPE else identifier
        families.setdefault(same, []).append(_basket(identifier, head, members, names))
    return indexed([_merged(family) for family in families.values()], names)


def indexed(baskets: Sequence[Basket], names: FrameworkNames) -> Baskets:
    positions = dict[Item, list[int]]()
    for position, basket in enumerate(baskets):
        for item in basket.items():
            positions.setdefault(item, []).append(position)
    return Baskets(baskets, names, positions)


def _head(identifier: str, members: Sequence[Chunk]) -> Chunk:
    return next((chunk for chunk in members if chunk.id == identifier), members[0])


def _basket(identifier: str, head: Chunk, members: Sequence[Chunk], names: FrameworkNames) -> Basket:
    found = dict[str, None]()
    tags = dict[str, None]()
    for chunk in members:
        found.update(dict.fromkeys(frameworks_of_chunk(chunk, names)))
        tags.update(dict.fromkeys(map(normalise_label, chunk.tags)))
    if GENERATED in tags:
        tags = {tag: None for tag in tags if tag not in STYLES}
    kinds = [role_of_kind(names.kind(name)) for name in found]
    played = [role for role in kinds if role is not None]
    features = [tag for tag in tags if tag not in GENERIC_FEATURES and names.canonical(tag) not in found]
    shared_roles = (*roles_of(features), *played)
    pieces, files = list[Piece](), dict[str, None]()
    for chunk in members:
        path, name = metadata_text(chunk, "path"), metadata_text(chunk, "name")
        file = path.rpartition("/")[2]
        if file and "{{" not in file:
            files[file] = None
        own_roles = roles_of((), path, name)
        pieces.append(
            Piece(
                chunk_id=chunk.id,
                roles=tuple(dict.fromkeys((*own_roles, *shared_roles))),
                own_roles=own_roles,
                quality=chunk.quality_score,
                own_code=chunk.chunk_type != TEMPLATE_TYPE,
            )
        )
    return Basket(
        id=identifier,
        name=metadata_text(head, "name") or identifier,
        frameworks=tuple(name for name in found if names.is_framework(name)),
        languages=tuple(name for name in found if not names.is_framework(name)),
        features=tuple(features),
        files=tuple(files),
        quality=max(piece.quality for piece in pieces),
        variants=1,
        pieces=tuple(pieces),
    )


def _merged(family: Sequence[Basket]) -> Basket:
    if len(family) == 1:
        return family[0]
    best = max(family, key=lambda basket: basket.quality)

    def common(labels: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
        counts = Counter(label for one in labels for label in one)
        return tuple(label for label, count in counts.items() if 2 * count > len(family))

    return Basket(
        id=best.id,
        name=best.name,
        frameworks=common(basket.frameworks for basket in family),
        languages=common(basket.languages for basket in family),
        features=common(basket.features for basket in family),
        files=common(basket.files for basket in family),
        quality=best.quality,
        variants=len(family),
        pieces=best.pieces,
    )
