"""Loads that update: what portals and webhooks tell of the same messages, and what is gone.

The expected rows are computed here, row by row in plain Python, by the rules of
``sources/loading/updates.py`` as its docstring states them.
"""

import json
import random
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from queries.engines.base import EngineLimits
from sources.inbox import HandIn, Outcome
from sources.loading.load_order import LoadReport
from sources.owner import Owner
from tests.integration.conftest import Here
from tests.integration.removals import stored
from tests.integration.test_merging import CASE, OTHER, Loads, hsm, message, reply, written
from tests.integration.test_merging import loads as loads  # noqa: PLC0414 - a fixture
from tests.integration.test_rollups import recounted
from tests.integration.test_rollups import stored as rolled_up
from tests.oracle.oracle import RANK, Oracle

pytestmark = pytest.mark.integration

Row = dict[str, str]

_CASE_COLUMNS = (
    *("account", "case_id", "case_number", "person_name", "channel", "case_type", "team"),
    *("opened_at", "closed_at", "csat_rating"),
)
#: What a later row does not empty.
_KEPT = (
    *("template_name", "template_category", "business_number", "phone", "body", "agent"),
    *("error_code", "error_title", "billable", "pricing_category", "pricing_type", "country"),
    *("business_account", "bsuid", "whatsapp_id"),
)
_MESSAGE_COLUMNS = (
    *("account", "message_id", "case_id", "direction", "status", "kind", "sent_at", "is_bot"),
    *("is_survey", *_KEPT),
)
_EVENT_COLUMNS = ("account", "message_id", "status", "occurred_at", "error_code")
_REMOVAL_COLUMNS = ("account", "message_id", "case_id")
SESSION = {**CASE, "case_id": "whatsapp:1:2:3", "person_name": "+5511987654471"}
SENT = {"direction": "out", "kind": "hsm", "phone": "+5511987654471", "template_name": "oi"}


def told(number: str, at: str = "12:00", case: str = SESSION["case_id"], **more: str) -> Row:
    """Return the row of an outgoing message that webhooks told: its two ids are one."""
    row = {"direction": "out", "status": "sent", "whatsapp_id": number, **more}
    return message(number, at, case, **row)


