"""Measure the query layer in this process, in turn with the floor on the same open store."""

import gc
from collections.abc import Collection
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import duckdb

from bench import floor
from bench.floor_check import differences, floor_figures, our_figures
from bench.samples import milliseconds
from bench.scenarios import BASES, Scenario, read_filter_values, scenarios
from components.panels import PANELS
from queries.cache import ByteCache, SingleFlightCache
from queries.engines.base import Engine, EngineLimits
from queries.engines.duckdb.reader import DuckDBEngine
from queries.filters import Basis
from queries.panels import breakdown
from queries.reader import Answer, Reader
from queries.runner import Runner
from queries.user_scope import EVERYTHING

TIME_ZONE: Final = "America/Sao_Paulo"


class FloorMismatch(RuntimeError):
    """The floor gives other numbers than the product, so that their times cannot be compared."""


class UnboundedCache(dict[str, bytes]):
    """A ``ByteCache`` in memory that never drops an entry by itself."""

    def set(self, key: str, value: bytes) -> None:
        self[key] = value


def measure_query_layer(
    store: Path, threads: int, rounds: int, names: Collection[str] | None = None
) -> list[dict[str, Any]]:
    """Measure every scenario with both bases: ours, cold and warm, and the floor.

    Return a row for each scenario and basis, whose samples are milliseconds of a whole refresh.
    ``names`` are the scenarios to measure; None means all of them. Raises ``FloorMismatch`` where
    the floor gives other numbers than we do.
    """
    # As the server does: the garbage collector need not visit the imported modules again and again.
    gc.collect()
    gc.freeze()
    engine = DuckDBEngine(store, EngineLimits(threads=threads), TIME_ZONE)
    with closing(engine), closing(engine.cursor()) as cursor:
        return [
            _measure_scenario(engine, cursor, scenario, basis, rounds)
            for scenario in scenarios(read_filter_values(cursor))
            if names is None or scenario.name in names
            for basis in BASES
        ]


def panels_of_the_period() -> tuple[str, ...]:
    """The slugs of the panels that a filter change asks for.

    Those about now have no period, and the comparison is asked only near the screen.
    """
    return tuple(
        panel.slug
        for panel in PANELS
        if panel.is_shown and not panel.query.is_about_now and panel.slug != breakdown.PANEL.slug
    )


def refresh(reader: Reader, scenario: Scenario, basis: Basis) -> dict[str, Answer]:
    """Ask for each panel that shows the period, one after the other; of the table one page."""
    filters, as_page = scenario.filters(basis), replace(scenario.table, is_for_page=True)
    return {
        slug: reader.panel(slug, filters, EVERYTHING, as_page) for slug in panels_of_the_period()
    }


def _measure_scenario(
    engine: DuckDBEngine,
    cursor: duckdb.DuckDBPyConnection,
    scenario: Scenario,
    basis: Basis,
    rounds: int,
) -> dict[str, Any]:
    cold_cache = UnboundedCache()
    cold, warm = make_reader(engine, cold_cache), make_reader(engine, UnboundedCache())
    check_floor(cold, cursor, scenario, basis)
    refresh(warm, scenario, basis)
    samples: dict[str, list[float]] = {"ours_cold_ms": [], "floor_ms": [], "ours_warm_ms": []}
    for number in range(rounds):
        shifted = scenario.shifted(number + 1)
        pair = [
            ("ours_cold_ms", lambda shifted=shifted: refresh(cold, shifted, basis)),
            ("floor_ms", lambda shifted=shifted: floor.refresh(cursor, shifted, basis)),
        ]
        # The second of the two finds the data in the processor's caches: take turns in being first.
        for name, work in pair if number % 2 else reversed(pair):
            cold_cache.clear()
            samples[name].append(milliseconds(work))
        samples["ours_warm_ms"].append(milliseconds(lambda: refresh(warm, scenario, basis)))
    selective = scenario.is_selective
    return {"scenario": scenario.name, "basis": basis.value, "selective": selective} | samples


def make_reader(engine: Engine, cache: ByteCache) -> Reader:
    """Return a reader of the open store that is built like the app's and caches in ``cache``."""
    runner = Runner(engine, SingleFlightCache(cache))
    queries = [panel.query for panel in PANELS]
    return Reader(runner, ZoneInfo(TIME_ZONE), lambda: datetime.now(UTC), queries)


def check_floor(
    reader: Reader, cursor: duckdb.DuckDBPyConnection, scenario: Scenario, basis: Basis
) -> None:
    """Raise ``FloorMismatch`` where the floor's numbers or rows differ from ours."""
    ours = our_figures(refresh(reader, scenario, basis))
    different = differences(ours, floor_figures(floor.refresh(cursor, scenario, basis), basis))
    if different:
        raise FloorMismatch(f"{scenario.name}, {basis.value}: {'; '.join(different)}")
