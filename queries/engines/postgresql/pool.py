"""Lends connections to PostgreSQL, and knows for how long the server has not answered."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final, TypeVar, cast

import psycopg
from sqlalchemy.engine import URL
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from sqlalchemy.pool import PoolProxiedConnection, QueuePool

from queries.engines.postgresql.connections import Connection, connect, hang_up
from queries.engines.query_timeout import QueryTimer
from queries.errors import QueryTimeout, StoreUnavailable

log = logging.getLogger(__name__)

#: How long a question waits for a connection while all of them are in use.
_POOL_SECONDS: Final = 2.0
#: How long the server may take to begin or to end a transaction; then the connection is cut.
ANSWER_SECONDS: Final = 5.0
#: After a failure to connect, whoever wants a connection is refused at once for this time.
_REST_SECONDS: Final = 1.0

SILENT: Final = "the database does not answer"
_CLOSED: Final = "the connections to the database are closed"
_NO_MEANS: Final = "the database could not answer a question"
_ALL_IN_USE: Final = "all connections to the database are in use"

_T = TypeVar("_T")


class StatementRefused(RuntimeError):
    """The server takes a statement for wrong. Its own message, which has SQL in it, is left out."""


class Pool:
    """The connections of one process. Several threads may use it at the same time."""

    def __init__(self, address: URL, connections: int) -> None:
        """Make a pool of at most ``connections``; it connects when one is wanted."""
        self._size = connections
        self._pool = QueuePool(
            lambda: connect(address),  # type: ignore[arg-type] # a connection, not a protocol
            pool_size=connections,
            max_overflow=0,
            timeout=_POOL_SECONDS,
            use_lifo=True,
            reset_on_return=None,
        )
        self._timer = QueryTimer(ANSWER_SECONDS)
        self._silence = _Silence()
        self._lock = threading.Lock()
        self._in_use: set[Connection] = set()
        self._is_closed = False

    @contextmanager
    def transaction(self, begin: Callable[[Connection], _T]) -> Iterator[tuple[Connection, _T]]:
        """Give a connection on which ``begin`` has begun a transaction, and what it returned.

        Connections that were lost since they were used last are replaced: a server that was started
        again costs nobody an error. The transaction is rolled back in the end. Raises
        ``StoreUnavailable`` where the server does not answer or all connections are in use, and
        what ``begin`` raises, but for ``psycopg.OperationalError``.
        """
        lent, begun = self._begun(begin)
        connection = _connection_of(lent)
        try:
            yield connection, begun
        finally:
            self._give_back(lent)

    @contextmanager
    def answering(self, connection: Connection) -> Iterator[None]:
        """Enclose, in a ``with``, what is asked on a connection of ``transaction``.

        It raises ``QueryTimeout`` where the server has cancelled the question, as it does after the
        time limit, ``StoreUnavailable`` where the connection is lost meanwhile, or the server has
        no means to answer, such as memory, and ``StatementRefused``.
        """
        try:
            yield
        except psycopg.errors.QueryCanceled:
            if self._is_closed:
                raise StoreUnavailable(_CLOSED) from None
            raise QueryTimeout("the database has cancelled the query") from None
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            if connection.closed:
                raise self._unanswered(error) from None
            log.warning("%s (%s)", _NO_MEANS, type(error).__name__)
            raise StoreUnavailable(_NO_MEANS) from None
        except psycopg.Error as error:
            raise StatementRefused(type(error).__name__) from None

    def silent_seconds(self) -> float:
        """Return for how long the server has not answered, 0 while it does."""
        return self._silence.seconds()

    def close(self) -> None:
        """Close all connections. What is asked on one of them ends with ``StoreUnavailable``."""
        with self._lock:
            self._is_closed = True
            in_use = list(self._in_use)
        for connection in in_use:
            with suppress(psycopg.Error):
                connection.cancel_safe(timeout=1)
            hang_up(connection)
        self._pool.dispose()
        self._timer.close()

    def _begun(self, begin: Callable[[Connection], _T]) -> tuple[PoolProxiedConnection, _T]:
        if self._silence.is_resting():
            raise StoreUnavailable(SILENT)
        give_up_at = time.monotonic() + ANSWER_SECONDS
        while True:
            lent = self._lent()
            was_used = bool(lent.info.get("used"))
            connection = _connection_of(lent)
            try:
                with self._timer.limit(lambda: hang_up(connection)):  # noqa: B023 - called inside
                    begun = begin(connection)
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                lent.invalidate()
                self._forget(connection)
                if not was_used or time.monotonic() > give_up_at:
                    raise self._unanswered(error) from None
            except BaseException:
                self._give_back(lent)
                raise
            else:
                self._silence.end()
                lent.info["used"] = True
                return lent, begun

    def _lent(self) -> PoolProxiedConnection:
        try:
            lent = self._pool.connect()
        except NoConnectionLeft:
            raise StoreUnavailable(_ALL_IN_USE) from None
        except psycopg.Error as error:
            raise self._unanswered(error) from None
        with self._lock:
            if not self._is_closed:
                self._in_use.add(_connection_of(lent))
                return lent
        lent.invalidate()
        raise StoreUnavailable(_CLOSED)

    def _give_back(self, lent: PoolProxiedConnection) -> None:
        connection = _connection_of(lent)
        try:
            with self._timer.limit(lambda: hang_up(connection)):
                connection.rollback()
        except psycopg.Error:
            lent.invalidate()
        self._forget(connection)
        lent.close()

    def _forget(self, connection: Connection) -> None:
        with self._lock:
            self._in_use.discard(connection)

    def _unanswered(self, error: Exception) -> StoreUnavailable:
        if self._is_closed:
            return StoreUnavailable(_CLOSED)
        if self._silence.begin():
            log.warning("%s (%s)", SILENT, type(error).__name__, extra={"event": "store_silent"})
        return StoreUnavailable(SILENT)


def _connection_of(lent: PoolProxiedConnection) -> Connection:
    return cast("Connection", lent.dbapi_connection)


class _Silence:
    """Since when a server has not answered. Several threads may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._since: float | None = None
        self._last = 0.0

    def begin(self) -> bool:
        """Note that the server did not answer now; return whether it did before."""
        now = time.monotonic()
        with self._lock:
            is_first = self._since is None
            self._since, self._last = (now if self._since is None else self._since), now
            return is_first

    def end(self) -> None:
        """Note that the server answered."""
        if self._since is not None:
            with self._lock:
                self._since = None

    def seconds(self) -> float:
        """Return for how long it has been silent."""
        since = self._since
        return 0.0 if since is None else time.monotonic() - since

    def is_resting(self) -> bool:
        """Return whether it did not answer just now, so that asking again can wait."""
        return self._since is not None and time.monotonic() - self._last < _REST_SECONDS
