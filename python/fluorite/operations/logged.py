"""Marks operations whose runs are followed: in the log files, and in metrics while they go on."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, TypeVar

from ..context import CallContext, Progress
from .base import EngineBase

Method = TypeVar("Method", bound=Callable[..., Any])


def logged(method: Method) -> Method:
    """Stands below `@operation`."""

    @functools.wraps(method)
    def followed(engine: EngineBase, context: CallContext, *arguments: Any, **options: Any) -> Any:
        from ..state.run import Run
        from .vitals import vitals

        run = Run(method.__name__, time.time_ns() // 1_000_000)

        def told(progress: Progress) -> None:
            run.progress = progress

        log, memory = engine._run_log, engine._memory
        memory.runs.append(run)
        try:
            with (
                context.following(told),
                nullcontext() if log is None else log.following(run, context, lambda: vitals(memory)),
            ):
                run.result = method(engine, context, *arguments, **options)
        finally:
            memory.runs.remove(run)
        return run.result

    return followed  # type: ignore[return-value]
