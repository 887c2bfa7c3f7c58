"""The panel of waiting cases: list and counts against the oracle, and wrong requests."""

import csv
import io
import json
import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.factory import create_app, parts_of
from app.settings import Settings
from queries.columns import names
from queries.filters import Filters
from queries.panels.waiting import COLUMNS, WINDOWS
from queries.panels.waiting import PANEL as QUERY
from queries.reader import Reader
from queries.table_request import TableRequest
from queries.user_scope import EVERYTHING, Scope
from tests.integration.test_oracle import differences
from tests.oracle.awkward import Queries, random_queries, write_awkward
from tests.oracle.oracle import Oracle
from tests.services import import_files, import_rows

pytestmark = pytest.mark.integration

PANEL = "/api/v1/panels/waiting"
ORDERS = ("closing", "longest")
NOW = datetime(2026, 11, 20, 18, 30, 42, 7, tzinfo=UTC)


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True)
class Here:
    """A server whose clock the test sets, and the oracle of its answers."""

    server: Flask
    clock: Clock
    oracle: Oracle

    @property
    def client(self) -> FlaskClient:
        return self.server.test_client()

    @property
    def reader(self) -> Reader:
        return parts_of(self.server).reader

    def get(self, **query: Any) -> dict[str, Any]:
        response = self.client.get(PANEL, query_string=query)
        assert response.status_code == 200, response.get_data(as_text=True)[:500]
        answer: dict[str, Any] = response.get_json()
        return answer

    def mismatches(self, query: Queries) -> list[str]:
        """Return how the answer differs from the oracle."""
        expected, found = self.oracle.panel_waiting(query, self.clock.now), self.get(**query)
        counts = [
            f"{name}: {expected[name]} expected, {found[name]} got"
            for name in ("total", "windows")
            if expected[name] != found[name]
        ]
        return [f"{query}: {one}" for one in counts + differences(expected["rows"], found["rows"])]


@pytest.fixture(scope="module", params=[1, 2], ids=lambda seed: f"seed{seed}")
def awkward(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Here]:
    folder = tmp_path_factory.mktemp(f"waiting{request.param}")
    cases, messages = write_awkward(folder, request.param)
    url, _ = import_files(folder, cases, messages)
    clock = Clock()
    server = create_app(Settings(store_url=url), clock)
    with closing(parts_of(server)):
        yield Here(server, clock, Oracle.of_files(cases, messages))


def turning_points(oracle: Oracle) -> list[datetime]:
    """Return times at which a case changes its window group, and a minute around them."""
    lasts = [case.last_customer_at for case in oracle.cases if case.waiting_since]
    return [
        last + timedelta(hours=hours, minutes=minutes)
        for last in lasts
        if last
        for hours in (0, 18, 22, 24)
        for minutes in (-1, 0, 1)
    ]


def test_the_list_agrees_with_the_oracle_at_any_moment(awkward: Here) -> None:
    draw = random.Random(4)
    found, seen = [], set()
    questions = random_queries(draw, awkward.oracle)
    moments = draw.sample(turning_points(awkward.oracle), 120)
    for query, awkward.clock.now in zip(islice(questions, 120), moments, strict=True):
        page = {"page": str(draw.choice((0, 0, 1, 9))), "page_size": str(draw.choice((1, 7, 20)))}
        query.pop("bucket", None)
        if order := draw.choice((None, *ORDERS)):
            page["order"] = order
        found += awkward.mismatches({**query, **page})
        seen |= {name for name, cases in awkward.get(**query)["windows"].items() if cases}
        found += awkward.mismatches({"page_size": "1000", "order": draw.choice(ORDERS)})
    assert not found, f"{len(found)} mismatches:\n" + "\n".join(found[:5])
    assert seen == set(WINDOWS)


def test_get_and_post_give_the_same_and_every_column(awkward: Here) -> None:
    awkward.clock.now = NOW
    plain = awkward.get()
    assert plain == awkward.client.post(PANEL, json={}).get_json()
    assert list(plain) == ["data_version", "filters", "rows", "total", "windows"]
    assert list(plain["windows"]) == list(WINDOWS)
    assert all(list(row) == list(names(QUERY.api_columns)) for row in plain["rows"])
    assert plain["total"] == sum(plain["windows"].values()) > len(plain["rows"]) == 20


def test_neither_period_nor_filters_of_message_or_column_narrow_the_list(awkward: Here) -> None:
    awkward.clock.now = NOW
    plain = awkward.get()
    for query in (
        {"start": "1950-01-01", "end": "1950-01-01"},
        {"basis": "opened"},
        {"period": "today"},
        {"status": "failed", "template": "nothing like it", "direction": "out", "kind": "hsm"},
        {"sort": "-seq", "where.kind": "hsm", "where.reply": "nothing like it"},
    ):
        assert {**awkward.get(**query), "filters": plain["filters"]} == plain


