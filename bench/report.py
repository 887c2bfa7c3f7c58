"""docs/performance.md: what was measured, in tables, and how."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from bench.ratios import LARGE, MAIN, Parts, ratios, vs_floor
from bench.samples import median, p95, ratio

REPORT: Final = Path("docs/performance.md")
NOT_MEASURED: Final = "Not measured yet."
#: What each ratio is, in the order of the table.
_RATIOS: Final = {
    "query_vs_floor_worst": "query layer, cold, over the floor: the worst scenario without people "
    "and cases",
    "selective_vs_floor_worst": "the same: the worst scenario with a person or cases",
    "fifty_vs_ten_million": "query layer, cold, 30 days: 50 M over 10 M messages",
    "browser_vs_empty_page": "Chromium, filter change, cold: ours over the floor page",
    "browser_speedup_vs_peer": "Chromium, filter change, cold: the peer over ours",
    "first_load_speedup_vs_peer": "Chromium, first load: the peer over ours",
    "first_load_megabytes": "first load: MB that our server sends",
    "first_load_requests": "first load: requests",
    "refreshes_per_second_8_users": "complete refreshes a second, 8 users, distinct filters",
    "worker_megabytes": "memory of the server's worker after all that, MB",
}
_PAGES: Final = {"ours": "ours", "empty": "floor: Dash, no work", "peer": "peer: Streamlit"}
_HOW: Final = """## How it is measured

`make bench` does all of it: `python -m bench --help` names its options. `--sizes 1,10` leaves 50 M
messages out, `--only query_layer` runs one part, `--rounds` sets the samples of each thing, and
`--anew` makes the stores again. A run of some parts takes the place of those in
`bench/results.json` and leaves the others; what another machine or other versions gave is dropped.

- **Data** is the demonstration data of seed 7 up to 2026-11-01 12:00 UTC; from 5 M messages on it
  spans 1,096 days. It is written as Parquet by one process and loaded by `import` in another, as
  anybody's files are. Added are the newest 15,000 messages once more, later and under new ids:
  those of older cases go on in their cases. Seconds are those of the whole command, its start
  included.
- **Scenarios**: a refresh asks for every panel of the period and a page of the table through
  `queries.reader.Reader`, one after the other in one process. Cold is an empty answer cache and a
  period that no sample before had; the file may well be in the system's memory. Warm is the same
  question once more. Which channel, type, person and cases are asked for is read off the store: the
  most frequent, somebody with the median number of cases, case numbers at equal distances.
- **The floor** of the query layer is SQL written by hand (`bench/floor_sql.py`) on the same open
  file in the same process, `execute` and `fetchall` and nothing else; the two take turns, and who
  is first changes. Before anything is timed the floor's numbers and the page's message ids are
  compared with ours; where they differ the run stops.
- **Chromium** has three pages open, each with a server of its own, and they take turns: ours; a
  Dash page with the same figures, indicators and table, whose callbacks give back recorded answers
  (`bench/empty_page.py`); and a Streamlit page with the same panels on a copy of the same store
  (`bench/peer/`), with plain SQL on the base tables, cached. One script in all three
  (`bench/painted.js`) takes the time from the click on a channel until the frame after the last
  change of the DOM in the panels, and waits 1.5 s for another one. Each cold change is of a period
  and channel that were not asked for before; the warm ones are the same once more. For a first load
  the browser's cache is empty, for a second one it is not; the server has started before, and knows
  the answers. Bytes are what Chromium counted on the wire, web sockets included.
- **Users at once** are threads of one process that repeat the requests which the page was seen to
  send at a change of the channel, each time with another period or channel; a refresh is complete
  when its last answer is read. "page" is all panels; "page with options" is all that the page
  asks then, lists of options included; "api" is their addresses of the API. The users share the
  machine with the server; what they take of it stands beside.
- **Memory** is what Linux says of the server's processes after the users have left: `worker` is the
  resident memory of the process that answers, `pss` all processes with what they share counted
  once.
