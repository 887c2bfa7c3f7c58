"""The protocols that every engine follows: ``Engine`` gives snapshots, ``Snapshot`` runs SQL."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

import pyarrow as pa
from sqlalchemy.engine import Dialect

from queries.result import ResultSet
from queries.user_scope import Scope


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """How much memory, how many threads and how much time an engine may use.

    ``memory`` (such as ``2GB``) and ``threads`` are for the whole engine: all queries that run at
    the same time share them. ``query_seconds`` is how long a query may run before it is cancelled:
    with ``fetch`` until all rows are there, with ``stream`` until the first rows are there.
    """

    memory: str = "2GB"
    threads: int = 2
    query_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Supply:
    """How an engine gets its data.

    ``silent_seconds`` is for how long the place that data comes from has not answered, 0 while it
    does; an engine may answer meanwhile, from what it has. ``published_at`` is when what the engine
    answers from was published or last confirmed, in UTC without an offset; None where it is not
    known, or the data is this process's own.
    """

    silent_seconds: float = 0.0
    published_at: datetime | None = None


class Snapshot(Protocol):
    """The store as it was at one moment, for one thread. ``fetch`` and ``stream`` run SQL.

    ``data_version`` is the number of the newest load at that moment, 0 in an empty store.
    ``lineage`` names the store: two stores may have the same data version and hold other rows.
    """

    @property
    def data_version(self) -> int:
        """The number of the newest load."""

    @property
    def lineage(self) -> str:
        """The name of the store."""

    def fetch(self, sql: str, parameters: tuple[object, ...]) -> ResultSet:
        """Return all rows of ``sql``; ``parameters`` are for its placeholders, in order.

        Raises ``QueryTimeout`` when the query runs longer than ``EngineLimits.query_seconds``. In a
        snapshot of ``Engine.optimistic_snapshot`` it raises ``StoreChanged`` when a load may have
        been published since the snapshot began.
        """

    def stream(self, sql: str, parameters: tuple[object, ...]) -> Iterator[pa.RecordBatch]:
        """Yield all rows of ``sql`` in batches, without holding them all in memory.

        ``parameters`` are for its placeholders, in order. Raises ``QueryTimeout`` when the first
        rows are not there within ``EngineLimits.query_seconds``. It never raises ``StoreChanged``,
        so call it only on a snapshot of ``Engine.snapshot``.
        """


class Engine(Protocol):
    """A database that holds the store.

    ``dialect`` is SQLAlchemy's dialect of the database, which compiles selects to its SQL.
    """

    dialect: Dialect

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Return a snapshot, to use in a ``with``. Loads published later do not change its rows.

        Raises ``StoreUnavailable`` while the store cannot answer.
        """

    def optimistic_snapshot(self) -> AbstractContextManager[Snapshot]:
        """Return a snapshot, to use in a ``with``, that costs less than that of ``snapshot``.

        Its ``fetch`` raises ``StoreChanged`` when a load may have been published since it began;
        the caller then starts again with ``snapshot``. Do not call its ``stream``, which would not
        notice the load. Raises ``StoreUnavailable`` while the store
        cannot answer.
        """

    def supply(self) -> Supply:
        """Return how the engine gets its data at this moment. It asks nobody and raises nothing."""

    def close(self) -> None:
        """Let go of all connections, files and threads. Open snapshots end with an error."""


@runtime_checkable
class Engines(Protocol):
    """Several engines of one kind, where each holds a part of the store."""

    def of(self, scope: Scope) -> Engine:
        """Return the engine that holds what ``scope`` may see.

        Raises ``OneAccountOnly`` where none holds all of it.
        """
