"""The floor: what the six panels cost when their SQL is written by hand and nothing else is done.

No filters are parsed, no statement is put together by a library, no frame is made, nothing is
cached: statements, ``execute``, ``fetchall``. It is a floor only where it gives the same numbers,
which ``bench.sameness`` checks.
"""

from dataclasses import dataclass
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
    of_messages: Rows
    of_cases: Rows
    of_attendance: Rows
    of_responses: Rows
    total: int
    page: Rows


def refresh(connection: duckdb.DuckDBPyConnection, scenario: Scenario, basis: Basis) -> Answers:
    """All six panels of one question."""

    def rows(statement: Statement) -> Rows:
        return connection.execute(*statement).fetchall()

    wanted = _wanted(connection, scenario, basis)
    by_attendance = basis is Basis.SENT
    return Answers(
        messages_by_origin=rows(floor_sql.messages_by_origin(wanted)),
        messages_by_status=rows(floor_sql.messages_by_status(wanted)),
        cases=rows(floor_sql.cases_over_time(wanted)),
        templates=rows(floor_sql.templates(wanted)),
        of_messages=rows(floor_sql.indicators_of_messages(wanted)),
        of_cases=rows(floor_sql.indicators_of_cases(wanted)),
        of_attendance=rows(floor_sql.indicators_of_attendance(wanted)) if by_attendance else [],
        of_responses=rows(floor_sql.indicators_of_responses(wanted)),
        total=int(rows(floor_sql.total(wanted))[0][0]),
        page=rows(floor_sql.page(wanted)),
    )


def _wanted(connection: duckdb.DuckDBPyConnection, scenario: Scenario, basis: Basis) -> Wanted:
    return Wanted(
        scenario,
        basis,
        people=_keys(connection, floor_sql.people(scenario.person)) if scenario.person else None,
        cases=_keys(connection, floor_sql.cases(scenario.case)) if scenario.case else None,
    )


def _keys(connection: duckdb.DuckDBPyConnection, statement: Statement) -> list[int]:
    return [row[0] for row in connection.execute(*statement).fetchall()]
