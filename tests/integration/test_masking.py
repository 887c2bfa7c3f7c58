"""Phones are masked wherever they stand, and no filter or search reveals a masked one."""

import csv
import io
import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from app.factory import create_app, parts_of
from app.settings import Settings
from components.locale import Locale
from components.panels.details import case_address, rows
from queries.compared import By
from queries.engines.duckdb.dialect import masked_sql
from queries.filters import Filters
from queries.phone_masks import PHONES_IN_NAME, PHONES_IN_TEXT
from queries.reader import Reader
from queries.table_request import TableRequest
from queries.user_scope import Scope
from tests.panels import TEXT_SLUGS
from tests.services import import_rows, redis_server

pytestmark = pytest.mark.integration

#: No message here is charged: ``test_cost_answers`` looks for phones in costs.
WITH_ROWS = [slug for slug in TEXT_SLUGS if not slug.startswith("cost")]

#: Each has its own digits, so that what leaks is known by them.
PHONE, IN_NUMBER, IN_NAME, IN_ID, IN_TITLE, IN_BODY, FOREIGN = (
    "+5511988884471",
    "5511987654321",
    "+55 21 98765-1234",
    "5511977776666",
    "+5531966665555",
    "(41) 95555-4444",
    "+351912340987",
)
DIGITS = [re.sub(r"\D", "", phone) for phone in (PHONE, IN_NUMBER, IN_NAME, IN_ID, IN_TITLE)] + [
    "41955554444",
    "351912340987",
]
SECRETS = [digits[:-4][-5:] for digits in DIGITS]

CASES = [
    {
        "case_id": f"{IN_NUMBER}@s.whatsapp.net",
        "person_name": f"Ana {IN_NAME}",
        "channel": "WhatsApp",
        "case_type": "Dúvida",
        "opened_at": "2026-11-10T12:00:00Z",
    },
    {
        # Nothing but the phone of its own message tells that this is one.
        "case_id": FOREIGN[1:],
        "person_name": "Bia",
        "channel": "WhatsApp",
        "case_type": "Dúvida",
        "opened_at": "2026-11-11T12:00:00Z",
    },
    *(
        {
            "case_id": number,
            "person_name": "Caio",
            "channel": "WhatsApp",
            "case_type": "Troca",
            "opened_at": "2026-11-12T12:00:00Z",
        }
        for number in ("9", "10", "100000", "99999", "20261126000123", "B-2", "a-1", "007")
    ),
]
MESSAGES = [
    {
        "message_id": f"{IN_ID}-x",
        "case_id": CASES[0]["case_id"],
        "direction": "out",
        "kind": "hsm",
        "status": "failed",
        "template_name": f"aviso {IN_ID}",
        "phone": PHONE,
        "body": f"Ligue para {IN_BODY}",
        "sent_at": "2026-11-10T13:00:00Z",
        "agent": "Léo",
        "error_code": "131026",
        "error_title": f"Falha para {IN_TITLE}",
    },
    {
        "message_id": f"{FOREIGN[1:]}-1",
        "case_id": CASES[1]["case_id"],
        "direction": "in",
        "phone": FOREIGN,
        "body": f"Meu número: {IN_BODY}",
        "sent_at": "2026-11-11T13:00:00Z",
    },
    *(
        {
            "message_id": f"m-{row['case_id']}",
            "case_id": row["case_id"],
            "direction": "in",
            "body": "Oi",
            "sent_at": "2026-11-12T13:00:00Z",
        }
        for row in CASES[2:]
    ),
]
PERIOD = {"start": "2026-11-01", "end": "2026-11-30"}
#: Numbers by their value, then texts, then the rest as it is seen.
BY_NUMBER = ["007", "9", "10", "99999", "100000", "20261126000123"]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return import_rows(tmp_path_factory.mktemp("masked"), CASES, MESSAGES)


@pytest.fixture(scope="module")
def server(url: str) -> Iterator[Flask]:
    made = create_app(Settings(store_url=url))
    with closing(parts_of(made)):
        yield made


