"""After a full run no log, no page and no cache holds a token, a ticket, a code, a phone, a text.

The run is that of a browser and a portal on the real server process, with errors and attacks.
"""

import io
import json
import logging
import re
import shutil
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

import pytest
import redis
from sqlalchemy import literal_column, select

from app.factory import create_app, parts_of
from app.logs import JsonLines
from app.settings import Settings
from components.panels import PANELS
from queries.panel import PanelRequest
from queries.sql_functions import Statement
from sources.audit import AuditFile
from tests.example_panel import view as example
from tests.integration.access.conftest import (
    FULL,
    ISSUER,
    METRICS_TOKEN,
    PERIOD,
    SECRET,
    TEXT,
    TOKEN_SETTINGS,
    Asked,
    api,
    bearer,
    call_of,
    error_of,
    hidden_digits,
    marks,
    page_call,
    phone_of,
    token,
)
from tests.integration.conftest import PATIENCE_SECONDS, Server, running_server, until
from tests.integration.raw import ask, get
from tests.page_questions import ANSWERS
from tests.services import REDIS, redis_server

pytestmark = pytest.mark.integration

SUBJECT, NAME = "the-subject-of-eva", "Eva Prado Secreta"
#: What a portal might send by mistake, or an attacker on purpose, as a path.
ODD_PATHS = (
    "/{token}",
    "/{token}/x",
    "/api/v1/panels/{token}",
    "/api/v1/panels/{phone}?x=1",
    "/api/v1//panels/{phone}",
    "/export/{phone}.csv",
    "/export/progress/{phone}",
    "/static/{phone}",
    "/session/{code}",
    "/_dash-component-suites/dash/{phone}",
    "/{phone}",
)


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Run:
    """What a run used that nobody may read afterwards, and the HTML that it saw."""

    server: Server
    secrets: set[str] = field(default_factory=set)
    pages: list[str] = field(default_factory=list)

    def ask(
        self,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: object = None,
        method: str | None = None,
    ) -> Answer:
        data = None if body is None else json.dumps(body).encode()
        sent = {**(headers or {}), **({"Content-Type": "application/json"} if data else {})}
        request = Request(f"{self.server.url}{path}", data, sent, method=method)
        try:
            with urlopen(request, timeout=PATIENCE_SECONDS) as response:
                return Answer(response.status, response.headers, response.read())
        except HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())

    def secret(self, text: str) -> str:
        self.secrets.add(text)
        return text

    def token(self, **changed: object) -> str:
        usual = {"sub": SUBJECT, "name": NAME}
        made = token(lambda: datetime.now(UTC), **{**usual, **changed})
        self.secrets.add(made.rpartition(".")[2])
        return self.secret(made)

    def opens_the_page(self, headers: Mapping[str, str]) -> int:
        """Do what a browser does at the start, and what a reader may do then; count the answers."""
        self.pages.append(self.ask("/?channel=WhatsApp&lang=en").text)
        answered = 0
        for address in re.findall(r'(?:src|href)="(/[^"]+)"', self.pages[-1]):
            answered += self.ask(address).status == 200
        answered += self.ask("/_dash-layout", headers).status == 200
        known = self.ask("/_dash-dependencies", headers).json
        asked = Asked(PERIOD, {}, case_key="7", search="Ana")
        for one in known:
            if not one["clientside_function"]:
                answer = self.ask("/_dash-update-component", headers, call_of(one, asked))
                answered += answer.status == 200
        for slug in ("details", "waiting", "indicators"):
            answered += (
                self.ask(f"/api/v1/panels/{slug}?{urlencode(PERIOD)}", headers).status == 200
            )
        return answered

    def downloads(self, headers: Mapping[str, str]) -> None:
        for file in ("details.csv", "details.xlsx"):
            address = f"/export/{file}?{urlencode(PERIOD)}&progress={'a' * 32}"
            given = self.ask("/export/tickets", headers, {"address": address}).json["ticket"]
            link = f"/export/{file}?ticket={self.secret(given)}"
            assert self.ask(link, method="HEAD").status == 200
            assert self.ask(link).status == 200
            assert self.ask(link).status == 401
            assert self.ask(f"/export/progress/{'a' * 32}", headers).status == 200

    def signs_in_by_cookie(self, headers: Mapping[str, str]) -> None:
        code = self.secret(self.ask("/session/codes", headers, {}).json["code"])
        port = int(self.server.url.rpartition(":")[2])
        reply = ask(port, get(f"/session?code={code}&channel=A", "Connection: close"))
        assert reply.status == 303
        cookie = reply.headers["set-cookie"].partition(";")[0]
        name = self.secret(cookie.partition("=")[0].rpartition("-")[2])
        by_cookie = {"Cookie": cookie, "X-Consumo-Session": name}
        assert self.ask("/_dash-layout", by_cookie).status == 200
        self.pages.append(self.ask(f"/?session={name}", {"Cookie": cookie}).text)

    def fails(self, headers: Mapping[str, str]) -> None:
        """Ask what is refused: with secrets in paths, queries, bodies and headers."""
        phone = phone_of(5)
        secret = {"token": self.token(sub="in-a-path"), "phone": phone[1:], "code": "c" * 43}
        for form in ODD_PATHS:
            for sent in ({}, headers):
                for method in ("GET", "DELETE"):
                    answer = self.ask(form.format(**secret), sent, method=method)
                    assert 400 <= answer.status < 500, (form, answer.status)
        queries = (
            f"token={secret['token']}",
            f"start={quote(phone)}",
            f"person={quote(phone)}&x={TEXT}",
            "where.reply=" + quote(f"{TEXT} {phone}") + "&colour=red",
            f"ticket={secret['code']}",
        )
        for query in queries:
            for path in ("/api/v1/panels/details", "/export/details.csv", "/_dash-layout"):
                for sent in ({}, headers):
                    self.ask(f"{path}?{query}", sent)
        refused = (
            self.token(aud="another"),
            self.token(exp=int(time.time()) - 100, iat=int(time.time()) - 200),
            self.token(teams="*"),
            self.token() + "x",
            self.secret("no-token-but-secret-" + "x" * 30),
        )
        for sent in refused:
            assert self.ask("/_dash-layout", bearer(sent)).status == 401
        for body in ({"person": [phone, 7]}, [TEXT], {phone: TEXT}, {"output": TEXT}, "x" * 10):
            self.ask("/api/v1/panels/details", headers, body)
            self.ask("/_dash-update-component", headers, body)
            self.ask("/export/tickets", headers, body)

    def breaks_the_protocol(self) -> None:
        port = int(self.server.url.rpartition(":")[2])
        made = self.token(sub="raw")
        large = f"POST /api/v1/panels/{phone_of(6)[1:]} HTTP/1.1\r\nHost: localhost\r\n"
        large += "Content-Length: 99999999\r\n\r\n"
        for request in (
            large,
            f"GET /{made} HTTP/9.9\r\nHost: localhost\r\n\r\n",
            f"GET /x?{made} HTTP/1.1\r\nHost: a\r\nHost: {made}\r\n\r\n",
            f"{made} / HTTP/1.1\r\n\r\n",
            f"GET / HTTP/1.1\r\nHost: localhost\r\nX: {made * 200}\r\n\r\n",
            f"GET http://{made[:50]}/_dash-layout HTTP/1.1\r\nHost: localhost\r\n\r\n",
        ):
            assert ask(port, request.encode()).status >= 400


