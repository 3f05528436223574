"""Words of source code and of Japanese and English prose."""

from __future__ import annotations

import re
import unicodedata


def _listed(text: str) -> list[str]:
    return text.split()


# Words that say nothing of what a piece of code does: the syntax of common languages, and what
# generators and skeletons put where code should be.
SYNTAX_WORDS = frozenset(
    _listed(
        "abstract and any as async await bool boolean break case catch class const continue def default do "
        "elif else end enum except export extends false final finally float fn for from func function go if "
        "implements import in int interface is lambda let match mod module mut namespace new nil none not "
        "null number of or package pass pub public private protected raise return self static str string "
        "struct super switch then this throw true try type typeof undefined use using val var void while "
        "with yield"
    )
)
FILLER_WORDS = frozenset(
    _listed(
        "an app auto bar be by console demo describe echo example expect fmt foo generated hello index it "
        "log main minimal ok on placeholder print printf println sample skeleton spike src stub template "
        "test the to todo usage works world"
    )
)

_WORD = re.compile(
    r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+"  # the parts of an identifier
    r"|[\u30a1-\u30ffー]+"  # a katakana word
    r"|[\u4e00-\u9fff々]+"  # a run of kanji
    r"|[\u3041-\u309f]+"  # a run of hiragana
)


def words(text: str) -> list[str]:
    """The words of `text` in order, lower case after NFKC; identifiers give their parts
    (`createOrderBy` → create, order, by), Japanese gives its runs of one script."""
    return [word.lower() for word in _WORD.findall(unicodedata.normalize("NFKC", text))]


def substance(code: str, known: frozenset[str] = frozenset()) -> int:
    """How many distinct words `code` adds beyond `known`, the syntax of its language and filler.

    A generated skeleton that repeats its template's name scores 0 to 2; one real call scores more.
    Words of one letter do not count.
    """
    told = {word for word in words(code) if len(word) > 1}
    return len(told - known - SYNTAX_WORDS - FILLER_WORDS)
