"""Metrics of the sources, by their names, for Prometheus. ``docs/operation.md`` describes each."""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from queries.source_states import Sources, SourceState

log = logging.getLogger(__name__)

_LABELS: Final = ("source",)
#: What becomes of a row; of each load these add up to the rows that were read.
_RESULTS: Final = ("taken", "superseded", "kept", "rejected")


class SourceCollector(Collector):
    """The metrics of all sources; give it to ``Metrics.add``.

    ``read`` returns their state, ``clock`` the present time with a zone. While the store does not
    answer, all of them are left out.
    """

    def __init__(self, read: Callable[[], Sources | None], clock: Callable[[], datetime]) -> None:
        self._read = read
        self._clock = clock

    def describe(self) -> Iterable[Metric]:
        """Return no metrics, so that adding the collector does not read the store."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield the present metrics of each source. What is not known of one is left out."""
        try:
            read = self._read()
        except Exception as error:
            # The scrape still answers; ``consumo_store_up`` says whether the store does.
            log.warning("sources cannot be read: %s", type(error).__name__)
            return
        sources = read.sources if read else ()
        now = self._clock()
        yield from _gauges(sources, now)
        yield from _counters(sources)


def _gauges(sources: Iterable[SourceState], now: datetime) -> Iterator[Metric]:
    lag = _gauge("lag_seconds", "How far a source that is read by itself lies back.")
    load = _gauge("load_seconds", "How long the newest load of the source took.")
    success = _gauge("last_success_timestamp_seconds", "When it was last read without failure.")
    failing = _gauge("failing", "1 while the newest attempt failed, else 0.")
    for source in sources:
        label = (source.name,)
        if source.noted and (until := source.noted.synced_until):
            lag.add_metric(label, (now - until).total_seconds())
        if source.newest and source.newest.seconds is not None:
            load.add_metric(label, source.newest.seconds)
        if at := source.last_success_at:
            success.add_metric(label, at.timestamp())
        failing.add_metric(label, source.is_failing)
    return iter((lag, load, success, failing))


def _counters(sources: Iterable[SourceState]) -> Iterator[Metric]:
    rows = CounterMetricFamily(
        "consumo_source_rows",
        "Rows read of the source, by what became of them.",
        labels=(*_LABELS, "result"),
    )
    refused = CounterMetricFamily(
        "consumo_source_refused_loads", "Loads that were refused as a whole.", labels=_LABELS
    )
    for source in sources:
        for result in _RESULTS:
            rows.add_metric((source.name, result), getattr(source.sums, result))
        refused.add_metric((source.name,), source.refusal.count if source.refusal else 0)
    return iter((rows, refused))


def _gauge(name: str, meaning: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"consumo_source_{name}", meaning, labels=_LABELS)
