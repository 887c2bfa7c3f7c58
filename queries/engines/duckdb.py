"""DuckDB: a file beside the app, held by one process, read through a cursor a question."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
from duckdb_sqlalchemy import Dialect as DuckDBDialect
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles

from queries.engines.query_timeout import QueryTimer
from queries.errors import QueryTimeout, StoreChanged, StoreUnavailable
from queries.phones import PHONES_IN_NAME, PHONES_IN_TEXT, Mask
from queries.result import ResultSet
from queries.sql_functions import fold, local_day_text, masked_name_in, masked_text_in, percentiles
from queries.vocabulary import DIRECTIONS, KINDS, SESSION_TYPES, STATUSES

SCHEMA_VERSION: Final = "4"
_BATCH_ROWS: Final = 10_000
#: How DuckDB begins to say that another process has a file open.
_LOCKED: Final = "Could not set lock on file"


def _enum(name: str, values: tuple[str, ...]) -> str:
    return f"create type {name} as enum ({', '.join(repr(value) for value in values)})"


#: The physical layout: closed vocabularies as enums, days as dates, the long text last.
SCHEMA: Final = (
    _enum("direction_code", DIRECTIONS),
    _enum("status_code", STATUSES),
    _enum("kind_code", KINDS),
    _enum("session_type_code", SESSION_TYPES),
    """create table people (
        person_id integer, person_name varchar, folded varchar, masked_name varchar,
        masked_folded varchar)""",
    """create table cases (
        case_key bigint, account varchar, case_id varchar, case_number varchar, person_id integer,
        number_order varchar, masked_number varchar, channel varchar, case_type varchar,
        team varchar, opened_at timestamp, opened_day date,
        closed_at timestamp, counted boolean, first_attended_at timestamp, attended_day date,
        last_agent varchar, response_day date, first_response_seconds double,
        first_day date, last_day date, waiting_since timestamp,
        last_customer_at timestamp)""",
    """create table messages (
        sent_at timestamp, sent_day date, opened_day date, case_key bigint, person_id integer,
        direction direction_code, status status_code, kind kind_code,
        session_type session_type_code, answered boolean, in_window boolean, is_bot boolean,
        billable boolean, seq integer, account varchar, channel varchar, case_type varchar,
        team varchar, last_agent varchar, template_name varchar, template_category varchar,
        pricing_category varchar, business_number varchar, error_code varchar,
        error_title varchar, agent varchar, phone varchar, contact_phone varchar,
        message_id varchar, body varchar)""",
    """create table message_days (
        sent_day date, opened_day date, account varchar, channel varchar, case_type varchar,
        team varchar, direction direction_code, status status_code, kind kind_code,
        template_name varchar, template_category varchar, messages integer, answered integer,
        in_window integer)""",
    """create table case_days (
        day date, account varchar, channel varchar, case_type varchar, team varchar,
        created integer, attended_by_now integer, attended integer)""",
    """create table active_days (
        day date, previous_day date, account varchar, channel varchar, case_type varchar,
        team varchar, cases integer)""",
    """create table message_events (
        account varchar, message_id varchar, status status_code, occurred_at timestamp,
        error_code varchar)""",
    """create table loads (
        load_id bigint, ticket varchar, content_hash varchar, source varchar, account varchar,
        demo boolean, loaded_at timestamp, rows_in bigint, rows_rejected bigint,
        rows_superseded bigint, cases_written bigint, messages_written bigint,
        replaced_demo boolean)""",
    """create table rejects (
        load_id bigint, file varchar, line bigint, "column" varchar, reason varchar)""",
    "create table store_facts (name varchar, value varchar)",
)


@compiles(fold, "duckdb")
def _fold(element: fold, compiler: Any, **options: Any) -> str:
    return f"strip_accents(lower({compiler.process(element.clauses, **options)}))"


@compiles(local_day_text, "duckdb")
def _local_day_text(element: local_day_text, compiler: Any, **options: Any) -> str:
    return f"strftime({compiler.process(element.clauses, **options)}, '%Y-%m-%d %d/%m/%Y')"


@compiles(percentiles, "duckdb")
def _percentiles(element: percentiles, compiler: Any, **options: Any) -> str:
    return f"quantile_cont({compiler.process(element.clauses, **options)}, [0.5, 0.9])"


@compiles(masked_text_in, "duckdb")
def _masked_text(element: masked_text_in, compiler: Any, **options: Any) -> str:
    return masked_sql(compiler.process(element.clauses, **options), PHONES_IN_TEXT)


@compiles(masked_name_in, "duckdb")
def _masked_name(element: masked_name_in, compiler: Any, **options: Any) -> str:
    return masked_sql(compiler.process(element.clauses, **options), PHONES_IN_NAME)


def masked_sql(text: str, mask: Mask) -> str:
    """SQL that gives the SQL ``text`` with its phones hidden by ``mask``."""
    masked = text
    for pattern, replacement in mask.steps:
        masked = f"regexp_replace({masked}, '{pattern}', '{replacement}', 'g')"
    # Most texts hold no phone, and one look costs far less than all replacements.
    return f"case when regexp_matches({text}, '{mask.any_pattern}') then {masked} else {text} end"


class OtherLayout(StoreUnavailable):
    """The store was written by another version; ``layout`` is its."""

    def __init__(self, layout: str | None) -> None:
        super().__init__(
            f"the store has layout {layout}, this version needs {SCHEMA_VERSION}: "
            "import the data into a new store"
        )
        self.layout = layout


class EngineLocked(StoreUnavailable):
    """Another process has the file open."""


@dataclass(frozen=True, slots=True)
class DuckDBLimits:
    """What the engine may take: ``memory`` as DuckDB writes it, ``query_seconds`` a question."""

    memory: str = "2GB"
    threads: int = 2
    query_seconds: float = 30.0


class DuckDBEngine:
    """The open store. One per process and file; threads each take cursors of it."""

    def __init__(self, path: Path, limits: DuckDBLimits, time_zone: str) -> None:
        """Open ``path``, made when it is missing; folders named beside it may be read and written.

        Raises ``EngineLocked`` when another process holds the file, ``StoreUnavailable`` when it is
        not a store or was made for another time zone (its days would be wrong), and
        ``duckdb.Error`` when it is damaged.
        """
        self.path = path
        self.dialect = self.make_dialect()
        self._limits = limits
        self._watch = QueryTimer(limits.query_seconds)
        self._connection = self._open(time_zone)
        #: Odd while a load may be published, and another number after it.
        self._changes = 0
        self._version = _newest_load(self._connection)

    @staticmethod
    def make_dialect() -> Dialect:
        """How DuckDB spells SQLAlchemy's statements, with numbered parameters."""
        dialect: Dialect = DuckDBDialect(paramstyle="numeric_dollar")
        return dialect

    def _open(self, time_zone: str) -> duckdb.DuckDBPyConnection:
        config: dict[str, Any] = {
            "memory_limit": self._limits.memory,
            "threads": self._limits.threads,
            "preserve_insertion_order": True,
            "temp_directory": f"{self.path}.tmp",
        }
        try:
            connection = duckdb.connect(str(self.path), config=config)
        except duckdb.IOException as error:
            if _LOCKED in str(error):
                raise EngineLocked(f"{self.path.name} is held by another process") from error
            raise
        try:
            _prepare(connection, time_zone)
            _lock_down(connection, self.path.parent)
        except BaseException:
            connection.close()
            raise
        return connection

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own for one thread."""
        try:
            return self._connection.cursor()
        except duckdb.Error as error:
            raise StoreUnavailable("the store is closed") from error

    @contextmanager
    def snapshot(self) -> Iterator["DuckDBSnapshot"]:
        cursor = self.cursor()
        try:
            cursor.execute("begin transaction read only")
            yield DuckDBSnapshot(cursor, self._watch, _newest_load(cursor))
        finally:
            with suppress(duckdb.Error):
                cursor.execute("rollback")
            cursor.close()

    @contextmanager
    def optimistic_snapshot(self) -> Iterator["DuckDBSnapshot"]:
        """No transaction and no look for the version, which take longer than most answers.

        This process alone writes, and only while ``changing``: if the count of changes is the
        same after an answer as before, nothing was published meanwhile.
        """
        before, version = self._changes, self._version
        if before % 2:
            with self.snapshot() as snapshot:
                yield snapshot
            return
        cursor = self.cursor()
        try:
            yield DuckDBSnapshot(cursor, self._watch, version, lambda: self._changes == before)
        finally:
            cursor.close()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """While this lasts loads may be published; one thread at a time."""
        self._changes += 1
        try:
            yield
        finally:
            with closing(self.cursor()) as cursor:
                self._version = _newest_load(cursor)
            self._changes += 1

    def close(self) -> None:
        self._connection.close()
        self._watch.close()


class DuckDBSnapshot:
    """The store at one version; ``is_current`` tells whether it still is, where that may change.

    In a read-only transaction a load that is committed meanwhile is not seen.
    """

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        watch: QueryTimer,
        data_version: int,
        is_current: Callable[[], bool] = lambda: True,
    ) -> None:
        self._cursor = cursor
        self._watch = watch
        self._is_current = is_current
        self.data_version = data_version

    def fetch(self, sql: str, parameters: tuple[object, ...]) -> ResultSet:
        # Plain rows: for some hundred of them a relation and Arrow cost more than the counting.
        with self._time_limit():
            rows = self._cursor.execute(sql, parameters).fetchall()
        if not self._is_current():
            raise StoreChanged
        columns = self._cursor.description or ()
        return ResultSet(
            tuple(column[0] for column in columns),
            tuple(str(column[1]) for column in columns),
            rows,
        )

    def stream(self, sql: str, parameters: tuple[object, ...]) -> Iterator[pa.RecordBatch]:
        with self._time_limit():
            rows = self._cursor.sql(sql, params=parameters).to_arrow_reader(_BATCH_ROWS)
        yield from rows

    @contextmanager
    def _time_limit(self) -> Iterator[None]:
        """DuckDB has no statement timeout: a watch interrupts this cursor, and no other."""
        try:
            with self._watch.over(self._cursor.interrupt):
                yield
        except duckdb.InterruptException as error:
            raise QueryTimeout(f"over {self._watch.seconds:g} s") from error


def _newest_load(connection: duckdb.DuckDBPyConnection) -> int:
    rows = connection.execute("select coalesce(max(load_id), 0) from loads").fetchall()
    return int(rows[0][0])


def _lock_down(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """No statement reaches the network or a file outside the store's own folder from here on."""
    quoted = str(folder).replace("'", "''")
    connection.execute("set global TimeZone = 'UTC'")
    connection.execute(f"set allowed_directories = ['{quoted}']")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def _prepare(connection: duckdb.DuckDBPyConnection, time_zone: str) -> None:
    """Make the tables of a new store, or see that an old one is what we take it for."""
    tables = {
        row[0] for row in connection.execute("select table_name from duckdb_tables()").fetchall()
    }
    if "store_facts" in tables:
        facts = dict(connection.execute("select name, value from store_facts").fetchall())
        if facts.get("schema_version") != SCHEMA_VERSION:
            raise OtherLayout(facts.get("schema_version"))
        if facts.get("time_zone") != time_zone:
            raise StoreUnavailable(
                f"the store's days are those of {facts.get('time_zone')}, not of {time_zone}: "
                "import the data into a new store or change the setting back"
            )
        return
    if tables:
        raise StoreUnavailable("the file is a DuckDB database of something else")
    connection.execute("begin")
    for statement in SCHEMA:
        connection.execute(statement)
    connection.execute(
        "insert into store_facts values ('schema_version', ?), ('time_zone', ?)",
        [SCHEMA_VERSION, time_zone],
    )
    connection.execute("commit")
