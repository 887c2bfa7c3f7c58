"""Carries out hand-ins that ask to erase or purge, in everything that belongs to the open store.

First the store's rows change, in one transaction. Then come the files beside the store; the store's
own file, which is written anew, because until then it has the values in free blocks; and the cached
answers. A process that is killed in between goes on with these when it next opens the store.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

import duckdb

from sources import erased_files
from sources.erasure import StoredValue
from sources.inbox import Inbox, Outcome
from sources.loading.load_order import LoadAbandoned, Progress
from sources.removal import Removal
from sources.removal_orders import RemovalOrder, RemovalReport
from sources.store_errors import StoreGone, is_disk_full

log = logging.getLogger(__name__)

_NOT_ALL: Final = (
    "the rows are removed, but their values may still be in files of the store: {}; "
    "run the same command again"
)
_NOTHING: Final = "nothing was removed: {}"
_MEMORY: Final = "it needs more memory than CONSUMO_MEMORY_LIMIT allows"


class StoreWithAll(Protocol):
    """The open store with what belongs to it; ``sources.owner.Owner`` has it."""

    path: Path
    inbox: Inbox

    def holds_removed_values(self) -> bool:
        """Return whether the file may hold values that are in no table."""

    def compact(self) -> None:
        """Write the file anew."""

    def forget_answers(self) -> bool:
        """Drop all cached answers; return whether that was possible."""


class InboxRemovals:
    """Carries out the removals of the inbox of one store.

    ``time_zone`` decides on which day a moment counts. ``clock`` returns the present time with a
    time zone.
    """

    def __init__(self, store: StoreWithAll, time_zone: str, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._time_zone = time_zone
        self._clock = clock

    def remove_rows(
        self, ticket: str, connection: duckdb.DuckDBPyConnection, progress: Progress
    ) -> Outcome:
        """Remove the rows that the hand-in ``ticket`` names; all of them, or none.

        The outcome has a report, or else a refusal. ``connection`` is to the open store. Raises
        ``duckdb.InterruptException``, ``LoadAbandoned`` and ``KeyboardInterrupt`` where it is
        stopped; the store is then as before.
        """
        inbox = self._store.inbox
        order = inbox.removal_order(ticket)
        removal = Removal(connection, order, ticket, self._time_zone, self._clock())
        try:
            if removal.is_done:
                # A process was killed after the commit.
                return Outcome(None, removal=inbox.noted_removal(ticket))
            report = removal.run(progress, lambda report: inbox.note_removal(ticket, report))
        except (duckdb.InterruptException, LoadAbandoned):
            raise
        except duckdb.OutOfMemoryException:
            return Outcome(None, refusal=_NOTHING.format(_MEMORY))
        except (duckdb.Error, OSError) as error:
            log.exception("removal failed", extra={"event": "removal_failed"})
            return Outcome(None, refusal=_NOTHING.format(_why(error)))
        return Outcome(None, removal=report)

    def remove_traces(self, ticket: str, report: RemovalReport, progress: Progress) -> Outcome:
        """Remove the values from everything beside the rows, and return the whole report.

        No cursor of the store may be open. Raises ``StoreGone`` if the store's file is not in its
        place, and ``KeyboardInterrupt``.
        """
        order = self._store.inbox.removal_order(ticket)
        try:
            if order.before is None:
                report = self._in_files(order, report)
            if not order.is_trial:
                report = self._in_file_and_cache(report, progress)
        except StoreGone:
            raise
        except (duckdb.Error, OSError) as error:
            log.exception("removal is not complete", extra={"event": "removal_incomplete"})
            return Outcome(None, removal=report, refusal=_NOT_ALL.format(_why(error)))
        return Outcome(None, removal=report)

    def _in_files(self, order: RemovalOrder, report: RemovalReport) -> RemovalReport:
        store, mask, is_trial = self._store, StoredValue(order).masked, order.is_trial
        return replace(
            report,
            reject_rows=erased_files.mask_rejects(store.path, mask, is_trial=is_trial),
            audit_records=erased_files.mask_audit(store.path, mask, is_trial=is_trial),
            reports=erased_files.mask_reports(store.inbox, mask, is_trial=is_trial),
            hand_ins=erased_files.remove_unfinished(store.inbox, is_trial=is_trial),
        )

    def _in_file_and_cache(self, report: RemovalReport, progress: Progress) -> RemovalReport:
        if self._store.holds_removed_values():
            progress("writing the file anew", 0)
            self._store.compact()
        return replace(report, is_cache_empty=self._store.forget_answers())


def _why(error: Exception) -> str:
    if is_disk_full(error):
        return "the disk is full"
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
