"""Random requests to the API, the downloads and the page's callbacks: none fails, none shows more.

The examples are the same in every run, so that a failure can be repeated, and few enough to take
some seconds.
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from components import ids
from queries.filters import LISTS, VOCABULARIES
from queries.table_request import COLUMNS
from tests.integration.access.conftest import (
    CALLS,
    PERIOD,
    TEXT,
    Asked,
    bearer,
    error_of,
    hidden_digits,
    marks,
    of_group,
    page_calls,
)
from tests.panels import SLUGS

pytestmark = pytest.mark.integration

#: The reader sees one group of cases, and neither phones nor texts.
READER = bearer(**of_group("dVW", "export"))
bounded = settings(
    max_examples=120,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def is_harmless(answer: TestResponse, *allowed: int) -> None:
    """Fail unless ``answer`` has one of these statuses and shows only what the reader may see."""
    assert answer.status_code in allowed, (answer.status_code, answer.request.path)
    text = answer.text
    assert "Traceback" not in text
    assert 'File "' not in text
    if answer.status_code >= 400 and answer.request.method != "HEAD":
        assert error_of(answer)["message"]
    elif answer.mimetype != "text/html":
        assert marks(text.partition('"rows"')[2] or text) <= {"dVW"} | asked_marks(answer)
        assert TEXT not in text or TEXT in sent_text(answer)


def sent_text(answer: TestResponse) -> str:
    environ = answer.request.environ
    body = environ["wsgi.input"]
    body.seek(0)
    return str(answer.request.query_string) + body.read().decode("utf-8", "replace")


def asked_marks(answer: TestResponse) -> set[str]:
    """Return the marks in the request, which an answer may repeat."""
    return marks(sent_text(answer))


@pytest.fixture(scope="module", autouse=True)
def is_alive(server: Flask, client: FlaskClient) -> Any:
    """After all of it the app answers as before."""
    before = client.get("/api/v1/panels/details", query_string=PERIOD, headers=READER).get_json()
    yield
    after = client.get("/api/v1/panels/details", query_string=PERIOD, headers=READER).get_json()
    assert after == before
    assert marks(json.dumps(after)) == {"dVW"}


# --- values ---------------------------------------------------------------------------------------

FILTERS = (*LISTS, "start", "end", "basis", "bucket", "period", "by", "order", "account")
NAMES = st.sampled_from(
    [*FILTERS, "page", "page_size", "sort", "columns", "lang", "theme", "ticket", "progress"]
    + [f"where.{column}" for column in (*COLUMNS, "x", "")]
) | st.text(max_size=8)
KNOWN = st.sampled_from(
    [
        *("2026-11-01", "2026-11-30", "1900-01-01", "2100-12-31", "9999-12-31", "opened", "sent"),
        *("day", "week", "month", "WhatsApp", "Loja", "Vendas", "Suporte", "n0~dVW~", "n24~fSL~"),
        *("out", "in", "read", "hsm", "-sent_at", "phone", "-reply", "case_number", "0", "1", "-1"),
        *("1e9", "00", "99999999999999999999", "%", "'", '"', "\\", "\0", "\ud800", "*", "a" * 40),
    ]
)
TEXTS = KNOWN | st.text(max_size=12)
SCALARS = (
    TEXTS | st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False)
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)


# --- the API and the downloads --------------------------------------------------------------------

DAYS = st.dates(date(2026, 10, 1), date(2026, 12, 31)).map(str)
#: Questions that the page might ask, with values of any kind.
QUESTIONS = st.fixed_dictionaries(
    {},
    optional={
        "start": DAYS,
        "end": DAYS,
        "basis": st.sampled_from(["sent", "opened"]),
        "bucket": st.sampled_from(["day", "week", "month"]),
        "sort": st.builds("{}{}".format, st.sampled_from(["", "-"]), st.sampled_from(COLUMNS)),
        "page": st.integers(0, 10**13).map(str),
        "page_size": st.integers(1, 1_001).map(str),
        **{
            name: st.sampled_from(VOCABULARIES[name]) if name in VOCABULARIES else TEXTS
            for name in LISTS
        },
        **{f"where.{column}": TEXTS for column in COLUMNS},
    },
).map(lambda question: dict(list(question.items())[:6]))
PAIRS = st.lists(st.tuples(NAMES, TEXTS), max_size=5) | QUESTIONS.map(lambda one: [*one.items()])


def as_query(pairs: list[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """Return the pairs with half a surrogate pair as bytes that are no UTF-8."""
    return [
        (name.encode("utf-8", "surrogatepass"), value.encode("utf-8", "surrogatepass"))
        for name, value in pairs
    ]


@bounded
@given(slug=st.sampled_from([*SLUGS, "x", "details.csv"]), pairs=PAIRS)
@example(slug="details", pairs=[("start", "2026-11-01"), ("end", "2026-11-30")])
def test_no_query_of_the_api_fails(
    client: FlaskClient, slug: str, pairs: list[tuple[str, str]]
) -> None:
    query = urlencode(as_query(pairs))
    answer = client.get(f"/api/v1/panels/{slug}?{query}", headers=READER)
    is_harmless(answer, 200, 400, 404)


@bounded
@given(
    slug=st.sampled_from(SLUGS),
    body=st.dictionaries(NAMES, JSON, max_size=5) | JSON | QUESTIONS,
)
@example(slug="details", body={"person": ["Ana \ud800"], "where.team": "\udfff"})
@example(slug="details", body={"channel": ["a\0"], "page": 10**30})
def test_no_body_of_the_api_fails(client: FlaskClient, slug: str, body: Any) -> None:
    answer = client.post(f"/api/v1/panels/{slug}", data=json.dumps(body), headers=READER)
    is_harmless(answer, 200, 400)


@settings(bounded, max_examples=60)
@given(
    file=st.sampled_from(["cases.csv", "templates.csv", "waiting.csv", "details.csv", "x.csv"]),
    pairs=PAIRS,
)
def test_no_query_of_a_download_fails(
    client: FlaskClient, file: str, pairs: list[tuple[str, str]]
) -> None:
    query = urlencode(as_query(pairs))
    answer = client.get(f"/export/{file}?{query}", headers=READER, buffered=True)
    is_harmless(answer, 200, 400, 401, 404)
    ticket = client.post(
        "/export/tickets", json={"address": f"/export/{file}?{query}"}, headers=READER
    )
    is_harmless(ticket, 200, 400, 404)


@bounded
@given(body=JSON | st.dictionaries(st.sampled_from(["address", "x"]), JSON, max_size=2))
def test_no_wish_for_a_ticket_fails(client: FlaskClient, body: Any) -> None:
    answer = client.post("/export/tickets", data=json.dumps(body), headers=READER,
                         content_type="application/json")  # fmt: skip
    is_harmless(answer, 200, 400, 404)


# --- callbacks ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bodies(client: FlaskClient) -> list[Any]:
    return page_calls(client, READER, Asked(PERIOD, {}, case_key="0"))


def sends(client: FlaskClient, body: Any, headers: Mapping[str, str] = READER) -> TestResponse:
    return client.post(CALLS, data=json.dumps(body), content_type="application/json",
                       headers=headers)  # fmt: skip


@settings(bounded, max_examples=200)
@given(data=st.data())
def test_no_value_of_a_callback_fails(
    client: FlaskClient, bodies: list[Any], data: st.DataObject
) -> None:
    """Values of inputs and state are the browser's; names and order are not."""
    body = json.loads(json.dumps(data.draw(st.sampled_from(bodies))))
    for place in (*body["inputs"], *body["state"]):
        if data.draw(st.booleans()):
            is_store = place["id"] in (ids.APPLIED, ids.TABLE_QUESTION) or "asked" in place["id"]
            raw = QUESTIONS | st.dictionaries(NAMES, st.lists(TEXTS) | JSON, max_size=4)
            stores = st.fixed_dictionaries({"raw": raw, "search": JSON, "case_key": JSON})
            place["value"] = data.draw(stores if is_store else JSON)
    is_harmless(sends(client, body), 200, 204, 400)


