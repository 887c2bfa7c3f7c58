"""The lease of the only writer, kept in ClickHouse: a table for each epoch, its comment the beat.

Making a table succeeds once, and changing a comment writes no rows.
"""

from collections.abc import Sequence
from typing import Any, Final

from clickhouse_connect.driver.exceptions import ClickHouseError

from queries.engines.clickhouse.connections import Clients, Target, code_of, target_lost
from queries.engines.clickhouse.dialect import literal, quoted
from queries.engines.clickhouse.schema import control_statements

_TABLE: Final = "lease_"
#: A lease is a table without rows.
_COLUMNS: Final = "(nothing UInt8) ENGINE = MergeTree ORDER BY tuple()"
#: ClickHouse's number of the error that a table is there already.
_EXISTS: Final = 57
#: How many leases before the newest are kept, for whoever wants to know when writers changed.
_KEPT: Final = 5


class ClickHouseLeases:
    """The ``LeaseTarget`` of ClickHouse. It has a client of its own, so that beats do not wait."""

    def __init__(self, target: Target, clients: Clients) -> None:
        self._target = target
        self._clients = clients

    def newest_epoch(self) -> int:
        """Return the greatest epoch that was ever claimed, 0 where none was."""
        rows = self._asked(
            "SELECT max(toUInt64OrZero(substring(name, 7))) FROM system.tables "
            f"WHERE database = {literal(self._target.database)} AND startsWith(name, '{_TABLE}')"
        )
        return int(rows[0][0] or 0)

    def claim(self, epoch: int) -> bool:
        """Make the table of ``epoch``; return False where it is there."""
        with target_lost(), self._clients.one() as client:
            for statement in control_statements(self._target):
                client.command(statement)
            try:
                client.command(f"CREATE TABLE {self._table(epoch)} {_COLUMNS}")
            except ClickHouseError as error:
                if code_of(error) == _EXISTS:
                    return False
                raise
            for old in range(max(1, epoch - 2 * _KEPT), epoch - _KEPT):
                client.command(f"DROP TABLE IF EXISTS {self._table(old)}")
        return True

    def write_beat(self, epoch: int, number: int) -> None:
        """Make ``number`` the comment of the table of ``epoch``."""
        self._done(f"ALTER TABLE {self._table(epoch)} MODIFY COMMENT '{number}'")

    def read_beat(self, epoch: int) -> int | None:
        """Return the number in the comment of the table of ``epoch``, None where there is none."""
        rows = self._asked(
            f"SELECT comment FROM system.tables WHERE database = {literal(self._target.database)} "
            f"AND name = '{_TABLE}{epoch}'"
        )
        return int(rows[0][0]) if rows and rows[0][0] else None

    def _table(self, epoch: int) -> str:
        return f"{quoted(self._target.database)}.{_TABLE}{epoch}"

    def _asked(self, sql: str) -> Sequence[Sequence[Any]]:
        with target_lost(), self._clients.one() as client:
            return client.query(sql).result_rows

    def _done(self, sql: str) -> None:
        with target_lost(), self._clients.one() as client:
            client.command(sql)
