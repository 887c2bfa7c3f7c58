"""What every engine gives: consistent snapshots that run SQLAlchemy Core selects."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa
from sqlalchemy.engine import Dialect

from queries.result import ResultSet


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """What an engine may use.

    ``memory`` is an amount as the settings write it (``2GB``), ``threads`` is how many work on one
    query, ``query_seconds`` is after how long a query is cancelled.
    """

    memory: str = "2GB"
    threads: int = 2
    query_seconds: float = 30.0


class Snapshot(Protocol):
    """The store as it was at one moment; all its answers belong to one ``data_version``."""

    data_version: int

    def fetch(self, sql: str, parameters: tuple[object, ...]) -> ResultSet:
        """Return all rows. Raises ``QueryTimeout`` past the engine's time limit."""

    def stream(self, sql: str, parameters: tuple[object, ...]) -> Iterator[pa.RecordBatch]:
        """Yield all rows in batches, without holding them all in memory."""


class Engine(Protocol):
    """A database that holds the store."""

    dialect: Dialect

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Return a consistent view. Raises ``StoreUnavailable`` while the store cannot answer."""

    def optimistic_snapshot(self) -> AbstractContextManager[Snapshot]:
        """Return a view that costs less than ``snapshot`` and is consistent until a load is done.

        Its ``fetch`` raises ``StoreChanged`` where a load was published since the view was taken.
        """
