"""A portal and webhooks tell of the same messages: each is one row, whichever comes first."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from itertools import permutations
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sources.inbox import HandIn, copy_files
from tests.integration.conftest import owner_of, write_csv
from tests.integration.webhook_world import FIRST, HOUR, Json, take_in

pytestmark = pytest.mark.integration

NUMBER = {"display_phone_number": "555133334444", "phone_number_id": "71"}
ANA = "5511987654321"
CASES = """case_id,case_number,person_name,channel,case_type,opened_at
    c1,4711,Ana Souza,WhatsApp,Troca,2025-10-09T08:00:00Z"""
#: The portal knows the first two messages of the customer, and one that the company sent.
MESSAGES = """message_id,whatsapp_id,case_id,direction,status,kind,sent_at,body,agent
    p1,wamid.1,c1,in,,session,2025-10-09T08:53:20Z,oi,
    p2,wamid.2,c1,out,delivered,session,2025-10-09T09:53:20Z,ola,Rui"""


def payload(value: Json) -> Json:
    change = {"field": "messages", "value": {"metadata": NUMBER, **value}}
    return {"object": "whatsapp_business_account", "entry": [{"id": "9", "changes": [change]}]}


def written(name: str, at: int, body: str = "oi") -> Json:
    part = {"id": name, "from": ANA, "timestamp": str(at), "type": "text", "text": {"body": body}}
    contact = {"wa_id": ANA, "user_id": "BR.1", "profile": {"name": "Aninha"}}
    return payload({"contacts": [contact], "messages": [part]})


def status(name: str, at: int, status: str, **more: Any) -> Json:
    part = {"id": name, "status": status, "timestamp": str(at), "recipient_id": ANA, **more}
    return payload({"statuses": [part]})


TOLD = [
    written("wamid.1", FIRST),
    status("wamid.2", FIRST + HOUR, "sent", pricing={"billable": True, "category": "utility"}),
    status("wamid.2", FIRST + 2 * HOUR, "read"),
    # What the portal does not know: a campaign, and an answer to it.
    status("wamid.3", FIRST + 20 * HOUR, "delivered", pricing={"category": "marketing"}),
    written("wamid.4", FIRST + 40 * HOUR, "quero"),
]


def portal(store: Path, cases: str = CASES, messages: str = MESSAGES) -> None:
    folder = store.parent
    files = {
        "cases": write_csv(folder / "cases.csv", cases),
        "messages": write_csv(folder / "messages.csv", messages),
    }
    owner = owner_of(store)
    hand_in = HandIn("chatwoot", "default", demo=False, updates=True)
    ticket = owner.inbox.hand_in(hand_in, copy_files(files))
    owner.open()
    with closing(owner):
        owner.take_in()
    outcome = owner.inbox.take_outcome(ticket)
    assert outcome
    assert outcome.load, outcome


def rows(store: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(store), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def everything(store: Path) -> Mapping[str, list[tuple[Any, ...]]]:
    keys = {"case_key", "person_id", "sent_day", "opened_day"}
    found = {}
    for table in ("messages", "cases", "message_events", "webhook_messages"):
        sql = f"select column_name from duckdb_columns() where table_name = '{table}'"
        kept = ", ".join(f't."{name}"' for (name,) in rows(store, sql) if name not in keys)
        case = ", c.case_id" if table == "messages" else ""
        join = "join cases c using (case_key)" if case else ""
        found[table] = rows(store, f"select {kept}{case} from {table} t {join} order by all")
    return found


def filled(folder: Path, steps: Sequence[Callable[[Path], object]]) -> Path:
    folder.mkdir()
    store = folder / "s.duckdb"
    for step in steps:
        step(store)
    return store


def test_whichever_comes_first_no_message_is_counted_twice(tmp_path: Path) -> None:
    steps: list[Callable[[Path], object]] = [
        portal,
        lambda store: take_in(store, TOLD[:2]),
        lambda store: take_in(store, TOLD[2:]),
    ]
    stores = [
        filled(tmp_path / str(number), order) for number, order in enumerate(permutations(steps))
    ]
    first, *others = map(everything, stores)
    assert all(other == first for other in others)
    found = rows(
        stores[0],
        """select message_id, whatsapp_id, c.case_id, m.status::varchar, kind::varchar, body,
            agent, billable, pricing_category, m.bsuid, m.country
        from messages m join cases c using (case_key) order by sent_at""",
    )
    session = f"whatsapp:+555133334444:+{ANA}:{FIRST}"
    assert found == [
        ("p1", "wamid.1", "c1", "read", "session", "oi", None, None, None, "BR.1", "BR"),
        ("p2", "wamid.2", "c1", "read", "hsm", "ola", "Rui", True, "utility", None, "BR"),
        ("wamid.3", "wamid.3", session, "delivered", "hsm", *[None] * 3, "marketing", None, "BR"),
        ("wamid.4", "wamid.4", session, "new", "session", "quero", *[None] * 3, "BR.1", "BR"),
    ]
    events = rows(
        stores[0], "select message_id, status::varchar from message_events order by occurred_at"
    )
    assert events == [("wamid.2", "sent"), ("wamid.2", "read"), ("wamid.3", "delivered")]


def test_a_session_that_the_portal_has_wholly_is_no_case(tmp_path: Path) -> None:
    for number, order in enumerate(([portal, take_first], [take_first, portal])):
        store = filled(tmp_path / str(number), order)
        assert rows(store, "select case_id from cases") == [("c1",)]
        assert rows(store, "select message_id from messages order by 1") == [("p1",), ("p2",)]


def take_first(store: Path) -> None:
    take_in(store, TOLD[:3])


def test_a_case_number_leads_to_the_case_of_the_portal(tmp_path: Path) -> None:
    numbered = status("wamid.9", FIRST + 50 * HOUR, "sent", biz_opaque_callback_data="4711")
    answer = written("wamid.10", FIRST + 51 * HOUR)
    store = filled(tmp_path / "first", [portal, lambda store: take_in(store, [numbered, answer])])
    sql = "select c.case_id, count(*) from messages join cases c using (case_key) group by 1"
    assert rows(store, sql) == [("c1", 4)]
    # The portal comes later: what is told next of this customer brings the earlier messages along.
    store = filled(
        tmp_path / "later",
        [lambda store: take_in(store, [numbered]), portal, lambda store: take_in(store, [answer])],
    )
    assert rows(store, sql) == [("c1", 4)]
    assert rows(store, "select case_id from cases") == [("c1",)]


def test_another_account_is_another_message(tmp_path: Path) -> None:
    store = filled(
        tmp_path / "s", [portal, lambda store: take_in(store, TOLD[:1], account="other")]
    )
    assert rows(store, "select count(*) from messages") == [(3,)]
