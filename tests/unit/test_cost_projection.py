"""The projection of the month's cost: its range holds in as many cases as it claims."""

import random
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from queries.cost_projection import CostDay, first_day_needed, project

FREE = 300


def history(draw: random.Random, first: date, last: date) -> list[CostDay]:
    """Days of an operation: fewer messages at weekends, a trend, and noise of weeks and days.

    Of service the first ``FREE`` of a month cost nothing.
    """
    trend = draw.uniform(-0.001, 0.001)
    days: list[CostDay] = []
    used = 0
    week = 1.0
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if day.day == 1:
            used = 0
        if day.weekday() == 0:
            week = draw.uniform(0.7, 1.3)
        level = 40 * (1 + trend * number) * week * (0.3 if day.weekday() > 4 else 1)
        for category, price, share in (("service", 40_000, 1.0), ("marketing", 300_000, 0.2)):
            messages = max(0, round(draw.gauss(level * share, 4)))
            free = min(messages, max(0, FREE - used)) if category == "service" else 0
            used += messages if category == "service" else 0
            amount = (messages - free) * price
            days.append(CostDay(day, category, "BRL", messages, amount, messages * price))
    return days


def cut_months(seed: int) -> Iterator[tuple[list[CostDay], date, float, int]]:
    """Random months of random operations, cut at a random day: days, today, what is free, end."""
    draw = random.Random(seed)
    for _ in range(60):
        days = history(draw, date(2023, 1, 1), date(2025, 12, 31))
        for _ in range(3):
            month = date(draw.choice([2024, 2025]), draw.randint(2, 12), 1)
            length = monthrange(month.year, month.month)[1]
            today = month.replace(day=draw.randint(1, length))
            known = [day for day in days if first_day_needed(today) <= day.day <= today]
            used = sum(
                day.messages for day in known if day.day >= month and day.category == "service"
            )
            end = sum(
                day.amount for day in days if month <= day.day < month + timedelta(days=length)
            )
            yield known, today, max(0, FREE - used), end


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_range_holds_in_as_many_cases_as_it_claims(seed: int) -> None:
    held, claimed, cases = 0, 0.0, 0
    for days, today, left, end in cut_months(seed):
        [found] = project(days, today, {"service": left})
        held += found.low <= end <= found.high
        claimed += (found.months - 1) / (found.months + 1)
        cases += 1
    assert cases == 180
    assert held >= claimed


def test_a_range_is_narrower_than_from_nothing_to_twice_the_end() -> None:
    """A range that holds because it says nothing would be of no use."""
    widths = []
    for days, today, left, end in cut_months(4):
        [found] = project(days, today, {"service": left})
        widths.append((found.high - found.low) / end)
    assert sorted(widths)[len(widths) // 2] < 0.5


def test_with_few_months_nothing_is_said() -> None:
    draw = random.Random(5)
    days = history(draw, date(2025, 1, 1), date(2025, 4, 10))
    assert project(days, date(2025, 4, 10), {}) == []


def test_what_was_spent_is_the_least_that_the_month_costs() -> None:
    draw = random.Random(6)
    days = history(draw, date(2024, 1, 1), date(2025, 3, 31))
    spike = [*days, CostDay(date(2025, 3, 31), "marketing", "BRL", 9_999, 9_999_000_000, 1)]
    [found] = project(spike, date(2025, 3, 31), {})
    assert found.so_far <= found.low <= found.high


def test_each_currency_has_a_range_of_its_own() -> None:
    draw = random.Random(7)
    days = history(draw, date(2024, 1, 1), date(2025, 3, 20))
    both = [*days, *(CostDay(d.day, "login", "USD", 5, 50_000, 50_000) for d in days[::2])]
    found = {one.currency: one for one in project(both, date(2025, 3, 20), {})}
    alone = {one.currency: one for one in project(days, date(2025, 3, 20), {})}
    assert found.keys() == {"BRL", "USD"}
    assert found["USD"].so_far == 20 * 50_000
    assert found["BRL"].so_far == alone["BRL"].so_far
