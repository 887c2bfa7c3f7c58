"""docs/performance.md: what was measured, in tables."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from bench.ratios import Parts, vs_floor
from bench.samples import median, p95

REPORT: Final = Path("docs/performance.md")
NOT_MEASURED: Final = "not measured"


def report(results: Mapping[str, Any]) -> str:
    """The whole page; what was not measured says so."""
    parts: Parts = results["parts"]
    sections = [
        "# Performance",
        "Written by `make bench`; every sample is in `bench/results.json`.",
        _machine(results),
        _load(parts.get("load", {})),
        *(
            _query_layer(int(messages), measured)
            for messages, measured in _by_size(parts.get("query_layer", {}))
        ),
    ]
    return "\n\n".join(sections) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; columns after the first are numbers."""
    ruler = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ruler, *rows))


def number(value: float | None, digits: int = 1) -> str:
    """A number with so many digits after the point; a hyphen where there is none."""
    return "-" if value is None else f"{value:,.{digits}f}"


def _by_size(measured: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return sorted(measured.items(), key=lambda item: int(item[0]))


def _machine(results: Mapping[str, Any]) -> str:
    rows = [*results["machine"].items(), *results["versions"].items()]
    return table(
        ("what", "value"), [(str(name).replace("_", " "), str(value)) for name, value in rows]
    )


def _load(_measured: Mapping[str, Any]) -> str:
    return "## Load"


def _query_layer(messages: int, measured: Mapping[str, Any]) -> str:
    rows = [
        (
            row["scenario"],
            row["basis"],
            number(median(row["floor_ms"])),
            number(median(row["ours_cold_ms"])),
            number(vs_floor(row), 2),
            number(p95(row["ours_cold_ms"])),
            number(median(row["ours_warm_ms"])),
            number(p95(row["ours_warm_ms"])),
        )
        for row in measured["rows"]
    ]
    head = ("scenario", "basis", "floor", "cold", "ratio", "cold p95", "warm", "warm p95")
    return f"## Scenarios, {messages:,} messages\n\n" + table(head, rows)
