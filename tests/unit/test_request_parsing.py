"""Parsing of requests: no parameter is dropped, changed or assumed."""

import json
from typing import Any

import pytest
from flask import Request
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder

from app.request_parsing import Question, locale_of, raw_question
from queries.errors import FilterError
from queries.filters import Filters
from queries.table_request import TableRequest
from queries.user_scope import EVERYTHING


def asked(address: str = "", body: bytes | None = None) -> dict[str, object]:
    """Return the raw parameters read from a request: a POST where a body is given, else a GET."""
    builder = EnvironBuilder(
        "/api/v1/panels/cases",
        method="GET" if body is None else "POST",
        query_string=address,
        data=body,
    )
    try:
        return raw_question(Request(builder.get_environ()))
    finally:
        builder.close()


def refused(address: str = "", body: bytes | None = None) -> tuple[str, object]:
    with pytest.raises(FilterError) as caught:
        asked(address, body)
    return caught.value.code, caught.value.params.get("name")


# --- the address --------------------------------------------------------------------------------


def test_query_values_are_not_changed() -> None:
    address = "person=Jo%C3%A3o+da%20Silva&person=a%2Cb%3Bc&channel=&x&case=%2B1&person=%20"
    assert asked(address) == {
        "person": ["João da Silva", "a,b;c", " "],
        "channel": [""],
        "x": [""],
        "case": ["+1"],
    }


def test_a_repeated_value_stays_repeated() -> None:
    assert asked("start=2026-01-01&start=2026-01-01") == {"start": ["2026-01-01"] * 2}


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("person=%ff", "person"),
        ("team=a&person=a%C3", "person"),
        ("person=%ED%A0%80", "person"),  # half of a pair
        ("team=%C0%AF", "team"),  # a slash in more bytes than it needs
    ],
)
def test_bytes_that_are_not_utf_8_are_refused(address: str, name: str) -> None:
    assert refused(address) == ("unusable_text", name)


def test_raw_bytes_of_another_encoding_are_refused() -> None:
    builder = EnvironBuilder("/", query_string="person=x")
    environ = builder.get_environ()
    builder.close()
    environ["QUERY_STRING"] = "team=a&person=Jo\xe3o"  # as WSGI hands over the byte E3
    with pytest.raises(FilterError) as caught:
        raw_question(Request(environ))
    assert (caught.value.code, caught.value.params["name"]) == ("unusable_text", "person")


# --- the body -----------------------------------------------------------------------------------


def test_body_values_are_not_changed() -> None:
    body = {"person": ["João", "a\u0000"], "page": 1, "x": None, "y": {"z": [True]}}
    assert asked("lang=en", json.dumps(body).encode()) == {"lang": ["en"], **body}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"{'a': 1}",
        b'{"a": 1} x',
        b"[]",
        b'["person"]',
        b'"person"',
        b"1",
        b"null",
        b"true",
        b"\xff",
        b'{"person": "\xff"}',
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b'{"page": ' + b"9" * 10_000 + b"}",
        b"person=x",
    ],
    ids=lambda body: ascii(body)[:20],
)
def test_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    assert refused(body=body) == ("not_json", None)


@pytest.mark.parametrize(
    ("address", "body", "name"),
    [
        ("", b'{"person": "a", "person": "b"}', "person"),
        ("", b'{"person": "a", "person": "a"}', "person"),
        ("", b'{"a": {"b": 1, "b": 2}}', "b"),
        ("person=a", b'{"person": "a"}', "person"),
        ("lang=en", b'{"lang": "en"}', "lang"),
    ],
)
def test_a_name_that_comes_twice_is_refused(address: str, body: bytes, name: str) -> None:
    assert refused(address, body) == ("repeated", name)


def test_the_body_of_a_get_is_not_read() -> None:
    builder = EnvironBuilder("/", method="GET", data=b'{"person": "a"}')
    try:
        assert raw_question(Request(builder.get_environ())) == {}
    finally:
        builder.close()


# --- the question -------------------------------------------------------------------------------


def test_a_question_has_filters_and_a_table_request() -> None:
    raw = {"person": ["a"], "sort": ["-seq"], "where.team": ["b"], "lang": ["en"], "theme": "dark"}
    assert Question.of(raw, EVERYTHING) == Question(
        Filters(person=("a",)), TableRequest("-seq", (("team", "b"),))
    )


@pytest.mark.parametrize(
    "name", ["persons", "Person", "person ", "utm_source", "", "where", "periods", "message_id"]
)
def test_an_unknown_parameter_is_refused(name: str) -> None:
    """A misspelt filter must not give everything."""
    with pytest.raises(FilterError) as caught:
        Question.of({name: ["x"]}, EVERYTHING)
    assert (caught.value.code, caught.value.params["name"]) == ("unknown_parameter", name)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ({"lang": ["fr"]}, "bad_value"),
        ({"lang": ["pt"]}, "bad_value"),
        ({"lang": ["en", "en"]}, "repeated"),
        ({"lang": ""}, "empty_value"),
        ({"lang": 1}, "wrong_type"),
        ({"theme": ["blue"]}, "bad_value"),
        ({"theme": [""]}, "empty_value"),
        ({"theme": None}, "wrong_type"),
    ],
)
def test_language_and_theme_are_among_ours(raw: dict[str, object], code: str) -> None:
    with pytest.raises(FilterError) as caught:
        Question.of(raw, EVERYTHING)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("given_value", "language"),
    [
        (["en"], "en"),
        ("es", "es"),
        (["pt-BR"], "pt-BR"),
        (["en", "es"], "es-default"),
        (["fr"], "es-default"),
        ({"a": 1}, "es-default"),
        ([["en"]], "es-default"),
        (None, "es-default"),
    ],
)
def test_the_language_is_the_requested_one_or_the_default(
    given_value: object, language: str
) -> None:
    assert locale_of({"lang": given_value}, "es").language == language.removesuffix("-default")


#: All names that docs/data-contract.md gives.
PARAMETERS = {
    *("start", "end", "period", "basis", "person", "channel", "case_type", "team", "agent"),
    *("case", "direction", "status", "kind", "template", "bucket", "lang", "page", "page_size"),
    *("sort", "theme", "columns", "timeline", "by", "order", "window"),
}


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.text(max_size=6)
        | st.sampled_from(["person", "start", "end", "lang", "theme", "where.kind", "page"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
            max_leaves=6,
        ),
        max_size=4,
    )
)
def test_any_json_object_is_a_question_or_refused(body: dict[str, Any]) -> None:
    raw = asked(body=json.dumps(body).encode())
    locale_of(raw, "pt-BR")
    try:
        Question.of(raw, EVERYTHING)
    except FilterError:
        return
    assert all(name in PARAMETERS or name.startswith("where.") for name in body)
