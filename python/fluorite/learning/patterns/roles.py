"""What a piece of a pattern is for: routing, auth, data access, … The roles and their signs are data, in
framework_roles.tsv."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ...text import words

ROLES_FILE = Path(__file__).with_name("framework_roles.tsv")

_JAPANESE = re.compile(r"[\u3041-\u9fff]")
_SPELT = re.compile(r"[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class Roles:
    """Signs of roles, each of which may tell several; `order` has all roles as they are listed."""

    order: tuple[str, ...]
    by_kind: Mapping[str, str]
    by_word: Mapping[str, tuple[str, ...]]
    by_file: Mapping[str, tuple[str, ...]]
    japanese: re.Pattern[str]


@cache
def known_roles() -> Roles:
    """The roles in framework_roles.tsv."""
    order = list[str]()
    by_kind = dict[str, str]()
    by_word, by_file = dict[str, tuple[str, ...]](), dict[str, tuple[str, ...]]()
    for line in ROLES_FILE.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        role, kinds, told, files = line.split("\t")
        order.append(role)
        by_kind.update(dict.fromkeys(kinds.split(), role))
        for signs, known in ((told, by_word), (files, by_file)):
            for sign in unicodedata.normalize("NFKC", signs).split():
                known[sign] = (*known.get(sign, ()), role)
    japanese = sorted((word for word in by_word if _JAPANESE.match(word)), key=len, reverse=True)
    return Roles(tuple(order), by_kind, by_word, by_file, re.compile("|".join(map(re.escape, japanese))))


def roles_of(tags: Iterable[str], path: str = "", name: str = "") -> tuple[str, ...]:
    """The roles that a piece's tags, path and name tell, in the order of framework_roles.tsv."""
    roles = known_roles()
    told = set[str]()
    signs = {tag.casefold() for tag in tags}
    if path:
        known = roles.by_file.get(path.rpartition("/")[2].casefold())
        if known is not None:
            told.update(known)
        else:
            signs.update(words(path))
    if name:
        signs.update(words(name))
        signs.update(_SPELT.findall(name.casefold()))
    for sign in signs:
        told.update(roles.by_word.get(sign, ()))
    everything = " ".join((name, *signs))
    if not everything.isascii():
        for word in roles.japanese.findall(unicodedata.normalize("NFKC", everything)):
            told.update(roles.by_word[word])
    return tuple(role for role in roles.order if role in told)


def role_of_kind(kind: str) -> str | None:
    """The role that a framework of this kind plays, if it is one."""
    return known_roles().by_kind.get(kind)
