"""Reads requests that sent messages by WhatsApp's Cloud API, with their answers.

A record is an object with ``request`` (the body of ``POST /<number>/messages``) and ``response``
(its answer). It may have ``sent_at`` (ISO 8601 with an offset, or seconds since 1970),
``business_number`` and ``template_category``, which neither of the two holds.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from sources.countries import country_of
from sources.webhooks.bodies import body_of
from sources.webhooks.case_numbers import case_number_of
from sources.webhooks.customers import bsuid_of, phone_of
from sources.webhooks.facts import Json, Kept, MessageFact, Outcome, Rejected
from sources.webhooks.values import object_of, objects_of, text_of, time_of

#: Requests to the same address that send no message.
_NO_MESSAGES: Final = frozenset({"reaction"})
_YEARS: Final = range(1901, 2100)


def read_send(record: Any) -> Iterator[Outcome]:
    """Yield what ``record``, a parsed JSON text, becomes: exactly one outcome."""
    if not isinstance(record, dict):
        yield Rejected("", "not an object")
        return
    request, response = record.get("request"), record.get("response")
    if not isinstance(request, dict) or not isinstance(response, dict):
        yield Rejected("request", "missing: expected an object with request and response")
        return
    yield _read(record, request, response)


def _read(record: Json, request: Json, response: Json) -> Outcome:
    kind = text_of(request.get("type")) or ("text" if "text" in request else "unknown")
    answered = next(iter(objects_of(response.get("messages"))), {})
    whatsapp_id = text_of(answered.get("id"))
    if kind in _NO_MESSAGES or (whatsapp_id is None and "status" in request):
        return Kept("send", None, record)  # a reaction, or the note that a message was read
    if whatsapp_id is None:
        return Rejected("response.messages[0].id", "missing: WhatsApp sent no message")
    sent_at = record.get("sent_at")
    moment = None if sent_at is None else time_of(sent_at) or _iso_time(sent_at)
    if sent_at is not None and moment is None:
        return Rejected("sent_at", "not a time; expected 2026-11-20T10:00:00-03:00")
    return _fact(record, {**request, "type": kind}, response, whatsapp_id, moment)


def _fact(
    record: Json, request: Json, response: Json, whatsapp_id: str, sent_at: datetime | None
) -> MessageFact:
    contact = next(iter(objects_of(response.get("contacts"))), {})
    to = text_of(request.get("to"))
    is_group = request.get("recipient_type") == "group"
    phone = None if is_group else phone_of(contact.get("wa_id")) or phone_of(to)
    bsuid = bsuid_of(contact.get("user_id"), request.get("recipient"), to)
    template = object_of(request.get("template"))
    return MessageFact(
        whatsapp_id=whatsapp_id,
        sent_at=sent_at,
        is_out=True,
        is_accepted=True,
        business_number=phone_of(record.get("business_number")),
        phone=phone,
        bsuid=bsuid,
        group_id=to if is_group else None,
        country=country_of(phone, bsuid),
        body=body_of(request),
        body_at=sent_at,
        is_template=request["type"] == "template",
        template_name=text_of(template.get("name")),
        template_category=text_of(record.get("template_category")),
        case_number=case_number_of(request.get("biz_opaque_callback_data")),
    )


def _iso_time(value: Any) -> datetime | None:
    """Return the moment of a text in ISO 8601 with an offset, or None."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None or moment.year not in _YEARS:
        return None
    return moment.astimezone(UTC)
