"""``make bench``: measure load, queries, page and server, and a floor and a peer in the same run.

Writes bench/results.json (every sample) and docs/performance.md. A run of some parts or sizes
replaces the results of those and keeps the rest.
"""

import argparse
import signal
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bench.machine import cores, machine, revision, versions
from bench.published import measure_published
from bench.query_layer import measure_query_layer
from bench.ratios import MAIN_SIZE
from bench.readers import measure_readers
from bench.report import REPORT, report
from bench.results import RESULTS_FILE, read_results, set_part, write_results
from bench.server_benchmarks import benchmark_browser, benchmark_concurrency
from bench.stores import lacks_disk_space, make_store, measure_additions, read_figures
from tests.chromium import find_chromium

MILLION: Final = 1_000_000
#: The scenarios to measure beyond the main size: enough to see how times grow.
LARGE_SCENARIOS: Final = (
    "7 days",
    "30 days",
    "30 days + channel",
    "30 days + person",
    "1 year",
    "3 years",
)

#: Measures one part: called with the path of a store and the number of rounds, returns results.
Part = Callable[[Path, int], dict[str, Any]]


def main() -> None:
    arguments = _arguments()
    # Turn SIGTERM into SystemExit, so that the servers started here are ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    chromium = find_chromium(as_users_have=True)
    results = read_results(RESULTS_FILE, machine(), versions(chromium))
    for messages in arguments.sizes:
        if lacks_disk_space(messages):
            print(f"{messages:,} messages are skipped: the disk has too little free space")
            continue
        store = make_store(messages, anew=arguments.anew)
        for name, part in PARTS.items():
            if name in arguments.only and _is_measured_at(name, messages, arguments.sizes):
                print(f"{name}, {messages:,} messages", flush=True)
                stamp, begun = _stamp(), time.perf_counter()
                measured = part(store, arguments.rounds)
                stamp["took_seconds"] = round(time.perf_counter() - begun)
                set_part(results, name, messages, stamp | measured)
                write_results(results, RESULTS_FILE)
                REPORT.write_text(report(results))
    print(f"wrote {REPORT} and {RESULTS_FILE}")


def _load(store: Path, _rounds: int) -> dict[str, Any]:
    return read_figures(store) | {"add": measure_additions(store)}


def _query_layer(store: Path, rounds: int) -> dict[str, Any]:
    is_large = read_figures(store)["messages"] > MAIN_SIZE
    rows = measure_query_layer(store, cores(), rounds, LARGE_SCENARIOS if is_large else None)
    return {"rounds": rounds, "rows": rows}


PARTS: Final[dict[str, Part]] = {
    "load": _load,
    "query_layer": _query_layer,
    "concurrency": benchmark_concurrency,
    "browser": benchmark_browser,
    "published": measure_published,
    "readers": measure_readers,
}
#: Parts measured with one store only, since they are about the server and the page.
_ONE_SIZE_PARTS: Final = ("concurrency", "browser", "readers")


def _is_measured_at(part: str, messages: int, sizes: Sequence[int]) -> bool:
    """Return whether a run with these sizes measures the part with this many messages.

    Parts of ``_ONE_SIZE_PARTS`` are measured at the main size, or else at the largest size given.
    """
    return part not in _ONE_SIZE_PARTS or messages == (
        MAIN_SIZE if MAIN_SIZE in sizes else max(sizes)
    )


def _stamp() -> dict[str, Any]:
    """Return the present time in UTC and the commit that is measured."""
    now = datetime.now(UTC)
    return {"measured_at": now.isoformat(timespec="seconds"), "revision": revision()}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--sizes", type=_sizes, default="1,10,50", help="millions of messages")
    parser.add_argument("--rounds", type=int, default=9, help="samples of each measurement")
    parser.add_argument("--only", type=_parts, default=",".join(PARTS), help="parts to run")
    parser.add_argument("--anew", action="store_true", help="make existing stores again")
    return parser.parse_args()


def _sizes(text: str) -> list[int]:
    return [int(part) * MILLION for part in text.split(",")]


def _parts(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - set(PARTS):
        raise argparse.ArgumentTypeError(f"no such part: {', '.join(unknown)}")
    return names


if __name__ == "__main__":
    main()
