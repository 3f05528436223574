"""Keeps a memory ready to be searched: replays changes, makes missing embeddings, tends index files."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from ..context import CallContext
from ..embedding import EmbeddingService
from ..errors import Cancelled, FluoriteError
from ..index.embedding_space import FEW, EmbeddingSpace
from ..memory import Memory
from .ranking import remember_weights
from .spaces import ModelSpaces, Served

PENDING_AT_ONCE = 4096
SECONDS_OF_QUIET = 0.5
"""Writes that come close together are looked after at once, so that they do not wait for it."""
LONGEST_WAIT_SECONDS = 10.0

Background = Callable[[Callable[[], None]], None]

_log = logging.getLogger(__name__)


class Upkeep:
    """The upkeep of one memory under one bridge's settings; thread-safe.

    `background` takes work that may run later; without it the next search does what it would have done.
    """

    def __init__(self, memory: Memory, spaces: ModelSpaces, background: Background | None) -> None:
        self._facts = memory.chunks.facts
        self._indexes = memory.indexes
        self._spaces = spaces
        self._background = background
        self._lock = threading.Lock()
        self._scheduled = False
        self._context = CallContext()
        self._closing = threading.Event()
        self._asked_at = 0.0
        self._touched = set[str]()
        self._idle = threading.Event()
        self._idle.set()
        self._loads = dict[EmbeddingService, threading.Event]()
        self.error: str | None = None
        """Why the last upkeep in the background failed; None if it did not."""

    def before_search(self, served: Served, context: CallContext) -> int:
        """Brings level what lacks little, embeds the few chunks that wait for it, and leaves the rest to
        the background. Says how many changes the index furthest behind still lacks."""
        space = served.space
        self._touch(space)
        behind = self._indexes.refresh(space, context.check)
        if served.service is not None and space.pending():
            self._embed(served, space.claim(FEW, all_or_none=True), context, 0, 0)
            space.wait_for_few(context.check)
        pending = served.service is not None and space.pending()
        if behind or pending or self._indexes.needs_maintenance():
            self.later()
        return behind

    def level(self, context: CallContext) -> EmbeddingSpace:
        """Brings everything level, however long that takes, and gives the space that texts are put into."""
        space = self._spaces.wanted().space
        self._indexes.catch_up(space, context.check)
        return space

    def embed_pending(self, context: CallContext) -> int:
        """Brings everything level and embeds every chunk that lacks its vector and that nobody else is
        embedding; says how many."""
        wanted = self._spaces.wanted()
        space = wanted.space
        self._indexes.catch_up(space, context.check, lambda done, total: context.report("index", done, total))
        if wanted.service is None:
            return 0
        total, done = space.pending(), 0
        while claimed := space.claim(PENDING_AT_ONCE):
            total = max(total, done + len(claimed))
            self._embed(wanted, claimed, context, done, total)
            done += len(claimed)
        if not space.pending():
            self._spaces.completed(space)
        return done

    def later(self) -> None:
        """Does all of it on the background lane, so that the next search need not; once, however often
        this is called."""
        if self._background is None:
            return
        self._asked_at = time.monotonic()
        with self._lock:
            if self._scheduled:
                return
            self._scheduled = True
            self._idle.clear()
        self._background(self._run)

    def load_soon(self, served: Served) -> bool:
        """Has the model loaded in the background. Says whether that is under way: False where the model is
        loaded, or could not be, so that the caller meets the error itself."""
        service = served.service
        if service is None or service.is_loaded or self._background is None:
            return False
        with self._lock:
            ended = self._loads.get(service)
            if ended is None:
                ended = self._loads[service] = threading.Event()
                self._background(lambda: self._load(service, ended))
        return not ended.is_set()

    def close(self) -> None:
        """Stops what runs in the background and waits for its end."""
        self._context.cancel()
        self._closing.set()
        self._idle.wait()
        for ended in self._loads.values():
            ended.wait()

    def _load(self, service: EmbeddingService, ended: threading.Event) -> None:
        try:
            if not self._closing.is_set():
                service.load()
        except Exception as error:
            self.error = str(error)
        finally:
            ended.set()

    def _touch(self, space: EmbeddingSpace) -> None:
        """Maps the files' pages in the background, once, beside the first search."""
        if self._background is None or space.model_id in self._touched:
            return
        self._touched.add(space.model_id)

        def touch() -> None:
            with suppress(Cancelled):
                self._indexes.touch(space, self._context.check)

        self._background(touch)

    def _embed(
        self, served: Served, claimed: dict[int, str], context: CallContext, before: int, total: int
    ) -> None:
        """Shortest first, so that a batch's texts are alike in length and little is padded."""
        if not claimed or served.service is None:
            return
        texts = dict(sorted(claimed.items(), key=lambda item: len(item[1])))
        total = max(total, len(texts))
        try:
            context.report("embed", before, total)
            vectors = served.service.embed(
                list(texts.values()),
                context,
                lambda done, _all: context.report("embed", before + done, total),
            )
            served.space.embedded(texts, vectors)
            context.report("embed", before + len(texts), total)
        finally:
            served.space.give_up(claimed)

    def _run(self) -> None:
        until = time.monotonic() + LONGEST_WAIT_SECONDS
        while (quiet_at := min(self._asked_at + SECONDS_OF_QUIET, until)) > (now := time.monotonic()):
            if self._closing.wait(quiet_at - now):
                break
        with self._lock:
            self._scheduled = False
        try:
            remember_weights(self._facts)
            before = self._spaces.for_text().space
            self.embed_pending(self._context)
            for space in dict.fromkeys((before, self._spaces.wanted().space)):
                self._indexes.maintain(space, self._context.check)
            self.error = None
        except Cancelled:
            pass
        except FluoriteError as error:
            # The next search meets the same error and tells its caller; here only the log and metrics can.
            if self.error != str(error):
                _log.warning("upkeep in the background failed: %s", error)
            self.error = str(error)
        except Exception as error:
            self.error = f"{type(error).__name__}: {error}"
            _log.exception("upkeep in the background failed")
        finally:
            with self._lock:
                if not self._scheduled:
                    self._idle.set()
