"""The API with right and wrong requests, in this process, on a real store."""

import itertools
import json
import os
import shutil
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.factory import create_app, parts_of
from app.http_parser import MAX_BODY_BYTES
from app.settings import Settings
from components.formats import known
from components.labels import search_labels
from components.locale import Locale
from components.texts import LANGUAGES
from queries.columns import names
from queries.filters import LISTS, Filters
from queries.panels import details, indicators
from queries.reader import Reader
from queries.table_request import COLUMNS, TableRequest
from queries.user_scope import EVERYTHING, Scope
from queries.vocabulary import DIRECTIONS, KINDS, SESSION_TYPES, STATUSES
from tests.oracle.awkward import write_awkward
from tests.panels import PERIOD_SLUGS, SUMMARY_SLUGS
from tests.services import ROOT, import_files, import_rows

DETAILS = details.PANEL.slug
API_COLUMNS = names(details.PANEL.api_columns)
PANEL = "/api/v1/panels/"
ALWAYS = {"start": "2018-01-01", "end": "2027-12-31"}
NOW = datetime(2026, 11, 26, 18, 42, 30, tzinfo=UTC)
EVER = Filters.parse(ALWAYS)
WORDS = search_labels(Locale.of("pt-BR"))
#: How long something may take that must happen; nothing is measured by it.
PATIENCE = 30.0

PHONE = "+5511987654471"
CASES = [
    {
        "case_id": "k1",
        "case_number": "00042",
        "person_name": "João da Silva",
        "channel": "WhatsApp",
        "case_type": "Dúvida",
        "team": "Operação",
        "opened_at": "2026-11-10T12:00:00Z",
    },
    {
        "case_id": "k2",
        "case_number": "CC-7",
        "person_name": "Zoë Núñez",
        "channel": "whatsapp vendas",
        "case_type": "Reclamação",
        "team": "Vendas",
        "opened_at": "2026-11-12T12:00:00Z",
        "closed_at": "2026-11-13T15:00:00Z",
    },
    {
        "case_id": "k3",
        "case_number": "9",
        "person_name": "Bia",
        "channel": "Telefone",
        "case_type": "Troca",
        "opened_at": "2026-11-14T12:00:00Z",
    },
]


def message(message_id: str, case_id: str, at: str, direction: str, **more: str) -> dict[str, str]:
    row = {"message_id": message_id, "case_id": case_id, "direction": direction, "phone": PHONE}
    return {**row, "sent_at": f"2026-11-{at}:00Z", **more}


MESSAGES = [
    message("ÁM1", "k1", "10T12:00", "in", body="Olá, João"),
    message(
        "M2", "k1", "10T12:10", "out", status="read", agent="Bruno Ávila", body="100% já_visto"
    ),
    message("M3", "k1", "20T15:00", "in", body="Cadê?"),
    message(
        "M4",
        "k2",
        "12T14:00",
        "out",
        kind="hsm",
        status="delivered",
        template_name="cobrança",
        business_number="+551140028922",
        body="Sua fatura",
    ),
    message("M5", "k2", "12T15:00", "in", body="OBRIGADO"),
    message(
        "M6",
        "k2",
        "12T16:00",
        "out",
        kind="hsm",
        status="failed",
        template_name="boas_vindas",
        error_code="131026",
        error_title="Não entregue",
    ),
    message("M7", "k3", "14T13:00", "out", status="new", body="Aviso"),
]
IDS = {row["message_id"] for row in MESSAGES}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("api")
    address = import_rows(folder, CASES, MESSAGES)
    shutil.copy(folder / "store.duckdb", folder / "pristine.duckdb")  # nobody has it open yet
    return address


@pytest.fixture(scope="module")
def server(url: str) -> Iterator[Flask]:
    # The minute is a part of answers that compare with the days before.
    made = create_app(Settings(store_url=url), clock=lambda: NOW)
    with closing(parts_of(made)):
        yield made


@pytest.fixture(scope="module")
def awkward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("awkward")
    address, _ = import_files(folder, *write_awkward(folder, 11, 150))
    made = create_app(Settings(store_url=address))
    with closing(parts_of(made)):
        yield made


def content(response: TestResponse) -> Any:
    assert response.mimetype == "application/json"
    return json.loads(response.get_data())


def answer(response: TestResponse) -> Any:
    assert response.status_code == 200, response.get_data(as_text=True)[:500]
    return content(response)


def ids(found: Any) -> list[str]:
    return [row["message_id"] for row in found["rows"]]


def refusal(response: TestResponse, status: int = 400) -> tuple[str, str]:
    """Return code and message of an error answer; check its form, and that it has no internals."""
    assert response.status_code == status, response.get_data(as_text=True)[:500]
    found = content(response)
    assert found.keys() == {"error"}
    assert found["error"].keys() == {"code", "message"}
    code, said = found["error"]["code"], found["error"]["message"]
    assert 5 < len(said) < 500
    assert not any(sign in said for sign in ("\n", "Traceback", "Error", "{", "}", "['", ".py"))
    return code, said


# --- what is refused ----------------------------------------------------------------------------

