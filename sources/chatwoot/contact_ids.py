"""Finds the customer's phone and business-scoped user id among the ids that Chatwoot has."""

import re
from dataclasses import dataclass
from typing import Final

from sources.chatwoot.rows import Conversation, Inbox
from sources.countries import country_of

#: A phone of the contract: a plus and 8 to 15 digits.
_PHONE: Final = re.compile(r"\+?([0-9]{8,15})")
_TWILIO: Final = "whatsapp:"
#: The two letters of the country, a dot and an id.
_BSUID: Final = re.compile(r"[A-Z]{2}\..+")


@dataclass(frozen=True, slots=True)
class ContactIds:
    """Who the customer is at WhatsApp; what is not known is None.

    ``phone`` is in E.164; ``bsuid`` is the user id that is valid for this company; ``country`` has
    two letters.
    """

    phone: str | None = None
    bsuid: str | None = None
    country: str | None = None


def contact_ids(conversation: Conversation, inbox: Inbox | None) -> ContactIds:
    """Return the ids of the conversation's customer.

    The contact's own phone comes first, then the customer's id in the conversation, then others of
    the same inbox.
    """
    source_ids = [conversation.source_id, *(conversation.other_source_ids or ())]
    phones = [conversation.contact_phone, *source_ids]
    phone = next((found for written in phones if (found := phone_of(written))), None)
    if inbox is None or not inbox.is_whatsapp:
        return ContactIds(phone)
    bsuid = next((found for written in source_ids if (found := _bsuid(written))), None)
    return ContactIds(phone, bsuid, country_of(phone, bsuid))


def phone_of(written: str | None) -> str | None:
    """Return the phone in E.164; None if ``written`` is no phone.

    It may be bare digits, have a plus, and begin with ``whatsapp:``, as Twilio writes it.
    """
    found = _PHONE.fullmatch((written or "").strip().removeprefix(_TWILIO))
    return f"+{found[1]}" if found else None


def _bsuid(written: str | None) -> str | None:
    """Return the business-scoped user id; None if ``written`` is none, as the id of a gateway."""
    text = (written or "").strip().removeprefix(_TWILIO)
    return text if _BSUID.fullmatch(text) else None
