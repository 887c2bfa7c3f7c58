"""Metrics of the page's answers and of those in advance. ``docs/operation.md`` describes each."""

from collections.abc import Iterable, Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from callbacks.ahead_counts import AheadCounts


class AheadCollector(Collector):
    """The metrics of ``counts``; give it to ``Metrics.add``."""

    def __init__(self, counts: AheadCounts) -> None:
        self._counts = counts

    def describe(self) -> Iterable[Metric]:
        """Return no metrics, as Prometheus' client needs none before they are read."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield the present metrics; Prometheus' client calls this whenever metrics are read."""
        totals = self._counts.totals
        yield _by(
            "consumo_page_answers",
            "Panels answered for the page, chosen by a reader or in advance.",
            "kind",
            {"asked": totals.asked, "ahead": totals.ahead},
        )
        yield _by(
            "consumo_answers_ahead",
            "Panels answered in advance, by what pages tell became of them.",
            "fate",
            {"used": totals.fates.used, "wasted": totals.fates.wasted},
        )


def _by(name: str, meaning: str, label: str, values: Mapping[str, int]) -> Metric:
    metric = CounterMetricFamily(name, meaning, labels=(label,))
    for value, count in values.items():
        metric.add_metric((value,), count)
    return metric