MANY = [f"v{number}" for number in range(100_000)]
#: Code, then the question as JSON takes it; texts and lists of texts are asked by address as well.
REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("unknown_parameter", {"persons": "x"}),
    ("unknown_parameter", {"utm_source": "x"}),
    ("unknown_parameter", {"Person": "x"}),
    ("unknown_parameter", {"where": "x"}),
    *(("bad_date", {"start": text, "end": "2026-12-31"}) for text in ("x", "2026-02-30", "1/1/26")),
    ("period_incomplete", {"start": "2026-01-01"}),
    ("period_incomplete", {"end": "2026-01-01"}),
    ("period_reversed", {"start": "2026-01-02", "end": "2026-01-01"}),
    ("year_out_of_range", {"start": "0001-01-01", "end": "2026-01-01"}),
    ("year_out_of_range", {"start": "2026-01-01", "end": "9999-12-31"}),
    ("too_many_buckets", {"start": "2015-01-01", "end": "2025-12-14", "bucket": "day"}),
    *(("empty_value", {name: ""}) for name in (*LISTS, "start", "sort", "where.reply", "lang")),
    *(("unusable_text", {name: "a\0"}) for name in ("person", "start", "sort", "where.reply")),
    *(("repeated", {name: ["1", "1"]}) for name in ("start", "end", "page", "sort", "where.reply")),
    *(("repeated", {name: ["en", "en"]}) for name in ("lang", "theme", "basis", "bucket")),
    *(("bad_number", {"page_size": text}) for text in (str(10**9), "1001", "0", "-1", "x", "1.5")),
    *(("bad_number", {"page": text}) for text in ("-1", "x", "9" * 18, "9" * 300, "\uff11")),
    *(("unknown_column", {"sort": text}) for text in ("x", "-x", "--seq", "seq desc", "1")),
    *(("unknown_column", {f"where.{name}": "a"}) for name in ("x", "", "account", "body")),
    *(("unknown_column", {"columns": text}) for text in ("x", "status,x", "message_id", "Status")),
    ("empty_value", {"columns": ""}),
    ("masked_column", {"sort": "phone"}),
    ("masked_column", {"sort": "-phone"}),
    ("masked_column", {"where.phone": "4471"}),
    *(
        ("bad_value", {name: "x"})
        for name in ("lang", "theme", "basis", "bucket", "status", "direction", "kind")
    ),
]
#: Questions that only JSON can put.
REFUSED_BODIES: list[tuple[str, Any]] = [
    ("not_json", b""),
    ("not_json", b"{"),
    ("not_json", b"[1]"),
    ("not_json", b'"x"'),
    ("not_json", b"null"),
    ("not_json", b"\xff\xfe"),
    ("not_json", b'{"person": "\xff"}'),
    ("not_json", b"[" * 100_000),
    ("not_json", b'{"a":' * 100_000),
    ("not_json", b"person=x"),
    ("repeated", b'{"person": "a", "person": "b"}'),
    ("unusable_text", b'{"person": "\\ud800"}'),
    ("unusable_text", b'{"where.reply": "\\udfff"}'),
    ("unusable_text", b'{"start": "\\ud800", "end": "2026-01-01"}'),
    ("unknown_parameter", b'{"\\ud800": "x"}'),
    ("unknown_column", b'{"where.\\ud800": "x"}'),
    ("unknown_parameter", b'{"\\u0000": "x"}'),
    ("unknown_parameter", b'{"": "x"}'),
    ("too_many_values", {"person": MANY}),
    ("too_many_values", {"case": ["x"] * 1_001}),
    *(("wrong_type", {"person": value}) for value in (1, None, True, 1.5, {}, [1], [["x"]])),
    *(("wrong_type", {"start": value, "end": "2026-01-01"}) for value in (20260101, None)),
    *(("bad_number", {"page": value}) for value in (1.0, None, True, [1])),
    *(("bad_number", {"page": value}) for value in (-1, 10**30)),
    *(("bad_number", {"page_size": value}) for value in (0, -1, 10**9)),
    *(("wrong_type", {name: None}) for name in ("lang", "theme", "sort", "where.reply", "bucket")),
]


@pytest.mark.parametrize(("code", "question"), REFUSED, ids=lambda value: ascii(value)[:60])
def test_bad_parameters_are_refused_in_query_and_body(
    client: FlaskClient, code: str, question: dict[str, Any]
) -> None:
    for slug in (DETAILS, "messages-by-origin"):
        by_address = client.get(PANEL + slug, query_string=question)
        by_body = client.post(PANEL + slug, json=question)
        assert refusal(by_address)[0] == code
        assert refusal(by_address) == refusal(by_body)


@pytest.mark.parametrize(("code", "body"), REFUSED_BODIES, ids=lambda value: ascii(value)[:60])
def test_a_bad_body_is_refused(client: FlaskClient, code: str, body: Any) -> None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = client.post(PANEL + "cases", data=data, content_type="application/json")
    assert refusal(response)[0] == code


@pytest.mark.parametrize(
    "address", ["person=%ff", "person=%ED%A0%80", "%ff=x", "where.reply=%C3", "person=a&%C0%AF"]
)
def test_an_address_that_is_not_utf_8_is_refused(client: FlaskClient, address: str) -> None:
    assert refusal(client.get(f"{PANEL}details?{address}"))[0] == "unusable_text"


