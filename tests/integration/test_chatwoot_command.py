"""``sync chatwoot`` as people and services run it: rights, limits, sentences, going on, ending."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from sources.chatwoot.portal import Portal, PortalError, PortalUnreachable
from sources.chatwoot.sync import CHATWOOT
from sources.source_link import SourceLink
from tests.chatwoot import (
    READER,
    SECRETS,
    Chatwoot,
    documented_sql,
    insert_awkward,
    new_chatwoot,
)
from tests.integration.conftest import (
    PATIENCE_SECONDS,
    ROOT,
    Here,
    environment,
    owner_of,
    running_server,
    until,
)
from tests.services import PostgreSQLServer

pytestmark = pytest.mark.integration


@pytest.fixture
def chatwoot(postgresql: PostgreSQLServer, request: pytest.FixtureRequest) -> Iterator[Chatwoot]:
    name = "".join(filter(str.isalnum, request.node.name.lower()))[-60:]
    with new_chatwoot(postgresql, name) as made:
        yield made


def noted(store: Path) -> dict[str, Any]:
    """Return what the sync has noted of itself in the store."""
    state = SourceLink(owner_of(store), CHATWOOT, CHATWOOT).noted()
    found: dict[str, Any] = json.loads(state or "{}")
    return found


# --- rights and limits ----------------------------------------------------------------------------


def test_the_documented_user_can_only_read(chatwoot: Chatwoot) -> None:
    with psycopg.connect(chatwoot.address.replace("+psycopg", ""), autocommit=True) as reader:
        for statement in (
            "delete from messages",
            "update conversations set status = 1",
            "insert into teams (name) values ('x')",
            "create table public.mine (id int)",
            "select email from contacts",
            "select provider_config from channel_whatsapp",
            "select auth_token from channel_twilio_sms",
            "select email from users",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute(statement.encode())


def test_a_session_reads_only_and_has_limits(chatwoot: Chatwoot) -> None:
    """Even a user with all rights writes nothing in it."""
    portal = Portal(chatwoot.owner_url, timedelta(seconds=7))
    names = ("transaction_read_only", "statement_timeout", "lock_timeout", "application_name")
    with portal.session() as connection:
        found = {
            name: connection.execute(text("select current_setting(:name)"), {"name": name}).scalar()
            for name in names
        }
    assert found == dict(zip(names, ("on", "7s", "2s", "consumo-whatsapp"), strict=True))
    with (
        pytest.raises(PortalError, match="SQLSTATE 25006"),
        portal.session() as connection,
    ):
        connection.execute(text("delete from teams"))


def test_a_statement_over_its_limit_is_cancelled(chatwoot: Chatwoot) -> None:
    with (
        pytest.raises(PortalUnreachable, match="longer than --statement-timeout"),
        Portal(chatwoot.address, timedelta(seconds=1)).session() as connection,
    ):
        connection.execute(text("select pg_sleep(30)"))


def test_without_indexes_it_says_which_are_missing(
    chatwoot: Chatwoot, here: Here, store: Path
) -> None:
    insert_awkward(chatwoot)
    hint = "Without an index on updated_at of"
    command = ("sync", "chatwoot", "--url", chatwoot.address, "--again")
    assert f"{hint} messages, conversations, contacts" in here(*command, store=store).output
    *most, last = documented_sql("create index")
    for statement in most:
        chatwoot.execute(statement)
    assert f"{hint} contacts each" in here(*command, store=store).output
    chatwoot.execute(last)
    assert hint not in here(*command, store=store).output


# --- sentences ------------------------------------------------------------------------------------


def test_each_failure_is_one_sentence_without_the_address(
    chatwoot: Chatwoot, here: Here, store: Path
) -> None:
    address = chatwoot.address
    insert_awkward(chatwoot)

    def said(url: str, *arguments: str) -> str:
        done = here("sync", "chatwoot", "--url", url, *arguments, store=store)
        assert done.exit_code == 2, done.output
        sentence = done.stderr.splitlines()[-1]
        assert not any(
            secret in done.output
            for secret in ("127.0.0.1", "localhost", READER, "choose", "Traceback")
        )
        return sentence

    database = address.rpartition("/")[2]
    assert "refuses the user or the password" in said(address.replace("choose", "wrong"))
    assert "no database of this name" in said(address.replace(database, "nowhere"))
    assert "cannot be reached" in said("postgresql://consumo_reader@localhost:1/x")
    assert "begins with postgresql+psycopg://" in said("mysql://consumo_reader@localhost/x")
    assert "takes an address" in said("127.0.0.1")
    assert "has no account 999" in said(address, "--account", "999")
    assert "no inbox 'Nenhuma'" in said(address, "--api-channel-is-whatsapp", "Nenhuma")
    chatwoot.execute("alter table conversations rename cached_label_list to labels")
    assert "has no conversations.cached_label_list" in said(address)
    chatwoot.execute("alter table conversations rename labels to cached_label_list")
    chatwoot.execute(f"revoke select (id) on messages from {READER}")
    assert "may not read messages" in said(address)
    chatwoot.execute("drop table accounts")
    assert "has no accounts: is it Chatwoot's" in said(address)


def test_durations_are_checked(here: Here, store: Path) -> None:
    for wrong in ("2", "0s", "two seconds", "-1s"):
        done = here("sync", "chatwoot", "--url", "x", "--every", wrong, store=store)
        assert done.exit_code == 2
        assert "a duration as 2s" in done.stderr


# --- going on -------------------------------------------------------------------------------------


@dataclass
class Syncing:
    """A sync that runs for ever; ``output`` is the file with all that it prints."""

    process: subprocess.Popen[bytes]
    output: Path

    def has_said(self, words: str) -> bool:
        return words in self.output.read_text()

    def end(self, number: int) -> int:
        """End it by a signal, and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=PATIENCE_SECONDS)


