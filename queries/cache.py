"""Answers that were computed before, as bytes; a cache that fails is a cache that is empty."""

import hashlib
import json
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import ContextVar
from dataclasses import asdict
from typing import Final, Protocol

from queries.errors import QueryTimeout, StoreChanged
from queries.scope import Scope

log = logging.getLogger(__name__)

#: When the question at hand was asked, ``time.monotonic()``; None: just now.
ASKED_AT: ContextVar[float | None] = ContextVar("ASKED_AT", default=None)

_FAILURES_KEPT: Final = 1_000


class ByteCache(Protocol):
    """What keeps bytes by key: flask-caching, or anything with these two methods."""

    def get(self, key: str) -> object: ...

    def set(self, key: str, value: bytes) -> object: ...


def cache_key(data_version: int, scope: Scope, sql: str, parameters: tuple[object, ...]) -> str:
    """The key of an answer: equal for equal questions to equal data, and only for those."""
    question = json.dumps([data_version, asdict(scope), sql, parameters], default=_typed)
    return hashlib.sha256(question.encode()).hexdigest()


def _typed(value: object) -> list[str]:
    """A parameter that JSON does not know (a date), told apart from a text that looks like it."""
    return [type(value).__name__, str(value)]


class SingleFlightCache:
    """Computes each missing answer once, however many ask for it at the same time.

    Who waits for a computation shares how it ends, an error too. So does who asked before a
    computation ran out of time and only now gets a thread: its question is that one. A question
    that is asked after a failure is computed anew.
    """

    def __init__(self, store: ByteCache, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._guard = threading.Lock()
        self._flights: dict[str, Future[bytes]] = {}
        self._timeouts: OrderedDict[str, tuple[float, QueryTimeout]] = OrderedDict()
        self.hits = 0
        self.misses = 0

    def get(
        self, key: str, compute: Callable[[], bytes], is_sound: Callable[[bytes], bool]
    ) -> bytes:
        """The bytes of ``key``; those in the cache only when they are ``is_sound``."""
        if (found := self._look_up(key, is_sound)) is not None:
            self._count(hit=True)
            return found
        self._count(hit=False)
        while True:
            flight, is_ours = self._flight(key)
            if is_ours:
                return self._fly(key, flight, compute, is_sound)
            try:
                return flight.result()
            except StoreChanged:
                # That is the fault of what the other one read in, and not of the question.
                continue

    def _flight(self, key: str) -> tuple["Future[bytes]", bool]:
        """The computation of ``key``, and whether it is for the caller to make."""
        with self._guard:
            if flight := self._flights.get(key):
                return flight, False
            ended_at, error = self._timeouts.get(key, (0.0, None))
            asked_at = ASKED_AT.get()
            if error and asked_at is not None and asked_at < ended_at:
                raise QueryTimeout(*error.args)
            flight = self._flights[key] = Future()
            return flight, True

    def _fly(
        self,
        key: str,
        flight: "Future[bytes]",
        compute: Callable[[], bytes],
        is_sound: Callable[[bytes], bool],
    ) -> bytes:
        try:
            # Another flight may have landed since this question missed the cache.
            found = self._look_up(key, is_sound)
            if found is None:
                found = compute()
                self._keep(key, found)
        except BaseException as error:
            self._land(key, error)
            flight.set_exception(error if isinstance(error, Exception) else StoreChanged())
            raise
        self._land(key)
        flight.set_result(found)
        return found

    def _land(self, key: str, error: BaseException | None = None) -> None:
        with self._guard:
            del self._flights[key]
            if isinstance(error, QueryTimeout):
                self._timeouts[key] = self._clock(), error
                self._timeouts.move_to_end(key)
                while len(self._timeouts) > _FAILURES_KEPT:
                    self._timeouts.popitem(last=False)

    def _count(self, *, hit: bool) -> None:
        with self._guard:
            if hit:
                self.hits += 1
            else:
                self.misses += 1

    def _look_up(self, key: str, is_sound: Callable[[bytes], bool]) -> bytes | None:
        try:
            found = self._store.get(key)
        except Exception:
            log.warning("cache cannot be read", extra={"event": "cache_read_failed"})
            return None
        return found if isinstance(found, bytes) and is_sound(found) else None

    def _keep(self, key: str, value: bytes) -> None:
        try:
            self._store.set(key, value)
        except Exception:
            log.warning("cache cannot be written", extra={"event": "cache_write_failed"})
