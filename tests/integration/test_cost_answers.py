"""What answers say of costs: sums that agree, scopes, the month, and the provider's own counts."""

import csv
import io
import json
import random
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.factory import create_app, parts_of
from app.settings import Settings
from queries.filters import Filters
from queries.user_scope import EVERYTHING, Scope
from tests.integration.conftest import Here
from tests.integration.cost_world import CostWorld
from tests.integration.test_costs import CASE, NUMBER, random_rows, sent
from tests.published import KINDS, publish, reading

pytestmark = pytest.mark.integration

PERIOD = {"start": "2026-09-01", "end": "2026-12-31"}
NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def world(here: Here, tmp_path_factory: pytest.TempPathFactory) -> CostWorld:
    """Random messages with prices in three currencies, two teams, two channels."""
    made = CostWorld(here, tmp_path_factory.mktemp("answers") / "consumo.duckdb")
    made.load(*random_rows(random.Random(11), 12, 500))
    made.import_rates(zones={"W1": "Asia/Tokyo"})
    return made


@pytest.fixture(scope="module")
def server(world: CostWorld) -> Iterator[Flask]:
    app = create_app(Settings(store_url=f"duckdb:///{world.store}"), clock=lambda: NOW)
    with closing(parts_of(app)):
        yield app


def panel(server: Flask, slug: str, **query: str) -> dict[str, Any]:
    response = server.test_client().get(f"/api/v1/panels/{slug}", query_string={**PERIOD, **query})
    assert response.status_code == 200, response.get_data(as_text=True)
    answer: dict[str, Any] = response.get_json()
    return answer


def sums(rows: list[dict[str, Any]]) -> dict[str | None, list[int]]:
    """By currency: billable, perhaps, free, without a price, and the amount."""
    found: dict[str | None, list[int]] = {}
    for row in rows:
        of_currency = found.setdefault(row["currency"], [0] * 5)
        names = ("billable", "perhaps", "free", "unpriced", "amount")
        for place, name in enumerate(names):
            of_currency[place] += row[name] or 0
    return found


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"basis": "opened"},
        {"team": "A"},
        {"kind": "hsm"},
        {"status": "read"},
        {"case": "c3"},
        {"person": "Ana"},
        {"start": "2026-10-01", "end": "2026-10-07"},
    ],
    ids=str,
)
def test_sums_by_category_template_day_and_rows_are_one_number(
    world: CostWorld, server: Flask, query: dict[str, str]
) -> None:
    rows = panel(server, "cost", **query)["rows"]
    by = {
        name: sums([row for row in rows if row["by"] == name])
        for name in ("total", "category", "template", "day")
    }
    lines = panel(server, "cost-lines", page_size="1000", **query)
    assert lines["total"] == len(lines["rows"]) > 0
    expected = world.expected()
    of_lines: list[dict[str, Any]] = []
    for row in lines["rows"]:
        line = expected[row["message_id"]]
        found = {name: row[name] for name in ("charge", "certainty", "reason", "rate", "amount")}
        assert found == {name: getattr(line, name) for name in found}
        is_unknown = line.certainty == "unknown"
        is_charged = line.charge != "free"
        of_lines.append(
            {
                "currency": None if is_unknown else line.currency,
                "billable": int(is_charged),
                "perhaps": int(line.charge == "perhaps"),
                "free": int(not is_charged),
                "unpriced": int(is_charged and is_unknown),
                "amount": line.amount,
            }
        )
    assert by["total"] == sums(of_lines)
    assert by["category"] == by["template"] == by["day"] == by["total"]
    assert len(by["total"]) > 1
    download = server.test_client().get(
        "/export/cost-lines.csv", query_string={**PERIOD, **query, "lang": "en"}
    )
    cells = list(csv.DictReader(io.StringIO(download.get_data(as_text=True).lstrip("\ufeff"))))
    whole = sum(round(float(row["Cost"]) * 10**6) for row in cells if row["Cost"])
    assert whole == sum(line["amount"] or 0 for line in of_lines)


