"""A Chatwoot for tests: its tables with the columns that are known, in a PostgreSQL of the tests.

``filled_from`` puts the conversations of import files there, as if they were Chatwoot's;
``insert_awkward`` adds what is rare in them. ``Chatwoot.rows`` gives all back, for
``tests.oracle.chatwoot``.
"""

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Json

from tests.services import ROOT, PostgreSQLServer

#: What the read-only user of the documented SQL is called, and its password there.
READER = "consumo_reader"
READER_PASSWORD = "choose a password"
DOCUMENT = ROOT / "docs" / "chatwoot.md"

SCHEMA = """
create table accounts (id bigserial primary key, name text not null);
create table users (id bigserial primary key, name text not null, email text);
create table teams (id bigserial primary key, name text not null);
create table inboxes (
    id bigserial primary key, account_id int not null, name text not null,
    channel_type text, channel_id int not null, timezone text default 'UTC');
create table channel_whatsapp (
    id bigserial primary key, phone_number text not null, provider_config jsonb default '{}');
create table channel_twilio_sms (
    id bigserial primary key, medium int default 0, phone_number text, auth_token text);
create table contacts (
    id bigserial primary key, account_id int not null, name text default '',
    phone_number text, email text, updated_at timestamp not null default now());
create table contact_inboxes (
    id bigserial primary key, contact_id bigint, inbox_id bigint, source_id text not null);
create table conversations (
    id bigserial primary key, account_id int not null, inbox_id int not null, contact_id bigint,
    contact_inbox_id bigint, display_id int not null, status int not null default 0, priority int,
    assignee_id int, team_id bigint, created_at timestamp not null,
    first_reply_created_at timestamp, last_activity_at timestamp, cached_label_list text,
    custom_attributes jsonb default '{}', updated_at timestamp not null);
create index on conversations (contact_id);
create table messages (
    id bigserial primary key, account_id int not null, inbox_id int not null,
    conversation_id int not null, message_type int not null, private boolean not null default false,
    status int default 0, content text, content_type int not null default 0,
    content_attributes json default '{}', additional_attributes jsonb default '{}',
    source_id text, sender_type text, sender_id bigint,
    created_at timestamp not null, updated_at timestamp not null);
create index on messages (conversation_id);
create table reporting_events (
    id bigserial primary key, name text, value float, account_id int, conversation_id int,
    user_id int, created_at timestamp not null);
create index on reporting_events (conversation_id);
create table csat_survey_responses (
    id bigserial primary key, account_id int not null, conversation_id bigint not null,
    message_id bigint not null, rating int not null, feedback_message text,
    assigned_agent_id bigint, created_at timestamp not null);
"""
#: What is read back for the oracle.
TABLES = (
    "accounts",
    "users",
    "teams",
    "inboxes",
    "channel_whatsapp",
    "channel_twilio_sms",
    "contacts",
    "contact_inboxes",
    "conversations",
    "messages",
    "reporting_events",
    "csat_survey_responses",
)
Row = dict[str, Any]
#: All rows by table.
Tables = dict[str, list[Row]]


class Chatwoot:
    """One database with Chatwoot's tables. ``address`` is that of the read-only user."""

    def __init__(self, server: PostgreSQLServer, database: str) -> None:
        self.address = server.url(database, READER, READER_PASSWORD)
        self.owner_url = server.url(database).replace("+psycopg", "")
        self.connection = psycopg.connect(self.owner_url, autocommit=True)

    def insert(self, table: str, **values: Any) -> int:
        """Insert a row and return its id. Lists and dicts become JSON."""
        statement = sql.SQL("insert into {} ({}) values ({}) returning id").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join(sql.Placeholder() * len(values)),
        )
        row = self.connection.execute(statement, [_value(v) for v in values.values()]).fetchone()
        assert row
        return int(row[0])

    def insert_all(self, table: str, rows: Sequence[Row]) -> None:
        """Insert many rows that have the same columns."""
        names = list(rows[0])
        statement = sql.SQL("copy {} ({}) from stdin").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, names))
        )
        with self.connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row([_value(row[name]) for name in names])
        self.connection.execute(
            sql.SQL("select setval(pg_get_serial_sequence({0}, 'id'), max(id)) from {1}").format(
                sql.Literal(table), sql.Identifier(table)
            )
        )

    def execute(self, statement: str, *parameters: Any) -> None:
        self.connection.execute(statement.encode(), [_value(p) for p in parameters])

    def rows(self) -> Tables:
        """Return all rows of all tables, each table by id."""
        found: Tables = {}
        for table in TABLES:
            cursor = self.connection.execute(f"select * from {table} order by id".encode())
            names = [column.name for column in cursor.description or ()]
            found[table] = [dict(zip(names, row, strict=True)) for row in cursor]
        return found