@pytest.fixture(scope="module")
def reader(server: Flask) -> Reader:
    return parts_of(server).reader


def asked(client: FlaskClient, path: str, **query: Any) -> str:
    response = client.get(path, query_string={**PERIOD, **query})
    assert response.status_code == 200, response.get_data(as_text=True)
    return response.get_data(as_text=True)


def details(client: FlaskClient, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(asked(client, "/api/v1/panels/details", **query))[
        "rows"
    ]
    return found


def leaks(text: str) -> list[str]:
    """Return the secrets that ``text`` contains, whatever separates their digits."""
    digits = re.sub(r"[^0-9A-Za-z{}\[\]]", "", text)
    return [secret for secret in SECRETS if secret in digits]


def test_leaks_finds_every_kind_of_secret() -> None:
    assert leaks(f"{PHONE} {IN_NAME} {IN_BODY} x{FOREIGN}")


@pytest.mark.parametrize(
    "path",
    [
        *(f"/api/v1/panels/{slug}" for slug in WITH_ROWS),
        *(f"/export/{slug}.csv" for slug in WITH_ROWS),
    ],
)
def test_no_answer_and_no_csv_shows_a_secret(client: FlaskClient, path: str) -> None:
    # Channels have no phones: of what can be compared, templates have.
    text = asked(client, path, **({"by": "template"} if "breakdown" in path else {}))
    assert leaks(text) == []
    assert "*****" in text


@pytest.mark.parametrize("by", list(By))
def test_no_comparison_shows_a_secret(client: FlaskClient, by: By) -> None:
    for path in ("/api/v1/panels/breakdown", "/export/breakdown.csv"):
        assert leaks(asked(client, path, by=by.value)) == []


def test_the_workbook_shows_no_secret(client: FlaskClient) -> None:
    response = client.get("/export/details.xlsx", query_string=PERIOD)
    sheet = openpyxl.load_workbook(io.BytesIO(response.get_data())).active
    assert sheet is not None
    text = "\n".join(str(cell.value) for row in sheet.iter_rows() for cell in row)
    assert leaks(text) == []
    assert "*****-4321@s.whatsapp.net" in text


def test_each_kind_of_secret_shows_only_its_masked_form(client: FlaskClient) -> None:
    [first] = details(client, status="failed")
    assert first["case_number"] == "*****-4321@s.whatsapp.net"
    assert first["message_id"] == "*****-6666-x"
    assert first["phone"] == "+55 11 *****-4471"
    assert first["template_name"] == "aviso *****-6666"
    assert first["reply"] == "Ligue para *****-4444"
    [foreign] = details(client, case="*****-0987")
    assert (foreign["case_number"], foreign["message_id"]) == ("*****-0987", "*****-0987-1")
    [failure] = json.loads(asked(client, "/api/v1/panels/failures"))["rows"]
    assert failure["error_title"] == "Falha para *****-5555"


def test_options_and_the_time_line_show_no_secret(reader: Reader) -> None:
    filters = Filters.parse(PERIOD)
    for name in ("person", "case", "template", "agent", "channel"):
        found = reader.options(name, filters, Scope())
        assert leaks(str(found)) == []
    assert "Ana *****-1234" in str(reader.options("person", filters, Scope()))
    answer = reader.panel("details", filters, Scope(), TableRequest(), {})
    for key in set(answer.frame["case_key"]):
        assert leaks(str(reader.timeline(int(key), Scope()))) == []


def test_readers_who_may_see_phones_see_them_whole(reader: Reader) -> None:
    scope = Scope(see_phones=True)
    answer = reader.panel(
        "details", Filters.parse({**PERIOD, "status": "failed"}), scope, TableRequest(), {}
    )
    [row] = answer.frame.to_dict("records")
    assert row["case_number"] == f"{IN_NUMBER}@s.whatsapp.net"
    assert row["person_name"] == f"Ana {IN_NAME}"
    assert row["message_id"] == f"{IN_ID}-x"
    assert row["error"] == f"131026: Falha para {IN_TITLE}"
    assert row["reply"] == f"Ligue para {IN_BODY}"
    assert reader.options("case", Filters.parse(PERIOD), scope, search=IN_NUMBER[:9]).values


@pytest.mark.parametrize(
    "query",
    [
        {"person": f"Ana {IN_NAME}"},
        {"case": f"{IN_NUMBER}@s.whatsapp.net"},
        {"case": FOREIGN[1:]},
        {"template": f"aviso {IN_ID}"},
        *(
            {f"where.{column}": part}
            for column, value in (
                ("message_id", IN_ID),
                ("case_number", IN_NUMBER),
                ("case_number", FOREIGN[1:]),
                ("message_id", FOREIGN[1:]),
                ("person_name", "98765-1"),
                ("person_name", "+55"),
                ("error", IN_TITLE),
                ("error", "66665"),
                ("error_code", IN_TITLE),
                ("reply", IN_BODY),
                ("reply", "(41)"),
                ("customer_message", "5555-4"),
                ("template_name", IN_ID[:8]),
            )
            for part in (value,)
        ),
    ],
)
def test_no_filter_or_sort_reveals_hidden_digits(
    client: FlaskClient, query: dict[str, str]
) -> None:
    assert details(client, **query) == []


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({"person": "Ana *****-1234"}, {"*****-6666-x"}),
        ({"case": "*****-4321@s.whatsapp.net"}, {"*****-6666-x"}),
        ({"template": "aviso *****-6666"}, {"*****-6666-x"}),
        ({"where.message_id": "6666-X"}, {"*****-6666-x"}),
        ({"where.case_number": "*****-4321"}, {"*****-6666-x"}),
        ({"where.person_name": "ana *****-12"}, {"*****-6666-x"}),
        ({"where.error": "para *****-5555"}, {"*****-6666-x"}),
        ({"where.reply": "PARA *****-4444"}, {"*****-6666-x"}),
        ({"where.reply": "ligue para"}, {"*****-6666-x"}),
        ({"where.customer_message": "numero"}, {"*****-0987-1"}),
        ({"person": "Bia"}, {"*****-0987-1"}),
        ({"case": "20261126000123"}, {"m-20261126000123"}),
    ],
)
def test_filters_find_masked_values_as_they_are_shown(
    client: FlaskClient, query: dict[str, str], ids: set[str]
) -> None:
    assert {row["message_id"] for row in details(client, **query)} == ids


