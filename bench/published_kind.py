"""``python -m bench.published_kind KIND STORE ROUNDS``: measure one kind of published store.

Prints one line of JSON: seconds of a whole publication and of 15,000 more messages, the bytes that
they take, and milliseconds of refreshes on the published store and on DuckDB, in turns.
"""

import json
import resource
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from sqlalchemy.engine import make_url

from app.settings import Settings
from app.store_addresses import reading_engine
from bench.machine import cores
from bench.processes import MEGABYTE, environment, run
from bench.published import SCENARIOS
from bench.query_layer import UnboundedCache, make_reader, refresh
from bench.samples import milliseconds
from bench.scenarios import read_filter_values, scenarios
from queries.engines.base import Engine, EngineLimits
from queries.engines.duckdb.reader import DuckDBEngine
from queries.errors import StoreUnavailable
from queries.filters import Basis
from tests.integration.conftest import until
from tests.published import publishing, reading
from tests.services import PostgreSQLServer, postgresql_server

_ADDITIONS: Final = (1, 2, 3)
#: Reading the first version of a large store may take so long.
_PATIENCE_SECONDS: Final = 600.0


def main(kind: str, store: Path, rounds: int) -> dict[str, Any]:
    """Measure ``kind`` with a copy of ``store``; remove everything afterwards."""
    folder = store.with_suffix(f".{kind}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        copy = folder / "work.duckdb"
        shutil.copyfile(store, copy)
        with _server(kind) as server:
            settings = reading(kind, copy, lambda: server, threads=cores())  # type: ignore[arg-type, return-value]
            published = _measure_publications(settings, store, copy, folder)
            return published | {"rows": _measure_questions(settings, copy, rounds)}
    except pytest.skip.Exception as skipped:
        return {"skipped": str(skipped)}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _server(kind: str) -> Iterator[PostgreSQLServer | None]:
    if kind != "postgresql":
        yield None
        return
    with postgresql_server() as server:
        yield server


def _measure_publications(
    settings: Settings, store: Path, copy: Path, folder: Path
) -> dict[str, Any]:
    whole = _publish_seconds(settings)
    measured: dict[str, Any] = {"whole_seconds": whole, "whole_megabytes": _megabytes(settings)}
    seconds, megabytes = [], []
    for number in _ADDITIONS:
        added = store.with_suffix(".more") / str(number)
        files = [f"--{name}={added / name}.parquet" for name in ("cases", "messages")]
        run([sys.executable, "-m", "app", "import", *files], environment(copy), folder / "log.txt")
        before = _megabytes(settings)
        seconds.append(_publish_seconds(settings))
        megabytes.append(_megabytes(settings) - before)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEGABYTE
    return measured | {
        "more_seconds": seconds,
        "more_megabytes": megabytes,
        "peak_megabytes": peak,
    }


def _publish_seconds(settings: Settings) -> float:
    with publishing(settings) as (_, step):
        return milliseconds(step) / 1_000


def _megabytes(settings: Settings) -> float:
    """Return how much disk the published store takes, in 10^6 bytes."""
    address = make_url(settings.store_url)
    if address.drivername.startswith("postgresql"):
        url = settings.store_url.replace("+psycopg", "")
        with psycopg.connect(url) as connection:
            row = connection.execute("select pg_database_size(current_database())").fetchone()
        return float(row[0]) / MEGABYTE if row else 0.0
    folder = Path(settings.store_url.partition("://")[2])
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / MEGABYTE


def _measure_questions(settings: Settings, copy: Path, rounds: int) -> list[dict[str, Any]]:
    own = DuckDBEngine(copy, EngineLimits(threads=cores()), settings.time_zone)
    with closing(own), closing(reading_engine(settings)) as published:
        until(lambda: _answers(published), "the published store", _PATIENCE_SECONDS)
        return _measure_scenarios(own, published, rounds)


def _answers(engine: Engine) -> bool:
    try:
        with engine.snapshot() as snapshot:
            return snapshot.data_version > len(_ADDITIONS)
    except StoreUnavailable:
        return False


def _measure_scenarios(own: DuckDBEngine, published: Engine, rounds: int) -> list[dict[str, Any]]:
    caches = UnboundedCache(), UnboundedCache()
    readers = make_reader(own, caches[0]), make_reader(published, caches[1])
    with closing(own.cursor()) as cursor:
        chosen = [
            scenario
            for scenario in scenarios(read_filter_values(cursor))
            if scenario.name in SCENARIOS
        ]
    rows = []
    for scenario in chosen:
        samples: dict[str, list[float]] = {"duckdb_ms": [], "published_ms": []}
        for number in range(rounds + 1):
            shifted = scenario.shifted(number)
            turns = list(zip(samples, readers, caches, strict=True))
            for name, reader, cache in turns if number % 2 else reversed(turns):
                cache.clear()
                took = milliseconds(partial(refresh, reader, shifted, Basis.SENT))
                if number:  # the first one finds neither connections nor compiled statements
                    samples[name].append(took)
        rows.append({"scenario": scenario.name, "basis": Basis.SENT.value} | samples)
    return rows


if __name__ == "__main__":
    given_kind, given_store, given_rounds = sys.argv[1:]
    print(json.dumps(main(given_kind, Path(given_store), int(given_rounds))))
