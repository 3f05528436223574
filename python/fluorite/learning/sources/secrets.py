"""Finds what looks like a key, a token or a password in text, so that it is never stored.

    known      the form of a service's keys (secret_patterns), if the rest of it looks random
    private    blocks of private keys that hold one
    assigned   a random value given to a name such as api_key, secret, token or password
    address    a password in an address (scheme://user:password@host)

Placeholders, references (process.env.X, ${X}, {{x}}) and words are no secrets. What is found never
leaves this module in a message: only its line and its kind do.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ...chunk import Chunk
from .secret_patterns import (
    ADDRESS,
    ASSIGNMENT,
    KNOWN_SECRETS,
    PRIVATE_KEY,
    SECRET_NAME,
    WORDS_OF_SECRET_NAMES,
)

SHORTEST_KEY = 16
SHORTEST_KEY_OF_LETTERS = 20
SHORTEST_PASSWORD = 8
SHORTEST_FRAGMENT = 16
"""Characters of a key's line by which it is known again."""
FEWEST_CHARACTERS_OF_A_KEY = 8
"""Different ones."""
LEAST_ENTROPY = 3.0
"""Bits a character; random hexadecimal of 32 characters has 3.6, of 16 characters 3.2."""
LARGEST_SHARE_OF_WORDS = 0.45
LARGEST_SHARE_AFTER_A_KNOWN_BEGINNING = 0.6

_PLACEHOLDER = re.compile(
    r"your|my[-_]?|example|sample|placeholder|dummy|fake|change|replace|insert|todo|fixme|xxx|\*\*\*|\.\.\.|…"
    r"|test|demo|secret|passw|token|apikey|api[-_]key|default|redacted|hidden|masked|local|admin|postgres"
    r"|0000|1111|2222|aaaa|1234|abcd|qwerty|asdf|deadbeef|cafebabe|lorem|foobar|foo|bar|baz|here|value"
    r"|hunter2|letmein|p4ss|string|none|null|undefined|true|false|env\b|config|process|settings",
    re.IGNORECASE,
)
_PLACEHOLDER_IN_A_KEY = re.compile(
    r"your|example|sample|placeholder|dummy|fake|change[-_]?me|replace|insert|todo|xxxx|\*\*\*|\.\.\.|…"
    r"|redacted|0{6}|1{6}|a{6}|(?:0?123456789?)|abcdef(?!\d)|abcd1234|1234abcd|deadbeef|lorem|foobar|here$",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"[$%#@]?\{|\}\}|\$\w|\$\(|^[<%&@!*:.~\\]|^\w+\(|\w\.\w+\(|->|::|process\.env|environ|getenv|import\.meta"
    r"|^(?:https?|file|data|arn|urn):|^[\w.-]+@[\w-]+\.\w|^\w+(?:\.[A-Za-z_]\w*)+$",
    re.IGNORECASE,
)
_CHARACTERS_OF_A_KEY = re.compile(r"[A-Za-z0-9+/=_\-.~:]+")
_NAMES_NO_SECRET = re.compile(
    r"tokens|public|publish|csrf[_-]?header|header|cookie[_-]?name|field|url|uri|path|file|endpoint|type|length|"
    r"expir|ttl|count|limit|max|min|tokeni[sz]|placeholder|label|hash|regex|pattern|rule|policy|arn|name$|_id$|Id$",
    re.IGNORECASE,
)
_NAME_OF_A_SECRET = re.compile(rf"(?:{SECRET_NAME})\Z", re.IGNORECASE)
_PASSWORD_NAME = re.compile(r"passw|pwd|passphrase", re.IGNORECASE)
_BEGINNING_OF_A_KEY = re.compile(r"^[A-Za-z]{2,10}[-_.](?:[a-z]{3,7}[-_])?")
_RUN_OF_LETTERS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_LOOK_ALIKES = str.maketrans("0134578@$!", "oleastbasi")
_END_OF_A_NAME = re.compile(r"[\w\-.]+\Z")
_BEGINNING_OF_A_NAME = re.compile(r"[\w\-.]+")
_KEY_LINE = re.compile(r"[A-Za-z0-9+/=]{16,}")
_NO_LETTER_OR_DIGIT = re.compile(r"[\W_]+")


