"""Rows for tests that erase and purge, what is expected of them, and what a store then holds.

Each case and message is made with a slot in its texts: with the value of a person, as it was
imported, or with the mark, as it must be after an erasure. So what is expected needs no search.
"""

import random
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from queries.tables import metadata
from tests.integration.conftest import Here
from tests.integration.test_merging import Rows, written
from tests.oracle.oracle import CASE_COLUMNS, MESSAGE_COLUMNS

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
MARK = "[***]"
NAME = "João Conceição"
PHONE = "+5511987654471"
#: Ways to write them that must all be found.
NAMES_IN_TEXTS = (NAME, "JOAO  CONCEICAO", "joão conceicao", "Joa\u0303o Conceic\u0327a\u0303o")
PHONES_IN_TEXTS = (
    *(PHONE, "5511987654471", "+55 11 98765-4471", "(11) 98765-4471", "551187654471"),
    *("11 8765 4471", "011 98765.4471", "00 55 11 98765 4471"),
)
PEOPLE = (NAME, "Bia", "Caio Prado", "Dora", "Eva")
#: The same subscriber twice: with and without the ninth digit.
PHONES = (PHONE, "+551187654471", "+5511900000001", "+5521900000002", "+351912345678", "")
ACCOUNTS = ("default", "sul")
FIRST = datetime(2025, 10, 1, 2, 30, tzinfo=UTC)
GAPS = (
    *(timedelta(0), timedelta(minutes=5), timedelta(hours=2), timedelta(hours=24)),
    *(timedelta(hours=25), timedelta(days=3)),
)


@dataclass
class Rowset:
    """Rows of both files."""

    cases: Rows = field(default_factory=list)
    messages: Rows = field(default_factory=list)


def random_rows(seed: int, cases: int = 24) -> Rowset:
    """Return rows whose cases share people and phones, near each other in time.

    Texts have ``{slot}`` where a value may stand.
    """
    draw = random.Random(seed)
    rows = Rowset()
    for number in range(cases):
        account = draw.choice(ACCOUNTS)
        opened = FIRST + timedelta(hours=draw.randrange(24 * 20))
        closed = opened + draw.choice(GAPS) if draw.random() < 0.5 else None
        rows.cases.append(
            {
                "account": account,
                "case_id": f"c{number}",
                "case_number": draw.choice(["", f"N-{number}", f"{number} {{slot}}"]),
                "person_name": draw.choice(PEOPLE),
                "channel": draw.choice(["WhatsApp", "Telefone"]),
                "case_type": draw.choice(["Troca", "Dúvida"]),
                "team": draw.choice(["", "N1"]),
                "opened_at": opened.isoformat(),
                "closed_at": closed.isoformat() if closed else "",
            }
        )
        sent = opened
        phone = draw.choice(PHONES)
        for place in range(draw.randrange(7)):
            sent += draw.choice(GAPS)
            rows.messages.append(_message(draw, f"m{number}-{place}", rows.cases[-1], sent, phone))
    return rows


def _message(
    draw: random.Random, message_id: str, case: dict[str, str], sent: datetime, phone: str
) -> dict[str, str]:
    is_out = draw.random() < 0.6
    is_hsm = is_out and draw.random() < 0.5
    return {
        "account": case["account"],
        "message_id": message_id,
        "case_id": case["case_id"],
        "direction": "out" if is_out else "in",
        "status": draw.choice(["sent", "delivered", "read", "failed"]) if is_out else "",
        "kind": "hsm" if is_hsm else "session",
        "template_name": draw.choice(["oi", "aviso"]) if is_hsm else "",
        "phone": draw.choice([phone, phone, ""]),
        "body": draw.choice(["", "bom dia", "falei com {slot}, ontem", "{slot}"]),
        "sent_at": sent.isoformat(),
        "agent": draw.choice(["Ana", "Rui", ""]) if is_out else "",
        "is_bot": draw.choice(["", "", "true"]) if is_out else "",
        "error_title": draw.choice(["", "", "sem rota para {slot}"]),
    }


def filled(rows: Rowset, slots: Iterable[str], accounts: Iterable[str] = ACCOUNTS) -> Rowset:
    """Return ``rows`` with one of ``slots`` after another in the texts of these accounts.

    In other accounts the first way to write the value stays.
    """
    ways = list(slots)
    inside = set(accounts)
    count = iter(range(10**6))

    def fill(row: dict[str, str]) -> dict[str, str]:
        return {
            name: text.replace("{slot}", ways[next(count) % len(ways)])
            for name, text in row.items()
        }

    def keep(row: dict[str, str]) -> dict[str, str]:
        return {name: text.replace("{slot}", PHONE) for name, text in row.items()}

    return Rowset(
        [fill(row) if row["account"] in inside else keep(row) for row in rows.cases],
        [fill(row) if row["account"] in inside else keep(row) for row in rows.messages],
    )


def without(rows: Rowset, case_ids: Collection[str], message_ids: Collection[str] = ()) -> Rowset:
    """Return ``rows`` without these cases with their messages, and without these messages."""
    return Rowset(
        [row for row in rows.cases if row["case_id"] not in case_ids],
        [
            row
            for row in rows.messages
            if row["case_id"] not in case_ids and row["message_id"] not in message_ids
        ],
    )


def import_rows(here: Here, store: Path, rows: Rowset, loads: int = 1) -> None:
    """Import ``rows``: all cases, and the messages in so many loads."""
    folder = store.parent
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(loads):
        part = rows.messages[number::loads]
        cases = written(folder / "cases.csv", CASE_COLUMNS, rows.cases)
        messages = written(folder / "messages.csv", MESSAGE_COLUMNS, part)
        done = here("import", "--cases", cases, "--messages", messages, store=store)
        assert done.exit_code == 0, done.stderr
    for name in ("cases.csv", "messages.csv"):
        (folder / name).unlink()


def local_day(text: str) -> Any:
    """Return the local day of a time of a row."""
    return datetime.fromisoformat(text).astimezone(SAO_PAULO).date()


def stored(store: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of all tables with data, without the store's own keys, in a fixed order."""
    keys = {"case_key", "person_id"}
    with duckdb.connect(str(store), read_only=True) as connection:
        found = {}
        for table in metadata.tables.values():
            if table.name in ("loads", "rejects", "store_facts"):
                continue
            columns = [f"t.{c.name}" for c in table.columns if c.name not in keys]
            joins = ""
            if table.name in ("cases", "messages"):
                columns += ["p.person_name", "c.case_id"]
                joins = """join people p on p.person_id = t.person_id
                    join cases c on c.case_key = t.case_key"""
            sql = f"select {', '.join(columns)} from {table.name} t {joins} order by all"
            found[table.name] = connection.execute(sql).fetchall()
        return found


def texts_of(store: Path) -> list[str]:
    """Return all texts in all columns of all tables of a store, whatever their type."""
    with duckdb.connect(str(store), read_only=True) as connection:
        columns = connection.execute(
            "select table_name, column_name from duckdb_columns() where not internal"
        ).fetchall()
        return [
            text
            for table, column in columns
            for (text,) in connection.execute(
                f'select distinct "{column}"::varchar from {table} where "{column}" is not null'
            ).fetchall()
        ]
