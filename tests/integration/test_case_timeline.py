"""The time line of a case against the rows of the import files, computed in plain Python."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from app.factory import create_app, parts_of
from app.settings import Settings
from queries import case_timeline
from queries.case_timeline import Entry, Timeline
from queries.reader import Reader
from queries.user_scope import Scope
from tests.integration.test_oracle import load, store_in
from tests.oracle.awkward import write_awkward
from tests.oracle.oracle import Case, Oracle, mask
from tests.services import import_rows

pytestmark = pytest.mark.integration
OPEN = Scope(see_phones=True)
#: Some minutes after the newest message of the files, so that waits are long and short.
NOW = datetime(2026, 11, 20, 18, 40, tzinfo=UTC)


class Stored:
    """A loaded store: its reader, the oracle, and the key of each case."""

    def __init__(self, reader: Reader, oracle: Oracle, keys: dict[tuple[str, str], int]) -> None:
        self.reader = reader
        self.oracle = oracle
        self.keys = keys

    def timeline(self, case: Case, scope: Scope = OPEN) -> Timeline | None:
        return self.reader.timeline(self.keys[case.account, case.case_id], scope)


def opened(url: str, oracle: Oracle, now: datetime = NOW) -> Iterator[Stored]:
    with duckdb.connect(url.removeprefix("duckdb:///"), read_only=True) as connection:
        rows = connection.execute("select account, case_id, case_key from cases").fetchall()
    server = create_app(Settings(store_url=url), clock=lambda: now)
    parts = parts_of(server)
    try:
        yield Stored(parts.reader, oracle, {(account, case): key for account, case, key in rows})
    finally:
        parts.close()


@pytest.fixture(scope="module", params=[1, 2], ids=lambda seed: f"seed{seed}")
def stored(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stored]:
    folder = tmp_path_factory.mktemp(f"timeline{request.param}")
    cases, messages = write_awkward(folder, request.param)
    load(store_in(folder), cases=cases, messages=messages)
    yield from opened(store_in(folder), Oracle.of_files(cases, messages))


def waits(case: Case) -> list[float | None]:
    """Return by message the length of the wait that it ended: only a person ends one."""
    found: list[float | None] = []
    since: datetime | None = None
    for message in case.messages:
        ends = message.is_human and since is not None
        found.append((message.sent_at - since).total_seconds() if ends and since else None)
        if message.direction == "in":
            since = since or message.sent_at
        elif message.is_human:
            since = None
    return found


def open_since(case: Case) -> datetime | None:
    """Return when the wait of an open case began that nobody has ended."""
    since = None
    for message in case.messages:
        if message.direction == "in":
            since = since or message.sent_at
        elif message.is_human:
            since = None
    return since if case.closed_at is None else None


def in_utc(at: datetime | None) -> datetime | None:
    """Return the time in UTC, since Python compares an ambiguous local hour as unequal."""
    return None if at is None else at.astimezone(UTC)


def said(entry: Entry) -> tuple[Any, ...]:
    return (
        in_utc(entry.sent_at),
        entry.direction,
        entry.status,
        entry.kind,
        entry.template_name,
        entry.agent,
        entry.is_bot,
        entry.body,
    )


def test_the_time_line_of_every_case_matches_the_files(stored: Stored) -> None:
    assert len(stored.oracle.cases) > 20
    for case in stored.oracle.cases:
        found = stored.timeline(case)
        assert found is not None
        facts = (found.case_number, found.person_name, found.channel, found.case_type, found.team)
        assert facts == (case.number, case.person, case.channel, case.case_type, case.team)
        assert (in_utc(found.opened_at), in_utc(found.closed_at)) == (
            case.opened_at,
            case.closed_at,
        )
        assert [said(entry) for entry in found.entries] == [
            (
                message.sent_at,
                message.direction,
                message.status,
                message.kind,
                message.template,
                message.agent,
                message.is_bot,
                message.body,
            )
            for message in case.messages
        ]
        assert found.messages == len(case.messages)
        phones = [message.contact_phone for message in case.messages if message.contact_phone]
        assert found.phone == (phones[-1] if phones else None)


def test_the_waits_of_every_case_match_the_files(stored: Stored) -> None:
    ended, still = 0, 0
    of_open: set[bool] = set()
    for case in stored.oracle.cases:
        found = stored.timeline(case)
        assert found is not None
        expected = waits(case)
        assert [entry.waited_seconds for entry in found.entries] == pytest.approx(expected)
        known = [wait for wait in expected if wait is not None]
        since = open_since(case)
        goes_on = since is not None and (NOW - since).total_seconds() > max(known, default=0)
        longest = [expected.index(max(known))] if known and not goes_on else []
        assert [place for place, one in enumerate(found.entries) if one.is_longest] == longest
        assert in_utc(found.waiting_since) == since
        assert found.waits_longest == goes_on
        if known and since is not None:
            of_open.add(goes_on)
        ended += len(known)
        still += found.waiting_since is not None
    assert ended > 10
    assert still > 0
    assert True in of_open


@pytest.mark.parametrize(("seconds", "is_open"), [(9, False), (10, False), (11, True)])
def test_a_wait_that_goes_on_may_be_the_longest(
    tmp_path: Path, seconds: int, *, is_open: bool
) -> None:
    """Of two equal waits the earlier one, which was answered, is marked as the longest."""
    opened_at = datetime(2026, 11, 1, 12, tzinfo=UTC)
    case = {
        "case_id": "c",
        "person_name": "P",
        "channel": "WhatsApp",
        "case_type": "T",
        "opened_at": opened_at.isoformat(),
    }
    # The wait that goes on began with the first of two messages.
    said = [("in", 0), ("out", 10), ("in", 20), ("out", 23), ("in", 30), ("in", 35)]
    messages = [
        {
            "message_id": f"m{after}",
            "case_id": "c",
            "direction": direction,
            "agent": "Ana" if direction == "out" else "",
            "sent_at": (opened_at + timedelta(seconds=after)).isoformat(),
        }
        for direction, after in said
    ]
    url = import_rows(tmp_path, [case], messages)
    now = opened_at + timedelta(seconds=30 + seconds)
    for stored in opened(url, Oracle([case], messages), now):
        found = stored.reader.timeline(stored.keys["default", "c"], OPEN)
        assert found is not None
        assert found.waits_longest is is_open
        marked = [entry.waited_seconds for entry in found.entries if entry.is_longest]
        assert marked == ([] if is_open else [10])


def test_times_are_in_the_time_zone_of_the_deployment(stored: Stored) -> None:
    case = next(case for case in stored.oracle.cases if case.messages)
    found = stored.timeline(case)
    assert found is not None
    assert found.entries[0].sent_at.utcoffset() == (
        case.messages[0].sent_at.astimezone(stored.oracle.zone).utcoffset()
    )


def test_a_scope_without_phones_and_texts_gets_neither(stored: Stored) -> None:
    case = next(
        case
        for case in stored.oracle.cases
        if case.messages and case.messages[-1].contact_phone and case.messages[-1].body
    )
    found = stored.timeline(case, Scope(see_texts=False))
    assert found is not None
    assert found.phone == mask(case.messages[-1].contact_phone)
    assert found.texts_hidden
    assert {entry.body for entry in found.entries} == {None}


def test_a_case_outside_the_scope_is_not_found(stored: Stored) -> None:
    case = next(case for case in stored.oracle.cases if case.messages and case.team)
    others = ("somebody else",)
    for scope in (
        Scope(accounts=others),
        Scope(teams=others),
        Scope(channels=others),
        Scope(accounts=()),
    ):
        assert stored.timeline(case, scope) is None
    own = Scope(accounts=(case.account,), teams=(str(case.team),), channels=(case.channel,))
    assert stored.timeline(case, own) is not None


def test_an_unknown_case_key_is_not_found(stored: Stored) -> None:
    for key in (0, max(stored.keys.values()) + 1, 2**63 - 1):
        assert stored.reader.timeline(key, OPEN) is None


def test_a_case_that_is_not_counted_is_not_found(stored: Stored) -> None:
    counted = {(case.account, case.case_id) for case in stored.oracle.cases}
    others = [key for case, key in stored.keys.items() if case not in counted]
    assert others
    assert [stored.reader.timeline(key, OPEN) for key in others] == [None] * len(others)


def test_a_long_case_shows_its_newest_messages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wait that began before the shown messages is still shown in full length."""
    cases = [
        {
            "case_id": "c",
            "person_name": "P",
            "channel": "WhatsApp",
            "case_type": "T",
            "opened_at": "2026-11-01T12:00:00Z",
        }
    ]
    messages = [
        {
            "message_id": f"m{minute}",
            "case_id": "c",
            "direction": "in" if minute < 6 else "out",
            "agent": "Ana" if minute >= 6 else "",
            "sent_at": f"2026-11-01T12:{minute:02}:00Z",
            "error_code": "131026" if minute == 7 else "",
            "error_title": "Undeliverable" if minute == 7 else "",
        }
        for minute in range(8)
    ]
    monkeypatch.setattr(case_timeline, "MAX_SHOWN", 3)
    url = import_rows(tmp_path, cases, messages)
    for stored in opened(url, Oracle(cases, messages)):
        found = stored.reader.timeline(stored.keys["default", "c"], OPEN)
        assert found is not None
        assert [entry.sent_at.minute for entry in found.entries] == [5, 6, 7]
        assert found.messages == 8
        assert [entry.waited_seconds for entry in found.entries] == [None, 360, None]
        assert [entry.error for entry in found.entries] == [None, None, "131026: Undeliverable"]
