"""``make bench``: what the page costs, beside a floor and a peer measured in the same run.

Writes bench/results.json (every sample) and docs/performance.md. A run of some parts or sizes
replaces those and keeps the rest.
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
from bench.query_layer import measure_query_layer
from bench.ratios import MAIN
from bench.report import REPORT, report
from bench.results import FILE, add, read_results, write_results
from bench.served import browser, concurrency
from bench.stores import figures_of, lacks_room, make_store, measure_additions
from tests.chromium import find_chromium

MILLION: Final = 1_000_000
#: Beyond the main size: enough to see what grows.
LARGE_SCENARIOS: Final = (
    "7 days",
    "30 days",
    "30 days + channel",
    "30 days + person",
    "1 year",
    "3 years",
)

#: A store, its number of messages and the rounds: what was measured.
Part = Callable[[Path, int], dict[str, Any]]


def main() -> None:
    arguments = _arguments()
    # Ended from outside, the servers that were started end with us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    chromium = find_chromium()
    results = read_results(FILE, machine(), versions(chromium))
    for messages in arguments.sizes:
        if lacks_room(messages):
            print(f"{messages:,} messages are left out: the disk has no room for them")
            continue
        store = make_store(messages, anew=arguments.anew)
        for name, part in PARTS.items():
            if name in arguments.only and _belongs(name, messages, arguments.sizes):
                print(f"{name}, {messages:,} messages", flush=True)
                stamp, begun = _stamp(), time.perf_counter()
                measured = part(store, arguments.rounds)
                stamp["took_seconds"] = round(time.perf_counter() - begun)
                add(results, name, messages, stamp | measured)
                write_results(results, FILE)
                REPORT.write_text(report(results))
    print(f"{REPORT} and {FILE} are written")


def _load(store: Path, _rounds: int) -> dict[str, Any]:
    return figures_of(store) | {"add": measure_additions(store)}


def _query_layer(store: Path, rounds: int) -> dict[str, Any]:
    is_large = figures_of(store)["messages"] > MAIN
    rows = measure_query_layer(store, cores(), rounds, LARGE_SCENARIOS if is_large else None)
    return {"rounds": rounds, "rows": rows}


PARTS: Final[dict[str, Part]] = {
    "load": _load,
    "query_layer": _query_layer,
    "concurrency": concurrency,
    "browser": browser,
}
#: Measured at one size only, since they are about the server and the page.
_ONCE: Final = ("concurrency", "browser")


def _belongs(part: str, messages: int, sizes: Sequence[int]) -> bool:
    return part not in _ONCE or messages == (MAIN if MAIN in sizes else max(sizes))


def _stamp() -> dict[str, Any]:
    now = datetime.now(UTC)
    return {"measured_at": now.isoformat(timespec="seconds"), "revision": revision()}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--sizes", type=_sizes, default="1,10,50", help="millions of messages")
    parser.add_argument("--rounds", type=int, default=9, help="samples of each thing")
    parser.add_argument("--only", type=_parts, default=",".join(PARTS), help="parts to run")
    parser.add_argument("--anew", action="store_true", help="make stores that are there again")
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
