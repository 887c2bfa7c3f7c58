"""The sixteen questions that are measured, each with both bases.

What they ask for (which channel, which person, which cases) is read off the store itself by rules
that give the same of the same data.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import duckdb

from queries.filters import Basis, Filters, Period
from queries.table_request import TableRequest

#: The newest moment of the measured data, so that every run measures the same.
UNTIL: Final = datetime(2026, 11, 1, 12, tzinfo=UTC)
YEAR: Final = 365
THREE_YEARS: Final = 1_096
SEVERAL: Final = 3
FEW_CASES, MANY_CASES = 20, 1_000
BASES: Final = tuple(Basis)


@dataclass(frozen=True, slots=True)
class Values:
    """What the filters of the scenarios ask for; the first of a list is its most frequent."""

    channels: tuple[str, ...]
    case_types: tuple[str, ...]
    person: str
    few_cases: tuple[str, ...]
    many_cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One question: ``days`` that end ``days_ago`` before the newest day, filters, and a page."""

    name: str
    days: int
    channel: tuple[str, ...] = ()
    case_type: tuple[str, ...] = ()
    person: tuple[str, ...] = ()
    case: tuple[str, ...] = ()
    page: int = 0
    days_ago: int = 0

    @property
    def is_selective(self) -> bool:
        """Whether it asks for a person or for cases: few messages of many."""
        return bool(self.person or self.case)

    @property
    def period(self) -> Period:
        end = UNTIL.date() - timedelta(days=self.days_ago)
        return Period(end - timedelta(days=self.days - 1), end)

    @property
    def table(self) -> TableRequest:
        return TableRequest(page=self.page)

    def filters(self, basis: Basis) -> Filters:
        return Filters(
            period=self.period,
            basis=basis,
            channel=tuple(sorted(self.channel)),
            case_type=tuple(sorted(self.case_type)),
            person=self.person,
            case=tuple(sorted(self.case)),
        )

    def shifted(self, days: int) -> "Scenario":
        """The same of a period as many days earlier: a question nobody has asked yet."""
        return replace(self, days_ago=self.days_ago + days)


def scenarios(values: Values) -> tuple[Scenario, ...]:
    """The sixteen, in the order in which they are reported."""
    channel, case_type = values.channels[:1], values.case_types[:1]
    person = (values.person,)
    return (
        Scenario("7 days", 7),
        Scenario("30 days", 30),
        Scenario("30 days + channel", 30, channel=channel),
        Scenario("30 days + person", 30, person=person),
        Scenario("90 days + channel + type", 90, channel=channel, case_type=case_type),
        Scenario("1 year", YEAR),
        Scenario("3 years", THREE_YEARS),
        Scenario("3 years + channel", THREE_YEARS, channel=channel),
        Scenario("3 years + type", THREE_YEARS, case_type=case_type),
        Scenario(
            "3 years + channels and types",
            THREE_YEARS,
            channel=values.channels[:SEVERAL],
            case_type=values.case_types[:SEVERAL],
        ),
        Scenario("3 years + person", THREE_YEARS, person=person),
        Scenario("3 years + 20 cases", THREE_YEARS, case=values.few_cases),
        Scenario("3 years + 1,000 cases", THREE_YEARS, case=values.many_cases),
        Scenario("30 days, page 1,000", 30, page=999),
        Scenario("3 years, page 10,000", THREE_YEARS, page=9_999),
        Scenario("3 years + channel, page 10,000", THREE_YEARS, channel=channel, page=9_999),
    )


def values_of(connection: duckdb.DuckDBPyConnection) -> Values:
    """What to ask of this store."""
    return Values(
        channels=_by_frequency(connection, "channel"),
        case_types=_by_frequency(connection, "case_type"),
        person=_person(connection),
        few_cases=_spread_cases(connection, FEW_CASES),
        many_cases=_spread_cases(connection, MANY_CASES),
    )


def _by_frequency(connection: duckdb.DuckDBPyConnection, column: str) -> tuple[str, ...]:
    rows = connection.execute(
        f"""select {column} from cases where counted and {column} is not null
        group by {column} order by count(*) desc, {column}"""
    ).fetchall()
    return tuple(row[0] for row in rows)


def _person(connection: duckdb.DuckDBPyConnection) -> str:
    """Of those who asked for something lately, one with the median-high number of cases."""
    lately = UNTIL.date() - timedelta(days=7)
    rows = connection.execute(
        """select person_name, count(*) as cases
        from cases join people using (person_id) where counted
        group by person_name having max(opened_day) >= $lately
        order by cases, person_name""",
        {"lately": lately},
    ).fetchall()
    return str(rows[len(rows) // 2][0])


def _spread_cases(connection: duckdb.DuckDBPyConnection, count: int) -> tuple[str, ...]:
    """Case numbers at equal distances in the order of opening."""
    rows = connection.execute(
        """select case_number from (
            select case_number, row_number() over (order by opened_at, case_key) - 1 as place,
                count(*) over () as cases
            from cases where counted)
        where place * $count // cases <> (place - 1) * $count // cases or place = 0
        order by place""",
        {"count": count},
    ).fetchall()
    return tuple(row[0] for row in rows)
