"""The schema is complete: each table and column is described, and the document says the same."""

import pytest
from sqlalchemy import Table

from queries.engines.duckdb.schema import create_statements
from queries.tables import CODES, Code, copy_order, metadata
from tools import store_document

TABLES = list(metadata.tables.values())


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_and_its_columns_are_described(table: Table) -> None:
    assert table.comment
    assert all(column.comment for column in table.columns)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_copy_is_sorted_by_columns_of_the_table(table: Table) -> None:
    assert copy_order(table)
    assert set(copy_order(table)) <= set(table.columns.keys())


def test_every_vocabulary_of_a_column_is_made() -> None:
    used = {
        column.type.name
        for table in TABLES
        for column in table.columns
        if isinstance(column.type, Code)
    }
    assert used == {code.name for code in CODES}
    made = [statement.split()[2] for statement in create_statements("copied")]
    assert made == [f"copied.{name}" for name in (*(c.name for c in CODES), *metadata.tables)]


def test_the_document_says_what_the_tables_say() -> None:
    """``make documents`` writes it anew."""
    assert store_document.PATH.read_text(encoding="utf-8") == store_document.text()
