"""How much a piece of a document or of code is worth keeping, in [0, 1], from measured properties."""

from __future__ import annotations

import math
import re

from ...text import FILLER_WORDS, SYNTAX_WORDS, substance, words

WORDS_OF_RICH_CODE = 10.0
"""Substance at which code has earned 1 - 1/e of its share, as in templates."""
WORDS_OF_RICH_PROSE = 30.0
CODE_SHARE_OF_A_SECTION = 0.55
PROSE_SHARE_OF_A_SECTION = 0.35
HEADING_SHARE = 0.05
FRAMEWORK_SHARE = 0.05
CODE_SHARE = 0.7
DESCRIPTION_SHARE = 0.1
PARSED_SHARE = 0.1
COMPLETE_SHARE = 0.05

_ONLY_LINKS = re.compile(r"[\s>*+\-\d.|]*(?:\*\*)?\[[^\]]*\]\([^)]*\)[^\w]*$")


def section_quality(prose: str, code: str, has_heading: bool, has_framework: bool) -> float:
    """The substance of the code and of the prose beside it, a heading, and a known subject. Of prose that
    only links elsewhere, each line counts half."""
    lines = [line for line in prose.split("\n") if line.strip()]
    links = sum(_ONLY_LINKS.match(line) is not None for line in lines) / len(lines) if lines else 0.0
    told = {word for word in words(prose) if len(word) > 1} - FILLER_WORDS - SYNTAX_WORDS
    return round(
        CODE_SHARE_OF_A_SECTION * _richness(substance(code), WORDS_OF_RICH_CODE)
        + PROSE_SHARE_OF_A_SECTION * _richness(len(told), WORDS_OF_RICH_PROSE) * (1 - links / 2)
        + HEADING_SHARE * has_heading
        + FRAMEWORK_SHARE * has_framework,
        3,
    )


def code_quality(
    code: str, has_description: bool, is_parsed: bool, is_complete: bool, has_framework: bool
) -> float:
    """The substance of the code, a description of it, that its language's parser understands it, that it is
    whole, and a known framework."""
    return round(
        CODE_SHARE * _richness(substance(code), WORDS_OF_RICH_CODE)
        + DESCRIPTION_SHARE * has_description
        + PARSED_SHARE * is_parsed
        + COMPLETE_SHARE * is_complete
        + FRAMEWORK_SHARE * has_framework,
        3,
    )


def _richness(count: int, rich: float) -> float:
    return 1 - math.exp(-count / rich)