@pytest.mark.parametrize("searched", ["98765", "11987", "5511", "+55 21", "35191"])
def test_no_search_finds_hidden_digits(reader: Reader, searched: str) -> None:
    for name in ("person", "case"):
        assert reader.options(name, Filters.parse(PERIOD), Scope(), search=searched).values == ()


def test_a_search_finds_values_as_they_are_shown(reader: Reader) -> None:
    filters = Filters.parse(PERIOD)
    [person] = reader.options("person", filters, Scope(), search="1234").values
    assert (person.value, person.cases) == ("Ana *****-1234", 1)
    [case] = reader.options("case", filters, Scope(), search="*****-4321").values
    assert (case.value, case.person_name) == ("*****-4321@s.whatsapp.net", "Ana *****-1234")


# --- what only its contact tells to be a phone, and what looks alike ----------------------------

ABROAD, TWIN = "447911123456", "447911123999"
OTHER_CASES = [
    {"case_id": f"{ABROAD}@x", "case_number": "1003"},
    {"case_id": "twins", "case_number": f"{ABROAD}/{TWIN}"},
    *(
        {
            "case_id": f"like-{number}",
            "case_number": f"5511{number}52222",
            "channel": f"WhatsApp 5511{number}52222",
        }
        for number in ("9876", "9765")
    ),
]
OTHER_MESSAGES = [
    {"message_id": "a", "case_id": f"{ABROAD}@x", "phone": f"+{ABROAD}", "body": f"de {ABROAD}!"},
    {"message_id": "wamid.HBgNNTUxMTk4NzY1NDMyMRUC", "case_id": "twins", "phone": f"+{ABROAD}"},
    {"message_id": "gs-wamid.HBgNNTUxMTk4NzY1NDMyMRUC", "case_id": "twins", "phone": f"+{TWIN}"},
    *(
        {
            "message_id": f"h{number}",
            "case_id": f"like-{number}",
            "direction": "out",
            "kind": "hsm",
            "status": "failed",
            "template_name": f"tpl_5511{number}52222",
            "template_category": f"cat 5511{number}52222",
            "error_code": f"5511{number}52222",
            "error_title": f"Falha 5511{number}52222",
        }
        for number in ("9876", "9765")
    ),
]
_CASE = {"person_name": "Bia", "channel": "WhatsApp", "case_type": "Troca"}
_MESSAGE = {"direction": "in", "sent_at": "2026-11-12T13:00:00Z"}


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    cases = [{**_CASE, "opened_at": "2026-11-12T12:00:00Z", **row} for row in OTHER_CASES]
    messages = [{**_MESSAGE, **row} for row in OTHER_MESSAGES]
    url = import_rows(tmp_path_factory.mktemp("others"), cases, messages)
    made = create_app(Settings(store_url=url, case_url="https://portal.example/{case_id}"))
    with closing(parts_of(made)):
        yield made


