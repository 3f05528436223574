"""What all operations of an engine share: the memory, its retriever, and checks of arguments."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..chunk import encoded_size
from ..errors import InvalidArgument
from ..memory import open_memory, release_memory
from ..settings import Settings

if TYPE_CHECKING:
    from ..search.retriever import Retriever
    from ..state.history import History
    from ..state.run_log import RunLog


class EngineBase:
    """A memory under the settings of one bridge.

    Several engines may share a folder, in one process or in many. `background` takes work that may
    run later; without it the next search does what it would have done.
    """

    def __init__(
        self, settings: Settings, background: Callable[[Callable[[], None]], None] | None = None
    ) -> None:
        self._settings = settings
        self._background = background
        self._memory = open_memory(settings.memory_path, settings.memory)
        self._opening = threading.RLock()
        self._opened: Retriever | None = None
        self._opened_history: History | None = None
        self._opened_log: RunLog | None = None

    @property
    def _retriever(self) -> Retriever:
        with self._opening:
            if self._opened is None:
                # numpy takes 80 ms to import, and storing and reading chunks needs none of it.
                from ..search.retriever import Retriever

                # What fails in the background is to be found there.
                _ = self._run_log
                self._opened = Retriever(self._memory, self._settings, self._background)
            return self._opened

    @property
    def _history(self) -> History | None:
        """The searches of this user; None where there is no folder for them."""
        folder = self._settings.privacy.state_path
        with self._opening:
            if self._opened_history is None and folder is not None:
                from ..state.history import open_history

                self._opened_history = open_history(folder, self._settings.privacy.history_days)
            return self._opened_history

    @property
    def _run_log(self) -> RunLog | None:
        """The log files; None where there is no folder for them."""
        folder = self._settings.privacy.state_path
        with self._opening:
            if self._opened_log is None and folder is not None:
                from ..state.run_log import open_run_log

                self._opened_log = open_run_log(folder, self._settings.privacy.history_days)
            return self._opened_log

    def close(self) -> None:
        """Stops background work, saves the indexes, writes what is yet to be logged, and lets go of all."""
        if self._opened is not None:
            self._opened.close()
        privacy = self._settings.privacy
        if self._opened_history is not None and privacy.state_path is not None:
            from ..state.history import release_history

            release_history(privacy.state_path, privacy.history_days)
        if self._opened_log is not None and privacy.state_path is not None:
            from ..state.run_log import release_run_log

            release_run_log(privacy.state_path, privacy.history_days)
        release_memory(self._memory)

    def _dimensions(self) -> int:
        return self._retriever.dimensions()


def check_list(name: str, values: object) -> Sequence[Any]:
    """`values` as a list. Raises InvalidArgument."""
    if not isinstance(values, list | tuple):
        raise InvalidArgument(f"{name} is {type(values).__name__}. Give a list.")
    return values


def check_text(name: str, value: object) -> str:
    """`value` as text. Raises InvalidArgument."""
    if not isinstance(value, str):
        raise InvalidArgument(f"{name} is {type(value).__name__}. Give a string.")
    encoded_size(value, name)
    return value


def check_texts(name: str, values: object) -> list[str]:
    """`values` as a list of texts. Raises InvalidArgument."""
    return [check_text(f"{name}[{place}]", value) for place, value in enumerate(check_list(name, values))]


def check_folder(path: object, method: str, example: str) -> Path:
    """`path` as an absolute path. Raises InvalidArgument."""
    if path is None or not check_text("path", path).strip() or "\0" in check_text("path", path):
        raise InvalidArgument(f"{method} needs a folder. Pass for example {example!r}.")
    return Path(check_text("path", path)).expanduser().absolute()
