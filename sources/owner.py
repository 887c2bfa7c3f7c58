"""The one owner of a DuckDB store: holds the file, answers readers, loads what is handed in."""

import fcntl
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Final

import duckdb
from sqlalchemy.engine import Dialect

from queries.engines.base import Snapshot
from queries.engines.duckdb import DuckDBEngine, DuckDBLimits, EngineLocked, OtherLayout
from queries.errors import StoreUnavailable
from sources.contract import UnreadableFile
from sources.copies import needs_compaction, put_in_place, write_copy
from sources.disk import is_full
from sources.inbox import BACKUP, Inbox, Outcome
from sources.interrupts import heard
from sources.loading import LoadAbandoned, LoadOrder, Progress, RealDataKept, load
from sources.places import UnusablePlace, check_folder, is_of_store, nearest_folder, other_kind
from sources.rejects import list_rejects
from sources.upgrade import OLDER_LAYOUTS, UPGRADES, upgrade

log = logging.getLogger(__name__)

REAL_DATA_KEPT: Final = "the store holds real data, which demonstration data would mix with"
TOO_LARGE: Final = (
    "the load needs more memory than CONSUMO_MEMORY_LIMIT allows, and changed nothing: "
    "hand it in in parts of some ten million messages, or raise the limit"
)
DISK_FULL: Final = "the disk is full"
DEADLY: Final = (
    "the load ended the process several times at the same step, and is not tried again: "
    "hand it in in smaller parts, or give the machine more memory"
)
KEPT: Final = "What was handed in is kept, and loaded when the store can be opened."
#: So often a process may die at one step of a load before the load is taken for the cause.
_DEATHS_TAKEN: Final = 5
#: What a load does before it tells its first step.
_OPENING: Final = "opening"
#: A DuckDB file has this behind a checksum.
_MAGIC: Final = b"DUCK"
_MAGIC_END: Final = 12
_POLL_SECONDS: Final = 0.25
_PROGRESS_SECONDS: Final = 0.5
#: Device and inode.
_Identity = tuple[int, int]


class StoreBusy(StoreUnavailable):
    """Another process owns the store."""


class StoreGone(StoreUnavailable):
    """The store's file was removed, moved or replaced while its owner held it."""


