"""The rows that are read from Chatwoot, before anything is said about what they mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Inbox:
    """An inbox: where messages of one channel come in.

    ``channel_type`` is Chatwoot's name of the channel, such as ``Channel::Whatsapp``.
    ``is_whatsapp``: whether its messages are WhatsApp messages. ``business_number``: the company's
    phone as it is written there; None where there is none.
    """

    id: int
    channel_type: str
    is_whatsapp: bool
    business_number: str | None

    @property
    def is_direct(self) -> bool:
        """Whether Chatwoot speaks to WhatsApp itself: ids of its messages are then WhatsApp's."""
        return self.channel_type == "Channel::Whatsapp"


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation, with what it refers to. All times are in UTC.

    The fields are in the order in which ``reading`` selects them. ``source_id`` is the customer's
    id in the inbox of the conversation, ``other_source_ids`` are all that the same customer has
    there. ``resolved_at`` is when it was last resolved, ``rating`` the newest rating (1 to 5) by
    the customer.
    """

    id: int
    account_id: int
    inbox_id: int
    display_id: int
    status: int | None
    cached_label_list: str | None
    custom_attributes: Any
    created_at: datetime
    team_name: str | None
    contact_name: str | None
    contact_phone: str | None
    source_id: str | None
    other_source_ids: Sequence[str] | None
    resolved_at: datetime | None
    rating: int | None


@dataclass(frozen=True, slots=True)
class Message:
    """A message. All times are in UTC. The fields are in the order in which ``reading`` selects.

    ``sender_name`` is the name of the user who wrote it; ``is_rated``: whether a rating answers it.
    """

    id: int
    account_id: int
    inbox_id: int
    conversation_id: int
    message_type: int
    status: int | None
    content: str | None
    content_type: int | str | None
    content_attributes: Any
    additional_attributes: Any
    source_id: str | None
    sender_type: str | None
    sender_id: int | None
    created_at: datetime
    sender_name: str | None
    is_rated: bool


#: A row of a file of the contract: values by column.
ContractRow = Mapping[str, Any]
