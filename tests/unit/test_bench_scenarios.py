"""The table of scenarios."""

from datetime import date

import pytest

from bench.scenarios import BASES, Scenario, Values, scenarios
from queries.filters import Basis, Filters, Period

VALUES = Values(
    channels=("w", "b", "a", "d"),
    case_types=("t", "s", "r", "q"),
    person="Ana",
    few_cases=("9", "1"),
    many_cases=tuple(str(number) for number in range(1_000)),
)
ALL = {scenario.name: scenario for scenario in scenarios(VALUES)}


def test_there_are_sixteen_with_both_bases() -> None:
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
def test_a_scenario_asks_for(
    name: str, days: int, filters: dict[str, tuple[str, ...]], page: int
) -> None:
    scenario = ALL[name]
    assert scenario.table.page == page
    assert scenario.period.days == days
    assert scenario.period.end == date(2026, 11, 1)
    for basis in BASES:
        asked = scenario.filters(basis)
        assert asked == Filters(period=scenario.period, basis=basis, **filters)
        # As an address would give them: a scenario must not ask what nobody can.
        raw: dict[str, object] = {}
        for field, value in asked.to_query():
            raw[field] = [*raw.get(field, []), value]  # type: ignore[misc]
        assert Filters.parse(raw) == asked


def test_people_and_cases_are_selective() -> None:
    selective = {name for name, scenario in ALL.items() if scenario.is_selective}
    assert selective == {
        "30 days + person",
        "3 years + person",
        "3 years + 20 cases",
        "3 years + 1,000 cases",
    }


def test_a_shift_is_another_question_of_the_same_length() -> None:
    scenario = Scenario("7 days", 7)
    assert scenario.shifted(2).shifted(1).period == Period(date(2026, 10, 23), date(2026, 10, 29))
    assert scenario.shifted(0) == scenario
