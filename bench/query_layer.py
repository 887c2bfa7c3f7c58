"""The panels' questions, asked one after the other in this process."""

import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from queries.cache import SingleFlightCache
from queries.engines.duckdb import DuckDBEngine, DuckDBLimits
from queries.filters import Filters, Period
from queries.panels import PANELS
from queries.reader import Reader
from queries.runner import Runner
from queries.scope import EVERYTHING
from queries.table import Table

TIME_ZONE = "America/Sao_Paulo"


class Forgetful:
    """A cache that keeps nothing."""

    def get(self, key: str) -> None:
        return None

    def set(self, key: str, value: bytes) -> None:
        return None


class Remembering(dict[str, bytes]):
    """A cache that keeps everything."""

    def set(self, key: str, value: bytes) -> None:
        self[key] = value


def time_query_layer(store: Path, period: Period, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each refresh, by whether the answers were cached."""
    engine = DuckDBEngine(store, DuckDBLimits(), TIME_ZONE)
    filters = Filters(period=period)
    try:
        times = {}
        for temperature, cache in (("cold", Forgetful()), ("warm", Remembering())):
            runner = Runner(engine, SingleFlightCache(cache))
            reader = Reader(runner, ZoneInfo(TIME_ZONE), lambda: datetime.now(UTC))
            refresh(reader, filters)
            times[temperature] = [_timed(reader, filters) for _ in range(rounds)]
        return times
    finally:
        engine.close()


def refresh(reader: Reader, filters: Filters) -> None:
    for slug in PANELS:
        reader.panel(slug, filters, EVERYTHING)
    reader.details(filters, EVERYTHING, Table(), {})


def _timed(reader: Reader, filters: Filters) -> float:
    start = time.perf_counter()
    refresh(reader, filters)
    return (time.perf_counter() - start) * 1000
