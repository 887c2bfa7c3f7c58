"""Who sent a request, in each mode of sign-in."""

from collections.abc import Mapping

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from app.access.authenticators import (
    Authenticator,
    Everybody,
    NotSignedIn,
    ProxyUsers,
    TokenHolders,
    bearer_token,
)
from app.access.identity import Identity
from app.access.token_keys import TokenKeys
from app.access.tokens import TokenVerifier
from app.settings import networks
from queries.errors import SessionEnded
from queries.user_scope import Scope
from tests.unit.access.signing import AUDIENCE, ISSUER, NOW, SECRET, claims, token

VERIFIER = TokenVerifier(TokenKeys.of(SECRET, None, None), ISSUER, AUDIENCE, lambda: NOW)
SCOPE = Scope(see_texts=False)
HEADER = "X-Forwarded-User"
SESSION = "0123456789abcdef"

Headers = Mapping[str, str] | list[tuple[str, str]]


def given(headers: Headers, address: str = "10.0.0.7") -> Request:
    sent = headers if isinstance(headers, list) else dict(headers)
    return Request(
        EnvironBuilder(headers=sent, environ_overrides={"REMOTE_ADDR": address}).get_environ()
    )


def why_not(by: Authenticator, headers: Headers, address: str = "10.0.0.7") -> str:
    """Return why nobody is known to have sent a request with ``headers``."""
    with pytest.raises(NotSignedIn) as refused:
        by.identity(given(headers, address))
    return refused.value.reason


def test_everybody_is_let_in_without_a_name() -> None:
    found = Everybody(SCOPE).identity(given({"Authorization": "Bearer x", HEADER: "ana"}))
    assert found == Identity("", SCOPE)
    assert not found.is_known


def test_nobody_signed_in_is_an_ended_session() -> None:
    """So a download that runs while the sign-in ends is told in the same words."""
    assert issubclass(NotSignedIn, SessionEnded)


# --- the header -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({}, None),
        ({"Authorization": "Bearer abc"}, "abc"),
        ({"Authorization": "bearer   abc "}, "abc"),
        ({"Authorization": "BEARER a b"}, "a b"),
        ({"Authorization": ""}, ""),
        ({"Authorization": "Bearer"}, ""),
        ({"Authorization": "abc"}, ""),
        ({"Authorization": "Basic YTpi"}, ""),
        ({"Authorization": "Token abc"}, ""),
        ({"Authorization": "Bearer\tabc"}, ""),
        ({"Cookie": "Authorization=Bearer abc"}, None),
    ],
)
def test_what_the_header_holds(headers: Headers, found: str | None) -> None:
    assert bearer_token(given(headers)) == found


# --- tokens ---------------------------------------------------------------------------------------


def test_a_token_in_the_header_says_who_it_is() -> None:
    sent = token(claims(name="Ana"))
    found = TokenHolders(VERIFIER).identity(given({"Authorization": f"Bearer {sent}"}))
    assert (found.subject, found.name, found.is_known) == ("u-1", "Ana", True)
    assert found.scope.teams == ("Suporte",)


def test_a_token_in_the_named_cookie_says_who_it_is() -> None:
    sent = {"Cookie": f"__Host-consumo-{SESSION}={token()}", "X-Consumo-Session": SESSION}
    assert TokenHolders(VERIFIER).identity(given(sent)).subject == "u-1"


def test_with_the_header_the_cookie_is_not_looked_at() -> None:
    """A page whose own token has ended must not go on with the token of another frame."""
    cookie = {"Cookie": f"__Host-consumo-{SESSION}={token()}", "X-Consumo-Session": SESSION}
    by = TokenHolders(VERIFIER)
    assert why_not(by, {**cookie, "Authorization": ""}) == "missing"
    assert why_not(by, {**cookie, "Authorization": "Bearer x"}) == "form"
    ended = token(claims(iat=NOW - 700, exp=NOW - 100))
    assert why_not(by, {**cookie, "Authorization": f"Bearer {ended}"}) == "expired"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Cookie": f"__Host-consumo-{SESSION}={token()}"},
        {"X-Consumo-Session": SESSION},
        {"X-Consumo-Session": SESSION, "Cookie": f"__Host-consumo-{SESSION}="},
        {HEADER: token()},
        {"Authorization": f"Basic {token()}"},
        {"Authorization": token()},
    ],
)
def test_without_a_token_nobody_is_known(headers: Headers) -> None:
    assert why_not(TokenHolders(VERIFIER), headers) == "missing"


