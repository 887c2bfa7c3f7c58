"""Tells whether a change of a figure is more than chance would give: only such are coloured.

The rules are simple on purpose, and said to the reader in the tips of the figures:

- rates: the two-proportion z-test (pooled, two-sided) at 95 %;
- counts: arrivals come at random, so that a count varies by about its square root (Poisson). The
  difference of two counts must exceed 1.96 times the square root of their sum, and 5 % of the count
  before: of large counts, every small difference would pass the first test alone;
- medians of durations: at least ``MIN_SAMPLE`` values on both sides, and a difference of at least
  10 % of the median before. Their spread is not known here, so this is a threshold and not a test.
"""

from math import sqrt
from typing import Final

#: The quantile of the normal distribution for a two-sided test at 95 %.
_Z: Final = 1.96
#: A count must change by more than this share of the count before.
COUNT_SHARE: Final = 0.05
#: A median must change by at least this share of the median before, and both need so many values.
MEDIAN_SHARE: Final = 0.10
MIN_SAMPLE: Final = 30


def rate_change_is_noise(part_now: int, of_now: int, part_before: int, of_before: int) -> bool:
    """Return whether two rates, ``part ÷ of``, differ by no more than chance would give.

    It is the two-proportion z-test with the pooled rate, two-sided, at 95 %. Where a rate is not
    known, because ``of`` is 0, every change is noise. Source of the formula: any statistics text,
    "test for the difference of two proportions".
    """
    if not of_now or not of_before:
        return True
    pooled = (part_now + part_before) / (of_now + of_before)
    error = sqrt(pooled * (1 - pooled) * (1 / of_now + 1 / of_before))
    return abs(part_now / of_now - part_before / of_before) <= _Z * error


def count_change_is_noise(now: int, before: int) -> bool:
    """Return whether two counts differ by no more than chance would give, or by 5 % at most.

    Chance: the difference of two Poisson counts has the standard deviation √(now + before).
    """
    difference = abs(now - before)
    return difference <= _Z * sqrt(now + before) or difference <= COUNT_SHARE * before


def duration_change_is_noise(
    now_seconds: float, before_seconds: float, n_now: int, n_before: int
) -> bool:
    """Return whether two medians of durations are too close, or of too few values, to differ.

    ``n_now`` and ``n_before`` are how many values each median is of: at least ``MIN_SAMPLE`` are
    needed. The medians, in seconds, must differ by at least 10 % of the one before, and by a
    second.
    """
    if min(n_now, n_before) < MIN_SAMPLE:
        return True
    return abs(now_seconds - before_seconds) < max(MEDIAN_SHARE * before_seconds, 1)