class Owner:
    """Holds the store while it lives; an ``Engine`` that is unavailable until it is open.

    It is unavailable too while another file, or none, has the name of the one that was opened:
    whatever it loaded then would be gone with the next start.
    """

    def __init__(
        self, path: Path, limits: DuckDBLimits, time_zone: str, clock: Callable[[], datetime]
    ) -> None:
        # A store has one inbox and one lock, by whatever link it is named.
        self.path = Path(os.path.realpath(path))
        self.inbox = Inbox(self.path)
        self.dialect: Dialect = DuckDBEngine.make_dialect()
        self._limits = limits
        self._time_zone = time_zone
        self._clock = clock
        self._engine: DuckDBEngine | None = None
        self._file: _Identity | None = None
        self._told_kept: set[str] = set()
        self._abandoned = threading.Event()
        self._loading: duckdb.DuckDBPyConnection | None = None
        self._lock: IO[str] | None = None

    def check(self) -> None:
        """Raise ``StoreUnavailable`` with a sentence unless a store is, or can be made, there."""
        self._check_place()
        self._check_content()

    def open(self) -> None:
        """Take the store. Raises ``StoreBusy`` while another process has it."""
        self._check_place()
        lock_path = self.path.with_name(f"{self.path.name}.lock")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock = lock_path.open("a")
        except OSError as error:
            place = Path(error.filename or lock_path)
            raise StoreUnavailable(f"{place} cannot be opened: {error.strerror}") from error
        try:
            _take(lock)
            self._check_content()
            engine = self._compacted_if_due(self._open_engine())
        except BaseException:
            lock.close()
            raise
        self._file, self._lock = _identity(self.path), lock
        self._engine = engine
        self._abandoned.clear()
        self._told_kept.clear()
        self.inbox.sweep()

    def close(self) -> None:
        """Give the store back."""
        if self._engine:
            self._engine.close()
            self._engine = None
        if self._lock:
            self._lock.close()
            self._lock = None

    def check_in_place(self) -> None:
        """Raise ``StoreGone`` unless the file that was opened still has the store's name."""
        if self._engine is not None and _identity(self.path) != self._file:
            raise StoreGone(
                f"{self.path.name} is not the file that was opened: it was removed, moved or "
                "replaced; put it back, or restart what serves it"
            )

    @property
    def is_open(self) -> bool:
        return self._engine is not None

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        with self._opened.snapshot() as snapshot:
            yield snapshot

    @contextmanager
    def optimistic_snapshot(self) -> Iterator[Snapshot]:
        with self._opened.optimistic_snapshot() as snapshot:
            yield snapshot

    def holds(self) -> str:
        """What the store holds: ``nothing``, ``demo`` or ``real`` data."""
        with closing(self._opened.cursor()) as cursor:
            rows = cursor.execute("select value from store_facts where name = 'holds'").fetchall()
        return str(rows[0][0]) if rows else "nothing"

    def compact(self) -> None:
        """Write the store anew, sorted and without the space of what is gone; it must be open."""
        with heard():
            self._engine = self._compacted(self._opened)
            self._file = _identity(self.path)

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
        """Load everything that is handed in, in order; each leaves its outcome in the inbox.

        Raises ``StoreGone`` where the store is not what was opened: what was not loaded, or was
        loaded into a file that nobody finds again, stays in the inbox, and those who wait hear it.
        """
        try:
            self.check_in_place()
            for ticket in self.inbox.waiting():
                outcome = self._outcome(ticket, progress)
                self.check_in_place()
                self.inbox.settle(ticket, outcome)
        except StoreGone as gone:
            for ticket in set(self.inbox.waiting()) - self._told_kept:
                self.inbox.tell(ticket, Outcome(None, refusal=f"{gone}. {KEPT}"))
                self._told_kept.add(ticket)
            raise

    def _check_place(self) -> None:
        if "?" in self.path.as_posix():
            raise StoreUnavailable(f"{self.path} cannot be a store: DuckDB takes no ? in a path")
        try:
            kind = other_kind(self.path.stat().st_mode)
        except FileNotFoundError:
            kind = None
        except OSError as error:
            raise self._unusable(error) from error
        if kind:
            raise StoreUnavailable(f"{self.path} is {kind}, and a store is a file")
        try:
            check_folder(nearest_folder(self.path))
        except UnusablePlace as error:
            raise StoreUnavailable(f"{self.path} cannot be a store: {error}") from error

    def _check_content(self) -> None:
        """Not while another owner in this process has it: closing it here would end its lock."""
        try:
            with self.path.open("rb+") as opened:
                head = opened.read(_MAGIC_END)
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._unusable(error) from error
        if not head.endswith(_MAGIC):
            raise StoreUnavailable(
                f"{self.path} is a file of something else, not a store: "
                "name another in CONSUMO_STORE_URL"
            )

    def _unusable(self, error: OSError) -> StoreUnavailable:
        return StoreUnavailable(f"{self.path} cannot be opened: {error.strerror}")

    def _open_engine(self) -> DuckDBEngine:
        try:
            return self._engine_of_this_layout()
        except EngineLocked:
            # Somebody removed the lock of an owner, which loads what is handed in all the same.
            raise StoreBusy(f"{self.path.name} is held by another process") from None
        except duckdb.Error as error:
            why = DISK_FULL if is_full(error) else self._why_unreadable()
            raise StoreUnavailable(f"{self.path.name} cannot be opened: {why}") from error

    def _why_unreadable(self) -> str:
        log_of_changes = self.path.with_name(f"{self.path.name}.wal")
        if log_of_changes.exists():
            return (
                "it is damaged, a later version wrote it, or it was put in the place of another "
                f"file, to which {log_of_changes.name} belongs: then remove that"
            )
        return "it is damaged, or a later version wrote it"

    def _engine_of_this_layout(self) -> DuckDBEngine:
        try:
            return DuckDBEngine(self.path, self._limits, self._time_zone)
        except OtherLayout as error:
            if error.layout not in OLDER_LAYOUTS:
                raise
            layout = error.layout
        logging.getLogger(UPGRADES).warning(
            "the store gets this version's layout, which earlier versions cannot read",
            extra={"event": "upgrading"},
        )
        upgrade(self.path, layout)
        return DuckDBEngine(self.path, self._limits, self._time_zone)

    def _compacted_if_due(self, engine: DuckDBEngine) -> DuckDBEngine:
        with closing(engine.cursor()) as cursor:
            is_due = needs_compaction(cursor)
        if not is_due:
            return engine
        try:
            return self._compacted(engine)
        except (duckdb.Error, OSError):
            # It makes reading faster and may need much room: no reason to keep the store shut.
            log.exception("compaction failed", extra={"event": "compaction_failed"})
            engine.close()
            return self._open_engine()

    def _compacted(self, engine: DuckDBEngine) -> DuckDBEngine:
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

    @property
    def _opened(self) -> DuckDBEngine:
        if self._engine is None:
            raise StoreUnavailable(f"{self.path.name} is not open yet")
        self.check_in_place()
        return self._engine

    def _outcome(self, ticket: str, progress: Progress | None) -> Outcome:
        deaths = self.inbox.deaths(ticket)
        if max(deaths.values(), default=0) >= _DEATHS_TAKEN:
            log.error("load ends the process each time", extra={"event": "load_deadly"})
            return Outcome(None, refusal=DEADLY)
        try:
            with heard():
                return self._taken(ticket, self._watched(ticket, deaths, progress))
        except (LoadAbandoned, StoreGone, KeyboardInterrupt):
            self.inbox.tell_deaths(ticket, deaths)
            raise
        except RealDataKept:
            return Outcome(None, refusal=REAL_DATA_KEPT)
        except UnreadableFile as error:
            return Outcome(None, refusal=str(error))
        except duckdb.OutOfMemoryException:
            log.exception("load needs more memory", extra={"event": "load_too_large"})
            return Outcome(None, refusal=TOO_LARGE)
        except Exception as error:
            # Whatever is wrong with one hand-in, those behind it must not wait for ever.
            log.exception("load failed", extra={"event": "load_failed"})
            why = DISK_FULL if is_full(error) else type(error).__name__
            return Outcome(None, refusal=f"the load failed and changed nothing: {why}")

    def _watched(
        self, ticket: str, deaths: Mapping[str, int], progress: Progress | None
    ) -> Progress:
        """``progress`` that also counts the step under way as one that the process died at."""
        told = progress or self._teller(ticket)
        at = _OPENING
        self.inbox.tell_deaths(ticket, {**deaths, at: deaths.get(at, 0) + 1})

        def tell(step: str, rows: int) -> None:
            nonlocal at
            if self._abandoned.is_set():
                raise LoadAbandoned
            if step != at:
                at = step
                self.inbox.tell_deaths(ticket, {**deaths, step: deaths.get(step, 0) + 1})
            told(step, rows)

        return tell

    def _taken(self, ticket: str, progress: Progress) -> Outcome:
        order, rejects_path = self.inbox.order(ticket)
        if order.source == BACKUP:
            copy = self.inbox.copy_path(ticket)
            self.back_up(copy)
            return Outcome(None, copy_path=copy)
        return self._loaded(order, rejects_path, progress)

    def _loaded(self, order: LoadOrder, rejects_path: Path | None, progress: Progress) -> Outcome:
        cursor = self._loading = self._opened.cursor()
        try:
            now = self._clock()
            with self._opened.changing():
                report = load(cursor, order, time_zone=self._time_zone, now=now, progress=progress)
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
        if rejects_path and is_of_store(rejects_path, self.path):
            rejects_path = None  # no command of ours asks for that
        beside = self.path.with_name(f"rejects-{report.load_id}.csv")
        return Outcome(report, list_rejects(rejects, rejects_path, beside))

    def _teller(self, ticket: str) -> Progress:
        told_at = 0.0

        def tell(step: str, rows: int) -> None:
            nonlocal told_at
            if time.monotonic() - told_at >= _PROGRESS_SECONDS:
                told_at = time.monotonic()
                self.inbox.tell_progress(ticket, step, rows)

        return tell


