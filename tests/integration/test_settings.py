"""Every setting, from its variable to what somebody sees of it in a real app.

``EFFECTS`` has one line a setting; ``tests/architecture`` sees that none is missing.
"""

import hmac
import json
import os
import re
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from app.cli import cli
from app.exit_codes import EXIT_UNUSABLE
from app.factory import create_app, parts_of
from app.http_app import EXTENSION, close_app
from app.settings import SettingError, Settings
from app.writer import Writer, create_writer
from components import ids
from queries.errors import QueryTimeout
from tests.integration.conftest import ALWAYS, Here, free_port, until, write_csv
from tests.published import publish
from tests.unit.access.signing import ed_key, pem, private_pem

pytestmark = pytest.mark.integration

CASES = """case_id,person_name,channel,case_type,opened_at
c1,Ana,WhatsApp,Troca,2025-10-16T12:00:00Z"""
#: The answer was sent at 21:00:22 on the 16th in São Paulo, after some 20 minutes.
MESSAGES = """message_id,case_id,direction,sent_at,phone,body,agent
m0,c1,in,2025-10-16T23:40:00Z,+5511988884471,Oi,
m1,c1,out,2025-10-17T00:00:22Z,+5511988884471,Bom dia,Caio"""
#: Counting so far takes any machine longer than the limit that is given.
LONG_QUESTION = "select count(*) from range(1000000000000)"

OCTOBER = {"start": "2025-10-01", "end": "2025-10-31", "bucket": "day"}

See = Callable[[FlaskClient, Path], Any]


