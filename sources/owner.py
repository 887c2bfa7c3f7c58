"""The owner of a DuckDB store: the one object, in the one process, that has the file open.

It opens, upgrades, compacts, copies and closes the store, and lets what is handed in be loaded.
"""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

import duckdb
from sqlalchemy.engine import Dialect

from queries.engines.base import EngineLimits, Snapshot
from queries.engines.duckdb.dialect import make_dialect
from queries.engines.duckdb.reader import DuckDBEngine, EngineLocked
from queries.engines.duckdb.schema import OtherLayout
from queries.errors import StoreUnavailable
from sources import store_file
from sources.inbox import Inbox
from sources.inbox_loading import DISK_FULL, InboxLoader
from sources.loading.order import Progress
from sources.migrations import UPGRADE_LOG, can_upgrade, upgrade
from sources.store_copies import needs_compaction, put_in_place, write_copy
from sources.store_errors import StoreBusy, StoreGone, control_c_interrupts, is_disk_full

log = logging.getLogger(__name__)


class Owner:
    """Owns the store at ``path`` between ``open`` and ``close``, and is its ``Engine`` for queries.

    While it is not open, ``snapshot`` and the other methods that use the store raise
    ``StoreUnavailable``; so they do (``StoreGone``) while another file, or none, has the name of
    the file that was opened: everything loaded in that time would be lost at the next start.

    ``limits`` are those of DuckDB; ``time_zone`` is that of the store's days; ``clock`` returns the
    present time with a time zone. ``inbox`` may be used whether the store is open or not.
    """

    def __init__(
        self, path: Path, limits: EngineLimits, time_zone: str, clock: Callable[[], datetime]
    ) -> None:
        # A store has one inbox and one lock, whichever link names it.
        self.path = Path(os.path.realpath(path))
        self.inbox = Inbox(self.path)
        self.dialect: Dialect = make_dialect()
        self._limits = limits
        self._time_zone = time_zone
        self._engine: DuckDBEngine | None = None
        self._file: store_file.Identity | None = None
        self._lock: IO[str] | None = None
        self._loader = InboxLoader(self, time_zone, clock)

    def check(self) -> None:
        """Raise ``StoreUnavailable`` unless a store is, or can be made, at ``path``.

        Call it only before ``open``.
        """
        store_file.check_path(self.path)
        store_file.check_content(self.path)

    def open(self) -> None:
        """Open the store, and make, upgrade or compact it where that is needed.

        Raises ``StoreBusy`` while another process has it, and ``StoreUnavailable`` where it cannot
        be opened.
        """
        store_file.check_path(self.path)
        lock = store_file.take_lock(self.path)
        try:
            store_file.check_content(self.path)
            engine = self._compact_if_due(self._open_engine())
        except BaseException:
            lock.close()
            raise
        self._file, self._lock = store_file.identity(self.path), lock
        self._engine = engine
        self._loader.begin()
        self.inbox.sweep()

    def close(self) -> None:
        """Close the store, so that another process can open it; do nothing where it is not open."""
        if self._engine:
            self._engine.close()
            self._engine = None
        if self._lock:
            self._lock.close()
            self._lock = None

    def check_in_place(self) -> None:
        """Raise ``StoreGone`` unless the file that was opened is still at ``path``.

        Do nothing while the store is not open.
        """
        if self._engine is not None and store_file.identity(self.path) != self._file:
            raise StoreGone(
                f"{self.path.name} is not the file that was opened: it was removed, moved or "
                "replaced; put it back, or restart what serves it"
            )

    @property
    def is_open(self) -> bool:
        """Whether this owner has the store open."""
        return self._engine is not None

    @property
    def engine(self) -> DuckDBEngine:
        """The open store.

        Raises ``StoreUnavailable`` while it is not open, and its subclass ``StoreGone`` where its
        file was removed, moved or replaced since.
        """
        if self._engine is None:
            raise StoreUnavailable(f"{self.path.name} is not open yet")
        self.check_in_place()
        return self._engine

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Give a consistent view of the store; see ``Engine.snapshot``."""
        with self.engine.snapshot() as snapshot:
            yield snapshot

    @contextmanager
    def optimistic_snapshot(self) -> Iterator[Snapshot]:
        """Give a view that costs less but may become out of date; see ``Engine``."""
        with self.engine.optimistic_snapshot() as snapshot:
            yield snapshot

    def holds(self) -> str:
        """Return which data the store holds: ``nothing``, ``demo`` or ``real``."""
        with closing(self.engine.cursor()) as cursor:
            rows = cursor.execute("select value from store_facts where name = 'holds'").fetchall()
        return str(rows[0][0]) if rows else "nothing"

    def compact(self) -> None:
        """Write the open store anew: sorted, and without the space of removed rows.

        Raises ``KeyboardInterrupt`` at Ctrl-C, and ``duckdb.Error`` or ``OSError`` where the copy
        cannot be written; the store at ``path`` is then as it was.
        """
        with control_c_interrupts():
            self._engine = self._compact(self.engine)
            self._file = store_file.identity(self.path)

    def back_up(self, path: Path) -> None:
        """Copy the open store, as it is now, to ``path``; a file that is there is replaced.

        DuckDB writes only below the store's own folder; for any other ``path`` it raises
        ``duckdb.PermissionException``. The copy is sorted, and on the disk when this returns.
        """
        with closing(self.engine.cursor()) as cursor:
            write_copy(cursor, path)

    def take_in(self, progress: Progress | None = None) -> None:
        """Load everything in the inbox, oldest first; each hand-in leaves its outcome there.

        ``progress`` is called with how far each load is; with None it is written to the inbox, for
        the commands that wait. Raises ``LoadAbandoned`` after ``abandon``, and ``StoreGone`` where
        the file is not the one that was opened. What was not loaded, or was loaded into a file that
        is gone, stays in the inbox.
        """
        self._loader.load_all(progress)

    def abandon(self) -> None:
        """Stop the load that is under way, from another thread; its hand-in stays in the inbox.

        Nothing more is loaded until ``open`` is called again.
        """
        self._loader.abandon()

    def _open_engine(self) -> DuckDBEngine:
        """Open the file. Raises ``StoreBusy`` or ``StoreUnavailable``, and no error of DuckDB."""
        try:
            return self._engine_of_this_layout()
        except EngineLocked:
            # Somebody removed the lock file of an owner, which still loads what is handed in.
            raise StoreBusy(f"{self.path.name} is held by another process") from None
        except duckdb.Error as error:
            why = DISK_FULL if is_disk_full(error) else store_file.why_unreadable(self.path)
            raise StoreUnavailable(f"{self.path.name} cannot be opened: {why}") from error

    def _engine_of_this_layout(self) -> DuckDBEngine:
        """Open the store, after an upgrade where an earlier version wrote it."""
        try:
            return DuckDBEngine(self.path, self._limits, self._time_zone)
        except OtherLayout as error:
            if not can_upgrade(error.layout):
                raise
        logging.getLogger(UPGRADE_LOG).warning(
            "the store gets this version's layout, which earlier versions cannot read",
            extra={"event": "upgrading"},
        )
        upgrade(self.path)
        return DuckDBEngine(self.path, self._limits, self._time_zone)

    def _compact_if_due(self, engine: DuckDBEngine) -> DuckDBEngine:
        """Return the open store, compacted where that pays; a failure of it is only logged."""
        with closing(engine.cursor()) as cursor:
            is_due = needs_compaction(cursor)
        if not is_due:
            return engine
        try:
            return self._compact(engine)
        except (duckdb.Error, OSError):
            # Compaction only makes reading faster and may need much room: open the store anyway.
            log.exception("compaction failed", extra={"event": "compaction_failed"})
            engine.close()
            return self._open_engine()

    def _compact(self, engine: DuckDBEngine) -> DuckDBEngine:
        """Close ``engine``, put a compacted copy in the place of its file and open that."""
        log.info("store is being compacted", extra={"event": "compacting"})
        copy = self.path.with_name(f"{self.path.name}.compact")
        try:
            with closing(engine.cursor()) as cursor:
                write_copy(cursor, copy)
            engine.close()
            put_in_place(copy, self.path)
        except BaseException:
            copy.unlink(missing_ok=True)
            raise
        return self._open_engine()