# Half of the pairs of neighbouring letters in English words and names of code are among these 70.
def _listed(text: str) -> list[str]:
    return text.split()


_USUAL_PAIRS = frozenset(
    _listed(
        "th he in er an re nd at on nt ha es st en ed to it ou ea hi is or ti as te et ng of al de se "
        "le sa si ar ve ra ld ur ic me ro co ne ll io ta el ma us li ch ce om em ec il ac pa lo no ke "
        "ey se cr ss wo rd ap pi mo ul ut un ri la be ni di"
    )
)


@dataclass(frozen=True, slots=True)
class Secret:
    """`line` counts from 1. `fragments` are what must not be stored; they are in no representation."""

    line: int
    kind: str
    fragments: tuple[str, ...] = field(repr=False)


def find_secrets(text: str) -> list[Secret]:
    """What looks like a secret in a text with `\\n` line ends, in order."""
    found = sorted(_all(text), key=lambda one: one[0])
    return [Secret(text.count("\n", 0, start) + 1, kind, fragments) for start, kind, fragments in found]


def holds_any(secrets: Sequence[Secret], chunk: Chunk) -> bool:
    """Whether a chunk holds one of these secrets in its id, content, labels or metadata, also where
    marks were taken out of it or its case was changed."""
    if not secrets:
        return False
    content = chunk.content if isinstance(chunk.content, str) else chunk.content.decode(errors="replace")
    texts = (chunk.id, content, *chunk.frameworks, *chunk.tags, *_texts(chunk.metadata))
    held = "\n".join(map(_squeezed, texts))
    return any(_squeezed(fragment) in held for secret in secrets for fragment in secret.fragments)


def is_random(value: str, shortest: int = SHORTEST_KEY) -> bool:
    """Whether a value looks drawn by lot: long enough, of letters and digits (or of many letters), with the
    entropy of a key, and not made of words."""
    if len(value) < shortest or _CHARACTERS_OF_A_KEY.fullmatch(value) is None:
        return False
    has_digit = any(one.isdigit() for one in value)
    has_letter = any(one.isalpha() for one in value)
    if not has_letter or not (has_digit or (len(value) >= SHORTEST_KEY_OF_LETTERS and value.isalpha())):
        return False
    return entropy(value) >= LEAST_ENTROPY and share_of_words(value) <= LARGEST_SHARE_OF_WORDS


def entropy(value: str) -> float:
    """Bits a character, from the value's own frequencies (Shannon)."""
    counts = Counter(value).values()
    return -sum(count / len(value) * math.log2(count / len(value)) for count in counts)


def share_of_words(value: str) -> float:
    """The share of the characters that stand in runs of letters that look like words: at least four
    letters, of whose neighbouring pairs most are usual ones."""
    wordy = 0
    for run in _RUN_OF_LETTERS.findall(value):
        if len(run) >= 4:
            lower = run.lower()
            usual = sum(lower[at : at + 2] in _USUAL_PAIRS for at in range(len(run) - 1))
            if usual * 5 >= (len(run) - 1) * 2:
                wordy += len(run)
    return wordy / len(value)


Found = tuple[int, str, tuple[str, ...]]


def _all(text: str) -> Iterator[Found]:
    seen = set[int]()
    for one in (*_private_keys(text), *_known_keys(text), *_addresses(text), *_assigned(text)):
        if one[0] not in seen:
            seen.add(one[0])
            yield one


def _private_keys(text: str) -> Iterator[Found]:
    if "PRIVATE KEY" not in text:
        return
    for match in PRIVATE_KEY.finditer(text):
        lines = [line for line in _KEY_LINE.findall(match.group(1).replace("\\n", "\n")) if _is_key(line)]
        if sum(map(len, lines)) >= 64:
            yield match.start(), "private key", tuple(lines)