def test_closing_is_the_usual_order(awkward: Here) -> None:
    awkward.clock.now = NOW
    usual, closing, longest = (
        awkward.get(page_size=1_000, **query)["rows"]
        for query in ({}, {"order": "closing"}, {"order": "longest"})
    )
    assert usual == closing != longest
    windows = [row["window"] for row in usual]
    closed = windows.index("expired")
    assert 0 < closed < len(windows)
    assert set(windows[closed:]) == {"expired"}
    closes = [row["window_closes_at"] for row in usual[:closed]]
    assert closes == sorted(closes)
    for rows in (usual[closed:], longest):
        begun = [row["waiting_since"] for row in rows]
        assert begun == sorted(begun)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_all_pages_together_are_the_whole_list_in_order(
    awkward: Here, size: int, order: str
) -> None:
    awkward.clock.now = NOW
    total = awkward.get()["total"]
    pages = [
        awkward.get(page=page, page_size=size, order=order) for page in range(total // size + 2)
    ]
    assert {page["total"] for page in pages} == {total}
    everything = awkward.oracle.panel_waiting({"page_size": str(total), "order": order}, NOW)[
        "rows"
    ]
    assert not differences(everything, [row for page in pages for row in page["rows"]])
    assert awkward.get(page=10**12, page_size=1_000)["rows"] == []


@pytest.mark.parametrize("order", ORDERS)
def test_the_download_has_the_whole_list_with_labels(awkward: Here, order: str) -> None:
    awkward.clock.now = NOW
    expected = awkward.oracle.panel_waiting({"page_size": "100000", "order": order}, NOW)["rows"]
    address = f"/export/waiting.csv?page=3&page_size=2&lang=pt-BR&order={order}"
    with awkward.client.get(address) as response:
        content = response.get_data(as_text=True)
        disposition = response.headers["Content-Disposition"]
    assert disposition == "attachment; filename=consumo-aguardando-resposta-2026-11-20-1530.csv"
    csv.field_size_limit(2**24)
    headers, *rows = csv.reader(io.StringIO(content[1:], newline=""), delimiter=";")
    assert ";".join(headers) == (
        "Case;Tipo;Canal;Equipe;Solicitante;Último Agente;Aguardando desde;Última Mensagem;"
        "Janela fecha em;Janela de 24 h"
    )
    words = {
        "over_6h": "Mais de 6 h restantes",
        "from_2h_to_6h": "De 2 h a 6 h restantes",
        "under_2h": "Menos de 2 h restantes",
        "expired": "Só com HSM",
    }
    assert len(rows) == len(expected)
    for row, right in zip(rows, expected, strict=True):
        since = datetime.fromisoformat(right["waiting_since"])
        assert row[6] == f"{since:%d/%m/%Y %H:%M}"
        assert row[9] == words[right["window"]]
        assert row[0].removeprefix("'") == right["case_number"]


# --- one small store ----------------------------------------------------------------------------

CASE = {
    "case_id": "k1",
    "case_number": "=1+1",
    "person_name": "@João",
    "channel": "whatsapp sul",
    "case_type": "Dúvida",
    "team": "N1",
    "opened_at": "2026-11-10T12:00:00Z",
}
ASKED = {"message_id": "m1", "case_id": "k1", "direction": "in", "sent_at": "2026-11-10T12:00:30Z"}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    messages = [
        ASKED,
        {**ASKED, "message_id": "m2", "sent_at": "2026-11-10T13:00:00Z"},
        {**ASKED, "message_id": "m0", "direction": "out", "kind": "hsm", "template_name": "oi",
         "sent_at": "2026-11-09T12:00:00Z", "status": "read"},
        # The wait goes on, and the window closes 24 h after the customer's last message.
        {**ASKED, "message_id": "m3", "direction": "out", "agent": "Robô", "is_bot": "true",
         "sent_at": "2026-11-10T13:00:30Z"},
    ]  # fmt: skip
    url = import_rows(tmp_path_factory.mktemp("waiting"), [CASE], messages)
    clock = Clock()
    server = create_app(Settings(store_url=url), clock)
    with closing(parts_of(server)):
        yield Here(server, clock, Oracle([CASE], messages))


@pytest.mark.parametrize(
    ("now", "window"),
    [
        ("2026-11-10T13:01:00", "over_6h"),
        ("2026-11-11T06:59:59", "over_6h"),  # the minute counts, not its seconds
        ("2026-11-11T07:00:00", "from_2h_to_6h"),
        ("2026-11-11T11:00:59", "from_2h_to_6h"),
        ("2026-11-11T11:01:00", "under_2h"),
        ("2026-11-11T13:00:59", "under_2h"),  # exactly 24 h are still in it
        ("2026-11-11T13:01:00", "expired"),
    ],
)
def test_the_time_left_of_a_window(small: Here, now: str, window: str) -> None:
    """The cache key has the minute, so that an answer is never that of another minute."""
    small.clock.now = datetime.fromisoformat(f"{now}+00:00")
    found = small.get()
    assert found["windows"] == {**dict.fromkeys(WINDOWS, 0), window: 1}
    assert found["rows"] == [
        {
            "case_number": "=1+1",
            "case_type": "Dúvida",
            "channel": "whatsapp sul",
            "team": "N1",
            "person_name": "@João",
            "last_agent": None,
            "waiting_since": "2026-11-10T09:00:30-03:00",
            "last_message_at": "2026-11-10T10:00:00-03:00",
            "window_closes_at": "2026-11-11T10:00:00-03:00",
            "window": window,
        }
    ]


def test_only_filters_of_the_case_narrow_the_list(small: Here) -> None:
    small.clock.now = NOW
    for query, total in (
        ({"template": "outro"}, 1),
        ({"status": "failed", "start": "2026-11-20", "end": "2026-11-20"}, 1),
        ({"person": "@João"}, 1),
        ({"case": "=1+1", "direction": "in"}, 1),
        ({"agent": "ninguém"}, 0),
        ({"channel": "whatsapp norte"}, 0),
    ):
        assert small.get(**query)["total"] == total, query


@pytest.mark.parametrize("slug", ["cases", "details", "indicators"])
def test_other_panels_know_no_such_order(small: Here, slug: str) -> None:
    response = small.client.get(f"/api/v1/panels/{slug}?order=longest")
    assert response.status_code == 400
    assert response.get_json()["error"]["code"] == "unknown_parameter"


def test_the_page_gets_more_columns_than_the_api(small: Here) -> None:
    small.clock.now = NOW
    answer = small.reader.panel("waiting", Filters(), EVERYTHING, TableRequest())
    assert tuple(answer.frame.columns) == names(COLUMNS)
    assert answer.frame["case_key"].tolist() == [1]
    assert answer.now.isoformat() == "2026-11-20T15:30:00-03:00"


@pytest.mark.parametrize(
    "scope", [Scope(accounts=()), Scope(teams=()), Scope(channels=()), Scope(teams=("N2",))]
)
def test_waiting_cases_outside_the_scope_are_hidden(small: Here, scope: Scope) -> None:
    answer = small.reader.panel("waiting", Filters(), scope, TableRequest())
    assert (answer.total, len(answer.frame), set(answer.counts["windows"].values())) == (0, 0, {0})
    assert list(small.reader.all_rows("waiting", Filters(), scope)) == []
    assert small.reader.panel("waiting", Filters(), Scope(teams=("N1",)), TableRequest()).total == 1


def test_no_cell_of_the_download_is_a_formula(small: Here) -> None:
    with small.client.get("/export/waiting.csv") as response:
        [_, row] = csv.reader(io.StringIO(response.get_data(as_text=True)[1:]), delimiter=";")
    assert (row[0], row[4]) == ("'=1+1", "'@João")


@pytest.mark.parametrize("address", [PANEL, "/export/waiting.csv"])
@pytest.mark.parametrize(
    ("code", "query"),
    [
        ("unknown_parameter", "now=2026-01-01"),
        ("unknown_parameter", "window=expired"),
        ("bad_number", "page=-1"),
        ("bad_number", "page_size=1001"),
        ("bad_number", "page_size=0"),
        ("bad_number", "page=1000000000001"),
        ("unknown_column", "sort=waiting_since"),
        ("bad_value", "order=newest"),
        ("repeated", "order=closing&order=longest"),
        ("unknown_parameter", "by=channel"),
        ("masked_column", "where.phone=1"),
        ("unusable_text", "person=%00"),
        ("bad_value", "status=lido"),
        ("period_incomplete", "start=2026-01-01"),
    ],
)
def test_bad_parameters_give_an_error_message(
    small: Here, address: str, code: str, query: str
) -> None:
    response = small.client.get(f"{address}?{query}")
    assert response.status_code == 400
    assert json.loads(response.get_data())["error"]["code"] == code


def test_an_empty_store_has_no_waiting_cases(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("empty")
    server = create_app(Settings(store_url=f"duckdb:///{folder / 'store.duckdb'}"), Clock())
    with closing(parts_of(server)):
        found = server.test_client().get(PANEL).get_json()
        assert (found["rows"], found["total"]) == ([], 0)
        with server.test_client().get("/export/waiting.csv") as response:
            assert response.get_data(as_text=True).count("\r\n") == 1
