"""Opens read-only sessions of Chatwoot's database, and turns its failures into sentences.

No sentence has the address of the database, nor any value of it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, create_engine, func, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool

_DRIVER: Final = "postgresql+psycopg"
_APPLICATION: Final = "consumo-whatsapp"
_CONNECT_SECONDS: Final = 5
_LOCK_SECONDS: Final = 2
_MILLISECONDS: Final = 1_000
#: The table or column that a refusal of PostgreSQL names.
_NAMED: Final = re.compile(
    r'permission denied for \w+ (\w+)|(?:relation|column) "?([\w.]+)"? does not exist'
)
#: What PostgreSQL's codes (SQLSTATE) mean where trying again does not help.
_REFUSALS: Final = {
    "28P01": "the portal's database refuses the user or the password",
    "28000": "the portal's database refuses the user or the password",
    "3D000": "the portal's server has no database of this name",
    "42501": "the user may not read {} of the portal: docs/chatwoot.md has the GRANTs it needs",
    "42P01": "the portal's database has no {}: is it Chatwoot's, version 4.10 or newer?",
    "42703": "the portal's database has no {}: is it Chatwoot's, version 4.10 or newer?",
}
#: What they mean where it may help.
_AGAIN: Final = {
    "57014": "the portal's database needed longer than --statement-timeout for one statement: "
    "docs/chatwoot.md says which indexes make it fast",
    "55P03": "a table of the portal is locked for longer than two seconds",
}
#: Classes of codes: the connection is lost, the transaction is rolled back, the server lacks
#: resources, or it is shut down.
_AWAY: Final = ("08", "40", "53", "57")
_NOT_LET_IN: Final = (
    "password authentication failed",
    "no password supplied",
    "is not permitted to log in",
    "no pg_hba.conf entry",
)
_NO_DATABASE: Final = re.compile(r'database ".*" does not exist')


class PortalError(Exception):
    """The portal's database does not give what is asked; the text is a sentence for people."""


class PortalUnreachable(PortalError):
    """The portal's database does not answer now; a later attempt may succeed."""


class BadAddress(ValueError):
    """What was given is no address of a PostgreSQL; the text is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When a session looked at the database.

    ``now`` is the time there, in UTC without a zone. All transactions with a number below
    ``oldest_running`` had ended; those from ``next_transaction`` on had not begun to write.
    """

    now: datetime
    oldest_running: int
    next_transaction: int


class Portal:
    """Chatwoot's database at ``address``. Each session reads only, and has its time limited.

    ``statement_limit`` is how long one statement may take. Raises ``BadAddress`` where ``address``
    is none of PostgreSQL.
    """

    def __init__(self, address: str, statement_limit: timedelta) -> None:
        self._limit = statement_limit
        self._engine = create_engine(
            _checked(address),
            # A session is short, and a pooler of the portal's would keep its own.
            poolclass=NullPool,
            hide_parameters=True,
            isolation_level="REPEATABLE READ",
            connect_args={
                "connect_timeout": _CONNECT_SECONDS,
                "application_name": _APPLICATION,
                # Poolers that share sessions do not know statements that a client has prepared.
                "prepare_threshold": None,
            },
        )

    @contextmanager
    def session(self) -> Iterator[Connection]:
        """Give a connection with one consistent, read-only view of the database.

        Raises ``PortalUnreachable`` or another ``PortalError`` for each failure of the database
        within the block.
        """
        try:
            with self._engine.connect() as connection:
                connection.execution_options(postgresql_readonly=True)
                self._limit_session(connection)
                yield connection
        except DBAPIError as error:
            raise _portal_error(error) from None

    def _limit_session(self, connection: Connection) -> None:
        """Set limits for this transaction only, so that no pooler hands them to somebody else."""
        limits = {
            "statement_timeout": int(self._limit.total_seconds() * _MILLISECONDS),
            "lock_timeout": _LOCK_SECONDS * _MILLISECONDS,
            "default_transaction_read_only": "on",
            "timezone": "UTC",
        }
        settings = (func.set_config(name, str(value), True) for name, value in limits.items())
        connection.execute(select(*settings))


def _checked(address: str) -> URL:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise BadAddress(
            "--url takes an address as postgresql+psycopg://user@host/database"
        ) from None
    if url.drivername in ("postgresql", "postgres"):
        return url.set(drivername=_DRIVER)
    if url.drivername != _DRIVER:
        raise BadAddress("--url takes an address that begins with postgresql+psycopg://")
    return url


def _portal_error(error: DBAPIError) -> PortalError:
    """Return the error with a sentence that says what to do about it."""
    code = getattr(error.orig, "sqlstate", None) or ""
    said = str(error.orig)
    if code in _AGAIN:
        return PortalUnreachable(_AGAIN[code])
    if code in _REFUSALS:
        named = _NAMED.search(said)
        return PortalError(_REFUSALS[code].format(named[1] or named[2] if named else "a table"))
    # Where no session was made, the server's code is not known.
    if any(text in said for text in _NOT_LET_IN):
        return PortalError(_REFUSALS["28P01"])
    if _NO_DATABASE.search(said):
        return PortalError(_REFUSALS["3D000"])
    if not code or code[:2] in _AWAY:
        return PortalUnreachable("the portal's database cannot be reached")
    return PortalError(f"the portal's database refuses (SQLSTATE {code})")
