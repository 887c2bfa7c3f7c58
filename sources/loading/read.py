"""First step of a load: reads the rows of the files as typed values; bad rows become rejects."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from sources.contract import LOADED_FILES, ImportFile
from sources.file_kinds import is_parquet
from sources.import_files import read_batches
from sources.loading import value_parsing
from sources.loading.load_connection import LoadConnection
from sources.loading.load_order import LoadOrder, Progress
from sources.loading.parquet_by_engine import plain_rows
from sources.loading.value_parsing import Rows
from sources.prepared_rows import is_prepared
from sources.row_batches import Reject

#: The name by which DuckDB knows the rows that Python hands it.
_STREAM: Final = "arrow_stream"


class EngineRefusesFile(Exception):
    """DuckDB itself failed to read a Parquet file; the load then reads it through Python.

    One value may be the reason. Through Python only its row is rejected.
    """


@dataclass(frozen=True, slots=True)
class ReadRows:
    """How many rows all files have, and in which files no time has an offset.

    ``rows`` includes rejected rows. ``without_offset`` has names (``ImportFile.name``) of files; a
    file without rows is not among them.
    """

    rows: int
    without_offset: tuple[str, ...]


def prepare(load: LoadConnection, time_zone: str, zone_of_times: str = "UTC") -> None:
    """Create the macros that read values, and empty tables: ``rejected``, ``kept``, ``removed_…``.

    ``time_zone`` decides on which day a moment counts; times without an offset are in
    ``zone_of_times``. Call this before ``read_files``. Raises ``duckdb.Error``.
    """
    for macro in value_parsing.macros(time_zone, zone_of_times):
        load.execute(macro)
    load.execute(
        "create temp table rejected (file varchar, line bigint, fault varchar, reason varchar)"
    )
    load.execute(
        "create temp table kept (account varchar, kind varchar, occurred_at timestamp, "
        "payload varchar)"
    )
    load.execute("create temp table removed_cases (case_key bigint)")
    load.execute(
        "create temp table removed_messages (case_key bigint, account varchar, message_id varchar)"
    )


def read_files(load: LoadConnection, order: LoadOrder, *, by_engine: bool = True) -> ReadRows:
    """Make ``checked_cases``, ``checked_messages`` and so on of the files of ``order``.

    Rows that cannot be read are added to ``rejected``. For a file that ``order`` lacks the table is
    empty. With ``by_engine`` DuckDB itself reads a Parquet file if it can; ``EngineRefusesFile`` is
    raised if it fails. Raises ``UnreadableFile`` if a whole file cannot be read; for a damaged
    Parquet file also ``pa.ArrowInvalid`` or ``OSError``.
    """
    reader = _FileReader(load, order, by_engine=by_engine)
    rows = sum(reader.read(file) for file in LOADED_FILES)
    return ReadRows(rows, tuple(reader.without_offset))


class _FileReader:
    """Reads the files of one order."""

    def __init__(self, load: LoadConnection, order: LoadOrder, *, by_engine: bool) -> None:
        self._load = load
        self._order = order
        self._by_engine = by_engine
        self.without_offset: list[str] = []

    def read(self, file: ImportFile) -> int:
        """Make ``checked_<file>`` of the sound rows, reject the others; return how many all are.

        A file that the order does not have counts as one without rows.
        """
        rows = self._fill_checked(file)
        checked = f"checked_{file.name}"
        if self._load.value(f"select count(*) > 0 and not bool_or(has_offset) from {checked}"):
            self.without_offset.append(file.name)
        self._load.execute(
            f"""insert into rejected select '{file.name}', line, fault, reason
            from {checked} where fault is not null"""
        )
        self._load.execute(f"delete from {checked} where fault is not null")
        return rows

    def _fill_checked(self, file: ImportFile) -> int:
        path = self._order.files.get(file.name)
        if path is None:
            # A table that is made of a SELECT without rows keeps the statistics of an empty one
            # (DuckDB 2.0): the 122,880 rows and more that a later step adds would not be found.
            self._check(file, Rows(f"(select {_no_row(file)})"))
            self._load.execute(f"delete from checked_{file.name}")
            return 0
        can_engine = self._by_engine and is_parquet(path) and not is_prepared(path)
        if can_engine and (plain := plain_rows(path, file)):
            return self._read_by_engine(path, file, plain)
        return self._read_by_python(path, file)

    def _read_by_engine(self, path: Path, file: ImportFile, rows: Rows) -> int:
        self._load.progress(f"reading {file.name}", 0)
        try:
            self._check(file, rows)
        except (duckdb.OutOfMemoryException, duckdb.InterruptException):
            raise
        except duckdb.Error as error:
            raise EngineRefusesFile from error
        return int(pq.read_metadata(path).num_rows)

    def _read_by_python(self, path: Path, file: ImportFile) -> int:
        """Read the rows through Python, a few thousand at a time, as one stream.

        One statement takes the whole stream: with a statement for each batch, all batches would be
        held in memory until the commit.
        """
        stream = RowStream(path, file, self._load.progress)
        connection = self._load.connection
        connection.register(_STREAM, stream.open())
        try:
            self._check(file, Rows(_STREAM, has_faults=True))
        except duckdb.Error:
            if stream.failure:
                raise stream.failure from None
            raise
        finally:
            # After a failure the transaction refuses even this; rolling it back ends the stream.
            with suppress(duckdb.Error):
                connection.unregister(_STREAM)
        return stream.rows

    def _check(self, file: ImportFile, rows: Rows) -> None:
        self._load.execute(
            f"create temp table checked_{file.name} as {value_parsing.checked(file, rows)}",
            value_parsing.parameters(self._order.account),
        )


class RowStream:
    """The rows of the import file at ``path`` as a stream of Arrow batches, with the rejected ones.

    ``line`` is a whole number; all other columns are texts. A rejected row has only ``line``,
    ``given_fault`` (the column that is wrong) and ``given_reason``. ``rows`` counts the rows read
    so far. ``failure`` is the error that ended the stream, or None: look there, because DuckDB
    reports an error of its own. ``progress`` is called after each batch.
    """

    def __init__(self, path: Path, file: ImportFile, progress: Progress) -> None:
        self._path = path
        self._file = file
        self._progress = progress
        self.rows = 0
        self.failure: BaseException | None = None

    def open(self) -> pa.RecordBatchReader:
        """Return the stream. It can be read once."""
        return pa.RecordBatchReader.from_batches(self._schema, self._batches())

    @property
    def _schema(self) -> pa.Schema:
        names = (*self._file.column_names, "given_fault", "given_reason")
        return pa.schema([("line", pa.int64()), *((name, pa.string()) for name in names)])

    def _batches(self) -> Iterator[pa.RecordBatch]:
        try:
            for batch in read_batches(self._path, self._file):
                self.rows += batch.table.num_rows + len(batch.rejects)
                for rows in (batch.table, self._reject_rows(batch.rejects)):
                    yield from self._complete(rows).combine_chunks().to_batches()
                self._progress(f"reading {self._file.name}", self.rows)
        except BaseException as failure:
            self.failure = failure
            raise

    def _complete(self, rows: pa.Table) -> pa.Table:
        """Return ``rows`` with all columns of the stream; those that they lack are null."""
        names = rows.column_names
        nulls = pa.nulls(rows.num_rows, pa.string())
        columns = [rows[name] if name in names else nulls for name in self._schema.names]
        return pa.table(columns, schema=self._schema)

    def _reject_rows(self, rejects: tuple[Reject, ...]) -> pa.Table:
        return pa.table(
            {
                "line": pa.array([reject.line for reject in rejects], pa.int64()),
                "given_fault": pa.array([reject.column for reject in rejects], pa.string()),
                "given_reason": pa.array([reject.reason for reject in rejects], pa.string()),
            }
        )


def _no_row(file: ImportFile) -> str:
    nulls = ", ".join(f"null::varchar as {name}" for name in file.column_names)
    return f"0::bigint as line, {nulls}"
