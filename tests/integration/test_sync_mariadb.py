"""The command ``sync sql`` on a MariaDB: its types, its limits, and what it refuses."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from tests.integration.conftest import Here
from tests.services import MARIADB_PASSWORD, MariaDBServer, mariadb_server

pytestmark = pytest.mark.integration

#: A portal's tables. The first two tickets have one watermark, and a page has two rows.
TABLES = """
create table tickets (uid binary(16) primary key, number int, person varchar(80), extra json,
    price decimal(10, 2), opened datetime, closed datetime,
    changed timestamp(6) not null default current_timestamp(6));
create table texts (id varchar(20) primary key, ticket binary(16), way tinyint(1), status char(9),
    at timestamp null, body text, bot bit(1), changed datetime);
create function poke() returns int modifies sql data
    begin insert into texts (id) values ('written'); return 1; end;
create user if not exists reader@'%' identified by '{password}';
create user if not exists clerk@'%' identified by '{password}';
grant select on portal.* to reader@'%';
grant select on portal.tickets to clerk@'%'
"""
FIRST = "0193a0ff00017abc8def0123456789ab"
SECOND = "0193a0ff00017abc8def0123456789ac"
THIRD = "0193a0ff00017abc8def0123456789ff"
#: The session's zone is that of São Paulo, three hours behind UTC.
ROWS = f"""
insert into tickets values
    (x'{FIRST}', 1, 'João 😀', '{{"a": 1}}', 12.50, '2026-11-20 10:00:00', '2026-11-20 11:00:00',
        '2026-11-20 10:00:00.123456'),
    (x'{SECOND}', 2, 'Zoë', null, null, '2026-11-20 10:00:00', null, '2026-11-20 10:00:00.123456'),
    (x'{THIRD}', 3, 'Ana', null, 3, '2026-11-20 10:05:00', '0000-00-00 00:00:00',
        '2026-11-20 10:05:00.000001');
insert into texts values
    ('a', x'{FIRST}', 0, null, '2026-11-20 10:00:01', 'olá 🎉 100% : ok', b'0',
        '2026-11-20 10:00:00'),
    ('b', x'{FIRST}', 1, 'sent', '2026-11-20 10:00:02', null, b'1', '2026-11-20 10:00:00'),
    ('c', x'{THIRD}', 1, 'read', '2026-11-20 10:05:02', '😀', null, '2026-11-20 10:05:00')
"""
MAPPING = """
name = "portal"
url = "{address}"
time_zone = "America/Sao_Paulo"
overlap_seconds = 60
batch_rows = 2
statement_seconds = 1

[cases]
watermark = "changed"
select = '''
select uid as case_id, concat(number, '/', coalesce(price, '')) as case_number,
    person as person_name, 'WhatsApp' as channel, coalesce(extra, 'Loja') as case_type,
    opened as opened_at, closed as closed_at, changed
from tickets where person not like 'x%:y'
'''

[messages]
watermark = "changed"
select = '''
select id as message_id, ticket as case_id, case way when 0 then 'in' else 'out' end as direction,
    status, at as sent_at, body, bot as is_bot, changed
from texts
'''
"""


class Portal:
    """A portal's database, and the mapping that reads it."""

    def __init__(self, engine: Engine, server: MariaDBServer, folder: Path) -> None:
        self._engine = engine
        self._server = server
        self.mapping = folder / "portal.toml"

    def run(self, statements: str) -> None:
        with self._engine.begin() as connection:
            connection.exec_driver_sql("set time_zone = '-03:00', sql_mode = ''")
            # The body of a function has semicolons of its own, none at the end of a line.
            for statement in statements.split(";\n"):
                connection.exec_driver_sql(statement.replace("%", "%%"))

    def map(self, user: str = "reader", driver: str = "mariadb", **address: str) -> None:
        url = self._server.url("portal", user, driver=driver, **address)
        self.mapping.write_text(MAPPING.format(address=url))

    def change(self, old: str, new: str) -> None:
        mapping = self.mapping.read_text()
        assert old in mapping
        self.mapping.write_text(mapping.replace(old, new))


@pytest.fixture(scope="module")
def mariadb() -> Iterator[MariaDBServer]:
    with mariadb_server() as server:
        yield server


@pytest.fixture
def portal(mariadb: MariaDBServer, tmp_path: Path) -> Portal:
    admin = create_engine(mariadb.url(), poolclass=NullPool)
    with admin.begin() as connection:
        connection.exec_driver_sql("drop database if exists portal")
        connection.exec_driver_sql("create database portal character set utf8mb4")
    portal = Portal(create_engine(mariadb.url("portal"), poolclass=NullPool), mariadb, tmp_path)
    portal.run(TABLES.replace("{password}", MARIADB_PASSWORD).strip())
    portal.run(ROWS.strip())
    portal.map()
    return portal


def stored(store: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(store), read_only=True) as connection:
        return connection.execute(sql).fetchall()


CASES = """select case_id, case_number, person_name, case_type, opened_at::varchar,
    closed_at::varchar from cases join people using (person_id) order by case_id"""
