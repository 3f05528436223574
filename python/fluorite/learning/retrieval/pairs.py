"""What a memory says of its own code: texts, and the code that each of them asks for.

Learned retrieval is trained and judged on these. Variants of one thing (`…-basic-js`, `…-typed-ts`,
copies, equal descriptions) are one family, and no family is both trained on and judged.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Literal

import numpy as np

from ...chunk import Chunk
from ...index.fingerprint import SERIES_WORDS, fingerprints_of, near_identical
from ...terms import index_terms
from ...text import words
from ...translation import has_japanese

Language = Literal["ja", "en"]
Part = Literal["general", "held_out", "training"]

MOST_PAIRS = 8000
MOST_OF_A_FAMILY = 12
FEWEST_WORDS = 2
"""Words of a text beyond boilerplate; a shorter one asks for nothing in particular."""
COMMON_TEXT = 5
"""A text that says no more than this many others, names aside, is boilerplate of a generator."""
LONGEST_TEXT = 1000
MANIFESTS = frozenset(["package.json", "tsconfig.json", "composer.json", "requirements.txt", "go.mod"])
"""Beside other files of a template these answer nobody's question."""
LONGEST_CODE = 20_000
DOCUMENT_TYPES = ("document", "specification")
PARTS = 10
"""Of so many parts of all keys one is the general set and two are held out; the others are trained on."""

NAME = "name"
DESCRIPTION = "description"
HEADING = "heading"

