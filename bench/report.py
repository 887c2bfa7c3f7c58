"""Write docs/performance.md: tables of the results, and how they were measured."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from bench.ratios import LARGE_SIZE, MAIN_SIZE, Parts, ratios, vs_floor
from bench.samples import median, p95, ratio

REPORT: Final = Path("docs/performance.md")
NOT_MEASURED: Final = "Not measured yet."
#: What each ratio says, in the order of the table.
_RATIOS: Final = {
    "query_vs_floor_worst": "query layer, cold: our time ÷ the floor's, worst scenario without a "
    "person or cases",
    "selective_vs_floor_worst": "query layer, cold: our time ÷ the floor's, worst scenario with a "
    "person or cases",
    "fifty_vs_ten_million": "query layer, cold, 30 days: time with 50 M ÷ time with 10 M messages",
    "browser_vs_empty_page": "Chromium, filter change, cold: our time ÷ the floor page's",
    "browser_speedup_vs_peer": "Chromium, filter change, cold: Streamlit's time ÷ ours",
    "all_painted_vs_mosaic_cold": "Chromium, filter change, cold: our time ÷ Mosaic's",
    "in_view_vs_mosaic_cold": "the same, panels in view: our time ÷ Mosaic's",
    "all_painted_vs_mosaic_warm": "the same as the first, warm: our time ÷ Mosaic's",
    "all_painted_vs_mosaic_served": "the same, served: our time ÷ Mosaic's",
    "all_painted_vs_mosaic_ahead": "the same, ahead: our time ÷ Mosaic's",
    "first_load_vs_mosaic": "Chromium, first load, 10 Mbit/s and 40 ms: our time ÷ Mosaic's",
    "first_load_speedup_vs_peer": "Chromium, first load: Streamlit's time ÷ ours",
    "first_load_megabytes": "Chromium, first load: MB received from our server",
    "first_load_requests": "Chromium, first load: requests to our server",
    "refreshes_per_second_8_users": "complete refreshes a second, 8 users, distinct filters",
    "worker_megabytes": "memory of the server's largest process after these refreshes, MB",
    "files_hundred_vs_ten_million": "published files, cold, 30 days: time with 100 M ÷ time with "
    "10 M messages",
    "two_servers_vs_one": "refreshes a second of two servers on published files ÷ those of one",
}
_PAGES: Final = {
    "ours": "ours",
    "empty": "floor: Dash, no work",
    "peer": "peer: Streamlit",
    "mosaic": "peer: Mosaic",
}
#: The measures of an action in Chromium: the column, the end of the measure's name, its digits.
_CHANGE_COLUMNS: Final = (
    ("in view", "in_view_ms", 0),
    ("last change", "settled_ms", 0),
    ("CPU", "cpu_ms", 0),
    ("requests", "requests", 0),
)
_LOAD_COLUMNS: Final = (("requests", "requests", 0), ("MB", "megabytes", 2))
_HOW: Final = """## How it is measured

`make bench` measures everything; `python -m bench --help` lists its options. `--sizes 1,10` leaves
50 M messages out, `--only query_layer` runs one part, `--rounds` sets the number of samples, and
`--anew` makes the stores again. A run of some parts replaces their results in `bench/results.json`
and keeps the others; results of another machine or of other software versions are dropped.

- **Data**: the demonstration data of seed 7 that end on 2026-11-01 at 12:00 UTC; from 5 M messages
  on they span 1,096 days. One process writes them as Parquet files and the command `import` loads
  them in another, as it loads any user's files. More than 10 M messages are loaded by several
  imports: their seconds are added up, and the highest memory counts. "Add 15,000" imports copies of
  the newest 15,000 messages with later times and new ids; those of older cases continue these
  cases. Seconds are the whole command's; the last column is the part that it takes to start.
- **Scenarios**: a refresh asks `queries.reader.Reader` for every panel of the period and for one
  page of the table, one after the other in one process; the panel of waiting cases, which has no
  period, is not part of it. Cold means that the answer cache is empty and that no earlier sample
  had the same period; the system may hold the store's file in memory. Warm means that the same
  refresh was asked for before. The filter values come from the store: the most frequent channels
  and types, a person with a median number of cases among those who opened one in the last 7 days,
  and case numbers at equal distances.
- **The floor** of the query layer is hand-written SQL (`bench/floor_sql.py`) on the same open file
  in the same process, with `execute` and `fetchall` and nothing else. Ours and the floor are
  measured in turn, each first every other time. Before a scenario is timed, the floor's numbers and
  the message ids of its table page are compared with ours; the run stops where they differ.
