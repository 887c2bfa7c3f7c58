"""The protocols that every engine follows: ``Engine`` gives snapshots, ``Snapshot`` runs SQL."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa
from sqlalchemy.engine import Dialect

from queries.result import ResultSet


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """How much an engine may use.

    ``memory`` (such as ``2GB``) and ``threads`` (worker threads) are for the whole engine: all
    queries that run at the same time share them. ``query_seconds`` is how long each query may run
    before it is cancelled. It limits ``fetch`` whole, and of ``stream`` the time until the first
    rows are there, not the reading of the rows.
    """

    memory: str = "2GB"
    threads: int = 2
    query_seconds: float = 30.0


class Snapshot(Protocol):
    """The store as it was at one moment, for one thread. It runs SQL with ``fetch`` or ``stream``.

    All rows that it gives belong to ``data_version``, the number of the newest load at that moment
    (0 for an empty store).
    """

    data_version: int

    def fetch(self, sql: str, parameters: tuple[object, ...]) -> ResultSet:
        """Return all rows of ``sql``.

        Raises ``QueryTimeout`` when it runs longer than the limit, and ``StoreChanged`` in an
        optimistic snapshot when a load was published meanwhile.
        """

    def stream(self, sql: str, parameters: tuple[object, ...]) -> Iterator[pa.RecordBatch]:
        """Yield all rows of ``sql`` in batches, without holding them all in memory.

        Raises ``QueryTimeout`` when the first rows are not there within the limit. It never raises
        ``StoreChanged``: call it only on a snapshot of ``Engine.snapshot``.
        """


class Engine(Protocol):
    """A database that holds the store. ``dialect`` is SQLAlchemy's, to compile selects for it."""

    dialect: Dialect

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Return a snapshot to use in a ``with``: its rows do not change when loads are published.

        Raises ``StoreUnavailable`` while the store cannot answer.
        """

    def optimistic_snapshot(self) -> AbstractContextManager[Snapshot]:
        """Return a snapshot that costs less than ``snapshot``, but may have to be given up.

        Its ``fetch`` raises ``StoreChanged`` when a load was published since the ``with`` began;
        the caller then starts again with ``snapshot``. Raises ``StoreUnavailable`` as that does.
        """
