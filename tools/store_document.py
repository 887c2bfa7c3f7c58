"""Writes ``docs/store.md``, the tables of the store, from ``queries/tables.py``.

``make documents`` writes it anew; a test fails while the two differ.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Table
from sqlalchemy.types import TypeEngine

from queries.tables import SCHEMA_VERSION, Code, copy_order, metadata

PATH = Path(__file__).resolve().parents[1] / "docs" / "store.md"

_HEAD = f"""# The store's tables

This page is written from `queries/tables.py` by `make documents`. It describes
layout {SCHEMA_VERSION}. Stores of earlier layouts are upgraded when a command or the server first
opens them.

Times are UTC. Days are local days of the store's time zone, computed once when data is loaded. A
value that no source gives is null. "Sorted by" is the order in which back-ups and compaction write
the rows.
"""


def text() -> str:
    """Return the text of docs/store.md, in Markdown: a section for each table of the store."""
    return "\n".join([_HEAD, *(_section(table) for table in metadata.tables.values())])


def main() -> None:
    """Write ``docs/store.md``, and print its path."""
    PATH.write_text(text(), encoding="utf-8")
    print(f"{PATH} is written")


def _section(table: Table) -> str:
    return "\n".join(_lines(table))


def _lines(table: Table) -> Iterator[str]:
    order = ", ".join(f"`{name}`" for name in copy_order(table))
    yield f"## {table.name}"
    yield ""
    yield f"{table.comment} Sorted by {order}."
    yield ""
    yield "| column | type | what it holds |"
    yield "|---|---|---|"
    for column in table.columns:
        yield f"| `{column.name}` | {_type(column)} | {column.comment} |"
    yield ""


def _type(column: Column[Any]) -> str:
    type_: TypeEngine[Any] = column.type
    if isinstance(type_, Code):
        return "one of " + ", ".join(f"`{value}`" for value in type_.values)
    return _NAMES[type(type_).__name__]


_NAMES = {
    "SmallInteger": "whole number",
    "BigInteger": "whole number",
    "Boolean": "true or false",
    "Date": "day",
    "DateTime": "time",
    "Double": "number",
    "Integer": "whole number",
    "String": "text",
}


if __name__ == "__main__":
    main()