def test_raw_bytes_in_an_address_are_refused(client: FlaskClient) -> None:
    response = client.get(PANEL + "details", environ_overrides={"QUERY_STRING": "person=Jo\xe3o"})
    assert refusal(response)[0] == "unusable_text"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (None, "A coluna Telefone está mascarada"),
        ("pt-BR", "A coluna Telefone está mascarada"),
        ("en", "The column Phone is masked"),
        ("es", "La columna Teléfono está enmascarada"),
    ],
)
def test_an_error_message_is_in_the_requested_language(
    client: FlaskClient, language: str | None, said: str
) -> None:
    question = {"sort": "phone"} | ({"lang": language} if language else {})
    assert refusal(client.get(PANEL + "details", query_string=question))[1].startswith(said)
    assert refusal(client.post(PANEL + "details", json=question))[1].startswith(said)


def test_an_error_message_names_allowed_values_by_label_and_code(client: FlaskClient) -> None:
    asked = {"direction": "x", "lang": "en"}
    assert refusal(client.get(PANEL + "details", query_string=asked))[1] == (
        '"x" is not a value of "Origin". Choose one of: Sent (out), Received from customer (in).'
    )


@pytest.mark.parametrize("body", [b"{", b'{"person": "a", "person": "b"}', b'{"lang": "en"}'])
def test_a_body_that_cannot_be_read_is_refused_in_the_language_of_the_address(
    client: FlaskClient, body: bytes
) -> None:
    _, said = refusal(client.post(f"{PANEL}cases?lang=en", data=body))
    assert said.startswith(("The question is", "person was", "lang was", '"Requester'))


def test_an_unreadable_address_is_refused_in_its_language(client: FlaskClient) -> None:
    _, said = refusal(client.get(f"{PANEL}cases?lang=en&person=%ff"))
    assert said.endswith("contains characters that cannot be searched for.")


def test_a_refused_number_is_repeated_as_it_was_written(client: FlaskClient) -> None:
    for question in ({"page_size": "1001"}, {"page_size": 1_001}):
        response = client.post(f"{PANEL}details", json=question | {"lang": "en"})
        assert '"1001" does not fit page_size' in refusal(response)[1]
    for value, said in ((10.5, "10.5"), (True, "true")):
        for name, least in (("page", "0"), ("page_size", "1")):
            response = client.post(f"{PANEL}details", json={name: value, "lang": "en"})
            told = f'"{said}" does not fit {name}: give a number from {least} to '
            assert refusal(response)[1].startswith(told)
    assert '"1001" ' in refusal(client.get(f"{PANEL}details?page_size=1001&lang=en"))[1]


def test_a_body_over_the_limit_is_refused(client: FlaskClient) -> None:
    body = b'{"person": "' + b"x" * MAX_BODY_BYTES + b'"}'
    assert refusal(client.post(PANEL + "cases", data=body), 413)[0] == "http_413"


def test_the_most_values_that_are_allowed_fit_into_a_body(client: FlaskClient) -> None:
    values = [f"{number:04d}" + "é" * 600 for number in range(1_000)]
    found = answer(client.post(PANEL + "details", json={**ALWAYS, "person": values}))
    assert (found["total"], len(found["filters"]["person"])) == (0, 1_000)


@pytest.mark.parametrize("address", [PANEL + "nope", PANEL, PANEL + "details/1", "/.env", "/admin"])
def test_what_does_not_exist_is_not_found(client: FlaskClient, address: str) -> None:
    assert refusal(client.get(address), 404)[0] == "http_404"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_methods_that_change_something_are_refused(client: FlaskClient, method: str) -> None:
    response = client.open(PANEL + "cases", method=method)
    assert refusal(response, 405)[0] == "http_405"
    assert "POST" in response.headers["Allow"]


# --- what is answered ---------------------------------------------------------------------------


@pytest.mark.parametrize("slug", PERIOD_SLUGS)
def test_the_parameter_columns_of_the_page_changes_no_answer(
    client: FlaskClient, slug: str
) -> None:
    plain = answer(client.get(PANEL + slug, query_string=ALWAYS))
    for columns in ("team,status", ["team", "status"]):
        question = {**ALWAYS, "columns": columns}
        assert answer(client.get(PANEL + slug, query_string=question)) == plain
        assert answer(client.post(PANEL + slug, json=question)) == plain


QUESTIONS: list[dict[str, Any]] = [
    {},
    dict(ALWAYS),
    {"start": "2026-11-12", "end": "2026-11-12"},
    {**ALWAYS, "basis": "opened", "bucket": "month"},
    {**ALWAYS, "person": ["João da Silva", "Zoë Núñez"], "direction": "in"},
    {**ALWAYS, "template": ["cobrança"], "status": ["delivered", "read"], "kind": ["hsm"]},
    {**ALWAYS, "sort": "-seq", "page": "1", "page_size": "2", "where.reply": "a"},
    {**ALWAYS, "lang": "es", "theme": "dark"},
]