@contextmanager
def running_sync(chatwoot: Chatwoot, store: Path) -> Iterator[Syncing]:
    command = ("sync", "chatwoot", "--url", chatwoot.address, "--every", "1s")
    output = store.with_name("sync.txt")
    with output.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "app", *command],
            cwd=ROOT,
            env=environment(store),
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Syncing(process, output)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def test_beside_a_server_what_is_committed_comes_to_the_page(
    chatwoot: Chatwoot, store: Path
) -> None:
    """Then the user may not sign in for a while; then a signal ends the sync."""
    rare = insert_awkward(chatwoot)
    store.parent.mkdir()
    with running_server(store) as server, running_sync(chatwoot, store) as sync:

        def total() -> int:
            found: int = server.panel("details", page_size=1)["total"]
            return found

        shown = until(total, "the full copy")

        def add() -> int:
            rare.message(1, rare.cloud, content=SECRETS[0], private=True)
            rare.message(1, rare.cloud, created_at=moment(chatwoot), updated_at=moment(chatwoot))
            return shown + 1

        shown = add()
        until(lambda: total() == shown, "the first new message")
        chatwoot.execute(f"alter role {READER} nologin")
        try:
            until(lambda: sync.has_said("refuses the user"), "the refusal")
            shown = add()
        finally:
            chatwoot.execute(f"alter role {READER} login")
        until(lambda: total() == shown, "the message after the refusal")
        assert sync.end(signal.SIGTERM) == 0
        assert sync.has_said("Stopped; the next sync goes on from here.")
        assert not sync.has_said("Traceback")
    state = noted(store)
    assert state["fault"] is None
    assert state["synced_until"] > "2026"
    assert state["rows"] >= shown


def moment(chatwoot: Chatwoot) -> object:
    row = chatwoot.connection.execute("select clock_timestamp() at time zone 'UTC'").fetchone()
    assert row
    return row[0]


@pytest.mark.usefixtures("interruptible")
def test_a_fault_is_noted_for_those_who_look_at_the_store(
    chatwoot: Chatwoot, here: Here, store: Path
) -> None:
    insert_awkward(chatwoot)
    assert here("sync", "chatwoot", "--url", chatwoot.address, store=store).exit_code == 0
    before = noted(store)
    chatwoot.execute(f"alter role {READER} nologin")
    try:
        with running_sync(chatwoot, store) as sync:
            until(lambda: sync.has_said("trying again"), "the refusal")
            until(lambda: noted(store)["fault"], "the note of it")
            assert sync.end(signal.SIGINT) == 0
    finally:
        chatwoot.execute(f"alter role {READER} login")
    state = noted(store)
    assert state["fault"] == "the portal's database refuses the user or the password"
    assert state["synced_until"] == before["synced_until"]
    assert here("sync", "chatwoot", "--url", chatwoot.address, store=store).exit_code == 0
    assert noted(store)["fault"] is None
    assert noted(store)["reconciled_until"]
