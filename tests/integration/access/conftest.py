"""A store whose every value tells whose it is, an app that wants tokens, and the page's requests.

The tokens are signed with PyJWT, as a portal's server does it. The app's clock is set by hand.
"""

import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import jwt
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.factory import create_app, parts_of
from app.settings import Settings
from components import ids
from queries.filters import LISTS
from tests.page_questions import page_question
from tests.panels import SHOWN_SLUGS, SLUGS
from tests.services import import_rows

# --- the data -------------------------------------------------------------------------------------

#: The present time of the app, some hours after the newest message.
NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
ACCOUNTS = {"d": "default", "f": "filial"}
TEAMS = {"V": "Vendas", "S": "Suporte", "0": ""}
CHANNELS = {"W": "WhatsApp", "L": "Loja"}
#: The marks of all groups of cases: account, team and channel, as in "dVW".
GROUPS = frozenset("".join(letters) for letters in product(ACCOUNTS, TEAMS, CHANNELS))
CASES_OF_A_GROUP = 3
MESSAGES_OF_A_CASE = 4
PERIOD = {"start": "2026-11-01", "end": "2026-11-30"}
#: Stands in every text of a message, and nowhere else.
TEXT = "Palavras"
_MARK = re.compile(r"~([df][VS0][WL])~")


def marks(text: str) -> set[str]:
    """Return the marks of the groups whose values are in ``text``."""
    return set(_MARK.findall(text))


def phone_of(number: int) -> str:
    """Return the phone of the case with this number; no other case has it."""
    return f"+5511987{number:02d}4471"


def hidden_digits(text: str) -> list[str]:
    """Return the phones whose digits are in ``text``, whatever stands between them."""
    digits = re.sub(r"\D", "", text)
    return [phone for phone in map(phone_of, range(len(GROUPS) * CASES_OF_A_GROUP))
            if phone[5:10] + phone[10:] in digits]  # fmt: skip


def _rows() -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    cases: list[dict[str, str]] = []
    messages: list[dict[str, str]] = []
    for group in sorted(GROUPS):
        account, team, channel = ACCOUNTS[group[0]], TEAMS[group[1]], CHANNELS[group[2]]
        mark = f"~{group}~"
        for _ in range(CASES_OF_A_GROUP):
            number = len(cases)
            opened = NOW - timedelta(hours=5 + number)
            case = {
                "account": account,
                "case_id": f"id{number}{mark}",
                "case_number": f"n{number}{mark}",
                "person_name": f"Ana{number} {mark}",
                "channel": channel,
                "case_type": f"tipo {mark}",
                "team": team,
                "opened_at": opened.isoformat(),
            }
            cases.append(case)
            messages += _messages(case, number, mark, opened)
    return cases, messages


def _messages(
    case: dict[str, str], number: int, mark: str, opened: datetime
) -> Iterator[dict[str, str]]:
    """Yield an answered HSM, its answer, a failed message and a customer who waits."""
    failure = {"status": "failed", "error_code": "131026", "error_title": f"falha {mark}"}
    template = {"kind": "hsm", "template_name": f"modelo {mark}", "status": "read"}
    template["template_category"] = f"categoria {mark}"
    for place, (direction, more) in enumerate(
        (("out", template), ("in", {}), ("out", failure), ("in", {}))
    ):
        yield {
            "account": case["account"],
            "message_id": f"m{number}-{place}{mark}",
            "case_id": case["case_id"],
            "direction": direction,
            "phone": phone_of(number),
            "body": f"{TEXT} {mark}",
            "sent_at": (opened + timedelta(minutes=place)).isoformat(),
            "agent": f"Bia {mark}" if direction == "out" else "",
            **more,
        }


@pytest.fixture(scope="session")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a store with ``GROUPS``, which no process has open."""
    url = import_rows(tmp_path_factory.mktemp("marked"), *_rows())
    return Path(url.removeprefix("duckdb:///"))


# --- tokens ---------------------------------------------------------------------------------------

SECRET = "the key of the portal, 32 bytes.."
ISSUER, AUDIENCE = "https://portal.example", "consumo-whatsapp"
TOKEN_SETTINGS = {
    "auth": "token",
    "token_secret": SECRET,
    "token_issuer": ISSUER,
    "token_audience": AUDIENCE,
}
METRICS_TOKEN = "only for Prometheus".replace(" ", "-")
#: All that a token may allow.
FULL = ("reveal_phone", "reveal_text", "export", "all_teams")
#: How long a token is still accepted after its end, for clocks that differ.
LEEWAY_SECONDS = 30


@dataclass
class Clock:
    """The app's clock; it stands still until a test moves it."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def claims(clock: Callable[[], datetime] = lambda: NOW, **changed: object) -> dict[str, object]:
    """Return the claims of a token that sees everything; one that is changed to ``...`` is left
    out.
    """
    now = int(clock().timestamp())
    usual: dict[str, object] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "ana",
        "iat": now,
        "exp": now + 600,
        "account": list(ACCOUNTS.values()),
        "capabilities": list(FULL),
    }
    return {name: value for name, value in {**usual, **changed}.items() if value is not ...}


