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
    """A scenario as the store's own keys say it; ``people`` and ``cases`` are None for all."""

    scenario: Scenario
    basis: Basis
    people: list[int] | None = None
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

    def condition(self) -> tuple[str, dict[str, Any]]:
        """What the filters ask of a message or a case: both have the same columns for it."""
        asked = {
            "channel": self.scenario.channel,
            "case_type": self.scenario.case_type,
            "person_id": self.people,
            "case_key": self.cases,
        }
        parts = ["true"]
        parameters: dict[str, Any] = {}
        for column, values in asked.items():
            if values is None or values == ():
                continue
            if len(values) == 1:
                parts.append(f"{column} = ${column}")
                parameters[column] = values[0]
            else:
                parts.append(f"{column} in (select unnest(${column}))")
                parameters[column] = list(values)
        return " and ".join(parts), parameters


def people(names: tuple[str, ...]) -> Statement:
    """``person_id`` of everybody of these names."""
    return (
        "select person_id from people where person_name in (select unnest($names))",
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
    return _of_messages(wanted, f"{wanted.day}, direction, count(*)", "group by all")


def messages_by_status(wanted: Wanted) -> Statement:
    """``direction, status, messages``."""
    return _of_messages(wanted, "direction, status, count(*)", "group by all")


def cases_over_time(wanted: Wanted) -> Statement:
    """``day, created, attended``; a day may stand in two rows."""
    condition, parameters = wanted.condition()
    parameters |= {"start": wanted.start, "end": wanted.end}
    if wanted.basis is Basis.OPENED:
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
    """``template_name, sent, delivered, read, failed, answered``."""
    return _of_messages(
        wanted,
        """template_name,
            count(*) filter (status not in ('new', 'unknown')) as sent,
            count(*) filter (status in ('delivered', 'read')),
            count(*) filter (status = 'read'),
            count(*) filter (status = 'failed'),
            count(*) filter (answered)""",
        "and direction = 'out' and kind = 'hsm' group by all order by sent desc, template_name",
    )


def indicators_of_messages(wanted: Wanted) -> Statement:
    """``is_now, messages, sent, sent_out, arrived, read, failed``: this period and the one before.

    One pass over both, which lie beside each other but for some days.
    """
    return _of_both(
        wanted,
        "messages",
        wanted.day,
        """count(*),
            count(*) filter (direction = 'out'),
            count(*) filter (direction = 'out' and status not in ('new', 'unknown')),
            count(*) filter (direction = 'out' and status in ('delivered', 'read')),
            count(*) filter (direction = 'out' and status = 'read'),
            count(*) filter (direction = 'out' and status = 'failed')""",
    )


def indicators_of_cases(wanted: Wanted) -> Statement:
    """``is_now, created, attended by now``."""
    return _of_both(wanted, "cases", "opened_day", "count(*), count(attended_day)")


def indicators_of_attendance(wanted: Wanted) -> Statement:
    """``is_now, attended``, by the day of the first attendance."""
    return _of_both(wanted, "cases", "attended_day", "count(*)")


def indicators_of_responses(wanted: Wanted) -> Statement:
    """``is_now, [median, 90th percentile]`` of the seconds to the first response."""
    day = "opened_day" if wanted.basis is Basis.OPENED else "response_day"
    return _of_both(wanted, "cases", day, "quantile_cont(first_response_seconds, [0.5, 0.9])")


def total(wanted: Wanted) -> Statement:
    """How many messages there are in all."""
    return _of_messages(wanted, "count(*)", "")


def page(wanted: Wanted) -> Statement:
    """The rows of the page: where they lie is found first, then only they are read whole."""
    table = wanted.scenario.table
    order = "sent_at desc, message_id desc, account desc"
    found, parameters = _of_messages(
        wanted, "rowid as place", f"order by {order} limit $rows offset $before"
    )
    parameters |= {"rows": table.page_size, "before": table.page * table.page_size}
    sql = f"""select {_ROW}
        from messages m join ({found}) f on m.rowid = f.place
        join cases c on c.case_key = m.case_key join people p on p.person_id = m.person_id
        order by m.sent_at desc, m.message_id desc, m.account desc"""
    return sql, parameters


def _of_messages(wanted: Wanted, what: str, rest: str) -> Statement:
    condition, parameters = wanted.condition()
    parameters |= {"start": wanted.start, "end": wanted.end}
    sql = f"""select {what} from messages
        where {wanted.day} between $start and $end and {condition} {rest}"""
    return sql, parameters


def _of_both(wanted: Wanted, table: str, day: str, what: str) -> Statement:
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
        {counted} and {condition} group by is_now"""
    return sql, parameters
