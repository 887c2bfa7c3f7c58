"""Writes stores' files in which every byte comes from the rows asked for: ``CleanFiles``.

DuckDB writes whole blocks. A part of a block that it leaves unused gets what lay there in the
memory of the process: with DuckDB 2.0 up to 7 bytes after texts, and up to 45 KB after the last
values of a column. In a process that has read rows of others, or rows that were removed, these can
be pieces of them. So a process of its own writes each file, and sees nothing else. The rows come to
it in Parquet files, in which DuckDB leaves no byte unused.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final, cast

import duckdb

from queries.engines.duckdb import statement_process
from queries.engines.duckdb.literals import text_literal
from queries.engines.duckdb.schema import create_statements
from queries.tables import copy_order, metadata

#: The name under which the new file is attached.
_OUT: Final = "clean_file"
#: What the new process takes over from the connection.
_LIMITS: Final = ("memory_limit", "threads")


class CleanFiles:
    """Writes such files, one after another. Close it at the end."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - a script of this folder, without a shell
            [sys.executable, "-P", statement_process.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Settings of this process, among them secrets, do not get into the memory of others.
            env={"PYTHONPATH": os.pathsep.join(sys.path)},
            # Ctrl-C reaches this process, which then ends those.
            start_new_session=True,
        )

    def close(self) -> None:
        """End the processes, also one that still writes a file."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        with suppress(BrokenPipeError):
            self._process.communicate()

    def write(
        self, connection: duckdb.DuckDBPyConnection, path: Path, rows: Mapping[str, str]
    ) -> None:
        """Write a store to ``path``, where no file may be, with ``rows``: a SELECT by table name.

        Each SELECT gives the columns by their names; rows are written in the order of
        ``copy_order``. Tables that are not named stay empty. Call this in a transaction, to read
        one version.

        The folder ``rows_folder(path)`` is used meanwhile, and removed at the end. Raises
        ``duckdb.Error`` or ``OSError`` if the file cannot be written; a part of it may be left.
        """
        with _empty(rows_folder(path)) as folder:
            for table, select in rows.items():
                order = ", ".join(copy_order(metadata.tables[table]))
                connection.execute(
                    f"""copy (from ({select}) order by {order})
                    to {text_literal(folder / table)} (format parquet)"""
                )
            self._run([*_limits(connection), *_statements(path, folder, rows)])

    def _run(self, statements: list[str]) -> None:
        """Let a new process run the statements. Raises ``duckdb.Error`` if it could not."""
        given, told = cast(IO[bytes], self._process.stdin), cast(IO[bytes], self._process.stdout)
        with suppress(BrokenPipeError):  # then it says nothing either
            given.write(json.dumps(statements).encode() + b"\n")
            given.flush()
        answer = json.loads(told.readline() or '{"ended": "at once"}')
        if "error" in answer:
            raise duckdb.Error(answer["error"])
        if "ended" in answer:
            # Most often the system stopped it for want of memory.
            raise duckdb.OutOfMemoryException(
                f"the process that writes the file ended: {answer['ended']}"
            )


def rows_folder(path: Path) -> Path:
    """Return the folder of the rows that are to be written to ``path``."""
    return path.with_name(f"{path.name}.rows")


@contextmanager
def _empty(folder: Path) -> Iterator[Path]:
    """Give an empty folder; what a killed process left goes first, and the folder at the end."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _limits(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    for name in _LIMITS:
        [(value,)] = connection.execute(f"select current_setting('{name}')").fetchall()
        yield f"set {name} = {text_literal(value)}"


def _statements(path: Path, folder: Path, tables: Mapping[str, str]) -> Iterator[str]:
    yield f"set temp_directory = {text_literal(folder / 'spilled')}"
    yield f"attach {text_literal(path)} as {_OUT}"
    yield "begin"
    yield from create_statements(_OUT)
    for table in tables:
        rows = text_literal(folder / table)
        yield f"insert into {_OUT}.{table} by name from read_parquet({rows})"
    yield "commit"
    yield f"checkpoint {_OUT}"
    yield f"detach {_OUT}"
