"""``erase`` and ``purge`` reach all that webhooks told, and what was kept aside of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import Here
from tests.integration.removals import MARK, texts_of
from tests.integration.test_accounting import stored
from tests.integration.test_webhooks_and_portal import ANA, payload, status, written
from tests.integration.webhook_world import FIRST, Json, check_holds, take_in
from tests.oracle.webhooks import expected

pytestmark = pytest.mark.integration

DAY = 86_400
BIA = "351912345678"


def of_bia(name: str, at: int, body: str = "oi", profile: str = "Bia Prado") -> Json:
    part = {"id": name, "from": BIA, "timestamp": str(at), "type": "text", "text": {"body": body}}
    contact = {"wa_id": BIA, "profile": {"name": profile}}
    return payload({"contacts": [contact], "messages": [part]})


def reaction(name: str, at: int, phone: str) -> Json:
    part = {"id": name, "from": phone, "timestamp": str(at), "type": "reaction"}
    return payload({"messages": [{**part, "reaction": {"emoji": "👍", "message_id": "x"}}]})


def hidden(name: str, at: int) -> Json:
    """A message of Ana, who now hides her phone."""
    part = {"id": name, "from_user_id": "BR.1", "timestamp": str(at), "type": "text"}
    return payload({"messages": [{**part, "text": {"body": "de novo"}}]})


ANAS = [
    written("wamid.1", FIRST),
    hidden("wamid.2", FIRST + 3 * DAY),
    status("wamid.3", FIRST + 3 * DAY + 60, "read"),
    reaction("wamid.r1", FIRST, ANA),
]
OTHERS = [of_bia("wamid.7", FIRST), reaction("wamid.r2", FIRST, BIA)]
#: A send of which nothing is heard afterwards; no time of it is known.
SEND: Json = {
    "request": {"to": ANA, "type": "text", "text": {"body": "oi, Aninha"}},
    "response": {"contacts": [{"wa_id": ANA}], "messages": [{"id": "wamid.5"}]},
}


def contents(store: Path, table: str) -> list[tuple[Any, ...]]:
    return stored(store, f"select * from {table}")


def test_erasing_a_phone_takes_all_that_was_told_of_it(here: Here, tmp_path: Path) -> None:
    store = tmp_path / "s.duckdb"
    take_in(store, [*ANAS, *OTHERS], [SEND])
    trial = here("erase", "--phone", f"+{ANA}", "--dry-run", store=store)
    # The conversion joins Ana's phone to her user id; her two sessions go, and what waits.
    assert "Store: 2 cases, 4 messages, 1 payloads of webhooks" in trial.stdout
    assert len(contents(store, "webhook_messages")) == 5
    done = here("erase", "--phone", f"+{ANA}", store=store)
    assert done.exit_code == 0, done.output
    check_holds(store, expected(OTHERS))
    assert [text for text in texts_of(store) if ANA[-8:] in text or "Aninha" in text] == []
    assert len(contents(store, "webhook_messages")) == 1
    assert "Store: nothing left." in here("erase", "--phone", f"+{ANA}", store=store).stdout


def test_erasing_a_name_masks_it_in_what_was_told_of_others(here: Here, tmp_path: Path) -> None:
    store = tmp_path / "s.duckdb"
    # The case has the newest name; an older one of the same customer stands in its messages.
    told = [
        of_bia("wamid.1", FIRST, profile="Ana Souza"),
        of_bia("wamid.2", FIRST + 60, body="fala Ana Souza"),
        reaction("wamid.r", FIRST, BIA),
        payload({"messages": [{"type": "system", "system": {"body": "Ana Souza mudou"}}]}),
    ]
    take_in(store, told)
    done = here("erase", "--person", "Ana Souza", store=store)
    assert done.exit_code == 0, done.output
    assert [text for text in texts_of(store) if "Souza" in text] == []
    names = "select contact_name from webhook_messages order by whatsapp_id"
    assert stored(store, names) == [(MARK,), ("Bia Prado",)]
    assert stored(store, "select kind from kept_payloads") == [("reaction",)]
    # What is told later of the same customer brings nothing back.
    take_in(store, [of_bia("wamid.3", FIRST + 120)])
    assert [text for text in texts_of(store) if "Souza" in text] == []
    assert stored(store, "select count(*) from messages") == [(3,)]


@pytest.mark.parametrize("texts_only", [False, True])
def test_purging_takes_what_was_told_before_the_day(
    here: Here, tmp_path: Path, *, texts_only: bool
) -> None:
    store = tmp_path / "s.duckdb"
    late = [of_bia("wamid.8", FIRST + 20 * DAY), reaction("wamid.r3", FIRST + 20 * DAY, BIA)]
    take_in(store, [*ANAS, *OTHERS, *late])
    # Nothing says when this happened: the day of its load counts.
    take_in(store, [payload({"errors": [{"code": 131000}]})])
    options = ["--texts-only"] if texts_only else []
    done = here("purge", "--before", "2025-10-25", *options, store=store)
    assert done.exit_code == 0, done.output
    assert "2 payloads of webhooks" in done.stdout
    kept = stored(store, "select kind from kept_payloads order by 1")
    assert kept == [("error",), ("reaction",)]
    if texts_only:
        bodies = "select message_id from messages where body is not null"
        assert stored(store, bodies) == [("wamid.8",)]
        assert stored(store, "select count(*) from webhook_messages") == [(5,)]
    else:
        ids = "select whatsapp_id from webhook_messages"
        assert stored(store, ids) == [("wamid.8",)]
        assert json.dumps(stored(store, "select message_id from messages")) == '[["wamid.8"]]'
