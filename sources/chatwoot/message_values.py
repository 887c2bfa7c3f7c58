"""What a message of Chatwoot means as a message of the contract."""

import re
from collections.abc import Mapping
from typing import Any, Final

from sources.chatwoot.contact_ids import ContactIds, phone_of
from sources.chatwoot.json_values import clean_text, json_object, storable
from sources.chatwoot.rows import ContractRow, Inbox, Message

#: Values of ``messages.message_type``: from the customer, from the company, and a text that
#: Chatwoot sends by itself, which is no WhatsApp template. 2 is a record of activity.
INCOMING: Final = 0
OUTGOING: Final = 1
AUTOMATIC: Final = 3
#: The agent of messages that were typed in the WhatsApp app of the company's phone.
PHONE_APP: Final = "WhatsApp no celular"
_STATUSES: Final[Mapping[int | None, str]] = {0: "sent", 1: "delivered", 2: "read", 3: "failed"}
_USER: Final = "User"
#: ``messages.content_type`` of a message that asks for a rating; ``input_csat`` in Chatwoot's API.
_SURVEY: Final = (9, "input_csat")
_ERROR: Final = re.compile(r"\s*([0-9]+)\s*:\s*(.*)", re.DOTALL)
_WHATSAPP_ID: Final = "wamid."
_MOST_BODY: Final = 200_000


def message_row(message: Message, contact: ContactIds, inbox: Inbox) -> ContractRow:
    """Return the row of the contract for a message of ``inbox`` with the customer ``contact``.

    Columns that are not in it are unknown to Chatwoot.
    """
    is_out = message.message_type != INCOMING
    attributes = json_object(message.content_attributes)
    return {
        "account": str(message.account_id),
        "message_id": str(message.id),
        "case_id": str(message.conversation_id),
        "direction": "out" if is_out else "in",
        "business_number": phone_of(inbox.business_number),
        "phone": contact.phone,
        "bsuid": contact.bsuid,
        "country": contact.country,
        "body": _body(message, attributes),
        "sent_at": message.created_at,
        "whatsapp_id": _whatsapp_id(message, inbox),
        **(_outgoing(message, attributes) if is_out else {"kind": "session", "is_bot": False}),
    }


def _outgoing(message: Message, attributes: Mapping[str, Any]) -> ContractRow:
    """Return the columns that only outgoing messages have."""
    template = _template(message)
    status = _status(message)
    agent = _agent(message, attributes)
    code, title = _error(attributes) if status == "failed" else (None, None)
    return {
        "status": status,
        "kind": "hsm" if template else "session",
        "template_name": clean_text(template.get("name")),
        "template_category": clean_text(template.get("category")),
        "agent": agent,
        "is_bot": agent is None,
        "is_survey": message.content_type in _SURVEY or message.is_rated,
        "error_code": code,
        "error_title": title,
    }


def _body(message: Message, attributes: Mapping[str, Any]) -> str | None:
    """Return the text; None for a message that Chatwoot could not show, whose text is its own."""
    if attributes.get("is_unsupported") or message.content is None:
        return None
    return storable(message.content)[:_MOST_BODY] or None


def _whatsapp_id(message: Message, inbox: Inbox) -> str | None:
    source_id = clean_text(message.source_id)
    if source_id and (inbox.is_direct or source_id.startswith(_WHATSAPP_ID)):
        return source_id
    return None


def _template(message: Message) -> Mapping[str, Any]:
    """Return the parameters of the WhatsApp template; {} for any other message."""
    return json_object(json_object(message.additional_attributes).get("template_params"))


def _status(message: Message) -> str:
    if message.status == 0 and not message.source_id:
        return "new"
    return _STATUSES.get(message.status, "unknown")


def _agent(message: Message, attributes: Mapping[str, Any]) -> str | None:
    """Return the name of the person who wrote the message; None for a bot."""
    if message.sender_type == _USER:
        # Messages of users who were deleted were written by a person all the same.
        return clean_text(message.sender_name) or f"Agente {message.sender_id or '?'}"
    if message.sender_type is None and attributes.get("external_echo") is True:
        return PHONE_APP
    return None


def _error(attributes: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return code and title of the failure, which are written as ``code: title``."""
    error = clean_text(attributes.get("external_error"))
    if error and (parts := _ERROR.fullmatch(error)):
        return parts[1], clean_text(parts[2])
    return None, error
