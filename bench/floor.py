"""The floor of the query layer: answer all panels with hand-written SQL and do nothing else.

It parses no filters, builds no statements with a library, makes no data frames and caches nothing:
it only calls ``execute`` and ``fetchall``. It may serve as a floor only where it gives the same
numbers as the product, which ``bench.floor_check`` checks.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import duckdb

from bench import floor_sql
from bench.floor_sql import ResolvedScenario, Statement
from bench.scenarios import Scenario
from queries.cost_projection import first_day_needed
from queries.filters import Basis

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class FloorRows:
    """The rows of each panel, with the columns that the functions of ``bench.floor_sql`` name.

    ``free_messages`` and ``costs_before`` are about the month of today, whatever the period.
    ``total`` is the number of rows of the whole table, ``page`` the rows of the page asked for.
    """

    messages_by_origin: Rows
    messages_by_status: Rows
    cases: Rows
    templates: Rows
    failures: Rows
    hsm_in_window: Rows
    of_messages: Rows
    of_cases: Rows
    of_attendance: Rows
    of_responses: Rows
    costs: Rows
    extra_costs: Rows
    free_messages: Rows
    costs_before: Rows
    total: int
    page: Rows


def refresh(connection: duckdb.DuckDBPyConnection, scenario: Scenario, basis: Basis) -> FloorRows:
    """Run the statements of all panels and of the table's page; return their rows."""

    def rows(statement: Statement) -> Rows:
        return connection.execute(*statement).fetchall()

    resolved = _resolve(connection, scenario, basis)
    # The roll-up has the attended cases in the rows of ``indicators_of_cases`` already.
    by_attendance = basis is Basis.SENT and not resolved.uses_rollups
    today = datetime.now(UTC).date()
    days = sorted(rows(floor_sql.days(resolved)), reverse=True)
    return FloorRows(
        messages_by_origin=rows(floor_sql.messages_by_origin(resolved)),
        messages_by_status=rows(floor_sql.messages_by_status(resolved)),
        cases=rows(floor_sql.cases_over_time(resolved)),
        templates=rows(floor_sql.templates(resolved)),
        failures=rows(floor_sql.failures(resolved)),
        hsm_in_window=rows(floor_sql.hsm_in_window(resolved)),
        of_messages=rows(floor_sql.indicators_of_messages(resolved)),
        of_cases=rows(floor_sql.indicators_of_cases(resolved)),
        of_attendance=rows(floor_sql.indicators_of_attendance(resolved)) if by_attendance else [],
        of_responses=rows(floor_sql.indicators_of_responses(resolved)),
        costs=rows(floor_sql.costs(resolved)),
        extra_costs=rows(floor_sql.extra_costs(resolved)),
        free_messages=rows(floor_sql.free_messages(today.replace(day=1))),
        costs_before=rows(floor_sql.costs_before(resolved, first_day_needed(today), today)),
        total=sum(count for _, count in days),
        page=rows(floor_sql.page(resolved, *_locate_page(days, scenario))),
    )


def _locate_page(days: Rows, scenario: Scenario) -> tuple[date, date, int]:
    """Return the first and last day with rows of the page, and how many rows to skip.

    ``days`` are pairs of a day and its number of rows, newest day first. The rows to skip are those
    of the last day that come before the page. A page behind the end of the table has no days.
    """
    before = scenario.table.page * scenario.table.page_size
    rows = 0
    page_days: list[date] = []
    skipped = 0
    for day, count in days:
        if not page_days and rows + count <= before:
            rows += count
            continue
        if not page_days:
            skipped = before - rows
        page_days.append(day)
        rows += count
        if rows >= before + scenario.table.page_size:
            break
    return (page_days[-1], page_days[0], skipped) if page_days else (date.max, date.min, 0)


def _resolve(
    connection: duckdb.DuckDBPyConnection, scenario: Scenario, basis: Basis
) -> ResolvedScenario:
    """Look up the case keys of the scenario's persons or cases."""
    case_keys = None
    if scenario.person:
        case_keys = _fetch_keys(connection, floor_sql.keys_of_persons(scenario.person))
    elif scenario.case:
        case_keys = _fetch_keys(connection, floor_sql.keys_of_cases(scenario.case))
    return ResolvedScenario(scenario, basis, case_keys)


def _fetch_keys(connection: duckdb.DuckDBPyConnection, statement: Statement) -> list[int]:
    return [row[0] for row in connection.execute(*statement).fetchall()]
