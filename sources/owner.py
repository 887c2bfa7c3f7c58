"""The one owner of a DuckDB store: holds the file, answers readers, loads what is handed in."""

import csv
import fcntl
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Final

import duckdb
from sqlalchemy.engine import Dialect

from queries.engines.base import Snapshot
from queries.engines.duckdb import DuckDBEngine, DuckDBLimits, OtherLayout
from queries.errors import StoreUnavailable
from sources.contract import UnreadableFile
from sources.copies import needs_compaction, put_in_place, write_copy
from sources.inbox import BACKUP, Inbox, Outcome
from sources.loading import LoadAbandoned, LoadOrder, Progress, RealDataKept, load
from sources.upgrade import OLDER_LAYOUTS, upgrade

log = logging.getLogger(__name__)

REAL_DATA_KEPT: Final = "the store holds real data, which demonstration data would mix with"
TOO_LARGE: Final = (
    "the load needs more memory than CONSUMO_MEMORY_LIMIT allows, and changed nothing: "
    "hand it in in parts of some ten million messages, or raise the limit"
)
_POLL_SECONDS: Final = 0.25
_PROGRESS_SECONDS: Final = 0.5


class StoreBusy(StoreUnavailable):
    """Another process owns the store."""


class Owner:
    """Holds the store while it lives; an ``Engine`` that is unavailable until it is open."""

    def __init__(
        self, path: Path, limits: DuckDBLimits, time_zone: str, clock: Callable[[], datetime]
    ) -> None:
        self.path = path.absolute()
        self.inbox = Inbox(self.path)
        self.dialect: Dialect = DuckDBEngine.make_dialect()
        self._limits = limits
        self._time_zone = time_zone
        self._clock = clock
        self._engine: DuckDBEngine | None = None
        self._abandoned = threading.Event()
        self._loading: duckdb.DuckDBPyConnection | None = None
        self._lock: IO[str] | None = None

    def open(self) -> None:
        """Take the store. Raises ``StoreBusy`` while another process has it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lock = self.path.with_name(f"{self.path.name}.lock").open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise StoreBusy(f"{self.path.name} is held by another process") from None
        try:
            engine = self._open_engine()
            with closing(engine.cursor()) as cursor:
                is_due = needs_compaction(cursor)
            if is_due:
                engine = self._compacted(engine)
        except BaseException:
            lock.close()
            raise
        self._engine, self._lock = engine, lock
        self._abandoned.clear()
        self.inbox.sweep()

    def close(self) -> None:
        """Give the store back."""
        if self._engine:
            self._engine.close()
            self._engine = None
        if self._lock:
            self._lock.close()
            self._lock = None

    @property
    def is_open(self) -> bool:
        return self._engine is not None

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        with self._opened.snapshot() as snapshot:
            yield snapshot

    @contextmanager
    def glance(self) -> Iterator[Snapshot]:
        with self._opened.glance() as snapshot:
            yield snapshot

    def holds(self) -> str:
        """What the store holds: ``nothing``, ``demo`` or ``real`` data."""
        with closing(self._opened.cursor()) as cursor:
            rows = cursor.execute("select value from store_facts where name = 'holds'").fetchall()
        return str(rows[0][0]) if rows else "nothing"

    def compact(self) -> None:
        """Write the store anew, sorted and without the space of what is gone; it must be open."""
        self._engine = self._compacted(self._opened)

    def back_up(self, path: Path) -> None:
        """Copy the open store, as it is now, to ``path`` in the store's own folder."""
        with closing(self._opened.cursor()) as cursor:
            write_copy(cursor, path)

    def abandon(self) -> None:
        """Stop the load under way, from another thread; its hand-in waits for the next owner."""
        self._abandoned.set()
        if loading := self._loading:
            loading.interrupt()

    def take_in(self, progress: Progress | None = None) -> None:
        """Load everything that is handed in, in order; each leaves its outcome in the inbox."""
        for ticket in self.inbox.waiting():
            self.inbox.settle(ticket, self._outcome(ticket, progress))

    def _open_engine(self) -> DuckDBEngine:
        try:
            return DuckDBEngine(self.path, self._limits, self._time_zone)
        except OtherLayout as error:
            if error.layout not in OLDER_LAYOUTS:
                raise
            layout = error.layout
        log.info("store gets this version's layout", extra={"event": "upgrading"})
        upgrade(self.path, layout)
        return DuckDBEngine(self.path, self._limits, self._time_zone)

    def _compacted(self, engine: DuckDBEngine) -> DuckDBEngine:
        log.info("store is being compacted", extra={"event": "compacting"})
        copy = self.path.with_name(f"{self.path.name}.compact")
        with closing(engine.cursor()) as cursor:
            write_copy(cursor, copy)
        engine.close()
        put_in_place(copy, self.path)
        return self._open_engine()

    @property
    def _opened(self) -> DuckDBEngine:
        if self._engine is None:
            raise StoreUnavailable(f"{self.path.name} is not open yet")
        return self._engine

    def _outcome(self, ticket: str, progress: Progress | None) -> Outcome:
        try:
            order, rejects_path = self.inbox.order(ticket)
            if order.source == BACKUP:
                copy = self.path.with_name(f"{self.path.name}.{ticket}.copy")
                self.back_up(copy)
                return Outcome(None, copy_path=copy)
            return self._loaded(order, rejects_path, progress or self._teller(ticket))
        except RealDataKept:
            return Outcome(None, refusal=REAL_DATA_KEPT)
        except UnreadableFile as error:
            return Outcome(None, refusal=str(error))
        except duckdb.OutOfMemoryException:
            log.exception("load needs more memory", extra={"event": "load_too_large"})
            return Outcome(None, refusal=TOO_LARGE)
        except LoadAbandoned:
            raise
        except Exception as error:
            # Whatever is wrong with one hand-in, those behind it must not wait for ever.
            log.exception("load failed", extra={"event": "load_failed"})
            name = type(error).__name__
            return Outcome(None, refusal=f"the load failed and changed nothing ({name})")

    def _loaded(self, order: LoadOrder, rejects_path: Path | None, progress: Progress) -> Outcome:
        def tell(step: str, rows: int) -> None:
            if self._abandoned.is_set():
                raise LoadAbandoned
            progress(step, rows)

        cursor = self._loading = self._opened.cursor()
        try:
            now = self._clock()
            with self._opened.changing():
                report = load(cursor, order, time_zone=self._time_zone, now=now, progress=tell)
            rejects = cursor.execute(
                'select file, line, "column", reason from rejects where load_id = ? '
                "order by file, line",
                [report.load_id],
            ).fetchall()
        except duckdb.InterruptException:
            raise LoadAbandoned from None
        finally:
            self._loading = None
            cursor.close()
        if not rejects:
            return Outcome(report)
        default = self.path.with_name(f"rejects-{report.load_id}.csv")
        return Outcome(report, _write_rejects(rejects, rejects_path or default, default))

    def _teller(self, ticket: str) -> Progress:
        told_at = 0.0

        def tell(step: str, rows: int) -> None:
            nonlocal told_at
            if time.monotonic() - told_at >= _PROGRESS_SECONDS:
                told_at = time.monotonic()
                self.inbox.tell_progress(ticket, step, rows)

        return tell


