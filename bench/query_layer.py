"""The panels' questions in this process, alternating with the floor on the same open file."""

import gc
from collections.abc import Collection
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import duckdb

from bench import floor
from bench.sameness import differences, floor_figures, our_figures
from bench.samples import milliseconds
from bench.scenarios import BASES, Scenario, scenarios, values_of
from components.panels import PANELS
from queries.cache import ByteCache, SingleFlightCache
from queries.engines.duckdb import DuckDBEngine, DuckDBLimits
from queries.filters import Basis
from queries.reader import Answer, Reader
from queries.runner import Runner
from queries.scope import EVERYTHING

TIME_ZONE: Final = "America/Sao_Paulo"


class NoFloor(RuntimeError):
    """The floor's numbers are not ours, so there is nothing to compare with."""


class Remembering(dict[str, bytes]):
    """A cache that keeps everything."""

    def set(self, key: str, value: bytes) -> None:
        self[key] = value


def measure_query_layer(
    store: Path, threads: int, rounds: int, names: Collection[str] | None = None
) -> list[dict[str, Any]]:
    """Milliseconds of each refresh: of every scenario with both bases, ours cold, floor, ours warm.

    ``names`` are the scenarios to measure, all where it is None. Raises ``NoFloor`` where the floor
    says something else than we do.
    """
    # As the server does: what was imported is not swept again and again.
    gc.collect()
    gc.freeze()
    engine = DuckDBEngine(store, DuckDBLimits(threads=threads), TIME_ZONE)
    with closing(engine), closing(engine.cursor()) as cursor:
        return [
            _measured(engine, cursor, scenario, basis, rounds)
            for scenario in scenarios(values_of(cursor))
            if names is None or scenario.name in names
            for basis in BASES
        ]


def panels_of_the_period() -> tuple[str, ...]:
    """The slugs of the panels that a filter change asks for; those about now have no period."""
    return tuple(panel.slug for panel in PANELS if not panel.query.is_about_now)


def refresh(reader: Reader, scenario: Scenario, basis: Basis) -> dict[str, Answer]:
    """All panels of one question, as the page and the API ask for them."""
    filters = scenario.filters(basis)
    return {
        slug: reader.panel(slug, filters, EVERYTHING, scenario.table)
        for slug in panels_of_the_period()
    }


def _measured(
    engine: DuckDBEngine,
    cursor: duckdb.DuckDBPyConnection,
    scenario: Scenario,
    basis: Basis,
    rounds: int,
) -> dict[str, Any]:
    forgotten = Remembering()
    cold, warm = make_reader(engine, forgotten), make_reader(engine, Remembering())
    check_floor(cold, cursor, scenario, basis)
    refresh(warm, scenario, basis)
    samples: dict[str, list[float]] = {"ours_cold_ms": [], "floor_ms": [], "ours_warm_ms": []}
    for number in range(rounds):
        asked = scenario.shifted(number + 1)
        pair = [
            ("ours_cold_ms", lambda asked=asked: refresh(cold, asked, basis)),
            ("floor_ms", lambda asked=asked: floor.refresh(cursor, asked, basis)),
        ]
        # Who asks second finds the data in the processor's caches: they take turns.
        for name, work in pair if number % 2 else reversed(pair):
            forgotten.clear()
            samples[name].append(milliseconds(work))
        samples["ours_warm_ms"].append(milliseconds(lambda: refresh(warm, scenario, basis)))
    selective = scenario.is_selective
    return {"scenario": scenario.name, "basis": basis.value, "selective": selective} | samples


def make_reader(engine: DuckDBEngine, cache: ByteCache) -> Reader:
    """A reader of the open store, as the app has one, with a cache of its own."""
    runner = Runner(engine, SingleFlightCache(cache))
    queries = [panel.query for panel in PANELS]
    return Reader(runner, ZoneInfo(TIME_ZONE), lambda: datetime.now(UTC), queries)


def check_floor(
    reader: Reader, cursor: duckdb.DuckDBPyConnection, scenario: Scenario, basis: Basis
) -> None:
    """See that the floor says what we say. Raises ``NoFloor``."""
    ours = our_figures(refresh(reader, scenario, basis))
    found = differences(ours, floor_figures(floor.refresh(cursor, scenario, basis), basis))
    if found:
        raise NoFloor(f"{scenario.name}, {basis.value}: {'; '.join(found)}")
