"""Metrics of the receiver of webhooks, for Prometheus. ``docs/operation.md`` describes each."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from sources.webhooks.receiver import Receiver

#: Seconds. An answer waits for the disk, which takes milliseconds.
_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
#: Why events are refused: a wrong signature, too large, no JSON object, the disk.
REASONS: Final = ("signature", "size", "json", "disk")


class WebhookMetrics:
    """Counts and times the events that the receiver gets."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._received = Counter(
            "consumo_webhook_received", "Events of WhatsApp that were kept.", registry=registry
        )
        self._refused = Counter(
            "consumo_webhook_refused",
            "Events that were refused, by the reason.",
            ("reason",),
            registry=registry,
        )
        for reason in REASONS:
            self._refused.labels(reason)
        self._seconds = Histogram(
            "consumo_webhook_seconds",
            "Time to keep an event on the disk, or to refuse it.",
            buckets=_BUCKETS,
            registry=registry,
        )

    def timed(self) -> AbstractContextManager[object]:
        """Return a context manager that times its block as the answer to one event."""
        return self._seconds.time()

    def received(self) -> None:
        """Count an event that was kept."""
        self._received.inc()

    def refused(self, reason: str) -> None:
        """Count an event that was refused for ``reason``, one of ``REASONS``."""
        self._refused.labels(reason).inc()


class ReceiverCollector(Collector):
    """The metrics of what waits at ``receiver``; give it to ``Metrics.add``."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver

    def describe(self) -> Iterable[Metric]:
        """Return no metrics, so that adding the collector reads no files."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield the present metrics. The age is left out before the first event."""
        yield GaugeMetricFamily(
            "consumo_webhook_journal_bytes",
            "Bytes of events that are not loaded yet.",
            self._receiver.waiting_bytes(),
        )
        if (age := self._receiver.newest_age_seconds()) is not None:
            yield GaugeMetricFamily(
                "consumo_webhook_newest_age_seconds", "Time since the last event came.", age
            )
        if forwarder := self._receiver.forwarder:
            yield GaugeMetricFamily(
                "consumo_webhook_forward_bytes",
                "Bytes of events that are not forwarded yet.",
                forwarder.waiting_bytes(),
            )
            events = CounterMetricFamily(
                "consumo_webhook_forwarded", "Events by how forwarding them went.", labels=("how",)
            )
            events.add_metric(("taken",), forwarder.forwarded)
            events.add_metric(("refused",), forwarder.refused)
            yield events
            yield CounterMetricFamily(
                "consumo_webhook_forward_given_up",
                "Segments that waited for too long and were not forwarded.",
                forwarder.given_up,
            )