_SEPARATOR = re.compile(r"[\W_]+")
_FENCE = re.compile(r"^(```+|~~~+)[^\n]*\n(.*?)^\1", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class TrainingPair:
    """`code` answers `text`. `key` names the thing they belong to and never changes; `family` is the
    same for pairs that tell each other's answer. `number`: of the chunk, 0 where there is none."""

    text: str
    code: str
    key: str
    source: str
    number: int = 0
    family: int = -1
    weight: float = 1.0

    @property
    def language(self) -> Language:
        return "ja" if has_japanese(self.text) else "en"


def pairs_of(chunks: Iterable[tuple[int, Chunk]], templates: Mapping[str, Chunk]) -> list[TrainingPair]:
    """Pairs of (number, chunk) without families: a template's description and name with the code of each of
    its files, a piece of code with its own description, a document's heading with its code blocks."""
    found = list[TrainingPair]()
    for number, chunk in chunks:
        owner = templates.get(str(chunk.metadata.get("template")))
        if str(chunk.metadata.get("path")).rpartition("/")[2] in MANIFESTS:
            continue
        content = chunk.content if isinstance(chunk.content, str) else ""
        if owner is not None:
            found += _pairs(owner.metadata, content, stem(owner.id), number)
        elif chunk.chunk_type in DOCUMENT_TYPES:
            code = "\n".join(block for _, block in _FENCE.findall(content[:LONGEST_CODE]))
            title = _text(chunk.metadata.get("title"))
            found.append(TrainingPair(title, code, stem(chunk.id), HEADING, number))
        else:
            description = _text(chunk.metadata.get("description"))
            # Code often repeats its description in a comment, where it would answer itself.
            found += _pairs(
                {DESCRIPTION: description}, _without(content, description), stem(chunk.id), number
            )
    usual = Counter(form for form, _ in {(_form(pair), pair.key) for pair in found})
    told = [
        pair
        for pair in found
        if len(words(pair.text)) >= FEWEST_WORDS
        and len(words(pair.code)) >= FEWEST_WORDS
        and (pair.source == NAME or _says_enough(_form(pair), usual))
    ]
    # A name without a description is a generator's as a rule, and its code says no more.
    described = {pair.key for pair in told if pair.source != NAME}
    return [pair for pair in told if pair.key in described]


def with_families(pairs: Sequence[TrainingPair], most: int = MOST_OF_A_FAMILY) -> list[TrainingPair]:
    """The pairs with `family` set: the same for equal keys, near-identical code or equal texts (names
    aside: those of a series are alike by chance); at most `most` of each."""
    parents = list(range(len(pairs)))

    def root(one: int) -> int:
        while parents[one] != one:
            parents[one] = one = parents[parents[one]]
        return one

    first = dict[tuple[str, str], int]()
    codes = fingerprints_of(Chunk(id=str(row), content=pair.code) for row, pair in enumerate(pairs))
    twins = near_identical_in_blocks(codes)
    for row, pair in enumerate(pairs):
        signs = [("key", pair.key)]
        if pair.source != NAME:
            signs.append(("text", " ".join(sorted(set(index_terms(pair.text).split())))))
        for sign in signs:
            parents[root(row)] = root(first.setdefault(sign, row))
        parents[root(row)] = root(twins[row])
    sizes = Counter[int]()
    kept = list[TrainingPair]()
    for row, pair in enumerate(pairs):
        family = root(row)
        sizes[family] += 1
        if sizes[family] <= most:
            kept.append(replace(pair, family=family))
    return kept


def near_identical_in_blocks(fingerprints: np.ndarray[tuple[int, int], np.dtype[np.uint64]]) -> list[int]:
    """`near_identical` for many rows: compared within blocks, and exactly equal ones everywhere."""
    block = 2000
    leaders = np.concatenate(
        [
            start + near_identical(fingerprints[start : start + block])
            for start in range(0, len(fingerprints), block)
        ]
        or [np.empty(0, np.int64)]
    )
    seen = dict[int, int]()
    found = list[int]()
    for row, (leader, signature) in enumerate(
        zip(leaders.tolist(), fingerprints[:, 0].tolist(), strict=True)
    ):
        found.append(seen.setdefault(signature, leader) if signature else row)
    return found


def bounded(pairs: Sequence[TrainingPair], most: int = MOST_PAIRS) -> list[TrainingPair]:
    """At most about `most` pairs, all of a key or none, and the same keys however many others there are."""
    if len(pairs) <= most:
        return list(pairs)
    order = sorted({pair.key for pair in pairs}, key=hash_of_key)
    per_key = Counter(pair.key for pair in pairs)
    chosen, count = set[str](), 0
    for key in order:
        count += per_key[key]
        if count > most:
            break
        chosen.add(key)
    return [pair for pair in pairs if pair.key in chosen]


def part_of(pair: TrainingPair) -> Part:
    """To which part a pair belongs by its key alone: the same in every run and on every machine."""
    place = hash_of_key(pair.key) % PARTS
    return "general" if place == 0 else "held_out" if place < 3 else "training"


def divided(pairs: Sequence[TrainingPair]) -> dict[Part, list[TrainingPair]]:
    """The pairs by part. What shares a family with a judged pair is not trained on; names are not judged."""
    judged = {pair.family for pair in pairs if part_of(pair) != "training"}
    parts: dict[Part, list[TrainingPair]] = {"general": [], "held_out": [], "training": []}
    for pair in pairs:
        part = part_of(pair)
        if part == "training" and pair.family not in judged:
            parts["training"].append(pair)
        elif part != "training" and pair.source != NAME:
            parts[part].append(pair)
    return parts


def stem(identifier: str) -> str:
    """An id without what makes it one of a series."""
    parts = [part for part in _SEPARATOR.split(identifier.casefold()) if part]
    kept = [part for part in parts if part not in SERIES_WORDS]
    return "-".join(kept or parts)


def _pairs(told: Mapping[str, object], code: str, key: str, number: int) -> list[TrainingPair]:
    texts = {source: _text(told.get(source)) for source in (DESCRIPTION, NAME)}
    return [
        TrainingPair(text, code[:LONGEST_CODE], key, source, number) for source, text in texts.items() if text
    ]


def _text(value: object) -> str:
    return value.strip()[:LONGEST_TEXT] if isinstance(value, str) else ""


def _without(content: str, description: str) -> str:
    lines = [line.strip() for line in description.splitlines() if line.strip()]
    for line in lines:
        content = content.replace(line, " ")
    return content


def _form(pair: TrainingPair) -> str:
    own = set(words(pair.key))
    return " ".join(word for word in words(pair.text) if word not in own)


def _says_enough(form: str, usual: Counter[str]) -> bool:
    return bool(form) and usual[form] <= COMMON_TEXT


def hash_of_key(key: str) -> int:
    data = key.encode(errors="surrogatepass")
    return int.from_bytes(blake2b(data, digest_size=8, person=b"pairs").digest(), "little")