def test_two_headers_are_one_too_many() -> None:
    """Web servers join them; whichever of the two a proxy checked, it is not taken."""
    both = [("Authorization", f"Bearer {token()}"), ("Authorization", f"Bearer {token()}")]
    assert why_not(TokenHolders(VERIFIER), both) == "form"


# --- a proxy --------------------------------------------------------------------------------------

NAMES = ProxyUsers(HEADER, networks("10.0.0.0/24 ::1 2001:db8::/32"), SCOPE)
TOKENS = ProxyUsers(HEADER, networks("10.0.0.0/24"), SCOPE, VERIFIER)


def test_a_proxy_names_the_reader() -> None:
    assert NAMES.identity(given({HEADER: " ana lima "})) == Identity(
        "ana lima", SCOPE, name="ana lima"
    )


@pytest.mark.parametrize(
    "address", ["10.0.0.0", "10.0.0.255", "::ffff:10.0.0.7", "::1", "0:0::1", "2001:db8::7"]
)
def test_the_proxy_s_own_addresses(address: str) -> None:
    assert NAMES.identity(given({HEADER: "ana"}, address)).subject == "ana"


@pytest.mark.parametrize(
    "address",
    [
        "10.0.1.0",
        "127.0.0.1",
        "::ffff:10.0.1.7",
        "::ffff:127.0.0.1",
        "::10.0.0.7",
        "::2",
        "2001:db9::7",
        "10.0.0",
        "010.0.0.7",
        "10.0.0.7:80",
        "localhost",
        "",
        "unix:",
    ],
)
def test_no_other_address_is_believed(address: str) -> None:
    for by, value in ((NAMES, "ana"), (TOKENS, token())):
        assert why_not(by, {HEADER: value}, address) == "proxy"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {HEADER: ""},
        {HEADER: "  "},
        {HEADER: "ana,eva"},
        {HEADER: "ana, "},
        [(HEADER, "ana"), (HEADER, "eva")],
        [(HEADER, "ana"), (HEADER, "ana")],
        [(HEADER, ""), (HEADER, "ana")],
        {HEADER: "x" * 201},
        {HEADER: "ana\x7f"},
        {HEADER: "a\tb"},
        {"X-Forwarded-Email": "ana"},
        {"X-Forwarded-Users": "ana"},
        {"Authorization": "Bearer ana"},
        {"Cookie": f"{HEADER}=ana"},
    ],
)
def test_a_header_that_is_missing_doubtful_or_there_twice_names_nobody(headers: Headers) -> None:
    assert why_not(NAMES, headers) == "proxy"


def test_with_keys_the_proxy_s_header_must_hold_a_token() -> None:
    for value in (token(), f"Bearer {token()}", f"bearer  {token()}"):
        found = TOKENS.identity(given({HEADER: value}))
        assert (found.subject, found.scope.teams) == ("u-1", ("Suporte",))
    assert why_not(TOKENS, {HEADER: "ana"}) == "form"
    assert why_not(TOKENS, {HEADER: f"{token()}x"}) == "signature"
    assert why_not(TOKENS, {HEADER: "Bearer"}) == "missing"
    assert why_not(TOKENS, {HEADER: f"Basic {token()}"}) == "form"
    assert why_not(TOKENS, [(HEADER, token()), (HEADER, token())]) == "form"
    assert why_not(TOKENS, {"Authorization": f"Bearer {token()}"}) == "proxy"
