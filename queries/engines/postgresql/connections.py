"""Connections to PostgreSQL, and what their errors say without an address, a value or SQL."""

import os
import socket
from contextlib import closing, suppress
from typing import Any, Final

import psycopg
from sqlalchemy.engine import URL

from queries.engines.postgresql.dialect import make_dialect

#: How long the server may take to let a connection in.
CONNECT_SECONDS: Final = 3
#: After this time without a sign of life the other side's machine counts as gone. It is far less
#: than the time within which the next writer must be able to take over.
SILENT_SECONDS: Final = 6
#: The same for libpq: it asks after two seconds, and again each second.
_ALIVE: Final[dict[str, object]] = {
    "keepalives": 1,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 4,
    "tcp_user_timeout": 1_000 * SILENT_SECONDS,
}

Connection = psycopg.Connection[tuple[Any, ...]]


def connect(address: URL) -> Connection:
    """Return a new connection, on which each statement is a transaction of its own.

    Nothing is prepared on the server, so a pooler (pgbouncer) may lie in between. The query of the
    address has further parameters of libpq, such as ``sslmode``; they precede our own. Raises
    ``psycopg.Error``.
    """
    _, named = make_dialect().create_connect_args(address)
    given: dict[str, Any] = {
        "connect_timeout": CONNECT_SECONDS,
        "application_name": "consumo-whatsapp",
        **_ALIVE,
        **named,
    }
    return psycopg.connect(autocommit=True, prepare_threshold=None, **given)


def hang_up(connection: Connection) -> None:
    """Cut ``connection``, whatever it does at the moment; another thread may use it.

    The thread that waits for an answer gets ``psycopg.OperationalError``.
    """
    with suppress(OSError, psycopg.Error):
        same = socket.socket(fileno=os.dup(connection.fileno()))
        with closing(same):
            same.shutdown(socket.SHUT_RDWR)
