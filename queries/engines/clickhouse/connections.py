"""Makes what talks to ClickHouse: clients of a server, or of the engine inside this process.

All that differs between the two is here. A client serves one thread at a time, so there is a pool
of them. What a client raises becomes ``StoreLost`` where ClickHouse does not answer.
"""

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from urllib.parse import unquote

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError, OperationalError
from clickhouse_connect.driver.httputil import get_pool_manager
from sqlalchemy.engine import URL
from urllib3 import PoolManager
from urllib3.exceptions import HTTPError

from queries.engines.publishing import TargetLost

# Their warnings are about what is then raised, and have the address.
logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)
logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)

#: The scheme of addresses of ClickHouse inside this process.
_HERE: Final = "chdb"
#: The database of an address of ``chdb``, which is a path.
_DATABASE_HERE: Final = "consumo"
_CONNECT_SECONDS: Final = 3
#: How long to wait for a client while all are in use.
QUEUE_SECONDS: Final = 5.0
#: What an address may say of TLS after its question mark. All other parts of it are settings of
#: ``Target``, or mistakes.
_OF_TLS: Final = ("verify", "ca_cert", "client_cert", "client_cert_key")
#: How every question is read: outer joins, aggregates of no rows and casts give null as in SQL,
#: names in a SELECT are columns before they are its own labels, and long lists of keys are allowed.
_SETTINGS: Final[Mapping[str, Any]] = {
    "join_use_nulls": 1,
    "aggregate_functions_null_for_empty": 1,
    "cast_keep_nullable": 1,
    "prefer_column_name_to_alias": 1,
    "max_query_size": 64 * 1024 * 1024,
    "max_ast_elements": 10_000_000,
    "max_expanded_ast_elements": 10_000_000,
    "session_timezone": "UTC",
    # A reader that goes away in the middle of a download leaves nothing running, and one that is
    # slow is waited for.
    "cancel_http_readonly_queries_on_client_close": 1,
    "http_send_timeout": 3_600,
}
#: ClickHouse's numbers of errors: over the time limit, too slow, stopped from outside.
STOPPED: Final = (159, 160, 394)


class StoreLost(RuntimeError):
    """ClickHouse does not answer, or refuses who asks. The text has no address and no password."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where ClickHouse is. ``database`` holds what publications are known by.

    ``cluster`` is the name of a cluster, on all servers of which tables are made; "" without one.
    ``path`` is the folder of the engine in this process; "" for a server. ``mistake`` says what is
    wrong with the address; "" where nothing is.
    """

    address: URL
    database: str
    cluster: str = ""
    path: str = ""
    mistake: str = ""

    @classmethod
    def of(cls, address: URL) -> "Target":
        """Return what ``address`` names."""
        name = address.database or ""
        if address.drivername == _HERE:
            return cls(address, _DATABASE_HERE, path=f"/{unquote(name).lstrip('/')}")
        cluster = str(address.query.get("cluster", ""))
        unknown = sorted(set(address.query) - {*_OF_TLS, "secure", "cluster"})
        mistake = f"the store's address has an unknown part: {unknown[0][:40]}" if unknown else ""
        return cls(address, name, cluster, mistake=mistake)


