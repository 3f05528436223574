"""How much of the machine's memory the process holds."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

STATUS = Path("/proc/self/status")
NAMES = {"VmRSS": "resident_bytes", "RssAnon": "anonymous_bytes", "RssFile": "file_backed_bytes"}


def memory_use() -> dict[str, int | None]:
    """Bytes of the process, Node's included, that lie in memory: all, those that only it has, those that
    are pages of files and can be read again; and the most there ever were. None where the system does
    not tell (the first three on macOS)."""
    found: dict[str, int | None] = dict.fromkeys(NAMES.values())
    try:
        lines = STATUS.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        lines = []
    for line in lines:
        name, _, value = line.partition(":")
        if name in NAMES:
            found[NAMES[name]] = int(value.split()[0]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    found["peak_resident_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return found
