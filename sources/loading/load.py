"""Runs a load: its steps in order, in one transaction."""

import time
from dataclasses import replace
from datetime import datetime

import duckdb

from sources.loading import outbox
from sources.loading.derive import derive, find_cases_to_derive
from sources.loading.events import merge_events
from sources.loading.load_connection import (
    LoadConnection,
    drop_temporary_tables,
    in_transaction,
)
from sources.loading.load_order import LoadOrder, LoadReport, Progress, RealDataKept
from sources.loading.merge import MergedRows, check_sum, empty_store, merge_cases, merge_messages
from sources.loading.read import EngineRefusesFile, prepare, read_files
from sources.loading.remove import (
    begin_without_files,
    find_removed_ids,
    forget_events,
    take_removals,
)
from sources.loading.states import note_state
from sources.loading.updates import join_known_messages, remove_empty_sessions
from sources.loading.write import log_load, write
from sources.webhooks.conversion import convert, withdraw_texts
from sources.webhooks.told_parts import WEBHOOKS, read_told_parts


def load(
    connection: duckdb.DuckDBPyConnection,
    order: LoadOrder,
    *,
    time_zone: str,
    now: datetime,
    progress: Progress,
) -> LoadReport:
    """Load the files of ``order`` into the store of ``connection``, in one transaction.

    Return a report. If the ticket was loaded already, or the newest load had the same content,
    nothing is loaded: the report is then that of the earlier load, with ``done_before``. Where the
    order updates and nothing is new, no load is logged: the report has the newest load's number.
    ``time_zone`` decides on which day a moment counts. ``now``, a time with a zone, is stored as
    the time of the load. ``progress`` is called with the name of each step and the rows done.

    If an error is raised, the store is as before: ``UnreadableFile`` if a file cannot be read (for
    a damaged Parquet file also ``pa.ArrowInvalid`` or ``OSError``), ``RealDataKept`` for
    demonstration data if the store holds real data, ``duckdb.Error``, and whatever ``progress``
    raises.
    """
    if earlier := _earlier_report(connection, order):
        return earlier
    steps = _Steps(LoadConnection(connection, progress), order, time_zone, now)
    try:
        return in_transaction(connection, steps.run, progress)
    except EngineRefusesFile:
        # A single value may be the reason. Read row by row, only its row is rejected.
        return in_transaction(connection, lambda: steps.run(by_engine=False), progress)


def derive_again(connection: duckdb.DuckDBPyConnection, time_zone: str, cases: str) -> None:
    """Compute the derived values of some stored cases again; upgrades do this in their transaction.

    ``cases`` is the name of a temporary table with the ``case_key`` of these cases. At the end it
    is dropped, as are all temporary tables of ``connection``. ``time_zone`` decides on which day a
    moment counts. Raises ``duckdb.Error``.
    """
    load = LoadConnection(connection, lambda *_: None)
    try:
        if load.count(cases):
            begin_without_files(load, time_zone)
            load.execute(f"create temp table cases_to_derive as select case_key from {cases}")
            derive(load)
            write(load)
            outbox.drop(connection)
    finally:
        drop_temporary_tables(connection)


def _earlier_report(connection: duckdb.DuckDBPyConnection, order: LoadOrder) -> LoadReport | None:
    """Return the report of the load of this ticket, or of the newest if it had the same content.

    Return None where there is neither. An older load of the same content does not count: a later
    load may have replaced its rows.
    """
    row = connection.execute(
        """select load_id, rows_in, coalesce(rows_superseded, 0), rows_rejected, cases_written,
            messages_written, replaced_demo
        from loads
        where ticket = $ticket
            or (content_hash = $hash and load_id = (select max(load_id) from loads))
        order by ticket = $ticket desc limit 1""",
        {"ticket": order.ticket, "hash": order.content_hash},
    ).fetchall()
    return replace(LoadReport(*row[0]), done_before=True) if row else None


class _Steps:
    """The steps of one load, inside its transaction."""

    def __init__(
        self, load: LoadConnection, order: LoadOrder, time_zone: str, now: datetime
    ) -> None:
        self._load = load
        self._order = order
        self._time_zone = time_zone
        self._now = now
        self._begun = time.monotonic()

    def run(self, *, by_engine: bool = True) -> LoadReport:
        """Run all steps; ``by_engine`` is as in ``read_files``."""
        load, order = self._load, self._order
        holds = load.value("select value from store_facts where name = 'holds'")
        if order.demo and holds == "real":
            raise RealDataKept
        prepare(load, self._time_zone, order.time_zone)
        read = read_files(load, order, by_engine=by_engine)
        is_told = order.source == WEBHOOKS
        parts = read_told_parts(load, order.files, order.account) if is_told else 0
        brings_cases = load.value(f"select exists (from {'told' if is_told else 'checked_cases'})")
        replaces_demo = holds == "demo" and bool(brings_cases)
        if replaces_demo:
            empty_store(load)
        # What is counted of webhooks are parts of payloads, not the rows that are made of them.
        told = (convert(load),) if is_told else ()
        # Real messages never join demonstration cases.
        merged = self._merge(joins_stored=holds != "demo" or order.demo)
        check_sum(load, read.rows + parts, *(told or merged))
        report = LoadReport(
            load_id=int(load.value("select coalesce(max(load_id), 0) + 1 from loads")),
            rows_in=read.rows + parts,
            rows_superseded=sum(rows.superseded for rows in told or merged),
            rows_rejected=load.count("rejected"),
            cases_written=load.count("changed_cases") + load.count("removed_cases"),
            messages_written=load.count("changed_messages") + self._removed_messages(),
            replaced_demo=replaces_demo and not order.demo,
            without_offset=read.without_offset,
            rows_kept=load.count("kept"),
        )
        return self._write(report, new_events=merged[-1].new)

    def _removed_messages(self) -> int:
        """Return how many messages are removed and not written again."""
        return int(
            self._load.value(
                """select count(*) from removed_messages r where not exists (
                    select 1 from checked_messages m join changed_messages using (line)
                    where m.account = r.account and m.message_id = r.message_id)"""
            )
        )

    def _merge(self, *, joins_stored: bool) -> tuple[MergedRows, ...]:
        """Find what changes; return the counts of each file, those of the events last."""
        load, updates = self._load, self._order.updates
        cases = merge_cases(load)
        if updates:
            join_known_messages(load)
        if self._order.source == WEBHOOKS:
            withdraw_texts(load)
        messages = merge_messages(load, joins_stored=joins_stored, moves=updates)
        removals = take_removals(load)
        if updates:
            remove_empty_sessions(load)
        return cases, messages, removals, merge_events(load, joins_stored=joins_stored)

    def _write(self, report: LoadReport, *, new_events: int) -> LoadReport:
        """Write what changed, and return the report.

        Nothing is logged where the load updates and nothing is new: the data version then stays.
        """
        load, order = self._load, self._order
        is_new = report.cases_written or report.messages_written or new_events
        is_logged = is_new or report.rows_rejected or report.rows_kept or not order.updates
        if is_logged:
            find_cases_to_derive(load)
            find_removed_ids(load)
            derive(load)
            write(load)
            forget_events(load)
            report = replace(report, seconds=time.monotonic() - self._begun)
            log_load(load, order, report, self._now)
        else:
            report = replace(report, load_id=report.load_id - 1)
        note_state(load, order.name, order.state, self._now)
        return report
