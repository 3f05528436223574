from __future__ import annotations

import re
from pathlib import Path

from fluorite.errors import FluoriteError

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")


def declared() -> set[str]:
    text = (ROOT / "types" / "index.d.ts").read_text(encoding="utf-8")
    union = text.split("export type ErrorCode =", 1)[1].split(";\n\n", 1)[0]
    return set(re.findall(r"\| '([A-Z_]+)'", union))


def explained() -> dict[str, str]:
    parts = re.split(r"^### ([A-Z_]+)$", PAGE, flags=re.MULTILINE)
    return {
        code: re.split(r"^## ", text, flags=re.MULTILINE)[0]
        for code, text in zip(parts[1::2], parts[2::2], strict=True)
    }


def raised(base: type[FluoriteError] = FluoriteError) -> set[str]:
    return {base.code}.union(*(raised(kind) for kind in base.__subclasses__()))


def test_every_error_code_is_explained_and_no_other() -> None:
    assert declared() == set(explained())


def test_every_explanation_has_a_cause_and_a_remedy() -> None:
    for code, text in explained().items():
        assert re.search(r"^\*\*Cause:\*\* \S", text, re.MULTILINE), code
        assert re.search(r"^\*\*Remedy:\*\* \S", text, re.MULTILINE), code


def test_every_code_that_is_raised_is_declared() -> None:
    in_sources = set[str]()
    for pattern, found in (
        ("lib/*.js", r"FluoriteError\(\s*'([A-Z_]+)'"),
        ("addon/*.cc", r'"([A-Z]+(?:_[A-Z]+)+)"'),
    ):
        for file in ROOT.glob(pattern):
            in_sources.update(re.findall(found, file.read_text(encoding="utf-8")))
    assert "PYTHON_CONFLICT" in in_sources and "NOT_INITIALIZED" in in_sources
    assert (raised() | in_sources) - declared() == set()
