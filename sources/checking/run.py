"""Counts what the checks of ``checks.CHECKS`` find in the store."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import duckdb

from sources.checking.check import Check, Checked, Finding
from sources.checking.checks import CHECKS
from sources.loading.load_order import Progress

#: What the SQL of a check reads: the cases of WhatsApp (``c``), all cases (``every_case``), the
#: messages (``m``), the loads, and the present time (``present.now``). Each is limited to the
#: account that is checked.
RELATIONS: Final = """
with every_case as (
    select * from cases where $account::varchar is null or account = $account::varchar
), c as (
    select * from every_case where counted
), m as (
    select * from messages where $account::varchar is null or account = $account::varchar
), l as (
    select * from loads where $account::varchar is null or account = $account::varchar
), present as (
    select $now::timestamptz::timestamp as now
)
"""


def checked(
    connection: duckdb.DuckDBPyConnection,
    account: str | None,
    now: datetime,
    progress: Progress,
    checks: Sequence[Check] = CHECKS,
) -> Checked:
    """Return what ``checks`` find in the open store; it changes nothing.

    Only ``account`` is looked at, or with None all of them. ``now`` is the present time, with a
    zone. ``progress`` is called with how many checks are done. Raises ``duckdb.Error`` if a query
    fails.
    """
    given = {"account": account, "now": now}

    def row(sql: str) -> tuple[Any, ...]:
        [counted] = connection.execute(RELATIONS + sql, given).fetchall()
        return counted

    cases, messages = row("select (select count(*) from c), (select count(*) from m)")
    findings: list[Finding] = []
    for done, check in enumerate(checks):
        progress("checking", done)
        found, among, *lists = row(check.sql)
        [names] = lists or [None]
        if finding := check.finding(int(found or 0), int(among or 0), names or ()):
            findings.append(finding)
    return Checked.of(int(cases), int(messages), len(checks), findings)
