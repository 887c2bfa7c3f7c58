"""Reads from a store which cases it has, without opening it for writing or by ``queries``' own SQL.

``consumo-whatsapp scope`` decides with it a second time what the holder of a token may see.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from queries.engines.duckdb.reader import EngineLocked, connect
from queries.errors import StoreUnavailable
from queries.tables import SCHEMA_VERSION
from sources.path_checks import kind_of_special_file
from sources.store_errors import StoreBusy
from sources.store_file import why_unreadable

_AT_ONCE: Final = 10_000
#: The cases of WhatsApp only: others are kept and never counted.
_CASES: Final = """
select cases.account, cases.team, cases.channel, coalesce(counts.messages, 0)
from cases
left join (select case_key, count(*) as messages from messages group by case_key) as counts
    using (case_key)
where cases.counted
"""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case: what decides who may see it, and how many messages it has."""

    account: str
    team: str | None
    channel: str
    messages: int


def read_cases(path: Path, memory: str) -> Iterator[CaseRow]:
    """Yield every case of the store at ``path`` that counts as one of WhatsApp, in any order.

    ``memory`` is what DuckDB may take, such as ``2GB``. No file is made or changed, also where a
    log of changes (``.wal``) lies beside the store. Raises ``StoreBusy`` where another process has
    the store open for writing, and ``StoreUnavailable`` where there is none of this version.
    """
    _check_file(path)
    # Without a folder for what does not fit in memory: DuckDB would make it beside the store.
    config = {"memory_limit": memory, "temp_directory": ""}
    try:
        connection = connect(path, config, read_only=True)
    except EngineLocked as error:
        raise StoreBusy(str(error)) from error
    except duckdb.Error as error:
        raise StoreUnavailable(f"{path} cannot be opened: {why_unreadable(path)}") from error
    with closing(connection):
        connection.execute("set enable_external_access = false")
        _check_layout(connection, path)
        cursor = connection.execute(_CASES)
        while rows := cursor.fetchmany(_AT_ONCE):
            yield from (CaseRow(*row) for row in rows)


def _check_file(path: Path) -> None:
    if "?" in path.as_posix():
        raise StoreUnavailable(f"{path} cannot be a store: DuckDB takes no ? in a path")
    try:
        kind = kind_of_special_file(path.stat().st_mode)
    except OSError as error:
        raise StoreUnavailable(f"{path} cannot be opened: {error.strerror}") from error
    if kind:
        raise StoreUnavailable(f"{path} is {kind}, and a store is a file")


def _check_layout(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    try:
        facts = dict(connection.execute("select name, value from store_facts").fetchall())
    except duckdb.CatalogException:
        raise StoreUnavailable(f"{path} is a DuckDB database of something else") from None
    if facts.get("schema_version") != SCHEMA_VERSION:
        raise StoreUnavailable(
            f"{path} has the layout of another version: a server or an import of this version "
            "upgrades the store"
        )
