"""What is read from Chatwoot means what the facts say, row by row."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from sources.chatwoot.batches import batch_of
from sources.chatwoot.options import ChatwootOptions
from sources.chatwoot.portal import Portal
from sources.chatwoot.reading import (
    messages_of,
    next_conversations,
    read_conversations,
    read_scope,
)
from tests.chatwoot import SECRETS, Chatwoot, fill_from, insert_awkward, new_chatwoot
from tests.oracle import chatwoot as oracle
from tests.services import PostgreSQLServer

pytestmark = pytest.mark.integration

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def chatwoot(postgresql: PostgreSQLServer, customer_care: Path) -> Iterator[Chatwoot]:
    with new_chatwoot(postgresql, "mapping") as made:
        fill_from(made, customer_care)
        insert_awkward(made)
        yield made


def read(chatwoot: Chatwoot, options: ChatwootOptions, folder: Path) -> tuple[Rows, Rows]:
    """Read all as a sync does, write it as Parquet, and return what the files hold."""
    with Portal(chatwoot.address, timedelta(seconds=30)).session() as connection:
        scope = read_scope(connection, options)
        ids, through = next_conversations(connection, scope, 0, 100_000)
        assert next_conversations(connection, scope, through, 1) == ([], through)
        conversations = read_conversations(connection, scope, ids)
        batch = batch_of(scope, options, conversations, messages_of(connection, scope, ids))
    paths = batch.write(folder).values()
    for path in paths:
        assert not any(secret.encode() in path.read_bytes() for secret in SECRETS)
    read_cases, read_messages = (pq.read_table(path).to_pylist() for path in paths)
    return plain(read_cases), plain(read_messages)


def plain(rows: Rows) -> Rows:
    """Return rows with times without zone, and without values that are not there."""
    return [
        {
            name: value.replace(tzinfo=None) if hasattr(value, "tzinfo") else value
            for name, value in row.items()
            if value is not None
        }
        for row in rows
    ]


def known(rows: Rows, **defaults: object) -> Rows:
    """Return the expected rows as files have them: what is absent or usual has no value."""
    return [
        {
            name: str(value) if name == "csat_rating" else value
            for name, value in row.items()
            if value is not None and (name not in defaults or value != defaults[name])
        }
        for row in rows
    ]


@pytest.mark.parametrize(
    "options",
    [
        ChatwootOptions(),
        ChatwootOptions(case_type_attribute="tipo", api_inboxes=("Evolution",)),
        ChatwootOptions(accounts=(1,)),
        ChatwootOptions(accounts=(2, 3), case_type_attribute="outro"),
    ],
    ids=lambda options: str(options.to_json()),
)
def test_every_row_is_what_the_facts_say(
    chatwoot: Chatwoot, options: ChatwootOptions, tmp_path: Path
) -> None:
    cases, messages = read(chatwoot, options, tmp_path)
    expected_cases, expected_messages = oracle.expected(
        chatwoot.rows(),
        accounts=options.accounts,
        case_type_attribute=options.case_type_attribute,
        api_inboxes=options.api_inboxes,
    )
    assert cases == known(expected_cases)
    messages.sort(key=lambda row: int(row["message_id"]))
    for row in messages:
        row.setdefault("is_survey", False)
    assert messages == known(expected_messages)
    assert len(messages) > 30
