"""Payloads as WhatsApp would send them in some weeks of a small company, and ways to load them."""

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sources.inbox import HandIn, Outcome
from sources.webhooks.told_parts import PAYLOADS, SENDS, WEBHOOKS
from tests.integration.conftest import ROOT, owner_of
from tests.oracle.webhooks import Expected

Json = dict[str, Any]
REAL = ROOT.parent / "shared" / "data" / "webhooks"
#: Business numbers: display number and id.
NUMBERS = (("555133334444", "71"), ("551133335555", "72"))
#: Customers by phone, user id and name: some have only one of the two. Two phones share a user id,
#: which WhatsApp says cannot be.
CUSTOMERS = (
    ("5511900001111", "BR.100", "Ana"),
    ("5511987654321", "BR.100", "Ana"),
    ("351912345678", None, "Bia"),
    (None, "PT.200", "Caio"),
    ("5521912345678", "BR.300", None),
)
FIRST = 1_760_000_000
HOUR = 3_600
#: Hours between messages: inside a session, exactly at its end, and behind it.
GAPS = (0, 1, 5, 23, 24, 25, 60)
CATEGORIES = ("marketing", "utility", "service", "referral_conversion", None)


def real_payloads() -> list[Json]:
    if not REAL.is_dir():
        pytest.skip(f"the real payloads of {REAL} are not here")
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(REAL.glob("*.json"))]


def random_world(seed: int, messages: int = 30) -> tuple[list[Json], list[Json]]:
    """Return payloads and records of sends about some ``messages``, in the order of their times."""
    draw = random.Random(seed)
    return _World(draw).grow(messages)


class _World:
    def __init__(self, draw: random.Random) -> None:
        self.draw = draw
        self.payloads: list[Json] = []
        self.sends: list[Json] = []
        self.clocks = dict.fromkeys(CUSTOMERS, FIRST)

    def grow(self, messages: int) -> tuple[list[Json], list[Json]]:
        for place in range(messages):
            customer = self.draw.choice(CUSTOMERS)
            self.clocks[customer] += self.draw.choice(GAPS) * HOUR
            self._message(f"wamid.{place}", customer, self.clocks[customer])
        return self.payloads, self.sends

    def _message(self, name: str, customer: tuple[Any, ...], at: int) -> None:
        number = self.draw.choice(NUMBERS[: 1 + (self.draw.random() < 0.3)])
        match self.draw.choice(("in", "in", "out", "out", "echo", "group", "odd")):
            case "in":
                self._written("messages", number, customer, self._part(name, at, customer, "from"))
            case "echo":
                part = self._part(name, at, customer, "to")
                self._written("message_echoes", number, customer, part)
            case "group":
                part = {**self._part(name, at, customer, "from"), "group_id": "G1"}
                self._written("messages", number, customer, part)
            case "out":
                self._sent(name, number, customer, at)
            case _:
                part = {"id": name, "timestamp": str(at), "type": "reaction", "reaction": {}}
                self._tell(number, {"messages": [part]}, customer)

    def _part(self, name: str, at: int, customer: tuple[Any, ...], side: str) -> Json:
        phone, bsuid, _ = customer
        part: Json = {"id": name, "timestamp": str(at), "type": "text"}
        # A customer who hides the phone is known by the id only.
        hides = bsuid and (not phone or self.draw.random() < 0.3)
        part |= {f"{side}_user_id": bsuid} if hides else {side: phone}
        return part | {"text": {"body": f"texto {name}"}}

    def _written(self, array: str, number: Any, customer: Any, part: Json) -> None:
        self._tell(number, {array: [part]}, customer)
        later = {**part, "timestamp": str(int(part["timestamp"]) + 60), "id": f"{part['id']}.x"}
        change = {"original_message_id": part["id"]}
        if self.draw.random() < 0.2:
            message = {"type": "text", "text": {"body": f"editado {part['id']}"}}
            self._tell(
                number, {array: [{**later, "type": "edit", "edit": {**change, "message": message}}]}
            )
        if self.draw.random() < 0.1:
            self._tell(number, {array: [{**later, "type": "revoke", "revoke": change}]})

    def _sent(self, name: str, number: Any, customer: tuple[Any, ...], at: int) -> None:
        phone, bsuid, _ = customer
        pricing = {
            "billable": self.draw.random() < 0.5,
            "type": "regular",
            "category": self.draw.choice(CATEGORIES),
        }
        callback = self.draw.choice((None, None, None, "4711", "4712"))
        who = {"recipient_id": phone} if phone else {"recipient_user_id": bsuid}
        failed = self.draw.random() < 0.2
        steps = ("sent", "failed") if failed else ("sent", "delivered", "read", "played", "deleted")
        for step in steps[: self.draw.randrange(1, len(steps) + 1)]:
            at += self.draw.choice((0, 2, 40))
            part = {"id": name, "status": step, "timestamp": str(at), **who}
            if callback:
                part["biz_opaque_callback_data"] = callback
            if step in ("sent", "delivered"):
                part["pricing"] = pricing
            if step == "failed":
                part["errors"] = [{"code": 131047, "title": "Re-engagement message"}]
            self._tell(number, {"statuses": [part]}, customer if self.draw.random() < 0.3 else None)
        if self.draw.random() < 0.5:
            self._send_record(name, customer, callback, at)

    def _send_record(self, name: str, customer: Any, callback: str | None, at: int) -> None:
        phone, bsuid, _ = customer
        is_template = self.draw.random() < 0.5
        request: Json = {"type": "template" if is_template else "text", "to": phone or bsuid}
        request |= {"template": {"name": "aviso"}} if is_template else {"text": {"body": "olá"}}
        if callback:
            request["biz_opaque_callback_data"] = callback
        contact = {"wa_id": phone} if phone else {"user_id": bsuid}
        record = {
            "request": request,
            "response": {"contacts": [contact], "messages": [{"id": name}]},
        }
        if self.draw.random() < 0.3:
            record["sent_at"] = f"2026-0{self.draw.randrange(1, 9)}-01T00:00:00+00:00"
        self.sends.append(record)

    def _tell(self, number: Any, value: Json, customer: Any = None) -> None:
        display, number_id = number
        metadata = {"display_phone_number": display, "phone_number_id": number_id}
        value = {"metadata": metadata, **value}
        if customer:
            phone, bsuid, name = customer
            # Where a phone is hidden, the contact does not name it either.
            known = None if bsuid and self.draw.random() < 0.7 else phone
            contact = {"wa_id": known, "user_id": bsuid, "profile": {"name": name}}
            value["contacts"] = [{key: one for key, one in contact.items() if one}]
        field = "smb_message_echoes" if "message_echoes" in value else "messages"
        entry = {"id": "waba", "changes": [{"field": field, "value": value}]}
        self.payloads.append({"object": "whatsapp_business_account", "entry": [entry]})


