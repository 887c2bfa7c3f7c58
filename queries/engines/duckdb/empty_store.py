"""An empty store in memory, for questions that concern no rows: ``EmptyStore``."""

import duckdb

from queries.engines.duckdb.schema import create_statements
from queries.engines.duckdb.unchanging import UnchangingStore
from queries.engines.query_timeout import QueryTimer

_MEMORY = "100MB"


class EmptyStore(UnchangingStore):
    """A store without a row, of version 0. Several threads may use it."""

    def __init__(self, timer: QueryTimer) -> None:
        connection = duckdb.connect(":memory:", config={"memory_limit": _MEMORY, "threads": 1})
        for statement in create_statements():
            connection.execute(statement)
        connection.execute("set global TimeZone = 'UTC'")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        super().__init__(connection, ("", 0), timer)
