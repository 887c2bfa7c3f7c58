"""The benchmark's ratios, results file and report."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from bench.ratios import HUGE_SIZE, LARGE_SIZE, MAIN_SIZE, ratios
from bench.report import NOT_MEASURED, number, report, table
from bench.results import read_results, set_part, write_results

STAMP = {"measured_at": "2026-11-01T12:00:00+00:00", "revision": "abc1234", "took_seconds": 90}
MACHINE = {"processor": "any", "cores": 2}
VERSIONS = {"python": "3.11"}


def row(name: str, basis: str, cold: float, floor: float, *, selective: bool) -> dict[str, Any]:
    return {
        "scenario": name,
        "basis": basis,
        "selective": selective,
        "ours_cold_ms": [cold, cold, 1_000.0],
        "floor_ms": [floor, floor, 1_000.0],
        "ours_warm_ms": [1.0],
    }


def query_layer(factor: float) -> dict[str, Any]:
    rows = [
        row("30 days", "sent", 12 * factor, 10, selective=False),
        row("30 days", "opened", 13 * factor, 10, selective=False),
        row("3 years", "sent", 28, 20, selective=False),
        row("3 years + person", "sent", 30, 20, selective=True),
    ]
    return STAMP | {"rounds": 3, "rows": rows}


def page(change: float, load: float) -> dict[str, list[float]]:
    """Return the samples of a page; each state of a change takes 10 ms less than the one before."""
    loads = {f"load_{name}_ms": [load] for name in ("cold", "warm")}
    loads |= {"load_slow_ms": [2 * load]}
    traffic = {
        f"load_{name}_{unit}": [value]
        for name in ("cold", "warm", "slow")
        for unit, value in (("requests", 21), ("megabytes", 1.04))
    }
    changes = {
        f"change_{name}_{measure}": [change - less - 10 * index] * 2 + [9_000.0]
        for index, name in enumerate(("cold", "warm", "served", "ahead"))
        for measure, less in (("ms", 0), ("in_view_ms", 50), ("settled_ms", -5), ("cpu_ms", 60))
    }
    requests = {"change_cold_requests": [12, 12, 13], "change_warm_requests": [0, 0, 0]}
    return loads | changes | traffic | requests


def users(form: str, count: int, rate: float) -> dict[str, Any]:
    times = {"median_ms": 10.0, "p95_ms": 20.0, "client_cores": 0.1, "refreshes_ms": [10.0]}
    return {"form": form, "users": count, "refreshes_per_second": rate} | times


def whole() -> dict[str, Any]:
    """Return the results of a run in which everything was measured."""
    main, large = str(MAIN_SIZE), str(LARGE_SIZE)
    run = {"seconds": 12.0, "peak_megabytes": 300.0}
    added = {
        "messages": 15_000,
        "starting_seconds": 0.7,
        "without_server_seconds": [1.5, 1.6],
        "with_server_seconds": [1.7, 1.8],
    }
    load = {"generate": run, "load": run, "parquet_megabytes": 170.0, "store_megabytes": 400.0}
    memory = {"rss": 500.0, "pss": 400.0, "worker_rss": 380.0}
    return {
        "load": {main: STAMP | load | {"add": added}},
        "query_layer": {main: query_layer(1), large: query_layer(2)},
        "concurrency": {
            main: STAMP
            | {
                "rows": [users("api", 8, 30.0), users("page", 4, 22.0), users("page", 8, 21.5)],
                "memory_megabytes": memory,
            }
        },
        "browser": {
            main: STAMP
            | {
                "peers": {"streamlit": "1.2.3", "vgplot": "0.32.0"},
                "pages": {
                    "ours": page(200, 900),
                    "empty": page(160, 800),
                    "peer": page(800, 2700),
                    "mosaic": page(110, 500),
                },
            }
        },
        "published": {
            main: STAMP | published({"files": 60, "postgresql": 90}, {"clickhouse": "no chdb"}),
            str(HUGE_SIZE): STAMP | published({"files": 75}, {}),
        },
        "readers": {
            main: STAMP
            | {
                "users": 16,
                "rows": [
                    {"servers": 1, "refreshes_per_second": [20.0], "median": 20.0},
                    {"servers": 2, "refreshes_per_second": [31.0], "median": 31.0},
                ],
            }
        },
    }


def published(measured: dict[str, int], skipped: dict[str, str]) -> dict[str, Any]:
    """Return the results of published stores, by the ms of a refresh of 30 days."""
    rows = {
        kind: [
            {
                "scenario": "30 days",
                "basis": "sent",
                "duckdb_ms": [50.0],
                "published_ms": [milliseconds, milliseconds, 1_000.0],
            }
        ]
        for kind, milliseconds in measured.items()
    }
    figures = {
        "whole_seconds": 12.5,
        "whole_megabytes": 380.0,
        "more_seconds": [2.0, 2.5],
        "more_megabytes": [3.0, 5.0],
        "peak_megabytes": 300.0,
    }
    kinds: dict[str, Any] = {kind: figures | {"rows": rows[kind]} for kind in measured}
    return {"rounds": 3, "kinds": kinds | {k: {"skipped": why} for k, why in skipped.items()}}


def test_ratios_of_everything() -> None:
    assert ratios(whole()) == {
        "query_vs_floor_worst": 1.4,
        "selective_vs_floor_worst": 1.5,
        "fifty_vs_ten_million": 2.0,
        "browser_vs_empty_page": 1.25,
        "browser_speedup_vs_peer": 4.0,
        "all_painted_vs_mosaic_cold": 1.818,  # 200 ÷ 110
        "in_view_vs_mosaic_cold": 2.5,  # 150 ÷ 60
        "all_painted_vs_mosaic_warm": 1.9,  # 190 ÷ 100
        "all_painted_vs_mosaic_served": 2.0,  # 180 ÷ 90
        "all_painted_vs_mosaic_ahead": 2.125,  # 170 ÷ 80
        "first_load_vs_mosaic": 1.8,
        "first_load_speedup_vs_peer": 3.0,
        "first_load_megabytes": 1.04,
        "first_load_requests": 21,
        "refreshes_per_second_8_users": 21.5,
        "worker_megabytes": 380.0,
        "files_hundred_vs_ten_million": 1.25,
        "two_servers_vs_one": 1.55,
    }


def test_ratios_without_measurements_are_none() -> None:
    assert set(ratios({}).values()) == {None}
    other_size = {part: {"1000000": sizes[str(MAIN_SIZE)]} for part, sizes in whole().items()}
    assert set(ratios(other_size).values()) == {None}


@pytest.mark.parametrize(
    ("part", "missing"),
    [
        ("query_layer", ["query_vs_floor_worst", "selective_vs_floor_worst"]),
        ("concurrency", ["refreshes_per_second_8_users", "worker_megabytes"]),
        ("browser", ["browser_vs_empty_page", "first_load_requests"]),
        ("published", ["files_hundred_vs_ten_million"]),
        ("readers", ["two_servers_vs_one"]),
    ],
)
def test_a_missing_part_makes_its_ratios_none(part: str, missing: list[str]) -> None:
    parts = whole()
    del parts[part]
    values = ratios(parts)
    assert [values[name] for name in missing] == [None] * len(missing)
    assert any(value is not None for value in values.values())


def test_the_worst_ratio_is_none_when_a_row_was_not_measured() -> None:
    parts = whole()
    parts["query_layer"][str(MAIN_SIZE)]["rows"][2]["floor_ms"] = []
    assert ratios(parts)["query_vs_floor_worst"] is None
    assert ratios(parts)["selective_vs_floor_worst"] == 1.5


def test_a_partial_run_keeps_the_rest(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    results = read_results(file, MACHINE, VERSIONS)
    set_part(results, "query_layer", MAIN_SIZE, query_layer(1))
    write_results(results, file)
    later = read_results(file, MACHINE, VERSIONS)
    set_part(later, "query_layer", LARGE_SIZE, query_layer(3))
    write_results(later, file)

    content = json.loads(file.read_text())
    assert next(iter(content)) == "ratios"
    assert content["ratios"]["fifty_vs_ten_million"] == 3.0
    assert content["parts"]["query_layer"] == {
        str(MAIN_SIZE): query_layer(1),
        str(LARGE_SIZE): query_layer(3),
    }
    assert "[12, 12, 1000.0]" in file.read_text()


def test_results_of_another_machine_or_other_versions_are_dropped(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    results = read_results(file, MACHINE, VERSIONS)
    set_part(results, "query_layer", MAIN_SIZE, query_layer(1))
    write_results(results, file)
    assert read_results(file, MACHINE, VERSIONS)["parts"]
    assert not read_results(file, MACHINE | {"cores": 4}, VERSIONS)["parts"]
    assert not read_results(file, MACHINE, VERSIONS | {"python": "3.12"})["parts"]


def test_the_report_of_everything() -> None:
    text = report({"machine": MACHINE, "versions": VERSIONS, "parts": whole()})
    for line in (
        "| complete refreshes a second, 8 users, distinct filters | 21.50 |",
        "| streamlit | 1.2.3 |",
        "| query layer | 50,000,000 | 2026-11-01T12:00:00+00:00 | abc1234 | 1.5 |",
        "| 10,000,000 | 12.0 | 170 | 12.0 | 300 | 400 | 1.55 | 1.75 | 0.70 |",
        "| 3 years + person | sent | 20.0 | 902.0 | 30.0 | 903.0 | 1.50 | 1.0 | 1.0 |",
        "| 30 days | opened | 13.0 | 26.0 | 2.00 |",
        "| vgplot | 0.32.0 |",
        "| cold | peer: Streamlit | 800 | 8,180 | 0.25 | 750 | 805 | 740 | 12 |",
        "| warm | peer: Mosaic | 100 | 8,110 | 1.90 | 50 | 105 | 40 | 0 |",
        "| ahead | ours | 170 | 8,117 | 1.00 | 120 | 175 | 110 | - |",
        "| slow | peer: Mosaic | 1,000 | 1,000 | 1.80 | 21 | 1.04 |",
        "| page | 8 | 21.5 | 10 | 20 | 0.10 |",
        "worker 380 MB",
        "| files | 10,000,000 | 12.5 | 380 | 2.2 | 4.0 |",
        "| postgresql | 30 days | 10,000,000 | 90 | 50 | 1.80 |",
        "| files | 30 days | 100,000,000 | 75 | 50 | 1.50 |",
        "| 2 | 31.0 |",
    ):
        assert line in text
    assert NOT_MEASURED not in text


def test_a_report_without_results_names_every_unmeasured_section() -> None:
    text = report({"machine": MACHINE, "versions": VERSIONS, "parts": {}})
    assert text.count(NOT_MEASURED) == 7


def test_a_report_without_chromium() -> None:
    parts = deepcopy(whole())
    parts["browser"][str(MAIN_SIZE)] = STAMP | {"pages": {}}
    text = report({"machine": MACHINE, "versions": VERSIONS, "parts": parts})
    assert text.count(NOT_MEASURED) == 1


def test_a_peer_that_was_left_out_has_no_rows_and_no_ratios() -> None:
    parts = whole()
    del parts["browser"][str(MAIN_SIZE)]["pages"]["mosaic"]
    values = ratios(parts)
    assert values["all_painted_vs_mosaic_cold"] is None
    assert values["browser_speedup_vs_peer"] == 4.0
    text = report({"machine": MACHINE, "versions": VERSIONS, "parts": parts})
    assert "| cold | peer: Streamlit |" in text
    assert "| peer: Mosaic |" not in text


def test_results_without_the_newer_measures_are_shown() -> None:
    parts = whole()
    pages = parts["browser"][str(MAIN_SIZE)]["pages"]
    for samples in pages.values():
        for name in ("change_cold_in_view_ms", "change_served_ms", "load_slow_ms"):
            del samples[name]
    text = report({"machine": MACHINE, "versions": VERSIONS, "parts": parts})
    assert "| cold | ours | 200 | 8,120 | 1.00 | - | 205 | 140 | 12 |" in text
    assert "| served |" not in text


def test_tables_and_numbers() -> None:
    assert table(("a", "b"), [("x", "1")]) == "| a | b |\n| --- | ---: |\n| x | 1 |"
    assert number(None) == "-"
    assert number(1234.56) == "1,234.6"
    assert number(0.5, 0) == "0"
