"""The few numbers that say how we stand; None for what was not measured, never a guess."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from bench.samples import median, ratio

#: The size that the ratios are about, and the one it is compared with.
MAIN, LARGE = 10_000_000, 50_000_000
USERS: Final = 8

#: By part, then by number of messages as a text: what was measured.
Parts = Mapping[str, Mapping[str, Any]]


def ratios(parts: Parts) -> dict[str, float | None]:
    """Plain numbers at ten million messages, rounded to what samples can say."""
    pages = _at(parts, "browser", MAIN).get("pages", {})
    ours, empty, peer = (pages.get(name, {}) for name in ("ours", "empty", "peer"))
    concurrency = _at(parts, "concurrency", MAIN)
    exact = {
        "query_vs_floor_worst": _worst_vs_floor(parts, selective=False),
        "selective_vs_floor_worst": _worst_vs_floor(parts, selective=True),
        "fifty_vs_ten_million": _fifty_vs_ten_million(parts),
        "browser_vs_empty_page": _between(ours, empty, "change_cold_ms"),
        "browser_speedup_vs_peer": _between(peer, ours, "change_cold_ms"),
        "first_load_speedup_vs_peer": _between(peer, ours, "load_cold_ms"),
        "first_load_megabytes": median(ours.get("load_cold_megabytes", [])),
        "first_load_requests": median(ours.get("load_cold_requests", [])),
        "refreshes_per_second_8_users": _refreshes_per_second(concurrency),
        "worker_megabytes": concurrency.get("memory_megabytes", {}).get("worker_rss"),
    }
    return {name: None if value is None else round(value, 3) for name, value in exact.items()}


def vs_floor(row: Mapping[str, Any]) -> float | None:
    """Our cold median over the floor's, of one scenario and basis."""
    return ratio(median(row["ours_cold_ms"]), median(row["floor_ms"]))


def _at(parts: Parts, part: str, messages: int) -> Mapping[str, Any]:
    found: Mapping[str, Any] = parts.get(part, {}).get(str(messages), {})
    return found


def _worst_vs_floor(parts: Parts, *, selective: bool) -> float | None:
    rows = _at(parts, "query_layer", MAIN).get("rows", [])
    return _worst(vs_floor(row) for row in rows if row["selective"] is selective)


def _fifty_vs_ten_million(parts: Parts) -> float | None:
    large, main = (_cold_30_days(parts, messages) for messages in (LARGE, MAIN))
    return _worst(ratio(large.get(basis), cold) for basis, cold in main.items())


def _cold_30_days(parts: Parts, messages: int) -> dict[str, float | None]:
    rows = _at(parts, "query_layer", messages).get("rows", [])
    return {
        row["basis"]: median(row["ours_cold_ms"]) for row in rows if row["scenario"] == "30 days"
    }


def _between(one: Mapping[str, Any], other: Mapping[str, Any], what: str) -> float | None:
    return ratio(median(one.get(what, [])), median(other.get(what, [])))


def _refreshes_per_second(concurrency: Mapping[str, Any]) -> float | None:
    rows = concurrency.get("rows", [])
    return next(
        (
            row["refreshes_per_second"]
            for row in rows
            if row["users"] == USERS and row["form"] == "page"
        ),
        None,
    )


def _worst(values: Iterable[float | None]) -> float | None:
    """The greatest; None where one is missing, for then nobody knows the worst."""
    known = list(values)
    return (
        max((value for value in known if value is not None), default=None)
        if all(value is not None for value in known)
        else None
    )
