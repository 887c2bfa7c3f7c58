"""The command ``sync sql``: any database by a mapping, and the worked examples of portals."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import Engine, create_engine, text

from sources.source_link import SourceLink
from sources.sql_sync.database import Database, Page, Position
from sources.sql_sync.mapping import SyncMapping, TableMapping, load_mapping
from sources.sql_sync.sync import SqlSync
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

SECRET, NOWHERE = "secret", "127.0.0.1:1"
EXAMPLES = ROOT / "examples" / "sync"
MAPPING = """
name = "shop"
url = "sqlite:///{database}"
account = "filial"
time_zone = "America/Sao_Paulo"
overlap_seconds = 60
batch_rows = {batch}

[cases]
watermark = "changed"
select = "select id as case_id, person as person_name, 'WhatsApp' as channel, 'Loja' as case_type,
    opened as opened_at, changed from tickets where person <> ':x'"

[messages]
watermark = "changed"
select = '''
select id as message_id, ticket as case_id, case way when 0 then 'in' else 'out' end as direction,
    status, at as sent_at, body, changed from texts;
'''
""".replace('"select id', "'''select id").replace("':x'\"", "':x' '''")


def stored(store: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(store), read_only=True) as connection:
        return connection.execute(sql).fetchall()


MESSAGES = """select m.account, message_id, c.case_id, direction, status, sent_at::varchar, body
    from messages m join cases c using (case_key) order by message_id"""


class Shop:
    """A portal in SQLite, and the mapping that reads it."""

    def __init__(self, folder: Path, batch: int = 3) -> None:
        self.database = folder / "shop.sqlite"
        self.mapping = folder / "shop.toml"
        self.mapping.write_text(MAPPING.format(database=self.database, batch=batch))
        self.run(
            "create table tickets (id integer, person text, opened text, changed text)",
            "create table texts (id integer, ticket integer, way integer, status text, at text, "
            "body text, changed text)",
        )

    def run(self, *statements: str) -> None:
        with closing(sqlite3.connect(self.database)) as connection, connection:
            for statement in statements:
                connection.execute(statement)

    def add(self, first: int, last: int, minute: int) -> None:
        """Add tickets with a message each; all are written in this minute."""
        at = f"2026-11-20 10:{minute:02}:00"
        for number in range(first, last + 1):
            self.run(
                f"insert into tickets values ({number}, 'P{number}', '{at}', '{at}')",
                f"insert into texts values ({100 + number}, {number}, {number % 2}, "
                f"'sent', '{at}', 'um % de {number}', '{at}')",
            )


def row(number: int, minute: int, status: str = "sent") -> tuple[Any, ...]:
    """A message as it must be stored: three hours later than in São Paulo."""
    direction = "out" if number % 2 else "in"
    known = status if direction == "out" else "new"
    at = f"2026-11-20 13:{minute:02}:00"
    return ("filial", str(100 + number), str(number), direction, known, at, f"um % de {number}")


def test_all_rows_come_in_pages_and_then_what_changed(
    here: Here, tmp_path: Path, store: Path
) -> None:
    shop = Shop(tmp_path)
    shop.add(1, 8, minute=0)  # eight rows with one watermark, in pages of three
    command = ("sync", "sql", "--config", shop.mapping)
    done = here(*command, store=store)
    assert done.exit_code == 0, done.stderr
    assert done.stdout == "16 rows read, 0 of them rejected.\n"
    assert stored(store, MESSAGES) == [row(number, 0) for number in range(1, 9)]
    version = "select max(load_id) from loads"
    before = stored(store, version)
    # Rows of the overlap are read again, and change nothing.
    assert here(*command, store=store).exit_code == 0
    assert stored(store, version) == before
    shop.add(9, 9, minute=30)
    shop.run("update texts set status = 'read', changed = '2026-11-20 10:31:00' where id = 103")
    done = here(*command, store=store)
    assert "rows read, 0 of them rejected." in done.stdout
    expected = [row(number, 0) for number in range(1, 9)]
    expected[2] = row(3, 0, "read")
    assert stored(store, MESSAGES) == sorted([*expected, row(9, 30)])


def test_a_row_that_was_committed_late_is_met_by_the_overlap(
    here: Here, tmp_path: Path, store: Path
) -> None:
    shop = Shop(tmp_path)
    shop.add(1, 1, minute=10)
    here("sync", "sql", "--config", shop.mapping, store=store)
    shop.add(2, 2, minute=9)  # a minute before the newest row
    here("sync", "sql", "--config", shop.mapping, store=store)
    assert stored(store, MESSAGES) == [row(1, 10), row(2, 9)]


def test_a_sync_goes_on_where_it_ended(here: Here, tmp_path: Path, store: Path) -> None:
    """A message whose case the portal lacks is rejected, and comes when the case is there."""
    shop = Shop(tmp_path)
    shop.add(1, 2, minute=0)
    shop.run("delete from tickets where id = 2")
    done = here("sync", "sql", "--config", shop.mapping, store=store)
    assert done.stdout == "3 rows read, 1 of them rejected.\n"
    [(state,)] = stored(store, "select state from source_states where name = 'sql:shop'")
    noted = json.loads(state)
    assert noted["positions"]["messages"] == [["text", "2026-11-20 10:00:00"], ["number", "102"]]
    assert (noted["rows"], noted["rows_rejected"], noted["fault"]) == (3, 1, None)
    at = "2026-11-20 10:00:00"
    shop.run(f"insert into tickets values (2, 'P2', '{at}', '{at}')")
    here("sync", "sql", "--config", shop.mapping, store=store)
    assert stored(store, MESSAGES) == [row(1, 0), row(2, 0)]


def test_everything_is_read_anew_when_told(here: Here, tmp_path: Path, store: Path) -> None:
    shop = Shop(tmp_path)
    shop.add(1, 2, minute=30)
    shop.add(3, 3, minute=50)
    command = ("sync", "sql", "--config", shop.mapping)
    here(*command, store=store)
    # Without a newer watermark, and before the overlap.
    shop.run("update texts set body = 'neu' where id < 103")
    here(*command, store=store)
    assert "neu" not in {found[6] for found in stored(store, MESSAGES)}
    here(*command, "--again", store=store)
    assert {found[6] for found in stored(store, MESSAGES)} == {"neu", "um % de 3"}


def test_the_database_sees_no_write(here: Here, tmp_path: Path, store: Path) -> None:
    shop = Shop(tmp_path)
    text = shop.mapping.read_text().replace("from texts;", "from texts; delete from texts")
    shop.mapping.write_text(text)
    shop.add(1, 1, minute=0)
    done = here("sync", "sql", "--config", shop.mapping, store=store)
    assert done.exit_code == 2
    with closing(sqlite3.connect(shop.database)) as connection:
        assert connection.execute("select count(*) from texts").fetchone() == (1,)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('name = "shop"\n', "", "shop.toml cannot be used: it does not say name"),
        ("[cases]", "[cases", "shop.toml is not TOML: "),
        ("overlap", "overlay", "shop.toml cannot be used: it has overlay_seconds, which no "),
        ("= 60\n", "= -1\n", "shop.toml cannot be used: overlap_seconds has to be a number from 0"),
        ("America/Sao_Paulo", "Mars", "shop.toml cannot be used: time_zone takes a zone's name"),
        ("sqlite:///", "//", "shop.toml cannot be used: url is no address, as postgresql://"),
        (
            'account = "filial"',
            'password_variable = "NO_SUCH_PASSWORD"',
            "shop.toml cannot be used: the variable NO_SUCH_PASSWORD, which has the password, is",
        ),
        ("body, changed", "body", "the database says: no such column: changed"),
        ("at as sent_at, ", "", "the SELECT of messages does not give sent_at"),
        ("body, changed", "body, 1 as mood, changed", "the SELECT of messages gives mood, which"),
        ("from texts", "from nowhere", "the database says: no such table: nowhere"),
        ("sqlite:///", "oracle:///", "no driver for oracle is installed beside this program"),
        (
            "sqlite:///",
            f"postgresql://reader:{SECRET}@{NOWHERE}/",
            "the database cannot be reached, or refuses the user",
        ),
    ],
)
def test_what_is_wrong_is_said_without_the_address(
    here: Here, tmp_path: Path, store: Path, old: str, new: str, sentence: str
) -> None:
    shop = Shop(tmp_path)
    shop.mapping.write_text(shop.mapping.read_text().replace(old, new))
    done = here("sync", "sql", "--config", shop.mapping, store=store)
    assert done.exit_code == 2
    said = done.stderr.splitlines()[-1]
    assert said.startswith(sentence)
    assert SECRET not in done.stderr
    assert NOWHERE not in done.stderr
    assert "Traceback" not in done.stderr


# --- the worked examples ------------------------------------------------------------------------


@pytest.fixture
def portal(postgresql: PostgreSQLServer) -> Iterator[tuple[Engine, str]]:
    """An empty database, and its address."""
    with closing_engine(postgresql.url("postgres")) as admin:
        connection = admin.connect().execution_options(isolation_level="AUTOCOMMIT")
        with connection:
            connection.execute(text("drop database if exists example"))
            connection.execute(text("create database example"))
    address = postgresql.url("example")
    with closing_engine(address) as engine:
        yield engine, address


class closing_engine:  # noqa: N801 - used like a function
    def __init__(self, address: str) -> None:
        self._engine = create_engine(address)

    def __enter__(self) -> Engine:
        return self._engine

    def __exit__(self, *_: object) -> None:
        self._engine.dispose()


def example(name: str, folder: Path, address: str) -> Path:
    """The example, which reads the database at ``address``."""
    lines = (EXAMPLES / f"{name}.toml").read_text().splitlines()
    kept = [line for line in lines if not line.startswith(("url =", "password_variable ="))]
    path = folder / f"{name}.toml"
    path.write_text(f'url = "{address}"\n' + "\n".join(kept))
    return path


#: The columns of Zammad's tables that the example reads, with their types there.
ZAMMAD = """
create table ticket_states (id serial primary key, name varchar(250) not null);
create table groups (id serial primary key, name varchar(160) not null);
create table users (id serial primary key, firstname varchar(100), lastname varchar(100),
    mobile varchar(100));
