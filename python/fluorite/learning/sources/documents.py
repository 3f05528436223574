"""Documents as a source: Markdown by heading, and library specifications in YAML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ...chunk import Chunk
from ...context import CallContext
from ...frameworks import frameworks_in_imports, frameworks_in_text, given_names
from ...settings import MEBIBYTE, LearningSettings
from ...store import ChunkStore
from ..chunk_tally import ChunkTally
from ..text_file import language_of
from .document_sections import Section, sections_of
from .markdown_blocks import CodeBlock, code_blocks_of, front_matter_of
from .source_files import SourceFile, find_files
from .source_memory import SourceMemory, base_id
from .source_quality import section_quality
from .source_report import SourceReport
from .source_run import Reading, SourceRun
from .specification import MalformedSpecification, Specification, read_mapping, read_specification

DOCUMENT_TYPE = "document"
SPECIFICATION_TYPE = "specification"
READER_VERSION = 1
"""Changes with the chunks that a document gives; documents learned under another one are read again."""
LONGEST_DESCRIPTION = 160
LONGEST_SLUG = 400
TELLING_PROSE = 60
"""Characters of prose that tell in which language it is."""
MARKDOWN = (".md", ".markdown", ".mdx")
YAML = (".yaml", ".yml")
TITLE_SEPARATOR = " › "

_LABEL_KEYS = ("tags", "keywords", "categories", "category", "topics")
_FRAMEWORK_KEYS = ("framework", "frameworks", "stack", "library", "libraries")
_WORDS_OF_PATH = re.compile(r"[-_./@]+")


def learn_documents(
    folder: Path,
    store: ChunkStore,
    embed_pending: Callable[[CallContext], int],
    settings: LearningSettings,
    context: CallContext,
    max_chunk_size: int = MEBIBYTE,
) -> SourceReport:
    """Brings the store level with the Markdown and YAML files of a folder and reports what that took.

    Ids are `<path in the folder>#<heading's slug>`. Files that have not changed since the last run are
    passed over. Raises PathNotFound, InvalidArgument or Cancelled; what one file holds never ends the run.
    """
    run = SourceRun(
        path=str(folder),
        store=store,
        memory=SourceMemory(store, folder, "documents", READER_VERSION),
        reader=lambda file, text: read_file(file, text, max_chunk_size),
        tally=ChunkTally(settings.quality_threshold),
        incremental=settings.enable_incremental_learning,
    )
    return run.learn(lambda: find_files(folder, _refusal, max_chunk_size, context), embed_pending, context)


def read_file(file: SourceFile, text: str, max_chunk_size: int) -> Reading:
    """The chunks of one document."""
    if not text.strip():
        return Reading(skipped="empty")
    if PurePosixPath(file.name).suffix.lower() in MARKDOWN:
        return _read_markdown(file.name, text, max_chunk_size)
    try:
        specification = read_specification(text, max_chunk_size)
    except MalformedSpecification as error:
        return Reading(line=error.line, reason=error.reason)
    if specification is None:
        return Reading(skipped="no specification: it has neither id nor name")
    return Reading(_specification_chunks(file.name, specification))


def _refusal(name: str) -> str | None:
    return None if PurePosixPath(name).suffix.lower() in (*MARKDOWN, *YAML) else "no document"


def _read_markdown(name: str, text: str, max_chunk_size: int) -> Reading:
    sections = sections_of(text, max_chunk_size)
    front, line, reason = dict[str, list[str]](), 0, ""
    try:
        front = read_mapping(front_matter_of(text))
    except MalformedSpecification as error:
        line, reason = error.line + 1, f"front matter: {error.reason}"
    first = next((section.headings[0] for section in sections if section.headings), "")
    title = next(iter(front.get("title", [])), "") or first or PurePosixPath(name).stem
    description = next(iter(front.get("description", [])), "")
    labels = [label for key in (*_LABEL_KEYS, *_FRAMEWORK_KEYS) for label in front.get(key, [])]
    given = [label for key in _FRAMEWORK_KEYS for label in front.get(key, [])]
    about = _About(
        title, description, language_of(text), tuple(labels), _frameworks_of_path(name), tuple(given)
    )
    chunks = [_chunk(name, section, DOCUMENT_TYPE, about) for section in sections]
    return Reading(chunks, line=line, reason=reason)


def _specification_chunks(name: str, given: Specification) -> list[Chunk]:
    about = _About(
        given.name,
        given.description,
        language_of("\n".join(section.text for section in given.sections)),
        given.labels,
        _frameworks_of_path(name),
        (*given.packages, given.name),
    )
    return [_chunk(name, section, SPECIFICATION_TYPE, about) for section in given.sections]


@dataclass(frozen=True, slots=True)
class _About:
    """What a whole document says of itself; `names` may be those of frameworks."""

    name: str
    description: str
    language: str
    labels: tuple[str, ...]
    frameworks: tuple[str, ...]
    names: tuple[str, ...]


def _chunk(name: str, section: Section, kind: str, about: _About) -> Chunk:
    blocks = list(code_blocks_of(section.text))
    prose = _without(section.text, blocks)
    headings = [heading for heading in section.headings if heading != about.name]
    frameworks = [
        *_canonical((*about.names, *about.labels)),
        *about.frameworks,
        *frameworks_in_text(" / ".join((about.name, *headings))),
        *(one for block in blocks for one in frameworks_in_imports(block.code, block.language or None)),
    ]
    known = given_names()
    kept = tuple(dict.fromkeys(one for one in frameworks if known.is_framework(one)))
    metadata: dict[str, object] = {
        "name": about.name,
        "title": TITLE_SEPARATOR.join(headings),
        "headings": list(section.headings),
        "description": _shortened(about.description),
        "language": _language(prose, about),
        "line": section.line,
    }
    languages = list(dict.fromkeys(block.language for block in blocks if block.language))
    if languages:
        metadata["code_languages"] = languages
    slug = section.slug.encode()[:LONGEST_SLUG].decode(errors="ignore")
    return Chunk(
        id=f"{base_id(name)}#{slug}" if slug else base_id(name),
        content=section.text,
        chunk_type=kind,
        frameworks=kept,
        tags=tuple(dict.fromkeys(label for label in about.labels if label)),
        quality_score=section_quality(
            f"{about.description}\n{prose}",
            "\n".join(block.code for block in blocks),
            bool(headings),
            bool(kept),
        ),
        metadata={key: value for key, value in metadata.items() if value},
    )


def _language(prose: str, about: _About) -> str:
    """The language of a section, which the document tells where the section says too little."""
    own = language_of(prose)
    return own if own == "ja" or len(prose) >= TELLING_PROSE else about.language


def _canonical(names: Iterable[str]) -> list[str]:
    known = given_names()
    found = (known.canonical(name) for name in names)
    return [name for name in found if name is not None]


def _frameworks_of_path(name: str) -> tuple[str, ...]:
    """What the path names: the file's own name may be a common word (next.md), its parts may not."""
    path = PurePosixPath(name)
    stem = path.name[: -len(path.suffix)] if path.suffix else path.name
    own = _canonical([stem, stem.replace("__", "/")])
    return (*own, *frameworks_in_text(_WORDS_OF_PATH.sub(" ", f"{path.parent} / {stem}")))


def _without(text: str, blocks: Sequence[CodeBlock]) -> str:
    for block in blocks:
        if block.code:
            text = text.replace(block.code, "", 1)
    return text


def _shortened(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= LONGEST_DESCRIPTION else words[: LONGEST_DESCRIPTION - 1].rstrip() + "…"
