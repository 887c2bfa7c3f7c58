"""Batches of rows of the contract, made of conversations and their messages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sources.chatwoot.case_values import case_row
from sources.chatwoot.contact_ids import contact_ids
from sources.chatwoot.message_values import message_row
from sources.chatwoot.options import ChatwootOptions
from sources.chatwoot.reading import Scope
from sources.chatwoot.rows import ContractRow, Conversation, Message
from sources.contract import CASES, MESSAGES
from sources.contract_parquet import write_contract_rows


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of the contract that are handed in together."""

    cases: tuple[ContractRow, ...] = ()
    messages: tuple[ContractRow, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.cases) + len(self.messages)

    def write(self, folder: Path) -> Mapping[str, Path]:
        """Write the rows as files into ``folder``; return their paths by ``ImportFile.name``."""
        return {
            file.name: write_contract_rows(folder, file, rows)
            for file, rows in ((CASES, self.cases), (MESSAGES, self.messages))
            if rows
        }


def batch_of(
    scope: Scope,
    options: ChatwootOptions,
    conversations: Iterable[Conversation],
    messages: Iterable[Message],
) -> Batch:
    """Return the rows of conversations and messages. Messages of other conversations are left out.

    Those have just been removed together with their conversation.
    """
    by_id = {conversation.id: conversation for conversation in conversations}
    inboxes = scope.inboxes
    contacts = {
        id_: contact_ids(conversation, inboxes.get(conversation.inbox_id))
        for id_, conversation in by_id.items()
    }
    return Batch(
        tuple(
            case_row(conversation, inboxes.get(conversation.inbox_id), options)
            for conversation in by_id.values()
        ),
        tuple(
            message_row(message, contacts[message.conversation_id], inboxes[message.inbox_id])
            for message in messages
            if message.conversation_id in by_id
        ),
    )
