"""What the user wants of a sync with Chatwoot."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

#: How long before the newest settled moment each increment looks for changes, unless told.
DEFAULT_OVERLAP: Final = timedelta(seconds=120)


@dataclass(frozen=True, slots=True)
class ChatwootOptions:
    """What a sync takes from Chatwoot, and what it means.

    ``accounts``: ids of the accounts that are copied; all where it is empty.
    ``case_type_attribute``: the key of the conversation's custom attribute that holds the type of
    the case. ``api_inboxes``: ids or names of inboxes of the channel ``Channel::Api`` that are
    WhatsApp through a gateway.
    """

    accounts: tuple[int, ...] = ()
    case_type_attribute: str | None = None
    api_inboxes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return these options for JSON. Equal options give equal values."""
        return {
            "accounts": sorted(set(self.accounts)),
            "case_type_attribute": self.case_type_attribute,
            "api_inboxes": sorted(set(self.api_inboxes)),
        }
