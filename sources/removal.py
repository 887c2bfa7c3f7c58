"""Carries out an order to erase or purge in an open store, in one transaction."""

from collections.abc import Callable
from datetime import datetime

import duckdb

from sources.erasure import StoredValue, find_value, reword
from sources.loading.load_connection import LoadConnection, in_transaction
from sources.loading.load_order import LoadOrder, LoadReport, Progress
from sources.loading.remove import begin_without_files, remove
from sources.loading.write import log_load
from sources.purge import (
    count_older_texts,
    empty_older_texts,
    find_older,
    remove_older_payloads,
)
from sources.removal_orders import RemovalOrder, RemovalReport


class Removal:
    """One order, in the store of ``connection``.

    ``ticket`` is the unique name of the hand-in. ``time_zone`` decides on which day a moment
    counts. ``now``, a time with a zone, is stored as the time of the removal.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        order: RemovalOrder,
        ticket: str,
        time_zone: str,
        now: datetime,
    ) -> None:
        self._connection = connection
        self._order = order
        self._ticket = ticket
        self._time_zone = time_zone
        self._now = now

    @property
    def is_done(self) -> bool:
        """Whether the store has carried out this ticket already."""
        rows = self._connection.execute("from loads where ticket = ?", [self._ticket]).fetchall()
        return bool(rows)

    def run(
        self, progress: Progress, before_commit: Callable[[RemovalReport], None] = lambda _: None
    ) -> RemovalReport:
        """Remove what the order names, derive the rest anew, and return what was removed.

        Nothing changes where the order is a trial or nothing is found. Otherwise the data version
        moves, and ``before_commit`` is called with the report before anything is final. All of it
        happens or nothing: ``duckdb.Error``, and what ``progress`` and ``before_commit`` raise.
        """
        load = LoadConnection(self._connection, progress)

        def steps() -> RemovalReport:
            report = self._find(load)
            if not (report.found_nothing or self._order.is_trial):
                self._apply(load)
                self._log(load, report)
                before_commit(report)
            return report

        return in_transaction(self._connection, steps, progress)

    def _find(self, load: LoadConnection) -> RemovalReport:
        """Return what there is to remove. Only temporary tables are written."""
        begin_without_files(load, self._time_zone)
        before = self._order.before
        if before is None:
            return find_value(load, StoredValue(self._order))
        if self._order.texts_only:
            return count_older_texts(load, before)
        return find_older(load, before)

    def _apply(self, load: LoadConnection) -> None:
        before = self._order.before
        if before is None:
            reword(load)
        else:
            remove_older_payloads(load, before)
        if before is not None and self._order.texts_only:
            empty_older_texts(load, before)
        else:
            remove(load)

    def _log(self, load: LoadConnection, report: RemovalReport) -> None:
        """Add a row to ``loads`` that does not say whose data it was."""
        holds = load.value("select value from store_facts where name = 'holds'")
        order = LoadOrder(
            ticket=self._ticket,
            content_hash="",
            source=self._order.source,
            account=self._order.account or "",
            demo=holds == "demo",
            files={},
        )
        logged = LoadReport(
            load_id=int(load.value("select coalesce(max(load_id), 0) + 1 from loads")),
            rows_in=0,
            rows_superseded=0,
            rows_rejected=0,
            cases_written=report.cases,
            messages_written=report.messages,
            replaced_demo=False,
        )
        log_load(load, order, logged, self._now)
