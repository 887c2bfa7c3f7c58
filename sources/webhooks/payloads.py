"""Reads payloads of WhatsApp's Cloud API webhooks, by Meta's reference of the fields.

A payload is split into parts: each message, status, echo and error is one, and so is each change of
another kind. Every part becomes exactly one ``Outcome``; nothing is left out in silence.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from sources.countries import country_of
from sources.webhooks.bodies import body_of
from sources.webhooks.case_numbers import case_number_of
from sources.webhooks.customers import bsuid_of, phone_of
from sources.webhooks.facts import Json, Kept, MessageFact, Outcome, Rejected
from sources.webhooks.values import object_of, objects_of, text_of, time_of

#: Who wrote what was typed on the phone that also has the number's WhatsApp app.
PHONE_APP_AGENT: Final = "WhatsApp no celular"
#: What a status of WhatsApp is in the store. To have played a voice note is to have read it.
STATUSES: Final = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "played": "read",
    "failed": "failed",
}
#: Categories of templates. ``service`` is free text; ``referral_conversion`` may be either.
#: Before July 2025 ``business_initiated`` was that of conversations that a template began.
TEMPLATE_CATEGORIES: Final = frozenset(
    {
        "marketing",
        "marketing_lite",
        "utility",
        "authentication",
        "authentication_international",
        "business_initiated",
    }
)
#: Types of messages that are no message of a person; they are kept aside.
_NO_MESSAGES: Final = frozenset({"reaction", "system", "unsupported", "unknown", "request_welcome"})
#: The arrays of a change, and the way to read their elements.
_MESSAGES: Final = "messages"
_ECHOES: Final = "message_echoes"
_STATUSES: Final = "statuses"
_ERRORS: Final = "errors"
_ARRAYS: Final = (_MESSAGES, _ECHOES, _STATUSES, _ERRORS)
_NO_OBJECT: Final = "not an object"
_NO_ID: Final = "missing"
_NO_TIME: Final = "not a time; expected seconds since 1970"


@dataclass(frozen=True, slots=True)
class _Change:
    """What a change says of all its parts: whose number it is about, and the customers' names."""

    business_account: str | None
    number_id: str | None
    number: str | None
    metadata: Json
    contacts: tuple[Json, ...]

    @classmethod
    def of(cls, entry: Json, value: Json) -> "_Change":
        metadata = object_of(value.get("metadata"))
        return cls(
            text_of(entry.get("id")),
            text_of(metadata.get("phone_number_id")),
            phone_of(metadata.get("display_phone_number")),
            metadata,
            tuple(objects_of(value.get("contacts"))),
        )

    def is_own(self, sender: str | None) -> bool:
        """Whether ``sender`` is the company's own number."""
        if sender is None:
            return False
        return sender == self.number_id or (self.number and phone_of(sender) == self.number) is True

    def contact(self, *ids: str | None) -> Json:
        """Return what is said of the customer with one of ``ids``; else of the only customer."""
        for contact in self.contacts:
            if {contact.get("wa_id"), contact.get("user_id")} & set(ids) - {None}:
                return contact
        return self.contacts[0] if len(self.contacts) == 1 else {}

    def kept(self, kind: str, part: Json) -> Kept:
        told = {"business_account": self.business_account, "metadata": self.metadata, "part": part}
        return Kept(kind, time_of(part.get("timestamp")), told)


def read_payload(payload: Any) -> Iterator[Outcome]:
    """Yield what each part of ``payload``, a parsed JSON text, becomes; at least one outcome."""
    if not isinstance(payload, dict):
        yield Rejected("", _NO_OBJECT)
    elif isinstance(payload.get("entry"), list) and payload["entry"]:
        for place, entry in enumerate(payload["entry"]):
            yield from _read_entry(f"entry[{place}]", entry)
    elif "object" in payload:
        yield Kept("payload", None, payload)
    else:
        yield Rejected("entry", "missing: it is no payload of WhatsApp")


def _read_entry(place: str, entry: Any) -> Iterator[Outcome]:
    if not isinstance(entry, dict):
        yield Rejected(place, _NO_OBJECT)
        return
    changes = entry.get("changes")
    if not isinstance(changes, list) or not changes:
        yield Kept("entry", time_of(entry.get("time")), entry)
        return
    for number, change in enumerate(changes):
        yield from _read_change(f"{place}.changes[{number}]", entry, change)


def _read_change(place: str, entry: Json, change: Any) -> Iterator[Outcome]:
    if not isinstance(change, dict):
        yield Rejected(place, _NO_OBJECT)
        return
    value = object_of(change.get("value"))
    arrays = [name for name in _ARRAYS if isinstance(value.get(name), list) and value[name]]
    if not arrays or (change.get("field") not in (_MESSAGES, "smb_message_echoes")):
        kind = text_of(change.get("field")) or "change"
        told = {"business_account": entry.get("id"), "value": change.get("value")}
        yield Kept(kind, time_of(entry.get("time")), told)
        return
    context = _Change.of(entry, value)
    for name in arrays:
        for number, part in enumerate(value[name]):
            where = f"{place}.value.{name}[{number}]"
            if isinstance(part, dict):
                yield _READERS[name](where, context, part)
            else:
                yield Rejected(where, _NO_OBJECT)


# --- messages -------------------------------------------------------------------------------------