@pytest.mark.parametrize("slug", PERIOD_SLUGS)
@pytest.mark.parametrize("question", QUESTIONS, ids=ascii)
def test_get_and_post_answer_the_same(
    client: FlaskClient, slug: str, question: dict[str, Any]
) -> None:
    by_address = answer(client.get(PANEL + slug, query_string=question))
    assert by_address == answer(client.post(PANEL + slug, json=question))
    said = {
        DETAILS: {"total"},
        "cost-lines": {"total"},
        "indicators": {"previous"},
        "breakdown": {"previous"},
    }
    beside = said.get(slug, set())
    assert by_address.keys() == {"data_version", "filters", "rows"} | beside


def test_an_answer_says_with_which_days_it_compares(client: FlaskClient) -> None:
    def said(**question: str) -> dict[str, Any]:
        found = answer(client.get(f"{PANEL}indicators", query_string=question))
        return {name: found[name] for name in ("filters", "previous")}

    assert said(period="last7") == {
        "filters": {
            "basis": "sent",
            "period": "last7",
            "start": "2026-11-20",
            "end": "2026-11-26",
        },
        "previous": {
            "start": "2026-11-13",
            "end": "2026-11-19",
            "until": "2026-11-19T15:42-03:00",
        },
    }
    assert said(start="2026-10-01", end="2026-10-31")["previous"] == {
        "start": "2026-09-01",
        "end": "2026-09-30",
        "until": None,
    }