def test_phones_in_names_and_ids_are_masked(here: Here, tmp_path: Path) -> None:
    made = CostWorld(here, tmp_path / "masked" / "consumo.duckdb")
    hsm = {"kind": "hsm", "template_name": "aviso 5511977776666"}
    case = {**CASE, "case_number": "5521987651234"}
    made.load([case], [sent("5511966665555-1", "2026-10-02T12:00:00Z", **hsm)])
    app = create_app(Settings(store_url=f"duckdb:///{made.store}"), clock=lambda: NOW)
    with closing(parts_of(app)):
        client = app.test_client()
        for path in ("/api/v1/panels/{}", "/export/{}.csv"):
            for slug in ("cost", "cost-lines"):
                text = client.get(path.format(slug), query_string=PERIOD).get_data(as_text=True)
                assert "aviso *****-6666" in text
                assert [digits for digits in ("7777", "8765", "6666555") if digits in text] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_published_store_tells_the_same(
    request: pytest.FixtureRequest, here: Here, tmp_path: Path, kind: str
) -> None:
    """Also of prices that are imported after the first publication, and change nothing else."""
    made = CostWorld(here, tmp_path / "published" / "consumo.duckdb")
    made.load(*random_rows(random.Random(12), 10, 300))
    settings = reading(kind, made.store, lambda: request.getfixturevalue("postgresql"))
    publish(settings)
    made.import_rates(zones={"W1": "Asia/Tokyo"})
    publish(settings)
    asked = [
        *(("cost", {}), ("cost", {"case": "c3"}), ("cost", {"basis": "opened", "team": "A"})),
        *(("cost-lines", {"page_size": "1000"}), ("hsm-in-window", {})),
        *(("hsm-in-window", {"case": "c3"}), ("indicators", {})),
    ]
    own = create_app(Settings(store_url=f"duckdb:///{made.store}"), clock=lambda: NOW)
    with closing(parts_of(own)):
        expected = [panel(own, slug, **query) for slug, query in asked]
    published = create_app(settings, clock=lambda: NOW)
    with closing(parts_of(published)):
        found = [panel(published, slug, **query) for slug, query in asked]
    assert expected[0]["free_left"]
    assert [answer["rows"] for answer in found] == [answer["rows"] for answer in expected]
    assert found == expected


def test_a_workbook_has_the_lines(server: Flask) -> None:
    response = server.test_client().get("/export/cost-lines.xlsx", query_string=PERIOD)
    assert response.status_code == 200
    assert response.get_data()[:2] == b"PK"


@pytest.mark.parametrize(
    "scope",
    [
        Scope(accounts=()),
        Scope(accounts=("default",)),
        Scope(accounts=("another",)),
        Scope(teams=("A",)),
        Scope(channels=("WhatsApp 2",)),
        Scope(teams=("B",), channels=("WhatsApp",)),
    ],
    ids=repr,
)
def test_a_scope_sees_its_own_costs_only(world: CostWorld, server: Flask, scope: Scope) -> None:
    cases = {row["case_id"]: row for row in world.cases}
    expected = world.expected()

    def is_seen(message: dict[str, str]) -> bool:
        case = cases[message["case_id"]]
        limits = (("teams", case["team"]), ("channels", case["channel"]), ("accounts", "default"))
        return all(
            getattr(scope, name) is None or value in getattr(scope, name) for name, value in limits
        )

    seen = {row["message_id"] for row in world.messages if is_seen(row)} & expected.keys()
    reader = parts_of(server).reader
    answer = reader.panel("cost", Filters.parse(PERIOD), scope)
    lines = list(reader.all_rows("cost-lines", Filters.parse(PERIOD), scope))
    assert {name for frame in lines for name in frame["message_id"]} == seen
    total = answer.frame[answer.frame["by"] == "total"]
    assert sum(total["billable"]) == sum(expected[name].charge != "free" for name in seen)
    assert sum(row or 0 for row in total["amount"]) == sum(
        expected[name].amount or 0 for name in seen
    )
    if scope.teams is not None or scope.channels is not None:
        # What others send from the same number is not told.
        assert not any(answer.counts.values())


def test_free_service_messages_that_are_left(here: Here, tmp_path: Path) -> None:
    """Three a month: two were sent by one number, five by another."""
    made = CostWorld(here, tmp_path / "left" / "consumo.duckdb")
    made.import_rates()
    other = "+551130000002"
    made.load(
        [CASE],
        [
            *(sent(f"a{n}", f"2026-10-0{n + 1}T12:00:00Z") for n in range(2)),
            *(
                sent(f"b{n}", f"2026-10-0{n + 1}T13:00:00Z", business_number=other)
                for n in range(5)
            ),
            sent("before", "2026-09-10T12:00:00Z"),
        ],
    )
    app = create_app(Settings(store_url=f"duckdb:///{made.store}"), clock=lambda: NOW)
    with closing(parts_of(app)):
        answer = panel(app, "cost")
    assert answer["free_left"] == {NUMBER: 1, other: 0}
    assert answer["free_each_month"] == {NUMBER: 3, other: 3}


def test_indicators_tell_costs_and_the_api_keeps_its_columns(
    world: CostWorld, server: Flask
) -> None:
    total = [row for row in panel(server, "cost")["rows"] if row["by"] == "total"]
    frame = parts_of(server).reader.panel("indicators", Filters.parse(PERIOD), EVERYTHING).frame
    [row] = frame.to_dict("records")
    assert row["billable_messages"] == sum(one["billable"] for one in total)
    assert row["unpriced_messages"] == sum(one["unpriced"] for one in total)
    assert {name: amount for name, amount, _ in row["costs"]} == {
        one["currency"]: one["amount"] for one in total if one["currency"] and one["billable"]
    }
    [answer] = panel(server, "indicators")["rows"]
    assert not any("bill" in name or "cost" in name for name in answer)


def test_what_hsms_in_an_open_window_cost_more(world: CostWorld, server: Flask) -> None:
    expected = [line for line in world.expected().values() if line.extra_amount is not None]
    assert len(expected) > 5
    answer = panel(server, "hsm-in-window")
    for currency, amount in answer["extra_amount"].items():
        of_it = [line for line in expected if line.currency == currency]
        assert amount == sum(line.extra_amount or 0 for line in of_it)
        assert answer["extra_sends"][currency] == len(of_it)
        assert answer["extra_bounds"][currency] == sum(
            line.certainty == "upper_bound" for line in of_it
        )


