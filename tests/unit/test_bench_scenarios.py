"""The sixteen scenarios of the benchmark."""

from datetime import date

import pytest

from bench.scenarios import BASES, FilterValues, Scenario, scenarios
from queries.filters import Basis, Filters
from queries.period import Period

VALUES = FilterValues(
    channels=("w", "b", "a", "d"),
    case_types=("t", "s", "r", "q"),
    person="Ana",
    few_cases=("9", "1"),
    many_cases=tuple(str(number) for number in range(1_000)),
)
ALL = {scenario.name: scenario for scenario in scenarios(VALUES)}


def test_there_are_sixteen_scenarios_and_both_bases() -> None:
    assert len(ALL) == len(scenarios(VALUES)) == 16
    assert BASES == (Basis.SENT, Basis.OPENED)


@pytest.mark.parametrize(
    ("name", "days", "filters", "page"),
    [
        ("7 days", 7, {}, 0),
        ("30 days", 30, {}, 0),
        ("30 days + channel", 30, {"channel": ("w",)}, 0),
        ("30 days + person", 30, {"person": ("Ana",)}, 0),
        ("90 days + channel + type", 90, {"channel": ("w",), "case_type": ("t",)}, 0),
        ("1 year", 365, {}, 0),
        ("3 years", 1_096, {}, 0),
        ("3 years + channel", 1_096, {"channel": ("w",)}, 0),
        ("3 years + type", 1_096, {"case_type": ("t",)}, 0),
        (
            "3 years + channels and types",
            1_096,
            {"channel": ("a", "b", "w"), "case_type": ("r", "s", "t")},
            0,
        ),
        ("3 years + person", 1_096, {"person": ("Ana",)}, 0),
        ("3 years + 20 cases", 1_096, {"case": ("1", "9")}, 0),
        ("3 years + 1,000 cases", 1_096, {"case": tuple(sorted(VALUES.many_cases))}, 0),
        ("30 days, page 1,000", 30, {}, 999),
        ("3 years, page 10,000", 1_096, {}, 9_999),
        ("3 years + channel, page 10,000", 1_096, {"channel": ("w",)}, 9_999),
    ],
)
def test_each_scenario_has_its_period_filters_and_page(
    name: str, days: int, filters: dict[str, tuple[str, ...]], page: int
) -> None:
    scenario = ALL[name]
    assert scenario.table.page == page
    assert scenario.period.days == days
    assert scenario.period.end == date(2026, 11, 1)
    for basis in BASES:
        filters_asked = scenario.filters(basis)
        assert filters_asked == Filters(period=scenario.period, basis=basis, **filters)
        # The filters must be ones that an address can hold, or nobody could ask for them.
        raw: dict[str, object] = {}
        for field, value in filters_asked.to_query():
            raw[field] = [*raw.get(field, []), value]  # type: ignore[misc]
        assert Filters.parse(raw) == filters_asked


def test_scenarios_with_a_person_or_cases_are_selective() -> None:
    selective = {name for name, scenario in ALL.items() if scenario.is_selective}
    assert selective == {
        "30 days + person",
        "3 years + person",
        "3 years + 20 cases",
        "3 years + 1,000 cases",
    }


def test_a_shifted_scenario_has_an_earlier_period_of_the_same_length() -> None:
    scenario = Scenario("7 days", 7)
    assert scenario.shifted(2).shifted(1).period == Period(date(2026, 10, 23), date(2026, 10, 29))
    assert scenario.shifted(0) == scenario
