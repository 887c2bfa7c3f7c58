"""What a part of a payload can become: a fact of a message, something kept aside, or a reject."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

#: An object of JSON.
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MessageFact:
    """What one part of a payload tells of one message; None where it says nothing.

    Facts of the same ``whatsapp_id`` are merged column by column (``conversion``), so their order
    and repetition never matter. ``account`` is ours, ``business_account`` WhatsApp's.

    ``sent_at``: a time at which the message was there already: its own, or that of a status, an
    edit or a deletion. ``is_out``: whether the company sent it; None where a part does not say.
    ``body`` is its text, which holds since ``body_at`` (None: since it was sent); ``edited_at`` is
    when it was last edited. ``is_deleted``: the sender took it back. ``is_template``: it is an HSM
    for certain. ``is_accepted``: WhatsApp took it to send it. ``status`` is what happened to it at
    ``occurred_at``. ``case_number`` is the text that the sender added to it.
    """

    whatsapp_id: str
    sent_at: datetime | None = None
    is_out: bool | None = None
    business_account: str | None = None
    business_number: str | None = None
    phone: str | None = None
    bsuid: str | None = None
    group_id: str | None = None
    country: str | None = None
    contact_name: str | None = None
    agent: str | None = None
    body: str | None = None
    body_at: datetime | None = None
    edited_at: datetime | None = None
    is_deleted: bool = False
    is_template: bool = False
    is_accepted: bool = False
    template_name: str | None = None
    template_category: str | None = None
    status: str | None = None
    occurred_at: datetime | None = None
    error_code: str | None = None
    error_title: str | None = None
    billable: bool | None = None
    pricing_category: str | None = None
    pricing_type: str | None = None
    case_number: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A part of which no use is made yet; ``kind`` is its name at WhatsApp.

    ``occurred_at`` is when it happened, None where it is not said; ``payload`` is what was told.
    """

    kind: str
    occurred_at: datetime | None
    payload: Json


@dataclass(frozen=True, slots=True)
class Rejected:
    """A part that cannot be read: ``place`` is where it stands; ``reason`` repeats no value."""

    place: str
    reason: str


#: What became of a part.
Outcome = MessageFact | Kept | Rejected
