"""The rules by which a change is coloured, against figures worked out by hand or by enumeration."""

from itertools import product
from math import comb

import pytest

from components.significance import (
    count_change_is_noise,
    duration_change_is_noise,
    rate_change_is_noise,
)


@pytest.mark.parametrize(
    ("now", "before", "is_noise"),
    [
        # 30 % and 40 % of 100 each: pooled 0.35, z = 0.1 / sqrt(0.35 * 0.65 * 0.02) = 1.48
        ((30, 100), (40, 100), True),
        # 30 % and 44 %: pooled 0.37, z = 0.14 / sqrt(0.37 * 0.63 * 0.02) = 2.05
        ((30, 100), (44, 100), False),
        # The same rates of 1,000 each: z = 4.69
        ((300, 1_000), (400, 1_000), False),
        # A rate of nobody is not known.
        ((0, 0), (40, 100), True),
        ((30, 100), (0, 0), True),
        # Nothing on either side, all on both sides: no difference at all.
        ((0, 50), (0, 70), True),
        ((50, 50), (70, 70), True),
    ],
)
def test_rates(now: tuple[int, int], before: tuple[int, int], *, is_noise: bool) -> None:
    assert rate_change_is_noise(*now, *before) is is_noise
    assert rate_change_is_noise(*before, *now) is is_noise


def test_two_samples_of_one_rate_are_rarely_called_different() -> None:
    """By enumeration: of two samples of 40 with the same rate, about 5 in 100 pass the test."""
    n, rate = 40, 0.3
    chance = [comb(n, k) * rate**k * (1 - rate) ** (n - k) for k in range(n + 1)]
    wrong = sum(
        chance[a] * chance[b]
        for a, b in product(range(n + 1), repeat=2)
        if not rate_change_is_noise(a, n, b, n)
    )
    assert 0.03 < wrong < 0.065


@pytest.mark.parametrize(
    ("now", "before", "is_noise"),
    [
        (112, 100, True),  # 12 < 1.96 * sqrt(212) = 28.5
        (130, 100, False),  # 30 > 29.7
        (1_040, 1_000, True),  # 4 %
        (104_000, 100_000, True),  # 4 %, though far beyond chance
        (106_000, 100_000, False),
        (0, 3, True),
        (0, 4, False),  # 4 > 1.96 * 2
        (0, 0, True),
    ],
)
def test_counts(now: int, before: int, *, is_noise: bool) -> None:
    assert count_change_is_noise(now, before) is is_noise


@pytest.mark.parametrize(
    ("seconds", "counts", "is_noise"),
    [
        ((120.0, 100.0), (30, 30), False),
        ((120.0, 100.0), (29, 3_000), True),
        ((109.0, 100.0), (300, 300), True),
        ((90.0, 100.0), (300, 300), False),
        ((4.6, 4.0), (300, 300), True),  # less than a second
        ((0.0, 0.0), (300, 300), True),
    ],
)
def test_medians(seconds: tuple[float, float], counts: tuple[int, int], *, is_noise: bool) -> None:
    assert duration_change_is_noise(*seconds, *counts) is is_noise
