"""Python inside Node: what must happen first, and in this order.

1. `_ssl` and `_hashlib` are loaded with RTLD_DEEPBIND. Node exports its own OpenSSL; without this,
   Python's modules would bind half to node's symbols and half to the system's.
2. stdout is the host's (an MCP server speaks its protocol there): Python's goes to stderr, and
   libraries are told to draw no progress bars.
3. Threads give up the GIL every millisecond, so that a short answer need not wait 5 ms behind a
   learning run.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

SWITCH_INTERVAL_SECONDS = 0.001


def start(
    complete: Callable[[Any, bytes, list[Any], bool], None],
    progress: Callable[[Any, bytes], None],
    cancelled: Callable[[Any], bool],
    enter: Callable[[], None],
    leave: Callable[[], None],
    serve: Callable[[], NoReturn],
) -> Callable[..., None]:
    """Called once by the addon, on its Python thread. Returns the `accept` that `serve` will call.

    Raises PackageMissing, which names the package and the command that installs it.
    """
    _isolate_openssl()
    sys.stdout = sys.stderr
    os.environ.setdefault("TQDM_DISABLE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    sys.setswitchinterval(SWITCH_INTERVAL_SECONDS)
    try:
        from .dispatch import Dispatcher, Host
    except ModuleNotFoundError as error:
        from .errors import PackageMissing

        raise PackageMissing(
            f"The Python package {error.name!r} is missing from {sys.prefix} "
            f"(Python {sys.version.split()[0]}). Install the environment with: npm run setup"
        ) from error
    return Dispatcher(Host(complete, progress, cancelled, enter, leave, serve)).accept


def _isolate_openssl(modules: Sequence[str] = ("_ssl", "_hashlib")) -> None:
    deep_binding = getattr(os, "RTLD_DEEPBIND", None)
    if deep_binding is None:
        return
    flags = sys.getdlopenflags()
    sys.setdlopenflags(os.RTLD_NOW | deep_binding)
    try:
        for name in modules:
            __import__(name)
    except ImportError:
        pass
    finally:
        sys.setdlopenflags(flags)
