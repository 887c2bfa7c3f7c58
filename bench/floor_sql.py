"""The floor's statements: hand-written DuckDB SQL, one function a panel.

Each gives the text of a statement and its parameters. What the filters ask for is found first
(``Wanted``), so that no statement has to look up a person or a case by name again.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from bench.scenarios import Scenario
from queries.filters import Basis

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
class Wanted:
    """A scenario as the store's own keys say it; ``cases`` is None for all."""

    scenario: Scenario
    basis: Basis
    cases: list[int] | None = None

    @property
    def day(self) -> str:
        """The column of a message that decides whether it lies in the period."""
        return "opened_day" if self.basis is Basis.OPENED else "sent_day"

    @property
    def start(self) -> date:
        return self.scenario.period.start

    @property
    def end(self) -> date:
        return self.scenario.period.end

    @property
    def rolled_up(self) -> bool:
        """Whether the counts by day answer it: they know no single cases."""
        return self.cases is None

    @property
    def messages(self) -> str:
        """The table that counts messages."""
        return "message_days" if self.rolled_up else "messages"

    def number(self, sum_of: str = "messages") -> str:
        """How many messages of a group there are, or how many of them were answered."""
        if self.rolled_up:
            return f"sum({sum_of})::bigint"
        return "count(*)" if sum_of == "messages" else f"count(*) filter ({sum_of})"

    def condition(self) -> tuple[str, dict[str, Any]]:
        """What the filters ask of a message or a case: all tables have the same columns for it."""
        asked = {"channel": self.scenario.channel, "case_type": self.scenario.case_type}
        parts = ["true"]
        parameters: dict[str, Any] = {}
        for column, values in asked.items():
            if len(values) == 1:
                parts.append(f"{column} = ${column}")
                parameters[column] = values[0]
            elif values:
                parts.append(f"{column} in (select unnest(${column}))")
                parameters[column] = list(values)
        if self.cases is not None:
            parts.append("case_key in (select unnest($cases))")
            parameters["cases"] = self.cases
        return " and ".join(parts), parameters


def cases_of(names: tuple[str, ...]) -> Statement:
    """``case_key`` of every case of these persons."""
    return (
        """select case_key from cases where person_id in (
            select person_id from people where person_name in (select unnest($names)))""",
        {"names": list(names)},
    )


def cases(numbers: tuple[str, ...]) -> Statement:
    """``case_key`` of every case of these numbers."""
    return (
        "select case_key from cases where case_number in (select unnest($numbers))",
        {"numbers": list(numbers)},
    )


def messages_by_origin(wanted: Wanted) -> Statement:
    """``day, direction, messages``."""
    return _of_messages(wanted, f"{wanted.day}, direction, {wanted.number()}", "group by all")


def messages_by_status(wanted: Wanted) -> Statement:
    """``direction, status, messages``."""
    return _of_messages(wanted, f"direction, status, {wanted.number()}", "group by all")


def cases_over_time(wanted: Wanted) -> Statement:
    """``day, created, attended``; a day may stand in two rows."""
    condition, parameters = wanted.condition()
    parameters |= {"start": wanted.start, "end": wanted.end}
    by_opening = wanted.basis is Basis.OPENED
    if wanted.rolled_up:
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


def templates(wanted: Wanted) -> Statement:
    """``template_name, status, messages, answered``."""
    return _of_messages(
        wanted,
        f"template_name, status, {wanted.number()}, {wanted.number('answered')}",
        "and direction = 'out' and kind = 'hsm' group by all",
    )


def failures(wanted: Wanted) -> Statement:
    """``error_code, error_title, messages``: each code with its most frequent title."""
    condition, parameters = wanted.condition()
    parameters |= {"start": wanted.start, "end": wanted.end}
    sql = f"""select error_code, arg_max(error_title, number), sum(number)::bigint from (
            select error_code, error_title, count(*) as number from messages
            where {wanted.day} between $start and $end and {condition}
                and direction = 'out' and status = 'failed' group by all)
        group by all"""
    return sql, parameters


