"""Without a sign-in nothing is answered but what holds no data, whatever the spelling of a path."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.factory import create_app, parts_of
from app.server import pools, refusals
from app.settings import Settings
from app.waitress_server import Limits, WaitressServer
from tests.integration.access.conftest import (
    METRICS_TOKEN,
    TEXT,
    TOKEN_SETTINGS,
    app_on,
    bearer,
    error_of,
    hidden_digits,
    marks,
    token,
)
from tests.integration.raw import Reply, ask, get

pytestmark = pytest.mark.integration

DASH = "/_dash-component-suites/dash"
#: Every route that is answered without a sign-in, with an address of it. None of them holds data.
OPEN = {
    "/": "/",
    "/_favicon.ico": "/_favicon.ico",
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>": (
        f"{DASH}/dash-renderer/build/dash_renderer.v1m1.min.js"
    ),
    f"{DASH}/dcc/dash-renderer.<digest>.js": f"{DASH}/dcc/dash-renderer.0.js",
    f"{DASH}/deps/dash-renderer.<digest>.js": f"{DASH}/deps/dash-renderer.0.js",
    f"{DASH}/dash_table/dash-renderer.<digest>.js": f"{DASH}/dash_table/dash-renderer.0.js",
    f"{DASH}/dash_table/async-table.<digest>.js": f"{DASH}/dash_table/async-table.0.js",
    f"{DASH}/dash_table/async-highlight.<digest>.js": f"{DASH}/dash_table/async-highlight.0.js",
    "/static/<name>": "/static/page.css",
    "/embed.js": "/embed.js",
    "/embed.d.ts": "/embed.d.ts",
    "/healthz": "/healthz",
    "/readyz": "/readyz",
    "/session": "/session",
}
#: It looks at a credential of its own.
OWN_CREDENTIAL = "/metrics"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "SEGREDO")
PLACES = {"slug": "details", "name": "0" * 32, "path": "anything", "package_name": "dash"}


def address_of(rule: Rule) -> str:
    """Return an address that ``rule`` answers."""
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda place: PLACES.get(place[1], "x"), rule.rule)


def closed_rules(server: Flask) -> list[Rule]:
    return [
        rule
        for rule in server.url_map.iter_rules()
        if rule.rule not in OPEN and rule.rule != OWN_CREDENTIAL
    ]


def is_refused(answer: TestResponse, code: str = "token_missing") -> None:
    """Fail unless ``answer`` is a refusal of one sentence that says how to sign in."""
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert "Allow" not in answer.headers
    if answer.request.method == "HEAD":
        return
    error = error_of(answer)
    assert error["code"] == code
    assert re.fullmatch(r"[^.!?\n]+\.", error["message"])


# --- the routes -----------------------------------------------------------------------------------


def test_the_routes_that_are_open_are_these_and_no_others(server: Flask) -> None:
    known = {rule.rule for rule in server.url_map.iter_rules()}
    assert known > {*OPEN, OWN_CREDENTIAL}
    assert len(closed_rules(server)) > 8
    assert {rule.rule for rule in closed_rules(server)} >= {
        "/_dash-layout",
        "/_dash-dependencies",
        "/_dash-update-component",
        "/<path:path>",
        "/api/v1/panels/<slug>",
        "/export/<slug>.csv",
        "/export/details.xlsx",
        "/export/tickets",
        "/export/progress/<name>",
        "/export/progress/<name>/stop",
        "/session/codes",
    }


def test_every_other_route_is_closed_for_every_method(server: Flask, client: FlaskClient) -> None:
    for rule in closed_rules(server):
        for method in {*METHODS, *(rule.methods or ())}:
            is_refused(client.open(address_of(rule), method=method))


def test_open_routes_are_closed_for_methods_that_they_do_not_have(client: FlaskClient) -> None:
    """Also a list of the allowed ones would need a sign-in."""
    for address in OPEN.values():
        for method in ("PUT", "DELETE", "PATCH", "TRACE"):
            is_refused(client.open(address, method=method))


def test_a_route_that_is_added_later_is_closed(marked: Path, tmp_path: Path) -> None:
    with app_on(marked, tmp_path) as server:
        server.add_url_rule("/later", view_func=lambda: "data", methods=["GET", "POST"])
        server.add_url_rule("/static/later/<name>", "static_files.later", lambda name: "data")
        server.add_url_rule("/healthz/later", "healthz", lambda: "data")
        client = server.test_client()
        for address in ("/later", "/static/later/x", "/healthz/later"):
            for method in ("GET", "HEAD", "POST", "OPTIONS"):
                is_refused(client.open(address, method=method))
            assert client.get(address, headers=bearer()).get_data() == b"data"


def test_with_a_token_each_closed_route_answers_something_else(
    server: Flask, client: FlaskClient
) -> None:
    """Otherwise the tests above would prove nothing."""
    for rule in closed_rules(server):
        for method in rule.methods or ():
            answer = client.open(address_of(rule), method=method, headers=bearer())
            assert answer.status_code not in (401, 500), (rule.rule, method)
            answer.close()


def test_open_routes_hold_no_data(server: Flask, client: FlaskClient) -> None:
    """Whoever asks, and whatever the address says."""
    own = [*parts_of(server).static_files.addresses, *OPEN.values()]
    names = ("", "?channel=WhatsApp&start=2026-11-01&end=2026-11-30&lang=en&session=x&case=n1")
    for headers in ({}, bearer()):
        for address in own:
            for query in names:
                with client.get(address + query, headers=headers) as answer:
                    text = answer.get_data().decode("latin-1")
                    assert answer.status_code in (200, 303, 404), address
                assert not marks(text), address
                assert TEXT not in text, address
                assert not hidden_digits(text) or address.startswith(("/static", DASH)), address


def test_the_page_s_html_is_the_same_for_everybody(client: FlaskClient) -> None:
    pages = {
        # Dash makes a random name for each page that it hands out.
        re.sub(r'"end_id":"[^"]+"', "", client.get("/", headers=headers).text)
        for headers in ({}, bearer(), bearer(sub="eva", name="Eva"), bearer("no token"))
    }
    assert len(pages) == 1


# --- spellings ------------------------------------------------------------------------------------

#: How an address that is closed might be written to get past the gate.
FORMS = (
    "//{0}",
    "/{0}/",
    "/{0}//",
    "/./{0}",
    "/x/../{0}",
    "/healthz/../{0}",
    "/static/../{0}",
    "/embed.js/../{0}",
    "/static/..%2f{0}",
    "/static/%2e%2e/{0}",
    "/%2e/{0}",
    "/{0}%2f",
    "/{0};x",
    "/{0};/healthz",
    "/{0}%3b",
    "/;/{0}",
    "/{0}%00",
    "/{0}%20",
    "/{0}%0a",
    "/%20{0}",
    "/{0}?",
    "/{0}?ticket=x",
    "/{0}#/",
    "/{0}/healthz",
    "/healthz/{0}",
    "/%5c{0}",
    "/{0}.css",
    "/{0}?/static/page.css",
    "/_dash-component-suites/../{0}",
    "/_dash-component-suites/dash/../../{0}",
    "/_dash-component-suites/dash/%2e%2e/%2e%2e/{0}",
)
CLOSED = (
    "_dash-layout",
    "_dash-dependencies",
    "api/v1/panels/details",
    "export/details.csv",
    "export/details.xlsx",
    "session/codes",
)


def spellings(path: str) -> list[str]:
    """Return ways to write ``/path``, the plain one first."""
    encoded = "".join(f"%{ord(sign):02x}" for sign in path)
    first = f"%{ord(path[0]):02x}{path[1:]}"
    twice = encoded.replace("%", "%25")
    return [
        f"/{path}",
        f"/{path.upper()}",
        f"/{path.title()}",
        f"/{first}",
        f"/{first.upper()}",
        f"/{encoded}",
        f"/{twice}",
        f"/{path.replace('/', '//')}",
        f"/{path.replace('_', '%5f').replace('-', '%2D')}",
        *(form.format(path) for form in FORMS),
    ]


def test_no_spelling_gets_past_the_gate(client: FlaskClient) -> None:
    for path in CLOSED:
        for address in spellings(path):
            for method in ("GET", "HEAD", "OPTIONS", "POST"):
                answer = client.open(address, method=method)
                if answer.status_code == 200:  # the methods of the route of Dash's scripts
                    assert (method, answer.get_data()) == ("OPTIONS", b""), address
                    assert "-suites/" in address
                    continue
                assert answer.status_code in (401, 404), (method, address, answer.status_code)
                assert method == "HEAD" or error_of(answer)


def test_a_header_or_parameter_that_names_a_method_changes_nothing(client: FlaskClient) -> None:
    for name in ("X-HTTP-Method-Override", "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Uri"):
        is_refused(client.post("/_dash-layout?_method=GET", headers={name: "/healthz"}))
        assert client.get("/healthz", headers={name: "/_dash-layout"}).get_json() == {"alive": True}


# --- the real web server --------------------------------------------------------------------------


@contextmanager
def listening(server: Flask, settings: Settings) -> Iterator[int]:
    """Run the web server in front of ``server`` as ``serve`` does; yield its port."""
    with socket.create_server(("127.0.0.1", 0)) as opened:
        front = WaitressServer(server, opened, pools(settings), Limits(), refusals(settings))
        ended = threading.Event()
        thread = threading.Thread(target=front.serve, args=(lambda: not ended.is_set(),))
        thread.start()
        try:
            yield int(opened.getsockname()[1])
        finally:
            ended.set()
            front.pull_trigger()
            thread.join()
            front.close_connections()


@pytest.fixture(scope="module")
def port(server: Flask) -> Iterator[int]:
    with listening(server, Settings(web_threads=2)) as number:
        yield number


AUTHORIZATION = f"Authorization: Bearer {token()}"


def raw(target: str, *headers: str, method: str = "GET") -> bytes:
    return get(target, *headers, "Connection: close", method=method)


def holds_no_data(reply: Reply, request: bytes) -> None:
    assert reply.status in (400, 401, 404, 501), (request, reply)
    text = reply.body.decode()
    assert not marks(text)
    if text:
        assert reply.error["message"]


@pytest.mark.parametrize("path", ["_dash-layout", "api/v1/panels/details"])
def test_no_spelling_gets_past_the_web_server(port: int, path: str) -> None:
    """The bytes of a request line reach the app as a client wrote them."""
    assert ask(port, raw(f"/{path}", AUTHORIZATION)).status == 200
    others = [
        f"http://localhost/{path}",
        f"http://localhost//{path}",
        f"HTTP://LOCALHOST/{path}",
        f"http://localhost/healthz/../{path}",
        f"http://x@localhost/{path}",
        f"https://localhost:443/{path}",
        f"///{path}",
        f"/\\{path}",
        f"/{path}\\",
        path,
        f"*/{path}",
        f"/é/../{path}",
        f"/%c0%af{path}",
        f"/%u002f{path}",
    ]
    for target in (*spellings(path), *others):
        request = raw(target.replace("#", "%23"))
        holds_no_data(ask(port, request), request)


def test_two_requests_on_one_connection_are_each_refused(port: int) -> None:
    """What a signed request was allowed does not hold for the next one."""
    signed = get("/_dash-layout", AUTHORIZATION)
    first = ask(port, signed + raw("/_dash-layout"))
    assert first.status == 200
    assert b"HTTP/1.1 401" in first.rest
    assert not marks(first.rest.decode())


def test_a_head_request_tells_as_little(port: int) -> None:
    for path in CLOSED:
        reply = ask(port, raw(f"/{path}", method="HEAD"), head=True)
        assert reply.status == 401
        assert not reply.body
        assert not reply.rest


@pytest.mark.parametrize(
    "lines",
    [
        ("Authorization: Bearer x", AUTHORIZATION),
        (AUTHORIZATION, "Authorization: Bearer x"),
        (AUTHORIZATION, AUTHORIZATION),
        (AUTHORIZATION.replace("Bearer ", "Basic "),),
        (AUTHORIZATION.replace("Bearer ", ""),),
        (AUTHORIZATION.replace(":", " :", 1),),
        (AUTHORIZATION.replace("Authorization", "X-Authorization"),),
        (AUTHORIZATION.replace("Authorization", "Proxy-Authorization"),),
        (f"Cookie: {AUTHORIZATION.replace(': ', '=')}",),
        (f"X-A: b\n{AUTHORIZATION}",),
        (f"X-A: b\r{AUTHORIZATION}",),
    ],
)
def test_a_doubtful_header_signs_nobody_in(port: int, lines: tuple[str, ...]) -> None:
    request = raw("/_dash-layout", *lines)
    holds_no_data(ask(port, request), request)


# --- mode proxy -----------------------------------------------------------------------------------

HEADER = "X-Forwarded-User"
PROXY: dict[str, Any] = {
    "auth": "proxy",
    "proxy_header": HEADER,
    "proxy_addresses": "10.0.0.7 192.168.1.0/24 ::1",
}
BY_PROXY = {"REMOTE_ADDR": "10.0.0.7"}


@pytest.fixture(scope="module")
def behind(marked: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An app that believes a proxy's header."""
    with app_on(marked, tmp_path_factory.mktemp("proxy"), **PROXY) as made:
        yield made


