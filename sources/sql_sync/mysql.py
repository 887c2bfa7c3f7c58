"""What MySQL and MariaDB do in their own way: limits of a session, numbers of errors, values."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

#: SQLAlchemy's names of both; by either of them one may reach either.
MYSQL: Final = ("mysql", "mariadb")
#: The numbers of column types in the protocol of both.
_TIMESTAMP: Final = 7
_BIT: Final = 16
#: Numbers of errors: MariaDB's and MySQL's for a SELECT over the time limit.
_TOO_LONG: Final = frozenset({1969, 3024})
#: Access to a table, a column, a function or a privilege denied; the text has the user's address.
_DENIED: Final = frozenset({1142, 1143, 1227, 1370})
#: What is wrong with a SELECT; their texts have names and SQL, and no values of rows: an unknown or
#: ambiguous column, one that comes twice, syntax, an unknown table, function or number of
#: arguments, and a write in a transaction that reads only.
_WRONG_SELECT: Final = frozenset({1052, 1054, 1060, 1064, 1146, 1305, 1318, 1582, 1792})
#: No such database or user, too many connections, a server that ends, a lock, a killed session.
_AWAY: Final = frozenset(
    {1040, 1044, 1045, 1049, 1053, 1129, 1130, 1203, 1205, 1213, 1226, 1317, 1698, 1927}
)
#: Numbers of the driver itself, as of a connection that is lost.
_OF_DRIVER: Final = range(2000, 3000)


def session_limits(seconds: int, *, is_mariadb: bool) -> Sequence[str]:
    """Return the statements that make a session read only, for so many seconds a statement.

    Its zone is UTC, since a TIMESTAMP comes in the zone of the session, without an offset.
    """
    limit = (
        f"set session max_statement_time = {seconds}"
        if is_mariadb
        else f"set session max_execution_time = {1000 * seconds}"
    )
    return ("set session transaction read only", "set session time_zone = '+00:00'", limit)


def is_too_long(code: int) -> bool:
    """Return whether the error of this number says that a statement took too long."""
    return code in _TOO_LONG


def is_away(code: int) -> bool:
    """Return whether the error is one of connecting, or may be gone at the next attempt."""
    return code in _AWAY or code in _OF_DRIVER


def refusal(code: int, said: str) -> str:
    """Return the sentence for an error of a SELECT; ``said`` is the server's text."""
    if code in _DENIED:
        return "the user may not read all that the SELECT asks for"
    if code in _WRONG_SELECT:
        return f"the database refuses the SELECT: {said}"
    return f"the database refuses the SELECT (its error {code})"


def column_types(description: Sequence[Any]) -> Mapping[str, int]:
    """Return by name the types of a result's columns whose values ``value_of`` changes."""
    return {column[0]: column[1] for column in description if column[1] in {_TIMESTAMP, _BIT}}


def value_of(value: Any, column_type: int) -> Any:
    """Return a TIMESTAMP with its offset, and a BIT as a number; others as they are."""
    if column_type == _TIMESTAMP and isinstance(value, datetime):
        return value.replace(tzinfo=UTC)
    if column_type == _BIT and isinstance(value, bytes):
        return int.from_bytes(value, "big")
    return value