create table tickets (id serial primary key, group_id integer not null, state_id integer not null,
    number varchar(60) not null, title varchar(250) not null, owner_id integer not null,
    customer_id integer not null, close_at timestamp(3), last_close_at timestamp(3),
    type varchar(100), preferences text, created_at timestamp(3) not null,
    updated_at timestamp(3) not null);
create table ticket_article_types (id serial primary key, name varchar(250) not null);
create table ticket_article_senders (id serial primary key, name varchar(250) not null);
create table ticket_articles (id serial primary key, ticket_id integer not null,
    type_id integer not null, sender_id integer not null, "from" varchar(3000), "to" varchar(3000),
    message_id varchar(3000), body text not null, internal boolean not null default false,
    preferences text, created_by_id integer not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null);
insert into ticket_states (name) values ('new'), ('open'), ('closed');
insert into groups (name) values ('Loja');
insert into users (firstname, lastname, mobile) values
    ('-', '', null), ('Elisa', 'Reis', null), ('Ana', 'Souza', '+5511987654471');
insert into ticket_article_types (name) values ('email'), ('whatsapp message'), ('note');
insert into ticket_article_senders (name) values ('Agent'), ('Customer'), ('System');
insert into tickets (group_id, state_id, number, title, owner_id, customer_id, close_at,
        last_close_at, created_at, updated_at) values
    (1, 3, '67001', 'New WhatsApp message', 2, 3, '2026-11-20 13:00', '2026-11-20 14:00',
        '2026-11-20 12:00', '2026-11-20 14:00'),
    (1, 2, '67002', 'E-mail', 2, 3, null, null, '2026-11-21 12:00', '2026-11-21 12:00');
