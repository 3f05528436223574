"""From a page's HTML to Markdown: its own text and code, without what surrounds them on every page."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .source_failure import SourceFailure

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

LONGEST_TITLE = 200
LONGEST_DESCRIPTION = 400

_SURROUNDINGS = (
    "script, style, noscript, template, svg, canvas, iframe, object, form, button, input, select, dialog, "
    "nav, footer, aside, [role=navigation], [role=banner], [role=contentinfo], [role=search], "
    "[aria-hidden=true], [hidden], a.headerlink, a.anchor, a.header-anchor, a.hash-link, "
    "[class*=language-] > span.lang, td.linenos, .line-numbers-rows"
)
_OWN_TEXT = ("main", "[role=main]", "article")
_LANGUAGE = re.compile(
    r"(?:^|\s)(?:language-|lang-|highlight-(?:source-|text-)?|brush:\s*)((?!source-|text-)[A-Za-z0-9+#]+)"
)
_WITH_VERSION = re.compile(r"(i?python|pycon)3")
_BLANK_LINES = re.compile(r"\n{3,}")
_NO_LANGUAGE = frozenset(("none", "text", "plaintext", "plain", "default", "notranslate", "source"))


@dataclass(frozen=True, slots=True)
class Page:
    """`text` is Markdown; `title` and `description` are single lines and may be empty."""

    title: str
    description: str
    text: str


def page_of_html(html: bytes | str, charset: str = "") -> Page:
    """The page in an HTML document. Where `charset` is empty the document says it itself.

    Raises SourceFailure where it cannot be read or holds no text.
    """
    from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning, XMLParsedAsHTMLWarning

    for category in (MarkupResemblesLocatorWarning, XMLParsedAsHTMLWarning):
        warnings.filterwarnings("ignore", category=category)
    encoding = charset if isinstance(html, bytes) and charset else None
    try:
        document = BeautifulSoup(html, "html.parser", from_encoding=encoding)
        title = _title(document)
        described = document.find("meta", attrs={"name": "description"})
        description = _line(str(described.get("content") or ""), LONGEST_DESCRIPTION) if described else ""
        text = _markdown(_own_part(document))
    except RecursionError:
        raise SourceFailure("its HTML is nested too deeply") from None
    if not text:
        raise SourceFailure("it holds no text; a page that a script draws cannot be read")
    return Page(title, description, text)


def _own_part(document: BeautifulSoup) -> Tag:
    """The part of a page that is its own: its one main element or article, else its body."""
    for element in document.select(_SURROUNDINGS):
        if element.decomposed:
            continue
        element.decompose()
    for selector in _OWN_TEXT:
        found = document.select(selector)
        if len(found) == 1 and found[0].get_text(strip=True):
            return found[0]
    return document.body or document


def _markdown(part: Tag) -> str:
    from markdownify import MarkdownConverter

    converter = MarkdownConverter(
        heading_style="ATX",
        bullets="-",
        strip=["a", "img"],
        code_language_callback=_code_language,
        escape_underscores=False,
        escape_asterisks=False,
    )
    lines = (line.rstrip() for line in str(converter.convert_soup(part)).splitlines())
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def _code_language(block: Tag) -> str:
    """The language that a block of code, an element in it or one of the two around it names."""
    inner = block.find("code")
    for element in (block, inner, block.parent, block.parent.parent if block.parent else None):
        if element is None:
            continue
        given = element.get("data-lang") or element.get("data-language")
        if isinstance(given, str) and given.strip():
            return given.strip().lower()
        classes = element.get("class") or ""
        named = _LANGUAGE.search(classes if isinstance(classes, str) else " ".join(classes))
        if named and named[1].lower() not in _NO_LANGUAGE:
            return _WITH_VERSION.sub(r"\1", named[1].lower())
    return ""


def _title(document: BeautifulSoup) -> str:
    heading = document.find("h1")
    title = _line(heading.get_text(" "), LONGEST_TITLE).rstrip("#¶ ") if heading else ""
    if title:
        return title
    return _line(document.title.get_text(" "), LONGEST_TITLE) if document.title else ""


def _line(text: str, longest: int) -> str:
    return " ".join(text.split())[:longest]