def leaks(run: Run, text: str) -> list[str]:
    """Return what ``text`` holds of what nobody may read; of a token also its signature alone."""
    phones = [phone for phone in map(phone_of, range(36)) if phone[5:] in text]
    return [*phones, *(one for one in (*run.secrets, SECRET, METRICS_TOKEN, TEXT) if one in text)]


@pytest.fixture(scope="module")
def ran(marked: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, list[str]]:
    """A full run on a server that has ended since, and what the cache held in the middle of it.

    Until then no reader was allowed to see phones or texts. Where there is no Redis, it is [].
    """
    folder = tmp_path_factory.mktemp("run")
    store = folder / "consumo.duckdb"
    shutil.copy(marked, store)
    with ExitStack() as stack:
        settings: dict[str, object] = {**TOKEN_SETTINGS, "metrics_token": METRICS_TOKEN}
        started = None
        if REDIS.sentence is None:
            started = stack.enter_context(redis_server(tmp_path_factory.mktemp("redis")))
            settings["cache_url"] = started.url
        server = stack.enter_context(running_server(store, "--access-log", **settings))
        run = Run(server)
        blind = bearer(run.token(capabilities=["export", "all_teams"]))
        assert run.opens_the_page(blind) > 20
        run.downloads(blind)
        cached: list[str] = []
        if started:
            cached = in_redis(started.url)
        seeing = bearer(run.token(capabilities=list(FULL)))
        assert run.opens_the_page(seeing) > 20
        run.downloads(seeing)
        run.signs_in_by_cookie(seeing)
        run.fails(seeing)
        run.breaks_the_protocol()
        assert run.ask("/metrics", bearer(METRICS_TOKEN)).status == 200
        assert run.ask("/metrics", bearer(run.secret("wrong-credential-01"))).status == 401
        audit = AuditFile(store).path
        assert len(audit.read_text().splitlines()) > 5
        # Nothing is revealed, and the failure is logged, when no record can be written.
        audit.rename(audit.with_name("audit-before.jsonl"))
        audit.mkdir()
        refused = run.ask(f"/api/v1/panels/details?{urlencode(PERIOD)}", seeing)
        assert (refused.status, refused.json["error"]["code"]) == (503, "not_recorded")
        until(lambda: "no audit record" in server.output.read_text(), "the log of the failure")
    return run, cached


def in_redis(url: str) -> list[str]:
    """Return all keys of a Redis, each with its value, as texts."""
    with redis.Redis.from_url(url) as kept:
        pairs = [(key, value_in_redis(kept, key)) for key in kept.scan_iter()]
    return [f"{key!r} {value!r}" for key, value in pairs]