def _value(value: Any) -> Any:
    return Json(value) if isinstance(value, (dict, list)) else value


@contextmanager
def new_chatwoot(server: PostgreSQLServer, database: str) -> Iterator[Chatwoot]:
    """Give an empty Chatwoot; its read-only user is made by the SQL of docs/chatwoot.md."""
    with psycopg.connect(
        server.url("postgres").replace("+psycopg", ""), autocommit=True
    ) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(database)))
    chatwoot = Chatwoot(server, database)
    try:
        chatwoot.connection.execute(SCHEMA.encode())
        role = chatwoot.connection.execute("select 1 from pg_roles where rolname = %s", [READER])
        create, *grants = documented_sql("create role")
        for statement in [*([] if role.fetchone() else [create]), *grants]:
            chatwoot.connection.execute(statement.encode())
        yield chatwoot
    finally:
        chatwoot.connection.close()


def documented_sql(begin: str) -> list[str]:
    """Return the statements of the SQL block in docs/chatwoot.md that begins so."""
    block = re.search(rf"```sql\n({begin}.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    assert block, f"docs/chatwoot.md has no block that begins with {begin}"
    return [part.strip() for part in block[1].split(";") if part.strip()]


def twice(value: Row) -> str:
    """Return JSON as Chatwoot often stores it: a text that itself holds JSON."""
    return json.dumps(json.dumps(value))


def utc(text: str) -> datetime:
    """Return a time as Chatwoot stores it: in UTC, without a zone."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)


# --- real conversations ---------------------------------------------------------------------------


def fill_from(chatwoot: Chatwoot, folder: Path) -> None:
    """Put the cases and messages of the import files in ``folder`` into account 1."""
    with (folder / "cases.csv").open(encoding="utf-8", newline="") as file:
        cases = list(csv.DictReader(file))
    with (folder / "messages.csv").open(encoding="utf-8", newline="") as file:
        messages = list(csv.DictReader(file))
    chatwoot.insert("accounts", name="Empresa")
    number = chatwoot.insert("channel_whatsapp", phone_number="+551140001000")
    inbox = chatwoot.insert(
        "inboxes", account_id=1, name="Suporte", channel_type="Channel::Whatsapp", channel_id=number
    )
    chatwoot.insert(
        "inboxes", account_id=1, name="Evolution", channel_type="Channel::Api", channel_id=1
    )
    teams = _named(chatwoot, "teams", {row["team"] for row in cases})
    agents = _named(chatwoot, "users", {row["agent"] for row in messages if row["agent"]})
    people = sorted({row["person_name"] for row in cases})
    contact_ids = {name: place for place, name in enumerate(people, 1)}
    chatwoot.insert_all(
        "contacts",
        [
            {
                "id": id_,
                "account_id": 1,
                "name": name,
                "phone_number": f"+5511{900000000 + id_}" if id_ % 3 else None,
                "updated_at": utc("2020-05-01T00:00Z"),
            }
            for name, id_ in contact_ids.items()
        ],
    )
    chatwoot.insert_all(
        "contact_inboxes",
        [
            {"id": id_, "contact_id": id_, "inbox_id": inbox, "source_id": f"5511{900000000 + id_}"}
            for id_ in contact_ids.values()
        ],
    )
    conversations = {}
    for place, row in enumerate(cases, 1):
        opened = utc(row["opened_at"])
        conversations[row["case_id"]] = {
            "id": place,
            "account_id": 1,
            "inbox_id": inbox,
            "contact_id": contact_ids[row["person_name"]],
            "contact_inbox_id": contact_ids[row["person_name"]],
            "display_id": place,
            "status": place % 4,
            "team_id": teams[row["team"]],
            "cached_label_list": f"{row['case_type'].lower()}, vip" if place % 2 else None,
            "created_at": opened,
            "updated_at": opened + timedelta(hours=place % 50),
        }
    chatwoot.insert_all("conversations", list(conversations.values()))
    chatwoot.insert_all(
        "messages",
        [
            _message(id_, row, conversations[row["case_id"]], agents)
            for id_, row in enumerate(messages, 1)
        ],
    )
    chatwoot.insert_all(
        "reporting_events",
        [
            {
                "id": place,
                "name": "conversation_resolved" if place % 5 else "first_response",
                "account_id": 1,
                "conversation_id": row["id"],
                "created_at": row["updated_at"],
            }
            for place, row in enumerate(conversations.values(), 1)
        ],
    )


def _named(chatwoot: Chatwoot, table: str, names: set[str]) -> dict[str, int]:
    return {name: chatwoot.insert(table, name=name) for name in sorted(names)}


def _message(id_: int, row: Row, conversation: Row, agents: Mapping[str, int]) -> Row:
    is_out = row["direction"] == "out"
    sent = utc(row["sent_at"])
    return {
        "id": id_,
        "account_id": 1,
        "inbox_id": conversation["inbox_id"],
        "conversation_id": conversation["id"],
        "message_type": 1 if is_out else 0,
        "status": id_ % 4 if is_out else 0,
        "content": row["body"],
        "source_id": None if id_ % 17 == 0 else f"wamid.{id_}",
        "sender_type": "User" if is_out else "Contact",
        "sender_id": agents[row["agent"]] if is_out else conversation["contact_id"],
        "created_at": sent,
        "updated_at": sent + timedelta(seconds=id_ % 100),
    }


# --- awkward cases --------------------------------------------------------------------------------

#: Texts of notes and records of activity: none may ever leave Chatwoot.
SECRETS = ("uma nota privada que ninguém vê", "Conversa atribuída a Bruna")
DAY = utc("2026-11-20T12:00Z")


class Awkward:
    """Puts what is rare in real data into a Chatwoot, in accounts of its own.

    ``account`` and ``other`` are their ids; each method adds one kind of thing and returns ids.
    """

    def __init__(self, chatwoot: Chatwoot) -> None:
        self._chatwoot = chatwoot
        self._displays = 0
        self.account = chatwoot.insert("accounts", name="Awkward")
        self.other = chatwoot.insert("accounts", name="Other")
        self.agent = chatwoot.insert("users", name=" Ana  Lúcia ", email="ana@example.org")
        self.team = chatwoot.insert("teams", name="Suporte")
        self.cloud = self.inbox("Channel::Whatsapp", "channel_whatsapp", phone_number="+551130001")
        self.twilio = self.inbox(
            "Channel::TwilioSms", "channel_twilio_sms", medium=1, phone_number="+14155238886"
        )
        self.sms = self.inbox(
            "Channel::TwilioSms", "channel_twilio_sms", medium=0, phone_number="+14155550000"
        )
        self.gateway = self.bare_inbox("Channel::Api", "Evolution")
        self.plain_api = self.bare_inbox("Channel::Api", "Formulário")
        self.mail = self.bare_inbox("Channel::Email", "E-mail")
        self.elsewhere = self.bare_inbox("Channel::Whatsapp", "Outra", account=self.other)

    def inbox(self, channel: str, table: str, **values: Any) -> int:
        channel_id = self._chatwoot.insert(table, **values)
        return self.bare_inbox(channel, table, channel_id=channel_id)

    def bare_inbox(
        self, channel: str, name: str, *, channel_id: int = 9_999, account: int | None = None
    ) -> int:
        return self._chatwoot.insert(
            "inboxes",
            account_id=account or self.account,
            name=name,
            channel_type=channel,
            channel_id=channel_id,
        )

    def contact(self, inbox: int, *source_ids: str, **values: Any) -> tuple[int, list[int]]:
        """Add a contact with these ids in the inbox; return its id and theirs."""
        contact = self._chatwoot.insert(
            "contacts",
            **{"account_id": self.account, "name": "João", "updated_at": DAY} | values,
        )
        return contact, [
            self._chatwoot.insert(
                "contact_inboxes", contact_id=contact, inbox_id=inbox, source_id=source_id
            )
            for source_id in source_ids
        ]

    def conversation(self, inbox: int, **values: Any) -> int:
        self._displays += 1
        return self._chatwoot.insert(
            "conversations",
            **{
                "account_id": self.account,
                "inbox_id": inbox,
                "display_id": self._displays,
                "created_at": DAY,
                "updated_at": DAY,
            }
            | values,
        )

    def message(self, conversation: int, inbox: int, **values: Any) -> int:
        row = {
            "account_id": self.account,
            "inbox_id": inbox,
            "conversation_id": conversation,
            "message_type": 1,
            "status": 0,
            "content": "Olá",
            "created_at": DAY + timedelta(minutes=conversation),
            "updated_at": DAY + timedelta(minutes=conversation),
        }
        return self._chatwoot.insert("messages", **row | values)


def insert_awkward(chatwoot: Chatwoot) -> Awkward:
    """Add what is rare in real data; return where it is."""
    rare = Awkward(chatwoot)
    _insert_cases(rare)
    _insert_contacts(rare)
    _insert_messages(chatwoot, rare)
    _insert_surveys(chatwoot, rare)
    return rare


def _insert_cases(rare: Awkward) -> None:
    with_attributes: list[Row] = [
        {"custom_attributes": {"tipo": "Troca"}, "cached_label_list": "rótulo", "team_id": 1},
        {"custom_attributes": {"tipo": ""}, "cached_label_list": " rótulo , outro"},
        {"custom_attributes": {"tipo": None, "outro": 1}, "team_id": rare.team},
        {"custom_attributes": {"tipo": 12.5}},
        {"custom_attributes": {"tipo": True}},
        {"custom_attributes": {"tipo": ["a", "b"]}},
        {"custom_attributes": {"tipo": "x" * 20_000}},
        {"custom_attributes": twice({"tipo": "Dupla"})},
        {"custom_attributes": json.dumps("nem objeto")},
        {"custom_attributes": None, "cached_label_list": ""},
        {"status": 1},
        {"status": 3, "team_id": 999_999, "contact_id": 999_999},
    ]
    for values in with_attributes:
        rare.conversation(rare.cloud, **values)
    for inbox in (rare.twilio, rare.sms, rare.gateway, rare.plain_api, rare.mail, 999_999):
        conversation = rare.conversation(inbox)
        rare.message(conversation, inbox, source_id="SM1", content="em cada canal")
    there = rare.conversation(rare.elsewhere, account_id=rare.other, display_id=1)
    rare.message(there, rare.elsewhere, account_id=rare.other, source_id="wamid.there")


def _insert_contacts(rare: Awkward) -> None:
    """Add customers with phones and ids of every form, each with a conversation and a message."""
    kinds: list[tuple[int, tuple[str, ...], Row]] = [
        (rare.cloud, ("5511988887777",), {"phone_number": "+5511977776666"}),
        (rare.cloud, ("5511988887777",), {"phone_number": None}),
        (rare.cloud, ("BR.1502",), {"phone_number": None, "name": None}),
        (rare.cloud, ("BR.1502", "5511988887777", "BR.ENT.77"), {"phone_number": ""}),
        (rare.cloud, ("5511911112222", "5511933334444"), {"name": " "}),
        (rare.cloud, ("123",), {"phone_number": "não tem", "name": "nome\tcom tabulação"}),
        (rare.twilio, ("whatsapp:+5511955556666",), {"phone_number": None}),
        (rare.twilio, ("whatsapp:BR.99",), {"phone_number": None}),
        (rare.gateway, ("0b0a3f6e-0e6c-4a0e-9a59-d2f3b5a3c9aa",), {"phone_number": None}),
        (rare.gateway, ("5511966667777",), {"phone_number": None, "name": "n" * 12_000}),
    ]
    for inbox, source_ids, values in kinds:
        contact, ids = rare.contact(inbox, *source_ids, **values)
        for own in (ids[0], None):
            conversation = rare.conversation(inbox, contact_id=contact, contact_inbox_id=own)
            rare.message(conversation, inbox, message_type=0, sender_type="Contact")
    # A contact may have no id in the inbox at all.
    contact, _ = rare.contact(rare.cloud, phone_number=None)
    rare.message(rare.conversation(rare.cloud, contact_id=contact), rare.cloud)


def _insert_messages(chatwoot: Chatwoot, rare: Awkward) -> None:
    template = {"name": "entrega_v2", "language": "pt_BR", "category": "UTILITY"}
    failed = {"status": 3, "source_id": "wamid.failed"}
    user = {"sender_type": "User", "sender_id": rare.agent}
    error = "131026: Message undeliverable"
    kinds: list[Row] = [
        {"private": True, "content": SECRETS[0], **user},
        {"message_type": 2, "content": SECRETS[1]},
        {"message_type": 3, "content": "Pesquisa automática", "source_id": "wamid.auto"},
        {"additional_attributes": {"template_params": template}, **user},
        {"additional_attributes": twice({"template_params": template}), **user},
        {"additional_attributes": {"template_params": json.dumps(template)}},
        {"additional_attributes": {"template_params": {"name": ""}}},
        {"additional_attributes": {"template_params": {}}},
        {"additional_attributes": {"template_params": None}},
        {"message_type": 0, "additional_attributes": {"template_params": template}},
        *({"status": status, "source_id": f"wamid.{status}"} for status in (0, 1, 2, 3, 9, None)),
        *({"status": status, "source_id": None} for status in (0, 1)),
        {"message_type": 0, "status": 3, "content_attributes": {"external_error": error}},
        {**failed, "content_attributes": {"external_error": error}},
        {**failed, "content_attributes": twice({"external_error": error})},
        {**failed, "content_attributes": {"external_error": "sem código: nada"}},
        {**failed, "content_attributes": {"external_error": "131000:"}},
        {**failed, "content_attributes": {"external_error": 131_000}},
        {**failed, "content_attributes": None},
        {**failed, "content_attributes": json.dumps("{not json")},
        {**failed, "status": 1, "content_attributes": {"external_error": error}},
        {"content_attributes": {"is_unsupported": True}, "content": "Não mostrada", **user},
        {"message_type": 0, "content_attributes": {"is_unsupported": True}, "content": "Idem"},
        {"content_attributes": {"external_echo": True}, "source_id": "wamid.echo"},
        {"content_attributes": twice({"external_echo": True}), "source_id": "wamid.echo2"},
        {"content_attributes": {"external_echo": True}, **user},
        {"content_attributes": {"external_echo": "sim"}},
        {"sender_type": "AgentBot", "sender_id": 1},
        {"sender_type": "Captain::Assistant", "sender_id": 1},
        {"sender_type": "User", "sender_id": 999_999},
        {"sender_type": "User", "sender_id": None},
        {"content": None, **user},
        {"content": "", **user},
        {"content": "  espaços e\nlinhas  ", **user},
        {"content": "z" * 200_500, **user},
        {"source_id": "gBEGkYiEB1VXAglK1ZEqA1YKPrU", **user},
        {"message_type": 0, "source_id": "wamid.in", "status": 2},
    ]
    conversation = rare.conversation(rare.cloud)
    for values in kinds:
        rare.message(conversation, rare.cloud, **values)
    # JSON may hold signs that no database takes as text.
    chatwoot.execute(
        r"""insert into messages (account_id, inbox_id, conversation_id, message_type, status,
            content_attributes, source_id, created_at, updated_at)
        values (%s, %s, %s, 1, 3, '{"external_error": "1: a\u0000b\ud800c"}', 'wamid.x', %s, %s)""",
        *(rare.account, rare.cloud, conversation, DAY, DAY),
    )
    by_gateway = rare.conversation(rare.gateway)
    for source_id in ("wamid.gateway", "WAID:3EB0", None):
        rare.message(by_gateway, rare.gateway, source_id=source_id, **user)


def _insert_surveys(chatwoot: Chatwoot, rare: Awkward) -> None:
    for ratings in ((4,), (1, 5), ()):
        conversation = rare.conversation(rare.cloud, status=1)
        asked = rare.message(
            conversation, rare.cloud, message_type=3, content_type=9 if len(ratings) < 2 else 0
        )
        for place, rating in enumerate(ratings):
            chatwoot.insert(
                "csat_survey_responses",
                account_id=rare.account,
                conversation_id=conversation,
                message_id=asked,
                rating=rating,
                feedback_message="um comentário",
                created_at=DAY + timedelta(hours=place),
            )
        for name, hours in (("conversation_resolved", 1), ("conversation_resolved", 3), ("x", 9)):
            chatwoot.insert(
                "reporting_events",
                name=name,
                account_id=rare.account,
                conversation_id=conversation,
                created_at=DAY + timedelta(hours=hours),
            )
    reopened = rare.conversation(rare.cloud, status=0)
    chatwoot.insert(
        "reporting_events",
        name="conversation_resolved",
        account_id=rare.account,
        conversation_id=reopened,
        created_at=DAY,
    )