def test_a_proxy_s_reader_is_let_in(behind: Flask) -> None:
    client = behind.test_client()
    for address in ("10.0.0.7", "192.168.1.99", "::1", "::ffff:10.0.0.7", "::ffff:192.168.1.3"):
        answer = client.get(
            "/api/v1/panels/details",
            headers={HEADER: "ana"},
            environ_overrides={"REMOTE_ADDR": address},
        )
        assert answer.status_code == 200, address
        # Without capabilities that were set, neither phones nor texts.
        row = answer.get_json()["rows"][0]
        assert (row["reply"], "*****" in row["phone"]) == (None, True)


def test_without_the_proxy_every_route_is_closed(behind: Flask) -> None:
    client = behind.test_client()
    rules = [r for r in closed_rules(behind) if r.rule not in OPEN]
    assert len(rules) > 8
    for rule in rules:
        for method in {*METHODS, *(rule.methods or ())}:
            for headers, address in (
                ({}, "10.0.0.7"),
                ({HEADER: "ana"}, "10.0.0.8"),
                ({HEADER: "ana"}, "::ffff:10.0.0.8"),
            ):
                answer = client.open(
                    address_of(rule),
                    method=method,
                    headers=headers,
                    environ_overrides={"REMOTE_ADDR": address},
                )
                is_refused(answer, "not_signed_in")


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ([(HEADER, "ana"), (HEADER, "eva")], "10.0.0.7"),
        ([(HEADER, "ana"), (HEADER, "ana")], "10.0.0.7"),
        ([(HEADER, "")], "10.0.0.7"),
        ([("X-Forwarded-For", "10.0.0.7"), (HEADER, "ana")], "10.0.0.8"),
        ([("Forwarded", "for=10.0.0.7"), (HEADER, "ana")], "10.0.0.8"),
        ([("X-Real-IP", "10.0.0.7"), (HEADER, "ana")], "10.0.0.8"),
        ([(HEADER, "ana")], "127.0.0.1"),
        ([(HEADER, "ana")], "::ffff:127.0.0.1"),
        ([(HEADER, "ana")], ""),
        ([("Authorization", f"Bearer {token()}")], "10.0.0.7"),
    ],
)
def test_a_header_that_the_proxy_did_not_write_is_not_believed(
    behind: Flask, headers: list[tuple[str, str]], address: str
) -> None:
    answer = behind.test_client().get(
        "/_dash-layout", headers=headers, environ_overrides={"REMOTE_ADDR": address}
    )
    is_refused(answer, "not_signed_in")


