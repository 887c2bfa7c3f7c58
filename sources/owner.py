"""The one owner of a DuckDB store: holds the file, answers readers, loads what is handed in."""

import csv
import fcntl
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Final

import duckdb
from sqlalchemy.engine import Dialect

from queries.engines.base import Snapshot
from queries.engines.duckdb import DuckDBEngine, DuckDBLimits
from queries.errors import StoreUnavailable
from sources.contract import UnreadableFile
from sources.inbox import Inbox, Outcome
from sources.loading import Progress, RealDataKept, load

log = logging.getLogger(__name__)

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
            self._engine = DuckDBEngine(self.path, self._limits, self._time_zone)
        except BaseException:
            lock.close()
            raise
        self._lock = lock
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

    def holds(self) -> str:
        """What the store holds: ``nothing``, ``demo`` or ``real`` data."""
        cursor = self._opened.cursor()
        try:
            rows = cursor.execute("select value from store_facts where name = 'holds'").fetchall()
        finally:
            cursor.close()
        return str(rows[0][0]) if rows else "nothing"

    def take_in(self, progress: Progress | None = None) -> None:
        """Load everything that is handed in, in order; each leaves its outcome in the inbox."""
        for ticket in self.inbox.waiting():
            self.inbox.settle(ticket, self._outcome(ticket, progress))

    @property
    def _opened(self) -> DuckDBEngine:
        if self._engine is None:
            raise StoreUnavailable(f"{self.path.name} is not open yet")
        return self._engine

    def _outcome(self, ticket: str, progress: Progress | None) -> Outcome:
        order, rejects_path = self.inbox.order(ticket)
        cursor = self._opened.cursor()
        try:
            report = load(
                cursor,
                order,
                time_zone=self._time_zone,
                now=self._clock(),
                progress=progress or self._teller(ticket),
            )
            rejects = cursor.execute(
                'select file, line, "column", reason from rejects where load_id = ? '
                "order by file, line",
                [report.load_id],
            ).fetchall()
        except RealDataKept:
            return Outcome(
                None, refusal="the store holds real data, which demonstration data would mix with"
            )
        except UnreadableFile as error:
            return Outcome(None, refusal=str(error))
        except (duckdb.Error, OSError, ValueError) as error:
            log.exception("load failed", extra={"event": "load_failed"})
            return Outcome(
                None, refusal=f"the load failed and changed nothing ({type(error).__name__})"
            )
        finally:
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
        self._step()
        self._thread.start()

    def stop(self) -> None:
        """Finish the load under way, then give the store back."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._owner.close()

    def _run(self) -> None:
        while not self._stop.wait(_POLL_SECONDS):
            self._step()

    def _step(self) -> None:
        try:
            if not self._owner.is_open:
                self._owner.open()
                log.info("store is open", extra={"event": "store_open"})
            self._owner.take_in()
        except StoreBusy:
            log.debug("store is busy", extra={"event": "store_busy"})
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
