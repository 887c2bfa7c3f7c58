"""Runs a load: its steps in order, in one transaction."""

from dataclasses import replace
from datetime import datetime

import duckdb

from sources.loading.derive import derive, find_cases_to_derive
from sources.loading.load_connection import (
    LoadConnection,
    drop_temporary_tables,
    in_transaction,
)
from sources.loading.load_order import LoadOrder, LoadReport, Progress, RealDataKept
from sources.loading.merge import check_sum, empty_store, merge_cases, merge_messages
from sources.loading.read import EngineRefusesFile, prepare, read_files
from sources.loading.remove import begin_without_files
from sources.loading.write import log_load, write


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
    nothing is loaded: the report is then that of the earlier load, with ``done_before``.
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

    def run(self, *, by_engine: bool = True) -> LoadReport:
        """Run all steps; ``by_engine`` is as in ``read_files``."""
        load, order = self._load, self._order
        holds = load.value("select value from store_facts where name = 'holds'")
        if order.demo and holds == "real":
            raise RealDataKept
        prepare(load, self._time_zone, order.time_zone)
        read = read_files(load, order, by_engine=by_engine)
        replaces_demo = holds == "demo" and bool(load.value("select exists (from checked_cases)"))
        if replaces_demo:
            empty_store(load)
        cases = merge_cases(load)
        # Real messages never join demonstration cases.
        messages = merge_messages(load, joins_stored=holds != "demo" or order.demo)
        check_sum(load, read.rows, cases, messages)
        messages_written = load.count("changed_messages")
        find_cases_to_derive(load)
        derive(load)
        write(load)
        report = LoadReport(
            load_id=int(load.value("select coalesce(max(load_id), 0) + 1 from loads")),
            rows_in=read.rows,
            rows_superseded=cases.superseded + messages.superseded,
            rows_rejected=load.count("rejected"),
            cases_written=load.count("changed_cases"),
            messages_written=messages_written,
            replaced_demo=replaces_demo and not order.demo,
            without_offset=read.without_offset,
        )
        log_load(load, order, report, self._now)
        return report