"""


def report(results: Mapping[str, Any]) -> str:
    """The whole page; what was not measured says so."""
    parts: Parts = results["parts"]
    sections = [
        "# Performance",
        "Written by `make bench`; every sample is in `bench/results.json`. MB are 10^6 bytes.",
        _standing(parts),
        _machine(results),
        _load(parts),
        *_scenarios(parts),
        _growth(parts),
        _chromium(parts),
        _users(parts),
        _HOW,
    ]
    return "\n\n".join(section.strip() for section in sections) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], texts: int = 1) -> str:
    """A Markdown table whose first ``texts`` columns are words and the others numbers."""
    ruler = ["---"] * texts + ["---:"] * (len(head) - texts)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ruler, *rows))


def number(value: float | None, digits: int = 1) -> str:
    """A number with so many digits after the point; a hyphen where there is none."""
    return "-" if value is None else f"{value:,.{digits}f}"


def _standing(parts: Parts) -> str:
    found = ratios(parts)
    rows = [(words, number(found[name], 2)) for name, words in _RATIOS.items()]
    return f"## Where we stand, {MAIN:,} messages\n\n" + table(("what", "value"), rows)


def _machine(results: Mapping[str, Any]) -> str:
    streamlit = [
        {"streamlit": measured["streamlit"]}
        for _, measured in _by_size(results["parts"], "browser")
        if "streamlit" in measured
    ]
    found = results["machine"] | results["versions"] | (streamlit[-1] if streamlit else {})
    rows = [(name.replace("_", " "), str(value)) for name, value in found.items()]
    stamps = [
        (
            part.replace("_", " "),
            f"{size:,}",
            measured["measured_at"],
            measured["revision"],
            number(measured["took_seconds"] / 60),
        )
        for part in results["parts"]
        for size, measured in _by_size(results["parts"], part)
    ]
    head = ("part", "messages", "measured at", "commit", "took, minutes")
    return "\n\n".join(
        ("## Machine and versions", table(("what", "value"), rows, 2), table(head, stamps, 4))
    )


def _load(parts: Parts) -> str:
    rows = [
        (
            f"{size:,}",
            number(measured["generate"]["seconds"]),
            number(measured["parquet_megabytes"], 0),
            number(measured["load"]["seconds"]),
            number(measured["load"]["peak_megabytes"], 0),
            number(measured["store_megabytes"], 0),
            number(median(measured["add"]["without_server_seconds"]), 2),
            number(median(measured["add"]["with_server_seconds"]), 2),
            number(measured["add"]["starting_seconds"], 2),
        )
        for size, measured in _by_size(parts, "load")
    ]
    head = (
        "messages",
        "generate, s",
        "Parquet, MB",
        "load, s",
        "peak of the load, MB",
        "store, MB",
        "add 15,000, s",
        "beside a server, s",
        "of it the command's start, s",
    )
    return _section("Data and load", table(head, rows, 0) if rows else NOT_MEASURED)


def _scenarios(parts: Parts) -> list[str]:
    found = [
        _section(
            f"Scenarios, {size:,} messages",
            "Milliseconds of a refresh of all panels; medians unless they say otherwise.",
            _scenario_table(measured["rows"]),
        )
        for size, measured in _by_size(parts, "query_layer")
    ]
    return found or [_section("Scenarios", NOT_MEASURED)]


def _scenario_table(measured: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        (
            row["scenario"],
            row["basis"],
            number(median(row["floor_ms"])),
            number(p95(row["floor_ms"])),
            number(median(row["ours_cold_ms"])),
            number(p95(row["ours_cold_ms"])),
            number(vs_floor(row), 2),
            number(median(row["ours_warm_ms"])),
            number(p95(row["ours_warm_ms"])),
        )
        for row in measured
    ]
    head = ("scenario", "basis", "floor", "p95", "cold", "p95", "cold / floor", "warm", "p95")
    return table(head, rows, 2)


def _growth(parts: Parts) -> str:
    title = "50 M beside 10 M messages"
    large, main = (
        {
            (row["scenario"], row["basis"]): median(row["ours_cold_ms"])
            for row in parts.get("query_layer", {}).get(str(size), {}).get("rows", [])
        }
        for size in (LARGE, MAIN)
    )
    rows = [
        (*key, number(main[key]), number(cold), number(ratio(cold, main[key]), 2))
        for key, cold in large.items()
        if key in main
    ]
    if not rows:
        return _section(title, NOT_MEASURED)
    return _section(title, table(("scenario", "basis", "10 M", "50 M", "ratio"), rows, 2))


def _chromium(parts: Parts) -> str:
    found = [(size, measured) for size, measured in _by_size(parts, "browser") if measured["pages"]]
    if not found:
        return _section("Chromium", NOT_MEASURED)
    size, measured = found[-1]
    pages = measured["pages"]
    return _section(
        f"Chromium, {size:,} messages",
        "Milliseconds until the last panel is painted: from the click on a channel (30 days) ...",
        _page_table(pages, "change", ()),
        "... and from the first request of the page, with an empty and a filled browser cache.",
        _page_table(pages, "load", ("requests", "megabytes")),
    )


def _page_table(pages: Mapping[str, Any], what: str, counted: Sequence[str]) -> str:
    ours = pages["ours"]
    rows = []
    for name, words in _PAGES.items():
        cells = [words]
        for temperature in ("cold", "warm"):
            samples = pages[name][f"{what}_{temperature}_ms"]
            our_median = median(ours[f"{what}_{temperature}_ms"])
            cells += [
                number(median(samples), 0),
                number(p95(samples), 0),
                number(ratio(our_median, median(samples)), 2),
            ]
            cells += [
                number(median(pages[name][f"{what}_{temperature}_{unit}"]), digits)
                for unit, digits in zip(counted, (0, 2), strict=False)
            ]
        rows.append(cells)
    columns = ["p95", "ours / this", *(unit.replace("megabytes", "MB") for unit in counted)]
    return table(["page", "cold", *columns, "warm", *columns], rows)


def _users(parts: Parts) -> str:
    found = _by_size(parts, "concurrency")
    if not found:
        return _section("Users at once", NOT_MEASURED)
    size, measured = found[-1]
    rows = [
        (
            row["form"],
            str(row["users"]),
            number(row["refreshes_per_second"]),
            number(row["median_ms"], 0),
            number(row["p95_ms"], 0),
            number(row["client_cores"], 2),
        )
        for row in measured["rows"]
    ]
    head = ("requests", "users", "refreshes a second", "median, ms", "p95, ms", "users' own cores")
    memory = measured["memory_megabytes"]
    return _section(
        f"Users at once, {size:,} messages",
        table(head, rows),
        f"Memory of the server afterwards: worker {number(memory['worker_rss'], 0)} MB, "
        f"pss {number(memory['pss'], 0)} MB.",
    )


def _section(title: str, *paragraphs: str) -> str:
    return "\n\n".join((f"## {title}", *paragraphs))


def _by_size(parts: Parts, part: str) -> list[tuple[int, Any]]:
    """What was measured of a part, the smallest store first."""
    return sorted(
        ((int(messages), measured) for messages, measured in parts.get(part, {}).items()),
        key=lambda found: found[0],
    )