def value_in_redis(kept: redis.Redis, key: bytes) -> object:
    """Return the value of ``key``: bytes, or of a limit the times that it counts."""
    return kept.lrange(key, 0, -1) if kept.type(key) == b"list" else kept.get(key)


def lines_of(run: Run) -> list[dict[str, Any]]:
    return [json.loads(one) for one in run.server.output.read_text().splitlines() if one[0] == "{"]


def test_the_logs_hold_no_secret(ran: tuple[Run, list[str]]) -> None:
    run, _ = ran
    text = run.server.output.read_text()
    access = [line for line in lines_of(run) if line["logger"] == "consumo.access"]
    assert len(access) > 150
    assert len(run.secrets) > 15
    assert leaks(run, text) == []
    for secret in (SUBJECT, NAME, "in-a-path", "eyJ", "ticket=", "code=", "Bearer", "?", ISSUER):
        assert secret not in text, secret
    assert "Traceback" not in text


def test_the_access_log_names_routes_and_no_values(ran: tuple[Run, list[str]]) -> None:
    run, _ = ran
    access = [line for line in lines_of(run) if line["logger"] == "consumo.access"]
    refused = {line["path"] for line in access if line["status"] >= 400}
    assert {"/_dash-layout", "/api/v1/panels/details", "/api/v1/panels/<slug>", "-"} <= refused
    assert {line["status"] for line in access} >= {200, 303, 400, 401, 404, 431, 503, 505}


def test_each_refusal_has_its_reason_in_the_log(ran: tuple[Run, list[str]]) -> None:
    """So a portal's developer finds out why; a reason is a word and holds nothing of the token."""
    reasons = {line["reason"] for line in lines_of(ran[0]) if line["message"] == "request refused"}
    assert reasons >= {"missing", "audience", "expired", "claims", "signature", "form"}
    assert all(re.fullmatch("[a-z_]+", reason) for reason in reasons)


def test_the_html_holds_no_secret(ran: tuple[Run, list[str]]) -> None:
    run, _ = ran
    assert len(run.pages) >= 3
    for html in run.pages:
        assert leaks(run, html) == []
        assert not marks(html)
        for secret in (SUBJECT, NAME, ISSUER, "Bearer ey"):
            assert secret not in html


def test_the_cache_of_readers_without_capabilities_holds_no_phone_and_no_text(
    ran: tuple[Run, list[str]],
) -> None:
    run, cached = ran
    if not cached:
        pytest.skip(f"{REDIS.sentence}")
    text = "".join(cached)
    assert marks(text)
    assert leaks(run, text) == []
    assert SUBJECT not in text
    assert NAME not in text


def test_no_file_beside_the_store_holds_a_token_or_a_ticket(ran: tuple[Run, list[str]]) -> None:
    run, _ = ran
    folder = run.server.output.parent
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert any(path.name == "audit-before.jsonl" for path in files)
    for path in files:
        content = path.read_bytes()
        for secret in (*run.secrets, SECRET):
            assert secret.encode() not in content, path.name
    records = (folder / "audit-before.jsonl").read_text()
    assert SUBJECT in records  # that is what it is for
    assert leaks(replace(run, secrets=set()), records) == []


# --- a database error -----------------------------------------------------------------------------

VALUE = f"{phone_of(7)} {TEXT}"


def broken_query(request: PanelRequest) -> Statement:
    """Return a SELECT that the engine fails at, with values in the text of its error."""
    return select(literal_column(f"error('{VALUE} select secret from people')").label("at"))


def test_a_database_error_shows_no_sql_no_address_and_no_value(
    marked: Path, tmp_path: Path
) -> None:
    """Neither to the reader, in the API, a download or a panel of the page, nor in the log."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.addHandler(handler)
    broken = replace(example.PANEL, query=replace(example.PANEL.query, query=broken_query))
    copy = tmp_path / "consumo.duckdb"
    shutil.copy(marked, copy)
    settings = Settings(store_url=f"duckdb:///{copy}", **TOKEN_SETTINGS)  # type: ignore[arg-type]
    server = create_app(settings, panels=[*PANELS, broken])
    headers = bearer(token(lambda: datetime.now(UTC)))
    try:
        client = server.test_client()
        slug = broken.slug
        answers = [
            api(client, headers, slug),
            client.post(f"/api/v1/panels/{slug}", json=PERIOD, headers=headers),
            client.get(f"/export/{slug}.csv", headers=headers),
        ]
        for answer in answers:
            assert answer.status_code == 500
            assert error_of(answer)["code"] == "unexpected"
        answers.append(page_call(client, headers, Asked(PERIOD, {}, parts=[slug]), ANSWERS))
        answers.append(client.get("/metrics"))
    finally:
        root.removeHandler(handler)
        parts_of(server).close()
    assert "state-error" in answers[3].text
    log = written.getvalue()
    assert log.count("InvalidInputException") >= 4
    for text in (*(answer.text for answer in answers), log):
        assert not hidden_digits(text)
        for secret in (
            TEXT,
            "select",
            "secret",
            "duckdb:///",
            str(tmp_path),
            "Traceback",
            'File "',
        ):
            assert secret not in text, secret