"""
ARTICLES = """
insert into ticket_articles (ticket_id, type_id, sender_id, message_id, body, internal, preferences,
        created_by_id, created_at, updated_at) values
    (1, 2, 2, 'wamid.A', 'Oi', false, E'---\\nwhatsapp:\\n  message_id: wamid.A\\n', 3,
        '2026-11-20 12:00', '2026-11-20 12:00'),
    (1, 2, 1, 'wamid.B', 'Olá', false, E'---\\nwhatsapp:\\n  timestamp_sent: ''1\\'\\'\\n'
        '  timestamp_delivered: ''2\\'\\'\\n  timestamp_read: ''3\\'\\'\\n', 2,
        '2026-11-20 12:05', '2026-11-20 12:06'),
    (1, 2, 1, null, 'Falhou', false, E'---\\nwhatsapp:\\n  delivery_status: fail\\n', 2,
        '2026-11-20 12:10', '2026-11-20 12:10'),
    (1, 2, 3, 'wamid.D', 'Ainda está aí?', false, null, 1, '2026-11-20 12:20', '2026-11-20 12:20'),
    (1, 3, 1, null, 'a note', true, null, 2, '2026-11-20 12:21', '2026-11-20 12:21'),
    (2, 1, 2, null, 'an e-mail', false, null, 3, '2026-11-21 12:00', '2026-11-21 12:00');
