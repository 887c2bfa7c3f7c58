"""Compares the ids of a source with those in the store, and removes what is gone from the source.

Nothing is removed on the word of an empty or partial answer:

- nothing is compared of an account of which the answer has no row;
- a row goes when it was missing in two comparisons, one after another;
- when more than a small share of the rows would go, none of them does.

Only ids that are whole numbers are compared: others are not of a portal that numbers its rows.
"""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import duckdb

from sources.comparison import (
    CASE_IDS,
    COMPARISON,
    MESSAGE_IDS,
    MOST_LATE,
    Comparison,
    ReconcileReport,
)
from sources.loading.load_connection import LoadConnection, in_transaction
from sources.loading.load_order import LoadOrder, LoadReport, Progress
from sources.loading.remove import begin_without_files, remove
from sources.loading.write import log_load


@dataclass(frozen=True, slots=True)
class _Kind:
    """Cases or messages: their table, the column with their id, and the file with the ids."""

    name: str
    key: str
    file: str


_CASES: Final = _Kind("cases", "case_id", CASE_IDS)
_MESSAGES: Final = _Kind("messages", "message_id", MESSAGE_IDS)


class Reconciliation:
    """One comparison, in the store of ``connection``.

    ``order`` is the hand-in: its ``name`` is the source's, its ``files`` are those of
    ``sources.comparison``.
    ``time_zone`` decides on which day a moment counts; ``now`` is the present time, with a zone.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        order: LoadOrder,
        time_zone: str,
        now: datetime,
    ) -> None:
        self._connection = connection
        self._order = order
        self._time_zone = time_zone
        self._now = now
        self._comparison = Comparison.from_json(order.files[COMPARISON].read_text())

    def run(self, progress: Progress) -> ReconcileReport:
        """Compare, remove what may go, and return what was found; all of it or nothing.

        Raises ``duckdb.Error``, and what ``progress`` raises.
        """
        load = LoadConnection(self._connection, progress)
        return in_transaction(self._connection, lambda: self._steps(load), progress)

    def _steps(self, load: LoadConnection) -> ReconcileReport:
        begin_without_files(load, self._time_zone)
        for kind in (_CASES, _MESSAGES):
            load.progress(f"comparing {kind.name}", 0)
            self._find_compared(load, kind)
            self._find_missing(load, kind)
        self._fill_removed(load)
        removed = load.count("removed_cases") + load.count("removed_messages")
        may_go = self._may_go(load, _CASES) and self._may_go(load, _MESSAGES)
        report = ReconcileReport(
            self._late(load, _CASES),
            self._late(load, _MESSAGES),
            load.count("missing_cases") + load.count("missing_messages"),
            removed if may_go else 0,
            0 if may_go else removed,
        )
        if report.removed:
            self._remove(load)
        self._note_missing(load)
        return report

    def _find_compared(self, load: LoadConnection, kind: _Kind) -> None:
        """Make ``present_…`` of the source's ids, and ``compared_…`` of the rows in question."""
        load.execute(
            f"create temp table present_{kind.name} as select * from read_parquet(?)",
            [str(self._order.files[kind.file])],
        )
        load.execute(
            f"""create temp table compared_{kind.name} as
            select account, {kind.key} as row_id, {kind.key}::bigint as id, case_key
            from {kind.name}
            where account in (from (select unnest($accounts)))
                and account in (select account from present_{kind.name})
                and regexp_full_match({kind.key}, '[1-9][0-9]{{0,17}}')""",
            {"accounts": list(self._comparison.accounts)},
        )

    def _find_missing(self, load: LoadConnection, kind: _Kind) -> None:
        """Make ``missing_…``: the compared rows that the source lacks.

        ``missed_at`` is when that was noted first; null if only now. ``was_missing`` is whether an
        earlier answer lacked it, too: a process that was killed may take the same one up again.
        """
        load.execute(
            f"""create temp table missing_{kind.name} as
            select c.*, m.missed_at,
                coalesce(m.missed_at < $asked_at::timestamptz::timestamp, false) as was_missing
            from compared_{kind.name} c
            left join missing_rows m on m.source = $source and m.kind = '{kind.name}'
                and m.account = c.account and m.row_id = c.row_id
            where not exists (select 1 from present_{kind.name} p
                where p.account = c.account and p.id = c.id)""",
            {"source": self._order.name, "asked_at": self._comparison.asked_at},
        )

    def _fill_removed(self, load: LoadConnection) -> None:
        """Name the rows that would go in ``removed_cases`` and ``removed_messages``."""
        load.execute(
            "insert into removed_cases select case_key from missing_cases where was_missing"
        )
        load.execute(
            """insert into removed_messages select case_key, account, message_id from messages m
            where case_key in (select case_key from removed_cases) or exists (
                select 1 from missing_messages r
                where r.was_missing and r.account = m.account and r.row_id = m.message_id)"""
        )

    def _may_go(self, load: LoadConnection, kind: _Kind) -> bool:
        """Return whether no more rows would go than may."""
        most = math.ceil(load.count(f"compared_{kind.name}") * self._comparison.most_removed)
        return load.count(f"removed_{kind.name}") <= most

    def _late(self, load: LoadConnection, kind: _Kind) -> tuple[int, ...]:
        """Return ids that the source has and the store lacks, the greatest first.

        Others may be absent for good, since they were purged: the newest must not wait for those.
        """
        rows = load.connection.execute(
            f"""select id from present_{kind.name} p
            where not exists (select 1 from {kind.name} s
                where s.account = p.account and s.{kind.key} = p.id::varchar)
            order by id desc limit {MOST_LATE}"""
        ).fetchall()
        return tuple(row[0] for row in rows)

    def _note_missing(self, load: LoadConnection) -> None:
        """Keep in ``missing_rows`` what is missing and still stored, and nothing that came back."""
        source = {"source": self._order.name}
        for kind in (_CASES, _MESSAGES):
            load.execute(
                f"""delete from missing_rows m where source = $source and kind = '{kind.name}'
                and exists (select 1 from present_{kind.name} p
                    where p.account = m.account and p.id::varchar = m.row_id)""",
                source,
            )
            load.execute(
                f"""insert into missing_rows by name
                select $source as source, account, '{kind.name}' as kind, row_id,
                    $now::timestamptz::timestamp as missed_at
                from missing_{kind.name} where missed_at is null""",
                {**source, "now": self._now},
            )
            load.execute(
                f"""delete from missing_rows m where source = $source and kind = '{kind.name}'
                and not exists (select 1 from {kind.name} s
                    where s.account = m.account and s.{kind.key} = m.row_id)""",
                source,
            )

    def _remove(self, load: LoadConnection) -> None:
        cases, messages = load.count("removed_cases"), load.count("removed_messages")
        remove(load)
        report = LoadReport(
            load_id=int(load.value("select coalesce(max(load_id), 0) + 1 from loads")),
            rows_in=0,
            rows_superseded=0,
            rows_rejected=0,
            cases_written=cases,
            messages_written=messages,
            replaced_demo=False,
        )
        log_load(load, self._order, report, self._now)
