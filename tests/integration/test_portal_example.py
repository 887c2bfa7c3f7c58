"""The portal of examples/portal: its command, its pages, and the tokens that it signs."""

import re
import shlex
import subprocess
import sys
import time
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from flask.testing import FlaskClient

from app.access.token_keys import TokenKeys
from app.access.tokens import TokenVerifier
from app.cli import cli
from app.settings import Settings
from examples.portal.pages import create_portal
from examples.portal.tokens import CONTEXTS, USERS, Signer
from sources.demo_operation import CHANNELS, TEAMS
from tests.integration.conftest import ROOT, environment, until

pytestmark = pytest.mark.integration

DASHBOARD = "https://dash.test"
SIGNER = Signer("a key of these tests, of 32 bytes", "https://portal.test", "consumo-whatsapp")


@pytest.fixture
def client() -> FlaskClient:
    return create_portal(DASHBOARD, SIGNER).test_client()


def sign_in(client: FlaskClient, user: str) -> None:
    assert client.post("/sign-in", data={"user": user}).status_code == 303


def test_users_and_contexts_are_of_the_demonstration_data() -> None:
    assert {team for user in USERS.values() for team in user.teams} <= set(TEAMS)
    assert {channel for channels in CONTEXTS.values() for channel in channels} <= set(CHANNELS)


@pytest.mark.parametrize("context", [None, *CONTEXTS])
@pytest.mark.parametrize("user", USERS)
def test_a_token_says_what_its_user_may_see(
    client: FlaskClient, user: str, context: str | None
) -> None:
    sign_in(client, user)
    answer = client.get("/consumo-token", query_string={"context": context} if context else {})
    assert answer.headers["Cache-Control"] == "no-store"
    keys = TokenKeys.of(SIGNER.secret, None, None)
    identity = TokenVerifier(keys, SIGNER.issuer, SIGNER.audience, time.time).identity(
        answer.get_json()["token"]
    )
    expected = USERS[user]
    assert (identity.subject, identity.name) == (expected.id, expected.name)
    assert identity.scope.channels == (CONTEXTS[context] if context else None)
    assert identity.scope.teams == (None if user == "bruno" else expected.teams)
    assert identity.scope.see_phones == identity.scope.see_texts == (user == "bruno")


@pytest.mark.parametrize("path", ["/consumo-token", "/consumo-token?context=sales", "/two"])
def test_nobody_else_gets_a_token_or_a_page(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 401
    sign_in(client, "ana")
    assert client.get(path).status_code == 200
    client.post("/sign-out")
    assert client.get(path).status_code == 401


def test_what_the_portal_does_not_know_is_refused(client: FlaskClient) -> None:
    assert client.post("/sign-in", data={"user": "eve"}).status_code == 400
    sign_in(client, "ana")
    assert client.get("/consumo-token?context=other").status_code == 403


def test_pages_let_in_the_dashboard_and_nothing_else(client: FlaskClient) -> None:
    sign_in(client, "ana")
    for path in ("/", "/two", "/cases/1"):
        policy = client.get(path).headers["Content-Security-Policy"].split("; ")
        assert f"frame-src {DASHBOARD}" in policy
        assert f"script-src 'self' {DASHBOARD}" in policy
        assert not re.search(r"unsafe|\*", " ".join(policy))


def test_a_view_is_shown_as_text(client: FlaskClient) -> None:
    sign_in(client, "ana")
    page = client.get("/", query_string={"view": 'channel="><script>'}).get_data(as_text=True)
    assert "<script>" not in page.replace("<script src", "")


def test_the_command_prints_settings_with_which_the_dashboard_starts() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "examples.portal", "--port", "0", "--dashboard-port", "8099"],
        cwd=ROOT,
        env=environment(ROOT / "none.duckdb"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout
        origin = re.search(r"http://localhost:\d+", process.stdout.readline())
        assert origin
        words = shlex.split(process.stdout.readline() + process.stdout.readline())
        given = dict(word.split("=", 1) for word in words if word.startswith("CONSUMO_"))
        settings = Settings.from_environment(given)
        assert (settings.auth, settings.token_issuer) == ("token", origin[0])
        assert settings.frame_ancestors == origin[0]
        program, command, *options = words[len(given) :]
        assert program == ".venv/bin/consumo-whatsapp"
        assert cli.commands[command].make_context(command, options).params["port"] == 8099
        port = urlsplit(origin[0]).port
        with urlopen(f"http://127.0.0.1:{port}/") as answer:
            assert b"Sign in as Ana Lima" in answer.read()
    finally:
        process.terminate()
        process.wait()
        if process.stdout:
            process.stdout.close()
    until(lambda: process.poll() is not None, "the portal ends")