class Clients:
    """The clients of one target, each for one thread at a time. Several threads may use it."""

    def __init__(
        self,
        target: Target,
        most: int,
        receive_seconds: float,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """Prepare at most ``most`` clients of ``target``; nothing is connected to yet.

        ``receive_seconds`` is how long an answer may take to begin. ``settings`` go with each
        question.
        """
        self.target = target
        self._receive_seconds = receive_seconds
        self._settings = {**_SETTINGS, **(settings or {})}
        self._most = most
        self._free: list[Client] = []
        self._one_change = threading.Lock()
        self._places = threading.BoundedSemaphore(most)
        self._sockets: PoolManager | None = None
        self._is_closed = False

    @contextmanager
    def one(self) -> Iterator[Client]:
        """Give a client, to use in a ``with``; nobody else uses it meanwhile.

        Raises ``StoreLost`` where ClickHouse does not answer, at the beginning or in the body, and
        what else ClickHouse says as ``ClickHouseError``.
        """
        if not self._places.acquire(timeout=QUEUE_SECONDS):
            raise StoreLost("all connections to ClickHouse are in use")
        try:
            with _told():
                client = self._taken() or self._made()
                try:
                    yield client
                except BaseException as error:
                    if _is_answer(error):
                        self._give_back(client)
                    else:  # It may be in the middle of an answer.
                        _close(client, self.target)
                    raise
            self._give_back(client)
        finally:
            self._places.release()

    def close(self) -> None:
        """Close all clients, those in use as soon as they are not. It raises nothing."""
        with self._one_change:
            self._is_closed = True
            free, self._free = self._free, []
        for client in free:
            _close(client, self.target)
        if self._sockets is not None:
            self._sockets.clear()

    def _taken(self) -> Client | None:
        with self._one_change:
            if self._is_closed or self.target.mistake:
                raise StoreLost(self.target.mistake or "the store is closed")
            return self._free.pop() if self._free else None

    def _give_back(self, client: Client) -> None:
        with self._one_change:
            if not self._is_closed:
                self._free.append(client)
                return
        _close(client, self.target)

    def _made(self) -> Client:
        if self.target.path:
            return _client_here(self.target.path, self._settings)
        address = self.target.address
        return clickhouse_connect.get_client(
            host=address.host,
            port=address.port,
            username=address.username,
            password=address.password or "",
            secure=_is_true(address.query.get("secure")),
            pool_mgr=self._pool(),
            connect_timeout=_CONNECT_SECONDS,
            send_receive_timeout=int(self._receive_seconds) + 1,
            settings=dict(self._settings),
            # A session would let one question at a time through.
            autogenerate_session_id=False,
            query_retries=0,
        )

    def _pool(self) -> PoolManager:
        with self._one_change:
            if self._sockets is None:
                query = self.target.address.query
                options: dict[str, Any] = {
                    name: str(query[name]) for name in _OF_TLS[1:] if name in query
                }
                self._sockets = get_pool_manager(
                    maxsize=self._most,
                    block=True,
                    retries=False,
                    verify="verify" not in query or _is_true(query["verify"]),
                    **options,
                )
            return self._sockets


@cache
def _engine_here() -> threading.Lock:
    """Return the lock that is held while a client of the engine in this process is made or closed.

    There is one, as there is one such engine in a process.
    """
    return threading.Lock()


def _client_here(path: str, settings: Mapping[str, Any]) -> Client:
    try:
        with _engine_here():
            return clickhouse_connect.get_client(
                interface="chdb", path=path, settings=dict(settings)
            )
    except ImportError as error:
        raise StoreLost("chdb:// needs the package chdb, which is not installed") from error


def _close(client: Client, target: Target) -> None:
    with suppress(Exception):  # There is nothing left to do with it.
        if target.path:
            with _engine_here():
                client.close()
        else:
            client.close()


def _is_answer(error: BaseException) -> bool:
    """Return whether ``error`` is what ClickHouse answered, as a whole answer.

    The engine inside this process answers nothing more to a client whose query was stopped.
    """
    if not isinstance(error, DatabaseError) or isinstance(error, OperationalError):
        return False
    return code_of(error) not in STOPPED


@contextmanager
def _told() -> Iterator[None]:
    """Raise ``StoreLost`` where ClickHouse cannot be asked, and let its other answers through."""
    try:
        yield
    except OperationalError as error:
        raise StoreLost("ClickHouse does not answer") from error
    except (HTTPError, OSError) as error:
        raise StoreLost("ClickHouse does not answer") from error
    except DatabaseError as error:
        if said := _REFUSALS.get(error.code or 0):
            raise StoreLost(said) from error
        if "Unable to open the chdb engine" in str(error):
            raise StoreLost(
                "the folder of chdb:// is open in another process, or this one has another open"
            ) from error
        raise


#: What ClickHouse answers, by its number, to whom it does not let in, or when it is overburdened.
_REFUSALS: Final = {
    **dict.fromkeys((192, 193, 194, 516), "ClickHouse refuses the user or the password"),
    497: "the user of ClickHouse lacks a right that is needed",
    **dict.fromkeys((202, 241, 439), "ClickHouse has too much to do"),
    **dict.fromkeys((209, 210, 242, 999), "ClickHouse does not answer"),
}


@contextmanager
def target_lost() -> Iterator[None]:
    """Raise ``TargetLost`` for whatever goes wrong with ClickHouse in the body."""
    try:
        yield
    except StoreLost as error:
        raise TargetLost(str(error)) from error
    except ClickHouseError as error:
        # Its own text may have values.
        raise TargetLost(f"ClickHouse refused a statement with error {code_of(error)}") from error


def code_of(error: ClickHouseError) -> int:
    """Return ClickHouse's number of ``error``, 0 where it has none."""
    return int(getattr(error, "code", None) or 0)


def _is_true(value: object) -> bool:
    return str(value).lower() in ("true", "1", "yes", "on")
