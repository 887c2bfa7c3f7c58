"""Does what the hand-ins of the inbox ask for in the open store, and stores the outcome of each.

It also counts how often the process died while it loaded a hand-in, and refuses a hand-in after
five deaths at the same step.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

import duckdb

from queries.engines.duckdb.reader import DuckDBEngine
from queries.vocabulary import RATES, REMOVALS
from sources.checking.run import checked
from sources.comparison import RECONCILE
from sources.contract import UnreadableFile
from sources.inbox import BACKUP, CHECK, STATE, Outcome
from sources.inbox_removals import InboxRemovals, StoreWithAll
from sources.loading.cost_comparison import COMPARE_COSTS, compare_costs
from sources.loading.load import load
from sources.loading.load_connection import LoadConnection, in_transaction
from sources.loading.load_order import LoadAbandoned, LoadOrder, Progress, RealDataKept
from sources.loading.rates import import_rates
from sources.loading.states import note_refusal, note_state, noted_state
from sources.reconciliation import Reconciliation
from sources.rejects import list_rejects_of
from sources.store_errors import StoreGone, control_c_interrupts, is_disk_full

log = logging.getLogger(__name__)

REAL_DATA_KEPT: Final = "the store holds real data, which demonstration data would mix with"
DISK_FULL: Final = "the disk is full"
KEPT: Final = "What was handed in is kept, and loaded when the store can be opened."
_TOO_LARGE: Final = (
    "the load needs more memory than CONSUMO_MEMORY_LIMIT allows, and changed nothing: "
    "hand it in in parts of some ten million messages, or raise the limit"
)
_DEADLY: Final = (
    "the load ended the process several times at the same step, and is not tried again: "
    "hand it in in smaller parts, or give the machine more memory"
)
#: A hand-in is given up after the process died so many times at the same step of its load.
_MAX_DEATHS: Final = 5
#: The name of the step before the first one that a load reports.
_OPENING: Final = "opening"
#: What is handed in without anything to load.
_NO_LOADS: Final = (BACKUP, STATE, RECONCILE, COMPARE_COSTS, RATES, *REMOVALS)
#: Seconds between two notes of progress in the inbox.
_PROGRESS_SECONDS: Final = 0.5


def _tell_nobody(_step: str, _rows: int) -> None:
    """Be told of progress that nobody waits for."""


class OpenStore(StoreWithAll, Protocol):
    """What ``InboxLoader`` needs of the owner of the store; ``sources.owner.Owner`` has it."""

    @property
    def is_open(self) -> bool:
        """Whether the store is open."""

    @property
    def engine(self) -> DuckDBEngine:
        """The engine of the open store. Raises ``StoreUnavailable`` if the store is not open."""

    def check_in_place(self) -> None:
        """Raise ``StoreGone`` if the file that was opened is no longer at ``path``."""

    def back_up(self, path: Path) -> None:
        """Copy the store to ``path``; a file that is there is replaced."""


class InboxLoader:
    """Loads the hand-ins of one store. Only one thread at a time may call ``load_all``.

    ``time_zone`` decides on which day a moment counts. ``clock`` returns the present time with a
    time zone.
    """

    def __init__(self, store: OpenStore, time_zone: str, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._time_zone = time_zone
        self._clock = clock
        self._removals = InboxRemovals(store, time_zone, clock)
        #: The tickets whose commands know that the store is gone and their files are kept.
        self._notified: set[str] = set()
        self._abandoned = threading.Event()
        self._cursor: duckdb.DuckDBPyConnection | None = None

    def begin(self) -> None:
        """Allow loads again after ``abandon``; call this when the store was opened."""
        self._abandoned.clear()
        self._notified.clear()

    def abandon(self) -> None:
        """Stop the load that is running in another thread, and every later one until ``begin``.

        ``load_all`` then raises ``LoadAbandoned``.
        """
        self._abandoned.set()
        if cursor := self._cursor:
            cursor.interrupt()

    def load_all(self, progress: Progress | None) -> None:
        """Load all hand-ins of the inbox, oldest first, and store the outcome of each there.

        ``progress`` is called with how far each load is; with None the progress is stored in the
        inbox. Raises ``StoreGone`` if the store's file is not in place (the commands that wait get
        an outcome that says so), ``LoadAbandoned`` if ``abandon`` stopped a load, and
        ``KeyboardInterrupt``; hand-ins without a final outcome then stay in the inbox. Any other
        failure of a load becomes its outcome. If the store is not open any more after one, those
        behind it stay, too. Raises ``OSError`` if the inbox cannot be read or
        written.
        """
        store = self._store
        try:
            store.check_in_place()
            for ticket in store.inbox.waiting():
                if not store.is_open:
                    return  # it could not be opened again after its file was written anew
                outcome = self._outcome(ticket, progress)
                store.check_in_place()
                store.inbox.settle(ticket, outcome)
        except StoreGone as gone:
            for ticket in set(store.inbox.waiting()) - self._notified:
                store.inbox.tell(ticket, Outcome(None, refusal=f"{gone}. {KEPT}"))
                self._notified.add(ticket)
            raise

    def _outcome(self, ticket: str, progress: Progress | None) -> Outcome:
        """Load a hand-in, and return its outcome, also where the load fails."""
        deaths = self._store.inbox.deaths(ticket)
        if max(deaths.values(), default=0) >= _MAX_DEATHS:
            log.error("load ends the process each time", extra={"event": "load_deadly"})
            return self._refused(ticket, "deadly", _DEADLY)
        try:
            with control_c_interrupts():
                return self._take(ticket, self._counting_deaths(ticket, deaths, progress))
        except (LoadAbandoned, StoreGone, KeyboardInterrupt):
            self._store.inbox.tell_deaths(ticket, deaths)
            raise
        except RealDataKept:
            return self._refused(ticket, "real_data_kept", REAL_DATA_KEPT)
        except UnreadableFile as error:
            return self._refused(ticket, "unreadable", str(error))
        except duckdb.OutOfMemoryException:
            log.exception("load needs more memory", extra={"event": "load_too_large"})
            return self._refused(ticket, "memory", _TOO_LARGE)
        except Exception as error:
            # Whatever is wrong with one hand-in, those behind it must not wait for ever.
            log.exception("load failed", extra={"event": "load_failed"})
            is_full = is_disk_full(error)
            why = DISK_FULL if is_full else type(error).__name__
            return self._refused(
                ticket,
                "disk_full" if is_full else "unexpected",
                f"the load failed and changed nothing: {why}",
            )

    def _refused(self, ticket: str, reason: str, sentence: str) -> Outcome:
        """Return an outcome with the ``sentence``, and note the ``reason`` in ``refused_loads``.

        The sentence is for the command alone: it may name what is in a file.
        """
        # Whatever cannot be noted, as on a full disk or of a damaged hand-in, the command must be
        # told, and those behind it must not wait.
        with suppress(Exception):
            order, _ = self._store.inbox.order(ticket)
            if order.source not in _NO_LOADS:
                with self._cursor_to_change() as cursor:
                    load, now = LoadConnection(cursor, _tell_nobody), self._clock()
                    in_transaction(
                        cursor,
                        lambda: note_refusal(load, order.source_name, reason, now),
                        _tell_nobody,
                    )
        return Outcome(None, refusal=sentence)

    def _counting_deaths(
        self, ticket: str, deaths: Mapping[str, int], progress: Progress | None
    ) -> Progress:
        """Return a function that a load calls with its progress, and that counts deaths.

        It passes the progress on. When a step begins, it notes in the inbox one more death at this
        step, so that the note is right if the process dies now. It raises ``LoadAbandoned`` where
        the load is to stop.
        """
        inbox = self._store.inbox
        pass_on = progress or self._inbox_progress(ticket)
        current = _OPENING
        inbox.tell_deaths(ticket, {**deaths, current: deaths.get(current, 0) + 1})

        def count(step: str, rows: int) -> None:
            nonlocal current
            if self._abandoned.is_set():
                raise LoadAbandoned
            if step != current:
                current = step
                inbox.tell_deaths(ticket, {**deaths, step: deaths.get(step, 0) + 1})
            pass_on(step, rows)

        return count

    def _inbox_progress(self, ticket: str) -> Progress:
        """Return a function that leaves the progress in the inbox, twice a second at most."""
        written_at = 0.0

        def write(step: str, rows: int) -> None:
            nonlocal written_at
            if time.monotonic() - written_at >= _PROGRESS_SECONDS:
                written_at = time.monotonic()
                self._store.inbox.tell_progress(ticket, step, rows)

        return write

    def _take(self, ticket: str, progress: Progress) -> Outcome:
        """Do what a hand-in asks for, and return the outcome.

        It asks to load its files, to copy the store, to remove something from it, for the state of
        a source, to compare the ids of one with the store, or what is odd in the data.
        """
        inbox = self._store.inbox
        order, rejects_path = inbox.order(ticket)
        if order.source == BACKUP:
            copy = inbox.copy_path(ticket)
            self._store.back_up(copy)
            return Outcome(None, copy_path=copy)
        if order.source in REMOVALS:
            return self._remove(ticket, progress)
        others = {
            STATE: self._state,
            RECONCILE: self._reconcile,
            CHECK: self._check,
            RATES: self._import_rates,
            COMPARE_COSTS: self._compare_costs,
        }
        if order.source in others:
            return others[order.source](order, progress)
        return self._load(order, rejects_path, progress)

    def _load(self, order: LoadOrder, rejects_path: Path | None, progress: Progress) -> Outcome:
        with self._cursor_to_change() as cursor:
            now = self._clock()
            with self._store.engine.changing():
                report = load(cursor, order, time_zone=self._time_zone, now=now, progress=progress)
            rejects = list_rejects_of(
                cursor, report.load_id, store=self._store.path, wanted=rejects_path
            )
        return Outcome(report, rejects)

    def _import_rates(self, order: LoadOrder, progress: Progress) -> Outcome:
        with self._cursor_to_change() as cursor, self._store.engine.changing():
            report = import_rates(
                cursor, order, time_zone=self._time_zone, now=self._clock(), progress=progress
            )
        return Outcome(report)

    def _compare_costs(self, order: LoadOrder, _progress: Progress) -> Outcome:
        with self._cursor_to_change() as cursor:
            return Outcome(None, compared=compare_costs(cursor, order).to_json())

    def _state(self, order: LoadOrder, progress: Progress) -> Outcome:
        with self._cursor_to_change() as cursor:
            if order.state is not None:
                load, now = LoadConnection(cursor, progress), self._clock()
                in_transaction(
                    cursor, lambda: note_state(load, order.name, order.state, now), progress
                )
            return Outcome(None, state=noted_state(cursor, order.name))

    def _reconcile(self, order: LoadOrder, progress: Progress) -> Outcome:
        with self._cursor_to_change() as cursor, self._store.engine.changing():
            run = Reconciliation(cursor, order, self._time_zone, self._clock())
            return Outcome(None, reconciled=run.run(progress))

    def _check(self, order: LoadOrder, progress: Progress) -> Outcome:
        with self._cursor_to_change() as cursor:
            return Outcome(
                None, checked=checked(cursor, order.account or None, self._clock(), progress)
            )

    def _remove(self, ticket: str, progress: Progress) -> Outcome:
        with self._cursor_to_change() as cursor, self._store.engine.changing():
            outcome = self._removals.remove_rows(ticket, cursor, progress)
        if outcome.removal is None:
            return outcome
        return self._removals.remove_traces(ticket, outcome.removal, progress)

    @contextmanager
    def _cursor_to_change(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a cursor that ``abandon`` interrupts; ``LoadAbandoned`` is raised then."""
        cursor = self._cursor = self._store.engine.cursor()
        try:
            yield cursor
        except duckdb.InterruptException:
            raise LoadAbandoned from None
        finally:
            self._cursor = None
            cursor.close()