def stores(_client: FlaskClient, folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.duckdb"))


def day_of_the_message(client: FlaskClient, _folder: Path) -> list[str]:
    query = {**OCTOBER, "direction": "out"}
    rows = client.get("/api/v1/panels/messages-by-origin", query_string=query).json["rows"]
    return [row["period"] for row in rows if row["messages"]]


def languages(client: FlaskClient, _folder: Path) -> list[str]:
    """Return signs of the language of HTML, layout and error; then of the HTML with ``lang=es``."""
    first = client.get("/").text
    assert "Loading..." not in first  # Dash's own word, in English whatever the language
    asked = client.get("/?lang=es").text
    refused = client.get("/api/v1/panels/cases?colour=red").json["error"]["message"]
    return [
        *re.findall(r'<html lang="([\w-]+)"', first),
        *re.findall(r"<noscript>(.*?)[,:]", first),
        "Clear filters" if "Clear filters" in layout(client) else "Limpar filtros",
        refused.split()[0],
        *re.findall(r'<html lang="([\w-]+)"', asked),
        *re.findall(r"<noscript>(.*?)[,:]", asked),
    ]


def layout(client: FlaskClient) -> str:
    """Return the layout of the page before the first answer, as text."""
    return client.get("/_dash-layout").text


def detail(name: str) -> See:
    def see(client: FlaskClient, _folder: Path) -> Any:
        return client.get("/api/v1/panels/details", query_string=ALWAYS).json["rows"][0][name]

    return see


def share_within_target(client: FlaskClient, _folder: Path) -> float:
    [row] = client.get("/api/v1/panels/indicators", query_string=OCTOBER).json["rows"]
    return float(row["within_target_share"])


def kind_of_case_number(client: FlaskClient, _folder: Path) -> str:
    """Return the column type of case numbers: Markdown for links; ``tests/browser`` clicks one."""
    columns = props_of(client, ids.TABLE_ALL_COLUMNS)["data"]
    return next(column["presentation"] for column in columns if column["id"] == "case_number")


def steps(client: FlaskClient, _folder: Path) -> bool:
    return "Analytics" in layout(client)


def milliseconds_between_questions(client: FlaskClient, _folder: Path) -> int:
    return int(props_of(client, ids.POLL)["interval"])


def is_answered_ahead(client: FlaskClient, _folder: Path) -> list[bool]:
    """Whether the page is told to ask ahead, and whether the server would answer."""
    known = json.loads(client.get("/_dash-dependencies").data)
    outputs = [one["output"] for one in known]
    return ['"data-asks-ahead":"true"' in layout(client), f"{ids.AHEAD_ANSWERS}.data" in outputs]


def who_may_frame(client: FlaskClient, _folder: Path) -> list[str]:
    policy = client.get("/").headers["Content-Security-Policy"]
    return re.findall("frame-ancestors (.*)", policy)


def answers_by_host(client: FlaskClient, _folder: Path) -> list[int]:
    hosts = ("dash.example", "evil.example")
    return [client.get("/healthz", headers={"Host": host}).status_code for host in hosts]


def cache_answers(client: FlaskClient, _folder: Path) -> bool:
    return bool(client.get("/readyz").json["cache"])


def two_megabytes_are_kept(client: FlaskClient, _folder: Path) -> bool:
    [cache] = client.application.extensions["cache"].values()
    return bool(cache.set("large", bytes(2 * 10**6)))


def of_the_engine(name: str) -> See:
    def see(client: FlaskClient, _folder: Path) -> Any:
        with parts_of(client.application).owner.snapshot() as snapshot:
            return snapshot.fetch(f"select current_setting('{name}')", ()).rows[0][0]

    return see


def when_a_question_is_stopped(client: FlaskClient, _folder: Path) -> str:
    with parts_of(client.application).owner.snapshot() as snapshot:
        try:
            snapshot.fetch(LONG_QUESTION, ())
        except QueryTimeout as stopped:
            return str(stopped)
    return "never"


def downloads_at_once(client: FlaskClient, _folder: Path) -> int:
    """Return how many downloads run at once: open them until one is refused."""
    held = []
    app: Flask = client.application
    while (answer := app.test_client().get("/export/details.csv")).status_code == 200:
        held.append(answer)
    for answer in held:
        answer.close()
    return len(held)


def props_of(client: FlaskClient, id_: str) -> Mapping[str, Any]:
    """Return the properties of the component with this id in the page's layout."""

    def walk(part: Any) -> Iterator[Mapping[str, Any]]:
        if isinstance(part, dict):
            if part.get("props", {}).get("id") == id_:
                yield part["props"]
            for value in part.values():
                yield from walk(value)
        elif isinstance(part, list):
            for value in part:
                yield from walk(value)

    return next(walk(json.loads(layout(client))))


# --- who may see what -----------------------------------------------------------------------------

SECRET, OLD_SECRET = "the key of the portal, 32 bytes..", "the key before it, also 32 bytes."
ISSUER, AUDIENCE = "https://portal.test", "consumo-whatsapp"
#: Variables for mode ``token``, without those whose effect is tested with them.
TOKENS = {
    "CONSUMO_AUTH": "token",
    "CONSUMO_TOKEN_SECRET": SECRET,
    "CONSUMO_TOKEN_ISSUER": ISSUER,
    "CONSUMO_TOKEN_AUDIENCE": AUDIENCE,
}
PROXY = {
    "CONSUMO_AUTH": "proxy",
    "CONSUMO_PROXY_HEADER": "X-Forwarded-User",
    "CONSUMO_PROXY_ADDRESSES": "127.0.0.1",
}
#: Two a minute, so that few questions show a limit.
LIMITED = "2"


def without(variables: Mapping[str, str], name: str) -> dict[str, str]:
    """Return ``variables`` without that of the setting ``name``."""
    return {key: value for key, value in variables.items() if key != f"CONSUMO_{name.upper()}"}


def signed(key: Any = SECRET, algorithm: str = "HS256", **claims: object) -> dict[str, str]:
    """Return the header with a token for everything, signed with ``key``."""
    now = int(time.time())
    usual = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ana", "iat": now, "exp": now + 600}
    all_of_it = ["reveal_phone", "reveal_text", "export", "all_teams"]
    content = {**usual, "capabilities": all_of_it, **claims}
    return {"Authorization": f"Bearer {jwt.encode(content, key, algorithm)}"}


def status_with(headers: Callable[[], dict[str, str]]) -> See:
    """Return a function that says how the API answers a request with ``headers``."""

    def see(client: FlaskClient, _folder: Path) -> int:
        return client.get("/api/v1/panels/cases", headers=headers()).status_code

    return see


def answers_by_address(client: FlaskClient, _folder: Path) -> list[int]:
    """Return how the API answers a proxy at each of two addresses that names a reader."""
    return [
        client.get(
            "/api/v1/panels/cases",
            headers={"X-Forwarded-User": "ana"},
            environ_overrides={"REMOTE_ADDR": address},
        ).status_code
        for address in ("127.0.0.1", "10.0.0.7")
    ]


def answers_of_metrics(client: FlaskClient, _folder: Path) -> list[int]:
    headers = {"Authorization": "Bearer sixteen-signs-01"}
    return [client.get("/metrics", headers=sent).status_code for sent in ({}, headers)]


def answers_in_a_row(path: str) -> See:
    """Return a function that says how three equal requests of a reader are answered."""

    def see(client: FlaskClient, _folder: Path) -> list[int]:
        headers = signed()
        return [client.get(path, headers=headers).status_code for _ in range(3)]

    return see


def phone_and_text(client: FlaskClient, folder: Path) -> list[Any]:
    return [detail("phone")(client, folder), detail("reply")(client, folder)]


def why_it_serves_nobody_else(_client: FlaskClient, folder: Path) -> str:
    """Return what ``serve`` says on all addresses, at a port that is taken in any case."""
    with socket.create_server(("0.0.0.0", 0)) as taken:
        port = taken.getsockname()[1]
        done = CliRunner().invoke(cli, ["serve", "--host", "0.0.0.0", "--port", str(port)])
    return beginning(done.stderr)


# --- webhooks -------------------------------------------------------------------------------------

APP_SECRET, VERIFY_TOKEN = "the-secret-of-the-app", "a-verify-token-1"
WEBHOOKS = {
    "CONSUMO_WEBHOOK_APP_SECRET": APP_SECRET,
    "CONSUMO_WEBHOOK_VERIFY_TOKEN": VERIFY_TOKEN,
}


def answer_to_an_event(client: FlaskClient, _folder: Path) -> int:
    message = {"id": "w1", "from": "5511987654321", "timestamp": "1760000000", "type": "text"}
    change = {"field": "messages", "value": {"messages": [message]}}
    body = json.dumps({"entry": [{"id": "1", "changes": [change]}]}).encode()
    signature = hmac.new(APP_SECRET.encode(), body, "sha256").hexdigest()
    headers = {"X-Hub-Signature-256": f"sha256={signature}"}
    return client.post("/webhooks/whatsapp", data=body, headers=headers).status_code


def answer_to_meta(client: FlaskClient, _folder: Path) -> str:
    asked = {"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "1158"}
    return client.get("/webhooks/whatsapp", query_string=asked).text


def account_of_an_event(client: FlaskClient, folder: Path) -> str:
    assert answer_to_an_event(client, folder) == 200

    def account() -> str | None:
        with parts_of(client.application).owner.snapshot() as snapshot:
            sql = "select account from messages where message_id = 'w1'"
            return next(iter(snapshot.fetch(sql, ()).column("account")), None)

    return str(until(account, "the load of the event"))


def bytes_to_forward(client: FlaskClient, folder: Path) -> bool | None:
    """Return whether an event waits for an address at which nobody listens; None for none."""
    receiver = parts_of(client.application).receiver
    assert receiver
    assert answer_to_an_event(client, folder) == 200
    forwarder = receiver.forwarder
    return forwarder and bool(until(forwarder.waiting_bytes, "the event that waits"))


def audit_files(client: FlaskClient, folder: Path) -> list[str]:
    """Return the audit files after an answer that would show texts, of a store that is silent."""
    client.get("/api/v1/panels/details", headers=signed(capabilities=["reveal_text"]))
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.audit.jsonl"))


def pause_of_the_writer(client: FlaskClient, _folder: Path) -> float:
    """Return how long a writer with these settings waits between two publications, in seconds."""
    del client
    server = create_writer(Settings.from_environment(os.environ))
    try:
        writer: Writer = server.extensions[EXTENSION]
        return writer.publishing.pause_seconds
    finally:
        close_app(server)


def is_ready(client: FlaskClient, _folder: Path) -> int:
    return client.get("/readyz").status_code


def ready_while_silent(client: FlaskClient, folder: Path) -> int:
    """Return the status of ``/readyz`` when what is read has been silent for two seconds."""
    publish(Settings.from_environment(os.environ))
    until(lambda: client.get("/readyz").status_code == 200, "the published store")
    (folder / "published").rename(folder / "away")
    engine = parts_of(client.application).engine
    until(lambda: engine.supply().silent_seconds > 2, "two seconds of silence")
    return client.get("/readyz").status_code


def beginning(sentence: str) -> str:
    """Return a sentence up to its first colon."""
    return sentence.strip().partition(":")[0]


#: What an address that asks for it is answered, whatever the setting.
SPANISH = ("es", "Esta página necesita JavaScript")


@dataclass(frozen=True)
class Effect:
    """``see`` returns ``default`` without the setting, and ``seen`` where its value is ``text``.

    ``beside`` are variables that are set in both cases. Where they are refused without the setting,
    ``default`` is the sentence up to its colon.
    """

    text: str
    see: See
    default: Any
    seen: Any
    beside: Mapping[str, str] = field(default_factory=dict)


HERE = "/the/folder/of/the/test"
PUBLISHED = {
    "CONSUMO_STORE_URL": f"file://{HERE}/published",
    "CONSUMO_WORK_URL": "duckdb:///work.duckdb",
}
ON_A_SERVER = {**PUBLISHED, "CONSUMO_STORE_URL": "postgresql+psycopg://127.0.0.1:9/nothing"}
EFFECTS: dict[str, Effect] = {
    "store_url": Effect(
        "duckdb:///other/a.duckdb", stores, ["var/consumo.duckdb"], ["other/a.duckdb"]
    ),
    "work_url": Effect(
        "duckdb:///other/work.duckdb",
        stores,
        "CONSUMO_STORE_URL names a published store",
        ["other/work.duckdb"],
        without(PUBLISHED, "work_url"),
    ),
    "store_password_file": Effect(
        "no-such-file",
        is_ready,
        503,
        "CONSUMO_STORE_PASSWORD_FILE names a file that cannot be read",
        ON_A_SERVER,
    ),
    "publish_seconds": Effect("7.5", pause_of_the_writer, 5.0, 7.5, PUBLISHED),
    "local_folder": Effect(
        "elsewhere",
        audit_files,
        ["var/reader/reader.audit.jsonl"],
        ["elsewhere/reader.audit.jsonl"],
        {**PUBLISHED, **TOKENS},
    ),
    "stale_seconds": Effect("1", ready_while_silent, 200, 503, PUBLISHED),
    "time_zone": Effect("UTC", day_of_the_message, ["2025-10-16"], ["2025-10-17"]),
    "language": Effect(
        "en",
        languages,
        ["pt-BR", "Esta página precisa de JavaScript", "Limpar filtros", "Não", *SPANISH],
        ["en", "This page needs JavaScript", "Clear filters", "There", *SPANISH],
    ),
    "cache_url": Effect(f"redis://127.0.0.1:{free_port()}", cache_answers, True, False),
    "cache_megabytes": Effect("1", two_megabytes_are_kept, True, False),
    "memory_limit": Effect("512mb", of_the_engine("memory_limit"), "1.8 GiB", "488.2 MiB"),
    "threads": Effect("1", of_the_engine("threads"), os.cpu_count(), 1),
    # Nobody waits here for the default limit to pass: tests/unit has its value.
    "query_seconds": Effect("0.2", when_a_question_is_stopped, None, "over 0.2 s"),
    "web_threads": Effect("2", downloads_at_once, 4, 1),
    "auth": Effect(
        "token",
        status_with(dict),
        "CONSUMO_AUTH is none, so nobody would need a token",
        401,
        without(TOKENS, "auth"),
    ),
    "token_secret": Effect(
        SECRET,
        status_with(signed),
        "CONSUMO_AUTH=token needs a key",
        200,
        without(TOKENS, "token_secret"),
    ),
    "token_secret_before": Effect(
        OLD_SECRET, status_with(lambda: signed(OLD_SECRET)), 401, 200, TOKENS
    ),
    "token_public_keys": Effect(
        "keys.pem",
        status_with(lambda: signed(private_pem(ed_key()), "EdDSA")),
        401,
        200,
        TOKENS,
    ),
    "token_issuer": Effect(
        ISSUER,
        status_with(lambda: signed(iss=f"{ISSUER}/")),
        "tokens need CONSUMO_TOKEN_ISSUER and CONSUMO_TOKEN_AUDIENCE",
        401,
        without(TOKENS, "token_issuer"),
    ),
    "token_audience": Effect(
        AUDIENCE,
        status_with(lambda: signed(aud="another page")),
        "tokens need CONSUMO_TOKEN_ISSUER and CONSUMO_TOKEN_AUDIENCE",
        401,
        without(TOKENS, "token_audience"),
    ),
    "proxy_header": Effect(
        "X-Forwarded-User",
        answers_by_address,
        "CONSUMO_AUTH=proxy needs CONSUMO_PROXY_HEADER and CONSUMO_PROXY_ADDRESSES",
        [200, 401],
        without(PROXY, "proxy_header"),
    ),
    "proxy_addresses": Effect(
        "10.0.0.0/8",
        answers_by_address,
        "CONSUMO_AUTH=proxy needs CONSUMO_PROXY_HEADER and CONSUMO_PROXY_ADDRESSES",
        [401, 200],
        without(PROXY, "proxy_addresses"),
    ),
    "capabilities": Effect(
        "reveal_phone",
        phone_and_text,
        ["+55 11 *****-4471", "Bom dia"],
        ["+5511988884471", None],
    ),
    "allow_unprotected": Effect(
        "yes",
        why_it_serves_nobody_else,
        "on 0.0.0.0 other machines could see the page without signing in",
        "0.0.0.0",
    ),
    "metrics_token": Effect("sixteen-signs-01", answers_of_metrics, [200, 200], [401, 200]),
    "exports_per_minute": Effect(
        LIMITED, answers_in_a_row("/export/cases.csv"), [200] * 3, [200, 200, 429], TOKENS
    ),
    "reveals_per_minute": Effect(
        LIMITED, answers_in_a_row("/api/v1/panels/details"), [200] * 3, [200, 200, 429], TOKENS
    ),
    "case_url": Effect(
        "https://portal.test/cases/{case_id}", kind_of_case_number, "input", "markdown"
    ),
    "reply_target_minutes": Effect("30", share_within_target, 0.0, 1.0),
    "breadcrumb": Effect("Analytics=https://portal.test/reports > Here", steps, False, True),
    "refresh_seconds": Effect("60", milliseconds_between_questions, 2_000, 60_000),
    "ask_ahead": Effect("false", is_answered_ahead, [True, True], [False, False]),
    "frame_ancestors": Effect(
        "https://portal.test http://localhost:*",
        who_may_frame,
        ["'self'"],
        ["https://portal.test http://localhost:*"],
    ),
    "hosts": Effect("dash.example", answers_by_host, [200, 200], [200, 400]),
    "webhook_app_secret": Effect(
        APP_SECRET,
        answer_to_an_event,
        "webhooks need both CONSUMO_WEBHOOK_APP_SECRET and CONSUMO_WEBHOOK_VERIFY_TOKEN",
        200,
        without(WEBHOOKS, "webhook_app_secret"),
    ),
    "webhook_verify_token": Effect(
        VERIFY_TOKEN,
        answer_to_meta,
        "webhooks need both CONSUMO_WEBHOOK_APP_SECRET and CONSUMO_WEBHOOK_VERIFY_TOKEN",
        "1158",
        without(WEBHOOKS, "webhook_verify_token"),
    ),
    "webhook_account": Effect("sul", account_of_an_event, "default", "sul", WEBHOOKS),
    "webhook_forward_url": Effect(
        "http://127.0.0.1:9/webhooks", bytes_to_forward, None, True, WEBHOOKS
    ),
}


@contextmanager
def app_of(folder: Path, variables: Mapping[str, str]) -> Iterator[FlaskClient]:
    """Make a store of one message and an app with these environment variables only.

    Raises ``SettingError`` for variables that are refused.
    """
    settings = Settings.from_environment(variables)
    (folder / "keys.pem").write_bytes(pem(ed_key()))
    cases, messages = (
        write_csv(folder / "cases.csv", CASES),
        write_csv(folder / "messages.csv", MESSAGES),
    )
    orders = ["import", "--cases", str(cases), "--messages", str(messages)]
    done = CliRunner().invoke(cli, orders, env=variables)
    if done.exit_code == EXIT_UNUSABLE:
        raise SettingError(done.stderr.splitlines()[-1])
    assert done.exit_code == 0, done.output
    server = create_app(settings)
    with closing(parts_of(server)):
        yield server.test_client()


def seen_with(effect: Effect, folder: Path, variables: Mapping[str, str]) -> Any:
    """Return what ``effect.see`` sees; where ``variables`` are refused, the sentence."""
    try:
        with app_of(folder, variables) as client:
            return effect.see(client, folder)
    except SettingError as refused:
        return beginning(str(refused))


@pytest.mark.parametrize("name", EFFECTS)
def test_the_effect_of_a_setting_is_seen(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    effect = EFFECTS[name]
    given = {f"CONSUMO_{name.upper()}": effect.text}
    for folder, variables, expected in (
        (tmp_path / "default", effect.beside, effect.default),
        (tmp_path / "given", {**effect.beside, **given}, effect.seen),
    ):
        if expected is None and name == "query_seconds":
            continue
        folder.mkdir()
        monkeypatch.chdir(folder)  # the store's address is relative to it
        placed = {key: text.replace(HERE, str(folder)) for key, text in variables.items()}
        for key, text in placed.items():
            monkeypatch.setenv(key, text)
        assert seen_with(effect, folder, placed) == expected, variables


# --- what commands say of settings --------------------------------------------------------------

COMMANDS = (
    ["import", "--cases", "c.csv"],
    ["demo"],
    ["backup", "copy"],
    ["compact"],
    ["serve"],
    ["try"],
    ["token", "--sub", "ana"],
    ["scope", "--token", "-"],
    ["erase", "--person", "Ana"],
    ["purge", "--before", "2025-01-01"],
    ["import-webhooks", "payloads.json"],
    ["sync", "chatwoot", "--url", "postgresql+psycopg:///chatwoot"],
    ["check"],
    ["writer"],
    ["rates", "import", "prices.toml"],
)
#: They use no store, and read no settings.
WITHOUT_SETTINGS = {"example", "profile"}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_each_command_warns_of_an_unknown_variable(
    here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    """A second, invalid variable ends each command before it does anything."""
    monkeypatch.setenv("CONSUMO_CAPABILITY", "1")
    monkeypatch.setenv("CONSUMO_MEMORY_LIMIT", "lots")
    done = here(*command, store=tmp_path / "store.duckdb")
    assert done.exit_code == 2
    assert done.stderr == (
        "Warning: CONSUMO_CAPABILITY is not a setting and changes nothing: "
        "did you mean CONSUMO_CAPABILITIES?\n"
        "CONSUMO_MEMORY_LIMIT takes a size of at least 64MB, as 512MB or 2GB, not 'lots'\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_the_list_of_commands_is_complete() -> None:
    assert {command[0] for command in COMMANDS} | WITHOUT_SETTINGS == set(cli.commands)


def test_an_error_of_a_setting_shows_no_password(
    here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONSUMO_CACHE_URL", "redis://:geheim@localhost:99999")
    done = here("compact", store=tmp_path / "store.duckdb")
    assert done.exit_code == 2
    assert done.stderr == (
        "CONSUMO_CACHE_URL takes memory:// or a Redis address, as redis://localhost:6379/0\n"
    )
