"""Metrics of publishing, for Prometheus. ``docs/operation.md`` describes each."""

import time
from collections.abc import Callable, Iterable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from sources.publishing.publication import Publishing


class PublishingCollector(Collector):
    """The metrics of a writer; give it to ``Metrics.add``.

    ``handed_in`` returns how many hand-ins wait to be loaded.
    """

    def __init__(self, publishing: Publishing, handed_in: Callable[[], int]) -> None:
        self._publishing = publishing
        self._handed_in = handed_in

    def describe(self) -> Iterable[Metric]:
        """Return no metrics, so that adding the collector asks nobody."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield the present metrics. What is not known is left out."""
        state = self._publishing.state
        yield GaugeMetricFamily(
            "consumo_writer", "1 where this process is the writer.", int(state.is_writer)
        )
        lag = time.time() - state.waiting_since if state.waiting_since else 0.0
        yield GaugeMetricFamily(
            "consumo_publish_lag_seconds", "For how long a load has not been published.", lag
        )
        if state.published:
            yield GaugeMetricFamily(
                "consumo_published_load_id",
                "Number of the newest load that readers see.",
                state.published.version,
            )
        if state.seconds is not None:
            yield GaugeMetricFamily(
                "consumo_publish_seconds", "How long the newest publication took.", state.seconds
            )
        published = CounterMetricFamily(
            "consumo_publications", "Publications, of changes and of all rows.", labels=("what",)
        )
        published.add_metric(("changes",), state.changes)
        published.add_metric(("all",), state.wholes)
        yield published
        yield CounterMetricFamily(
            "consumo_publish_failures", "Attempts to publish that failed.", state.failures
        )
        try:
            waiting = self._handed_in()
        except OSError:
            return
        yield GaugeMetricFamily("consumo_handed_in", "Hand-ins that wait to be loaded.", waiting)