def _known_keys(text: str) -> Iterator[Found]:
    for known in KNOWN_SECRETS:
        if any(hint in text for hint in known.hints):
            for match in known.pattern.finditer(text):
                value = match.group(1)
                if _is_key(value, LARGEST_SHARE_AFTER_A_KNOWN_BEGINNING) and not _REFERENCE.search(
                    value.replace(".", "")
                ):
                    yield match.start(1), known.kind, (value,)


def _addresses(text: str) -> Iterator[Found]:
    if "://" not in text:
        return
    for match in ADDRESS.finditer(text):
        user, password, _host = match.groups()
        if password.lower() != user.lower() and _is_password(password):
            yield match.start(2), "password in an address", (password,)


def _assigned(text: str) -> Iterator[Found]:
    lower = text.lower()
    if not any(word in lower for word in WORDS_OF_SECRET_NAMES):
        return
    for match in ASSIGNMENT.finditer(text):
        name = _name(text, match)
        value = match.group("quoted") or match.group("bare")
        if _NAMES_NO_SECRET.search(name) or _REFERENCE.search(value):
            continue
        is_password = _PASSWORD_NAME.search(name) is not None
        between = text[match.start() : match.start("quoted")] if match.group("quoted") else ""
        if "," in between and not _NAME_OF_A_SECRET.search(name):
            continue
        if match.group("bare") is not None and not _stands_in_data(text, match):
            continue
        if (is_random(value) and _is_key(value)) or (is_password and _is_password(value)):
            kind = "password" if is_password else "secret value"
            yield match.start("quoted" if match.group("quoted") else "bare"), kind, (value,)


def _name(text: str, match: re.Match[str]) -> str:
    """The name that the value is given to, with what stands before the match."""
    before = _END_OF_A_NAME.search(text, max(0, match.start() - 64), match.start())
    after = _BEGINNING_OF_A_NAME.match(text, match.start())
    return (before.group() if before else "") + (after.group() if after else "")


def _stands_in_data(text: str, match: re.Match[str]) -> bool:
    """Whether an unquoted value ends its line, as in an .env or YAML file."""
    end = text.find("\n", match.end())
    rest = text[match.end() : end if end >= 0 else len(text)].strip()
    return not rest or rest.startswith("#")


def _is_key(value: str, most_words: float = LARGEST_SHARE_OF_WORDS) -> bool:
    rest = _BEGINNING_OF_A_KEY.sub("", value)
    if _PLACEHOLDER_IN_A_KEY.search(value) or len(set(rest)) < FEWEST_CHARACTERS_OF_A_KEY:
        return False
    return share_of_words(rest) <= most_words and not _runs_on(rest)


def _runs_on(value: str) -> bool:
    """Whether at least half of the value counts up or stands still: abcdefgh, 11112222."""
    steps = [ord(after) - ord(before) for before, after in itertools.pairwise(value)]
    return sum(step in (0, 1) for step in steps) * 2 >= len(steps)


def _is_password(value: str) -> bool:
    """Whether a person or a machine would take the value as a real password: three kinds of characters,
    and no usual word even with digits for letters."""
    if len(value) < SHORTEST_PASSWORD or _REFERENCE.search(value) or _PLACEHOLDER.search(value):
        return False
    if _PLACEHOLDER.search(value.translate(_LOOK_ALIKES)) or " " in value:
        return False
    kinds = (str.islower, str.isupper, str.isdigit, lambda one: not one.isalnum())
    if sum(any(map(is_kind, value)) for is_kind in kinds) < 3:
        return False
    return share_of_words(value) <= LARGEST_SHARE_OF_WORDS and not _runs_on(value)


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield str(name)
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


def _squeezed(text: str) -> str:
    return _NO_LETTER_OR_DIGIT.sub("", text).casefold()