- **Chromium**: four pages are open, each on its own server, and are measured in turn. They are
  ours; a Dash page with the same graphs, indicators and table, whose callbacks replay recorded
  answers (the floor, `bench/empty_page.py`); a Streamlit page with four graphs, indicators and
  table of the same kind (a peer, `bench/peer/`), which caches plain SQL on the base tables of a
  copy of the store; and a page of Mosaic's vgplot with four graphs and a table (a peer,
  `bench/peer/mosaic/`), which asks its duckdb-server about another copy, with Mosaic's
  pre-aggregation and its cache in the page. Mosaic is fetched with npm, and left out without it.
  The floor and the peers do not have our panels of waiting cases, failures and HSMs in an open
  window. The same script in all of them (`bench/paint_timer.js`) takes the time from the click on a
  channel until the frame after the last DOM change in the panels ("all"), or in those that were in
  view at the click; a change counts as the last when none follows for 1.5 s. A page may number its
  questions and tell which panel shows which answer; then "all" is the frame after every panel shows
  the newest one, and "last change" shows what it did later.
- **Changes**: each cold change has a combination of period and channel that nobody asked for
  before, and the pointer presses as soon as it is on the channel; a page that asks for nothing
  after the click fails the run. Warm changes repeat these combinations in the same tab, so that a
  page may have kept the answers itself; served ones repeat them in a new tab, so that only the
  server has the answers; ahead ones have new combinations, and the pointer rests on the channel
  until the page asks nothing more. The floor and Streamlit keep no answers in the page and ask
  nothing in advance, so these two are not taken of them. CPU is the thread time of the page's main
  thread from the click until it stands still. Requests are those between click and "all", web
  socket messages included.
- **Loads**: a cold load has an empty browser cache, a warm load a filled one, a slow load an empty
  one and a line of 10 Mbit/s and 40 ms, as Chromium slows requests down (not web sockets); our
  server has the answers in its cache. Requests and MB are what Chromium counted until the page was
  painted, web sockets included. Mosaic's scripts are one compressed file.
- **Simultaneous users** are threads of one process that repeat the requests which our page was
  recorded to send when a channel is chosen, each time with another period or channel. A refresh is
  complete when its last answer is read. "page" is the requests for all panels that the page shows
  and the table's page; "page with options" is every request that the page sends with the changed
  filters; "api" asks the API for the panels of the scenarios. The users run on the same machine as
  the server; "users' own cores" says how many of its cores they take.
- **Published stores**: a copy of the store is published to an empty place, then three times after
  an import of 15,000 more messages; seconds are those of the publication alone. Then the published
  store and DuckDB are asked in turn, in one process, each with an empty cache, by message date.
  PostgreSQL is Debian's with its default settings and without fsync, as tests run it; ClickHouse
  runs in the measuring process. Of larger stores only files are measured.
- **Several servers**: processes of their own on one machine, each asked by its share of 16 users
  who ask the API for the panels of the scenarios.
- **Memory** is what Linux reports for the server's processes after the users have left: `worker` is
  the resident memory of the largest process, `pss` is the memory of all processes, in which shared
  memory counts once.
