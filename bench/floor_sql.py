"""The floor's statements: hand-written DuckDB SQL, one function for each panel.

Each function returns the text of a statement and its parameters; its docstring names the columns of
the rows. Persons and case numbers are looked up once before (``ResolvedScenario``), so that no
statement has to do it again.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from bench.scenarios import Scenario
from queries.filters import Basis
from queries.period import comparison

#: A statement and its parameters by name.
Statement = tuple[str, dict[str, Any]]

_ROW = """
    m.message_id, c.case_number, m.case_type, 'WhatsApp' as channel, m.kind, m.template_name,
    m.status, m.phone, case when m.direction = 'out' then m.body end as reply, m.seq, c.opened_at,
    m.last_agent, m.session_type, m.sent_at, p.person_name, m.direction,
    case when m.direction = 'in' then m.body end as customer_message, m.team,
    case when c.closed_at is null then 'open' else 'closed' end as case_state, m.business_number,
    m.error_code, m.error_title, c.case_id"""


@dataclass(frozen=True, slots=True)
class ResolvedScenario:
    """A scenario whose persons or case numbers are replaced by the store's case keys.

    ``case_keys`` is None where the scenario filters by neither.
    """

    scenario: Scenario
    basis: Basis
    case_keys: list[int] | None = None

    @property
    def period_column(self) -> str:
        """The column that decides whether a message lies in the period."""
        return "opened_day" if self.basis is Basis.OPENED else "sent_day"

    @property
    def start(self) -> date:
        return self.scenario.period.start

    @property
    def end(self) -> date:
        return self.scenario.period.end

    @property
    def uses_rollups(self) -> bool:
        """Whether the roll-ups by day can answer the scenario: they do not hold single cases."""
        return self.case_keys is None

    @property
    def messages_table(self) -> str:
        """The table to count messages in: the roll-up or the messages themselves."""
        return "message_days" if self.uses_rollups else "messages"

    @property
    def costs_table(self) -> str:
        """The table to add costs up in: the roll-up or the messages that cost something."""
        return "cost_days" if self.uses_rollups else "cost_lines"

    def count_sql(self, column: str = "messages") -> str:
        """Return the SQL that counts a group's messages, or those where ``column`` is true.

        ``column`` is ``messages``, ``answered`` or ``in_window``.
        """
        if self.uses_rollups:
            return f"sum({column})::bigint"
        return "count(*)" if column == "messages" else f"count(*) filter ({column})"

    def filter_sql(self) -> tuple[str, dict[str, Any]]:
        """Return the SQL condition of the filters, without the period, and its parameters.

        It fits every table used here, because all of them have the same filter columns.
        """
        filters = {"channel": self.scenario.channel, "case_type": self.scenario.case_type}
        parts = ["true"]
        parameters: dict[str, Any] = {}
        for column, values in filters.items():
            if len(values) == 1:
                parts.append(f"{column} = ${column}")
                parameters[column] = values[0]
            elif values:
                parts.append(f"{column} in (select unnest(${column}))")
                parameters[column] = list(values)
        if self.case_keys is not None:
            parts.append("case_key in (select unnest($cases))")
            parameters["cases"] = self.case_keys
        return " and ".join(parts), parameters


def keys_of_persons(names: tuple[str, ...]) -> Statement:
    """``case_key`` of every case that these persons opened."""
    return (
        """select case_key from cases where person_id in (
            select person_id from people where person_name in (select unnest($names)))""",
        {"names": list(names)},
    )


def keys_of_cases(numbers: tuple[str, ...]) -> Statement:
    """``case_key`` of every case with one of these case numbers."""
    return (
        "select case_key from cases where case_number in (select unnest($numbers))",
        {"numbers": list(numbers)},
    )


def messages_by_origin(resolved: ResolvedScenario) -> Statement:
    """``day, direction, messages``."""
    return _select_messages(
        resolved, f"{resolved.period_column}, direction, {resolved.count_sql()}", "group by all"
    )


def messages_by_status(resolved: ResolvedScenario) -> Statement:
    """``direction, status, messages``."""
    return _select_messages(resolved, f"direction, status, {resolved.count_sql()}", "group by all")


def cases_over_time(resolved: ResolvedScenario) -> Statement:
    """``day, created, attended``; a day may have two or more rows, to be added up."""
    condition, parameters = resolved.filter_sql()
    parameters |= {"start": resolved.start, "end": resolved.end}
    by_opening = resolved.basis is Basis.OPENED
    if resolved.uses_rollups:
        attended = "attended_by_now" if by_opening else "attended"
        sql = f"""select day, sum(created)::bigint, sum({attended})::bigint from case_days
            where day between $start and $end and {condition} group by all"""
        return sql, parameters
    if by_opening:
        sql = f"""select opened_day, count(*), count(first_attended_at) from cases
            where counted and opened_day between $start and $end and {condition} group by all"""
        return sql, parameters
    sql = f"""
        select opened_day, count(*), 0 from cases
        where counted and opened_day between $start and $end and {condition} group by all
        union all
        select attended_day, 0, count(*) from cases
        where counted and attended_day between $start and $end and {condition} group by all"""
    return sql, parameters


def templates(resolved: ResolvedScenario) -> Statement:
    """``template_name, status, messages, answered``."""
    return _select_messages(
        resolved,
        f"template_name, status, {resolved.count_sql()}, {resolved.count_sql('answered')}",
        "and direction = 'out' and kind = 'hsm' group by all",
    )


def failures(resolved: ResolvedScenario) -> Statement:
    """``error_code, error_title, messages``: each code with its most frequent title."""
    condition, parameters = resolved.filter_sql()
    parameters |= {"start": resolved.start, "end": resolved.end}
    sql = f"""select error_code, arg_max(error_title, number), sum(number)::bigint from (
            select error_code, error_title, count(*) as number from messages
            where {resolved.period_column} between $start and $end and {condition}
                and direction = 'out' and status = 'failed' group by all)
        group by all"""
    return sql, parameters


def hsm_in_window(resolved: ResolvedScenario) -> Statement:
    """``template_category, sent, in_window``."""
    return _select_messages(
        resolved,
        f"template_category, {resolved.count_sql()}, {resolved.count_sql('in_window')}",
        "and direction = 'out' and kind = 'hsm' and status not in ('new', 'unknown') group by all",
    )


def indicators_of_messages(resolved: ResolvedScenario) -> Statement:
    """``is_now, direction, status, kind, messages`` of this period and of the previous one.

    One statement scans both periods, which are adjacent or a few days apart. It groups instead of
    counting each figure with a condition of its own, which takes longer to plan than to run.
    """
    columns = f"direction, status, kind, {resolved.count_sql()}"
    return _select_both_periods(
        resolved, resolved.messages_table, resolved.period_column, columns, "group by all"
    )


def indicators_of_cases(resolved: ResolvedScenario) -> Statement:
    """``is_now, created, attended_by_now``, both by opening day, of both periods.

    From the roll-up there is a fourth column, ``attended``: cases by the day of first attendance.
    """
    if resolved.uses_rollups:
        sums = "sum(created)::bigint, sum(attended_by_now)::bigint, sum(attended)::bigint"
        return _select_both_periods(resolved, "case_days", "day", sums)
    return _select_both_periods(resolved, "cases", "opened_day", "count(*), count(attended_day)")


def indicators_of_attendance(resolved: ResolvedScenario) -> Statement:
    """``is_now, attended`` of both periods: cases by the day of their first attendance."""
    return _select_both_periods(resolved, "cases", "attended_day", "count(*)")


def indicators_of_responses(resolved: ResolvedScenario) -> Statement:
    """``is_now, [median, 90th percentile]`` of both periods: seconds to the first response."""
    day = "opened_day" if resolved.basis is Basis.OPENED else "response_day"
    return _select_both_periods(
        resolved, "cases", day, "quantile_cont(first_response_seconds, [0.5, 0.9])"
    )


def costs(resolved: ResolvedScenario) -> Statement:
    """``by, category, template_name, sent_day, currency, charge, certainty, messages, amount``.

    ``by`` is 0 for rows by day, 1 by template, 2 by category; the other two keys are null.
    """
    of_cost = "currency, charge, certainty"
    condition, parameters = resolved.filter_sql()
    parameters |= {"start": resolved.start, "end": resolved.end}
    sql = f"""select 3 - grouping(category, template_name) as by, category, template_name, sent_day,
            {of_cost}, {resolved.count_sql()}, sum(amount)::bigint
        from {resolved.costs_table}
        where {resolved.period_column} between $start and $end and {condition}
        group by grouping sets
            ((category, {of_cost}), (template_name, {of_cost}), (sent_day, {of_cost}))"""
    return sql, parameters


def extra_costs(resolved: ResolvedScenario) -> Statement:
    """``currency, certainty, compared, amount``: what HSMs in an open window cost more."""
    condition, parameters = resolved.filter_sql()
    parameters |= {"start": resolved.start, "end": resolved.end}
    by_days = resolved.uses_rollups
    compared = "sum(compared)::bigint" if by_days else "count(extra_amount)"
    sql = f"""select currency, certainty, {compared}, sum(extra_amount)::bigint
        from {resolved.costs_table}
        where {resolved.period_column} between $start and $end and {condition}
            and {"in_window > 0" if by_days else "in_window"}
        group by all"""
    return sql, parameters


def free_messages(month: date) -> Statement:
    """``account, business_account, business_number, category, allowance, used`` of ``month``."""
    sql = """select account, business_account, business_number, category, max(allowance),
            max(allowance_place)
        from cost_lines where month = $month and allowance is not null group by all"""
    return sql, {"month": month}


def costs_before(resolved: ResolvedScenario, first: date, today: date) -> Statement:
    """``sent_day, category, currency, messages, amount, list_amount`` of the days until today.

    The days are those from ``first``, whatever the period: the month's end is projected from them.
    """
    condition, parameters = resolved.filter_sql()
    parameters |= {"first": first, "today": today}
    price = "list_amount" if resolved.uses_rollups else "rate"
    sql = f"""select sent_day, category, currency, {resolved.count_sql()}, sum(amount)::bigint,
            sum({price})::bigint
        from {resolved.costs_table} where sent_day between $first and $today and {condition}
        group by all"""
    return sql, parameters


def days(resolved: ResolvedScenario) -> Statement:
    """``sent_day, messages``: they tell which days hold the page's rows and must be read."""
    return _select_messages(resolved, f"sent_day, {resolved.count_sql()}", "group by all")