@pytest.mark.parametrize("path", [f"{PANEL}details", "/export/details.csv", "/export/details.xlsx"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("question", "words"),
    [
        ({"period": "last8"}, {"pt-BR": "Esta semana (this_week)", "en": "(last7)", "es": "(all)"}),
        (
            {"period": "last7", "start": "2026-11-01"},
            {"pt-BR": "duas vezes", "en": "twice", "es": "dos veces"},
        ),
    ],
    ids=ascii,
)
def test_a_wrong_preset_is_an_error_with_a_sentence(
    client: FlaskClient, path: str, language: str, question: dict[str, str], words: dict[str, str]
) -> None:
    found = client.get(path, query_string={**question, "lang": language})
    assert found.status_code == 400
    assert words[language] in found.get_json()["error"]["message"]


def test_an_answer_repeats_its_filters_with_the_period(client: FlaskClient) -> None:
    question = {"person": ["b", "a", "b"], "basis": "opened"}
    assert answer(client.get(PANEL + "cases", query_string=question))["filters"] == {
        "basis": "opened",
        "start": "2026-10-16",  # the newest case was opened on 14 November
        "end": "2026-11-14",
        "person": ["a", "b"],
    }
    assert answer(client.get(PANEL + "cases"))["filters"] == {
        "basis": "sent",
        "start": "2026-10-22",
        "end": "2026-11-20",
    }


def test_texts_arrive_as_they_were_imported(client: FlaskClient) -> None:
    """Check all columns of the API for one row whose values are known here."""
    found = answer(client.get(PANEL + "details", query_string={**ALWAYS, "where.message_id": "M2"}))
    [row] = found["rows"]
    assert list(row) == list(API_COLUMNS)
    assert row == {
        "message_id": "M2",
        "case_number": "00042",
        "case_type": "Dúvida",
        "channel": "WhatsApp",
        "kind": "session",
        "template_name": None,
        "status": "read",
        "phone": "+55 11 *****-4471",
        "reply": "100% já_visto",
        "seq": 2,
        "opened_at": "2026-11-10T09:00:00-03:00",
        "last_agent": "Bruno Ávila",
        "session_type": "customer",
        "sent_at": "2026-11-10T09:10:00-03:00",
    }


def test_columns_are_those_of_the_contract(client: FlaskClient) -> None:
    """Columns that only page and downloads have are not in the API's answer."""
    failed = answer(client.get(PANEL + "failures", query_string=ALWAYS))["rows"]
    assert [list(row.items()) for row in failed] == [
        [
            ("action", "fix_number"),
            ("error_code", "131026"),
            ("error_title", "Não entregue"),
            ("messages", 1),
        ]
    ]
    in_window = answer(client.get(PANEL + "hsm-in-window", query_string=ALWAYS))["rows"]
    assert [list(row.items()) for row in in_window] == [
        [("template_category", None), ("sent", 2), ("in_window", 1)]
    ]
    [row] = answer(client.get(PANEL + "indicators", query_string=ALWAYS))["rows"]
    assert list(row) == list(names(indicators.PANEL.api_columns))
    assert len(row) == 28


def test_the_title_of_an_error_is_the_most_frequent_one_a_reader_may_see(tmp_path: Path) -> None:
    """Titles of messages outside the scope do not count, nor does a null title."""
    titles = {"a": ["B", "A", "B", "", "", "", "A"], "b": ["C"] * 9, "": [""]}
    cases = [{**CASES[0], "account": account, "case_id": account or "none"} for account in titles]
    rows = [
        message(f"{account}{number}", account or "none", "10T12:00", "out", account=account,
                status="failed", error_code="131049" if account else "", error_title=title)
        for account, given in titles.items()
        for number, title in enumerate(given)
    ]  # fmt: skip
    made = create_app(Settings(store_url=import_rows(tmp_path, cases, rows)))
    with closing(parts_of(made)) as parts:

        def failures(scope: Scope) -> list[list[Any]]:
            return parts.reader.panel("failures", EVER, scope).frame.to_numpy().tolist()

        assert failures(Scope(accounts=("a",))) == [["retry", "131049", "A", 7]]
        assert failures(EVERYTHING) == [["retry", "131049", "C", 16], [None, None, None, 1]]


UNKNOWN = [
    "nobody",
    "' or 1=1 --",
    "'; drop table messages; --",
    '" or ""="',
    "%",
    "_",
    "\\",
    "$1",
    "João",
    "joão da silva",
    " João da Silva",
    "null",
]


@pytest.mark.parametrize(
    "name", ["person", "channel", "case_type", "case", "team", "agent", "template"]
)
def test_values_that_match_nothing_give_nothing(client: FlaskClient, name: str) -> None:
    """A filter with unknown values selects nothing, never everything."""
    question: dict[str, Any] = {**ALWAYS, name: [f"{number}" for number in range(40, 1_040)]}
    for slug in SUMMARY_SLUGS:
        rows = answer(client.post(PANEL + slug, json=question))["rows"]
        for row in rows:
            row.pop("waiting", None)  # like the panel: filters of the message do not matter
        assert not any(value for row in rows for value in row.values() if type(value) is int)
    assert answer(client.post(PANEL + "details", json=question))["total"] == 0
    for values in (*UNKNOWN, UNKNOWN, UNKNOWN * 2):
        question = {**ALWAYS, name: values}
        assert answer(client.post(PANEL + "details", json=question))["total"] == 0
    assert answer(client.get(PANEL + "details", query_string=ALWAYS))["total"] == len(IDS)


def test_a_period_without_messages_gives_zeros_or_no_rows(client: FlaskClient) -> None:
    question = {"start": "1950-01-01", "end": "1950-01-01"}
    assert answer(client.get(PANEL + "details", query_string=question))["total"] == 0
    assert answer(client.get(PANEL + "cases", query_string=question))["rows"] == [
        {"period": "1950-01-01", "created": 0, "attended": 0}
    ]


def test_pages_beyond_the_last_are_empty_and_keep_the_total(client: FlaskClient) -> None:
    for page in ("1", "1000000000000"):
        question = {**ALWAYS, "page": page, "page_size": "1000"}
        found = answer(client.get(PANEL + "details", query_string=question))
        assert (found["rows"], found["total"]) == ([], len(IDS))


# --- sorting and filtering of columns -----------------------------------------------------------


def folded(text: str) -> str:
    parts = unicodedata.normalize("NFD", text.lower())
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def sort_key(column: str, value: Any) -> Any:
    """Return the key to sort a column by; codes sort in the order of their vocabulary."""
    vocabularies: Mapping[str, Sequence[str]] = {
        "kind": KINDS,
        "status": STATUSES,
        "direction": DIRECTIONS,
        "session_type": SESSION_TYPES,
    }
    if column in vocabularies:
        return vocabularies[column].index(value)
    if column == "case_number":
        return (0, int(value), value) if value.isdecimal() else (1, folded(value), value)
    textual = "case_type template_name last_agent person_name team error reply customer_message"
    return (folded(value), value) if column in textual.split() else value


def everything(reader: Reader, table: TableRequest) -> list[dict[str, Any]]:
    found = reader.panel(DETAILS, EVER, Scope(see_phones=True), table, WORDS)
    assert found.total is not None
    assert found.total <= table.page_size
    return [
        {name: value if known(value) else None for name, value in row.items()}
        for row in found.frame.to_dict("records")
    ]


@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_sorts_in_both_directions(server: Flask, column: str) -> None:
    reader = parts_of(server).reader
    newest_first = everything(reader, TableRequest(page_size=1_000))
    moments = [(row["sent_at"], row["message_id"]) for row in newest_first]
    assert moments == sorted(moments, reverse=True)
    valued = [row for row in newest_first if row[column] is not None]
    unknown = [row for row in newest_first if row[column] is None]
    for sign, descending in (("", False), ("-", True)):
        expected = sorted(valued, key=lambda row: sort_key(column, row[column]), reverse=descending)
        if descending:  # equals stay newest first
            groups = itertools.groupby(expected, key=lambda row: sort_key(column, row[column]))
            expected = [
                row
                for _, group in groups
                for row in sorted(group, key=lambda r: (r["sent_at"], r["message_id"]))[::-1]
            ]
        got = everything(reader, TableRequest(sort=f"{sign}{column}", page_size=1_000))
        assert [row["message_id"] for row in got] == [
            row["message_id"] for row in [*expected, *unknown]
        ]


@pytest.mark.parametrize("column", [name for name in API_COLUMNS if name != "phone"])
def test_a_sorted_table_is_the_same_page_by_page(client: FlaskClient, column: str) -> None:
    question = {**ALWAYS, "sort": f"-{column}"}
    whole = ids(answer(client.get(PANEL + "details", query_string=question)))
    paged = [
        found
        for page in range(4)
        for found in ids(
            answer(
                client.get(
                    PANEL + "details", query_string={**question, "page": page, "page_size": 2}
                )
            )
        )
    ]
    assert paged == whole
    assert set(whole) == IDS


WHERE: list[tuple[str, str, str]] = [
    ("message_id", "am", "ÁM1"),
    ("message_id", "m2", "M2"),
    ("case_number", "cc-", "M4 M5 M6"),
    ("case_number", "0042", "ÁM1 M2 M3"),
    ("case_type", "DUVIDA", "ÁM1 M2 M3"),
    ("case_type", "cao", "M4 M5 M6"),
    ("channel", "whats", "ÁM1 M2 M3 M4 M5 M6 M7"),
    ("channel", "telefone", ""),
    ("kind", "hsm", "M4 M6"),
    ("kind", "wapp", "ÁM1 M2 M3 M5 M7"),
    ("template_name", "COBRANCA", "M4"),
    ("template_name", "s_v", "M6"),
    ("status", "lid", "M2"),
    ("status", "read", "ÁM1 M2 M5"),
    ("status", "recebido", "M4"),
    ("status", "novo", "M7"),
    ("status", "new", "M3 M7"),
    ("status", "aguardando", "M3"),
    ("status", "AGUARDANDO", "M3"),
    ("status", "tratada", "ÁM1 M5"),
    ("status", "falhou", "M6"),
    ("status", "confirmacao", ""),
    ("reply", "JA_VISTO", "M2"),
    ("reply", "100%", "M2"),
    ("reply", "0% já", "M2"),
    ("reply", "1%v", ""),
    ("reply", "ola", ""),
    ("seq", "2", "M2 M5"),
    ("opened_at", "2026-11-12", "M4 M5 M6"),
    ("opened_at", "14/11", "M7"),
    ("last_agent", "bruno avila", "ÁM1 M2 M3"),
    ("session_type", "por hsm", "M4 M5 M6"),
    ("session_type", "cliente", "ÁM1 M2 M3"),
    ("session_type", "empresa", "M7"),
    ("sent_at", "10/11/2026", "ÁM1 M2"),
    ("sent_at", "2026-11-2", "M3"),
    ("sent_at", "%", ""),
    ("person_name", "NUNEZ", "M4 M5 M6"),
    ("direction", "received", ""),
    ("direction", "recebida", "ÁM1 M3 M5"),
    ("direction", "out", "M2 M4 M6 M7"),
    ("customer_message", "ola, joao", "ÁM1"),
    ("customer_message", "obrigado", "M5"),
    ("customer_message", "fatura", ""),
    ("team", "OPERACAO", "ÁM1 M2 M3"),
    ("case_state", "encerrado", "M4 M5 M6"),
    ("case_state", "open", "ÁM1 M2 M3 M7"),
    ("business_number", "4002", "M4"),
    ("business_number", "+551140028922", "M4"),
    ("business_number", "+55 11 4002-8922", "M4"),
    ("business_number", "(11) 4002 89", "M4"),
    ("business_number", "4002 ramal", ""),
    ("business_number", "-", ""),
    ("error", "131026: nao", "M6"),
    ("error_code", "131026", "M6"),
    ("error_code", "13102", ""),  # as a whole
    ("case_id", "K2", "M4 M5 M6"),
]


@pytest.mark.parametrize(("column", "text", "expected"), WHERE)
def test_columns_are_filtered_by_what_readers_type(
    client: FlaskClient, column: str, text: str, expected: str
) -> None:
    question = {**ALWAYS, f"where.{column}": text}
    found = answer(client.get(PANEL + "details", query_string=question))
    assert sorted(ids(found)) == sorted(expected.split())
    assert found["total"] == len(expected.split())


def test_every_column_that_can_be_filtered_has_a_test_case() -> None:
    assert {column for column, _, _ in WHERE} == set(COLUMNS) - {"phone"}


def test_column_filters_are_combined_with_and(client: FlaskClient) -> None:
    question = {**ALWAYS, "where.kind": "hsm", "where.status": "falhou", "where.seq": "3"}
    assert ids(answer(client.get(PANEL + "details", query_string=question))) == ["M6"]
    question["where.seq"] = "1"
    assert ids(answer(client.get(PANEL + "details", query_string=question))) == []


def test_column_filters_take_labels_of_the_requested_language(client: FlaskClient) -> None:
    def found(text: str, language: str) -> list[str]:
        question = {**ALWAYS, "where.status": text, "lang": language}
        return ids(answer(client.get(PANEL + "details", query_string=question)))

    assert found("aguardando", "pt-BR") == found("waiting", "en") == ["M3"]
    assert found("aguardando", "en") == found("waiting", "pt-BR") == []


def test_column_filters_narrow_only_the_table(client: FlaskClient) -> None:
    cut = {**ALWAYS, "where.kind": "hsm", "sort": "seq", "page": "1", "page_size": "1"}
    for slug in SUMMARY_SLUGS:
        plain = answer(client.get(PANEL + slug, query_string=ALWAYS))
        assert answer(client.get(PANEL + slug, query_string=cut)) == plain


def test_a_phone_that_may_be_seen_is_shown_sorted_and_filtered(url: str, server: Flask) -> None:
    reader = parts_of(server).reader
    seen = Scope(see_phones=True)
    table = TableRequest(sort="phone", where=(("phone", "4471"),))
    found = reader.panel(DETAILS, EVER, seen, table, WORDS)
    assert (found.total, set(found.frame["phone"])) == (len(IDS), {PHONE})
    as_shown = TableRequest(where=(("phone", "98765-4471"),))
    assert reader.panel(DETAILS, EVER, seen, as_shown, WORDS).total == len(IDS)
    assert set(reader.panel(DETAILS, EVER, EVERYTHING).frame["phone"]) == {"+55 11 *****-4471"}


# --- scope --------------------------------------------------------------------------------------

NOTHING = [Scope(accounts=()), Scope(teams=()), Scope(channels=())]
ALL_VALUES = Scope(
    accounts=("default",), teams=("Operação",), channels=("WhatsApp", "whatsapp vendas")
)


@pytest.mark.parametrize("scope", NOTHING, ids=repr)
@pytest.mark.parametrize("basis", ["sent", "opened"])
def test_an_empty_scope_sees_nothing_anywhere(server: Flask, scope: Scope, basis: str) -> None:
    reader = parts_of(server).reader
    asked = Filters.parse({**ALWAYS, "basis": basis})
    for slug in SUMMARY_SLUGS:
        # No message here has a cost: ``test_cost_answers`` has scopes of costs.
        assert has_something(reader, slug, asked, EVERYTHING) is not slug.startswith("cost")
        assert not has_something(reader, slug, asked, scope)
    assert reader.panel(DETAILS, asked, scope).total == 0
    assert reader.panel(DETAILS, asked, scope).frame.empty
    assert list(reader.all_rows(DETAILS, asked, scope)) == []
    for name in LISTS:
        for search in ("", "a"):
            found = reader.options(name, asked, scope, search)
            assert (found.values, found.total) == ((), 0)
        assert reader.options(name, asked, EVERYTHING).total > 0


def has_something(reader: Reader, slug: str, asked: Filters, scope: Scope) -> bool:
    """Return whether any number of a panel is greater than zero."""
    rows = reader.panel(slug, asked, scope).frame.to_dict("records")
    return any(
        isinstance(value, int | float) and value > 0 for row in rows for value in row.values()
    )


def test_a_scope_narrows_whatever_the_filters_say(server: Flask) -> None:
    reader = parts_of(server).reader
    sales = Scope(teams=("Vendas",))
    assert reader.panel(DETAILS, EVER, sales).total == 3
    assert [option.value for option in reader.options("person", EVER, sales).values] == [
        "Zoë Núñez"
    ]
    other = Filters.parse({**ALWAYS, "team": "Operação"})
    assert reader.panel(DETAILS, other, sales).total == 0
    assert reader.panel(DETAILS, EVER, Scope(channels=("WhatsApp",))).total == 3
    # Limits of a scope all hold, and a value that nobody has sees nothing.
    assert (
        reader.panel(
            DETAILS, EVER, replace(sales, channels=("WhatsApp",)), TableRequest(), WORDS
        ).total
        == 0
    )
    assert reader.panel(DETAILS, EVER, Scope(accounts=("x",))).total == 0


def test_a_long_scope_narrows_as_a_short_one_does(server: Flask) -> None:
    reader = parts_of(server).reader
    teams = ("Vendas", *(f"team {number}" for number in range(60)))
    assert reader.panel(DETAILS, EVER, Scope(teams=teams)).total == 3


def test_a_scope_without_texts_gets_none(server: Flask) -> None:
    reader = parts_of(server).reader
    frame = reader.panel(DETAILS, EVER, Scope(see_texts=False)).frame
    assert frame["reply"].isna().all()
    assert frame["customer_message"].isna().all()
    assert reader.panel(DETAILS, EVER, EVERYTHING).frame["reply"].notna().any()


# --- headers and health -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (PANEL + "cases", 200),
        (PANEL + "details", 200),
        (PANEL + "nope", 404),
        ("/export/cases.csv", 200),
        ("/export/details.xlsx", 200),
        ("/healthz", 200),
        ("/readyz", 200),
    ],
)
def test_answers_have_headers_against_caching_sniffing_and_framing(
    client: FlaskClient, address: str, status: int
) -> None:
    with client.get(address) as response:
        headers = response.headers
        assert response.status_code == status
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'self'"
    assert policy["connect-src"] == "'self'"
    assert "unsafe" not in policy["script-src"]
    assert "http" not in headers["Content-Security-Policy"]