def _read_message(place: str, change: _Change, part: Json) -> Outcome:
    """Read an element of ``messages``: nearly always a message of a customer."""
    sender = text_of(part.get("from"))
    contact = change.contact(sender, text_of(part.get("from_user_id")))
    customer = text_of(contact.get("wa_id"))
    if change.is_own(sender) and customer is not None and phone_of(customer) != phone_of(sender):
        return _read_written(place, change, {**part, "to": customer}, is_out=True)
    return _read_written(place, change, part, is_out=False)


def _read_echo(place: str, change: _Change, part: Json) -> Outcome:
    """Read an element of ``message_echoes``: what the company typed on its own phone."""
    read = _read_written(place, change, part, is_out=True)
    return replace(read, agent=PHONE_APP_AGENT) if isinstance(read, MessageFact) else read


def _read_written(place: str, change: _Change, part: Json, *, is_out: bool) -> Outcome:
    """Read a message, an edit or a deletion."""
    kind = text_of(part.get("type")) or "unknown"
    if kind in _NO_MESSAGES:
        return change.kept(kind, part)
    whatsapp_id = text_of(part.get("id"))
    if whatsapp_id is None:
        return Rejected(f"{place}.id", _NO_ID)
    at = time_of(part.get("timestamp"))
    if at is None:
        return Rejected(f"{place}.timestamp", _NO_TIME)
    about = _about_customer(change, part, "to" if is_out else "from")
    fact = replace(about, whatsapp_id=whatsapp_id, sent_at=at, is_out=is_out)
    if kind in ("edit", "revoke"):
        return _read_later_change(f"{place}.{kind}", fact, part)
    return replace(fact, body=body_of(part), body_at=at)


def _read_later_change(place: str, fact: MessageFact, part: Json) -> Outcome:
    """Read an edit or a deletion: a fact of the message that it changes."""
    kind = str(part["type"])
    content = object_of(part.get(kind))
    original = text_of(content.get("original_message_id"))
    if original is None:
        return Rejected(f"{place}.original_message_id", _NO_ID)
    changed = replace(fact, whatsapp_id=original)
    if kind == "revoke":
        return replace(changed, is_deleted=True)
    body = body_of(object_of(content.get("message")))
    return replace(changed, body=body, body_at=fact.sent_at, edited_at=fact.sent_at)


def _about_customer(change: _Change, part: Json, side: str) -> MessageFact:
    """Return a fact of no message yet, with all that is said of number and customer.

    ``side`` is the field that names the customer: ``from``, ``to`` or ``recipient``.
    """
    named = text_of(part.get("recipient_id" if side == "recipient" else side))
    user = text_of(part.get(f"{side}_user_id"))
    contact = change.contact(named, user)
    group = _group_of(part, named)
    is_to_group = group is not None and named == group
    phone = None if is_to_group else phone_of(named) or phone_of(contact.get("wa_id"))
    bsuid = bsuid_of(user, named, contact.get("user_id"))
    return MessageFact(
        whatsapp_id="",
        business_account=change.business_account,
        business_number=change.number,
        phone=phone,
        bsuid=bsuid,
        group_id=group,
        country=country_of(phone, bsuid),
        contact_name=text_of(object_of(contact.get("profile")).get("name")),
    )


def _group_of(part: Json, named: str | None) -> str | None:
    """Return the id of the group in which a message was written, or to which it was sent."""
    if part.get("recipient_type") == "group":
        return text_of(part.get("group_id")) or named
    return text_of(part.get("group_id"))


# --- statuses and errors --------------------------------------------------------------------------


def _read_status(place: str, change: _Change, part: Json) -> Outcome:
    """Read an element of ``statuses``: what happened to a message that the company sent."""
    named = text_of(part.get("status")) or "missing"
    if named not in STATUSES:
        return change.kept(f"status {named[:100]}", part)
    whatsapp_id = text_of(part.get("id"))
    if whatsapp_id is None:
        return Rejected(f"{place}.id", _NO_ID)
    at = time_of(part.get("timestamp"))
    if at is None:
        return Rejected(f"{place}.timestamp", _NO_TIME)
    error = next(iter(objects_of(part.get(_ERRORS))), {})
    pricing = object_of(part.get("pricing"))
    category = _category_of(pricing)
    return replace(
        _about_customer(change, part, "recipient"),
        whatsapp_id=whatsapp_id,
        sent_at=at,
        is_out=True,
        status=STATUSES[named],
        occurred_at=at,
        error_code=text_of(error.get("code")),
        error_title=text_of(error.get("title")),
        billable=pricing["billable"] if isinstance(pricing.get("billable"), bool) else None,
        pricing_category=category,
        pricing_type=text_of(pricing.get("type")),
        is_template=category in TEMPLATE_CATEGORIES,
        case_number=case_number_of(part.get("biz_opaque_callback_data")),
    )


def _category_of(pricing: Json) -> str | None:
    """Return the pricing category; some versions write it with a hyphen."""
    category = text_of(pricing.get("category"))
    return category.lower().replace("-", "_") if category else None


def _read_error(_place: str, change: _Change, part: Json) -> Outcome:
    return change.kept("error", part)


_READERS: Final = {
    _MESSAGES: _read_message,
    _ECHOES: _read_echo,
    _STATUSES: _read_status,
    _ERRORS: _read_error,
}