@bounded
@given(data=st.data())
def test_no_shape_of_a_callback_fails(
    client: FlaskClient, bodies: list[Any], data: st.DataObject
) -> None:
    body = dict(data.draw(st.sampled_from(bodies)))
    for name in data.draw(st.lists(st.sampled_from([*body, "x"]), max_size=3)):
        if data.draw(st.booleans()):
            body[name] = data.draw(JSON)
        else:
            body.pop(name, None)
    is_harmless(sends(client, body), 200, 204, 400)


@bounded
@given(body=st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_bytes_fail(client: FlaskClient, body: bytes) -> None:
    for path in (CALLS, "/api/v1/panels/cases", "/export/tickets", "/session/codes"):
        for kind in ("application/json", "text/plain"):
            answer = client.post(path, data=body, content_type=kind, headers=READER)
            is_harmless(answer, 200, 204, 400, 415)


# --- signing in -----------------------------------------------------------------------------------


@bounded
@given(
    text=st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=40),
    name=st.sampled_from(["Authorization", "Cookie", "X-Consumo-Session", "X-Consumo-Language"]),
)
@example(text="Bearer ..", name="Authorization")
@example(text="Bearer e30.e30.", name="Authorization")
def test_no_header_fails_or_signs_in(client: FlaskClient, text: str, name: str) -> None:
    for value in (text, f"Bearer {text}", f"__Host-consumo-{'0' * 16}={text}"):
        answer = client.get("/_dash-layout", headers={name: value})
        is_harmless(answer, 401)


@bounded
@given(
    path=st.text(max_size=20),
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]),
)
def test_no_path_fails(client: FlaskClient, path: str, method: str) -> None:
    written = quote(path.encode("utf-8", "surrogatepass"))
    for begin in ("/", "/api/v1/panels/", "/export/", "/static/", "/session"):
        for headers in ({}, READER):
            answer = client.open(f"{begin}{written}", method=method, headers=headers)
            statuses = (200, 303, 308, 400, 401, 404, 405, 415)
            assert answer.status_code in statuses, (begin, written, answer.status_code)
            assert not marks(answer.text) or headers
            assert not hidden_digits(answer.text) or answer.mimetype == "text/html"
