"""Caches the rows of SELECTs as bytes, and computes rows that several requests need only once.

When the cache cannot be read or written, a warning is logged and the rows are computed.
"""

import hashlib
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import ContextVar
from typing import Final, Protocol

from queries.errors import QueryTimeout, StoreChanged
from queries.shared_flights import SharedFlights
from queries.user_scope import Scope

log = logging.getLogger(__name__)

#: When the current request reached the server, in seconds of ``time.monotonic()``. None where it is
#: not known; then the request counts as one that arrives now.
ASKED_AT: ContextVar[float | None] = ContextVar("ASKED_AT", default=None)

#: How many keys whose computation ran out of time are remembered; then the oldest are forgotten.
_TIMEOUTS_KEPT: Final = 1_000


class ByteCache(Protocol):
    """A store of bytes by key, such as flask-caching. All methods may raise any exception.

    A value of ``get`` that is not bytes counts as missing.
    """

    def get(self, key: str) -> object:
        """Return the bytes stored under ``key``, or None where there are none."""

    def set(self, key: str, value: bytes) -> object:
        """Store ``value`` under ``key``. The caller ignores what this returns."""

    def clear(self) -> object:
        """Drop everything that ``set`` stored. The caller ignores what this returns."""


def cache_key(
    version: tuple[str, int], scope: Scope, sql: str, parameters: tuple[object, ...]
) -> str:
    """Return the key for the rows of a SELECT in the cache, 64 hexadecimal digits.

    ``version`` is the store's lineage and its data version. The key differs wherever ``version``,
    ``scope``, ``sql`` or ``parameters`` differ: their ``repr`` tells all values of the types that
    parameters have from each other, so a date and the same date as a text give different keys.
    """
    return hashlib.sha256(repr((version, scope, sql, parameters)).encode()).hexdigest()


class SingleFlightCache:
    """Returns cached bytes, and computes missing ones once for all requests that need them now.

    While one request computes the bytes of a key, others that want them wait, and get the same
    bytes or the same error. After ``StoreChanged`` one of them computes again instead.

    After ``QueryTimeout``, requests that had reached the server before the computation ended
    (``ASKED_AT``) get ``QueryTimeout`` at once; requests that arrive later compute again.

    ``shared`` does the same among processes that share the cache ``store``; None where no other
    process uses it.

    ``hits`` and ``misses`` count the calls of ``get`` that found bytes in the cache, and those that
    did not. ``clock`` returns seconds as ``time.monotonic`` does.
    """

    def __init__(
        self,
        store: ByteCache,
        clock: Callable[[], float] = time.monotonic,
        shared: SharedFlights | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._shared = shared
        self._guard = threading.Lock()
        self._flights: dict[str, Future[bytes]] = {}
        self._timeouts: OrderedDict[str, tuple[float, QueryTimeout]] = OrderedDict()
        #: How often ``forget`` was called.
        self._forgotten = 0
        self.hits = 0
        self.misses = 0

    def get(
        self, key: str, compute: Callable[[], bytes], is_sound: Callable[[bytes], bool]
    ) -> bytes:
        """Return the bytes of ``key`` from the cache, or else compute and cache them.

        ``compute`` returns them.

        Bytes from the cache are used only where ``is_sound`` returns True for them: it checks that
        they are undamaged. Where the cache fails, a warning is logged and the bytes are computed.

        Raises what ``compute`` raises, here or in the request that computes the same bytes; after a
        ``QueryTimeout`` as the class says.
        """
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

    def forget(self) -> None:
        """Drop all answers, those included that are being computed now: they are not kept.

        Raises what the cache raises; answers may then still be in it.
        """
        with self._guard:
            self._forgotten += 1
        self._store.clear()

    def _flight(self, key: str) -> tuple["Future[bytes]", bool]:
        """Return the future bytes of ``key``, and whether the caller has to compute them.

        Raises ``QueryTimeout`` where the computation ran out of time while this request waited for
        a thread.
        """
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
        forgotten = self._forgotten

        def look_up() -> bytes | None:
            return self._look_up(key, is_sound)

        def compute_and_keep() -> bytes:
            computed = compute()
            self._keep(key, computed, forgotten)
            return computed

        try:
            # Another computation may have ended since this request missed the cache.
            answer = look_up()
            if answer is None and self._shared:
                answer = self._shared.get(key, look_up, compute_and_keep)
            elif answer is None:
                answer = compute_and_keep()
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

    def _keep(self, key: str, value: bytes, forgotten: int) -> None:
        """Store ``value`` unless ``forget`` was called since ``forgotten`` was read."""
        if forgotten != self._forgotten:
            return
        try:
            self._store.set(key, value)
            if forgotten != self._forgotten:
                self._store.clear()  # it may have come just after that of ``forget``
        except Exception:
            log.warning("cache cannot be written", extra={"event": "cache_write_failed"})
