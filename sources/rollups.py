"""Counts by day beside the tables they count: kept exact by taking out and putting back.

A load changes the rows of some cases. What those cases count for is taken out of the roll-ups
before the rows change, and put back after: whatever changed, the sums are those of the new rows,
and only the days of those cases are written.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

#: Runs a statement.
Execute = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Rollup:
    """One roll-up: its ``day``, what else tells its rows apart, its sums, and where they come from.

    ``counted`` is a select of ``day``, ``keys`` and ``sums`` over the cases for which ``{chosen}``
    holds, a condition on ``case_key``; rows of one key may stand in it several times.
    """

    table: str
    day: str
    keys: tuple[str, ...]
    sums: tuple[str, ...]
    counted: str


_CASE_KEYS: Final = ("account", "channel", "case_type", "team")
_OF_CASES: Final = ", ".join(_CASE_KEYS)
_MESSAGE_KEYS: Final = ("direction", "status", "kind", "template_name", "template_category")
_OF_MESSAGES: Final = ", ".join(_MESSAGE_KEYS)

ROLLUPS: Final = (
    Rollup(
        "message_days",
        "sent_day",
        ("opened_day", *_CASE_KEYS, *_MESSAGE_KEYS),
        ("messages", "answered", "in_window"),
        f"""select sent_day, opened_day, {_OF_CASES}, {_OF_MESSAGES},
            count(*) as messages, count(*) filter (answered) as answered,
            count(*) filter (in_window) as in_window
        from messages where {{chosen}} group by all""",
    ),
    Rollup(
        "case_days",
        "day",
        _CASE_KEYS,
        ("created", "attended_by_now", "attended"),
        f"""select opened_day as day, {_OF_CASES}, count(*) as created,
            count(first_attended_at) as attended_by_now, 0 as attended
        from cases where counted and {{chosen}} group by all
        union all
        select attended_day, {_OF_CASES}, 0, 0, count(*)
        from cases where counted and attended_day is not null and {{chosen}} group by all""",
    ),
    Rollup(
        "active_days",
        "day",
        ("previous_day", *_CASE_KEYS),
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
    """Keeps the roll-ups exact while the cases in the table ``cases_changed`` change.

    ``take_out`` before, ``put_back`` after, in one transaction.
    """

    def __init__(self, execute: Execute, cases_changed: str) -> None:
        self._execute = execute
        self._chosen = f"case_key in (select case_key from {cases_changed})"

    def take_out(self) -> None:
        """Note what the cases count for while their rows are as they were."""
        for rollup in ROLLUPS:
            signed = ", ".join(f"-{name} as {name}" for name in rollup.sums)
            self._execute(
                f"create temp table {rollup.table}_change as "
                f"select * replace ({signed}) from ({self._counted(rollup)})"
            )

    def put_back(self) -> None:
        """Count the cases' new rows, and write the days that any of this touches."""
        for rollup in ROLLUPS:
            change, table, day = f"{rollup.table}_change", rollup.table, rollup.day
            self._execute(f"insert into {change} by name {self._counted(rollup)}")
            self._execute(
                f"""insert into {change} by name
                from {table} where {day} in (select {day} from {change})"""
            )
            self._execute(f"delete from {table} where {day} in (select {day} from {change})")
            self._execute(f"insert into {table} by name {_summed(rollup, change)}")
            self._execute(f"drop table {change}")

    def _counted(self, rollup: Rollup) -> str:
        return rollup.counted.format(chosen=self._chosen)


def count_all(execute: Execute) -> None:
    """Fill the roll-ups, which must be empty, from all cases and messages."""
    for rollup in ROLLUPS:
        counted = rollup.counted.format(chosen="true")
        execute(f"insert into {rollup.table} by name {_summed(rollup, f'({counted})')}")


def _summed(rollup: Rollup, rows: str) -> str:
    """One row a key, without those that count for nothing, in the order in which they are read."""
    keys = ", ".join((rollup.day, *rollup.keys))
    sums = ", ".join(f"sum({name}) as {name}" for name in rollup.sums)
    nothing = " and ".join(f"sum({name}) = 0" for name in rollup.sums)
    return f"""select {keys}, {sums} from {rows} group by {keys}
        having not ({nothing}) order by {keys}"""