class Updates:
    """A store that is updated step by step."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.path = path
        self._folder = folder
        self.owner = Owner(
            path, EngineLimits(), "America/Sao_Paulo", lambda: datetime(2026, 11, 20, tzinfo=UTC)
        )

    def hand_in(self, what: HandIn, **files: list[Row]) -> Outcome:
        columns = {
            "cases": _CASE_COLUMNS,
            "messages": _MESSAGE_COLUMNS,
            "events": _EVENT_COLUMNS,
            "removals": _REMOVAL_COLUMNS,
        }

        def write(folder: Path) -> Mapping[str, Path]:
            return {
                name: written(folder / f"{name}.csv", columns[name], rows)
                for name, rows in files.items()
            }

        ticket = self.owner.inbox.hand_in(what, write)
        self.owner.open()
        try:
            self.owner.take_in()
        finally:
            self.owner.close()
        outcome = self.owner.inbox.take_outcome(ticket)
        assert outcome
        return outcome

    def update(self, *, state: str | None = None, **files: list[Row]) -> LoadReport:
        what = HandIn("portal", "default", demo=False, updates=True, name="portal", state=state)
        outcome = self.hand_in(what, **files)
        assert outcome.load, outcome.refusal
        return outcome.load

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with duckdb.connect(str(self.path), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def statuses(self) -> dict[object, object]:
        return dict(self.rows("select message_id, status from messages"))  # type: ignore[arg-type]


@pytest.fixture
def updates(store: Path, tmp_path: Path) -> Updates:
    store.parent.mkdir(parents=True, exist_ok=True)
    return Updates(store, tmp_path)


# --- one message, told several times --------------------------------------------------------------


def test_what_a_later_row_lacks_is_kept(updates: Updates) -> None:
    updates.update(
        cases=[CASE],
        messages=[hsm("m1", body="Oi", pricing_category="utility", billable="true", status="sent")],
    )
    updates.update(messages=[message("m1", direction="out", status="read", agent="Caio")])
    [row] = updates.rows(
        "select body, pricing_category, billable, status, agent, kind, template_name from messages"
    )
    assert row == ("Oi", "utility", True, "read", "Caio", "hsm", "oi")


def test_a_status_never_goes_back(updates: Updates) -> None:
    updates.update(cases=[CASE], messages=[hsm("m1", status="read")])
    updates.update(messages=[hsm("m1", status="sent")])
    assert updates.statuses() == {"m1": "read"}


def test_a_message_moves_to_the_case_that_its_source_tells(updates: Updates) -> None:
    updates.update(cases=[CASE, OTHER], messages=[message("m1"), reply("m2", "12:05")])
    report = updates.update(messages=[message("m1", case="c2")])
    assert (report.rows_rejected, report.messages_written) == (0, 1)
    cases = "select c.case_id, m.message_id, m.seq from messages m join cases c using (case_key)"
    assert sorted(updates.rows(cases)) == [("c1", "m2", 1), ("c2", "m1", 1)]
    waiting = "select case_id from cases where waiting_since is not null"
    assert updates.rows(waiting) == [("c2",)]


def test_files_of_an_import_move_no_message(loads: Loads, here: Here) -> None:
    loads.load([CASE, OTHER], [message("m1")])
    moved = written(loads.store.parent / "m.csv", _MESSAGE_COLUMNS, [message("m1", case="c2")])
    done = here("import", "--messages", moved, store=loads.store)
    assert "1 rows rejected" in done.stdout


# --- two sources, one message ---------------------------------------------------------------------


WEBHOOK = told("wamid.1", status="delivered", pricing_category="utility", billable="true")
PORTAL = hsm("77", "12:00", whatsapp_id="wamid.1", status="sent", body="Oi", agent="Caio")


@pytest.mark.parametrize("portal_first", [True, False])
def test_a_message_of_two_sources_is_one(updates: Updates, *, portal_first: bool) -> None:
    """Whichever comes first: the portal's case, agent and text, the webhooks' status and price."""
    steps = [
        {"cases": [SESSION], "messages": [WEBHOOK]},
        {"cases": [CASE], "messages": [PORTAL]},
    ]
    for files in reversed(steps) if portal_first else steps:
        updates.update(**files)
    [row] = updates.rows(
        """select message_id, whatsapp_id, case_id, status, pricing_category, m.billable, body,
            agent, kind
        from messages m join cases using (case_key)"""
    )
    expected = ("77", "wamid.1", "c1", "delivered", "utility", True, "Oi", "Caio", "hsm")
    assert row == expected
    left = [] if not portal_first else [(SESSION["case_id"],)]
    assert updates.rows("select case_id from cases where case_id like 'whatsapp:%'") == left
    assert rolled_up(updates.path) == recounted(updates.path)


def test_a_session_stays_while_one_of_its_messages_is_left(updates: Updates) -> None:
    updates.update(cases=[SESSION], messages=[WEBHOOK, told("wamid.2", "12:30")])
    updates.update(cases=[CASE], messages=[PORTAL])
    assert updates.rows("select case_id from cases order by 1") == [("c1",), (SESSION["case_id"],)]


# --- events ---------------------------------------------------------------------------------------


def event(message_id: str, status: str, at: str, **more: str) -> Row:
    return {
        "message_id": message_id,
        "status": status,
        "occurred_at": f"2026-11-01T{at}:00Z",
        **more,
    }


def test_events_raise_statuses_and_are_kept_once(updates: Updates) -> None:
    updates.update(cases=[CASE], messages=[PORTAL, hsm("m2", status="sent"), message("m3")])
    events = [
        event("wamid.1", "delivered", "12:01"),
        event("77", "sent", "12:00"),
        event("m2", "failed", "12:02", error_code="131026"),
        event("m3", "read", "12:03"),
        event("nobody", "read", "12:03"),
        event("wamid.1", "delivered", "12:01"),
    ]
    report = updates.update(events=events)
    assert (report.rows_in, report.rows_taken, report.rows_superseded) == (6, 3, 1)
    assert report.rows_rejected == 2
    assert updates.statuses() == {"77": "delivered", "m2": "failed", "m3": "new"}
    assert updates.rows("select error_code from messages where message_id = 'm2'") == [("131026",)]
    history = "select message_id, status from message_events order by occurred_at"
    assert updates.rows(history) == [
        ("wamid.1", "sent"),
        ("wamid.1", "delivered"),
        ("m2", "failed"),
    ]
    reasons = "select reason from rejects order by line"
    assert updates.rows(reasons) == [
        ("the status of a received message",),
        ("unknown message",),
    ]


def test_events_come_with_their_messages(updates: Updates) -> None:
    updates.update(
        cases=[CASE],
        messages=[hsm("m1", status="sent")],
        events=[event("m1", "read", "12:09"), event("m1", "delivered", "12:05")],
    )
    assert updates.statuses() == {"m1": "read"}


# --- what is gone ---------------------------------------------------------------------------------


def test_what_the_source_has_no_more_is_removed(updates: Updates) -> None:
    updates.update(
        cases=[CASE, OTHER],
        messages=[message("m1"), hsm("m2", "12:05"), message("m3", case="c2")],
        events=[event("m2", "read", "12:06")],
    )
    removals = [{"message_id": "m2"}, {"case_id": "c2"}, {"message_id": "nobody"}, {}]
    report = updates.update(removals=removals)
    assert (report.rows_in, report.rows_taken, report.rows_rejected) == (4, 3, 1)
    assert (report.cases_written, report.messages_written) == (1, 2)
    assert updates.statuses() == {"m1": "new"}
    assert updates.rows("select case_id from cases") == [("c1",)]
    assert updates.rows("from message_events") == []
    assert rolled_up(updates.path) == recounted(updates.path)


def test_what_the_same_load_brings_is_not_removed(updates: Updates) -> None:
    updates.update(cases=[CASE], messages=[message("m1")])
    updates.update(messages=[message("m1")], removals=[{"message_id": "m1"}])
    assert updates.statuses() == {"m1": "new"}


# --- the state of a source ------------------------------------------------------------------------


def test_a_source_notes_how_far_it_is_in_the_load_itself(updates: Updates) -> None:
    assert updates.hand_in(HandIn.to_note("portal")).state is None
    updates.update(cases=[CASE], state='{"until": 1}')
    assert updates.hand_in(HandIn.to_note("portal")).state == '{"until": 1}'
    assert updates.hand_in(HandIn.to_note("other")).state is None
    # A load that changes nothing keeps the data version, and all that is cached with it.
    assert updates.update(cases=[CASE], state='{"until": 2}').load_id == 1
    assert updates.hand_in(HandIn.to_note("portal")).state == '{"until": 2}'
    noted = updates.hand_in(HandIn.to_note("portal", json.dumps({"fault": "away"})))
    assert noted.state == '{"fault": "away"}'
    assert updates.rows("select max(load_id), count(*) from loads") == [(1, 1)]


# --- many steps -----------------------------------------------------------------------------------


class Expected:
    """The rows that the store must have, computed one by one."""

    def __init__(self) -> None:
        self.cases: dict[str, Row] = {}
        self._used: set[str] = set()
        self.messages: dict[str, Row] = {}

    def take(self, row: Row) -> None:
        """Take one row of a message; by the rules of an update."""
        row = dict(row)
        wamid = row.get("whatsapp_id", "")
        if wamid and row["message_id"] == wamid:
            for known in self.messages.values():
                if known.get("whatsapp_id") == wamid and known["message_id"] != wamid:
                    held = [name for name in known if name not in ("status", "kind")]
                    row |= {name: known[name] for name in held if known[name]}
        elif wamid and wamid in self.messages:
            self._fill(row, self.messages.pop(wamid))
        if known := self.messages.get(row["message_id"]):
            self._fill(row, known)
        self.messages[row["message_id"]] = row

    def _fill(self, row: Row, known: Row) -> None:
        for name in _KEPT:
            row[name] = row.get(name) or known.get(name, "")
        if known.get("kind") == "hsm":
            row["kind"] = "hsm"
        if row["direction"] == "out" == known["direction"]:
            row["status"] = max(
                (one.get("status") or "unknown" for one in (row, known)), key=RANK.index
            )

    def clean(self) -> None:
        """Remove sessions that lost their last message."""
        used = {row["case_id"] for row in self.messages.values()}
        for case_id in self._used - used:
            if case_id.startswith("whatsapp:"):
                del self.cases[case_id]
        self._used = used


@pytest.mark.parametrize("seed", range(4))
def test_random_updates_give_what_the_rules_say(updates: Updates, here: Here, seed: int) -> None:
    rng = random.Random(seed)
    sessions = [replace_id(SESSION, f"whatsapp:1:2:{n}") for n in range(3)]
    portal_cases = [replace_id(CASE, f"c{n}") for n in range(3)]
    expected = Expected()
    for case in (*sessions, *portal_cases):
        expected.cases[case["case_id"]] = case
    updates.update(cases=[*sessions, *portal_cases])
    for _ in range(12):
        rows = random_rows(rng, sessions, portal_cases)
        cases = [case for case in sessions if any(r["case_id"] == case["case_id"] for r in rows)]
        updates.update(messages=rows, cases=cases)
        expected.cases |= {case["case_id"]: case for case in cases}
        for row in rows:
            expected.take(row)
        expected.clean()
        if rng.random() < 0.3 and expected.messages:
            gone = rng.choice(sorted(expected.messages))
            updates.update(removals=[{"message_id": gone}])
            del expected.messages[gone]
            expected.clean()
    check(updates, here, expected)


def replace_id(case: Row, case_id: str) -> Row:
    return {**case, "case_id": case_id}


def random_rows(rng: random.Random, sessions: list[Row], portal_cases: list[Row]) -> list[Row]:
    """Return up to five rows of different messages: of webhooks, or of the portal."""
    if rng.random() < 0.5:
        return [
            told(
                f"wamid.{number}",
                f"12:{number:02}",
                rng.choice(sessions)["case_id"],
                status=rng.choice(RANK),
                kind=rng.choice(["hsm", "session"]),
                pricing_category=rng.choice(["", "utility"]),
                phone=rng.choice(["", "+5511987654471"]),
            )
            for number in rng.sample(range(8), rng.randint(1, 5))
        ]
    return [
        reply(
            str(number),
            f"12:{number:02}",
            rng.choice(portal_cases)["case_id"],
            status=rng.choice(RANK),
            whatsapp_id=rng.choice(["", f"wamid.{number}"]),
            body=rng.choice(["", f"texto {number}"]),
            agent=rng.choice(["", "Caio"]),
        )
        for number in rng.sample(range(8), rng.randint(1, 5))
    ]


def check(updates: Updates, here: Here, expected: Expected) -> None:
    """Compare the stored rows, and everything that is derived of them, with the expected ones."""
    names = ("message_id", "case_id", "kind", "status", *_KEPT)
    found = updates.rows(
        f"""select message_id, c.case_id, kind::varchar, status::varchar,
            {", ".join(f"coalesce({name}::varchar, '')" for name in _KEPT)}
        from messages join cases c using (case_key) order by message_id"""
    )
    rows = sorted(expected.messages.values(), key=lambda row: row["message_id"])
    assert found == [
        tuple(row.get(name) or ("session" if name == "kind" else "") for name in names)
        for row in rows
    ]
    loads = Loads(here, updates.path)
    loads.cases, loads.messages = list(expected.cases.values()), rows
    loads.derived_agree(Oracle(loads.cases, loads.messages))
    assert rolled_up(updates.path) == recounted(updates.path)


def test_an_erased_message_leaves_no_event(updates: Updates, here: Here) -> None:
    updates.update(
        cases=[CASE, OTHER],
        messages=[PORTAL, hsm("m2", case="c2", whatsapp_id="wamid.2", phone="+5521912345678")],
        events=[event("wamid.1", "read", "12:09"), event("wamid.2", "read", "12:09")],
    )
    done = here("erase", "--phone", "+5511987654471", store=updates.path)
    assert done.exit_code == 0, done.stderr
    assert [row[1] for row in stored(updates.path)["message_events"]] == ["wamid.2"]
