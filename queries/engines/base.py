"""What every engine gives: consistent snapshots that run SQLAlchemy Core selects."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Protocol

import pyarrow as pa
from sqlalchemy.engine import Dialect

from queries.result import ResultSet


class Snapshot(Protocol):
    """The store as it was at one moment; all its answers belong to one ``data_version``."""

    data_version: int

    def fetch(self, sql: str, parameters: tuple[object, ...]) -> ResultSet:
        """All rows. Raises ``QueryTimeout`` past the engine's time limit."""

    def stream(self, sql: str, parameters: tuple[object, ...]) -> Iterator[pa.RecordBatch]:
        """All rows, a batch at a time, without holding them in memory."""


class Engine(Protocol):
    """A database that holds the store."""

    dialect: Dialect

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """A consistent view. Raises ``StoreUnavailable`` while the store cannot answer."""

    def optimistic_snapshot(self) -> AbstractContextManager[Snapshot]:
        """A view that is cheaper than ``snapshot``, and consistent as long as nothing changes.

        Its ``fetch`` raises ``StoreChanged`` where a load was published since the view was taken.
        """
