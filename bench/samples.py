"""Take samples of a duration and summarise samples: median, 95th percentile, ratio."""

import statistics
from collections.abc import Callable, Sequence
from time import perf_counter


def milliseconds(work: Callable[[], object]) -> float:
    """Call ``work`` and return the milliseconds that it took, rounded to the microsecond."""
    begun = perf_counter()
    work()
    return round((perf_counter() - begun) * 1000, 3)


def median(samples: Sequence[float]) -> float | None:
    """Return the median; None where there are no samples."""
    return statistics.median(samples) if samples else None


def p95(samples: Sequence[float]) -> float | None:
    """Return the 95th percentile, interpolated linearly between the two nearest samples.

    None where there are no samples.
    """
    if not samples:
        return None
    ordered = sorted(samples)
    position = 0.95 * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def ratio(numerator: float | None, denominator: float | None) -> float | None:
    """Return the quotient; None where either was not measured or the denominator is zero."""
    return numerator / denominator if numerator is not None and denominator else None