def _take(lock: IO[str]) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise StoreBusy("another process holds the store") from None


def _identity(path: Path) -> _Identity | None:
    """Which file has this name, whatever it was called before; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


class Keeper:
    """Keeps a server's store: opens it when it is free, then loads what is handed in."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._logged = ""
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
            self._guarded(self._keep)

    def _keep(self) -> None:
        self._open()
        self._owner.take_in()
        self._logged = ""

    def _open(self) -> None:
        if not self._owner.is_open:
            self._owner.open()
            log.info("store is open", extra={"event": "store_open"})

    def _guarded(self, step: Callable[[], None]) -> None:
        """What goes wrong is logged once, and not with each poll that finds it unchanged."""
        try:
            step()
        except StoreBusy:
            log.debug("store is busy", extra={"event": "store_busy"})
        except LoadAbandoned:
            log.info("load is left for the next start", extra={"event": "load_abandoned"})
        except Exception as error:
            # The keeper must outlive any one failure: readers depend on it.
            self._log_once(error)

    def _log_once(self, error: Exception) -> None:
        if str(error) == self._logged:
            return
        self._logged = str(error)
        if isinstance(error, StoreGone):
            log.error(str(error), extra={"event": "store_gone"})
        elif isinstance(error, StoreUnavailable):
            log.error(
                "store cannot be opened", extra={"event": "store_unavailable"}, exc_info=error
            )
        else:
            log.error("store keeper failed", extra={"event": "keeper_failed"}, exc_info=error)


def wait_for(
    owner: Owner, ticket: str, progress: Progress, sleep: Callable[[float], None] = time.sleep
) -> Outcome:
    """The outcome of ``ticket``: from whoever owns the store, or by owning it ourselves.

    Raises ``HandInGone`` where somebody removed what was handed in.
    """
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
