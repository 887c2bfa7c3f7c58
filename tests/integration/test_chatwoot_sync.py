"""``sync chatwoot`` keeps the store equal to an independent reading of Chatwoot's tables."""

import json
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from sources.chatwoot.options import ChatwootOptions
from sources.chatwoot.portal import Portal
from sources.chatwoot.sync import CHATWOOT, ChatwootSync, Pace
from sources.inbox import Inbox
from sources.source_link import SourceLink
from tests.chatwoot import (
    SECRETS,
    Awkward,
    Chatwoot,
    fill_from,
    insert_awkward,
    new_chatwoot,
)
from tests.integration.conftest import Forker, Here, owner_of
from tests.oracle import chatwoot as oracle
from tests.oracle.oracle import RANK
from tests.services import PostgreSQLServer

pytestmark = pytest.mark.integration

Row = dict[str, Any]
Rows = dict[tuple[str, str], Row]
OPTIONS = ChatwootOptions(case_type_attribute="tipo", api_inboxes=("Evolution",))
ARGUMENTS = ("--case-type-attribute", "tipo", "--api-channel-is-whatsapp", "Evolution")
#: Columns of messages in which an empty value keeps what is stored.
KEPT = (
    "template_name",
    "template_category",
    "business_number",
    "phone",
    "body",
    "agent",
    "error_code",
    "error_title",
    "country",
    "bsuid",
    "whatsapp_id",
)


@pytest.fixture
def chatwoot(postgresql: PostgreSQLServer, request: pytest.FixtureRequest) -> Iterator[Chatwoot]:
    name = "".join(filter(str.isalnum, request.node.name.lower()))[-60:]
    with new_chatwoot(postgresql, name) as made:
        yield made


def syncing(chatwoot: Chatwoot, store: Path, pace: Pace, **options: Any) -> ChatwootSync:
    """Return a sync, as the command makes it, that tells nobody."""
    link = SourceLink(owner_of(store), CHATWOOT, CHATWOOT)
    portal = Portal(chatwoot.address, timedelta(seconds=30))
    return ChatwootSync(portal, ChatwootOptions(**options) if options else OPTIONS, link, pace)


#: Ids are compared in every round.
ALWAYS = Pace(reconcile_every=timedelta(0))
#: Ids are compared in the first round only.
ONCE = Pace(reconcile_every=timedelta(days=1))


def stored(store: Path) -> tuple[Rows, Rows]:
    """Return the cases and messages in the store, by account and id, as the contract has them."""
    with duckdb.connect(str(store), read_only=True) as connection:
        cases = connection.sql(
            """select c.account, case_id, case_number, person_name, channel, case_type, team,
                opened_at, closed_at, csat_rating from cases c join people using (person_id)"""
        )
        messages = connection.sql(
            f"""select m.account, message_id, case_id, direction, kind, sent_at, is_bot, is_survey,
                case when direction = 'out' then status end as status, {", ".join(KEPT)}
            from messages m join cases using (case_key)"""
        )
        return _by_id(cases, "case_id"), _by_id(messages, "message_id")