def hsm_in_window(wanted: Wanted) -> Statement:
    """``template_category, sent, in_window``."""
    return _of_messages(
        wanted,
        f"template_category, {wanted.number()}, {wanted.number('in_window')}",
        "and direction = 'out' and kind = 'hsm' and status not in ('new', 'unknown') group by all",
    )


def indicators_of_messages(wanted: Wanted) -> Statement:
    """``is_now, direction, status, kind, messages``: this period and the one before.

    One pass over both, which lie beside each other but for some days. To plan a count with a
    condition for each figure takes longer than to count.
    """
    what = f"direction, status, kind, {wanted.number()}"
    return _of_both(wanted, wanted.messages, wanted.day, what, "group by all")


def indicators_of_cases(wanted: Wanted) -> Statement:
    """``is_now, created, attended by now``; of the roll-up also those attended on their day."""
    if wanted.rolled_up:
        sums = "sum(created)::bigint, sum(attended_by_now)::bigint, sum(attended)::bigint"
        return _of_both(wanted, "case_days", "day", sums)
    return _of_both(wanted, "cases", "opened_day", "count(*), count(attended_day)")


def indicators_of_attendance(wanted: Wanted) -> Statement:
    """``is_now, attended``, by the day of the first attendance."""
    return _of_both(wanted, "cases", "attended_day", "count(*)")


def indicators_of_responses(wanted: Wanted) -> Statement:
    """``is_now, [median, 90th percentile]`` of the seconds to the first response."""
    day = "opened_day" if wanted.basis is Basis.OPENED else "response_day"
    return _of_both(wanted, "cases", day, "quantile_cont(first_response_seconds, [0.5, 0.9])")


def days(wanted: Wanted) -> Statement:
    """``sent_day, messages``: from them the page's days are known without reading the others."""
    return _of_messages(wanted, f"sent_day, {wanted.number()}", "group by all")


def page(wanted: Wanted, first: date, last: date, skipped: int) -> Statement:
    """The rows of the page, which lie in these days behind ``skipped`` others."""
    condition, parameters = wanted.condition()
    rows = wanted.scenario.table.page_size
    parameters |= {
        "start": wanted.start,
        "end": wanted.end,
        "first": first,
        "last": last,
        "rows": rows,
        "skipped": skipped,
    }
    sql = f"""with found as (
            select sent_at, message_id, account from messages
            where {wanted.day} between $start and $end and sent_day between $first and $last
                and {condition}
            order by sent_at desc, message_id desc, account desc limit $rows offset $skipped)
        select {_ROW}
        from messages m join found f
            on f.sent_at = m.sent_at and f.message_id = m.message_id and f.account = m.account
        join cases c on c.case_key = m.case_key join people p on p.person_id = m.person_id
        where m.sent_day between $first and $last
        order by m.sent_at desc, m.message_id desc, m.account desc"""
    return sql, parameters


def _of_messages(wanted: Wanted, what: str, rest: str) -> Statement:
    condition, parameters = wanted.condition()
    parameters |= {"start": wanted.start, "end": wanted.end}
    sql = f"""select {what} from {wanted.messages}
        where {wanted.day} between $start and $end and {condition} {rest}"""
    return sql, parameters


def _of_both(
    wanted: Wanted, table: str, day: str, what: str, rest: str = "group by is_now"
) -> Statement:
    condition, parameters = wanted.condition()
    before = wanted.scenario.period.previous()
    parameters |= {
        "before_start": before.start,
        "before_end": before.end,
        "start": wanted.start,
        "end": wanted.end,
    }
    counted = "and counted" if table == "cases" else ""
    sql = f"""select {day} >= $start as is_now, {what} from {table}
        where {day} between $before_start and $end and ({day} <= $before_end or {day} >= $start)
        {counted} and {condition} {rest}"""
    return sql, parameters
