"""Statements compiled once a shape equal those that SQLAlchemy compiles one by one."""

from datetime import UTC, date, datetime
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from components.panels import PANELS
from queries import option_search, options
from queries.compiling import Compiler
from queries.engines.duckdb.dialect import make_dialect
from queries.filters import Basis, Filters
from queries.panel import FIRST_PAGE, PanelRequest, SummaryQuery
from queries.panels import details, waiting
from queries.period import Period
from queries.sql_functions import Statement, is_one_of_keys
from queries.table_request import TableRequest
from queries.tables import cases
from queries.user_scope import EVERYTHING, Scope

DIALECT = make_dialect()
NOW = datetime(2026, 11, 20, 18, 30)  # noqa: DTZ001 - as times are stored
PERIODS = [
    Period(date(2026, 10, 1), date(2026, 10, 30)),
    Period(date(2025, 1, 1), date(2026, 10, 30)),
]
CHANNELS: list[tuple[str, ...]] = [(), ("a",), ("b",), ("a", "b"), tuple(map(str, range(30)))]
OTHERS: list[dict[str, tuple[object, ...]]] = [
    {},
    {"case_keys": (1, 2, 3)},
    {"case_keys": ()},
    {"status": ("read",), "person": ("Ana",)},
    {"agent": ("x",), "template": ("t", "u")},
]


def by_itself(statement: Statement) -> tuple[str, tuple[object, ...]]:
    compiled = statement.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
    return str(compiled), tuple(compiled.params[name] for name in compiled.positiontup or ())


def statements(filters: Filters, scope: Scope) -> list[Statement]:
    def request(table: TableRequest = FIRST_PAGE) -> PanelRequest:
        return PanelRequest(filters, scope, NOW.replace(tzinfo=UTC), table)

    table = TableRequest(sort="-status", where=(("case_number", "0"), ("status", "l")), page=3)
    at = details.PagePosition(PERIODS[0], 3)
    closing = TableRequest(where=(("window", "under_2h"),))
    return [
        *(
            panel.query.query(request())
            for panel in PANELS
            if isinstance(panel.query, SummaryQuery)
        ),
        details.days_query(request()),
        details.days_query(request(table)),
        details.page_query(request(), at),
        details.page_query(request(table), at),
        details.rows_query(request(table), None),
        details.rows_query(request(table), PERIODS[0]),
        waiting.windows_query(request(), NOW),
        waiting.page_query(request(TableRequest(page=1)), NOW, 100),
        waiting.page_query(request(TableRequest(page=9)), NOW, 100),
        waiting.page_query(request(closing), NOW, 100),
        waiting.rows_query(request(), NOW),
        options.query("channel", filters, scope),
        options.query("status", filters, scope),
        option_search.query(
            "case",
            filters,
            scope,
            option_search.Step(("a", "b"), options.Part(50, 50), since=date(2026, 1, 1)),
        ),
        option_search.query("person", filters, scope, option_search.Step((), options.Part(0, 50))),
    ]


@pytest.mark.parametrize("scope", [EVERYTHING, Scope(channels=("a",), see_phones=True)], ids=repr)
@pytest.mark.parametrize("basis", Basis)
def test_reused_statements_have_the_sql_and_parameters_of_fresh_ones(
    basis: Basis, scope: Scope
) -> None:
    compiler = Compiler(DIALECT)
    for period, channel, others in product(PERIODS, CHANNELS, OTHERS):
        filters = Filters(period=period, basis=basis, channel=channel, **others)  # type: ignore[arg-type]
        for statement in statements(filters, scope):
            assert compiler.compiled(statement) == by_itself(statement)


def test_a_reused_statement_gets_the_new_values() -> None:
    compiler = Compiler(DIALECT)
    first, second = (
        compiler.compiled(select(cases.c.case_id).where(cases.c.channel == channel))
        for channel in ("a", "b")
    )
    assert first[0] == second[0]
    assert (first[1], second[1]) == (("a",), ("b",))


def test_what_one_function_makes_of_equal_arguments_is_made_once() -> None:
    made: list[tuple[object, ...]] = []

    def make(*keys: int) -> Statement:
        made.append(keys)
        return select(cases.c.case_id).where(is_one_of_keys(cases.c.case_key, keys))

    compiler = Compiler(DIALECT)
    short, long = (1, 2), tuple(range(1_000))
    for keys in (short, short, long, long, short):
        assert compiler.made(make, *keys) == compiler.compiled(make(*keys))
    # Each is made once for the comparison; of the long list nothing is kept.
    assert made.count(short) == 3 + 1
    assert made.count(long) == 2 + 2


def test_the_two_times_of_a_repeated_hour_are_two_requests() -> None:
    zone = ZoneInfo("Europe/Madrid")
    first, second = (datetime(2026, 10, 25, 2, 30, tzinfo=zone, fold=fold) for fold in (0, 1))
    filters = Filters(period=PERIODS[0])
    requests = [PanelRequest(filters, EVERYTHING, now) for now in (first, second, first)]
    assert first == second
    assert requests[0] == requests[2] != requests[1]
    assert len({*requests}) == 2
