"""What publishers have in common: ``Publisher`` carries finished rows to where readers are.

The writer's own store, which is DuckDB's, gives the rows (``RowsToPublish``); each engine that can
be published to has a ``Publisher`` in its folder. ``sources.publishing`` decides what is published
and when.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import pyarrow as pa
from sqlalchemy import Table

#: Called with the name of a step and how many rows of it are done. What it raises ends the
#: publication, and nothing of it is seen.
Progress = Callable[[str, int], None]


class TargetLost(RuntimeError):
    """The target of publications does not answer, or not as it should; later it may again."""


class LockLost(TargetLost):
    """Another writer has become the target's only one."""


@dataclass(frozen=True, slots=True)
class Publication:
    """A version of a store that is, or becomes, visible to readers. Times are UTC, without offset.

    ``lineage`` names the store, ``version`` is the number of its newest load, 0 of an empty store.
    ``noted_at`` is the newest note that a source made of itself, None without one: notes change
    while the version stays. ``published_at`` is when it was published, or last confirmed.
    """

    lineage: str
    version: int
    noted_at: datetime | None
    published_at: datetime


class RowsToPublish(Protocol):
    """One version of the writer's store. Its tables are those of ``tables.PUBLISHED_KEYS``.

    ``publication`` names the version; ``after`` is the version whose changes are known, None where
    only all rows are. Nothing is written to the store meanwhile. All methods raise what the store
    raises.
    """

    @property
    def publication(self) -> Publication:
        """The version."""

    @property
    def after(self) -> int | None:
        """The version whose changes are known."""

    def all_rows(self, table: Table) -> Iterator[pa.RecordBatch]:
        """Yield all rows, with all columns in the order of ``table``, sorted by its copy order.

        Texts of ``kept_payloads`` are null: they are not for readers.
        """

    def changed_rows(self, table: Table) -> Iterator[pa.RecordBatch]:
        """Yield the rows that are new or may differ since ``after``; of a short table all rows."""

    def changed_keys(self, table: Table) -> Iterator[pa.RecordBatch]:
        """Yield the keys (``PUBLISHED_KEYS``) of rows that are new, changed or gone.

        In the target all rows with these keys go, and those of ``changed_rows`` take their place.
        Not for short tables, of which all rows go.
        """

    def file(self) -> AbstractContextManager[Path]:
        """Give the path of a DuckDB file that holds this version, whole, until the end of ``with``.

        It is the writer's own file: do not change it, and do not open it.
        """


class Publisher(Protocol):
    """Publishes versions of one store to one target, which it alone may change while it has a lock.

    One thread uses it. Readers see all of a version or nothing of it, whenever the process ends.
    Except for ``close`` all methods raise ``TargetLost`` where the target does not answer.

    ``pause_seconds`` is how long to wait between two publications of changes.
    """

    pause_seconds: float

    def lock(self) -> bool:
        """Become the target's only writer, or check that this is still so; return whether it is.

        It returns at once. It is called every second or so until it returns True, and before each
        publication. The target itself keeps the lock, and gives it to another writer at most ten
        seconds after this process has died.
        """

    def published(self) -> Publication | None:
        """Return what readers see now; None where nothing was published yet. Needs the lock."""

    def publish_all(self, rows: RowsToPublish, progress: Progress) -> None:
        """Let readers see the version of ``rows`` in place of whatever there was. Needs the lock.

        It makes what the target lacks, tables among it. Raises ``LockLost``, and what ``progress``
        raises; readers then see what they saw before.
        """

    def publish_changes(self, rows: RowsToPublish, progress: Progress) -> None:
        """As ``publish_all``, for a target that holds the version ``rows.after`` of this store."""

    def confirm(self, publication: Publication) -> None:
        """Note the new ``published_at`` of the version that readers see. Needs the lock."""

    def close(self) -> None:
        """Give the lock up and let go of connections. It raises nothing."""
