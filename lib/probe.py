"""Describe the running interpreter as one JSON object on standard output.

Run as ``<python> -I -S probe.py``; needs nothing but the standard library and imports no site packages.

Keys: ``format`` (1), ``program`` (this executable, symlinks kept, so that a virtual environment stays
recognisable), ``implementation``, ``version`` ([major, minor, micro]), ``free_threaded``, ``library``
(absolute path of the shared libpython, null when this build has none), ``venv`` (whether it can create
virtual environments), ``executable_mtime_ms`` (of the executable behind all symlinks) and
``pyvenv_cfg_mtime_ms`` (null outside a virtual environment). The two times tell whether a stored copy of
this object still describes the interpreter.
"""

import importlib.util
import json
import os
import sys
import sysconfig


def shared_library() -> str | None:
    variables: dict[str, str | None] = sysconfig.get_config_vars()
    major_minor = f"{sys.version_info.major}.{sys.version_info.minor}"
    names = [
        variables.get("INSTSONAME"),
        variables.get("LDLIBRARY"),
        f"libpython{major_minor}.so.1.0",
        f"libpython{major_minor}.dylib",
    ]
    # A macOS framework names its library relative to the folder that holds the framework; a relocated
    # build still carries the LIBDIR of the machine that compiled it.
    folders = [
        variables.get("PYTHONFRAMEWORKPREFIX"),
        variables.get("LIBDIR"),
        os.path.join(sys.base_prefix, "lib"),
        os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(sys.executable))), "lib"),
    ]
    for folder in filter(None, folders):
        for name in filter(None, names):
            path = os.path.abspath(os.path.join(folder, name))
            if not name.endswith(".a") and os.path.isfile(path):
                return path
    return None


def modified_ms(path: str) -> int | None:
    return os.stat(path).st_mtime_ns // 1_000_000 if os.path.exists(path) else None


def describe() -> dict[str, object]:
    environment = os.path.dirname(os.path.dirname(sys.executable))
    return {
        "format": 1,
        "program": sys.executable,
        "implementation": sys.implementation.name,
        "version": list(sys.version_info[:3]),
        "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        "library": shared_library(),
        "venv": all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")),
        "executable_mtime_ms": modified_ms(sys.executable),
        "pyvenv_cfg_mtime_ms": modified_ms(os.path.join(environment, "pyvenv.cfg")),
    }


if __name__ == "__main__":
    print(json.dumps(describe()))