def test_the_digits_of_a_contact_are_a_phone_whatever_their_shape(others: Flask) -> None:
    client = others.test_client()
    reader = parts_of(others).reader
    frame = reader.panel("details", Filters.parse(PERIOD), Scope(), TableRequest(), {}).frame
    shown = [
        *(asked(client, path) for path in ("/api/v1/panels/details", "/export/details.csv")),
        asked(client, "/api/v1/panels/waiting"),
        str(rows(frame, Locale.of("en"), "https://portal.example/{case_id}")),
        *(str(reader.timeline(int(key), Scope())) for key in set(frame["case_key"])),
    ]
    for text in shown:
        assert ABROAD not in text
        assert TWIN not in text
        assert "NTUxMTk4NzY1NDMyM" not in text  # base64 of 5511987654321
    assert "*****-3456/*****-3999" in shown[0]
    assert any("de *****-3456!" in text for text in shown)  # in the time line


@pytest.mark.parametrize(
    "query",
    [
        {"where.case_id": ABROAD[:8]},
        {"where.reply": ABROAD[:8]},
        {"where.customer_message": ABROAD[:8]},
        {"where.case_number": TWIN[:8]},
        {"where.message_id": "HBgN"},
    ],
)
def test_no_hidden_part_of_a_contact_is_found(others: Flask, query: dict[str, str]) -> None:
    assert details(others.test_client(), **query) == []


def test_values_that_look_alike_when_masked_are_counted_together(others: Flask) -> None:
    client, reader = others.test_client(), parts_of(others).reader
    [template] = json.loads(asked(client, "/api/v1/panels/templates"))["rows"]
    assert (template["template_name"], template["sent"], template["failed"]) == (
        *("tpl_*****-2222", 2, 2),
    )
    [category] = json.loads(asked(client, "/api/v1/panels/hsm-in-window"))["rows"]
    assert (category["template_category"], category["sent"]) == ("cat *****-2222", 2)
    [failure] = json.loads(asked(client, "/api/v1/panels/failures"))["rows"]
    assert (failure["error_code"], failure["messages"]) == ("*****-2222", 2)
    for name, value in (("channel", "WhatsApp *****-2222"), ("template", "tpl_*****-2222")):
        options = reader.options(name, Filters.parse(PERIOD), Scope()).values
        assert {option.value: option.cases for option in options}[value] == 2
        assert len(details(client, **{name: value})) == 2


# --- the order of cases -----------------------------------------------------------------------


def case_numbers(client: FlaskClient, **query: Any) -> list[str]:
    return [str(row["case_number"]) for row in details(client, **query)]