def _by_id(relation: duckdb.DuckDBPyRelation, key: str) -> Rows:
    rows = [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
    return {(row["account"], row[key]): row for row in rows}


def expected(chatwoot: Chatwoot, options: ChatwootOptions = OPTIONS) -> tuple[Rows, Rows]:
    cases, messages = oracle.expected(
        chatwoot.rows(),
        accounts=options.accounts,
        case_type_attribute=options.case_type_attribute,
        api_inboxes=options.api_inboxes,
    )
    return (
        {(row["account"], row["case_id"]): row for row in cases},
        {(row["account"], row["message_id"]): row for row in messages},
    )


def updated(before: Rows, now: Rows) -> Rows:
    """Return the messages of ``now``, with what the store keeps of those that it had before."""
    found = {}
    for key, row in now.items():
        old = before.get(key, row)
        kept = {name: old[name] if row[name] is None else row[name] for name in KEPT}
        best = max(row["status"], old["status"], key=lambda s: RANK.index(s or "unknown"))
        found[key] = {
            **row,
            **kept,
            "status": best,
            "kind": "hsm" if "hsm" in (row["kind"], old["kind"]) else "session",
            "is_bot": row["is_bot"] or old["is_bot"],
            "is_survey": row["is_survey"] or old["is_survey"],
        }
    return found


def check(store: Path, cases: Rows, messages: Rows) -> None:
    """Fail with the first values that differ from ``cases`` and ``messages``."""
    for found, wanted in zip(stored(store), (cases, messages), strict=True):
        differing = [
            (key, name, row.get(name), wanted[key].get(name))
            for key, row in found.items()
            if key in wanted
            for name in wanted[key]
            if row.get(name) != wanted[key].get(name)
        ]
        assert not differing, differing[:5]
        assert found.keys() == wanted.keys()


def loads(store: Path) -> int:
    with duckdb.connect(str(store), read_only=True) as connection:
        row = connection.execute("select max(load_id) from loads").fetchone()
        assert row
        return int(row[0])


# --- equality -------------------------------------------------------------------------------------


def test_the_command_copies_every_row(
    chatwoot: Chatwoot, customer_care: Path, here: Here, store: Path
) -> None:
    fill_from(chatwoot, customer_care)
    insert_awkward(chatwoot)
    done = here("sync", "chatwoot", "--url", chatwoot.address, *ARGUMENTS, store=store)
    assert done.exit_code == 0, done.output
    assert "0 rows rejected" in done.output
    check(store, *expected(chatwoot))
    cases, messages = stored(store)
    assert len(cases) > 1_000
    assert len(messages) > 2_000
    texts = {text for row in messages.values() for text in row.values() if isinstance(text, str)}
    assert not texts.intersection(SECRETS)


def test_an_increment_without_anything_new_loads_nothing(
    chatwoot: Chatwoot, here: Here, store: Path
) -> None:
    rare = insert_awkward(chatwoot)
    sync = syncing(chatwoot, store, ONCE)
    sync.run()
    before = loads(store)
    sync.run()
    done = here("sync", "chatwoot", "--url", chatwoot.address, *ARGUMENTS, store=store)
    assert done.exit_code == 0, done.output
    assert loads(store) == before
    rare.message(1, rare.cloud, content="nova", updated_at=now(chatwoot))
    sync.run()
    assert loads(store) == before + 1
    check(store, *expected(chatwoot))


def test_a_small_batch_copies_the_same(
    chatwoot: Chatwoot, customer_care: Path, store: Path
) -> None:
    """One conversation of these has more messages than a batch."""
    fill_from(chatwoot, customer_care)
    sync = syncing(chatwoot, store, Pace(batch_rows=200))
    chatwoot.execute("delete from messages where conversation_id > 300")
    chatwoot.execute(
        "update messages set conversation_id = 7 where conversation_id between 7 and 120"
    )
    sync.run()
    check(store, *expected(chatwoot))


def test_only_the_accounts_that_are_named(chatwoot: Chatwoot, store: Path) -> None:
    rare = insert_awkward(chatwoot)
    options = {"accounts": (rare.other,)}
    syncing(chatwoot, store, ONCE, **options).run()
    check(store, *expected(chatwoot, ChatwootOptions(**options)))
    # With other options all is copied anew, whatever was copied before.
    syncing(chatwoot, store, ONCE).run()
    check(store, *expected(chatwoot))


# --- changes --------------------------------------------------------------------------------------


def now(chatwoot: Chatwoot) -> datetime:
    """Return the present time as the portal's database has it."""
    row = chatwoot.connection.execute("select clock_timestamp() at time zone 'UTC'").fetchone()
    assert row
    moment: datetime = row[0]
    return moment


class Changes:
    """Changes a Chatwoot at random, each time as its application would."""

    def __init__(self, chatwoot: Chatwoot, rng: random.Random) -> None:
        self._chatwoot = chatwoot
        self._rng = rng
        self._rare = insert_awkward(chatwoot)

    def make(self, count: int) -> None:
        """Make so many changes, of random kinds to random rows."""
        for _ in range(count):
            self._rng.choice(self._kinds())()

    def _kinds(self) -> list[Callable[[], None]]:
        return [
            self._new_conversation,
            self._new_message,
            self._new_note,
            *(lambda change=change: self._change_message(change) for change in MESSAGE_CHANGES),
            *(lambda change=change: self._change_case(change) for change in CASE_CHANGES),
            *(lambda change=change: self._change_contact(change) for change in CONTACT_CHANGES),
            self._rate,
        ]

    def _any(self, table: str, where: str = "true") -> int:
        rows = self._chatwoot.connection.execute(
            f"select id from {table} where {where} order by id".encode()
        ).fetchall()
        return int(self._rng.choice(rows)[0])

    def _conversation(self) -> int:
        return self._any("conversations", f"inbox_id = {self._rare.cloud}")

    def _new_conversation(self) -> None:
        contact, ids = self._rare.contact(
            self._rare.cloud, "5511900001111", updated_at=now(self._chatwoot)
        )
        moment = now(self._chatwoot)
        conversation = self._rare.conversation(
            self._rare.cloud,
            contact_id=contact,
            contact_inbox_id=ids[0],
            created_at=moment,
            updated_at=moment,
        )
        self._rare.message(conversation, self._rare.cloud, created_at=moment, updated_at=moment)

    def _new_message(self) -> None:
        moment = now(self._chatwoot)
        self._rare.message(
            self._conversation(),
            self._rare.cloud,
            message_type=self._rng.choice([0, 1, 3]),
            source_id=self._rng.choice([None, "wamid.n"]),
            created_at=moment,
            updated_at=moment,
        )

    def _new_note(self) -> None:
        moment = now(self._chatwoot)
        self._rare.message(
            self._conversation(), self._rare.cloud, private=True, content=SECRETS[0],
            created_at=moment, updated_at=moment,
        )  # fmt: skip

    def _change_message(self, change: str) -> None:
        id_ = self._any("messages", f"inbox_id = {self._rare.cloud}")
        number = self._rng.randrange(5)
        self._chatwoot.execute(
            f"update messages set {change}, updated_at = %s where id = %s",
            *[number] * change.count("%s"),
            now(self._chatwoot),
            id_,
        )

    def _change_case(self, change: str) -> None:
        id_ = self._conversation()
        self._chatwoot.execute(
            f"update conversations set {change}, updated_at = %s where id = %s",
            *[self._rng.randrange(4)] * change.count("%s"),
            now(self._chatwoot),
            id_,
        )
        if change.startswith("status"):
            self._chatwoot.insert(
                "reporting_events",
                name="conversation_resolved",
                account_id=self._rare.account,
                conversation_id=id_,
                created_at=now(self._chatwoot),
            )

    def _change_contact(self, change: str) -> None:
        self._chatwoot.execute(
            f"update contacts set {change}, updated_at = %s where id = %s",
            *[str(self._rng.randrange(9))] * change.count("%s"),
            now(self._chatwoot),
            self._any("contacts"),
        )

    def _rate(self) -> None:
        asked = self._any("messages", f"inbox_id = {self._rare.cloud} and message_type = 3")
        row = self._chatwoot.connection.execute(
            "select conversation_id from messages where id = %s", [asked]
        ).fetchone()
        assert row
        moment = now(self._chatwoot)
        self._chatwoot.insert(
            "csat_survey_responses",
            account_id=self._rare.account,
            conversation_id=row[0],
            message_id=asked,
            rating=self._rng.randint(1, 5),
            created_at=moment,
        )
        self._chatwoot.execute("update messages set updated_at = %s where id = %s", moment, asked)


MESSAGE_CHANGES = (
    "status = %s",
    "source_id = 'wamid.later'",
    "content = 'editada'",
    """content_attributes = '{"external_error": "131047: Re-engagement"}', status = 3""",
    """content_attributes = '{"deleted": true}', content = 'apagada'""",
)
CASE_CHANGES = (
    "status = %s",
    "team_id = null",
    "cached_label_list = 'novo rótulo'",
    """custom_attributes = '{"tipo": "Troca"}'""",
    "contact_id = 1 + %s",  # as when contacts are merged
)
CONTACT_CHANGES = ("name = 'Nome ' || %s", "phone_number = '+551190000000' || %s")


@pytest.mark.parametrize("seed", [1, 2])
def test_random_changes(chatwoot: Chatwoot, store: Path, seed: int) -> None:
    """After each round the store is what the tables are; a status never goes back."""
    changes = Changes(chatwoot, random.Random(seed))
    sync = syncing(chatwoot, store, ONCE)
    sync.run()
    known: Rows = expected(chatwoot)[1]
    for round_ in range(6):
        changes.make(15)
        sync.run()
        cases, messages = expected(chatwoot)
        known = updated(known, messages)
        check(store, cases, known)
        if round_ == 3:  # a new process knows nothing but what is in the store
            sync = syncing(chatwoot, store, ONCE)


# --- webhooks -------------------------------------------------------------------------------------


@pytest.mark.parametrize("webhooks_first", [True, False])
def test_a_message_that_webhooks_told_too_is_one_message(
    chatwoot: Chatwoot, store: Path, here: Here, webhooks_first: bool  # noqa: FBT001
) -> None:  # fmt: skip
    """Whichever comes first: case and agent are Chatwoot's, the greater status is WhatsApp's."""
    rare = Awkward(chatwoot)
    conversation = rare.conversation(rare.cloud)
    rare.message(conversation, rare.cloud, source_id="wamid.both", sender_type="User", sender_id=1)
    payload = store.with_name("payload.json")
    payload.parent.mkdir(parents=True, exist_ok=True)
    payload.write_text(json.dumps(told_status("wamid.both")))

    def webhooks() -> None:
        options = ("--account", str(rare.account))
        assert here("import-webhooks", payload, *options, store=store).exit_code == 0

    steps = [webhooks, syncing(chatwoot, store, ONCE, accounts=(rare.account,)).run]
    for step in steps if webhooks_first else reversed(steps):
        step()
    with duckdb.connect(str(store), read_only=True) as connection:
        rows = connection.execute(
            """select message_id, whatsapp_id, case_id, status, agent, pricing_category
            from messages join cases using (case_key)"""
        ).fetchall()
    expected_row = ("1", "wamid.both", str(conversation), "read", "Ana  Lúcia", "utility")
    assert rows == [expected_row]


def told_status(whatsapp_id: str) -> dict[str, object]:
    """Return a payload that says that a message was read."""
    status = {
        "id": whatsapp_id,
        "status": "read",
        "timestamp": "1795608000",
        "recipient_id": "5511988887777",
        "pricing": {"billable": True, "pricing_model": "PMP", "category": "utility"},
    }
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "551130000000", "phone_number_id": "1"},
        "statuses": [status],
    }
    entry = {"id": "2", "changes": [{"field": "messages", "value": value}]}
    return {"object": "whatsapp_business_account", "entry": [entry]}


