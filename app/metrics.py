"""Metrics for Prometheus: requests, panels, cache, loads, process.

Each app has its own registry. No label holds a value from a request: what the server does not know
becomes ``other``. ``docs/operation.md`` describes each metric.
"""

import logging
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from flask import Flask, Request, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from app.errors import error_code
from queries.cache import SingleFlightCache
from queries.engines.base import Supply
from queries.errors import FilterError
from queries.reader import Answer, Loads, Reader

log = logging.getLogger(__name__)

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
_T = TypeVar("_T")
_OTHER: Final = "other"
_NO_PANEL: Final = ""
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"})
#: Seconds. A panel takes milliseconds, a large store or a long period seconds.
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """The metrics of one app: counts and times requests and panels, and writes the numbers."""

    def __init__(self, slugs: Collection[str]) -> None:
        """Make metrics that count from 0.

        ``slugs`` name the app's panels: a request for any other panel is counted as panel
        ``other``.
        """
        self._slugs = frozenset(slugs)
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "consumo_requests",
            "Requests answered, by route, panel, method and status.",
            ("route", "panel", "method", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "consumo_request_seconds",
            "Time from a request to the first byte of its answer.",
            ("route", "panel"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._panel_seconds = Histogram(
            "consumo_panel_seconds",
            "Time to find the rows of a panel, for page, API and downloads.",
            ("panel",),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._panel_errors = Counter(
            "consumo_panel_errors",
            "Panels that could not be answered, by what went wrong.",
            ("panel", "reason"),
            registry=self.registry,
        )
        ProcessCollector(registry=self.registry)

    def watch(self, server: Flask) -> None:
        """Count and time every request to ``server`` from now on. Call this once for each app."""
        server.before_request(_begin)
        server.after_request(self._answered)

    def add(self, collector: Collector) -> None:
        """Let ``collector`` add further metrics each time that the metrics are read."""
        self.registry.register(collector)

    def text(self) -> bytes:
        """Return all present values in Prometheus' text format (``CONTENT_TYPE``)."""
        return generate_latest(self.registry)

    @contextmanager
    def panel(self, slug: str) -> Iterator[None]:
        """Return a context manager that times its block as a query of the panel ``slug``.

        If the block raises an error, the error is counted by its ``error_code`` instead, and raised
        again. A ``FilterError`` is neither timed nor counted, because the request is at fault.
        """
        begun = time.perf_counter()
        try:
            yield
        except FilterError:
            raise
        except Exception as error:
            self._panel_errors.labels(self._label(slug), error_code(error)).inc()
            raise
        self._panel_seconds.labels(self._label(slug)).observe(time.perf_counter() - begun)

    def _answered(self, response: Response) -> Response:
        route, panel = _route(request), self._panel_of(request)
        method = request.method if request.method in _METHODS else _OTHER
        self._requests.labels(route, panel, method, str(response.status_code)).inc()
        if begun := g.get("begun_at"):
            self._seconds.labels(route, panel).observe(time.perf_counter() - begun)
        return response

    def _panel_of(self, incoming: Request) -> str:
        """Return the label of the panel that a request names; "" where it names none."""
        slug = (incoming.view_args or {}).get("slug")
        return _NO_PANEL if slug is None else self._label(slug)

    def _label(self, slug: str) -> str:
        return slug if slug in self._slugs else _OTHER


class CountedReader(Reader):
    """A ``Reader`` that reports each query of a panel to ``metrics``: its seconds, or its error.

    ``parts`` are the arguments of ``Reader``.
    """

    def __init__(self, metrics: Metrics, *parts: Any) -> None:
        super().__init__(*parts)
        self._metrics = metrics

    def panel(self, slug: str, *rest: Any, **options: Any) -> Answer:
        """Return the answer of ``Reader.panel``, and report the query to the metrics.

        Arguments and errors are those of ``Reader.panel``.
        """
        with self._metrics.panel(slug):
            return super().panel(slug, *rest, **options)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where ``StoreCollector`` reads its numbers each time that the metrics are read.

    ``cache`` counts its hits and misses. ``loads`` returns the counts of all loads and of the
    newest. ``handed_in`` returns how many hand-ins wait to be loaded; None for a server that loads
    nothing. ``clock`` returns the present time with a time zone. ``supply`` returns how a server
    that reads a published store gets its data; None for one with a store of its own.
    """

    cache: SingleFlightCache
    loads: Callable[[], Loads]
    handed_in: Callable[[], int] | None
    clock: Callable[[], datetime]
    supply: Callable[[], Supply] | None = None


class StoreCollector(Collector):
    """The metrics of cache, store, loads and inbox; give it to ``Metrics.add``.

    If the store does not answer, ``consumo_store_up`` is 0 and the metrics of loads are left out.
    Before the first load, age and rows of the newest load are left out. If the folder of the inbox
    cannot be read, ``consumo_handed_in`` is left out.
    """

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def describe(self) -> Iterable[Metric]:
        """Return no metrics: Prometheus' client calls this once, when the collector is added.

        So adding the collector does not read the store.
        """
        return ()  # without this, registering would already read the numbers

    def collect(self) -> Iterator[Metric]:
        """Yield the present metrics; Prometheus' client calls this whenever metrics are read."""
        cache = self._sources.cache
        yield _total("consumo_cache_hits", "Answers that the cache held.", cache.hits)
        yield _total("consumo_cache_misses", "Answers that it did not hold.", cache.misses)
        loads = _or_none(self._sources.loads)
        yield _gauge("consumo_store_up", "1 while the store answers.", int(loads is not None))
        if loads is not None:
            yield from self._of_loads(loads)
        if self._sources.supply:
            yield from self._of_supply(self._sources.supply())
        handed_in = self._sources.handed_in
        if handed_in and (waiting := _or_none(handed_in)) is not None:
            yield _gauge("consumo_handed_in", "Hand-ins that wait to be loaded.", waiting)

    def _of_supply(self, supply: Supply) -> Iterator[Metric]:
        yield _gauge(
            "consumo_silent_seconds",
            "For how long the published store has not answered, 0 while it does.",
            supply.silent_seconds,
        )
        if supply.published_at is None:
            return
        age = self._sources.clock() - supply.published_at.replace(tzinfo=UTC)
        yield _gauge(
            "consumo_published_age_seconds",
            "Time since what is read was published or confirmed.",
            age.total_seconds(),
        )

    def _of_loads(self, loads: Loads) -> Iterator[Metric]:
        yield _gauge("consumo_load_id", "Number of the newest load, 0 before any.", loads.newest_id)
        yield _total("consumo_loaded_rows", "Rows read by all loads.", loads.all_rows)
        yield _total("consumo_rejected_rows", "Rows rejected by all loads.", loads.all_rejected)
        if loads.newest_at is None:
            return
        age = self._sources.clock() - loads.newest_at.replace(tzinfo=UTC)
        yield _gauge("consumo_load_age_seconds", "Age of the newest load.", age.total_seconds())
        yield _gauge("consumo_load_rows", "Rows read by the newest load.", loads.newest_rows)
        yield _gauge("consumo_load_rejected_rows", "Rows rejected by it.", loads.newest_rejected)


def _begin() -> None:
    g.begun_at = time.perf_counter()


def _route(incoming: Request) -> str:
    """Return the rule of the route that answers a request; ``other`` for unknown addresses."""
    rule = incoming.url_rule
    return rule.rule if rule and not rule.rule.startswith("/<path:") else _OTHER


def _or_none(read: Callable[[], _T]) -> _T | None:
    """Return what ``read`` returns; None where it raises an error."""
    try:
        return read()
    except Exception:
        # The scrape still answers; ``consumo_store_up`` says that the store does not.
        return None


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(name, meaning, value)


def _total(name: str, meaning: str, value: float) -> Metric:
    return CounterMetricFamily(name, meaning, value)