# --- loading --------------------------------------------------------------------------------------


def take_in(
    store: Path, payloads: Sequence[Json], sends: Sequence[Json] = (), account: str = "default"
) -> Outcome:
    """Load these, all at once, as the owner of the store does; return what became of it."""

    def write(folder: Path) -> Mapping[str, Path]:
        files = {}
        for name, records in ((PAYLOADS, payloads), (SENDS, sends)):
            if records:
                files[name] = folder / f"{name}.jsonl"
                files[name].write_text(_lines(records), encoding="utf-8")
        return files

    store.parent.mkdir(parents=True, exist_ok=True)
    owner = owner_of(store)
    hand_in = HandIn(WEBHOOKS, account, demo=False, updates=True)
    ticket = owner.inbox.hand_in(hand_in, write)
    owner.open()
    with closing(owner):
        owner.take_in()
    outcome = owner.inbox.take_outcome(ticket)
    assert outcome
    assert outcome.refusal is None, outcome.refusal
    return outcome


def _lines(records: Iterable[Json]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


MESSAGE_COLUMNS = (
    *("message_id", "whatsapp_id", "direction", "kind", "template_name", "sent_at", "body"),
    *("agent", "phone", "bsuid", "country", "business_number", "business_account", "error_code"),
    *("error_title", "billable", "pricing_category", "pricing_type"),
)


def held(store: Path, account: str = "default") -> tuple[list[Any], list[Any], set[Any], int]:
    """Return messages, cases, events and the number of kept parts of an account in ``store``."""
    columns = ", ".join(f"m.{name}" for name in MESSAGE_COLUMNS)
    given = [account]
    with duckdb.connect(str(store), read_only=True) as connection:
        messages = connection.execute(
            f"""select {columns}, c.case_id,
                case when m.direction = 'out' then m.status::varchar end
            from messages m join cases c using (case_key)
            where m.account = ? order by m.message_id""",
            given,
        ).fetchall()
        cases = connection.execute(
            """select case_id, case_number, person_name, opened_at, closed_at, channel, case_type
            from cases join people using (person_id) where account = ? order by case_id""",
            given,
        ).fetchall()
        events = connection.execute(
            "select message_id, status::varchar, occurred_at from message_events where account = ?",
            given,
        ).fetchall()
        kept = connection.execute(
            "select count(*) from kept_payloads where account = ?", given
        ).fetchall()[0][0]
    assert len(events) == len(set(events))
    return messages, cases, set(events), kept


def check_holds(store: Path, wanted: Expected, account: str = "default") -> None:
    """Fail where ``store`` does not hold exactly what was computed for ``account``."""
    messages, cases, events, kept = held(store, account)
    names = (*MESSAGE_COLUMNS, "case_id", "status")
    rows = sorted(wanted.messages, key=lambda row: row["message_id"])
    assert messages == [tuple(row[name] for name in names) for row in rows]
    names = ("case_id", "case_number", "person_name", "opened_at", "closed_at")
    rows = sorted(wanted.cases, key=lambda row: row["case_id"])
    whatsapp = ("WhatsApp", "WhatsApp")
    assert cases == [(*(row[name] for name in names), *whatsapp) for row in rows]
    assert events == wanted.events
    assert kept == wanted.kept
