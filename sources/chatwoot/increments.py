"""What changed in Chatwoot since an earlier moment, as rows of the contract.

The moment lies before the newest change that was read, so rows are met again and again. Those that
were handed in as they are now are left out: an increment without anything new is empty.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Final, TypeVar

from cachetools import LRUCache
from sqlalchemy import Connection

from sources.chatwoot.batches import Batch, batch_of
from sources.chatwoot.contact_ids import ContactIds, contact_ids
from sources.chatwoot.options import ChatwootOptions
from sources.chatwoot.reading import (
    Scope,
    changed_conversations,
    changed_messages,
    messages_of,
    read_conversations,
)
from sources.chatwoot.rows import ContractRow, Conversation, Message

_PAGE_MESSAGES: Final = 2_000
_PAGE_CONVERSATIONS: Final = 200
_KNOWN_CONTACTS: Final = 100_000
_T = TypeVar("_T")


class Increments:
    """Reads increments of a Chatwoot, one after another, and knows what the last one had."""

    def __init__(self, options: ChatwootOptions) -> None:
        self._options = options
        #: Of each row that the last increment met: its hash, by kind and id.
        self._known: dict[tuple[str, str], int] = {}
        self._met: dict[tuple[str, str], int] = {}
        #: Of conversations: who the customer was when all its messages were last read.
        self._contacts: LRUCache[int, ContactIds] = LRUCache(_KNOWN_CONTACTS)
        self._met_contacts: dict[int, ContactIds] = {}

    def read(
        self, connection: Connection, scope: Scope, since: datetime, most: int
    ) -> Iterator[Batch]:
        """Yield what changed after ``since``, in batches of about ``most`` rows.

        Call ``settle`` when all of them are stored; until then they will be read again.
        """
        self._met, self._met_contacts = {}, {}
        cases: list[ContractRow] = []
        messages: list[ContractRow] = []
        for batch in self._pages(connection, scope, since):
            cases += self._new("case", "case_id", batch.cases)
            messages += self._new("message", "message_id", batch.messages)
            if len(cases) + len(messages) >= most:
                yield Batch(tuple(cases), tuple(messages))
                cases, messages = [], []
        if cases or messages:
            yield Batch(tuple(cases), tuple(messages))

    def settle(self) -> None:
        """Remember that all rows of the last increment are stored."""
        self._known = self._met
        self._contacts.update(self._met_contacts)

    def _new(self, kind: str, key: str, rows: Iterable[ContractRow]) -> Iterator[ContractRow]:
        """Yield the rows that were not handed in as they are now."""
        for row in rows:
            place, content = (kind, row[key]), hash(tuple(row.values()))
            if self._met.get(place, self._known.get(place)) != content:
                yield row
            self._met[place] = content

    def _pages(self, connection: Connection, scope: Scope, since: datetime) -> Iterator[Batch]:
        """Yield all that changed after ``since``, what was met before included."""
        for page in _pages_of(changed_messages(connection, scope, since), _PAGE_MESSAGES):
            ids = {message.conversation_id for message in page}
            yield self._batch(scope, read_conversations(connection, scope, ids), page)
        changed = changed_conversations(connection, scope, since)
        for ids_of_page in _pages_of(changed, _PAGE_CONVERSATIONS):
            conversations = read_conversations(connection, scope, ids_of_page)
            renamed = self._with_other_contact(scope, conversations)
            messages = messages_of(connection, scope, renamed) if renamed else []
            yield self._batch(scope, conversations, messages)

    def _with_other_contact(self, scope: Scope, conversations: Iterable[Conversation]) -> list[int]:
        """Return the ids of conversations whose customer has other ids than when last read.

        All their messages change with it, though their own times do not tell.
        """
        found = []
        for conversation in conversations:
            contact = contact_ids(conversation, scope.inboxes.get(conversation.inbox_id))
            if self._contacts.get(conversation.id) != contact:
                found.append(conversation.id)
                self._met_contacts[conversation.id] = contact
        return found

    def _batch(
        self, scope: Scope, conversations: Iterable[Conversation], messages: Sequence[Message]
    ) -> Batch:
        return batch_of(scope, self._options, conversations, messages)


def _pages_of(items: Iterable[_T], size: int) -> Iterator[tuple[_T, ...]]:
    """Yield the items, ``size`` at a time."""
    left = iter(items)
    while page := tuple(islice(left, size)):
        yield page
