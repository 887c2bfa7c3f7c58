"""The floor: what the panels cost when their SQL is written by hand and nothing else is done.

No filters are parsed, no statement is put together by a library, no frame is made, nothing is
cached: statements, ``execute``, ``fetchall``. It is a floor only where it gives the same numbers,
which ``bench.sameness`` checks.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from bench import floor_sql
from bench.floor_sql import Statement, Wanted
from bench.scenarios import Scenario
from queries.filters import Basis

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Answers:
    """The rows of each panel, as ``bench.floor_sql`` says."""

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
    total: int
    page: Rows


def refresh(connection: duckdb.DuckDBPyConnection, scenario: Scenario, basis: Basis) -> Answers:
    """All panels of one question."""

    def rows(statement: Statement) -> Rows:
        return connection.execute(*statement).fetchall()

    wanted = _wanted(connection, scenario, basis)
    by_attendance = basis is Basis.SENT and not wanted.rolled_up
    days = sorted(rows(floor_sql.days(wanted)), reverse=True)
    return Answers(
        messages_by_origin=rows(floor_sql.messages_by_origin(wanted)),
        messages_by_status=rows(floor_sql.messages_by_status(wanted)),
        cases=rows(floor_sql.cases_over_time(wanted)),
        templates=rows(floor_sql.templates(wanted)),
        failures=rows(floor_sql.failures(wanted)),
        hsm_in_window=rows(floor_sql.hsm_in_window(wanted)),
        of_messages=rows(floor_sql.indicators_of_messages(wanted)),
        of_cases=rows(floor_sql.indicators_of_cases(wanted)),
        of_attendance=rows(floor_sql.indicators_of_attendance(wanted)) if by_attendance else [],
        of_responses=rows(floor_sql.indicators_of_responses(wanted)),
        total=sum(count for _, count in days),
        page=rows(floor_sql.page(wanted, *_place(days, scenario))),
    )


def _place(days: Rows, scenario: Scenario) -> tuple[date, date, int]:
    """The days that hold the page, newest first, and how many of their rows come before it."""
    before = scenario.table.page * scenario.table.page_size
    rows = 0
    held: list[date] = []
    skipped = 0
    for day, count in days:
        if not held and rows + count <= before:
            rows += count
            continue
        if not held:
            skipped = before - rows
        held.append(day)
        rows += count
        if rows >= before + scenario.table.page_size:
            break
    return (held[-1], held[0], skipped) if held else (date.max, date.min, 0)


def _wanted(connection: duckdb.DuckDBPyConnection, scenario: Scenario, basis: Basis) -> Wanted:
    cases = None
    if scenario.person:
        cases = _keys(connection, floor_sql.cases_of(scenario.person))
    elif scenario.case:
        cases = _keys(connection, floor_sql.cases(scenario.case))
    return Wanted(scenario, basis, cases)


def _keys(connection: duckdb.DuckDBPyConnection, statement: Statement) -> list[int]:
    return [row[0] for row in connection.execute(*statement).fetchall()]
