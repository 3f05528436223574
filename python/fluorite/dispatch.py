"""From a call that arrives to the engine's method that answers it."""

from __future__ import annotations

import inspect
import itertools
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from . import wire
from .context import CallContext
from .engine import MemoryEngine
from .errors import Closed, FluoriteError, InvalidArgument, reject_unknown, unknown_name
from .lanes import Lanes
from .operation import OPERATION_MARK, Lane, lane_of
from .settings import Surroundings, resolve

Job = Any
"""The addon's handle of a call; opaque here."""


@dataclass(frozen=True, slots=True)
class Host:
    """What the addon lets Python do: answer a job once, report its progress, bracket work."""

    complete: Callable[[Job, bytes, list[Any], bool], None]
    progress: Callable[[Job, bytes], None]
    cancelled: Callable[[Job], bool]
    enter: Callable[[], None]
    leave: Callable[[], None]
    serve: Callable[[], NoReturn]


class JobContext(CallContext):
    """The context of a job: JavaScript cancels it and hears of its progress."""

    def __init__(self, host: Host, job: Job) -> None:
        super().__init__(lambda progress: host.progress(job, wire.encode(progress)[0]))
        self._host = host
        self._job = job

    def check(self) -> None:
        if self._host.cancelled(self._job):
            self.cancel()
        super().check()


@dataclass(slots=True)
class Call:
    """A call under way."""

    job: Job
    context: CallContext
    action: Callable[..., Any]
    arguments: Mapping[str, Any]


class Dispatcher:
    """Decodes calls, runs them on their lane, encodes what comes of them.

    An envelope is {engine, arguments}: the engine's handle (absent where no memory is needed), and the
    method's arguments by name.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._lanes = Lanes(host.serve, host.enter, host.leave)
        self._engines: dict[int, MemoryEngine] = {}
        self._unopened: dict[str, Callable[..., Any]] = {
            "open": self._open,
            "get_configuration": _get_configuration,
            "configuration_template": _configuration_template,
        }
        self._handles = itertools.count(1)
        self._lock = threading.Lock()

    def accept(
        self,
        job: Job,
        method: str,
        envelope: bytes,
        buffers: Sequence[bytes | memoryview],
    ) -> None:
        """Runs an interactive call and hands any other to its lane; never raises."""
        try:
            request = wire.decode(envelope, buffers)
            arguments = request.get("arguments", {})
            action, lane = self._action(method, request.get("engine"), arguments)
        except Exception as error:
            self._fail(job, error)
            return
        call = Call(job, JobContext(self._host, job), action, arguments)
        if lane == "interactive":
            self._run(call)
        else:
            self._lanes.submit(lane, lambda: self._run(call))

    def _action(
        self, method: str, handle: object, arguments: Mapping[str, Any]
    ) -> tuple[Callable[..., Any], Lane]:
        if method in self._unopened:
            return self._unopened[method], "interactive"
        engine = self._engine(handle)
        if method == "close":
            return lambda _context: self._close(handle), "background"
        action = getattr(engine, method, None)
        lane = lane_of(action, arguments)
        if action is None or lane is None:
            known = [name for name in dir(engine) if hasattr(getattr(engine, name), OPERATION_MARK)]
            raise InvalidArgument(unknown_name("method", method, known))
        if not arguments.keys() <= _parameters(method):
            reject_unknown(f"option of {_camel_case(method)}", arguments, _parameters(method))
        return action, lane

    def _run(self, call: Call) -> None:
        try:
            call.context.check()
            result = call.action(call.context, **call.arguments)
            # Arguments may be JavaScript's memory, which must not be held once the call has settled.
            call.arguments = {}
            self._answer(call.job, result)
        except BaseException as error:
            call.arguments = {}
            self._fail(call.job, error)

    def _open(
        self,
        _context: CallContext,
        options: Mapping[str, Any],
        package_models: str,
        environment: Mapping[str, str],
    ) -> int:
        settings = resolve(options, Path(package_models), Surroundings(environment, Path.cwd()))
        engine = MemoryEngine(settings, background=lambda work: self._lanes.submit("background", work))
        with self._lock:
            handle = next(self._handles)
            self._engines[handle] = engine
        return handle

    def _close(self, handle: object) -> None:
        with self._lock:
            engine = self._engines.pop(handle, None) if isinstance(handle, int) else None
        if engine is not None:
            engine.close()

    def _engine(self, handle: object) -> MemoryEngine:
        engine = self._engines.get(handle) if isinstance(handle, int) else None
        if engine is None:
            raise Closed("This bridge has been shut down. Create a new FluoriteBridge and initialize it.")
        return engine

    def _answer(self, job: Job, result: Any) -> None:
        envelope, buffers = wire.encode(result)
        self._host.complete(job, envelope, buffers, False)

    def _fail(self, job: Job, error: BaseException) -> None:
        envelope, _ = wire.encode(describe_error(error))
        # The traceback's frames hold the call's arguments, which may be JavaScript's memory.
        error.__traceback__ = error.__context__ = error.__cause__ = None
        self._host.complete(job, envelope, [], True)


def _get_configuration(
    _context: CallContext, options: Mapping[str, Any], environment: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Every key, its value and where that came from; see settings/effective.py."""
    from .settings.effective import effective

    return [asdict(one) for one in effective(options, Surroundings(environment, Path.cwd()))]


def _configuration_template(_context: CallContext) -> str:
    """A commented fluorite.toml."""
    from .settings.reference import template

    return template()


@cache
def _parameters(method: str) -> frozenset[str]:
    _self, _context, *parameters = inspect.signature(getattr(MemoryEngine, method)).parameters
    return frozenset(parameters)


def _camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def describe_error(error: BaseException) -> dict[str, Any]:
    """What Node is told of an error: code, message, python_type, traceback."""
    if isinstance(error, FluoriteError):
        code, message = error.code, str(error)
    else:
        code, message = FluoriteError.code, f"{type(error).__name__}: {error}"
    return {
        "code": code,
        "message": message,
        "python_type": type(error).__name__,
        "traceback": "".join(traceback.format_exception(error)),
    }