# --- late commits ---------------------------------------------------------------------------------


@pytest.mark.parametrize("ends", ["commit", "rollback"])
def test_what_a_long_transaction_commits_late_is_not_missed(
    chatwoot: Chatwoot, store: Path, ends: str
) -> None:
    """Rows that were read meanwhile are newer, and there is no overlap."""
    rare = insert_awkward(chatwoot)
    sync = syncing(chatwoot, store, Pace(timedelta(0), reconcile_every=timedelta(days=1)))
    sync.run()
    changed = rare.message(1, rare.cloud, source_id="wamid.1", updated_at=now(chatwoot))
    sync.run()
    with psycopg.connect(chatwoot.owner_url) as late:
        moment = now(chatwoot)
        late.execute(
            """insert into messages (account_id, inbox_id, conversation_id, message_type, content,
                created_at, updated_at) values (%s, %s, 1, 0, 'tarde', %s, %s)""",
            [rare.account, rare.cloud, moment, moment],
        )
        late.execute(
            "update messages set status = 2, updated_at = %s where id = %s", [moment, changed]
        )
        for content in ("um", "dois", "três"):
            rare.message(1, rare.cloud, content=content, updated_at=now(chatwoot))
            sync.run()
            check(store, *expected(chatwoot))
        getattr(late, ends)()
    sync.run()
    check(store, *expected(chatwoot))


