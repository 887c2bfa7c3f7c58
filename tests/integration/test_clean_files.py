"""Copies of a store hold no byte of what else lay in the memory of the process that makes them.

In a process that is started for that, the allocator of DuckDB fills memory with one byte, so that
what was never written shows in a file.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from queries.engines.duckdb.clean_files import CleanFiles
from sources.store_copies import write_copy
from tests.integration.test_account_files import account, rows
from tests.services import ROOT, import_rows

pytestmark = pytest.mark.integration

#: So many of the byte with which memory is filled, one after another, are in no value of the store.
FILLING = b"\xa5" * 3
#: Writes all kinds of copies, and ``here.duckdb`` as DuckDB itself does it.
COPIES = """
import os, sys
from contextlib import closing
from pathlib import Path
import duckdb
from queries.engines.duckdb.account_file import StoreCopy
from sources.store_copies import write_copy

del os.environ["DUCKDB_JE_MALLOC_CONF"]
store, folder, account = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
with closing(StoreCopy(store)) as copy:
    copy.write(account, folder / "account.duckdb")
with duckdb.connect(str(store)) as connection:
    write_copy(connection, folder / "compacted.duckdb", is_backup=False)
    write_copy(connection, folder / "backup.duckdb", is_backup=True)
    connection.execute(f"attach '{folder}/here.duckdb' as here")
    connection.execute("create table here.messages as from messages")
    connection.execute("checkpoint here")
"""


def import_store(folder: Path) -> Path:
    return Path(import_rows(folder, *rows(100)).removeprefix("duckdb:///"))


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(import_store(tmp_path))) as connection:
        yield connection


@pytest.fixture
def files() -> Iterator[CleanFiles]:
    with closing(CleanFiles()) as files:
        yield files


def test_no_byte_of_the_memory_is_in_a_copy(tmp_path: Path) -> None:
    store = import_store(tmp_path)
    copies = tmp_path / "copies"
    copies.mkdir()
    subprocess.run(
        [sys.executable, "-c", COPIES, store, copies, account(7)],
        env={**os.environ, "DUCKDB_JE_MALLOC_CONF": "junk:true"},
        cwd=ROOT,
        check=True,
    )
    filled = {path.stem for path in copies.iterdir() if FILLING in path.read_bytes()}
    if not filled:
        pytest.skip("this DuckDB does not use an allocator that fills memory")
    assert filled == {"here"}
    assert {path.stem for path in copies.iterdir()} == {"account", "backup", "compacted", "here"}


def test_rows_are_in_the_order_of_copies(
    connection: duckdb.DuckDBPyConnection, files: CleanFiles, tmp_path: Path
) -> None:
    path = tmp_path / "it's.duckdb"
    files.write(connection, path, {"cases": "from cases order by case_key desc"})
    with duckdb.connect(str(path), read_only=True) as written:
        found = written.execute("from cases").fetchall()
        assert written.execute("select count(*) from messages").fetchall() == [(0,)]
    assert found == connection.execute("from cases order by case_key").fetchall()
    assert not path.with_name(f"{path.name}.rows").exists()


def test_an_error_of_either_process_is_raised_and_leaves_no_rows(
    connection: duckdb.DuckDBPyConnection, files: CleanFiles, tmp_path: Path
) -> None:
    path = tmp_path / "new.duckdb"
    with pytest.raises(duckdb.Error, match="no_such_column"):
        files.write(connection, path, {"cases": "select no_such_column from cases"})
    with pytest.raises(duckdb.Error, match="does not have a column"):
        files.write(connection, path, {"loads": "select *, 1 as load_key from loads"})
    with pytest.raises(FileNotFoundError):
        files.write(connection, tmp_path / "nowhere" / "new.duckdb", {"cases": "from cases"})
    assert not list(tmp_path.rglob("*.rows"))
    # The next file is written all the same.
    files.write(connection, tmp_path / "next.duckdb", {"cases": "from cases"})


def test_what_a_killed_process_left_is_removed(
    connection: duckdb.DuckDBPyConnection, files: CleanFiles, tmp_path: Path
) -> None:
    left = tmp_path / "new.duckdb.rows"
    left.mkdir()
    (left / "messages").write_text("Ana Souza")
    files.write(connection, tmp_path / "new.duckdb", {"cases": "from cases"})
    assert not left.exists()


@pytest.mark.parametrize("end", ["kill -9 $$", "exit 1"])
def test_a_process_that_ends_early_is_an_error(
    connection: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    end: str,
) -> None:
    """It was told no setting of the server."""
    told, program = tmp_path / "environment", tmp_path / "python"
    program.write_text(f"#!/bin/sh\nenv > {told}\n{end}\n")
    program.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(program))
    monkeypatch.setenv("CONSUMO_TOKEN_SECRET", "a secret of this server")
    with pytest.raises(duckdb.OutOfMemoryException, match="ended: at once"):
        write_copy(connection, tmp_path / "new.duckdb", is_backup=True)
    assert not list(tmp_path.glob("new.duckdb*"))
    assert "PYTHONPATH=" in told.read_text()
    assert "secret" not in told.read_text()