def _write_rejects(rows: list[tuple[object, ...]], path: Path, fallback: Path) -> Path:
    """The rejects as CSV at ``path``, else at ``fallback``; where they were written."""
    try:
        aside = path.with_name(f".{path.name}.part")
        with aside.open("w", encoding="utf-8", newline="") as opened:
            writer = csv.writer(opened)
            writer.writerow(["file", "line", "column", "reason"])
            writer.writerows(rows)
        aside.replace(path)
    except OSError:
        if path == fallback:
            raise
        return _write_rejects(rows, fallback, fallback)
    return path


class Keeper:
    """Keeps a server's store: opens it when it is free, then loads what is handed in."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="store-keeper", daemon=True)

    def start(self) -> None:
        """Open the store now where it is free, else as soon as it is; then watch the inbox."""
        self._guarded(self._open)
        self._thread.start()

    def stop(self) -> None:
        """Give the store back; a load under way is undone, and waits for the next owner."""
        self._stop.set()
        self._owner.abandon()
        if self._thread.is_alive():
            self._thread.join()
        self._owner.close()

    def _run(self) -> None:
        while not self._stop.wait(_POLL_SECONDS):
            self._guarded(self._open)
            if self._owner.is_open:
                self._guarded(self._owner.take_in)

    def _open(self) -> None:
        if not self._owner.is_open:
            self._owner.open()
            log.info("store is open", extra={"event": "store_open"})

    def _guarded(self, step: Callable[[], None]) -> None:
        try:
            step()
        except StoreBusy:
            log.debug("store is busy", extra={"event": "store_busy"})
        except LoadAbandoned:
            log.info("load is left for the next start", extra={"event": "load_abandoned"})
        except Exception:
            # The keeper must outlive any one failure: readers depend on it.
            log.exception("store keeper failed", extra={"event": "keeper_failed"})


def wait_for(
    owner: Owner, ticket: str, progress: Progress, sleep: Callable[[float], None] = time.sleep
) -> Outcome:
    """The outcome of ``ticket``: from whoever owns the store, or by owning it ourselves."""
    while True:
        if outcome := owner.inbox.take_outcome(ticket):
            return outcome
        try:
            owner.open()
        except StoreBusy:
            if far := owner.inbox.progress(ticket):
                progress(*far)
            sleep(_POLL_SECONDS)
            continue
        try:
            owner.take_in(progress)
        finally:
            owner.close()
