"""Publishes to ClickHouse: makes the database of a version, then moves the pointer to it.

A version of changes begins as a clone of the one before, which copies no rows: both have the same
parts on disk. What is killed on the way leaves a database that nobody sees; the next publication
drops it. So does it with versions that were replaced some time ago.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

import pyarrow as pa
from clickhouse_connect.driver.client import Client
from sqlalchemy import Table
from sqlalchemy.engine import URL

from queries.engines.clickhouse.connections import Clients, Target, target_lost
from queries.engines.clickhouse.dialect import literal, quoted
from queries.engines.clickhouse.leases import ClickHouseLeases
from queries.engines.clickhouse.pointer import (
    Pointer,
    move_pointer,
    newest_pointer,
    nothing_published,
)
from queries.engines.clickhouse.schema import (
    PUBLICATIONS,
    database_statement,
    keys_statement,
    of_version,
    on_cluster,
    table_statement,
    version_name,
)
from queries.engines.lease import Lease
from queries.engines.publishing import (
    LockLost,
    Progress,
    Publication,
    RowsToPublish,
    TargetLost,
)
from queries.tables import PUBLISHED_KEYS, store_facts

#: Publications make parts on disk that ClickHouse has to merge: it is not made for many small ones.
PAUSE_SECONDS: Final = 30.0
#: For how long a version stays after it was replaced: readers may still ask it.
KEEP_SECONDS: Final = 120.0
#: How many rows travel at once.
_ROWS: Final = 500_000
#: How long one statement may take; deletes in a thousand million rows take some minutes.
_STATEMENT_SECONDS: Final = 900.0
#: How many rows the table of publications may have before old ones are removed.
_MOST_PUBLICATIONS: Final = 1_000
#: How many of them are left then.
_KEPT_PUBLICATIONS: Final = 100
#: How statements of a publication are run: deletes are done when they return, on all servers, and
#: a block of rows may lie in any number of months.
_SETTINGS: Final = {
    "mutations_sync": 2,
    "lightweight_deletes_sync": 2,
    "max_partitions_per_insert_block": 0,
    "allow_nondeterministic_mutations": 1,
    "distributed_ddl_task_timeout": int(_STATEMENT_SECONDS),
}
#: The table of a publication that holds the keys of rows to delete.
_KEYS: Final = "keys_to_delete"


class ClickHousePublisher:
    """The ``Publisher`` of ClickHouse. Nothing is connected to before ``lock``."""

    def __init__(
        self,
        address: URL,
        *,
        keep_seconds: float = KEEP_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare to publish to ``address``.

        A version stays for ``keep_seconds`` after it was replaced; ``clock`` returns monotonic
        seconds.
        """
        self.pause_seconds = PAUSE_SECONDS
        self._target = Target.of(address)
        self._clients = Clients(self._target, 1, _STATEMENT_SECONDS, _SETTINGS)
        self._beating = Clients(self._target, 1, 5.0)
        self._lease = Lease(ClickHouseLeases(self._target, self._beating))
        self._keep_seconds = keep_seconds
        self._clock = clock
        #: The epoch under which readers see what they see, 0 where that is not known.
        self._fenced = 0
        self._sequence = 0
        #: When versions that are still there were replaced, or found.
        self._replaced: dict[str, float] = {}

    def lock(self) -> bool:
        """Become the only writer by a lease, or check that this is still so."""
        if not self._lease.hold():
            return False
        if self._fenced != self._lease.epoch:
            self._fence()
        return True

    def published(self) -> Publication | None:
        """Return what readers see now; None where nothing was published yet."""
        with self._asking() as client:
            pointer = newest_pointer(client, self._target)
        return pointer.publication if pointer else None

    def publish_all(self, rows: RowsToPublish, progress: Progress) -> None:
        """Make a version of all rows, and let readers see it."""
        with self._new_version(rows) as (client, version):
            for table in PUBLISHED_KEYS:
                self._check()
                client.command(table_statement(self._target, version, table))
                self._fill(client, version, table, rows.all_rows(table), progress)

    def publish_changes(self, rows: RowsToPublish, progress: Progress) -> None:
        """Clone the version that readers see, carry the changes over, and let readers see it."""
        with self._asking() as client:
            before = newest_pointer(client, self._target)
        if before is None:
            raise TargetLost("what was published is gone")
        with self._new_version(rows) as (client, version):
            for table, keys in PUBLISHED_KEYS.items():
                self._check()
                if keys:
                    client.command(
                        f"CREATE TABLE {quoted(version)}.{table.name}{on_cluster(self._target)} "
                        f"CLONE AS {quoted(before.version)}.{table.name}"
                    )
                    self._delete(client, version, table, rows.changed_keys(table))
                else:
                    client.command(table_statement(self._target, version, table))
                self._fill(client, version, table, rows.changed_rows(table), progress)

    def confirm(self, publication: Publication) -> None:
        """Note the new ``published_at`` of the version that readers see."""
        with self._asking() as client:
            pointer = newest_pointer(client, self._target)
            if pointer is None:
                raise TargetLost("what was published is gone")
            self._move(client, replace(pointer, publication=publication))

    def close(self) -> None:
        """Give the lease up and let go of connections. It raises nothing."""
        self._lease.release()
        self._fenced = 0
        self._clients.close()
        self._beating.close()

    def _check(self) -> None:
        """Raise ``LockLost`` where another process has become the writer."""
        if self._fenced != self._lease.epoch:
            raise LockLost("another process is the writer")
        self._lease.check()

    def _fence(self) -> None:
        """Publish under the new epoch what readers see, so that no older writer can change it."""
        epoch, self._sequence = self._lease.epoch, 0
        with self._asking() as client:
            pointer = newest_pointer(client, self._target)
            self._move(client, pointer or nothing_published())
        self._fenced = epoch

    def _move(self, client: Client, pointer: Pointer) -> None:
        self._lease.check()
        moved = replace(pointer, epoch=self._lease.epoch, sequence=self._next_sequence())
        move_pointer(client, self._target, moved)

    def _next_sequence(self) -> int:
        self._sequence += 1
        return self._sequence

    @contextmanager
    def _asking(self) -> Iterator[Client]:
        with target_lost(), self._clients.one() as client:
            yield client

    @contextmanager
    def _new_version(self, rows: RowsToPublish) -> Iterator[tuple[Client, str]]:
        """Give a client and the name of a new database; at the end readers see what it holds."""
        self._check()
        with self._asking() as client:
            self._clean(client)
            version = version_name(self._target, self._lease.epoch, self._next_sequence())
            client.command(database_statement(self._target, version))
            yield client, version
            self._settle(client, version)
            facts = _facts(rows)
            pointer = Pointer(
                epoch=self._lease.epoch,
                sequence=0,
                version=version,
                publication=rows.publication,
                schema_version=facts["schema_version"],
                time_zone=facts["time_zone"],
            )
            self._move(client, pointer)

    def _fill(
        self,
        client: Client,
        version: str,
        table: Table,
        batches: Iterable[pa.RecordBatch],
        progress: Progress,
    ) -> None:
        """Insert ``batches``. Raises ``TargetLost`` where the table does not hold them then.

        A connection that is cut may leave in doubt whether rows were inserted, and they may then be
        sent a second time.
        """
        progress(table.name, 0)
        before, sent = _count(client, version, table), 0
        for part in _parts(batches):
            self._check()
            client.insert_arrow(table.name, part, database=version)
            sent += len(part)
            progress(table.name, sent)
        if sent and _count(client, version, table) != before + sent:
            raise TargetLost("ClickHouse holds other rows than it was sent")

    def _delete(
        self, client: Client, version: str, table: Table, keys: Iterable[pa.RecordBatch]
    ) -> None:
        """Delete the rows of ``table`` with one of ``keys``, and wait until that is done."""
        names = ", ".join(map(quoted, PUBLISHED_KEYS[table]))
        place = f"{quoted(version)}.{_KEYS}"
        made = False
        for part in _parts(keys):
            if not made:
                client.command(keys_statement(self._target, version, table, _KEYS))
                made = True
            client.insert_arrow(_KEYS, part, database=version)
        if not made:
            return
        self._settle(client, version, _KEYS)
        client.command(
            f"DELETE FROM {quoted(version)}.{table.name}{on_cluster(self._target)} "
            f"WHERE ({names}) IN (SELECT {names} FROM {place})"
        )
        client.command(f"DROP TABLE {place}{on_cluster(self._target)} SYNC")

    def _settle(self, client: Client, version: str, *names: str) -> None:
        """Wait until all servers of a cluster have the rows of the tables of ``version``."""
        if not self._target.cluster:
            return
        for name in names or [table.name for table in PUBLISHED_KEYS]:
            place = f"{quoted(version)}.{quoted(name)}"
            client.command(f"SYSTEM SYNC REPLICA{on_cluster(self._target)} {place}")

    def _clean(self, client: Client) -> None:
        """Drop versions that were never seen, or were replaced some time ago, and old pointers.

        Those of a newer epoch are not this writer's to drop.
        """
        current = newest_pointer(client, self._target)
        seen = _column(client, f"SELECT DISTINCT version FROM {self._publications}")
        prefix = literal(f"{self._target.database}_v")
        names = _column(
            client, f"SELECT name FROM system.databases WHERE startsWith(name, {prefix})"
        )
        for name in names:
            of = of_version(self._target, name)
            if of is None or of[0] > self._lease.epoch or (current and name == current.version):
                continue
            since = self._replaced.setdefault(name, self._clock())
            if name in seen and self._clock() - since < self._keep_seconds:
                continue
            client.command(f"DROP DATABASE IF EXISTS {quoted(name)}{on_cluster(self._target)}")
            del self._replaced[name]
        [rows] = _column(client, f"SELECT count() FROM {self._publications}")
        if current and rows > _MOST_PUBLICATIONS:
            client.command(
                f"DELETE FROM {self._publications} WHERE epoch < {current.epoch} "
                f"OR sequence + {_KEPT_PUBLICATIONS} < {current.sequence}"
            )

    @property
    def _publications(self) -> str:
        return f"{quoted(self._target.database)}.{PUBLICATIONS}"


def _parts(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Yield the rows of ``batches`` in tables of about ``_ROWS`` rows; no empty one."""
    kept: list[pa.RecordBatch] = []
    for batch in batches:
        kept.append(batch)
        if sum(map(len, kept)) >= _ROWS:
            yield pa.Table.from_batches(kept)
            kept = []
    if sum(map(len, kept)):
        yield pa.Table.from_batches(kept)


def _count(client: Client, version: str, table: Table) -> int:
    return int(_column(client, f"SELECT count() FROM {quoted(version)}.{table.name}")[0])


def _column(client: Client, sql: str) -> list[Any]:
    return [row[0] for row in client.query(sql).result_rows]


def _facts(rows: RowsToPublish) -> dict[str, str]:
    """Return the facts of the store, by name."""
    batches = rows.all_rows(store_facts)
    return {row["name"]: row["value"] for batch in batches for row in batch.to_pylist()}
