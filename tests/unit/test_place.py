"""Which days hold a page of the table: the same rows as counting through all of them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.errors import FilterError
from queries.panels import details
from queries.result import ResultSet
from queries.table_request import MAX_SORTED_ROWS, TableRequest

FIRST = date(2026, 1, 1)
DAYS = st.dictionaries(st.integers(0, 40), st.integers(1, 30), max_size=12)


def by_day(counts: dict[int, int]) -> ResultSet:
    rows = [(FIRST + timedelta(days=day), count) for day, count in counts.items()]
    return ResultSet(("day", "messages"), ("DATE", "BIGINT"), rows)


@given(DAYS, st.integers(0, 30), st.integers(1, 50), st.sampled_from([None, "sent_at", "-sent_at"]))
def test_the_page_begins_after_the_skipped_rows_of_its_days(
    counts: dict[int, int], page: int, size: int, sort: str | None
) -> None:
    rows = sorted(
        (FIRST + timedelta(days=day) for day, count in counts.items() for _ in range(count)),
        reverse=sort != "sent_at",
    )
    at = details.page_position(by_day(counts), TableRequest(sort=sort, page=page, page_size=size))
    assert at.days is not None
    within = [day for day in rows if at.days.start <= day <= at.days.end]
    assert within[at.skipped : at.skipped + size] == rows[page * size : (page + 1) * size]


@given(DAYS, st.integers(0, 30), st.integers(1, 50))
def test_only_days_with_rows_of_the_page_are_read(
    counts: dict[int, int], page: int, size: int
) -> None:
    at = details.page_position(by_day(counts), TableRequest(page=page, page_size=size))
    assert at.days is not None
    if at.days.start <= at.days.end:
        assert at.skipped < counts[(at.days.end - FIRST).days]
        behind = sum(n for day, n in counts.items() if FIRST + timedelta(days=day) > at.days.start)
        newer = sum(n for day, n in counts.items() if FIRST + timedelta(days=day) > at.days.end)
        assert behind - newer < at.skipped + size


def test_other_sort_orders_have_pages_up_to_a_limit() -> None:
    many = by_day({0: MAX_SORTED_ROWS, 1: 100})
    deepest = TableRequest(sort="seq", page=MAX_SORTED_ROWS // 100 - 1, page_size=100)
    assert details.page_position(many, deepest) == details.PagePosition(None, MAX_SORTED_ROWS - 100)
    with pytest.raises(FilterError) as refused:
        details.page_position(
            many, TableRequest(sort="seq", page=MAX_SORTED_ROWS // 100, page_size=100)
        )
    assert refused.value.code == "too_deep"
    behind = details.page_position(many, TableRequest(sort="seq", page=10**6, page_size=100))
    assert behind.days is not None
    assert behind.days.start > behind.days.end
    assert (
        details.page_position(
            many, TableRequest(sort="-sent_at", page=1_000, page_size=100)
        ).skipped
        == 99_900
    )


def test_the_number_of_rows_that_pages_can_reach() -> None:
    assert TableRequest(sort="seq").reachable(10**7) == MAX_SORTED_ROWS
    assert TableRequest(sort="seq").reachable(7) == 7
    assert TableRequest(sort="-sent_at").reachable(10**7) == 10**7


@given(DAYS, st.sampled_from([None, "sent_at", "-sent_at"]))
def test_groups_of_days_have_each_day_once_and_in_order(
    counts: dict[int, int], sort: str | None
) -> None:
    most = details.CHUNK_ROWS
    found = details.day_chunks(
        by_day({day: n * most // 20 for day, n in counts.items()}), TableRequest(sort)
    )
    days = [FIRST + timedelta(days=day) for day in sorted(counts, reverse=sort != "sent_at")]
    within = [[day for day in days if at and at.start <= day <= at.end] for at in found]
    assert [day for chunk in within for day in chunk] == days
    for chunk in within[:-1]:
        rows = [counts[(day - FIRST).days] * most // 20 for day in chunk]
        assert sum(rows[:-1]) < most <= sum(rows)


def test_other_sort_orders_are_read_in_one_group() -> None:
    assert details.day_chunks(by_day({0: 10**6, 1: 10**6}), TableRequest(sort="seq")) == [None]
