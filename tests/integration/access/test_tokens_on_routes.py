"""Tokens, tickets and session codes end to end: what is refused gives no data, on every route."""

import base64
import csv
import hashlib
import hmac
import io
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.access import download_tickets
from app.routes import session
from tests.integration.access.conftest import (
    AUDIENCE,
    DOORS,
    GROUPS,
    ISSUER,
    LEEWAY_SECONDS,
    NOW,
    PERIOD,
    SECRET,
    TEXT,
    Asked,
    Clock,
    api,
    app_on,
    bearer,
    call,
    case_keys,
    claims,
    error_of,
    export,
    marks,
    page,
    page_calls,
    ticket,
    timeline_of,
    token,
)
from tests.panels import SLUGS
from tests.services import import_rows
from tests.unit.access.signing import der, pem, private_pem, rsa_key

pytestmark = pytest.mark.integration

ASKED = Asked(PERIOD, {}, case_key="1")
TICKETS = "/export/tickets"
#: Doors that have the rule of another one.
ALIKE = {f"{kind} {slug}" for kind in ("api", "csv") for slug in SLUGS} - {
    "api details",
    "csv details",
    "csv cases",
}


def signed(content: Mapping[str, object], key: Any = SECRET, algorithm: str = "HS256") -> str:
    return jwt.encode(dict(content), key, algorithm)


def by_hand(header: object, payload: object, secret: bytes = SECRET.encode()) -> str:
    """Return a token of any header and payload, signed with HMAC-SHA-256 whatever they say."""
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in (header, payload)
    ]
    signature = hmac.new(secret, b".".join(parts), hashlib.sha256).digest()
    return b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


HS256 = {"typ": "JWT", "alg": "HS256"}
GOOD = claims()
HEAD, BODY, SIGNATURE = token().split(".")
LATER = int((NOW + timedelta(days=3_650)).timestamp())
BEGAN = int(NOW.timestamp())

#: Tokens that nobody may come in with, by what is wrong with them.
REFUSED: dict[str, str] = {
    "empty": "",
    "no token": "x",
    "alg none": by_hand({"typ": "JWT", "alg": "none"}, GOOD),
    "alg None": by_hand({"typ": "JWT", "alg": "None"}, GOOD),
    "alg none without a signature": f"{by_hand({'alg': 'none'}, GOOD).rpartition('.')[0]}.",
    "no signature": f"{HEAD}.{BODY}.",
    "cut": f"{HEAD}.{BODY}.{SIGNATURE[:-4]}",
    "four parts": f"{HEAD}.{BODY}.{SIGNATURE}.{SIGNATURE}",
    "another body": f"{HEAD}.{token(sub='eva').split('.')[1]}.{SIGNATURE}",
    "another key": signed(GOOD, "another key, which has 32 bytes..."),
    "the public key as a secret": by_hand(HS256, GOOD, pem(rsa_key())),
    "the public key in DER as a secret": by_hand(HS256, GOOD, der(rsa_key())),
    "another algorithm": signed(GOOD, SECRET * 2, "HS512"),
    "another private key": signed(GOOD, private_pem(rsa_key("strange")), "RS256"),
    "an unknown kid": jwt.encode(GOOD, SECRET, "HS256", headers={"kid": "k-9"}),
    "a kid that is a path": jwt.encode(GOOD, SECRET, "HS256", headers={"kid": "../../dev/null"}),
    "a kid that is SQL": jwt.encode(GOOD, SECRET, "HS256", headers={"kid": "' or 1=1 --"}),
    "a kid that is no text": by_hand({**HS256, "kid": ["a"]}, GOOD),
    "a critical header": jwt.encode(GOOD, SECRET, "HS256", headers={"crit": ["exp"]}),
    "a key of its own": by_hand({**HS256, "jwk": {"kty": "oct", "k": "eA"}}, GOOD, b"x"),
    "another audience": token(aud="another page"),
    "an audience as an object": token(aud={"a": AUDIENCE}),
    "another issuer": token(iss=f"{ISSUER}.evil.test"),
    **{f"without {name}": token(**{name: ...}) for name in ("iss", "aud", "sub", "exp", "iat")},
    "an empty sub": token(sub=""),
    "a number as sub": by_hand(HS256, {**GOOD, "sub": 7}),
    "exp in ten years": token(exp=LATER),
    "exp in the far future": token(exp=10**30),
    "exp as a text": by_hand(HS256, {**GOOD, "exp": str(BEGAN + 600)}),
    "exp as a list": by_hand(HS256, {**GOOD, "exp": [BEGAN + 600]}),
    "exp as null": by_hand(HS256, {**GOOD, "exp": None}),
    "exp as true": by_hand(HS256, {**GOOD, "exp": True}),
    "exp before iat": token(exp=BEGAN - 5),
    "over an hour": token(exp=BEGAN + 3_601),
    "iat as a text": by_hand(HS256, {**GOOD, "iat": "now"}),
    "expired": token(iat=BEGAN - 700, exp=BEGAN - LEEWAY_SECONDS - 1),
    "not yet": token(iat=BEGAN + LEEWAY_SECONDS + 5),
    "nbf later": token(nbf=BEGAN + LEEWAY_SECONDS + 5),
    "teams as a text": token(teams="*"),
    "teams as null": by_hand(HS256, {**GOOD, "teams": None}),
    "teams as an object": token(teams={"$ne": ""}),
    "teams of numbers": token(teams=[1]),
    "teams of lists": token(teams=[["Vendas"]]),
    "teams with NUL": token(teams=["Vendas\0"]),
    "teams with half a sign": token(teams=["\ud800"]),
    "channels as a text": token(channels="WhatsApp"),
    "channels as null": by_hand(HS256, {**GOOD, "channels": None}),
    "account as null": by_hand(HS256, {**GOOD, "account": None}),
    "account as an object": token(account={"a": 1}),
    "capabilities as a text": token(capabilities="all_teams"),
    "capabilities as null": by_hand(HS256, {**GOOD, "capabilities": None}),
    "name as a list": token(name=["Ana"]),
    "a claim twice": f"{HEAD}.{base64.urlsafe_b64encode(b'{}').decode()}.{SIGNATURE}",
    "very long": token(name="x" * 9_000),
}