MESSAGES = """select message_id, case_id, direction, status, sent_at::varchar, body, is_bot
    from messages join cases using (case_key) order by message_id"""
EXPECTED_MESSAGES = [
    ("a", FIRST, "in", "read", "2026-11-20 13:00:01", "olá 🎉 100% : ok", False),
    ("b", FIRST, "out", "sent", "2026-11-20 13:00:02", None, True),
    ("c", THIRD, "out", "read", "2026-11-20 13:05:02", "😀", False),
]


@pytest.mark.parametrize("driver", ["mariadb", "mysql", "mariadb+pymysql"])
def test_the_types_of_mariadb_come_as_they_are(
    here: Here, store: Path, portal: Portal, driver: str
) -> None:
    """A TIMESTAMP is a moment, whatever the server's zone; a DATETIME is in that of the mapping."""
    portal.map(driver=driver)
    done = here("sync", "sql", "--config", portal.mapping, store=store)
    assert done.exit_code == 0, done.stderr
    assert done.stdout == "6 rows read, 0 of them rejected.\n"
    opened = "2026-11-20 13:00:00"
    assert stored(store, CASES) == [
        (FIRST, "1/12.50", "João 😀", '{"a": 1}', opened, "2026-11-20 14:00:00"),
        (SECOND, "2/", "Zoë", "Loja", opened, None),
        (THIRD, "3/3.00", "Ana", "Loja", "2026-11-20 13:05:00", None),
    ]
    assert stored(store, MESSAGES) == EXPECTED_MESSAGES


def test_only_what_changed_in_mariadb_changes_the_store(
    here: Here, store: Path, portal: Portal
) -> None:
    command = ("sync", "sql", "--config", portal.mapping)
    here(*command, store=store)
    version = "select max(load_id) from loads"
    before = stored(store, version)
    assert here(*command, store=store).exit_code == 0
    assert stored(store, version) == before
    portal.run(
        "update texts set status = 'read', changed = '2026-11-20 10:06:00' where id = 'b';\n"
        f"insert into texts values ('d', x'{SECOND}', 0, null, '2026-11-20 10:06:01', '🦜', b'0', "
        "'2026-11-20 10:06:01')"
    )
    done = here(*command, store=store)
    assert "0 of them rejected" in done.stdout, done.stderr
    first, second, third = EXPECTED_MESSAGES
    new = ("d", SECOND, "in", "new", "2026-11-20 13:06:01", "🦜", False)
    assert stored(store, MESSAGES) == [first, (*second[:3], "read", *second[4:]), third, new]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("status, at", "mood as status, at", "the database refuses the SELECT: Unknown column"),
        ("from texts", "from nowhere", "the database refuses the SELECT: Table "),
        ("from texts", "from from", "the database refuses the SELECT: You have an error in your"),
        ("body, bot", "18446744073709551615 + way as body, bot", "the database refuses the SELECT"),
        (
            "body, bot",
            "sleep(5) as body, bot",
            "the database needed longer than statement_seconds for one SELECT",
        ),
        ("reader:", "clerk:", "the user may not read all that the SELECT asks for"),
        ("reader:", "reader:not", "the database cannot be reached, or refuses the user"),
        ("/portal", "/nothing", "the database cannot be reached, or refuses the user"),
        ("/portal", "/portal?sslmode=require", "the driver of the database refuses the options"),
    ],
)
def test_what_mariadb_refuses_is_said_in_a_sentence(
    here: Here, store: Path, portal: Portal, old: str, new: str, sentence: str
) -> None:
    portal.change(old, new)
    done = here("sync", "sql", "--config", portal.mapping, store=store)
    assert done.exit_code == 2
    assert done.stderr.splitlines()[-1].startswith(sentence)
    for hidden in ("127.0.0.1", MARIADB_PASSWORD, "reader", "Traceback"):
        assert hidden not in done.stderr


def test_a_user_who_may_write_writes_nothing(here: Here, store: Path, portal: Portal) -> None:
    """The session is read-only, even where a SELECT calls a function that writes."""
    portal.map(user="owner")
    portal.change("body, bot", "concat(body, poke()) as body, bot")
    done = here("sync", "sql", "--config", portal.mapping, store=store)
    assert done.exit_code == 2
    assert "READ ONLY transaction" in done.stderr.splitlines()[-1]
    portal.map()
    here("sync", "sql", "--config", portal.mapping, store=store)
    assert stored(store, MESSAGES) == EXPECTED_MESSAGES


def test_a_mariadb_that_is_away(here: Here, store: Path, tmp_path: Path) -> None:
    with mariadb_server() as server:
        mapping = tmp_path / "portal.toml"
        mapping.write_text(MAPPING.format(address=server.url("portal", "reader")))
        server.stop()
        done = here("sync", "sql", "--config", mapping, store=store)
    assert done.exit_code == 2
    said = done.stderr.splitlines()[-1]
    assert said == "the database cannot be reached, or refuses the user"
