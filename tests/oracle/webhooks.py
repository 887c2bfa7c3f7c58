"""What a store must hold after payloads of WhatsApp, computed in plain Python from all of them.

It follows the facts (WhatsApp's reference, docs/webhooks.md), knows no order of loads, and shares
no code with the product: everything is gathered first, then each message, session and case is
worked out by itself.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

DAY = timedelta(hours=24)
RANK = ("unknown", "new", "sent", "failed", "delivered", "read")
COUNTRIES = {"+55": "BR", "+972": "IL", "+351": "PT"}
HSM = ("marketing", "marketing_lite", "utility", "authentication", "business_initiated")
Row = dict[str, Any]


@dataclass
class Told:
    """All that was said of one message; a set for each thing, to choose from at the end."""

    times: set[datetime] = field(default_factory=set)
    said: dict[str, set[Any]] = field(default_factory=lambda: defaultdict(set))
    bodies: set[tuple[datetime, str]] = field(default_factory=set)
    statuses: set[tuple[str, datetime]] = field(default_factory=set)
    is_out = is_hsm = is_deleted = is_accepted = False

    def say(self, **values: Any) -> None:
        for name, value in values.items():
            if value is not None:
                self.said[name].add(value)

    def one(self, name: str) -> Any:
        return min(self.said[name], default=None)


@dataclass
class Expected:
    """Rows of the store; ``kept`` are the kinds of what is kept aside, ``parts`` counts all."""

    messages: list[Row]
    cases: list[Row]
    events: set[tuple[str, str, datetime]]
    kept: int
    parts: int


def expected(
    payloads: Iterable[Any],
    sends: Iterable[Any] = (),
    portal_cases: Mapping[str, str] | None = None,
) -> Expected:
    """Return what a store holds after all of these. ``portal_cases``: case ids by case number."""
    world = _World()
    for payload in payloads:
        for entry in payload["entry"]:
            for change in entry["changes"]:
                world.hear(entry, change)
    for record in sends:
        world.send(record["request"], record["response"], record.get("sent_at"))
    return world.rows(portal_cases or {})


def moment(seconds: Any) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC).replace(tzinfo=None)


def phone(text: Any) -> str | None:
    digits = "".join(sign for sign in text or "" if sign.isdigit())
    return f"+{digits}" if digits and 8 <= len(digits) <= 15 and "." not in text else None


class _World:
    def __init__(self) -> None:
        self.told: dict[str, Told] = defaultdict(Told)
        self.kept: set[str] = set()
        self.parts = 0

    def hear(self, entry: Row, change: Row) -> None:
        value = change.get("value") or {}
        lists = {name: value.get(name) or [] for name in ("messages", "message_echoes", "statuses")}
        errors = value.get("errors") or []
        if change["field"] not in ("messages", "smb_message_echoes") or not any(
            [*lists.values(), errors]
        ):
            self.keep(f"{entry['id']} {change}")
            return
        for error in errors:
            self.keep(f"{entry['id']} {value['metadata']} {error}")
        for name, parts in lists.items():
            for part in parts:
                self.part(name, entry, value, part)

    def keep(self, what: str) -> None:
        self.parts += 1
        self.kept.add(what)

    def part(self, name: str, entry: Row, value: Row, part: Row) -> None:
        kind = part.get("type")
        if kind in ("reaction", "system", "unsupported") or part.get("status") == "deleted":
            self.keep(f"{entry['id']} {value['metadata']} {part}")
            return
        self.parts += 1
        contacts = value.get("contacts") or []
        number = value["metadata"]
        own = {number["phone_number_id"], number["display_phone_number"]}
        if name == "statuses":
            who, user = part.get("recipient_id"), part.get("recipient_user_id")
        elif name == "message_echoes":
            who, user = part.get("to"), part.get("to_user_id")
        else:
            who, user = part.get("from"), part.get("from_user_id")
        is_out = name != "messages"
        if name == "messages" and who in own and contacts and contacts[0]["wa_id"] != who:
            is_out, who = True, contacts[0]["wa_id"]
        named = [c for c in contacts if who == c.get("wa_id") or user == c.get("user_id")]
        contact = named[0] if named else contacts[0] if len(contacts) == 1 else {}
        target = part[kind]["original_message_id"] if kind in ("edit", "revoke") else part["id"]
        told = self.told[target]
        at = moment(part["timestamp"])
        told.times.add(at)
        told.is_out |= is_out
        group = part.get("group_id")
        is_to_group = part.get("recipient_type") == "group"
        if is_to_group:
            group = who
        told.say(
            group=group,
            phone=None if is_to_group else phone(who) or phone(contact.get("wa_id")),
            bsuid=user or contact.get("user_id"),
            name=(contact.get("profile") or {}).get("name"),
            business_number=phone(number["display_phone_number"]),
            business_account=entry["id"],
            agent="WhatsApp no celular" if name == "message_echoes" else None,
        )
        if name == "statuses":
            self.status(told, part, at)
        elif kind == "revoke":
            told.is_deleted = True
        elif kind == "edit":
            told.bodies.add((at, part["edit"]["message"]["text"]["body"]))
        elif body := text(part):
            told.bodies.add((at, body))

    def status(self, told: Told, part: Row, at: datetime) -> None:
        status = "read" if part["status"] == "played" else part["status"]
        told.statuses.add((status, at))
        pricing = part.get("pricing") or {}
        error = (part.get("errors") or [{}])[0]
        told.is_hsm |= pricing.get("category") in HSM
        told.say(
            billable=pricing.get("billable"),
            pricing_category=pricing.get("category"),
            pricing_type=pricing.get("type"),
            error_code=str(error["code"]) if "code" in error else None,
            error_title=error.get("title"),
            number=part.get("biz_opaque_callback_data"),
        )

    def send(self, request: Row, response: Row, sent_at: str | None) -> None:
        self.parts += 1
        told = self.told[response["messages"][0]["id"]]
        told.is_out = told.is_accepted = True
        told.is_hsm |= request["type"] == "template"
        contact = response["contacts"][0]
        told.say(
            phone=phone(contact.get("wa_id")),
            bsuid=contact.get("user_id"),
            number=request.get("biz_opaque_callback_data"),
            template_name=request.get("template", {}).get("name"),
        )
        at = datetime.min  # noqa: DTZ901 - before every edit
        if sent_at:
            at = datetime.fromisoformat(sent_at).astimezone(UTC).replace(tzinfo=None)
            told.times.add(at)
        if body := text(request):
            told.bodies.add((at, body))

    def rows(self, portal_cases: Mapping[str, str]) -> Expected:
        phones: dict[str, set[str]] = defaultdict(set)
        for told in self.told.values():
            if told.one("bsuid") and told.one("phone"):
                phones[told.one("bsuid")].add(told.one("phone"))
        talks: dict[tuple[str, str], list[tuple[datetime, str]]] = defaultdict(list)
        for name, told in self.told.items():
            if told.times:
                bsuid = told.one("bsuid")
                linked = min(phones.get(bsuid, ()), default=None)
                customer = told.one("group") or told.one("phone") or linked or bsuid or name
                talks[told.one("business_number") or "", customer].append((min(told.times), name))
        cases: dict[str, Row] = {}
        messages = []
        for (number, customer), talk in talks.items():
            for case in _cases_of(self.told, number, customer, sorted(talk)):
                if case["number"] in portal_cases:
                    case["case_id"] = portal_cases[case["number"]]
                else:
                    _join(cases, case)
                messages += [
                    _message(self.told[name], name, case["case_id"]) for name in case["names"]
                ]
        events = {(name, *one) for name, told in self.told.items() for one in told.statuses}
        made = [_case(self.told, case) for case in cases.values()]
        return Expected(messages, made, events, len(self.kept), self.parts)


def text(part: Row) -> str | None:
    kind = part["type"]
    content = part.get(kind)
    if not isinstance(content, dict):
        return None
    if kind == "interactive":
        for name in ("button_reply", "list_reply"):
            if name in content:
                return str(content[name]["title"])
    found = content.get({"text": "body", "button": "text"}.get(kind, "caption"))
    return found or None


def _cases_of(
    told: Mapping[str, Told], number: str, customer: str, talk: list[tuple[datetime, str]]
) -> list[Row]:
    """Split the messages of one customer into sessions, and these by the numbers of cases."""
    sessions: list[list[tuple[datetime, str]]] = []
    for at, name in talk:
        if sessions and at - sessions[-1][-1][0] <= DAY:
            sessions[-1].append((at, name))
        else:
            sessions.append([(at, name)])
    cases = []
    for place, session in enumerate(sessions):
        numbers = [told[name].one("number") for _, name in session]
        current = next((one for one in numbers if one), None)
        parts: dict[str | None, list[str]] = {}
        for (_, name), given in zip(session, numbers, strict=True):
            current = given or current
            parts.setdefault(current, []).append(name)
        began = int(session[0][0].replace(tzinfo=UTC).timestamp())
        for case_number, names in parts.items():
            case_id = (
                f"whatsapp:case:{case_number}"
                if case_number
                else f"whatsapp:{number}:{customer}:{began}"
            )
            cases.append(
                {
                    "case_id": case_id,
                    "number": case_number,
                    "names": names,
                    "customers": [customer],
                    "is_last": place == len(sessions) - 1,
                }
            )
    return cases


def _join(cases: dict[str, Row], case: Row) -> None:
    known = cases.setdefault(case["case_id"], {**case, "names": [], "is_last": False})
    known["names"] = known["names"] + case["names"]
    known["customers"] = known["customers"] + case["customers"]
    known["is_last"] |= case["is_last"]


def _case(told: Mapping[str, Told], case: Row) -> Row:
    ordered = sorted((min(told[name].times), name) for name in case["names"])
    names = [told[name].one("name") for _, name in ordered if told[name].one("name")]
    return {
        "case_id": case["case_id"],
        "case_number": case["number"] or case["case_id"],
        "person_name": names[-1] if names else min(case["customers"]),
        "opened_at": ordered[0][0],
        "closed_at": None if case["is_last"] else ordered[-1][0] + DAY,
    }


def _message(told: Told, name: str, case_id: str) -> Row:
    number = told.one("phone")
    bsuid = told.one("bsuid")
    country = next((c for start, c in COUNTRIES.items() if (number or "").startswith(start)), None)
    statuses = [status for status, _ in told.statuses]
    statuses.append("new" if told.is_accepted else "unknown")
    return {
        "message_id": name,
        "whatsapp_id": name,
        "case_id": case_id,
        "direction": "out" if told.is_out else "in",
        "status": max(statuses, key=RANK.index) if told.is_out else None,
        "kind": "hsm" if told.is_out and told.is_hsm else "session",
        "template_name": told.one("template_name"),
        "sent_at": min(told.times),
        "body": max(told.bodies, default=(None, None))[1] if not told.is_deleted else None,
        "agent": told.one("agent"),
        "phone": number,
        "bsuid": bsuid,
        "country": country or (bsuid[:2] if bsuid else None),
        "business_number": told.one("business_number"),
        "business_account": told.one("business_account"),
        "error_code": told.one("error_code"),
        "error_title": told.one("error_title"),
        "billable": max(told.said["billable"], default=None),
        "pricing_category": told.one("pricing_category"),
        "pricing_type": told.one("pricing_type"),
    }