@pytest.fixture(scope="module", autouse=True)
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "keys.pem"
    path.write_bytes(pem(rsa_key()))
    return path


@pytest.fixture(scope="module")
def server(
    marked: Path, clock: Clock, key_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """An app that takes tokens by a secret and by a public key, with generous limits."""
    generous = {"exports_per_minute": 100_000, "reveals_per_minute": 100_000}
    folder = tmp_path_factory.mktemp("app")
    with app_on(marked, folder, clock, token_public_keys=str(key_file), **generous) as made:
        yield made


@pytest.fixture(scope="module")
def bodies(client: FlaskClient) -> list[Any]:
    """The requests of all callbacks of the page."""
    return page_calls(client, bearer(), ASKED)


@pytest.fixture(autouse=True)
def same_time(clock: Clock) -> Iterator[None]:
    """Set the clock back after each test, before fixtures of the module are made for the next."""
    yield
    clock.now = NOW


# --- refused tokens -------------------------------------------------------------------------------


def test_good_tokens_open_every_door(client: FlaskClient, bodies: list[Any]) -> None:
    """Otherwise the tests below would prove nothing."""
    private = private_pem(rsa_key())
    for sent in (token(), signed(GOOD, private, "RS256")):
        for name, ask in DOORS.items():
            assert ask(client, bearer(sent)).status_code == 200, name
    assert len(bodies) > 10
    for body in bodies:
        assert call(client, bearer(), body).status_code in (200, 204), body["output"]


@pytest.mark.parametrize("wrong", REFUSED)
def test_a_refused_token_opens_no_door(client: FlaskClient, bodies: list[Any], wrong: str) -> None:
    headers = bearer(REFUSED[wrong])
    answers = {name: ask(client, headers) for name, ask in DOORS.items() if name not in ALIKE}
    answers |= {body["output"]: call(client, headers, body) for body in bodies[::5]}
    for name, answer in answers.items():
        assert answer.status_code == 401, name
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        error = error_of(answer)
        assert error["code"] in ("token_refused", "token_missing", "token_expired"), name
        text = answer.get_data(as_text=True) + str(answer.headers)
        assert not marks(text)
        assert len(REFUSED[wrong]) < 5 or REFUSED[wrong] not in text


def test_a_token_elsewhere_than_in_its_header_is_none(client: FlaskClient) -> None:
    sent = token()
    for address in (
        f"/api/v1/panels/details?token={sent}",
        f"/api/v1/panels/details?access_token={sent}",
        f"/_dash-layout?jwt={sent}",
        f"/api/v1/panels/details?Authorization=Bearer%20{sent}",
    ):
        assert client.get(address).status_code == 401
    posted = client.post("/api/v1/panels/details", json={"token": sent, "access_token": sent})
    assert posted.status_code == 401
    assert client.get("/_dash-layout", headers={"X-Token": sent}).status_code == 401


NOTHING: dict[str, dict[str, object]] = {
    "no teams": {"teams": ...},
    "an empty list of teams": {"teams": []},
    "a star": {"teams": ["*"]},
    "a pattern": {"teams": ["%", "Vend%", ".*", "V_ndas"]},
    "an empty team": {"teams": [""]},
    "other case": {"teams": ["vendas", "VENDAS", "Vendas ", " Vendas"]},
    "quoted SQL": {"teams": ["Vendas' or '1'='1", "') or (1=1) --", '"; drop table cases; --']},
    "null as a text": {"teams": ["null", "None", "NULL"]},
    "several in one": {"teams": ["Vendas,Suporte", "Vendas|Suporte", '["Vendas"]']},
    "no channel": {"teams": ["Vendas"], "channels": []},
    "an unknown channel": {"teams": ["Vendas"], "channels": ["*", "whatsapp", "What%"]},
    "no account": {"teams": ["Vendas"], "account": []},
    "an unknown account": {"teams": ["Vendas"], "account": ["*", "Default", "default "]},
    "an account of SQL": {"teams": ["Vendas"], "account": "default' or 'a'='a"},
    "capabilities that are none": {"teams": [], "capabilities": ["ALL_TEAMS", "all_teams ", "*"]},
}


@pytest.mark.parametrize("what", NOTHING)
def test_a_token_of_odd_claims_sees_no_rows(server: Flask, client: FlaskClient, what: str) -> None:
    """The page comes up, and nothing of the store is on it, in lists, in searches or in files."""
    capabilities = ["reveal_phone", "reveal_text", "export"]
    headers = bearer(**{"capabilities": capabilities, **NOTHING[what]})
    texts = [answer.get_data(as_text=True) for answer in _answers(client, headers)]
    texts += page(client, headers, ASKED).values()
    texts += [timeline_of(client, headers, key) for key in case_keys(server).values()]
    assert len(texts) > 40
    for text in texts:
        assert not marks(text)
        assert TEXT not in text
    assert api(client, headers, "details").get_json()["total"] == 0
    [row] = api(client, headers, "indicators").get_json()["rows"]
    assert (row["messages"], row["cases_created"]) == (0, 0)


def _answers(client: FlaskClient, headers: Mapping[str, str]) -> Iterator[Any]:
    for name, ask in DOORS.items():
        if name != "xlsx":  # its bytes are compressed
            yield ask(client, headers)


# --- the end of a token ---------------------------------------------------------------------------


def test_a_token_ends_on_every_route_at_the_same_moment(
    server: Flask, client: FlaskClient, clock: Clock, bodies: list[Any]
) -> None:
    """Queries, the time line, progress: what was answered a second ago is not any more."""
    headers = bearer()
    clock.pass_by(600 + LEEWAY_SECONDS)
    for ask in DOORS.values():
        assert ask(client, headers).status_code == 200
    assert TEXT in timeline_of(client, headers, "1")
    clock.pass_by(1)
    for name, ask in DOORS.items():
        answer = ask(client, headers)
        assert (answer.status_code, error_of(answer)["code"]) == (401, "token_expired"), name
    for body in bodies:
        assert call(client, headers, body).status_code == 401


#: More than the server reads from its store at once.
MANY = 20_500


@pytest.fixture(scope="module")
def large(clock: Clock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An app on a store of many messages."""
    folder = tmp_path_factory.mktemp("large")
    case = {"case_id": "c", "person_name": "Ana", "channel": "WhatsApp", "case_type": "Troca"}
    messages = [
        {
            "message_id": f"m{number}",
            "case_id": "c",
            "direction": "in",
            "sent_at": (NOW - timedelta(seconds=number + 60)).isoformat(),
        }
        for number in range(MANY)
    ]
    url = import_rows(folder, [{**case, "opened_at": NOW.isoformat()}], messages)
    store = Path(url.removeprefix("duckdb:///"))
    with app_on(store, tmp_path_factory.mktemp("copy"), clock) as made:
        yield made


def rows_until_cut(
    answer: Any, between: Callable[[int], None] = lambda chunk: None
) -> tuple[int, bool]:
    """Read a CSV as a web server does; return its rows, and whether it was cut off.

    ``between`` is called after each chunk with its number, from 0.
    """
    received, cut = [], False
    try:
        for number, chunk in enumerate(answer.response):
            received.append(chunk)
            between(number)
    except ConnectionResetError:
        cut = True
    finally:
        answer.close()
    return b"".join(received).count(b"\r\n") - 1, cut


@pytest.mark.parametrize("way", ["header", "ticket"])
def test_a_download_is_cut_when_its_token_ends(large: Flask, clock: Clock, way: str) -> None:
    """What was read before is on its way; the file must not look complete."""
    client = large.test_client(use_cookies=False)
    name = "a" * 32 if way == "header" else "b" * 32
    address = f"/export/details.csv?progress={name}"

    def start() -> Any:
        if way == "header":
            return client.get(address, headers=bearer(clock=clock))
        return client.get(ticket(client, bearer(clock=clock), address))

    rows, cut = rows_until_cut(start())
    assert (rows, cut) == (MANY, False)

    answer = start()
    rows, cut = rows_until_cut(
        answer, lambda chunk: clock.pass_by(600 + LEEWAY_SECONDS + 1) if chunk == 0 else None
    )
    assert cut
    assert 0 < rows < MANY
    told = client.get(f"/export/progress/{name}", headers=bearer(clock=clock)).get_json()
    assert told["state"] == "failed"
    assert "sessão" in told["message"].lower()


def test_a_workbook_is_cut_when_its_token_ends(large: Flask, clock: Clock) -> None:
    client = large.test_client(use_cookies=False)
    answer = client.get("/export/details.xlsx", headers=bearer(clock=clock))
    assert answer.status_code == 200
    clock.pass_by(600 + LEEWAY_SECONDS + 1)
    assert rows_until_cut(answer)[1]


# --- tickets --------------------------------------------------------------------------------------


def table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=";"))


def test_a_ticket_gives_the_file_of_its_question_and_reader_once(client: FlaskClient) -> None:
    """The link alone is enough, and holds neither the question nor the token."""
    question = "start=2026-11-01&end=2026-11-30&channel=WhatsApp"
    headers = bearer(account="default", capabilities=["export"], teams=["Vendas"])
    address = ticket(client, headers, f"/export/details.csv?{question}")
    assert "WhatsApp" not in address
    direct = client.get(f"/export/details.csv?{question}", headers=headers)
    by_ticket = client.get(address)
    assert by_ticket.status_code == 200
    assert by_ticket.get_data() == direct.get_data()
    assert by_ticket.headers["Content-Disposition"] == direct.headers["Content-Disposition"]
    assert by_ticket.headers["Cache-Control"] == "no-store"
    assert marks(by_ticket.text) == {"dVW"}
    assert TEXT not in by_ticket.text
    second = client.get(address)
    assert (second.status_code, error_of(second)["code"]) == (401, "ticket_refused")


def test_it_is_bound_to_the_scope_of_who_asked(client: FlaskClient) -> None:
    """Also where somebody else with more rights, or with none, follows the link."""
    for other in (bearer(), bearer("no token"), {}):
        narrow = bearer(account="default", capabilities=["export"], teams=["Suporte"])
        found = client.get(ticket(client, narrow), headers=other)
        assert marks(found.text) == {"dSW", "dSL"}
        assert "*****" in found.text


@pytest.mark.parametrize(
    "changed",
    [
        lambda address: address.replace("details.csv", "details.xlsx"),
        lambda address: address.replace("details.csv", "cases.csv"),
        lambda address: address.replace("/export/", "/export//"),
        lambda address: f"{address}&channel=Loja",
        lambda address: f"{address}&lang=en",
        lambda address: f"{address}&progress={'0' * 32}",
        lambda address: f"{address}&ticket=x",
        lambda address: address.replace("?", "?account=filial&"),
        lambda address: address[:-1],
        lambda address: f"{address}A",
        lambda address: address.replace("ticket=", "ticket=%20"),
        lambda address: address.replace("ticket=", "Ticket="),
        lambda address: address.replace("/export/details.csv", "/api/v1/panels/details"),
        lambda address: address.replace("/export/details.csv", "/_dash-layout"),
        lambda address: address.replace("/export/details.csv", TICKETS),
    ],
)
def test_for_anything_else_a_ticket_is_refused(
    client: FlaskClient, changed: Callable[[str], str]
) -> None:
    address = changed(ticket(client, bearer(), "/export/details.csv?channel=WhatsApp"))
    for method in ("HEAD", "GET", "POST"):
        answer = client.open(address, method=method)
        assert answer.status_code == 401
        assert not marks(answer.text)


def test_looking_with_head_leaves_the_ticket(client: FlaskClient) -> None:
    address = ticket(client, bearer())
    for _ in range(2):
        looked = client.head(address)
        assert (looked.status_code, looked.get_data()) == (200, b"")
    assert client.get(address).status_code == 200
    assert client.head(address).status_code == 401


def test_a_ticket_holds_for_a_minute(
    marked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """tests/unit waits for the minute; here the app uses it: with none, no ticket holds."""
    assert download_tickets.SECONDS == 60
    monkeypatch.setattr(download_tickets, "SECONDS", 0.0)
    with app_on(marked, tmp_path) as server:
        client = server.test_client()
        assert client.get(ticket(client, bearer())).status_code == 401


def test_a_ticket_ends_with_its_token(client: FlaskClient, clock: Clock) -> None:
    address = ticket(client, bearer())
    clock.pass_by(600 + LEEWAY_SECONDS + 1)
    answer = client.get(address)
    assert (answer.status_code, error_of(answer)["code"]) == (401, "token_expired")


def test_without_the_capability_there_is_no_ticket_and_no_file(client: FlaskClient) -> None:
    """Nor by a ticket that somebody else asked for: that one has its own scope."""
    headers = bearer(capabilities=["reveal_phone", "reveal_text", "all_teams"])
    for answer in (
        client.post(TICKETS, json={"address": "/export/details.csv"}, headers=headers),
        export(client, headers, "details.csv"),
        export(client, headers, "details.xlsx"),
        export(client, headers, "cases.csv"),
        client.head("/export/details.csv", headers=headers),
    ):
        assert answer.status_code == 403
        if answer.request.method != "HEAD":
            assert error_of(answer)["code"] == "not_allowed"
    # Nor are they offered.
    offered = '"data-action":"download"'
    assert offered not in client.get("/_dash-layout", headers=headers).text
    assert offered in client.get("/_dash-layout", headers=bearer()).text


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (None, 415),
        ([], 400),
        ({}, 400),
        ("/export/details.csv", 400),
        ({"address": None}, 400),
        ({"address": ["/export/details.csv"]}, 400),
        ({"address": "/export/details.csv", "ticket": "x"}, 400),
        ({"address": "/export/détails.csv"}, 400),
        ({"address": "/_dash-layout"}, 404),
        ({"address": "/api/v1/panels/details"}, 404),
        ({"address": "/export/tickets"}, 404),
        ({"address": "https://evil.test/export/details.csv"}, 404),
        ({"address": "//evil.test/export/details.csv"}, 404),
        ({"address": "/export/details.csv#x"}, 404),
        ({"address": "/export/details.csv?colour=red"}, 400),
        ({"address": "/export/details.csv?channel=%ff"}, 400),
        ({"address": "/export/details.csv?where.reply=x&sort=y"}, 400),
    ],
)
def test_no_ticket_for_what_is_no_download(client: FlaskClient, body: Any, status: int) -> None:
    answer = client.post(TICKETS, json=body, headers=bearer())
    assert answer.status_code == status
    assert error_of(answer)


def test_a_ticket_is_for_the_question_that_was_checked(client: FlaskClient) -> None:
    """A masked column is refused when the ticket is asked for."""
    headers = bearer(capabilities=["export", "all_teams"])
    for query in ("sort=phone", "where.phone=55", "where.reply=x", "sort=-reply"):
        answer = client.post(
            TICKETS, json={"address": f"/export/details.csv?{query}"}, headers=headers
        )
        assert (answer.status_code, error_of(answer)["code"]) == (400, "masked_column")


def test_nobody_asks_about_the_download_of_another(client: FlaskClient) -> None:
    name = "c" * 32
    export(client, bearer(), "cases.csv", progress=name).close()
    other = bearer(sub="eva")
    assert client.get(f"/export/progress/{name}", headers=other).get_json()["state"] == "unknown"
    stopped = client.post(f"/export/progress/{name}/stop", headers=other)
    assert stopped.get_json()["state"] == "unknown"
    mine = client.get(f"/export/progress/{name}", headers=bearer()).get_json()
    assert mine["state"] != "unknown"


# --- cookie sessions ------------------------------------------------------------------------------


def new_code(client: FlaskClient, **changed: object) -> str:
    answer = client.post("/session/codes", headers=bearer(**changed))
    content = answer.get_json()
    assert (answer.status_code, content["expires_in"], len(content)) == (200, 60, 2)
    code: str = content["code"]
    return code


def cookie_of(client: FlaskClient, code: str, query: str = "") -> tuple[str, str, str]:
    """Exchange a code; return the cookie as "name=value", its line, and where it leads."""
    answer = client.get(f"/session?code={code}{query}")
    assert answer.status_code == 303
    assert answer.headers["Cache-Control"] == "no-store"
    [line] = answer.headers.getlist("Set-Cookie")
    return line.partition(";")[0], line, answer.headers["Location"]


def session_of(location: str) -> str:
    return location.partition("session=")[2].partition("&")[0]


def test_a_code_is_exchanged_once_for_a_cookie(client: FlaskClient) -> None:
    code = new_code(client)
    cookie, line, location = cookie_of(client, code, "&channel=WhatsApp&channel=Loja&lang=en")
    assert location.startswith("/?channel=WhatsApp&channel=Loja&lang=en&session=")
    assert token() in line
    assert token() not in location
    assert code not in location
    for part in ("Secure", "HttpOnly", "SameSite=None", "Partitioned", "Path=/", "Max-Age=630"):
        assert part in line.split("; ")
    assert "Domain" not in line
    assert cookie.startswith("__Host-")
    headers = {"Cookie": cookie, "X-Consumo-Session": session_of(location)}
    for name, ask in DOORS.items():
        status = 401 if name == "session code" else 200  # it is no way to further cookies
        assert ask(client, headers).status_code == status, name
    again = client.get(f"/session?code={code}")
    assert (again.status_code, again.headers["Location"]) == (303, "/")
    assert "Set-Cookie" not in again.headers


@pytest.mark.parametrize("code", ["", "x", "x" * 43, "%00", "%ff"])
def test_without_a_code_there_is_no_cookie(client: FlaskClient, code: str) -> None:
    for address in (f"/session?code={code}&channel=A", "/session?channel=A"):
        answer = client.get(address)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/?channel=A")
        assert "Set-Cookie" not in answer.headers


def test_a_code_holds_for_a_minute(
    marked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "CODE_SECONDS", 0.0)
    with app_on(marked, tmp_path) as server:
        client = server.test_client(use_cookies=False)
        code = client.post("/session/codes", headers=bearer()).get_json()["code"]
        assert "Set-Cookie" not in client.get(f"/session?code={code}").headers


@pytest.mark.parametrize(
    "query",
    [
        "&session=0123456789abcdef",
        "&next=https://evil.test/&url=//evil.test",
        "&a=%0d%0aSet-Cookie:%20x=y",
        "&%0d%0aX-Evil:=1",
        "&code=x",
        "&a=é",
    ],
)
def test_the_redirect_stays_on_the_page(client: FlaskClient, query: str) -> None:
    _, _, location = cookie_of(client, new_code(client), query)
    assert location.startswith("/?")
    assert not location.startswith("//")
    assert location.count("session=") == 1
    assert "code=" not in location
    assert "0123456789abcdef" not in location
    assert not set("\r\n ") & set(location)


def test_the_cookie_alone_signs_nobody_in(client: FlaskClient, bodies: list[Any]) -> None:
    """The browser sends it with any request; the page's header is what another site cannot send."""
    cookie, _, location = cookie_of(client, new_code(client))
    name = session_of(location)
    for headers in (
        {"Cookie": cookie},
        {"Cookie": cookie, "X-Consumo-Session": ""},
        {"Cookie": cookie, "X-Consumo-Session": "0" * 16},
        {"Cookie": cookie, "X-Consumo-Session": name.upper()},
        {"Cookie": cookie, "X-Consumo-Session": f"{name}, {name}"},
        {"Cookie": cookie, "Origin": "https://evil.test", "Referer": f"https://evil.test/?{name}"},
        {"X-Consumo-Session": name},
        {"Cookie": cookie.replace("__Host-", ""), "X-Consumo-Session": name},
    ):
        for door, ask in DOORS.items():
            assert ask(client, headers).status_code == 401, (door, headers)
        assert call(client, headers, bodies[0]).status_code == 401
    assert (
        client.get(f"/_dash-layout?session={name}", headers={"Cookie": cookie}).status_code == 401
    )


def test_a_request_of_another_site_cannot_use_it(client: FlaskClient, bodies: list[Any]) -> None:
    """No form can send the header, and no preflight is answered with leave to send it."""
    cookie, _, location = cookie_of(client, new_code(client))
    name = session_of(location)
    for path in ("/_dash-layout", "/_dash-update-component", TICKETS, "/export/details.csv"):
        preflight = client.options(
            path,
            headers={
                "Origin": "https://evil.test",
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "x-consumo-session,authorization,content-type",
            },
        )
        assert preflight.status_code == 401
        assert "access-control" not in str(preflight.headers).lower()
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = client.post(
            "/_dash-update-component",
            data=json.dumps(bodies[0]),
            content_type=kind,
            headers={"Cookie": cookie, "Origin": "https://evil.test"},
        )
        assert answer.status_code == 401
    # Nor may another site read what it would get.
    signed_in = client.get(
        "/_dash-layout",
        headers={"Cookie": cookie, "X-Consumo-Session": name, "Origin": "https://evil.test"},
    )
    assert "access-control" not in str(signed_in.headers).lower()
    assert signed_in.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_two_sessions_of_one_browser_do_not_mix(client: FlaskClient) -> None:
    """Each frame names its own cookie, and sees what its own token allows."""
    cookies, names = [], []
    for team in ("Vendas", "Suporte"):
        code = new_code(client, account="default", teams=[team], capabilities=[])
        cookie, _, location = cookie_of(client, code)
        cookies.append(cookie)
        names.append(session_of(location))
    assert names[0] != names[1]
    for name, expected in zip(names, ({"dVW", "dVL"}, {"dSW", "dSL"}), strict=True):
        headers = {"Cookie": "; ".join(cookies), "X-Consumo-Session": name}
        assert marks(api(client, headers, "details", page_size=1_000).text) == expected


def test_a_cookie_ends_with_its_token(client: FlaskClient, clock: Clock) -> None:
    cookie, _, location = cookie_of(client, new_code(client))
    headers = {"Cookie": cookie, "X-Consumo-Session": session_of(location)}
    clock.pass_by(600 + LEEWAY_SECONDS)
    assert client.get("/_dash-layout", headers=headers).status_code == 200
    clock.pass_by(1)
    assert client.get("/_dash-layout", headers=headers).status_code == 401


def test_a_code_needs_a_token_itself(client: FlaskClient) -> None:
    cookie, _, location = cookie_of(client, new_code(client))
    for headers in (
        {},
        bearer("x"),
        {"Cookie": cookie, "X-Consumo-Session": session_of(location)},
    ):
        answer = client.post("/session/codes", headers=headers)
        assert answer.status_code == 401, headers
    assert client.get("/session/codes", headers=bearer()).status_code == 404


def test_there_are_no_sessions_without_tokens(marked: Path, tmp_path: Path) -> None:
    with app_on(marked, tmp_path, auth="none") as server:
        client = server.test_client()
        assert client.get("/session?code=x").status_code == 404
        assert client.post("/session/codes").status_code in (404, 405)


# --- a run of the whole page ----------------------------------------------------------------------


def test_all_groups_are_on_the_page_of_who_may_see_all(client: FlaskClient) -> None:
    """The marks of the data are found where they are: the tests that miss them prove something."""
    found = page(client, bearer(), Asked({**PERIOD}, {"page_size": "100"}))
    texts = "".join(found.values())
    assert marks(texts) == GROUPS
    assert TEXT in texts
    listed = api(client, bearer(), "details", page_size=1_000)
    assert marks(listed.text) == GROUPS
