"""Which files of a folder are code, in which language, and how that language's syntax tree is read."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Language, Node

_LONG_LINE = re.compile(r".{2000}")
FEWEST_STEPS = 300
BYTES_OF_A_STEP = 30
"""Of 2,677 real files none took more than a step for 40 bytes, the median one for 160."""
MOST_STEPS = 9000
BYTES_OF_A_READ = 65536


@dataclass(frozen=True, slots=True)
class Grammar:
    """A tree-sitter grammar: its module and the function that gives it, and the types of the nodes that
    import. Where `imports_all`, an import does not say which names it brings. Texts of more than
    `most_bytes` are not parsed."""

    module: str
    function: str
    imports: frozenset[str]
    imports_all: bool = False
    most_bytes: int = 512 * 1024


def _grammar(module: str, *imports: str, function: str = "language", imports_all: bool = False) -> Grammar:
    return Grammar(module, function, frozenset(imports), imports_all)


GRAMMARS: Mapping[str, Grammar] = MappingProxyType(
    {
        "typescript": _grammar("tree_sitter_typescript", "import_statement", function="language_typescript"),
        "tsx": _grammar("tree_sitter_typescript", "import_statement", function="language_tsx"),
        "javascript": _grammar("tree_sitter_javascript", "import_statement"),
        "python": _grammar(
            "tree_sitter_python", "import_statement", "import_from_statement", "future_import_statement"
        ),
        "php": _grammar(
            "tree_sitter_php",
            "php_tag",
            "namespace_definition",
            "namespace_use_declaration",
            function="language_php",
        ),
        "go": _grammar("tree_sitter_go", "package_clause", "import_declaration"),
        "rust": _grammar("tree_sitter_rust", "use_declaration", "extern_crate_declaration"),
        "ruby": _grammar("tree_sitter_ruby"),
        "java": _grammar("tree_sitter_java", "package_declaration", "import_declaration"),
        # Its recovery from errors takes the square of the length: 20 s for 64 KiB of ">".
        "kotlin": Grammar(
            "tree_sitter_kotlin", "language", frozenset({"package_header", "import"}), most_bytes=24 * 1024
        ),
        "csharp": _grammar(
            "tree_sitter_c_sharp", "using_directive", "file_scoped_namespace_declaration", imports_all=True
        ),
    }
)

LANGUAGE_OF_SUFFIX: Mapping[str, str] = MappingProxyType(
    {
        f".{suffix}": language
        for language, suffixes in {
            "typescript": "ts mts cts",
            "tsx": "tsx",
            "javascript": "js mjs cjs jsx",
            "python": "py pyi",
            "php": "php",
            "go": "go",
            "rust": "rs",
            "ruby": "rb rake gemspec",
            "java": "java",
            "kotlin": "kt kts",
            "csharp": "cs",
            "vue": "vue",
            "svelte": "svelte",
            "astro": "astro",
            "swift": "swift",
            "dart": "dart",
            "elixir": "ex exs heex eex",
            "scala": "scala",
            "groovy": "groovy gradle",
            "c": "c h",
            "cpp": "cc cpp cxx hpp hh",
            "lua": "lua",
            "r": "r",
            "haskell": "hs",
            "erlang": "erl",
            "clojure": "clj cljs",
            "bash": "sh bash zsh fish",
            "powershell": "ps1",
            "sql": "sql",
            "prisma": "prisma",
            "graphql": "graphql gql",
            "protobuf": "proto",
            "terraform": "tf tfvars hcl",
            "solidity": "sol",
            "yaml": "yaml yml",
            "toml": "toml",
            "ini": "ini cfg conf properties editorconfig",
            "json": "json jsonc json5",
            "xml": "xml csproj fsproj",
            "css": "css",
            "scss": "scss sass less",
            "html": "html htm",
            "handlebars": "hbs handlebars mustache",
            "ejs": "ejs",
            "erb": "erb",
            "jinja": "j2 jinja jinja2",
            "twig": "twig",
            "env": "env",
            "makefile": "mk",
        }.items()
        for suffix in suffixes.split()
    }
)
LANGUAGE_OF_NAME: Mapping[str, str] = MappingProxyType(
    {
        "dockerfile": "dockerfile",
        "containerfile": "dockerfile",
        "makefile": "makefile",
        "gnumakefile": "makefile",
        "justfile": "makefile",
        "rakefile": "ruby",
        "gemfile": "ruby",
        "procfile": "yaml",
        "caddyfile": "ini",
        "jenkinsfile": "groovy",
        "vagrantfile": "ruby",
        "go.mod": "go-mod",
        "pipfile": "toml",
        "requirements.txt": "requirements",
        "cmakelists.txt": "cmake",
        "nginx.conf": "nginx",
    }
)
DATA_LANGUAGES = frozenset({"json", "xml", "yaml", "toml", "ini", "sql", "html"})
"""Languages in which long files are data rather than examples of code."""


def language_of_file(name: str) -> str | None:
    """The language of a file by its name, in lower case; None where it is no code."""
    path = PurePosixPath(name.lower())
    if path.name in LANGUAGE_OF_NAME:
        return LANGUAGE_OF_NAME[path.name]
    if path.name.startswith(("dockerfile.", "containerfile.")):
        return "dockerfile"
    if path.name == ".env" or path.name.startswith(".env."):
        return "env"
    if path.name.startswith("requirements") and path.suffix in (".txt", ".in"):
        return "requirements"
    return LANGUAGE_OF_SUFFIX.get(path.suffix)


def syntax_tree(text: str, language: str) -> Node | None:
    """The root of a text's syntax tree; None where the language has no grammar, for a text that is too long
    or has lines that no person writes, and where its parser gets lost: recovering from errors may take it
    the square of a text's length. The same text always ends the same way.

    The grammars come with their packages: nothing is downloaded.
    """
    known = _language(language)
    source = text.encode()
    if known is None or len(source) > GRAMMARS[language].most_bytes or _LONG_LINE.search(text):
        return None
    from tree_sitter import Parser

    steps_left = min(FEWEST_STEPS + len(source) // BYTES_OF_A_STEP, MOST_STEPS)

    def read(offset: int, _point: object) -> bytes:
        return source[offset : offset + BYTES_OF_A_READ]

    def is_enough(_offset: int, _has_error: bool) -> bool:
        nonlocal steps_left
        steps_left -= 1
        return steps_left < 0

    try:
        # Other threads would wait for the parser if it was given all of the text at once.
        return Parser(known).parse(read, progress_callback=is_enough).root_node
    except ValueError:
        return None


@cache
def _language(name: str) -> Language | None:
    grammar = GRAMMARS.get(name)
    if grammar is None:
        return None
    from tree_sitter import Language

    return Language(getattr(importlib.import_module(grammar.module), grammar.function)())
