"""Imports prices and rules of costs: one transaction, with a load number of its own."""

from dataclasses import fields, replace
from datetime import datetime
from typing import Any, Final

import duckdb

from sources.loading.costs import derive_all_costs
from sources.loading.load_connection import LoadConnection, in_transaction
from sources.loading.load_order import LoadOrder, LoadReport, Progress
from sources.loading.remove import begin_without_files
from sources.loading.write import log_load
from sources.rate_files import BusinessAccount, Rate, RateFile, Rule

#: The file of a hand-in that brings prices and rules: a ``RateFile`` as JSON.
RATE_FILE: Final = "rates"
_TABLES: Final = {
    "rates": ("cost_rates", Rate),
    "rules": ("cost_rules", Rule),
    "business_accounts": ("business_accounts", BusinessAccount),
}


def import_rates(
    connection: duckdb.DuckDBPyConnection,
    order: LoadOrder,
    *,
    time_zone: str,
    now: datetime,
    progress: Progress,
) -> LoadReport:
    """Let what the file of ``order`` holds take the place of what is stored, and derive all costs.

    Each of prices, rules and business accounts that the file names is replaced as a whole. Where
    nothing differs, nothing is logged: the report is then of the newest load, with
    ``done_before``. ``now``, a time with a zone, is stored as the time of the load. All of it or
    nothing: raises ``duckdb.Error``, and what ``progress`` raises.
    """
    given = RateFile.from_json(order.files[RATE_FILE].read_text(encoding="utf-8"))
    load = LoadConnection(connection, progress)

    def run() -> LoadReport:
        rows = {name: getattr(given, name) for name in _TABLES if getattr(given, name) is not None}
        changed = [name for name, wanted in rows.items() if _replace(load, name, wanted)]
        report = LoadReport(
            load_id=int(load.value("select coalesce(max(load_id), 0) from loads")),
            rows_in=sum(map(len, rows.values())),
            rows_superseded=0,
            rows_rejected=0,
            cases_written=0,
            messages_written=0,
            replaced_demo=False,
            done_before=not changed,
        )
        if not changed:
            return report
        begin_without_files(load, time_zone)
        derive_all_costs(load)
        logged = replace(report, load_id=report.load_id + 1)
        log_load(load, order, logged, now)
        return logged

    return in_transaction(connection, run, progress)


def _replace(load: LoadConnection, name: str, wanted: tuple[Any, ...]) -> bool:
    """Let ``wanted`` take the place of all rows of a table; return whether they differ."""
    table, kind = _TABLES[name]
    columns = [field.name for field in fields(kind)]
    stored = load.connection.execute(f"select {', '.join(columns)} from {table}").fetchall()
    rows = [tuple(getattr(row, column) for column in columns) for row in wanted]
    if set(stored) == set(rows):
        return False
    load.execute(f"delete from {table}")
    if rows:
        marks = ", ".join("?" for _ in columns)
        load.connection.executemany(
            f"insert into {table} ({', '.join(columns)}) values ({marks})", rows
        )
    return True
