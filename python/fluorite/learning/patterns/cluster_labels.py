"""A readable name for a cluster: the frameworks that its members share, and the words that set them apart.

Words are weighed by class-based TF-IDF (Grootendorst 2022): the share of a cluster's members that use a
word, times log(1 + members of a cluster on average / members of all clusters that use it). Where most of
the members that say anything in prose say it in Japanese, words are Japanese: whole runs of katakana or
kanji, never pairs of characters.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...chunk import Chunk, metadata_text
from ...frameworks import FrameworkNames, framework_key, frameworks_of_chunk
from ...index.fingerprint import SERIES_WORDS
from ...terms import FUNCTION_WORDS
from ...text import FILLER_WORDS, SYNTAX_WORDS
from ...translation import has_japanese
from .baskets import GENERIC_FEATURES


def _listed(text: str) -> list[str]:
    return text.split()


WORDS_OF_A_LABEL = 3
FRAMEWORKS_OF_A_LABEL = 2
SHARE_OF_A_FRAMEWORK = 0.4
SHARE_OF_A_WORD = 0.08
LONGEST_PROSE = 2000
"""Characters of a document that are read for its words."""

_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9]+(?:\.js)?")
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")
_JAPANESE = re.compile(r"[\u30a1-\u30faー]{2,}|[\u4e00-\u9fff々]{2,}")
_GENERIC_JAPANESE = _listed(
    "最小限 最小 基本 簡易 簡単 単純 概念 構成例 構成 実装例 実装 使用例 利用例 例示 雛形 "
    "雛型 骨子 骨組 骨格 サンプル テンプレート スケルトン スタブ ミニマル ベーシック デモ "
    "スパイク コード アプリ ファイル スターター 高度 付き 付 定義 作成 使用 利用 対応 方法 "
    "場合 想定 追加 指定 生成 自動生成 最低限 必要 可能 取得 設定 設定例 セットアップ "
    "パターン"
)
_GENERIC_ENDS = re.compile(f"^(?:{'|'.join(_GENERIC_JAPANESE)})|(?:{'|'.join(_GENERIC_JAPANESE)})$")
_GENERIC_LATIN = (
    FUNCTION_WORDS
    | FILLER_WORDS
    | SYNTAX_WORDS
    | GENERIC_FEATURES
    | SERIES_WORDS
    | frozenset(
        _listed("custom gen generates using via simple setup pro best worst practices more new io com")
    )
)


@dataclass(frozen=True, slots=True)
class Member:
    """What a chunk says of itself: words of its name, tags and file, and all that are Japanese, in `named`,
    the others of longer prose in `told`. `japanese` is None where it says nothing in prose."""

    frameworks: tuple[str, ...]
    named: frozenset[str]
    told: frozenset[str]
    japanese: bool | None


@dataclass(frozen=True, slots=True)
class Label:
    """`language` is "ja" or "en"; `terms` are words by weight, `frameworks` how many members have each."""

    text: str
    language: str
    terms: tuple[str, ...]
    frameworks: dict[str, int]


def member_of(chunk: Chunk, names: FrameworkNames) -> Member:
    """The words and frameworks of a chunk: of its name, description, context, path and tags, and of the
    content where it is prose."""
    name, description = metadata_text(chunk, "name"), metadata_text(chunk, "description")
    prose = [description, metadata_text(chunk, "context")]
    path = metadata_text(chunk, "path")
    if not any((name, path, *prose)) and isinstance(chunk.content, str):
        prose.append(chunk.content[:LONGEST_PROSE])
    named = _words(" ".join((name, *chunk.tags)))
    file = path.rpartition("/")[2]
    if file and "{{" not in file:
        named.add(file)
    told = _words(" ".join(prose))
    # Where names are Latin in Japanese text too, its own words stand in the description.
    named.update(word for word in told if _JAPANESE.match(word))
    spoken = any(prose) or (name and name != chunk.id and " " in name)
    japanese = has_japanese(" ".join((name, *prose)))
    return Member(
        frameworks=frameworks_of_chunk(chunk, names),
        named=frozenset(named),
        told=frozenset(told - named),
        japanese=japanese if spoken or japanese else None,
    )


def _words(text: str) -> set[str]:
    text = unicodedata.normalize("NFKC", text)
    latin = set[str]()
    for word in _LATIN.findall(text):
        # createOrderBy is three words; OpenTelemetry, OAuth and k8s are one.
        camel = word[0].islower() and any(one.isupper() for one in word)
        latin.update(part.lower() for part in (_CAMEL.findall(word) if camel else [word]))
    found = {word for word in latin if word not in _GENERIC_LATIN}
    found.update(map(_without_generic, _JAPANESE.findall(text)))
    return {word for word in found if len(word) > 1}


def labels_of(clusters: Sequence[Sequence[Member]], names: FrameworkNames) -> list[Label]:
    """A label for each cluster of members; "" where its members say nothing."""
    counted = [_counts(members) for members in clusters]
    everywhere = Counter[str]()
    for counts in counted:
        everywhere.update(counts)
    average = sum(map(len, clusters)) / max(len(clusters), 1)
    return [
        _label(members, counts, everywhere, average, names)
        for members, counts in zip(clusters, counted, strict=True)
    ]


def _counts(members: Sequence[Member]) -> Counter[str]:
    """Twice the number of members that say each word, those that say it in longer prose once."""
    counts = Counter[str]()
    for member in members:
        counts.update(member.named)
        counts.update(member.named)
        counts.update(member.told)
    return counts


def _label(
    members: Sequence[Member],
    counts: Counter[str],
    everywhere: Counter[str],
    average: float,
    names: FrameworkNames,
) -> Label:
    frameworks = Counter(name for member in members for name in member.frameworks)
    shared = [
        name
        for name, count in frameworks.most_common()
        if names.is_framework(name) and count >= SHARE_OF_A_FRAMEWORK * len(members)
    ][:FRAMEWORKS_OF_A_LABEL]
    said = [member.japanese for member in members if member.japanese is not None]
    japanese = bool(said) and 2 * sum(said) >= len(said)
    speaking = sum(map(bool, said))
    taken = _keys_of(shared, names)
    weights = dict[str, float]()
    for word, count in counts.items():
        whole = speaking if _JAPANESE.match(word) else len(members)
        least = max(3.0, 2 * SHARE_OF_A_WORD * whole) if len(members) > 2 else 1.0
        if count >= least and framework_key(word) not in taken and names.canonical(word) not in shared:
            weights[word] = count / whole * math.log1p(2 * average / everywhere[word])
    ranked = sorted(weights, key=lambda word: (-weights[word], word))
    own = [word for word in ranked if _JAPANESE.match(word)] if japanese else []
    foreign = [word for word in ranked if not _JAPANESE.match(word)]
    words = _distinct([*own, *foreign] if japanese else foreign)[:WORDS_OF_A_LABEL]
    title = " + ".join(names.title(name) for name in shared)
    separator = "、" if own else ", "
    text = ": ".join(filter(None, (title, separator.join(words))))
    return Label(text, "ja" if japanese else "en", tuple(words), dict(frameworks.most_common()))


def _keys_of(frameworks: Iterable[str], names: FrameworkNames) -> set[str]:
    """Keys of the words that frameworks' names and titles are made of."""
    words = {word for name in frameworks for word in (name, *name.split("-"), *names.title(name).split())}
    return {framework_key(word) for word in words}


def _distinct(words: Iterable[str]) -> list[str]:
    """Words none of which is the plural, or a part, of one before it."""
    kept = list[str]()
    for word in words:
        stem = word.removesuffix("s").removesuffix("ー")
        if not any(stem in other or other.removesuffix("s") == stem for other in kept):
            kept.append(word)
    return kept


def _without_generic(run: str) -> str:
    while (shorter := _GENERIC_ENDS.sub("", run)) != run:
        run = shorter
    return run
