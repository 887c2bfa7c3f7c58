"""The cookie of portals that can only redirect: its name, its attributes, who may use it."""

import re

import pytest
from flask import Request, Response
from werkzeug.test import EnvironBuilder

from app.access import cookie_sessions
from components.session_script import SESSION_HEADER, SESSION_PARAMETER

NAME = "0123456789abcdef"
COOKIE = f"__Host-consumo-{NAME}"


def given(headers: dict[str, str]) -> Request:
    return Request(EnvironBuilder(headers=headers).get_environ())


def test_the_header_names_the_cookie_with_the_token() -> None:
    sent = {"Cookie": f"{COOKIE}=the-token", "X-Consumo-Session": NAME}
    assert cookie_sessions.token_of(given(sent)) == "the-token"


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        NAME[:-1],
        NAME + "0",
        NAME.upper(),
        f" {NAME[1:]}",
        "fedcba9876543210",
        "../../../../../x",
        f"{NAME}; a=b",
    ],
)
def test_without_the_right_header_the_cookie_is_not_looked_at(header: str | None) -> None:
    sent = {"Cookie": f"{COOKIE}=the-token; __Host-consumo-=x; __Host-consumo-{NAME[:-1]}=y"}
    if header is not None:
        sent["X-Consumo-Session"] = header
    assert cookie_sessions.token_of(given(sent)) is None


def test_only_the_named_cookie_counts() -> None:
    """Two frames on one page have two cookies."""
    other = "f" * 16
    both = f"{COOKIE}=one; __Host-consumo-{other}=two; consumo-{NAME}=three"
    for name, token in ((NAME, "one"), (other, "two")):
        sent = {"Cookie": both, "X-Consumo-Session": name}
        assert cookie_sessions.token_of(given(sent)) == token
    sent = {"Cookie": f"consumo-{NAME}=three", "X-Consumo-Session": NAME}
    assert cookie_sessions.token_of(given(sent)) is None


def test_the_cookie_is_for_this_host_this_portal_and_no_script() -> None:
    response = Response()
    cookie_sessions.keep(response, NAME, "the-token", 590)
    [line] = response.headers.getlist("Set-Cookie")
    first, *attributes = line.split("; ")
    assert first == f"{COOKIE}=the-token"
    named = {one for one in attributes if not one.startswith("Expires=")}
    assert named == {
        "Secure",
        "HttpOnly",
        "SameSite=None",
        "Partitioned",
        "Path=/",
        "Max-Age=590",
    }


def test_names_are_new_each_time_and_as_the_page_sends_them() -> None:
    names = {cookie_sessions.new_name() for _ in range(50)}
    assert len(names) == 50
    assert all(re.fullmatch("[0-9a-f]{16}", name) for name in names)


def test_the_page_uses_the_same_words() -> None:
    assert cookie_sessions.HEADER == SESSION_HEADER
    assert cookie_sessions.PARAMETER == SESSION_PARAMETER