"""


def test_the_example_of_zammad(
    here: Here, tmp_path: Path, store: Path, portal: tuple[Engine, str]
) -> None:
    engine, address = portal
    with engine.begin() as connection:
        connection.execute(text(ZAMMAD.replace(":", r"\:")))
        connection.exec_driver_sql(
            ARTICLES.replace("''1\\'\\'", "1").replace("''2\\'\\'", "2").replace("''3\\'\\'", "3")
        )
    done = here("sync", "sql", "--config", example("zammad", tmp_path, address), store=store)
    assert done.exit_code == 0, done.stderr
    assert done.stdout == "6 rows read, 0 of them rejected.\n"
    assert stored(
        store,
        """select case_number, person_name, channel, case_type, team, closed_at::varchar
        from cases join people using (person_id) order by case_id""",
    ) == [
        ("67001", "Ana Souza", "WhatsApp", "Loja", "Loja", "2026-11-20 14:00:00"),
        ("67002", "Ana Souza", "Zammad", "Loja", "Loja", None),
    ]
    assert stored(
        store,
        """select body, direction, status, whatsapp_id, phone, agent, is_bot, sent_at::varchar
        from messages order by message_id::int""",
    ) == [
        ("Oi", "in", "read", "wamid.A", ANA, None, False, "2026-11-20 12:00:00"),
        ("Olá", "out", "read", "wamid.B", ANA, "Elisa Reis", False, "2026-11-20 12:05:00"),
        ("Falhou", "out", "failed", None, ANA, "Elisa Reis", False, "2026-11-20 12:10:00"),
        ("Ainda está aí?", "out", "sent", "wamid.D", ANA, None, True, "2026-11-20 12:20:00"),
    ]


ANA = "+5511987654471"
#: The columns of Evolution API's tables that the examples read, with their types there.
EVOLUTION = """
create table "Instance" (id text primary key, name varchar(255) not null, "ownerJid" varchar(100));
create table "Chatwoot" (id text primary key, enabled boolean default true,
    "accountId" varchar(100), "instanceId" text not null unique);
