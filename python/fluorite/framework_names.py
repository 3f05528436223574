"""The names of frameworks, libraries and tools: one for each, however it is written.

    Next.js, next, NextJS, next@14, ネクスト    nextjs
    k8s, Kubernetes, クーバネティス             kubernetes
    go, express, next                         as a label of a stack, yes; as a word of a sentence, no

Names are given, in framework_names.tsv, and learned: labels of a memory's own that differ in nothing but
case, punctuation or a ".js" are one name. Nothing in here raises, whatever the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path

from .chunk import normalise_label


def _listed(text: str) -> list[str]:
    return text.split()


NAMES_FILE = Path(__file__).with_name("framework_names.tsv")
LONGEST_NAME = 80
LONGEST_PACKAGE = 200
PACKAGES_REMEMBERED = 50_000
LONGEST_PHRASE = 3
"""Most words of a name that is looked for in prose."""
NO_FRAMEWORK = frozenset({"language", "runtime"})
"""Kinds that say in what a thing is written, not of what it is made."""

TOPICS = frozenset(
    _listed(
        "ai alerts analytics api app archive audio audit auth authz automation backend batch billing blob "
        "browser cache cd cdn ci cli cloud cluster codegen collector compression concept config connect "
        "cors cqrs cron crypto csp csrf css csv data db deploy devops diff docs edge email embeddings env "
        "etl events federation fetch flags forms frontend functions gateway guide http identity image "
        "images integration iot json kv linguistics logging logs messaging metrics microservices "
        "middleware migrate mobile monorepo notifications observability orm otp outbox pages payments pdf "
        "pipes pki policy queue queues rag realtime resilience retry rest rsc sbom scheduler schema "
        "scraping search secrets security seo serve server serverless session sound speech sse sso ssr "
        "storage streams table template test testing tls tokenizer totp tracing tts upload validation "
        "vector versioning waf web webhook workflows xlsx"
    )
)
"""What stacks name beside frameworks: subjects."""

_VERSION = re.compile(r"[\s@_-]*v?\d+(?:\.(?:\d+|x))*$")
_PHRASE_WORD = re.compile(r"[@.]?[A-Za-z0-9][A-Za-z0-9.+#_/-]*|[\u30a1-\u30faー・]+(?:[A-Za-z0-9.]+)?")
_SUFFIXES = ("framework", "フレムワク", "library", "ライブラリ")


@dataclass(frozen=True, slots=True)
class Framework:
    """`name` is the canonical one, `title` how its makers write it, `kind` what it is for (language,
    fullstack, backend, frontend, orm, database, auth, …). `packages` are `ecosystem:name` patterns."""

    name: str
    title: str
    kind: str
    packages: tuple[str, ...] = ()


@dataclass(frozen=True)
class FrameworkNames:
    """Names given and learned; a value, made once for a memory.

    `frameworks` by canonical name; `labels` and `words` map a key (see `framework_key`) to a canonical
    name: labels holds all of them, words those that are no common words.
    """

    frameworks: Mapping[str, Framework] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)

    def canonical(self, name: str) -> str | None:
        """The canonical name behind a label, a title or a package's name; None for an unknown one."""
        found = _find(name, self.labels)
        return self.of_package(f"npm:{name}") if found is None and name.startswith("@") else found

    def unmistakable(self, name: str) -> str | None:
        """As `canonical`, but None for what is also a common word, such as next, go or express."""
        return _find(name, self.words)

    def of_label(self, label: str) -> str | None:
        """The name that a label of a stack stands for: an unknown one stands for itself, a subject such as
        "security" for none."""
        known = self.canonical(label)
        if known is not None:
            return known
        own = _slug(label)
        return own if own and own not in TOPICS else None

    def of_package(self, package: str) -> str | None:
        """The canonical name of a package `ecosystem:name`, the longest known beginning of which counts."""
        if package.startswith("pip:"):
            package = package.casefold().replace("_", "-")
        found = self._of_packages.get(package)
        if found is None and package not in self._of_packages:
            if len(self._of_packages) >= PACKAGES_REMEMBERED:
                self._of_packages.clear()
            found = self._of_packages[package] = self._package(package)
        return found

    def kind(self, name: str) -> str:
        """The kind of a canonical name; "" for one that was learned."""
        known = self.frameworks.get(name)
        return known.kind if known is not None else ""

    def title(self, name: str) -> str:
        known = self.frameworks.get(name)
        return known.title if known is not None else name

    def is_framework(self, name: str) -> bool:
        """Whether a canonical name is more than a language or runtime."""
        return self.kind(name) not in NO_FRAMEWORK

    def learned(self, labels: Iterable[str]) -> FrameworkNames:
        """These names and those of a memory's own labels that nobody gave: labels that agree but for case,
        punctuation, version or a final "js" are one, named as the most frequent of them is written."""
        counts = dict[str, dict[str, int]]()
        for label in labels:
            key, slug = framework_key(label), _slug(label)
            if key and slug and slug not in TOPICS and self.canonical(label) is None:
                spellings = counts.setdefault(key, {})
                spellings[slug] = spellings.get(slug, 0) + 1
        for key in sorted(counts):
            shorter = key.removesuffix("js")
            if shorter != key and shorter in counts:
                for slug, count in counts[key].items():
                    counts[shorter][slug] = counts[shorter].get(slug, 0) + count
        names = dict[str, str]()
        for key, spellings in counts.items():
            shorter = key.removesuffix("js")
            pooled = counts.get(shorter, spellings)
            names[key] = min(pooled, key=lambda slug: (-pooled[slug], len(slug), slug))
        return replace(self, labels={**names, **self.labels})

    @cached_property
    def _exact(self) -> dict[str, str]:
        return {
            package: one.name
            for one in self.frameworks.values()
            for package in one.packages
            if not package.endswith("*")
        }

    @cached_property
    def _open(self) -> list[tuple[str, str]]:
        """Beginnings of packages' names, the longest first."""
        found = [
            (package[:-1], one.name)
            for one in self.frameworks.values()
            for package in one.packages
            if package.endswith("*")
        ]
        return sorted(found, key=lambda pair: (-len(pair[0]), pair))

    @cached_property
    def _of_packages(self) -> dict[str, str | None]:
        return {}

    def _package(self, package: str) -> str | None:
        beginning = package[:LONGEST_PACKAGE]
        while beginning[-1:] not in (":", ""):
            if beginning in self._exact:
                return self._exact[beginning]
            for start, name in self._open:
                if beginning.startswith(start):
                    return name
            cut = max(beginning.rfind(mark) for mark in "/.\\:")
            beginning = beginning[: cut + 1] if beginning[cut] == ":" else beginning[:cut]
        return None


