"""What a conversation of Chatwoot means as a case of the contract."""

from typing import Final

from sources.chatwoot.json_values import clean_text, json_object
from sources.chatwoot.options import ChatwootOptions
from sources.chatwoot.rows import ContractRow, Conversation, Inbox

WHATSAPP: Final = "WhatsApp"
#: What a case shows where Chatwoot says nothing, in columns that every case must have.
NO_NAME: Final = "Sem nome"
NO_TYPE: Final = "Sem tipo"
NO_CHANNEL: Final = "Sem canal"
_RESOLVED: Final = 1


def case_row(
    conversation: Conversation, inbox: Inbox | None, options: ChatwootOptions
) -> ContractRow:
    """Return the row of the contract for a conversation of ``inbox``; None: it is deleted."""
    is_resolved = conversation.status == _RESOLVED
    return {
        "account": str(conversation.account_id),
        "case_id": str(conversation.id),
        "case_number": str(conversation.display_id),
        "person_name": clean_text(conversation.contact_name) or NO_NAME,
        "channel": _channel(inbox),
        "case_type": _case_type(conversation, options),
        "team": clean_text(conversation.team_name),
        "opened_at": conversation.created_at,
        "closed_at": conversation.resolved_at if is_resolved else None,
        "csat_rating": conversation.rating and str(conversation.rating),
    }


def _channel(inbox: Inbox | None) -> str:
    if inbox is None:
        return NO_CHANNEL
    return WHATSAPP if inbox.is_whatsapp else inbox.channel_type.removeprefix("Channel::")


def _case_type(conversation: Conversation, options: ChatwootOptions) -> str:
    """Return the custom attribute, else the first label, else the team."""
    key = options.case_type_attribute
    attribute = json_object(conversation.custom_attributes).get(key) if key else None
    first_label = (conversation.cached_label_list or "").split(",")[0]
    candidates = map(clean_text, (attribute, first_label, conversation.team_name))
    return next(filter(None, candidates), NO_TYPE)
