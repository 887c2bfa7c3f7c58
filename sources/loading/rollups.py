"""Keeps the roll-ups (exact counts by day) in step with the rows that they count.

A load changes the rows of some cases. Before that, the counts of these cases are subtracted from
the roll-ups; after it, their new counts are added. So the roll-ups are right whatever has changed,
and only the days of these cases are written.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Table

from queries.tables import active_days, case_days, message_days

#: Runs a statement.
Execute = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Rollup:
    """One roll-up: its ``table``, and how its rows are counted.

    ``sums`` are the names of the columns that hold counts; all other columns are keys, the day
    first. ``counted`` is a select of all columns for some cases: replace ``{chosen}`` in it by an
    SQL condition on ``case_key``. Rows that it gives with the same keys are to be added up.
    """

    table: Table
    sums: tuple[str, ...]
    counted: str

    @property
    def name(self) -> str:
        """The name of the table."""
        return self.table.name

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of all columns but ``sums``; the first is the day."""
        return tuple(column.name for column in self.table.columns if column.name not in self.sums)

    @property
    def day(self) -> str:
        """The name of the column that holds the day."""
        return self.keys[0]


_OF_CASES: Final = "account, channel, case_type, team"
_OF_MESSAGES: Final = "direction, status, kind, template_name, template_category"

ROLLUPS: Final = (
    Rollup(
        message_days,
        ("messages", "answered", "in_window"),
        f"""select sent_day, opened_day, {_OF_CASES}, {_OF_MESSAGES},
            count(*) as messages, count(*) filter (answered) as answered,
            count(*) filter (in_window) as in_window
        from messages where {{chosen}} group by all""",
    ),
    Rollup(
        case_days,
        ("created", "attended_by_now", "attended"),
        f"""select opened_day as day, {_OF_CASES}, count(*) as created,
            count(first_attended_at) as attended_by_now, 0 as attended
        from cases where counted and {{chosen}} group by all
        union all
        select attended_day, {_OF_CASES}, 0, 0, count(*)
        from cases where counted and attended_day is not null and {{chosen}} group by all""",
    ),
    Rollup(
        active_days,
        ("cases",),
        f"""select day, previous_day, {_OF_CASES}, count(*) as cases
        from (
            select case_key, day, lag(day) over (partition by case_key order by day) as previous_day
            from (
                select case_key, sent_day as day from messages where {{chosen}}
                union
                select case_key, opened_day from cases where counted and {{chosen}})
        ) join cases using (case_key) group by all""",
    ),
)


class Recount:
    """Corrects the roll-ups for some cases whose rows change.

    ``cases_to_count`` is the name of a table with the ``case_key`` of these cases. ``execute`` runs
    an SQL statement. Call ``take_out`` before their rows change and ``put_back`` after it, in the
    same transaction. ``note_days`` is called with SELECTs of each ``day`` that is written anew.
    """

    def __init__(
        self,
        execute: Execute,
        cases_to_count: str,
        note_days: Callable[[str], object] = lambda _: None,
    ) -> None:
        self._execute = execute
        self._note_days = note_days
        self._chosen = f"case_key in (select case_key from {cases_to_count})"

    def take_out(self) -> None:
        """Store the present counts of the cases, as negative numbers, in temporary tables.

        The roll-ups themselves change only in ``put_back``.
        """
        for rollup in ROLLUPS:
            negative = ", ".join(f"-{name} as {name}" for name in rollup.sums)
            self._execute(
                f"create temp table {rollup.name}_change as "
                f"select * replace ({negative}) from ({self._counted(rollup)})"
            )

    def put_back(self) -> None:
        """Correct the roll-ups: subtract the cases' earlier counts and add their present ones.

        All days are written anew on which the cases counted before or count now.
        """
        for rollup in ROLLUPS:
            change, table, day = f"{rollup.name}_change", rollup.name, rollup.day
            self._execute(f"insert into {change} by name {self._counted(rollup)}")
            self._execute(
                f"""insert into {change} by name
                from {table} where {day} in (select {day} from {change})"""
            )
            self._execute(f"delete from {table} where {day} in (select {day} from {change})")
            self._execute(f"insert into {table} by name {summed(rollup, change)}")
            self._note_days(f"select {day} as day from {change}")
            self._execute(f"drop table {change}")

    def _counted(self, rollup: Rollup) -> str:
        return rollup.counted.format(chosen=self._chosen)


def summed(rollup: Rollup, rows: str) -> str:
    """Return a select that adds up ``rows`` (a table) with the same keys, sorted by the keys.

    Rows whose sums are all 0 are left out.
    """
    keys = ", ".join(rollup.keys)
    sums = ", ".join(f"sum({name}) as {name}" for name in rollup.sums)
    all_zero = " and ".join(f"sum({name}) = 0" for name in rollup.sums)
    return f"""select {keys}, {sums} from {rows} group by {keys}
        having not ({all_zero}) order by {keys}"""
