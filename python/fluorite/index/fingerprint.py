"""Which chunks are the same thing again, so that a page of results shows it once.

A fingerprint is three 64-bit words:

    0       signature: a hash of the chunk's type and its tokens. Equal signatures, same thing.
            0 where there is nothing to compare; such a chunk is like no other.
    1, 2    for long content a 128-bit SimHash of its three-token shingles (Charikar 2002), so that a
            copy with a word changed here and there is known too. 0 for anything shorter: in a small
            piece of code one word is the difference between an index by HNSW and one by IVF.

White space, semicolons and the kind of quotes make no difference; names and numbers do. A description
of a template is compared without what makes it one of a series: the language and style that its own
id names (`…-basic-js`, `…-typed-ts`), and the files that are named after it. Chunks of different
types are never the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from ..chunk import Chunk, normalise_label

FINGERPRINT_VERSION = 1
FINGERPRINT_WORDS = 3

DESCRIPTION_TYPE = "template"
FEWEST_TOKENS = 200
"""From so many tokens on, content may be like other content without being equal to it."""
FARTHEST = 6
"""SimHashes that differ in at most so many of their 128 bits belong together: two in three of the pairs
with 98 % common shingles do, one in fifty of those with 90 %, none of those with 80 %."""
LONGEST = (1 << 18) - 1
"""Longer content, in bytes, is known only when nothing but white space differs."""
BYTES_AT_ONCE = 1 << 17

SCRIPTS = frozenset(["js", "jsx", "mjs", "cjs", "javascript", "ts", "tsx", "typescript"])
LANGUAGES = frozenset(["py", "python", "rb", "ruby", "go", "golang", "rs", "rust", "java", "kt", "kotlin"])
MORE_LANGUAGES = frozenset(["php", "cs", "csharp", "swift", "dart", "scala"])
STYLES = frozenset(["basic", "simple", "minimal", "typed", "secure", "advanced", "testing"])
SERIES_WORDS = SCRIPTS | LANGUAGES | MORE_LANGUAGES | STYLES

Fingerprints = NDArray[np.uint64]
Hashes = NDArray[np.uint64]
Positions = NDArray[np.int64]

_PART_OF_ID = re.compile(r"[^\W_]+")
_PUNCTUATION = "()[]{}<>,.:;!?\"'`"
_BASE = 0x9E3779B97F4A7C15


def fingerprints_of(chunks: Iterable[Chunk]) -> Fingerprints:
    """The fingerprints of chunks, shape (n, FINGERPRINT_WORDS). The same in every process."""
    kinds, exact, texts = list[bytes](), dict[int, bytes](), dict[int, bytes]()
    for row, chunk in enumerate(chunks):
        content = chunk.content
        kind = _kind(chunk.chunk_type)
        kinds.append(kind)
        if isinstance(content, bytes):
            exact[row] = content
        elif kind == _kind(DESCRIPTION_TYPE):
            exact[row] = _without_series(content, chunk.id).encode()
        elif len(text := content.encode()) <= LONGEST:
            texts[row] = text
        else:
            exact[row] = b" ".join(text.split())
    found = np.zeros((len(kinds), FINGERPRINT_WORDS), np.uint64)
    for rows in _blocks(texts):
        found[rows] = _of_tokens([texts[row] for row in rows])
    for row, content in exact.items():
        if content:
            found[row, 0] = int.from_bytes(blake2b(content, digest_size=8).digest(), "little")
    salts = np.frombuffer(b"".join(kinds), "<u8").reshape(-1, FINGERPRINT_WORDS)
    found[:, 0] = np.where(found[:, 0] != 0, np.maximum(found[:, 0] ^ salts[:, 0], 1), 0)
    long = found[:, 1:].any(axis=1)
    found[long, 1:] ^= salts[long, 1:]
    return found


def near_identical(fingerprints: Fingerprints) -> Positions:
    """For each row of `fingerprints`, shape (n, FINGERPRINT_WORDS) and best first, the first row that is
    the same thing: its own where none before it is. Shape (n,).

    A row is compared with the row that stands for a group, not with all of the group, so a chain of
    small changes does not join what has little in common.
    """
    leaders = np.arange(len(fingerprints))
    known = np.flatnonzero(fingerprints[:, 0])
    if not len(known):
        return leaders
    _, first, group = np.unique(fingerprints[known, 0], return_index=True, return_inverse=True)
    first = known[first]
    leaders[known] = first[group]
    long = np.sort(first[fingerprints[first, 1:].any(axis=1)])
    left, right = np.ascontiguousarray(fingerprints[long, 1:].T)
    distances = np.bitwise_count(left[:, None] ^ left) + np.bitwise_count(right[:, None] ^ right)
    near = distances <= FARTHEST
    if np.count_nonzero(near) > len(long):
        stands_for = np.arange(len(fingerprints))
        for one, other in zip(*(long[ends].tolist() for ends in np.nonzero(np.triu(near, 1))), strict=True):
            if stands_for[one] == one and stands_for[other] == other:
                stands_for[other] = one
        leaders = stands_for[leaders]
    return leaders


def _without_series(content: str, identifier: str) -> str:
    """The words of a description without what its id says of its place in a series."""
    identifier = identifier.lower()
    own = SERIES_WORDS.intersection(_PART_OF_ID.findall(identifier))
    kept = list[str]()
    for piece in content.lower().split():
        word = piece.strip(_PUNCTUATION)
        if word in own:
            kept.append("*")
        elif "." in word or "/" in word:
            stem = word[word.rfind("/") + 1 :].partition(".")[0]
            named_after = identifier in word or ("-" in stem and stem in identifier)
            if word == identifier or not named_after:
                kept.append(word)
        elif word:
            kept.append(word)
    return " ".join(kept)


@lru_cache(256)
def _kind(chunk_type: str) -> bytes:
    return blake2b(normalise_label(chunk_type).encode(), digest_size=8 * FINGERPRINT_WORDS).digest()


def _blocks(texts: Mapping[int, bytes]) -> Iterator[list[int]]:
    """The rows of `texts`, together as long as working memory should be."""
    block, size = list[int](), 0
    for row, text in texts.items():
        if block and size + len(text) > BYTES_AT_ONCE:
            yield block
            block, size = [], 0
        block.append(row)
        size += len(text) + 1
    if block:
        yield block


def _of_tokens(texts: Sequence[bytes]) -> Fingerprints:
    """Unsalted fingerprints of UTF-8 texts."""
    data = np.frombuffer(b"\n".join(texts) + b"\n", np.uint8)
    starts = _token_starts(data)
    tokens = _token_hashes(data, starts)
    stops = np.searchsorted(starts, np.cumsum([len(text) + 1 for text in texts]))
    begins = np.append(0, stops[:-1])
    found = np.zeros((len(texts), FINGERPRINT_WORDS), np.uint64)
    places = (np.arange(len(tokens)) - np.repeat(begins, stops - begins)).astype(np.uint64)
    sums = np.append(np.uint64(0), np.cumsum(_mixed(tokens ^ _mixed(places))))
    found[:, 0] = np.where(stops > begins, _mixed(sums[stops] - sums[begins]), 0)
    for row in np.flatnonzero(stops - begins >= FEWEST_TOKENS).tolist():
        found[row, 1:] = _simhash(tokens[begins[row] : stops[row]])
    return found


def _token_starts(data: NDArray[np.uint8]) -> Positions:
    """Where tokens begin: a run of letters, digits and underscores, a mark, or a character of a script
    that is written without spaces (three bytes and more in UTF-8)."""
    word = _IS_WORD[data]
    begins = _VALUES[data] != 0
    begins[1:] &= ~(word[1:] & word[:-1])
    begins |= data >= 0xE0
    return np.flatnonzero(begins)


def _token_hashes(data: NDArray[np.uint8], starts: Positions) -> Hashes:
    """A hash for each token: the polynomial of its bytes, from differences of running sums."""
    powers, inverses = _powers(len(data))
    sums = np.zeros(len(data) + 1, np.uint64)
    np.cumsum(_VALUES[data] * powers, out=sums[1:])
    at = sums[np.append(starts, len(data))]
    return _mixed((at[1:] - at[:-1]) * inverses[starts])


def _simhash(tokens: Hashes) -> Hashes:
    """The 128-bit SimHash of the distinct shingles of three tokens and more, shape (2,)."""
    shingles = np.unique(_mixed(tokens[:-2] + _mixed(tokens[1:-1] + _mixed(tokens[2:]))))
    words = np.stack([shingles, _mixed(shingles)], axis=1).astype("<u8", copy=False)
    bits = np.unpackbits(words.view(np.uint8), axis=1)
    # Adding bytes to bytes is several times as fast as to wider numbers.
    counts = bits.sum(axis=0, dtype=np.uint8 if len(bits) < 256 else np.int32)
    return np.packbits(counts > len(bits) // 2).view("<u8").astype(np.uint64, copy=False)


def _mixed(values: Hashes) -> Hashes:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014): every bit depends on every bit."""
    values = values + np.uint64(_BASE)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _powers(count: int) -> tuple[Hashes, Hashes]:
    """The powers of _BASE from 0 to count - 1, and their inverses, modulo 2^64."""
    powers, inverses = _table_of_powers(max(BYTES_AT_ONCE, 1 << (count - 1).bit_length()))
    return powers[:count], inverses[:count]


@lru_cache(2)
def _table_of_powers(count: int) -> tuple[Hashes, Hashes]:
    tables = []
    for base in (_BASE, pow(_BASE, -1, 1 << 64)):
        table = np.full(count, base, np.uint64)
        table[0] = 1
        tables.append(np.multiply.accumulate(table))
    return tables[0], tables[1]


def _classes() -> tuple[NDArray[np.bool_], Hashes]:
    """For each byte, whether it belongs to a word, and its value in a hash: 0 is no part of a token."""
    word = np.zeros(256, np.bool_)
    word[[*b"0123456789_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", *range(128, 256)]] = True
    values = np.arange(1, 257, dtype=np.uint64)
    values[[*b" \t\n\r\v\f;\0"]] = 0
    values[[*b"'`"]] = values[ord('"')]
    return word, values


_IS_WORD, _VALUES = _classes()
