"""The owner of a DuckDB store: the one object, in the one process, that has the file open.

It opens, upgrades, compacts, copies and closes the store, and lets what is handed in be loaded.
"""

import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Final
from uuid import uuid4

import duckdb
from sqlalchemy.engine import Dialect

from queries.engines.base import EngineLimits, Snapshot, Supply
from queries.engines.duckdb.dialect import make_dialect
from queries.engines.duckdb.reader import DuckDBEngine, EngineLocked
from queries.engines.duckdb.schema import OtherLayout
from queries.errors import StoreUnavailable
from sources import store_file
from sources.inbox import Inbox
from sources.inbox_loading import DISK_FULL, InboxLoader
from sources.loading.load_order import Progress
from sources.migrations import UPGRADE_LOG, can_upgrade, upgrade
from sources.store_copies import (
    holds_removed_values,
    needs_compaction,
    put_in_place,
    remove_copy,
    write_copy,
)
from sources.store_errors import StoreBusy, StoreGone, control_c_interrupts, is_disk_full

log = logging.getLogger(__name__)

#: How long, and how often, a checkpoint is tried while questions are open.
_CHECKPOINT_SECONDS: Final = 10.0
_CHECKPOINT_PAUSE: Final = 0.02


class Owner:
    """Opens the store at ``path`` for this process, and is its ``Engine`` for queries.

    If the store is not open, everything that uses it raises ``StoreUnavailable``. It raises
    ``StoreGone`` if the file at ``path`` was removed, moved or replaced since it was opened: what
    was loaded then would be lost at the next start.

    ``limits`` are those of DuckDB. ``time_zone`` decides on which day a moment counts. ``clock``
    returns the present time with a time zone. ``forget`` drops all answers that were cached; it is
    called after rows were erased or purged. ``inbox`` may be used whether the store is open or not.
    """

    def __init__(
        self,
        path: Path,
        limits: EngineLimits,
        time_zone: str,
        clock: Callable[[], datetime],
        forget: Callable[[], object] = lambda: None,
    ) -> None:
        # A store has one inbox and one lock, whichever link names it.
        self.path = Path(os.path.realpath(path))
        self._copy = self.path.with_name(f"{self.path.name}.compact")
        self.inbox = Inbox(self.path)
        self.dialect: Dialect = make_dialect()
        self._limits = limits
        self._time_zone = time_zone
        self._forget = forget
        self._engine: DuckDBEngine | None = None
        #: The file that was opened; two while one takes the other's place.
        self._files: tuple[store_file.Identity | None, ...] = ()
        self._lock: IO[str] | None = None
        self._loader = InboxLoader(self, time_zone, clock)

    def check(self) -> None:
        """Raise ``StoreUnavailable`` if there is no store at ``path`` and none can be made there.

        Do not call it while this process has the store open.
        """
        store_file.check_path(self.path)
        store_file.check_content(self.path)

    def open(self) -> None:
        """Open the store; make, upgrade or compact it first if that is needed.

        Raises ``StoreBusy`` if another process has it open, and ``StoreUnavailable`` if it cannot
        be opened. A failure of compaction is only logged.
        """
        store_file.check_path(self.path)
        lock = store_file.take_lock(self.path)
        try:
            store_file.check_content(self.path)
            # A killed compaction left it. If it cannot be removed, only the next compaction fails.
            with suppress(OSError):
                remove_copy(self._copy)
            engine = self._open_engine()
            self._files = (store_file.identity(self.path),)
            engine = self._compact_if_due(engine)
        except BaseException:
            lock.close()
            raise
        self._engine, self._lock = engine, lock
        self._loader.begin()
        self.inbox.sweep()

    def close(self) -> None:
        """Close the store, so that another process can open it. Do nothing if it is not open."""
        if self._engine:
            self._engine.close()
            self._engine = None
        if self._lock:
            self._lock.close()
            self._lock = None

    def check_in_place(self) -> None:
        """Raise ``StoreGone`` if the file that was opened is no longer at ``path``.

        Do nothing if the store is not open.
        """
        if self._engine is not None and store_file.identity(self.path) not in self._files:
            raise StoreGone(
                f"{self.path.name} is not the file that was opened: it was removed, moved or "
                "replaced; put it back, or restart what serves it"
            )

    @property
    def is_open(self) -> bool:
        """Whether this object has the store open."""
        return self._engine is not None

    @property
    def engine(self) -> DuckDBEngine:
        """The engine of the open store.

        Raises ``StoreUnavailable`` if the store is not open, and ``StoreGone`` if its file was
        removed, moved or replaced since it was opened.
        """
        if self._engine is None:
            raise StoreUnavailable(f"{self.path.name} is not open yet")
        self.check_in_place()
        return self._engine

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Return a context manager with a consistent view of the store; see ``Engine.snapshot``.

        Raises ``StoreUnavailable`` if the store is not open.
        """
        with self.engine.snapshot() as snapshot:
            yield snapshot

    @contextmanager
    def optimistic_snapshot(self) -> Iterator[Snapshot]:
        """Return a context manager with a cheaper view of the store, which a load may change.

        See ``Engine.optimistic_snapshot``. Raises ``StoreUnavailable`` if the store is not open.
        """
        with self.engine.optimistic_snapshot() as snapshot:
            yield snapshot

    def supply(self) -> Supply:
        """Return that the store is this process's own."""
        return Supply()

    def holds(self) -> str:
        """Return which data the open store holds: ``nothing``, ``demo`` or ``real``."""
        with closing(self.engine.cursor()) as cursor:
            rows = cursor.execute("select value from store_facts where name = 'holds'").fetchall()
        return str(rows[0][0]) if rows else "nothing"

    def compact(self) -> None:
        """Replace the file of the open store by a sorted copy without the space of removed rows.

        Queries of other threads go on while the copy is written; those that still run two seconds
        later are stopped, and new ones wait until the copy is in its place. Files that earlier
        processes left for want of memory are removed.

        Raises ``KeyboardInterrupt`` at Ctrl-C, and ``duckdb.Error`` or ``OSError`` if the copy
        cannot be written; the file at ``path`` is then as before. Where it cannot be opened again,
        ``is_open`` is false after the error.
        """
        engine = self.engine
        try:
            with control_c_interrupts():
                self._compact(engine)
        except BaseException:
            if not engine.is_open:
                self.close()
            raise

    @contextmanager
    def whole_file(self) -> Iterator[Path]:
        """Give the path of the open store's file, with all that was committed in it.

        Nothing may be loaded until the end of the ``with``. Raises ``duckdb.TransactionException``
        where questions of other threads leave no moment for it in ten seconds.
        """
        with closing(self.engine.cursor()) as cursor:
            _checkpoint(cursor)
        yield self.path

    def renew_lineage(self) -> str:
        """Give the open store a new lineage, and return it."""
        lineage = uuid4().hex
        with self.engine.changing(), closing(self.engine.cursor()) as cursor:
            cursor.execute("update store_facts set value = ? where name = 'lineage'", [lineage])
        return lineage

    def holds_removed_values(self) -> bool:
        """Return whether the file of the open store may hold values that are in no table."""
        with closing(self.engine.cursor()) as cursor:
            return holds_removed_values(cursor)

    def forget_answers(self) -> bool:
        """Drop all answers that were cached; return whether that was possible."""
        try:
            self._forget()
        except Exception:
            # Whatever the cache is: those who wait for the removal are told.
            log.exception("cache cannot be emptied", extra={"event": "cache_not_emptied"})
            return False
        return True

    def back_up(self, path: Path) -> None:
        """Write a sorted copy of the open store to ``path``; a file that is there is replaced.

        The copy is on the disk when this returns. ``path`` must be below the store's own folder:
        for any other DuckDB raises ``duckdb.PermissionException``.
        """
        with closing(self.engine.cursor()) as cursor:
            write_copy(cursor, path, is_backup=True)

    def take_in(self, progress: Progress | None = None) -> None:
        """Load all hand-ins of the inbox, oldest first, and store the outcome of each there.

        ``progress`` is called with how far each load is; with None the progress is stored in the
        inbox, for the commands that wait. Raises ``LoadAbandoned`` if ``abandon`` stopped a load,
        and ``StoreGone`` if the file at ``path`` is not the one that was opened. Hand-ins that were
        not loaded, or were loaded into a file that is gone, stay in the inbox.
        """
        self._loader.load_all(progress)

    def abandon(self) -> None:
        """Stop the load that is running in another thread; its hand-in stays in the inbox.

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
            self._compact(engine)
        except (duckdb.Error, OSError):
            # Compaction only makes reading faster and may need much room: open the store anyway.
            log.exception("compaction failed", extra={"event": "compaction_failed"})
            engine.close()
            return self._open_engine()
        return engine

    def _compact(self, engine: DuckDBEngine) -> None:
        """Put a compacted copy in the place of the file of ``engine``, which opens it."""
        log.info("store is being compacted", extra={"event": "compacting"})
        try:
            with closing(engine.cursor()) as cursor:
                write_copy(cursor, self._copy, is_backup=False)
            engine.exchange_file(self._put_in_place)
        except BaseException:
            remove_copy(self._copy)
            raise

    def _put_in_place(self) -> None:
        # Other threads compare the file at the path with these at any moment.
        self._files = (*self._files, store_file.identity(self._copy))
        put_in_place(self._copy, self.path)
        self._files = (store_file.identity(self.path),)
        # What did not fit in memory was written there, also by processes that were killed.
        shutil.rmtree(f"{self.path}.tmp", ignore_errors=True)


def _checkpoint(cursor: duckdb.DuckDBPyConnection) -> None:
    """Write all that was committed into the store's file.

    After rows were removed or changed, DuckDB refuses while a transaction is open that began
    before. Those of questions are short. The forced checkpoint would make new questions wait.
    """
    deadline = time.monotonic() + _CHECKPOINT_SECONDS
    while True:
        try:
            cursor.execute("checkpoint")
        except duckdb.TransactionException:
            if time.monotonic() > deadline:
                raise
            time.sleep(_CHECKPOINT_PAUSE)
        else:
            return