def test_cases_are_sorted_by_number_then_by_text(client: FlaskClient) -> None:
    expected = [*BY_NUMBER, "*****-0987", "*****-4321@s.whatsapp.net", "a-1", "B-2"]
    assert case_numbers(client, sort="case_number") == expected
    assert case_numbers(client, sort="-case_number") == expected[::-1]
    pages = [
        case_numbers(client, sort="case_number", page=page, page_size=3)[:3] for page in range(4)
    ]
    assert [number for page in pages for number in page] == expected
    lines = csv.reader(
        io.StringIO(asked(client, "/export/details.csv", sort="case_number").lstrip("\ufeff")),
        delimiter=";",
    )
    header, *downloaded = lines
    place = header.index("Case")
    assert [row[place] for row in downloaded] == expected


def test_readers_who_see_phones_get_them_sorted_by_whole_number(reader: Reader) -> None:
    answer = reader.panel(
        "details",
        Filters.parse(PERIOD),
        Scope(see_phones=True),
        TableRequest(sort="case_number"),
        {},
    )
    assert answer.frame["case_number"].tolist() == [
        *("007", "9", "10", "99999", "100000", "351912340987", "20261126000123"),
        *(f"{IN_NUMBER}@s.whatsapp.net", "a-1", "B-2"),
    ]


# --- the link into the portal -----------------------------------------------------------------


def test_no_link_contains_a_phone(reader: Reader) -> None:
    address = "https://portal.example/{case_id}/{case_number}"
    frame = reader.panel("details", Filters.parse(PERIOD), Scope(), TableRequest(), {}).frame
    shown = rows(frame, Locale.of("en"), address)
    assert leaks(str(shown)) == []
    by_id = {
        row["message_id"]: cell["case_number"]
        for row, cell in zip(frame.to_dict("records"), shown, strict=True)
    }
    assert by_id["m-9"] == "[9](https://portal.example/9/9)"
    assert "portal.example" not in by_id["*****-6666-x"]
    assert case_address(address, "*****-4321@s.whatsapp.net", "7") is None


# --- what is kept -----------------------------------------------------------------------------


def test_the_cache_holds_only_masked_values(tmp_path: Path) -> None:
    url = import_rows(tmp_path, CASES, MESSAGES)
    with redis_server(tmp_path) as started:
        made = create_app(Settings(store_url=url, cache_url=started.url))
        with closing(parts_of(made)):
            client = made.test_client()
            for slug in TEXT_SLUGS:
                asked(client, f"/api/v1/panels/{slug}")
            reader = parts_of(made).reader
            for name in ("person", "case", "template"):
                reader.options(name, Filters.parse(PERIOD), Scope())
            answer = reader.panel("details", Filters.parse(PERIOD), Scope(), TableRequest(), {})
            for key in set(answer.frame["case_key"]):
                reader.timeline(int(key), Scope())
        with redis.Redis.from_url(started.url) as kept:
            content = [kept.get(key) for key in kept.keys("consumo:*")]
    assert len(content) > 10
    texts = [value.decode("utf-8", "replace") for value in content if isinstance(value, bytes)]
    assert any("*****-4321" in text for text in texts)
    # An answer is JSON behind its digest, whose bytes say nothing.
    assert [leak for text in texts for leak in leaks(text[text.find("[") :])] == []


# --- one meaning in Python and in SQL ---------------------------------------------------------

_SIGNS = "0123456789 +-.()/@:*;,_ax\u00a0\uff0b"
_PARTS = st.sampled_from(
    [PHONE, IN_NUMBER, IN_NAME, IN_ID, IN_BODY, "whatsapp:", "tel: ", "@", "0055", "11 3333-4444"]
)
_TEXTS = st.lists(_PARTS | st.text(_SIGNS, max_size=6), max_size=6).map("".join)


def test_the_engine_masks_as_python_does() -> None:
    names, texts = masked_sql("$1", PHONES_IN_NAME), masked_sql("$1", PHONES_IN_TEXT)
    with duckdb.connect() as connection:

        @given(_TEXTS)
        @settings(max_examples=400, deadline=None)
        def agree(text: str) -> None:
            [row] = connection.execute(f"select {texts}, {names}", [text]).fetchall()
            assert row == (PHONES_IN_TEXT(text), PHONES_IN_NAME(text))

        agree()
