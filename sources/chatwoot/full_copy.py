"""The full copy: conversation by conversation with all its messages, in the order of their ids.

A conversation whose messages are stored together is derived only once.
"""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from sources.chatwoot.batches import Batch, batch_of
from sources.chatwoot.options import ChatwootOptions
from sources.chatwoot.reading import Scope, messages_of, next_conversations, read_conversations
from sources.chatwoot.rows import Message

_MOST_CONVERSATIONS: Final = 5_000


@dataclass(frozen=True, slots=True)
class CopiedPart:
    """A part of the copy: its rows, and the id of the conversation through which it goes."""

    batch: Batch
    through: int


def read_part(
    connection: Connection, scope: Scope, options: ChatwootOptions, after: int, most: int
) -> CopiedPart | None:
    """Return the part that begins behind the conversation ``after``; None where there is no more.

    It has at most ``most`` messages, or one conversation with all of its messages.
    """
    ids, through = next_conversations(connection, scope, after, _MOST_CONVERSATIONS)
    if through == after:
        return None
    messages = messages_of(connection, scope, ids, most + 1)
    if len(messages) > most:
        through, messages = _whole_conversations(connection, scope, messages)
        ids = [id_ for id_ in ids if id_ <= through]
    conversations = read_conversations(connection, scope, ids)
    return CopiedPart(batch_of(scope, options, conversations, messages), through)


def _whole_conversations(
    connection: Connection, scope: Scope, messages: list[Message]
) -> tuple[int, list[Message]]:
    """Return the messages without the conversation that is cut, and the last id before it.

    Where there is only that one, return all of its messages.
    """
    cut = messages[-1].conversation_id
    whole = [message for message in messages if message.conversation_id < cut]
    if whole:
        return cut - 1, whole
    return cut, messages_of(connection, scope, [cut])