# --- the provider's own counts --------------------------------------------------------------------


def reconciled(world: CostWorld, rows: list[tuple[object, ...]], *more: object) -> Any:
    path = world.store.parent / "counts.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("day", "category", "country", "messages", "cost"))
        writer.writerows(rows)
    return world.here("rates", "reconcile", path, *more, store=world.store)


def test_counts_of_the_provider_are_compared_day_by_day(here: Here, tmp_path: Path) -> None:
    made = CostWorld(here, tmp_path / "bill" / "consumo.duckdb")
    made.import_rates()
    utility = {"pricing_category": "utility"}
    made.load(
        [CASE],
        [
            sent("u1", "2026-10-02T12:00:00Z", **utility),
            sent("u2", "2026-10-02T13:00:00Z", **utility),
            sent("u3", "2026-10-03T12:00:00Z", **utility, billable=""),
            sent("free", "2026-10-03T12:01:00Z", **utility, billable="false"),
            sent("late", "2026-10-04T02:59:00Z", **utility),
        ],
    )
    alike = [
        ("2026-10-02", "UTILITY", "BR", 2, "0.0850"),
        ("2026-10-03", "UTILITY", "BR", 2, "0.0850"),
    ]
    done = reconciled(made, alike)
    assert (done.exit_code, done.stdout.strip()) == (
        0,
        "2 days, categories and countries compared: all are alike.",
    )
    rows = tmp_path / "rows.csv"
    other = [
        ("2026-10-02", "utility", "BR", 2, "0.0800"),
        ("2026-10-03", "utility", "BR", 1, ""),
        ("2026-10-03", "marketing", "BR", 4, ""),
    ]
    done = reconciled(made, other, "--rows", rows)
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        "3 days, categories and countries compared: 3 differ.",
        (
            "2026-10-02 utility BR: 2 charged here, 2 at the provider; cost 0.085000 here, "
            "0.080000 there; messages u1, u2"
        ),
        "2026-10-03 marketing BR: 0 charged here, 4 at the provider",
        (
            "2026-10-03 utility BR: 2 charged here (1 of them perhaps), 1 at the provider; "
            "messages u3, late"
        ),
    ]
    assert rows.read_text(encoding="utf-8").splitlines()[1:] == [
        "2026-10-02,utility,BR,u1",
        "2026-10-02,utility,BR,u2",
        "2026-10-03,utility,BR,u3",
        "2026-10-03,utility,BR,late",
    ]


def test_the_answer_of_the_graph_api_is_read(here: Here, tmp_path: Path) -> None:
    """By day, with the types: what is free is left out. A day begins at midnight in São Paulo."""
    made = CostWorld(here, tmp_path / "graph" / "consumo.duckdb")
    made.load([CASE], [sent("u1", "2026-10-02T12:00:00Z", pricing_category="utility")])
    start = int(datetime(2026, 10, 2, 3, tzinfo=UTC).timestamp())
    point = {"start": start, "end": start + 86_400, "country": "BR"}
    points = [
        {**point, "pricing_type": "REGULAR", "pricing_category": "UTILITY", "volume": 1},
        {
            **point,
            "pricing_type": "FREE_CUSTOMER_SERVICE",
            "pricing_category": "SERVICE",
            "volume": 9,
        },
    ]
    path = tmp_path / "pricing_analytics.json"
    answer = {"pricing_analytics": {"data": [{"data_points": points}]}, "id": "1"}
    path.write_text(json.dumps(answer), encoding="utf-8")
    made.import_rates()
    assert here("rates", "reconcile", path, store=made.store).exit_code == 0
    points[0]["volume"] = 2
    path.write_text(json.dumps(answer), encoding="utf-8")
    assert here("rates", "reconcile", path, store=made.store).exit_code == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "line 1: the column day is missing"),
        ("day,category,country,messages\n", "holds no counts"),
        ("day,category,country,messages\n2026-13-01,utility,BR,1\n", "line 2, day"),
        ("day,category,country,messages\n2026-10-01,utility,BR,-1\n", "line 2, messages"),
        ("day,category,country,messages\n2026-10-01,,BR,1\n", "line 2, category"),
        ("day,category,country,messages\n2026-10-01,utility,BR\n", "line 2: it has not as many"),
        ("{", "is not JSON"),
        ('{"data_points": [{"start": "x", "volume": 1}]}', "data point 1, start"),
        ('{"data_points": [{"start": 1e99}]}', "data point 1, start"),
    ],
)
def test_a_bad_export_is_refused_in_a_sentence(
    here: Here, tmp_path: Path, text: str, why: str
) -> None:
    path = tmp_path / "export.csv"
    path.write_text(text, encoding="utf-8")
    done = here("rates", "reconcile", path, store=tmp_path / "consumo.duckdb")
    assert done.exit_code == 2
    assert why in done.stderr
    assert "Traceback" not in done.stderr
