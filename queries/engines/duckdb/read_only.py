"""Opens a DuckDB file that never changes, as one version of a store: ``ReadOnlyStore``."""

from pathlib import Path
from typing import Any

import duckdb

from queries.engines.base import EngineLimits
from queries.engines.duckdb.reader import connect, lock_down, stored_version
from queries.engines.duckdb.schema import check_schema
from queries.engines.duckdb.unchanging import UnchangingStore
from queries.engines.query_timeout import QueryTimer
from queries.errors import StoreUnavailable


class ReadOnlyStore(UnchangingStore):
    """A store's file, opened for reading. Several threads may use it, and several processes.

    The file may lose its name while it is open. SQL can read no other file, and write only what
    does not fit in memory, in ``spill``.
    """

    def __init__(
        self, path: Path, spill: Path, limits: EngineLimits, time_zone: str, timer: QueryTimer
    ) -> None:
        """Open the store at ``path``. ``timer`` interrupts its queries.

        Raises ``OtherLayout`` when its tables have another layout than this program's, and
        ``StoreUnavailable`` when it was made for another time zone than ``time_zone``, or cannot be
        opened.
        """
        config: dict[str, Any] = {
            "memory_limit": limits.memory,
            "threads": limits.threads,
            "preserve_insertion_order": True,
            "temp_directory": str(spill),
        }
        try:
            connection = connect(path, config, read_only=True)
            version = _checked(connection, spill, time_zone)
        except duckdb.Error as error:
            raise StoreUnavailable("the version's file cannot be opened") from error
        super().__init__(connection, version, timer)


def _checked(connection: duckdb.DuckDBPyConnection, spill: Path, time_zone: str) -> tuple[str, int]:
    """Return the version of the store of ``connection``; close it where it cannot be used."""
    try:
        check_schema(connection, time_zone)
        lock_down(connection, spill)
        return stored_version(connection)
    except BaseException:
        connection.close()
        raise
