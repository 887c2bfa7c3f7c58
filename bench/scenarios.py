"""The sixteen filter selections that are measured, each with both reference dates.

Which channel, type, person and cases they filter by is read from the store, by rules that choose
the same values whenever the data are the same.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import duckdb

from queries.filters import Basis, Filters
from queries.period import Period
from queries.table_request import TableRequest

#: The moment at which the measured data end; fixed, so that every run measures the same data.
DATA_END: Final = datetime(2026, 11, 1, 12, tzinfo=UTC)
YEAR: Final = 365
THREE_YEARS: Final = 1_096
#: How many channels and how many types the scenario "channels and types" filters by.
SEVERAL: Final = 3
FEW_CASES, MANY_CASES = 20, 1_000
#: The reference dates: a period selects by the day of the message, or of the case's opening.
BASES: Final = tuple(Basis)


@dataclass(frozen=True, slots=True)
class FilterValues:
    """The values that the scenarios filter by; channels and types have the most frequent first."""

    channels: tuple[str, ...]
    case_types: tuple[str, ...]
    person: str
    few_cases: tuple[str, ...]
    many_cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One filter selection and a page of the table.

    The period is the ``days`` days that end ``days_ago`` days before the newest day of the data.
    ``page`` counts from 0. An empty filter selects everything.
    """

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
        """Whether it filters by person or case, which selects few of many messages."""
        return bool(self.person or self.case)

    @property
    def period(self) -> Period:
        end = DATA_END.date() - timedelta(days=self.days_ago)
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
        """Return the same scenario for a period ``days`` earlier, so that no cache has answers."""
        return replace(self, days_ago=self.days_ago + days)


def scenarios(values: FilterValues) -> tuple[Scenario, ...]:
    """Return the sixteen scenarios in the order of the report."""
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


def read_filter_values(connection: duckdb.DuckDBPyConnection) -> FilterValues:
    """Choose the values to filter by from the store's own."""
    return FilterValues(
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
    """Return a person with a typical number of cases.

    It is the upper median by number of cases of those who opened a case in the last 7 days.
    """
    recently = DATA_END.date() - timedelta(days=7)
    rows = connection.execute(
        """select person_name, count(*) as cases
        from cases join people using (person_id) where counted
        group by person_name having max(opened_day) >= $recently
        order by cases, person_name""",
        {"recently": recently},
    ).fetchall()
    return str(rows[len(rows) // 2][0])


def _spread_cases(connection: duckdb.DuckDBPyConnection, count: int) -> tuple[str, ...]:
    """Return ``count`` case numbers at equal distances in the order in which they were opened.

    A store with fewer cases gives all of them.
    """
    rows = connection.execute(
        """select case_number from (
            select case_number, row_number() over (order by opened_at, case_key) - 1 as row_index,
                count(*) over () as cases
            from cases where counted)
        where row_index * $count // cases <> (row_index - 1) * $count // cases or row_index = 0
        order by row_index""",
        {"count": count},
    ).fetchall()
    return tuple(row[0] for row in rows)
