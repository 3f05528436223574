"""Folders of code as a source: examples of a framework, chunked by syntax."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath

from ...chunk import Chunk
from ...context import CallContext
from ...frameworks import frameworks_in_imports, frameworks_in_manifest, given_names
from ...settings import MEBIBYTE, LearningSettings
from ...store import ChunkStore
from ..chunk_tally import ChunkTally
from .code_languages import DATA_LANGUAGES, language_of_file
from .code_names import description_of, routes_in
from .code_units import CodeUnit, read_code
from .document_sections import cut_text
from .ignored_files import reason_by_text
from .manifests import Manifests
from .source_files import FoundFiles, SourceFile, find_files
from .source_memory import SourceMemory, base_id
from .source_quality import code_quality
from .source_report import SourceReport
from .source_run import Reading, SourceRun

CODE_TYPE = "code"
READER_VERSION = 1
"""Changes with the chunks that code gives; files learned under another one are read again."""
LARGEST_DATA = 24 * 1024
LONGEST_NAME_IN_AN_ID = 400
MOST_FRAMEWORKS = 16

_ENVIRONMENT = re.compile(r"\.env(?!.*(?:example|sample|template|dist|defaults?)$)")
_KEY_FILE = re.compile(
    r"\.(?:pem|key|p12|pfx|jks|keystore|kdbx|ppk|asc|gpg)$|^(?:id_(?:rsa|dsa|ecdsa|ed25519)|\.netrc|\.npmrc|"
    r"\.pypirc|\.htpasswd|\.git-credentials|credentials)$",
    re.IGNORECASE,
)
_NOT_IN_AN_ID = re.compile(r"[\s#]+")


def learn_code(
    folder: Path,
    store: ChunkStore,
    embed_pending: Callable[[CallContext], int],
    settings: LearningSettings,
    context: CallContext,
    max_chunk_size: int = MEBIBYTE,
) -> SourceReport:
    """Brings the store level with the code of a folder and reports what that took.

    Ids are `<path in the folder>#<name of the function, class, …>`. Files that have not changed since the
    last run, nor their nearest manifest, are passed over. Raises PathNotFound, InvalidArgument or
    Cancelled; what one file holds never ends the run.
    """
    manifests = Manifests()

    def scan() -> FoundFiles:
        found = find_files(folder, _refusal, max_chunk_size, context)
        manifests.read(found.files.values())
        return found

    run = SourceRun(
        path=str(folder),
        store=store,
        memory=SourceMemory(store, folder, "code", READER_VERSION),
        reader=lambda file, text: read_file(file, text, max_chunk_size, manifests),
        tally=ChunkTally(settings.quality_threshold),
        incremental=settings.enable_incremental_learning,
        stamp=lambda file: manifests.stamp(file.name, language_of_file(file.name) or ""),
    )
    return run.learn(scan, embed_pending, context)


def _refusal(name: str) -> str | None:
    own = PurePosixPath(name).name
    if _ENVIRONMENT.match(own):
        return "environment file"
    if _KEY_FILE.search(own):
        return "key file"
    return None if language_of_file(name) is not None else "no known language"


def read_file(file: SourceFile, text: str, max_chunk_size: int, manifests: Manifests) -> Reading:
    """The chunks of one file, none larger than `max_chunk_size` bytes."""
    language = language_of_file(file.name) or ""
    if not text.strip():
        return Reading(skipped="empty")
    if language in DATA_LANGUAGES and len(text) > LARGEST_DATA:
        return Reading(skipped="data")
    reason = reason_by_text(text)
    if reason is not None:
        return Reading(skipped=reason)
    code = read_code(text, language)
    known = given_names()
    imported = frameworks_in_imports(text, language)
    named = frameworks_in_manifest(file.name, text)
    nearest = manifests.frameworks(file.name, language)
    chunks = []
    for unit in code.units:
        content = unit.content()
        own = frameworks_in_imports(content, language)
        mentioned = [one for one in (*own, *imported, *named) if known.is_framework(one)]
        whole = len(content.encode()) <= max_chunk_size
        for part in [content] if whole else cut_text(content, max_chunk_size):
            chunks.append(_chunk(file.name, language, unit, part, mentioned, nearest, code.is_parsed))
    return Reading(chunks)


def _chunk(
    path: str,
    language: str,
    unit: CodeUnit,
    content: str,
    mentioned: Iterable[str],
    nearest: Iterable[str],
    is_parsed: bool,
) -> Chunk:
    frameworks = tuple(dict.fromkeys((*mentioned, *nearest)))[:MOST_FRAMEWORKS]
    description = description_of(unit.text)
    routes = routes_in(unit.text)
    name = unit.name or ", ".join(routes)
    metadata: dict[str, object] = {
        "name": name or PurePosixPath(path).name,
        "description": description,
        "language": language,
        "kind": unit.kind,
        "line": unit.line,
        "routes": routes,
        "imported_frameworks": list(dict.fromkeys(mentioned)),
    }
    anchor = _NOT_IN_AN_ID.sub("-", name).encode()[:LONGEST_NAME_IN_AN_ID].decode(errors="ignore")
    return Chunk(
        id=f"{base_id(path)}#{anchor}" if anchor else base_id(path),
        content=content,
        chunk_type=CODE_TYPE,
        frameworks=frameworks,
        tags=tuple(dict.fromkeys((language, *((unit.kind,) if unit.kind != "code" else ())))),
        quality_score=code_quality(unit.text, bool(description), is_parsed, unit.complete, bool(frameworks)),
        metadata={key: value for key, value in metadata.items() if value},
    )
