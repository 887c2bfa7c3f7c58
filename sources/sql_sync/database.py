"""Runs the SELECTs of a mapping: read-only, with a time limit, a page of rows at a time.

Failures become sentences without the database's address and without values.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    Select,
    and_,
    create_engine,
    literal,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, ProgrammingError
from sqlalchemy.pool import NullPool

from sources.contract import ImportFile
from sources.sql_sync import mysql
from sources.sql_sync.mapping import SyncMapping, TableMapping

_CONNECT_SECONDS: Final = 10
#: How the drivers of databases call the limit of connecting.
_CONNECT_LIMITS: Final = {"sqlite": "timeout"}
_MILLISECONDS: Final = 1_000
#: What drivers raise for options of an address that they do not know or cannot use.
_BAD_OPTIONS: Final = (TypeError, ValueError, AttributeError, LookupError, OSError)

_TOO_LONG: Final = "the database needed longer than statement_seconds for one SELECT"
_AWAY: Final = "the database cannot be reached, or refuses the user"


class SourceError(Exception):
    """The database does not give what is asked; the text is a sentence for people."""


class SourceAway(SourceError):
    """The database does not answer now; a later attempt may succeed."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far rows were read: the watermark of the last row, and its key.

    With ``key`` None rows of this watermark are read again.
    """

    watermark: Any
    key: Any = None


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the order of watermark and key, and the position of the last one."""

    rows: Sequence[dict[str, Any]]
    position: Position | None
    is_last: bool


class Database:
    """The database of ``mapping``.

    Raises ``SourceError`` where no driver for it is installed.
    """

    def __init__(self, mapping: SyncMapping) -> None:
        self._mapping = mapping
        try:
            self._engine = create_engine(
                mapping.url,
                # A session is short, and a pooler of the portal's would keep its own.
                poolclass=NullPool,
                hide_parameters=True,
                connect_args=_connect_options(mapping),
            )
        except (NoSuchModuleError, ModuleNotFoundError):
            raise SourceError(
                f"no driver for {mapping.url.drivername} is installed beside this program"
            ) from None

    def page(self, table: TableMapping, after: Position | None) -> Page:
        """Return the next rows of ``table`` behind ``after``; with None the first ones.

        Raises ``SourceError`` where the database refuses, ``SourceAway`` where it does not answer.
        """
        most = self._mapping.batch_rows
        with self._session() as connection:
            result = connection.execute(_page_query(table, after, most))
            _check_columns([*result.keys()], table)
            rows = _rows(result, self._mapping.url.get_backend_name())
        position = after
        if rows:
            position = Position(rows[-1][table.watermark], rows[-1][table.key])
        return Page(rows, position, is_last=len(rows) < most)

    @contextmanager
    def _session(self) -> Iterator[Connection]:
        """Give a connection that reads only, and whose statements have a time limit."""
        try:
            with self._connect() as connection:
                for statement in self._limits(connection):
                    connection.execute(text(statement))
                yield connection
        except DBAPIError as error:
            raise _source_error(error, self._mapping.url.get_backend_name()) from None

    def _connect(self) -> Connection:
        try:
            return self._engine.connect()
        except _BAD_OPTIONS:
            raise SourceError("the driver of the database refuses the options in url") from None

    def _limits(self, connection: Connection) -> Sequence[str]:
        milliseconds = self._mapping.statement_seconds * _MILLISECONDS
        match self._mapping.url.get_backend_name():
            case "postgresql":
                # Of this transaction only, so that no pooler hands them to somebody else.
                return (
                    "set transaction read only",
                    f"select set_config('statement_timeout', '{milliseconds}', true)",
                )
            case backend if backend in mysql.MYSQL:
                is_mariadb = bool(getattr(connection.dialect, "is_mariadb", False))
                return mysql.session_limits(self._mapping.statement_seconds, is_mariadb=is_mariadb)
            case "sqlite":
                return ("pragma query_only = on",)
            case _:
                return ()


def _connect_options(mapping: SyncMapping) -> dict[str, float]:
    backend = mapping.url.get_backend_name()
    options: dict[str, float] = {_CONNECT_LIMITS.get(backend, "connect_timeout"): _CONNECT_SECONDS}
    if backend in mysql.MYSQL:
        # A server that falls silent would be waited for without end.
        options["read_timeout"] = mapping.statement_seconds + _CONNECT_SECONDS
    return options


def _rows(result: CursorResult[Any], backend: str) -> list[dict[str, Any]]:
    types: Mapping[str, int] = {}
    if backend in mysql.MYSQL and result.cursor is not None:
        types = mysql.column_types(result.cursor.description or ())
    rows = [dict(row) for row in result.mappings()]
    for row in rows:
        for name, column_type in types.items():
            row[name] = mysql.value_of(row[name], column_type)
    return rows


def _page_query(table: TableMapping, after: Position | None, most: int) -> Select[Any]:
    # A colon would begin a parameter.
    given = text(f"({table.select.replace(':', chr(92) + ':')}) given_rows")
    watermark: ColumnElement[Any] = literal_column(table.watermark)
    key: ColumnElement[Any] = literal_column(table.key)
    query = (
        select(text("*"))
        .select_from(given)
        .where(watermark.is_not(None))
        .order_by(watermark, key)
        .limit(most)
    )
    if after is None:
        return query
    at: ColumnElement[Any] = literal(after.watermark)
    if after.key is None:
        return query.where(watermark >= at)
    same: ColumnElement[Any] = literal(after.key)
    return query.where(or_(watermark > at, and_(watermark == at, key > same)))


def _check_columns(names: Sequence[str], table: TableMapping) -> None:
    """Raise ``SourceError`` if the SELECT lacks a column that is needed, or has an unknown one."""
    file: ImportFile = table.file
    wanted = {*file.required_names, table.watermark, table.key}
    if missing := sorted(wanted - {*names}):
        raise SourceError(f"the SELECT of {file.name} does not give {', '.join(missing)}")
    if unknown := sorted({*names} - {*file.column_names, table.watermark}):
        raise SourceError(
            f"the SELECT of {file.name} gives {', '.join(unknown)}, which the contract has not"
        )


def _source_error(error: DBAPIError, backend: str) -> SourceError:
    """Return the error with a sentence; what a driver says of connections may have the address."""
    said = str(error.orig).partition("\n")[0]
    if backend in mysql.MYSQL:
        return _mysql_error(error)
    if backend == "sqlite":
        return SourceError(f"the database says: {said}")
    if isinstance(error, ProgrammingError):
        return SourceError(f"the database refuses the SELECT: {said}")
    if getattr(error.orig, "sqlstate", None) == "57014":
        return SourceAway(_TOO_LONG)
    return SourceAway(_AWAY)


def _mysql_error(error: DBAPIError) -> SourceError:
    code, said = (*getattr(error.orig, "args", ()), None, None)[:2]
    if not isinstance(code, int) or mysql.is_away(code):
        return SourceAway(_AWAY)
    if mysql.is_too_long(code):
        return SourceAway(_TOO_LONG)
    return SourceError(mysql.refusal(code, str(said).partition("\n")[0]))