def page(resolved: ResolvedScenario, first: date, last: date, skipped: int) -> Statement:
    """The rows of one page of the table, with the columns of ``_ROW``, newest first.

    ``first`` and ``last`` are the days to read; ``skipped`` of their rows come before the page.
    """
    condition, parameters = resolved.filter_sql()
    rows = resolved.scenario.table.page_size
    parameters |= {
        "start": resolved.start,
        "end": resolved.end,
        "first": first,
        "last": last,
        "rows": rows,
        "skipped": skipped,
    }
    sql = f"""with found as (
            select sent_at, message_id, account from messages
            where {resolved.period_column} between $start and $end
                and sent_day between $first and $last and {condition}
            order by sent_at desc, message_id desc, account desc limit $rows offset $skipped)
        select {_ROW}
        from messages m join found f
            on f.sent_at = m.sent_at and f.message_id = m.message_id and f.account = m.account
        join cases c on c.case_key = m.case_key join people p on p.person_id = m.person_id
        where m.sent_day between $first and $last
        order by m.sent_at desc, m.message_id desc, m.account desc"""
    return sql, parameters


def _select_messages(resolved: ResolvedScenario, columns: str, rest: str) -> Statement:
    """Select ``columns`` of the filtered messages in the period; ``rest`` ends the statement."""
    condition, parameters = resolved.filter_sql()
    parameters |= {"start": resolved.start, "end": resolved.end}
    sql = f"""select {columns} from {resolved.messages_table}
        where {resolved.period_column} between $start and $end and {condition} {rest}"""
    return sql, parameters


def _select_both_periods(
    resolved: ResolvedScenario, table: str, day: str, columns: str, rest: str = "group by is_now"
) -> Statement:
    """Select ``columns`` of the period and of the one before; ``is_now`` tells them apart."""
    condition, parameters = resolved.filter_sql()
    # The measured data end before today: so no day of the period before is cut.
    before = comparison(resolved.scenario.period, datetime.now(UTC)).period
    parameters |= {
        "before_start": before.start,
        "before_end": before.end,
        "start": resolved.start,
        "end": resolved.end,
    }
    counted = "and counted" if table == "cases" else ""
    sql = f"""select {day} >= $start as is_now, {columns} from {table}
        where {day} between $before_start and $end and ({day} <= $before_end or {day} >= $start)
        {counted} and {condition} {rest}"""
    return sql, parameters