create table "Message" (id text primary key, key jsonb not null, "pushName" varchar(100),
    message jsonb not null, "messageTimestamp" integer not null, "chatwootMessageId" integer,
    "chatwootInboxId" integer, "chatwootConversationId" integer, "instanceId" text not null,
    status varchar(30));
insert into "Instance" values ('i1', 'loja', '551130000000@s.whatsapp.net');
insert into "Chatwoot" (id, "accountId", "instanceId") values ('k1', '3', 'i1');
"""
ACK = "SERVER_ACK"
EVOLUTION_MESSAGES = (
    ("A1", ANA, False, {"conversation": "oi"}, 1_793_700_000, "Ana", None, 501, 12),
    ("A2", ANA, True, {"conversation": "olá"}, 1_793_700_060, "Loja", "READ", 502, 12),
    (
        "A3",
        ANA,
        True,
        {"imageMessage": {"caption": "foto"}},
        1_793_700_120,
        "",
        "SERVER_ACK",
        503,
        12,
    ),
    (
        "B1",
        "+5511900000002",
        False,
        {"extendedTextMessage": {"text": "?"}},
        1_793_700_000,
        "Bia",
        None,
        None,
        None,
    ),
)


def fill_evolution(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(EVOLUTION)
        for name, phone, from_me, message, at, person, status, ours, case in EVOLUTION_MESSAGES:
            key = {"id": name, "remoteJid": f"{phone[1:]}@s.whatsapp.net", "fromMe": from_me}
            connection.execute(
                text(
                    'insert into "Message" values (:id, :key, :person, :message, :at, :ours, 1, '
                    ":kase, 'i1', :status)"
                ),
                {
                    "id": f"cm{name}",
                    "key": json.dumps(key),
                    "person": person,
                    "at": at,
                    "message": json.dumps(message),
                    "ours": ours,
                    "kase": case,
                    "status": status,
                },
            )
        group = '{"id": "G", "remoteJid": "1203630@g.us", "fromMe": false}'
        connection.execute(
            text(
                "insert into \"Message\" values ('cmG', :key, 'x', '{}', 1793700000, null, 1, null,"
                " 'i1', null)"
            ),
            {"key": group},
        )


def test_the_example_of_evolution(
    here: Here, tmp_path: Path, store: Path, portal: tuple[Engine, str]
) -> None:
    engine, address = portal
    fill_evolution(engine)
    path = example("evolution", tmp_path, address)
    done = here("sync", "sql", "--config", path, store=store)
    assert done.stdout == "6 rows read, 0 of them rejected.\n", done.stderr
    assert stored(
        store,
        """select m.account, message_id, case_id, person_name, direction, status, body, phone,
            business_number
        from messages m join cases c using (case_key) join people p on p.person_id = c.person_id
        order by message_id""",
    ) == [
        ("3", "A1", "12", "Ana", "in", "read", "oi", ANA, "+551130000000"),
        ("3", "A2", "12", "Ana", "out", "read", "olá", ANA, "+551130000000"),
        ("3", "A3", "12", "Ana", "out", "sent", "foto", ANA, "+551130000000"),
        (
            "3",
            "B1",
            "5511900000002@s.whatsapp.net",
            "Bia",
            "in",
            "new",
            "?",
            "+5511900000002",
            "+551130000000",
        ),
    ]
    with engine.begin() as connection:  # a status changes in place, and nothing says when
        connection.execute(text("update \"Message\" set status = 'DELIVERY_ACK' where id = 'cmA3'"))
    here("sync", "sql", "--config", path, store=store)
    assert ("A3", "delivered") in stored(store, "select message_id, status from messages")


def test_the_example_of_evolution_with_chatwoot(
    here: Here, tmp_path: Path, store: Path, portal: tuple[Engine, str]
) -> None:
    """Messages that Chatwoot has get the statuses that the gateway heard of."""
    engine, address = portal
    fill_evolution(engine)
    cases, messages = tmp_path / "cases.csv", tmp_path / "messages.csv"
    cases.write_text(
        "account,case_id,person_name,channel,case_type,opened_at\n"
        "3,77,Ana,WhatsApp,Loja,2026-11-03T10:00:00Z\n"
    )
    messages.write_text(
        "account,message_id,case_id,direction,status,sent_at\n"
        "3,501,77,in,,2026-11-03T10:00:00Z\n"
        "3,502,77,out,sent,2026-11-03T10:01:00Z\n"
    )
    here("import", "--cases", cases, "--messages", messages, store=store)
    path = example("evolution-with-chatwoot", tmp_path, address)
    done = here("sync", "sql", "--config", path, store=store)
    assert done.stdout == "2 rows read, 1 of them rejected.\n", done.stderr
    found = stored(store, "select message_id, status from messages order by message_id")
    assert found == [("501", "read"), ("502", "read")]
    # The message that Chatwoot had not told of comes, and its status with the next round.
    with messages.open("a") as opened:
        opened.write("3,503,77,out,new,2026-11-03T10:02:00Z\n")
    here("import", "--messages", messages, store=store)
    here("sync", "sql", "--config", path, store=store)
    assert stored(store, "select status from messages where message_id = '503'") == [("sent",)]


def test_a_sync_that_runs_for_ever(tmp_path: Path, store: Path) -> None:
    """It brings what changes, outlives a database that is away, and ends well at SIGTERM."""
    shop = Shop(tmp_path)
    shop.add(1, 2, minute=0)
    arguments = ["sync", "sql", "--config", str(shop.mapping), "--every", "1s"]
    said = tmp_path / "said.txt"
    store.parent.mkdir()
    with running_server(store), said.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "app", *arguments],
            cwd=ROOT,
            env=environment(store),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            until(lambda: "4 rows read" in said.read_text(), "the first rows")
            shop.database.rename(tmp_path / "away")
            until(lambda: "no such table" in said.read_text(), "the failure")
            (tmp_path / "away").replace(shop.database)
            shop.add(3, 3, minute=30)
            until(lambda: "rows read" in said.read_text().split("no such table")[1], "the rest")
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)
    assert process.returncode == 0
    assert said.read_text().splitlines()[-1] == "Stopped; the next sync goes on from here."
    assert stored(store, MESSAGES) == [row(1, 0), row(2, 0), row(3, 30)]
    [(state,)] = stored(store, "select state from source_states where name = 'sql:shop'")
    assert json.loads(state)["fault"] is None


@pytest.mark.parametrize("after", range(1, 5))
def test_a_killed_sync_goes_on_behind_what_is_stored(
    here: Here, tmp_path: Path, store: Path, after: int
) -> None:
    """The process dies after so many pages; the next one reads the rest, and each row is there."""
    shop = Shop(tmp_path, batch=2)
    for number in range(1, 8):
        shop.add(number, number, minute=2 * number)
    mapping = load_mapping(shop.mapping, {})
    database = DyingDatabase(mapping, after)
    owner = owner_of(store)
    sync = SqlSync(mapping, database, SourceLink(owner, "sql", "sql:shop"))
    with pytest.raises(Died):
        sync.run()
    owner.close()
    here("sync", "sql", "--config", shop.mapping, store=store)
    assert stored(store, MESSAGES) == [row(number, 2 * number) for number in range(1, 8)]


class Died(BaseException):
    """Nothing catches it, as nothing catches a kill."""


class DyingDatabase(Database):
    """A database whose reader dies when it asks for one page more than ``pages``."""

    def __init__(self, mapping: SyncMapping, pages: int) -> None:
        super().__init__(mapping)
        self._left = pages

    def page(self, table: TableMapping, after: Position | None) -> Page:
        self._left -= 1
        if self._left < 0:
            raise Died
        return super().page(table, after)
