"""``make bench``: what one refresh of all panels costs, cold and warm, on demonstration data.

Cold means that no answer is in the cache; the store's file may well be in the system's memory. A
refresh is the six panels: at the query layer one after the other, over HTTP all at once, in
Chromium from the change of the period to the last change of anything that the panels show.
"""

import argparse
import platform
import statistics
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from bench.browser import time_browser
from bench.http import time_http
from bench.query_layer import time_query_layer
from bench.store import prepare_store, running_server
from queries.filters import Period

#: The newest moment of the measured data, so that every run measures the same.
UNTIL = datetime(2026, 11, 1, 12, tzinfo=UTC)
DEFAULT_ROUNDS = 9


def main() -> None:
    arguments = _arguments()
    cache = Path(".cache/bench")
    store = prepare_store(cache, arguments.messages, UNTIL)
    print(f"{arguments.messages:,} messages, {arguments.rounds} rounds, medians (worst) in ms")
    print(
        f"{platform.machine()}, {_cores()} cores, Python {platform.python_version()}, "
        f"DuckDB {duckdb.__version__}"
    )
    for days in (30, 365):
        period = Period(UNTIL.date() - timedelta(days=days - 1), UNTIL.date())
        _print(f"query layer, {days} days", time_query_layer(store, period, arguments.rounds))
    with TemporaryDirectory() as folder, running_server(store, Path(folder)) as address:
        newest = UNTIL.date()
        period = Period(newest - timedelta(days=29), newest)
        _print("HTTP, 30 days", time_http(address, period, arguments.rounds))
        _print("Chromium, 30 days", time_browser(address, period, arguments.rounds))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=DEFAULT_ROUNDS)
    return parser.parse_args()


def _cores() -> int:
    from os import sched_getaffinity  # noqa: PLC0415 - Linux only

    return len(sched_getaffinity(0))


def _print(what: str, samples: dict[str, list[float]] | None) -> None:
    if samples is None:
        print(f"{what:<24} skipped: no Chromium")
        return
    for temperature, times in samples.items():
        print(f"{what:<24} {temperature:<5} {statistics.median(times):8.1f} ({max(times):.1f})")


if __name__ == "__main__":
    main()