def test_the_comparison_fetches_what_came_later_than_any_overlap(
    chatwoot: Chatwoot, store: Path
) -> None:
    rare = insert_awkward(chatwoot)
    sync = syncing(chatwoot, store, ALWAYS)
    sync.run()
    old = now(chatwoot) - timedelta(hours=5)
    rare.message(1, rare.cloud, created_at=old, updated_at=old)
    rare.conversation(rare.cloud, created_at=old, updated_at=old)
    sync.run()
    check(store, *expected(chatwoot))
    assert sync.state.compared
    assert sync.state.compared.late_rows == 3  # with the case of the message


def test_what_was_erased_does_not_come_back(chatwoot: Chatwoot, here: Here, store: Path) -> None:
    insert_awkward(chatwoot)
    sync = syncing(chatwoot, store, ALWAYS)
    sync.run()
    before = len(stored(store)[1])
    assert here("erase", "--phone", "+5511955556666", store=store).exit_code == 0
    erased = len(stored(store)[1])
    assert erased < before
    sync.run()
    assert len(stored(store)[1]) == erased


# --- deletions ------------------------------------------------------------------------------------


def test_what_is_missing_twice_is_removed(
    chatwoot: Chatwoot, customer_care: Path, store: Path
) -> None:
    fill_from(chatwoot, customer_care)
    sync = syncing(chatwoot, store, ALWAYS)
    sync.run()
    whole = stored(store)
    chatwoot.execute("delete from messages where id in (5, 6, 2843) or conversation_id = 9")
    chatwoot.execute("delete from conversations where id = 9")
    sync.run()
    check(store, *whole)
    assert sync.state.compared
    assert sync.state.compared.missing_rows > 3
    assert sync.state.compared.removed_rows == 0
    sync.run()
    check(store, *expected(chatwoot))
    assert sync.state.compared.kept_rows == 0