"""


def report(results: Mapping[str, Any]) -> str:
    """Return the whole page as Markdown; a section without results says that they are missing."""
    parts: Parts = results["parts"]
    sections = [
        "# Performance",
        "Written by `make bench`; every sample is in `bench/results.json`. MB are 10^6 bytes.",
        _summary(parts),
        _machine(results),
        _load(parts),
        *_scenarios(parts),
        _growth(parts),
        _chromium(parts),
        _users(parts),
        *_published(parts),
        _readers(parts),
        _HOW,
    ]
    return "\n\n".join(section.strip() for section in sections) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], texts: int = 1) -> str:
    """Return a Markdown table whose first ``texts`` columns are texts and the others numbers."""
    ruler = ["---"] * texts + ["---:"] * (len(head) - texts)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ruler, *rows))


def number(value: float | None, digits: int = 1) -> str:
    """Return the number with ``digits`` digits after the point; a hyphen for None."""
    return "-" if value is None else f"{value:,.{digits}f}"


def _summary(parts: Parts) -> str:
    values = ratios(parts)
    rows = [(words, number(values[name], 2)) for name, words in _RATIOS.items()]
    return f"## Summary, {MAIN_SIZE:,} messages\n\n" + table(("what", "value"), rows)


def _machine(results: Mapping[str, Any]) -> str:
    peers = [measured.get("peers", {}) for _, measured in _by_size(results["parts"], "browser")]
    facts = results["machine"] | results["versions"] | (peers[-1] if peers else {})
    rows = [(name.replace("_", " "), str(value)) for name, value in facts.items()]
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
        "peak memory of the load, MB",
        "store, MB",
        "add 15,000, s",
        "add 15,000 beside a server, s",
        "of which the command's start, s",
    )
    return _section("Data and load", table(head, rows, 0) if rows else NOT_MEASURED)


def _scenarios(parts: Parts) -> list[str]:
    sections = [
        _section(
            f"Scenarios, {size:,} messages",
            "Milliseconds of a refresh of all panels: medians, each before its 95th percentile.",
            _scenario_table(measured["rows"]),
        )
        for size, measured in _by_size(parts, "query_layer")
    ]
    return sections or [_section("Scenarios", NOT_MEASURED)]


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
    title = "50 M compared with 10 M messages"
    large, main = (
        {
            (row["scenario"], row["basis"]): median(row["ours_cold_ms"])
            for row in parts.get("query_layer", {}).get(str(size), {}).get("rows", [])
        }
        for size in (LARGE_SIZE, MAIN_SIZE)
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
    by_size = _by_size(parts, "browser")
    sizes = [(size, measured) for size, measured in by_size if measured["pages"]]
    if not sizes:
        return _section("Chromium", NOT_MEASURED)
    size, measured = sizes[-1]
    pages = measured["pages"]
    return _section(
        f"Chromium, {size:,} messages",
        "Milliseconds from the click on a channel (30 days) until all panels are painted:",
        _page_table(pages, "change", ("cold", "warm", "served", "ahead"), _CHANGE_COLUMNS),
        "Milliseconds from opening the address until all panels are painted, with an empty (cold) "
        "and a filled (warm) browser cache, and with an empty one on a slow line:",
        _page_table(pages, "load", ("cold", "warm", "slow"), _LOAD_COLUMNS),
    )


def _page_table(
    pages: Mapping[str, Any],
    action: str,
    states: Sequence[str],
    columns: Sequence[tuple[str, str, int]],
) -> str:
    """Return a table with a row of each state and page that was measured."""
    rows = []
    for state in states:
        ours = median(pages["ours"].get(f"{action}_{state}_ms", []))
        for name, words in _PAGES.items():
            measured = pages.get(name, {})
            samples = measured.get(f"{action}_{state}_ms", [])
            if not samples:
                continue
            cells = [number(median(samples), 0), number(p95(samples), 0)]
            cells.append(number(ratio(ours, median(samples)), 2))
            cells += [
                number(median(measured.get(f"{action}_{state}_{measure}", [])), digits)
                for _, measure, digits in columns
            ]
            rows.append((state, words, *cells))
    head = (action, "page", "all", "p95", "ours / this", *(column for column, _, _ in columns))
    return table(head, rows, 2)


def _users(parts: Parts) -> str:
    sizes = _by_size(parts, "concurrency")
    if not sizes:
        return _section("Simultaneous users", NOT_MEASURED)
    size, measured = sizes[-1]
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
        f"Simultaneous users, {size:,} messages",
        table(head, rows),
        f"Memory of the server afterwards: worker {number(memory['worker_rss'], 0)} MB, "
        f"pss {number(memory['pss'], 0)} MB.",
    )


def _published(parts: Parts) -> list[str]:
    """Return the sections on published stores: what publishing takes, and what questions take."""
    measured = [
        (size, kind, figures)
        for size, part in _by_size(parts, "published")
        for kind, figures in part["kinds"].items()
        if "skipped" not in figures
    ]
    if not measured:
        return [_section("Published stores", NOT_MEASURED)]
    publications = [
        (
            kind,
            f"{size:,}",
            number(figures["whole_seconds"]),
            number(figures["whole_megabytes"], 0),
            number(median(figures["more_seconds"])),
            number(median(figures["more_megabytes"])),
        )
        for size, kind, figures in measured
    ]
    questions = [
        (
            kind,
            row["scenario"],
            f"{size:,}",
            number(median(row["published_ms"]), 0),
            number(median(row["duckdb_ms"]), 0),
            number(ratio(median(row["published_ms"]), median(row["duckdb_ms"])), 2),
        )
        for size, kind, figures in measured
        for row in figures["rows"]
    ]
    head = ("kind", "messages", "all rows, s", "MB", "15,000 more, s", "MB more")
    asked = ("kind", "scenario", "messages", "published, ms", "DuckDB, ms", "ratio")
    return [
        _section("Published stores: publications", table(head, publications)),
        _section("Published stores: a refresh, cold", table(asked, questions, 2)),
    ]


def _readers(parts: Parts) -> str:
    sizes = _by_size(parts, "readers")
    if not sizes:
        return _section("Several servers", NOT_MEASURED)
    size, measured = sizes[-1]
    rows = [(str(row["servers"]), number(row["median"])) for row in measured["rows"]]
    return _section(
        f"Several servers on published files, {size:,} messages, {measured['users']} users",
        table(("servers", "refreshes a second"), rows),
    )


def _section(title: str, *paragraphs: str) -> str:
    return "\n\n".join((f"## {title}", *paragraphs))


def _by_size(parts: Parts, part: str) -> list[tuple[int, Any]]:
    """Return pairs of the number of messages and a part's results, the smallest number first."""
    return sorted(
        ((int(messages), measured) for messages, measured in parts.get(part, {}).items()),
        key=lambda pair: pair[0],
    )