def test_over_the_network_a_client_cannot_add_to_the_proxy_s_header(
    marked: Path, tmp_path: Path
) -> None:
    """A second line is joined to the first by the web server, and underscores are no dashes."""
    own = {**PROXY, "proxy_addresses": "127.0.0.1"}
    path = "/api/v1/panels/indicators"
    with (
        app_on(marked, tmp_path, **own) as server,
        listening(server, Settings(web_threads=1)) as number,
    ):
        assert ask(number, raw(path, f"{HEADER}: ana")).status == 200
        assert ask(number, raw(path, f"{HEADER.lower()}: ana")).status == 200
        for lines in (
            (),
            (f"{HEADER}: eva", f"{HEADER}: ana"),
            (f"{HEADER}: ana", f"{HEADER.upper()}: eva"),
            (f"{HEADER.replace('-', '_')}: ana",),
            (f"{HEADER}:",),
            (f"X: y\n{HEADER}: ana",),
        ):
            request = raw(path, *lines)
            holds_no_data(ask(number, request), request)
        both = raw(path, f"{HEADER.replace('-', '_')}: eva", f"{HEADER}: ana")
        assert ask(number, both).status in (200, 400)  # it is ana who asks, or nobody


def test_a_proxy_may_hand_on_tokens(marked: Path, tmp_path: Path) -> None:
    own = {**PROXY, **TOKEN_SETTINGS, "auth": "proxy"}
    with app_on(marked, tmp_path, **own) as server:
        client = server.test_client()
        for value, address, status in (
            (token(), "10.0.0.7", 200),
            (f"Bearer {token()}", "10.0.0.7", 200),
            (token(), "10.0.0.8", 401),
            ("ana", "10.0.0.7", 401),
            (f"{token()},{token()}", "10.0.0.7", 401),
            (token(aud="another"), "10.0.0.7", 401),
        ):
            answer = client.get(
                "/_dash-layout",
                headers={HEADER: value},
                environ_overrides={"REMOTE_ADDR": address},
            )
            assert answer.status_code == status, (value[:10], address)


