"""Compute the few numbers that summarise the benchmark; None where something was not measured."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from bench.samples import median, ratio

#: Numbers of messages: the size that the ratios are taken at, and the one that shows growth.
MAIN_SIZE, LARGE_SIZE = 10_000_000, 50_000_000
#: The size at which published files are compared with the main one.
HUGE_SIZE: Final = 100_000_000
#: The number of simultaneous users that the ratios name.
USERS: Final = 8

#: The results of each part, by part ("load", "browser", …) and then by number of messages as text.
Parts = Mapping[str, Mapping[str, Any]]


def ratios(parts: Parts) -> dict[str, float | None]:
    """Return the summary numbers by name, for ten million messages, with three decimals."""
    pages = _at(parts, "browser", MAIN_SIZE).get("pages", {})
    ours, empty, peer, mosaic = (
        pages.get(name, {}) for name in ("ours", "empty", "peer", "mosaic")
    )
    concurrency = _at(parts, "concurrency", MAIN_SIZE)
    exact = {
        "query_vs_floor_worst": _worst_vs_floor(parts, selective=False),
        "selective_vs_floor_worst": _worst_vs_floor(parts, selective=True),
        "fifty_vs_ten_million": _fifty_vs_ten_million(parts),
        "browser_vs_empty_page": _median_ratio(ours, empty, "change_cold_ms"),
        "browser_speedup_vs_peer": _median_ratio(peer, ours, "change_cold_ms"),
        "all_painted_vs_mosaic_cold": _median_ratio(ours, mosaic, "change_cold_ms"),
        "in_view_vs_mosaic_cold": _median_ratio(ours, mosaic, "change_cold_in_view_ms"),
        "all_painted_vs_mosaic_warm": _median_ratio(ours, mosaic, "change_warm_ms"),
        "all_painted_vs_mosaic_served": _median_ratio(ours, mosaic, "change_served_ms"),
        "all_painted_vs_mosaic_ahead": _median_ratio(ours, mosaic, "change_ahead_ms"),
        "first_load_vs_mosaic": _median_ratio(ours, mosaic, "load_slow_ms"),
        "first_load_speedup_vs_peer": _median_ratio(peer, ours, "load_cold_ms"),
        "first_load_megabytes": median(ours.get("load_cold_megabytes", [])),
        "first_load_requests": median(ours.get("load_cold_requests", [])),
        "refreshes_per_second_8_users": _refreshes_per_second(concurrency),
        "worker_megabytes": concurrency.get("memory_megabytes", {}).get("worker_rss"),
        "files_hundred_vs_ten_million": ratio(
            _files_30_days(parts, HUGE_SIZE), _files_30_days(parts, MAIN_SIZE)
        ),
        "two_servers_vs_one": _two_servers_vs_one(parts),
    }
    return {name: None if value is None else round(value, 3) for name, value in exact.items()}


def vs_floor(row: Mapping[str, Any]) -> float | None:
    """Return our median with a cold cache, divided by the floor's, of one scenario and basis."""
    return ratio(median(row["ours_cold_ms"]), median(row["floor_ms"]))


def _at(parts: Parts, part: str, messages: int) -> Mapping[str, Any]:
    measured: Mapping[str, Any] = parts.get(part, {}).get(str(messages), {})
    return measured


def _worst_vs_floor(parts: Parts, *, selective: bool) -> float | None:
    rows = _at(parts, "query_layer", MAIN_SIZE).get("rows", [])
    return _worst(vs_floor(row) for row in rows if row["selective"] is selective)


def _fifty_vs_ten_million(parts: Parts) -> float | None:
    large, main = (_cold_30_days(parts, messages) for messages in (LARGE_SIZE, MAIN_SIZE))
    return _worst(ratio(large.get(basis), cold) for basis, cold in main.items())


def _cold_30_days(parts: Parts, messages: int) -> dict[str, float | None]:
    rows = _at(parts, "query_layer", messages).get("rows", [])
    return {
        row["basis"]: median(row["ours_cold_ms"]) for row in rows if row["scenario"] == "30 days"
    }


def _median_ratio(
    numerator: Mapping[str, Any], denominator: Mapping[str, Any], measure: str
) -> float | None:
    return ratio(median(numerator.get(measure, [])), median(denominator.get(measure, [])))


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


def _files_30_days(parts: Parts, messages: int) -> float | None:
    """Return the median ms of a refresh of 30 days on published files."""
    rows = _at(parts, "published", messages).get("kinds", {}).get("files", {}).get("rows", [])
    return next((median(row["published_ms"]) for row in rows if row["scenario"] == "30 days"), None)


def _two_servers_vs_one(parts: Parts) -> float | None:
    rows = _at(parts, "readers", MAIN_SIZE).get("rows", [])
    by_servers = {row["servers"]: row["median"] for row in rows}
    return ratio(by_servers.get(2), by_servers.get(1))


def _worst(values: Iterable[float | None]) -> float | None:
    """Return the greatest value; None where a value is missing, since it could be the greatest."""
    known = list(values)
    return (
        max((value for value in known if value is not None), default=None)
        if all(value is not None for value in known)
        else None
    )
