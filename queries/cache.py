"""Keeps computed answers as bytes. A cache that fails is treated as one that is empty."""

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

#: When the current request arrived, by ``time.monotonic()``; None means just now.
ASKED_AT: ContextVar[float | None] = ContextVar("ASKED_AT", default=None)

#: How many queries that ran out of time are remembered.
_TIMEOUTS_KEPT: Final = 1_000


class ByteCache(Protocol):
    """A store of bytes by key: flask-caching, or anything with these two methods."""

    def get(self, key: str) -> object: ...

    def set(self, key: str, value: bytes) -> object: ...


def cache_key(data_version: int, scope: Scope, sql: str, parameters: tuple[object, ...]) -> str:
    """Return the key of an answer: the same for the same query of the same data, else another."""
    query = json.dumps([data_version, asdict(scope), sql, parameters], default=_typed)
    return hashlib.sha256(query.encode()).hexdigest()


def _typed(value: object) -> list[str]:
    """Return a parameter unknown to JSON (a date) with its type, so that no text equals it."""
    return [type(value).__name__, str(value)]


class SingleFlightCache:
    """Computes each missing answer once, however many requests need it at the same time.

    A request that finds its answer being computed waits, and gets the same result or error. A
    request that arrived before such a computation ran out of time, but got a thread only
    afterwards, gets the same error, too. Requests that arrive after an error compute anew.
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
        """Return the bytes of ``key``: those in the cache where ``is_sound`` accepts them."""
        if (answer := self._look_up(key, is_sound)) is not None:
            self._count(hit=True)
            return answer
        self._count(hit=False)
        while True:
            flight, is_ours = self._flight(key)
            if is_ours:
                return self._compute(key, flight, compute, is_sound)
            try:
                return flight.result()
            except StoreChanged:
                # The snapshot of the other request is outdated; ours may not be.
                continue

    def _flight(self, key: str) -> tuple["Future[bytes]", bool]:
        """Return the computation of ``key``, and whether the caller has to do it."""
        with self._guard:
            if flight := self._flights.get(key):
                return flight, False
            ended_at, error = self._timeouts.get(key, (0.0, None))
            asked_at = ASKED_AT.get()
            if error and asked_at is not None and asked_at < ended_at:
                raise QueryTimeout(*error.args)
            flight = self._flights[key] = Future()
            return flight, True

    def _compute(
        self,
        key: str,
        flight: "Future[bytes]",
        compute: Callable[[], bytes],
        is_sound: Callable[[bytes], bool],
    ) -> bytes:
        try:
            # Another computation may have ended since this request missed the cache.
            answer = self._look_up(key, is_sound)
            if answer is None:
                answer = compute()
                self._keep(key, answer)
        except BaseException as error:
            self._end(key, error)
            flight.set_exception(error if isinstance(error, Exception) else StoreChanged())
            raise
        self._end(key)
        flight.set_result(answer)
        return answer

    def _end(self, key: str, error: BaseException | None = None) -> None:
        with self._guard:
            del self._flights[key]
            if isinstance(error, QueryTimeout):
                self._timeouts[key] = self._clock(), error
                self._timeouts.move_to_end(key)
                while len(self._timeouts) > _TIMEOUTS_KEPT:
                    self._timeouts.popitem(last=False)

    def _count(self, *, hit: bool) -> None:
        with self._guard:
            if hit:
                self.hits += 1
            else:
                self.misses += 1

    def _look_up(self, key: str, is_sound: Callable[[bytes], bool]) -> bytes | None:
        try:
            value = self._store.get(key)
        except Exception:
            log.warning("cache cannot be read", extra={"event": "cache_read_failed"})
            return None
        return value if isinstance(value, bytes) and is_sound(value) else None

    def _keep(self, key: str, value: bytes) -> None:
        try:
            self._store.set(key, value)
        except Exception:
            log.warning("cache cannot be written", extra={"event": "cache_write_failed"})