def test_each_request_has_an_id_of_its_own(client: FlaskClient) -> None:
    asked = [client.get("/healthz", headers={"X-Request-ID": "mine"}) for _ in range(3)]
    given = {response.headers["X-Request-ID"] for response in asked}
    assert len(given) == 3
    assert all(len(request_id) == 32 for request_id in given)


def test_the_frame_s_ancestors_are_those_of_the_setting(tmp_path: Path) -> None:
    address = f"duckdb:///{tmp_path / 'store.duckdb'}"
    made = create_app(Settings(store_url=address, frame_ancestors="https://portal.test"))
    with closing(parts_of(made)):
        headers = made.test_client().get("/healthz").headers
    assert headers["Content-Security-Policy"].endswith("frame-ancestors https://portal.test")
    assert "X-Frame-Options" not in headers


def test_a_server_that_can_answer_is_ready(client: FlaskClient) -> None:
    assert answer(client.get("/healthz")) == {"alive": True}
    assert answer(client.get("/readyz")) == {"ready": True, "store": True, "cache": True}


HOLD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from queries.engines.base import EngineLimits
from sources.owner import Owner
owner = Owner(Path(sys.argv[1]), EngineLimits(), "America/Sao_Paulo", lambda: datetime.now(UTC))
owner.open()
print("held", flush=True)
sys.stdin.read()
owner.close()
"""


def test_a_store_that_another_process_holds_is_not_ready_until_it_is_given_back(
    tmp_path: Path,
) -> None:
    path = tmp_path / "store.duckdb"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    made = create_app(Settings(store_url=f"duckdb:///{path}"))
    with closing(parts_of(made)):
        asking = made.test_client()
        try:
            assert answer(asking.get("/healthz")) == {"alive": True}
            ready = asking.get("/readyz")
            assert (ready.status_code, content(ready)["store"]) == (503, False)
            for address in (PANEL + "cases", PANEL + "details", "/export/details.csv"):
                code, said = refusal(asking.get(address), 503)
                assert (code, said.split(".")[0]) == (
                    "store_unavailable",
                    "Os dados não estão acessíveis no momento",
                )
            # What is wrong with the question is told even then.
            assert refusal(asking.get(PANEL + "cases?x=1"))[0] == "unknown_parameter"
        finally:
            holder.communicate()
        tick = threading.Event()
        for _ in range(int(PATIENCE / 0.05)):
            if asking.get("/readyz").status_code == 200:
                break
            tick.wait(0.05)
        assert answer(asking.get(PANEL + "details"))["total"] == 0


# --- time limit, two apps, many threads ---------------------------------------------------------


@pytest.fixture
def heavy(url: str, tmp_path: Path) -> str:
    """A store with long texts, so that a search takes many times the time limit below."""
    path = tmp_path / "heavy.duckdb"
    shutil.copy(Settings(store_url=url).own_files.with_name("pristine.duckdb"), path)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "insert into messages select m.* replace (message_id || '-' || r as message_id, "
            "repeat('ação ' || r, 400) as body) from messages m, range(4000) t(r)"
        )
    return f"duckdb:///{path}"


def test_a_query_over_its_time_limit_is_stopped_and_the_next_one_works(heavy: str) -> None:
    made = create_app(Settings(store_url=heavy, query_seconds=0.25, threads=1))
    with closing(parts_of(made)):
        asking = made.test_client()
        slow = {**ALWAYS, "where.reply": "nowhere", "where.customer_message": "nowhere"}
        empty = {"start": "1950-01-01", "end": "1950-01-01"}
        for language, said in (("pt-BR", "Isto demorou demais"), ("en", "This took too long")):
            response = asking.get(PANEL + "details", query_string={**slow, "lang": language})
            code, sentence = refusal(response, 503)
            assert code == "query_timeout"
            assert sentence.startswith(said)
            assert answer(asking.get(PANEL + "details", query_string=empty))["total"] == 0


def test_two_apps_in_one_process_do_not_share_data(server: Flask, awkward: Flask) -> None:
    questions: list[dict[str, str]] = [
        {**ALWAYS, "bucket": bucket, "basis": basis}
        for bucket, basis in itertools.product(("week", "month"), ("sent", "opened"))
    ]
    asked = [
        (made, slug, question)
        for slug, question in itertools.product(PERIOD_SLUGS, questions)
        for made in (server, awkward)
    ]

    def ask(one: tuple[Flask, str, dict[str, str]]) -> Any:
        made, slug, question = one
        return answer(made.test_client().get(PANEL + slug, query_string=question))

    alone = [ask(one) for one in asked[::2]], [ask(one) for one in asked[1::2]]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(ask, asked * 2))
    assert together == [found for pair in zip(*alone, strict=True) for found in pair] * 2
    small, large = (ask((made, DETAILS, questions[0])) for made in (server, awkward))
    assert small["total"] == len(IDS)
    assert large["total"] > 200
    assert not set(ids(small)) & set(ids(large))
    parts = parts_of(server), parts_of(awkward)
    assert parts[0].reader is not parts[1].reader
    assert parts[0].dash is not parts[1].dash


def test_a_closed_app_answers_with_a_sentence(url: str, tmp_path: Path) -> None:
    made = create_app(Settings(store_url=f"duckdb:///{tmp_path / 'store.duckdb'}"))
    parts_of(made).close()
    assert refusal(made.test_client().get(PANEL + "cases"), 503)[0] == "store_unavailable"


def test_times_carry_the_offset_of_their_day(awkward: Flask) -> None:
    """São Paulo had summer time until 2019."""
    client = awkward.test_client()
    for day, offset in (("2018-11-06", "-02:00"), ("2018-11-02", "-03:00")):
        question = {"start": "2018-11-01", "end": "2018-11-30", "page_size": "1000"}
        rows = answer(client.get(PANEL + "details", query_string=question))["rows"]
        found = {row["sent_at"][-6:] for row in rows if row["sent_at"].startswith(day)}
        assert found <= {offset}
    assert {datetime.fromisoformat(row["sent_at"]).utcoffset() for row in rows} != {None}


def test_no_test_leaves_a_setting_in_the_environment() -> None:
    assert not [name for name in os.environ if name.startswith("CONSUMO_")]