@cache
def given_names() -> FrameworkNames:
    """The names in framework_names.tsv."""
    frameworks, labels, words = dict[str, Framework](), dict[str, str](), dict[str, str]()
    packaged = list[tuple[str, str]]()
    for line in NAMES_FILE.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        name, title, kind, aliases, packages = line.split("\t")
        common = name.endswith("?")
        name = name.removesuffix("?")
        frameworks[name] = Framework(name, title, kind, tuple(packages.split()))
        # A title that is another plain word than the name, such as Flux of fluxcd, is a common word.
        plain = title.isalpha() and framework_key(title) != framework_key(name)
        for alias in [
            name + "?" * common,
            title + "?" * (common or plain),
            *filter(None, aliases.split(", ")),
        ]:
            key = framework_key(alias.removesuffix("?"))
            labels.setdefault(key, name)
            if not alias.endswith("?"):
                words.setdefault(key, name)
        packaged += [
            (package.partition(":")[2], name) for package in packages.split() if not package.endswith("*")
        ]
    for package, name in packaged:
        if package not in TOPICS:
            labels.setdefault(framework_key(package), name)
        if "/" in package or "-" in package:
            words.setdefault(framework_key(package), name)
    return FrameworkNames(frameworks, labels, words)


def canonical_framework(name: str, names: FrameworkNames | None = None) -> str | None:
    """The canonical name of a framework, library, tool or language, however `name` is written; None for an
    unknown one."""
    return (names or given_names()).canonical(name)


def frameworks_in_text(text: str, names: FrameworkNames | None = None) -> list[str]:
    """Canonical names in a sentence of English or Japanese, in order and each once. Names that are also
    common words are passed over: "go to the next page" names nothing, "Next.js" does."""
    names = names or given_names()
    found = dict[str, None]()
    pieces = list(_PHRASE_WORD.finditer(unicodedata.normalize("NFKC", text)))
    position = 0
    while position < len(pieces):
        for length in range(min(LONGEST_PHRASE, len(pieces) - position), 0, -1):
            run = pieces[position : position + length]
            gaps = (run[at].string[run[at].end() : run[at + 1].start()] for at in range(length - 1))
            if any(gap.strip(" ") for gap in gaps):
                continue
            phrase = " ".join(piece.group().strip("./-") for piece in run)
            name = names.unmistakable(phrase)
            if name is not None:
                found[name] = None
                position += length - 1
                break
        position += 1
    return list(found)


def framework_key(name: str) -> str:
    """What is left of a name without case, width, punctuation and long vowel marks."""
    folded = unicodedata.normalize("NFKC", name).strip().casefold()
    if folded.startswith("."):
        folded = "dot" + folded[1:]
    folded = folded.replace("++", "pp").replace("#", "sharp")
    return "".join([one for one in folded if one.isalnum() and one != "ー"])


def _find(name: str, known: Mapping[str, str]) -> str | None:
    if len(name) > LONGEST_NAME:
        return None
    key = framework_key(name)
    if not key:
        return None
    if key in known:
        return known[key]
    if len(key) > 4 and key.endswith("js") and key[:-2] in known:
        return known[key[:-2]]
    for suffix in _SUFFIXES:
        if key.endswith(suffix) and key[: -len(suffix)] in known:
            return known[key[: -len(suffix)]]
    folded = unicodedata.normalize("NFKC", name).strip().casefold()
    bare = _VERSION.sub("", folded)
    return _find(bare, known) if bare and bare != folded else None


def _slug(label: str) -> str:
    return re.sub(r"[\s_]+", "-", normalise_label(label))
