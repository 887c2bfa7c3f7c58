"""Parsed SQL is kept, bounded, and the same for all threads and databases."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pytest

from queries.engines.duckdb.parsed_statements import ParsedStatements


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        connection.execute("create table numbers as select range as n from range(100)")
        yield connection


def test_the_same_sql_is_parsed_once(connection: duckdb.DuckDBPyConnection) -> None:
    parsed = ParsedStatements()
    statement = parsed.parsed("select n from numbers where n < $1", connection)
    assert parsed.parsed("select n from numbers where n < $1", connection) is statement
    assert connection.execute(statement, (2,)).fetchall() == [(0,), (1,)]
    assert connection.execute(statement, (1,)).fetchall() == [(0,)]


def test_a_statement_runs_in_another_database(connection: duckdb.DuckDBPyConnection) -> None:
    statement = ParsedStatements().parsed("select count(*) from numbers", connection)
    with duckdb.connect(":memory:") as other:
        other.execute("create table numbers as select 'x' as other_column")
        assert other.execute(statement).fetchall() == [(1,)]
    assert connection.execute(statement).fetchall() == [(100,)]


def test_the_least_recently_used_are_dropped(connection: duckdb.DuckDBPyConnection) -> None:
    parsed = ParsedStatements(characters_kept=2 * len("select 1"))
    first, second = (parsed.parsed(f"select {n}", connection) for n in (1, 2))
    assert parsed.parsed("select 1", connection) is first
    parsed.parsed("select 3", connection)
    assert len(parsed) == 2
    assert parsed.parsed("select 1", connection) is first
    assert parsed.parsed("select 2", connection) is not second


def test_sql_that_is_longer_than_all_that_is_kept(connection: duckdb.DuckDBPyConnection) -> None:
    parsed = ParsedStatements(characters_kept=5)
    assert connection.execute(parsed.parsed("select 1", connection)).fetchall() == [(1,)]
    assert len(parsed) == 0


def test_what_is_not_one_statement(connection: duckdb.DuckDBPyConnection) -> None:
    parsed = ParsedStatements()
    with pytest.raises(ValueError, match="too many"):
        parsed.parsed("select 1; select 2", connection)
    with pytest.raises(duckdb.ParserException):
        parsed.parsed("selec 1", connection)
    assert len(parsed) == 0


def test_threads_get_their_own_rows(connection: duckdb.DuckDBPyConnection) -> None:
    parsed = ParsedStatements(characters_kept=100)

    def ask(number: int) -> bool:
        with connection.cursor() as cursor:
            sql = f"select n, {number % 7} from numbers where n = $1"
            wanted = [(number % 100, number % 7)]
            return cursor.execute(parsed.parsed(sql, cursor), (number % 100,)).fetchall() == wanted

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(800)))
