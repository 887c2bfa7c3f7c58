"""``make bench``: what the page costs, beside a floor and a peer measured in the same run.

Writes bench/results.json (every sample) and docs/performance.md. A run of some parts or sizes
replaces those and keeps the rest.
"""

import argparse
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bench.machine import cores, machine, revision, versions
from bench.query_layer import measure_query_layer
from bench.report import REPORT, report
from bench.results import FILE, add, read_results, write_results
from bench.served import browser, concurrency
from bench.stores import figures_of, make_store, measure_additions
from tests.chromium import find_chromium

MILLION: Final = 1_000_000
#: What a server is measured on, where that size is among those asked for.
MAIN_MILLIONS: Final = 10

#: A store, its number of messages and the rounds: what was measured.
Part = Callable[[Path, int], dict[str, Any]]


def main() -> None:
    arguments = _arguments()
    chromium = find_chromium()
    results = read_results(FILE, machine(), versions(chromium))
    for messages in arguments.sizes:
        store = make_store(messages, anew=arguments.anew)
        for name, part in PARTS.items():
            if name in arguments.only and _belongs(name, messages, arguments.sizes):
                print(f"{name}, {messages:,} messages", flush=True)
                measured = _stamp() | part(store, arguments.rounds)
                add(results, name, messages, measured)
                write_results(results, FILE)
    REPORT.write_text(report(results))
    print(f"{REPORT} and {FILE} are written")


def _load(store: Path, _rounds: int) -> dict[str, Any]:
    return figures_of(store) | {"add": measure_additions(store)}


def _query_layer(store: Path, rounds: int) -> dict[str, Any]:
    return {"rounds": rounds, "rows": measure_query_layer(store, cores(), rounds)}


PARTS: Final[dict[str, Part]] = {
    "load": _load,
    "query_layer": _query_layer,
    "concurrency": concurrency,
    "browser": browser,
}
#: Measured at one size only, since they are about the server and the page.
_ONCE: Final = ("concurrency", "browser")


def _belongs(part: str, messages: int, sizes: Sequence[int]) -> bool:
    main = MAIN_MILLIONS * MILLION
    return part not in _ONCE or messages == (main if main in sizes else max(sizes))


def _stamp() -> dict[str, str]:
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