def token(clock: Callable[[], datetime] = lambda: NOW, **changed: object) -> str:
    return jwt.encode(claims(clock, **changed), SECRET, "HS256")


def bearer(text: str | None = None, **changed: object) -> dict[str, str]:
    """Return the header with the token ``text``, or with one of changed claims."""
    return {"Authorization": f"Bearer {token(**changed) if text is None else text}"}


def of_group(group: str, *capabilities: str) -> dict[str, object]:
    """Return the claims that let their holder see the cases of one group, which has a team."""
    return {
        "account": ACCOUNTS[group[0]],
        "teams": [TEAMS[group[1]]],
        "channels": [CHANNELS[group[2]]],
        "capabilities": list(capabilities),
    }


# --- apps -----------------------------------------------------------------------------------------


@contextmanager
def app_on(
    store: Path, folder: Path, clock: Callable[[], datetime] = lambda: NOW, **settings: Any
) -> Iterator[Flask]:
    """Make an app on a copy of ``store`` in ``folder``, in mode ``token`` unless it is said."""
    copy = folder / "consumo.duckdb"
    shutil.copy(store, copy)
    chosen: dict[str, Any] = {"metrics_token": METRICS_TOKEN, "threads": 1}  # of the engine
    if settings.get("auth", "token") == "token":
        chosen |= TOKEN_SETTINGS
    server = create_app(Settings(store_url=f"duckdb:///{copy}", **{**chosen, **settings}), clock)
    with closing(parts_of(server)):
        yield server


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def server(marked: Path, clock: Clock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An app that wants tokens, with so many exports and reveals as tests ask for."""
    generous = {"exports_per_minute": 100_000, "reveals_per_minute": 100_000}
    with app_on(marked, tmp_path_factory.mktemp("app"), clock, **generous) as made:
        made.test_client().get("/")  # Dash knows its scripts from then on
        yield made


@pytest.fixture(scope="module")
def client(server: Flask) -> FlaskClient:
    """A client that keeps no cookies: tests send those that they mean."""
    return server.test_client(use_cookies=False)


def audit_of(server: Flask) -> list[dict[str, Any]]:
    """Return the records in the audit file of an app, oldest first."""
    [path] = parts_of(server).owner.path.parent.glob("*.audit.jsonl")
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def error_of(answer: TestResponse) -> dict[str, str]:
    """Return ``code`` and ``message`` of a refusal; fail where it has more, as a trace."""
    content = answer.get_json()
    assert content.keys() == {"error"}, content
    error: dict[str, str] = content["error"]
    assert error.keys() == {"code", "message"}, error
    assert "\n" not in error["message"]
    return error


# --- the page's requests --------------------------------------------------------------------------

CALLS = "/_dash-update-component"
_KNOWN = "callbacks known to tests"


@dataclass(frozen=True)
class Asked:
    """What the page asks: the address's parameters, those of the table, and further values.

    ``case_key`` is that of the time line, ``search`` the text that is typed in a dropdown, and
    ``parts`` are the slugs of the panels that are asked for.
    """

    raw: Mapping[str, Any]
    table: Mapping[str, Any]
    case_key: str = "1"
    search: str = ""
    parts: Sequence[str] = SHOWN_SLUGS

    def value(self, component: str, prop: str) -> Any:
        """Return what the browser would send as ``component.prop``."""
        values: dict[str, Any] = {
            ids.QUESTION: page_question(self.raw, self.table, self.parts),
            ids.AHEAD_QUESTION: page_question(self.raw, self.table, self.parts),
            ids.TIMELINE_ASKED: {"case_key": self.case_key, "at": 1},
            ids.SOURCES_ASKED: 1,
            **{
                ids.asked(name): {"raw": dict(self.raw), "at": 1, "search": self.search}
                for name in LISTS
            },
        }
        return values.get(component) if prop == "data" else None


def page_calls(client: FlaskClient, headers: Mapping[str, str], asked: Asked) -> list[Any]:
    """Return the body of a request for each callback that runs on the server."""
    return [call_of(one, asked) for one in _callbacks(client, headers)]


def page_call(
    client: FlaskClient, headers: Mapping[str, str], asked: Asked, output: str
) -> TestResponse:
    """Send the request of the callback with ``output``, such as "answers.data"."""
    [known] = [
        one
        for one in _callbacks(client, headers)
        if output in one["output"].strip(".").split("...")
    ]
    return call(client, headers, call_of(known, asked))


def timeline_of(client: FlaskClient, headers: Mapping[str, str], case_key: str) -> str:
    """Return what the page gets for the time line of a case."""
    asked = Asked(PERIOD, {}, case_key=case_key)
    return page_call(client, headers, asked, f"{ids.TIMELINE_BODY}.content").text


def _callbacks(client: FlaskClient, headers: Mapping[str, str]) -> list[Any]:
    """Return the callbacks that run on the server; they are asked for once of each app."""
    kept = client.application.extensions
    if _KNOWN not in kept:
        known = json.loads(client.get("/_dash-dependencies", headers=headers).data)
        kept[_KNOWN] = [one for one in known if not one["clientside_function"]]
    found: list[Any] = kept[_KNOWN]
    return found


def call_of(known: Mapping[str, Any], asked: Asked) -> dict[str, Any]:
    """Return the body of the request for a callback, ``known`` as the list of callbacks has it."""
    output = known["output"]
    outputs: Any = _split(output)
    if output.startswith(".."):
        outputs = [_split(name) for name in output[2:-2].split("...")]
    inputs, state = (
        [{**place, "value": asked.value(place["id"], place["property"])} for place in known[kind]]
        for kind in ("inputs", "state")
    )
    changed = ["{id}.{property}".format(**inputs[0])]
    return {
        "output": output,
        "outputs": outputs,
        "inputs": inputs,
        "state": state,
        "changedPropIds": changed,
    }


def _split(name: str) -> dict[str, str]:
    component, _, prop = name.rpartition(".")
    return {"id": component, "property": prop}


def call(client: FlaskClient, headers: Mapping[str, str], body: Any) -> TestResponse:
    """Send the request of a callback."""
    return client.post(CALLS, json=body, headers=headers)


def page(client: FlaskClient, headers: Mapping[str, str], asked: Asked) -> dict[str, str]:
    """Return all that the page gets: its layout and the answer of each callback, by output."""
    layout = client.get("/_dash-layout", headers=headers)
    assert layout.status_code == 200
    found = {"layout": layout.get_data(as_text=True)}
    for body in page_calls(client, headers, asked):
        answer = call(client, headers, body)
        assert answer.status_code in (200, 204), (body["output"], answer.status_code)
        found[body["output"]] = answer.get_data(as_text=True)
    return found


def api(client: FlaskClient, headers: Mapping[str, str], slug: str, **query: Any) -> TestResponse:
    return client.get(f"/api/v1/panels/{slug}", query_string={**PERIOD, **query}, headers=headers)


def export(
    client: FlaskClient, headers: Mapping[str, str], file: str, **query: Any
) -> TestResponse:
    """Return the answer to a download, all of which was received."""
    return client.get(
        f"/export/{file}", query_string={**PERIOD, **query}, headers=headers, buffered=True
    )


def ticket(
    client: FlaskClient, headers: Mapping[str, str], address: str = "/export/details.csv"
) -> str:
    """Return the address of a download with a ticket for it."""
    answer = client.post("/export/tickets", json={"address": address}, headers=headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return f"{address.partition('?')[0]}?ticket={answer.get_json()['ticket']}"


def case_keys(server: Flask) -> dict[str, str]:
    """Return the key of a case of each group, by the group's mark."""
    with parts_of(server).owner.snapshot() as snapshot:
        found = snapshot.fetch("select case_number, case_key from cases", ())
    return {next(iter(marks(number))): str(key) for number, key in found.rows}


#: Every answer that holds data, by a name: how to ask for it.
DOORS: dict[str, Callable[[FlaskClient, Mapping[str, str]], TestResponse]] = {
    "layout": lambda client, headers: client.get("/_dash-layout", headers=headers),
    "dependencies": lambda client, headers: client.get("/_dash-dependencies", headers=headers),
    **{
        f"api {slug}": lambda client, headers, slug=slug: api(client, headers, slug)  # type: ignore[misc]
        for slug in SLUGS
    },
    "api by post": lambda client, headers: client.post(
        "/api/v1/panels/details", json=PERIOD, headers=headers
    ),
    **{
        f"csv {slug}": lambda client, headers, slug=slug: export(client, headers, f"{slug}.csv")  # type: ignore[misc]
        for slug in SLUGS
    },
    "xlsx": lambda client, headers: export(client, headers, "details.xlsx"),
    "ticket": lambda client, headers: client.post(
        "/export/tickets", json={"address": "/export/details.csv"}, headers=headers
    ),
    "progress": lambda client, headers: client.get(f"/export/progress/{'0' * 32}", headers=headers),
    "stop": lambda client, headers: client.post(
        f"/export/progress/{'0' * 32}/stop", headers=headers
    ),
    "session code": lambda client, headers: client.post("/session/codes", headers=headers),
}