# --- /metrics -------------------------------------------------------------------------------------


def test_the_metrics_have_a_credential_of_their_own(client: FlaskClient) -> None:
    """A reader's token is none, and its text holds no data of cases either."""
    with_it = client.get("/metrics", headers=bearer(METRICS_TOKEN))
    assert with_it.status_code == 200
    assert not marks(with_it.get_data(as_text=True))
    for headers in (
        {},
        bearer(),
        bearer(METRICS_TOKEN[:-1]),
        bearer(METRICS_TOKEN + "x"),
        bearer(METRICS_TOKEN.upper()),
        bearer("é" * 16),
        {"Authorization": METRICS_TOKEN},
        {"Authorization": f"Basic {METRICS_TOKEN}"},
    ):
        for method in ("GET", "HEAD"):
            assert client.open("/metrics", method=method, headers=headers).status_code == 401
    assert client.get(f"/metrics?token={METRICS_TOKEN}").status_code == 401
    for method in ("POST", "PUT", "DELETE"):
        is_refused(client.open("/metrics", method=method))
    assert client.options("/metrics").get_data() == b""


def test_without_a_credential_the_metrics_are_closed_where_readers_sign_in(tmp_path: Path) -> None:
    for name, settings in (
        ("token", TOKEN_SETTINGS),
        ("proxy", {**PROXY, "proxy_addresses": "127.0.0.1"}),
    ):
        url = f"duckdb:///{tmp_path / name}.duckdb"
        server = create_app(Settings(store_url=url, **settings))
        try:
            client = server.test_client()
            for headers in ({}, bearer(), bearer(""), {HEADER: "ana"}):
                assert client.get("/metrics", headers=headers).status_code == 401
        finally:
            parts_of(server).close()
