"""Median, 95th percentile and ratio of the benchmark's samples."""

import pytest

from bench.samples import median, p95, ratio


@pytest.mark.parametrize(
    ("samples", "expected_median", "expected_p95"),
    [
        ([], None, None),
        ([4.0], 4.0, 4.0),
        ([3.0, 1.0], 2.0, 2.9),
        ([5.0, 1.0, 3.0], 3.0, 4.8),
        ([float(number) for number in range(101)], 50.0, 95.0),
    ],
)
def test_median_and_p95(
    samples: list[float], expected_median: float | None, expected_p95: float | None
) -> None:
    assert median(samples) == expected_median
    assert p95(samples) == (None if expected_p95 is None else pytest.approx(expected_p95))


def test_the_order_of_samples_does_not_matter() -> None:
    assert p95([9.0, 1.0, 5.0]) == p95([1.0, 5.0, 9.0])


def test_a_ratio_needs_both_numbers_and_no_zero_to_divide_by() -> None:
    assert ratio(3.0, 2.0) == 1.5
    assert ratio(None, 2.0) is None
    assert ratio(3.0, None) is None
    assert ratio(3.0, 0.0) is None
