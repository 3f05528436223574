"""Packages that code imports and manifests name, as `ecosystem:name`: npm:@prisma/client, pip:fastapi.

Reading is by pattern and not by parser: templates hold placeholders and fragments, and one import that is
missed costs little. Nothing in here raises, whatever the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath
from types import MappingProxyType

LONGEST_CODE = 1 << 18
"""Imports stand at the top: of longer code only so many characters are read."""

_JAVASCRIPT = re.compile(r"""(?:\bfrom|\bimport|\brequire\s*\(|\bimport\s*\()\s*["']([^"'\s]+)["']""")
_PYTHON = re.compile(r"^[ \t]*(?:from[ \t]+([A-Za-z_][\w.]*)[ \t]+import\b|import[ \t]+([^\n#;]+))", re.M)
_GO = re.compile(r'^[ \t]*(?:import[ \t]+)?(?:[\w.]+[ \t]+)?"([\w.-]+\.[a-z]+/[^"\s]+)"', re.M)
_RUST = re.compile(r"^[ \t]*(?:pub[ \t]+)?(?:use|extern crate)[ \t]+([a-z_]\w*)|#\[(\w+)::main\]", re.M)
_PHP = re.compile(r"^[ \t]*use[ \t]+\\?([A-Z]\w*(?:\\\w+)+)", re.M)
_JVM = re.compile(r"^[ \t]*import[ \t]+(?:static[ \t]+)?([a-z]\w*(?:\.\w+)+)", re.M)
_CSHARP = re.compile(r"^[ \t]*(?:global[ \t]+)?using[ \t]+(?:static[ \t]+)?([A-Z]\w*(?:\.\w+)*)[ \t]*;", re.M)
_RUBY = re.compile(r"""^[ \t]*(?:require|gem)[ \t(]+["']([\w/-]+)["']""", re.M)
_DART = re.compile(r"""^[ \t]*import[ \t]+["']package:(\w+)/""", re.M)
_ELIXIR = re.compile(r"^[ \t]*(?:use|import|alias)[ \t]+([A-Z]\w*)", re.M)

LANGUAGES = MappingProxyType(
    {
        **dict.fromkeys(("js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts"), "javascript"),
        **dict.fromkeys(("vue", "svelte", "astro", "mdx", "html"), "javascript"),
        **dict.fromkeys(("javascript", "typescript"), "javascript"),
        **dict.fromkeys(("py", "pyi", "python"), "python"),
        **dict.fromkeys(("go", "golang"), "go"),
        **dict.fromkeys(("rs", "rust"), "rust"),
        "php": "php",
        **dict.fromkeys(("java", "kt", "kts", "kotlin", "scala", "groovy"), "jvm"),
        **dict.fromkeys(("cs", "csharp"), "csharp"),
        **dict.fromkeys(("rb", "ruby"), "ruby"),
        "dart": "dart",
        **dict.fromkeys(("ex", "exs", "elixir"), "elixir"),
    }
)
"""A file's ending, or a language's name → whose imports to look for."""

_NPM_DEPENDENCY = re.compile(
    r'"(@?[\w./-]+)"\s*:\s*"(?:[\^~><=*]*\s*v?\d[^"]*|latest|next|\*|workspace:[^"]*|npm:[^"]*)"'
)
_COMPOSER_DEPENDENCY = re.compile(r'"([\w.-]+/[\w.-]+)"\s*:\s*"[^"]*"')
_REQUIREMENT = re.compile(r"^[ \t]*[\"']?([A-Za-z][\w.-]*)(?:\[[\w,\s-]*\])?[ \t]*(?:[=<>~!;,\"'@]|$)", re.M)
_TOML_DEPENDENCY = re.compile(r"^[ \t]*([A-Za-z][\w-]*)[ \t]*=[ \t]*(?:[\"'][\^~><=*\d]|\{)", re.M)
_QUOTED_REQUIREMENT = re.compile(r"""["']([A-Za-z][\w.-]*)(?:\[[\w,\s-]*\])?\s*(?:[=<>~!][^"']*)?["']""")
_GO_MODULE = re.compile(r"^[ \t]*(?:require[ \t]+)?([\w.-]+\.[a-z]+/\S+)[ \t]+v\d", re.M)
_GEM = re.compile(r"""^[ \t]*gem[ \t]+["']([\w-]+)["']""", re.M)
_MAVEN_GROUP = re.compile(r"<groupId>\s*([\w.-]+)\s*</groupId>")
_GRADLE = re.compile(r"""["']([a-z][\w.-]+\.[\w.-]+):[\w.-]+(?::[^"']*)?["']|\bid[ (]+["']([\w.-]+)["']""")
_NUGET = re.compile(r"""<PackageReference[^>]*\bInclude\s*=\s*["']([\w.-]+)["']""")
_PUB = re.compile(r"^  (\w+):", re.M)
_HEX = re.compile(r"\{\s*:(\w+)\s*,")
_IMAGE = re.compile(r"""^[ \t]*-?[ \t]*(?:FROM|image:)[ \t]+(?:--\S+[ \t]+)?["']?([\w./-]+)""", re.M | re.I)
_DENO = re.compile(r'"(?:npm|jsr):(@?[\w./-]+)')


def packages_in_imports(code: str, language: str | None = None) -> list[str]:
    """The packages that `code` imports, in order and each once. `language` is a name or a file's ending;
    None: everything that looks like an import of any language known here counts."""
    code = code[:LONGEST_CODE]
    chosen = LANGUAGES.get(language.casefold()) if language is not None else None
    if language is not None and chosen is None:
        return []
    readers = _READERS.items() if chosen is None else [(chosen, _READERS[chosen])]
    found = dict[str, None]()
    for name, read in readers:
        if chosen is not None or name in _UNMISTAKABLE:
            found.update(dict.fromkeys(read(code)))
    return list(found)


def language_of_path(path: str) -> str | None:
    """The ending of a path, where its imports can be read: "ts" of `src/app.ts`."""
    ending = PurePosixPath(path).suffix[1:].casefold()
    return ending if ending in LANGUAGES else None


def packages_in_manifest(file_name: str, text: str) -> list[str]:
    """The packages that a manifest (package.json, requirements.txt, composer.json, go.mod, Dockerfile, …)
    names, in order and each once; none for a file that is no manifest."""
    text = text[:LONGEST_CODE]
    return list(dict.fromkeys(_of_manifest(PurePosixPath(file_name).name.casefold(), text)))


def _of_manifest(name: str, text: str) -> Iterator[str]:
    ending = PurePosixPath(name).suffix
    if name == "package.json":
        yield from (f"npm:{one}" for one in _NPM_DEPENDENCY.findall(text))
    elif name in ("deno.json", "deno.jsonc", "import_map.json"):
        yield from (f"npm:{one}" for one in _DENO.findall(text))
    elif name == "composer.json":
        yield from (f"composer:{one}" for one in _COMPOSER_DEPENDENCY.findall(text))
    elif name.startswith("requirements") and ending in (".txt", ".in"):
        yield from (f"pip:{_python_name(one)}" for one in _REQUIREMENT.findall(text))
    elif name in ("pyproject.toml", "pipfile"):
        for one in (*_QUOTED_REQUIREMENT.findall(text), *_TOML_DEPENDENCY.findall(text)):
            yield f"pip:{_python_name(one)}"
    elif name == "cargo.toml":
        yield from (f"crate:{one.replace('_', '-')}" for one in _TOML_DEPENDENCY.findall(text))
    elif name == "go.mod":
        yield from (f"go:{one}" for one in _GO_MODULE.findall(text))
    elif name == "gemfile":
        yield from (f"gem:{one}" for one in _GEM.findall(text))
    elif name == "pom.xml":
        yield from (f"maven:{one}" for one in _MAVEN_GROUP.findall(text))
    elif name.startswith("build.gradle"):
        yield from (f"maven:{first or second}" for first, second in _GRADLE.findall(text))
    elif ending in (".csproj", ".fsproj"):
        yield from (f"nuget:{one}" for one in _NUGET.findall(text))
    elif name == "pubspec.yaml":
        yield from (f"pub:{one}" for one in _PUB.findall(text))
    elif name == "mix.exs":
        yield from (f"hex:{one}" for one in _HEX.findall(text))
    elif "dockerfile" in name or "compose" in name:
        yield from (f"image:{one}" for one in _IMAGE.findall(text))


def _python_name(name: str) -> str:
    return name.casefold().replace("_", "-")


def _javascript(code: str) -> Iterator[str]:
    for given in _JAVASCRIPT.findall(code):
        module = given.removeprefix("npm:").removeprefix("jsr:")
        if module[:1] not in "./~#{" and not module.startswith(("@/", "node:", "http:", "https:")):
            yield f"npm:{module}"


def _python(code: str) -> Iterator[str]:
    for module, modules in _PYTHON.findall(code):
        for one in (module or modules).split(","):
            name = one.split()[0] if one.split() else ""
            if name and not name.startswith("."):
                yield f"pip:{name}"


def _rust(code: str) -> Iterator[str]:
    for used, attribute in _RUST.findall(code):
        name = used or attribute
        if name not in ("std", "core", "crate", "self", "super", "alloc"):
            yield f"crate:{name.replace('_', '-')}"


_READERS: dict[str, Callable[[str], Iterable[str]]] = {
    "javascript": _javascript,
    "python": _python,
    "go": lambda code: (f"go:{one}" for one in _GO.findall(code)),
    "rust": _rust,
    "php": lambda code: (f"php:{one}" for one in _PHP.findall(code)),
    "jvm": lambda code: (f"maven:{one}" for one in _JVM.findall(code)),
    "csharp": lambda code: (f"nuget:{one}" for one in _CSHARP.findall(code)),
    "ruby": lambda code: (f"gem:{one}" for one in _RUBY.findall(code)),
    "dart": lambda code: (f"pub:{one}" for one in _DART.findall(code)),
    "elixir": lambda code: (f"hex:{one.casefold()}" for one in _ELIXIR.findall(code)),
}
_UNMISTAKABLE = frozenset({"javascript", "python", "go", "php", "csharp", "dart"})
"""Languages whose imports are known by their form alone."""
