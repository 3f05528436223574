"""What is made from the keys: the commented file, and docs/configuration.md.

npm run docs:configuration      writes docs/configuration.md
"""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path
from typing import Any

from .keys import Key
from .sections import SECTIONS, keys_in

LINE_LENGTH = 100

_TEMPLATE_HEAD = """\
# Fluorite Memory Engine. Every key is shown with its default, or with an example where it has none.
# Remove the # in front of what you change. A relative path counts from the folder of this file.
# FLUORITE_* variables win over this file, and the options of initialize over both.
"""

_PAGE_HEAD = """\
# Configuration

Made from `python/fluorite/settings/sections.py` by `npm run docs:configuration`; change it there.

A value comes from the first of these that gives it:

1. an option of `initialize` (the keys marked ● below);
2. an environment variable, which counts as not given while it is empty; lists are separated by commas, and
   true and false are also 1 and 0;
3. one TOML file: the first of `config_path`, `FLUORITE_CONFIG_PATH`, `./fluorite.toml` in the working
   folder, and `$XDG_CONFIG_HOME/fluorite/fluorite.toml` (`~/.config/fluorite/fluorite.toml`; on macOS also
   `~/Library/Application Support/fluorite/fluorite.toml`). Files are not merged.
   `FLUORITE_CONFIG_PATH=/dev/null` reads none;
4. the default.

A relative path in the file counts from the file's folder, any other from the working folder; `~` is your
home. `memory_path` must come from somewhere; everything else may be left out. A wrong key or value is an
error that names the file, the line, the key and what it takes or the nearest key. Environment variables
that belong to no key are left alone.

`await FluoriteBridge.getConfiguration(options)` tells every value and where it came from;
`await FluoriteBridge.configurationTemplate()` gives a commented file. `FLUORITE_PYTHON` names the Python
interpreter, as the option `python` does; it is asked before any file can be read.
"""

_TABLE_HEAD = """\
| key | default | takes | effect | variable |
|---|---|---|---|---|
"""


def template() -> str:
    """A fluorite.toml in which every key stands as a comment."""
    parts = [_TEMPLATE_HEAD]
    for section in SECTIONS:
        parts.append(f"\n[{section}]\n")
        for name, key in keys_in(section).items():
            unit = f" ({key.declared.unit})" if key.declared.unit else ""
            parts.append(_comment(f"{key.declared.effect}{unit}"))
            parts.append(f"# {name} = {_toml(_shown(key))}\n")
    return "".join(parts)


def page() -> str:
    """docs/configuration.md."""
    parts = [_PAGE_HEAD]
    for section, settings in SECTIONS.items():
        meaning = (settings.__doc__ or "").split(": ", 1)[1].split(".")[0]
        parts.append(f"\n## `[{section}]`: {meaning}\n\n{_TABLE_HEAD}")
        parts.extend(_row(key) for key in keys_in(section).values())
    return "".join(parts)


def _row(key: Key) -> str:
    declared = key.declared
    mark = " ●" if declared.is_option else ""
    default = declared.default_words or ("none" if key.default is None else f"`{_toml(key.default)}`")
    unit = f"; {declared.unit}" if declared.unit else ""
    return (
        f"| `{key.name}`{mark} | {default} | {declared.rule.takes}{unit} | {declared.effect} "
        f"| `{key.variable}` |\n"
    )


def _shown(key: Key) -> Any:
    return key.default if key.default is not None else key.declared.shown


def _comment(text: str) -> str:
    return textwrap.fill(text, LINE_LENGTH, initial_indent="# ", subsequent_indent="# ") + "\n"


def _toml(value: Any) -> str:
    # A TOML value of these kinds is spelled as in JSON.
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