def test_an_answer_that_is_taken_up_twice_counts_once(
    chatwoot: Chatwoot, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process is killed between the commit and the removal of the hand-in."""
    insert_awkward(chatwoot)
    sync = syncing(chatwoot, store, ALWAYS)
    sync.run()
    whole = stored(store)
    chatwoot.execute("delete from messages where id = 3")
    compare = SourceLink.compare

    def killed(*arguments: Any) -> Any:
        with monkeypatch.context() as patched:
            patched.setattr(Inbox, "settle", power_failure)
            return compare(*arguments)

    def power_failure(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(SourceLink, "compare", killed)
        with pytest.raises(KeyboardInterrupt):
            sync.run()
    assert len(Inbox(store).waiting()) == 1
    with duckdb.connect(str(store), read_only=True) as connection:
        assert connection.sql("from missing_rows").fetchall()
    owner = owner_of(store)
    owner.open()
    owner.take_in()
    owner.close()
    check(store, *whole)
    sync.run()
    check(store, *expected(chatwoot))


def test_a_row_that_comes_back_is_not_missing(chatwoot: Chatwoot, store: Path) -> None:
    """As when a replica lags: each second answer lacks the row."""
    insert_awkward(chatwoot)
    sync = syncing(chatwoot, store, ALWAYS)
    sync.run()
    for _ in range(3):
        chatwoot.execute("update messages set private = true where id = 3")
        sync.run()
        chatwoot.execute("update messages set private = false where id = 3")
        sync.run()
    messages = stored(store)[1]
    assert messages == expected(chatwoot)[1]


@pytest.mark.parametrize("kept", [0, 0.7])
def test_an_empty_or_partial_answer_deletes_nothing(
    chatwoot: Chatwoot, customer_care: Path, store: Path, kept: float
) -> None:
    fill_from(chatwoot, customer_care)
    sync = syncing(chatwoot, store, ALWAYS)
    sync.run()
    whole = stored(store)
    for table in ("messages", "conversations"):
        chatwoot.execute(f"delete from {table} where id > %s * (select max(id) from {table})", kept)
    for _ in range(4):
        sync.run()
    check(store, *whole)
    assert sync.state.compared
    assert bool(sync.state.compared.kept_rows) == bool(kept)
    told = Pace(reconcile_every=timedelta(0), most_removed=1)
    syncing(chatwoot, store, told).run()
    check(store, *(expected(chatwoot) if kept else whole))


# --- kills ----------------------------------------------------------------------------------------


def test_killed_at_any_moment_it_goes_on(
    chatwoot: Chatwoot, customer_care: Path, forker: Forker, here: Here, store: Path
) -> None:
    fill_from(chatwoot, customer_care)
    rng = random.Random(14)
    store.parent.mkdir()
    arguments = ("sync", "chatwoot", "--url", chatwoot.address, *ARGUMENTS)
    for kill in range(5):
        running = forker.start(*arguments, store=store)
        for _ in range(rng.randrange(16)):  # so many steps of it are told before the kill
            if not running.errors.readline():
                break
        running.kill()
        rare = insert_awkward(chatwoot) if kill == 2 else None
        if rare:
            for table in ("conversations", "messages"):
                chatwoot.execute(
                    f"update {table} set updated_at = %s where account_id > 1", now(chatwoot)
                )
    done = here(*arguments, store=store)
    assert done.exit_code == 0, done.output
    check(store, *expected(chatwoot))
