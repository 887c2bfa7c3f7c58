"""What is said of many samples of one thing: their median, and what 95 of 100 stay below."""

import statistics
from collections.abc import Callable, Sequence
from time import perf_counter


def milliseconds(work: Callable[[], object]) -> float:
    """How long ``work`` takes, to the microsecond."""
    begun = perf_counter()
    work()
    return round((perf_counter() - begun) * 1000, 3)


def median(samples: Sequence[float]) -> float | None:
    """The middle one; None where there are no samples."""
    return statistics.median(samples) if samples else None


def p95(samples: Sequence[float]) -> float | None:
    """The 95th percentile, linear between neighbours; None where there are no samples."""
    if not samples:
        return None
    ordered = sorted(samples)
    place = 0.95 * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def ratio(ours: float | None, theirs: float | None) -> float | None:
    """Ours over theirs; None where either was not measured."""
    return ours / theirs if ours is not None and theirs else None
