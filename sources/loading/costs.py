"""Keeps ``cost_lines``, what each message costs, and the roll-up ``cost_days`` right.

Without rules and prices (``consumo-whatsapp rates import``) a line depends on its message alone: a
load derives the lines of the cases that it writes. With them a line also depends on the messages
before it in the month, because some of them are free and prices depend on how many there are. Then
a load derives all lines of each group that it touches: the messages of a business account in a
month, by the business account's time zone.

Only lines that differ are written. ``sources/loading/charges.py`` says what a message costs.
"""

from typing import Final

from queries.tables import cost_days, cost_lines
from sources.loading import outbox
from sources.loading.charges import CHARGED_DAY, derive_lines
from sources.loading.load_connection import LoadConnection
from sources.loading.rollups import Rollup, summed

_ROLLUP: Final = Rollup(
    cost_days,
    ("messages", "amount", "list_amount", "in_window", "compared", "extra_amount"),
    "",
)
_LINE: Final = ", ".join(column.name for column in cost_lines.columns)


class CostChange:
    """Derives the costs again that depend on some cases whose rows change.

    ``cases`` is the name of a table with their ``case_key``. Call ``begin`` before the rows change
    and ``end`` after it, in the same transaction.
    """

    def __init__(self, load: LoadConnection, cases: str) -> None:
        self._load = load
        self._of_cases = f"case_key in (select case_key from {cases})"
        self._has_rules = has_rules(load)

    def begin(self) -> None:
        """Make ``cost_groups`` of the groups to which the cases' lines belong now."""
        self._load.execute(
            f"""create temp table cost_groups as
            select distinct account, business_account, month
            from cost_lines where {self._of_cases}"""
        )

    def end(self) -> None:
        """Add the groups of the cases' messages as they are now, and write what differs."""
        load = self._load
        load.execute(
            f"""insert into cost_groups
            select distinct m.account, m.business_account,
                date_trunc('month', {CHARGED_DAY})::date as month
            from messages m left join business_accounts b using (business_account)
            where m.direction = 'out' and {self._of_cases}"""
        )
        _derive_groups(load, None if self._has_rules else self._of_cases)


def derive_all_costs(load: LoadConnection) -> None:
    """Derive the costs of all messages again, as after a change of prices, rules or zones."""
    load.execute(
        f"""create temp table cost_groups as
        select distinct m.account, m.business_account,
            date_trunc('month', {CHARGED_DAY})::date as month
        from messages m left join business_accounts b using (business_account)
        where m.direction = 'out'
        union
        select distinct account, business_account, month from cost_lines"""
    )
    _derive_groups(load, None)


def has_rules(load: LoadConnection) -> bool:
    """Return whether rules or prices were imported: with either, the order of messages counts."""
    return bool(load.value("select exists (from cost_rules) or exists (from cost_rates)"))


def _derive_groups(load: LoadConnection, of_cases: str | None) -> None:
    """Derive the lines of ``cost_groups``, month by month: all of them would need much memory.

    ``of_cases`` is a condition on ``case_key`` that limits them to some cases; None for all.
    """
    load.execute("create temp table new_cost_lines as from cost_lines limit 0")
    load.execute("create temp table cost_line_change as select 1 as sign, * from new_cost_lines")
    months = load.connection.execute(
        "select distinct month from cost_groups order by month"
    ).fetchall()
    load.progress("deriving costs", 0)
    for (month,) in months:
        load.execute("delete from new_cost_lines")
        derive_lines(load, month, of_cases or "true")
        _find_differences(load, of_cases or "true", {"month": month})
    _write_differences(load)
    for table in ("new_cost_lines", "cost_line_change", "cost_groups"):
        load.execute(f"drop table {table}")


def _find_differences(load: LoadConnection, of_cases: str, month: dict[str, object]) -> None:
    """Add to ``cost_line_change`` the lines that are new (``sign`` 1) or gone (-1)."""
    load.execute(
        f"""create temp table old_cost_lines as
        select l.* from cost_lines l semi join cost_groups g
            on g.account = l.account and g.month = l.month
            and g.business_account is not distinct from l.business_account
        where l.month = $month and {of_cases}""",
        month,
    )
    for sign, lines, others in (
        (1, "new_cost_lines", "old_cost_lines"),
        (-1, "old_cost_lines", "new_cost_lines"),
    ):
        load.execute(
            f"""insert into cost_line_change select {sign}, * from (
                select {_LINE} from {lines} except all select {_LINE} from {others})"""
        )
    load.execute("drop table old_cost_lines")


def _write_differences(load: LoadConnection) -> None:
    """Replace the lines that changed, and correct the roll-up on their days."""
    if not load.count("cost_line_change"):
        return
    outbox.note(load, "costs", "select sent_day as day from cost_line_change")
    load.execute(
        """delete from cost_lines l using cost_line_change c
        where c.sign = -1 and c.account = l.account and c.message_id = l.message_id"""
    )
    load.execute(
        f"""insert into cost_lines by name select {_LINE} from cost_line_change where sign = 1
        order by sent_at, message_id, account"""
    )
    keys = ", ".join(_ROLLUP.keys)
    load.execute(
        f"""create temp table cost_days_change as
        select {keys}, sum(sign) as messages, sum(sign * coalesce(amount, 0)) as amount,
            sum(sign * coalesce(rate, 0)) as list_amount,
            sum(sign * in_window::int) as in_window,
            sum(sign * (extra_amount is not null)::int) as compared,
            sum(sign * coalesce(extra_amount, 0)) as extra_amount
        from cost_line_change group by {keys}"""
    )
    load.execute(
        """insert into cost_days_change by name
        from cost_days where sent_day in (select sent_day from cost_line_change)"""
    )
    load.execute("delete from cost_days where sent_day in (select sent_day from cost_line_change)")
    load.execute(f"insert into cost_days by name {summed(_ROLLUP, 'cost_days_change')}")
    load.execute("drop table cost_days_change")
