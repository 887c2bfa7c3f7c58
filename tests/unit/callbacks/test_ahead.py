"""The counts that bound what is answered in advance, and what pages tell of it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from callbacks.ahead_counts import AheadCounts, AheadTotals, Fates, fates_in


def test_nothing_is_in_advance_before_anybody_asked() -> None:
    assert not AheadCounts().reserve(1)


@pytest.mark.parametrize(
    ("asked", "panels", "allowed"),
    [
        (3, 1, True),  # 1 of 4
        (2, 1, False),  # 1 of 3
        (27, 9, True),  # 9 of 36
        (26, 9, False),
        (27, 10, False),
    ],
)
def test_at_most_a_quarter_of_all_answers_is_in_advance(
    asked: int, panels: int, *, allowed: bool
) -> None:
    counts = AheadCounts()
    counts.answered(asked)
    assert counts.reserve(panels) is allowed


def test_answers_in_advance_count_as_answers_of_which_they_are_a_quarter() -> None:
    counts = AheadCounts()
    counts.answered(30)
    given = 0
    while counts.reserve(1):
        counts.settle(1, 1)
        given += 1
    assert given == 10
    assert counts.totals == AheadTotals(asked=30, ahead=10)


def test_what_is_reserved_is_not_given_to_others() -> None:
    counts = AheadCounts()
    counts.answered(9)
    assert counts.reserve(3)
    assert not counts.reserve(1)
    counts.settle(3, 2)  # one was withheld
    assert counts.totals.ahead == 2
    assert counts.reserve(1)
    assert not counts.reserve(1)


def test_threads_together_get_no_more_than_the_quarter() -> None:
    counts = AheadCounts()
    counts.answered(3_000)

    def take(_: int) -> int:
        if not counts.reserve(1):
            return 0
        counts.settle(1, 1)
        return 1

    with ThreadPoolExecutor(8) as pool:
        taken = sum(pool.map(take, range(4_000)))
    assert (taken, counts.totals.ahead) == (1_000, 1_000)


def test_fates_add_up() -> None:
    counts = AheadCounts()
    counts.told(Fates(used=2))
    counts.told(Fates(used=1, wasted=4))
    assert counts.totals.fates == Fates(used=3, wasted=4)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ({"ahead": {"used": 9, "wasted": 2}}, Fates(9, 2)),
        ({"ahead": {"used": 1}}, Fates(1, 0)),
        ({"ahead": {"used": -1, "wasted": 1.5}}, Fates()),
        ({"ahead": {"used": True, "wasted": "3"}}, Fates()),
        ({"ahead": {"used": 1_001, "wasted": 10**30}}, Fates()),
        ({"ahead": [1, 2]}, Fates()),
        ({"raw": {}}, Fates()),
        (None, Fates()),
        ("ahead", Fates()),
    ],
)
def test_counts_that_cannot_be_are_not_believed(question: Any, expected: Fates) -> None:
    assert fates_in(question) == expected
