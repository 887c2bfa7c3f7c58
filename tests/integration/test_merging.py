"""Several loads: later rows replace earlier ones, and all derived values follow."""

import csv
import itertools
import random
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from tests.integration.conftest import ALWAYS, THESE_YEARS, Here, answers, without_version
from tests.integration.test_oracle import differences
from tests.oracle.awkward import write_awkward
from tests.oracle.oracle import (
    CASE_COLUMNS,
    MESSAGE_COLUMNS,
    RANK,
    Case,
    Message,
    Oracle,
    read_rows,
)
from tests.panels import SUMMARY_SLUGS

pytestmark = pytest.mark.integration

Rows = list[dict[str, str]]

CASE = {
    "case_id": "c1",
    "person_name": "Ana",
    "channel": "WhatsApp",
    "case_type": "Dúvida",
    "opened_at": "2026-11-01T12:00:00Z",
}
OTHER = {**CASE, "case_id": "c2", "person_name": "Bia"}
PHONE = "+5511987654471"
#: Who may send an outgoing message: two people, a bot, and nobody who is known.
SENDERS = (
    {"agent": "Caio"},
    {"agent": "Dora"},
    {"agent": "Robô", "is_bot": "true"},
    {"agent": ""},
)


def message(message_id: str, at: str = "12:00", case: str = "c1", **more: str) -> dict[str, str]:
    """Return the row of an incoming message of 1 November, with the columns of ``more`` changed."""
    row = {"message_id": message_id, "case_id": case, "direction": "in"}
    return {**row, "sent_at": at if "T" in at else f"2026-11-01T{at}:00Z", **more}


def hsm(message_id: str, at: str = "12:00", case: str = "c1", **more: str) -> dict[str, str]:
    kind = {"direction": "out", "kind": "hsm", "status": "read", "template_name": "oi"}
    return message(message_id, at, case, **{**kind, "phone": PHONE, **more})


def reply(message_id: str, at: str = "12:00", case: str = "c1", **more: str) -> dict[str, str]:
    return message(message_id, at, case, **{"direction": "out", "agent": "Caio", **more})


def written(path: Path, columns: Iterable[str], rows: Rows) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(columns), restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


class Loads:
    """A store that a test loads step by step, and the oracle of all rows loaded so far."""

    def __init__(self, here: Here, store: Path) -> None:
        self._here = here
        self.store = store
        self.cases: Rows = []
        self.messages: Rows = []

    def load(self, cases: Rows, messages: Rows) -> str:
        """Load these rows as one import; return the printed report."""
        self.store.parent.mkdir(parents=True, exist_ok=True)
        folder, arguments = self.store.parent, []
        if cases:
            arguments += ["--cases", written(folder / "cases.csv", CASE_COLUMNS, cases)]
        if messages:
            arguments += ["--messages", written(folder / "messages.csv", MESSAGE_COLUMNS, messages)]
        done = self._here("import", *arguments, store=self.store)
        assert done.exit_code == 0, done.stderr
        self.cases += cases
        self.messages += messages
        return str(done.stdout)

    def details(self) -> dict[str, dict[str, object]]:
        return {row["message_id"]: row for row in answers(self.store, "details")["details"]}

    def agree(self) -> None:
        """Check every panel and derived value against the oracle of all rows."""
        oracle = Oracle(self.cases, self.messages)
        found = answers(self.store)
        for basis, slug in itertools.product(("sent", "opened"), SUMMARY_SLUGS):
            expected = oracle.answer(slug, {**THESE_YEARS, "basis": basis})
            assert not differences(expected, found[f"{slug} {basis}"]), (slug, basis)
        everything = {**ALWAYS, "page_size": str(len(oracle.messages) + 1)}
        assert not differences(oracle.answer("details", everything), found["details"])
        self.derived_agree(oracle)

    def derived_agree(self, oracle: Oracle) -> None:
        """Check derived columns of the store that no panel shows directly."""
        with duckdb.connect(str(self.store), read_only=True) as connection:
            found_messages = connection.execute(
                """select account, message_id, answered, in_window, begins_wait, reply_seconds,
                    reply_agent, sent_hour
                from messages order by all"""
            ).fetchall()
            found_cases = connection.execute(
                """select account, case_id, waiting_since, last_customer_at, responded_at,
                    opened_hour, attended_hour, response_hour
                from cases where counted order by all"""
            ).fetchall()
        assert found_messages == sorted(_message_values(oracle, m) for m in oracle.messages)
        assert found_cases == sorted(_case_values(oracle, c) for c in oracle.cases)


def _message_values(oracle: Oracle, message: Message) -> tuple[object, ...]:
    return (
        *(message.case.account, message.message_id, message.answered, message.in_window),
        *(message.begins_wait, message.reply_seconds, message.reply and message.reply.agent),
        oracle.hour(message.sent_at),
    )


def _case_values(oracle: Oracle, case: Case) -> tuple[object, ...]:
    times = (case.waiting_since, case.last_customer_at, case.responded_at)
    hours = (case.opened_at, case.first_attended_at, case.responded_at)
    return (
        *(case.account, case.case_id),
        *map(_stored, times),
        *(at and oracle.hour(at) for at in hours),
    )


def _stored(at: datetime | None) -> datetime | None:
    return at and at.replace(tzinfo=None)


@pytest.fixture
def loads(here: Here, store: Path) -> Loads:
    return Loads(here, store)


def everything_stored(store: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return all stored cases and messages in a fixed order, without the store's own keys."""
    with duckdb.connect(str(store), read_only=True) as connection:
        return {
            table: connection.execute(
                f"""select t.* exclude (case_key, person_id), p.person_name, c.case_id
                from {table} t join people p using (person_id)
                join cases c on c.case_key = t.case_key
                order by t.account, {key}"""
            ).fetchall()
            for table, key in (("cases", "t.case_id"), ("messages", "t.message_id"))
        }


# --- rows ----------------------------------------------------------------------------------------


def test_a_later_row_replaces_all_of_an_earlier_one(loads: Loads) -> None:
    loads.load([CASE], [reply("m1", body="um", phone=PHONE, template_name="x"), message("m2")])
    said = loads.load([], [reply("m1", body="dois")])
    assert "0 cases and 1 messages new or changed" in said
    row = loads.details()["m1"]
    assert (row["reply"], row["phone"], row["template_name"]) == ("dois", None, None)
    loads.agree()


def test_a_repeated_row_changes_nothing(loads: Loads) -> None:
    rows = [message("m1", status="read"), reply("m2", "12:05", status="sent", body="ola")]
    loads.load([CASE], rows)
    before = everything_stored(loads.store)
    assert "0 cases and 0 messages new" in loads.load([CASE, CASE], [*reversed(rows), rows[1]])
    assert everything_stored(loads.store) == before


def test_an_earlier_file_can_be_loaded_again_over_a_later_one(loads: Loads) -> None:
    """An earlier file is skipped as known only while it is the newest load."""
    loads.load([CASE], [reply("m1", body="um")])
    loads.load([{**CASE, "case_type": "Troca"}], [reply("m1", body="dois")])
    loads.load([CASE], [reply("m1", body="um")])
    row = loads.details()["m1"]
    assert (row["reply"], row["case_type"]) == ("um", "Dúvida")
    loads.agree()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_greatest_status_wins_in_whatever_order(loads: Loads, seed: int) -> None:
    """Every pair of statuses comes in two loads, in two rows of one load, and in both ways."""
    orders = [list(order) for order in itertools.permutations(RANK, 2)]
    shuffled = random.Random(seed).sample(RANK, len(RANK))
    batches: list[Rows] = [[], [], []]
    for number, (first, second) in enumerate(orders):
        batches[0].append(hsm(f"a{number}", status=first))
        batches[1].append(hsm(f"a{number}", status=second))
        batches[1] += [hsm(f"b{number}", status=first), hsm(f"b{number}", status=second)]
        batches[2].append(hsm(f"b{number}", status=""))
    for number, status in enumerate(shuffled):
        batches[number % 3].append(hsm("all", status=status))
    for batch in batches:
        loads.load([CASE] if batch is batches[0] else [], batch)
    rows = loads.details()
    for number, pair in enumerate(orders):
        expected = max(pair, key=RANK.index)
        assert rows[f"a{number}"]["status"] == rows[f"b{number}"]["status"] == expected, pair
    assert rows["all"]["status"] == "read"


def test_a_message_that_turns_out_to_be_the_customers(loads: Loads) -> None:
    """The status of an incoming message is derived; an outgoing one has the reported status."""
    loads.load([CASE], [hsm("m1"), message("m2", status="read")])
    loads.load([], [message("m1", status="delivered"), reply("m2", status="sent")])
    rows = loads.details()
    assert (rows["m1"]["status"], rows["m2"]["status"]) == ("read", "sent")
    loads.agree()


# --- cases ---------------------------------------------------------------------------------------


def test_a_changed_case_updates_the_columns_of_its_messages(loads: Loads) -> None:
    loads.load([CASE, OTHER], [message("m1"), reply("m2", "12:01"), message("m3", case="c2")])
    changed = {"person_name": "Nova", "channel": "whatsapp sul", "case_type": "Troca"}
    changed |= {"team": "N2", "case_number": "77", "opened_at": "2026-10-01T12:00:00Z"}
    assert "1 cases and 0 messages new" in loads.load([CASE | changed], [])
    loads.agree()
    stored = everything_stored(loads.store)["messages"]
    assert sum("Nova" in row and "whatsapp sul" in row and "N2" in row for row in stored) == 2
    oracle = Oracle(loads.cases, loads.messages)
    for query in ({"person": "Nova"}, {"channel": "whatsapp sul"}, {"team": "N2"}, {"case": "77"}):
        assert oracle.total({**ALWAYS, **query}) == 2


def test_closing_a_case_marks_its_incoming_messages_as_handled(loads: Loads) -> None:
    loads.load([CASE, OTHER], [message("m1"), message("m2", case="c2")])
    assert {row["status"] for row in loads.details().values()} == {"new"}
    loads.load([{**CASE, "closed_at": "2026-11-03T12:00:00Z"}], [])
    rows = loads.details()
    assert (rows["m1"]["status"], rows["m2"]["status"]) == ("read", "new")
    loads.load([CASE], [])  # and opening it again
    assert loads.details()["m1"]["status"] == "new"
    loads.agree()


def test_an_outgoing_message_marks_earlier_incoming_ones_as_handled(loads: Loads) -> None:
    loads.load([CASE], [message("m1", "12:00"), message("m3", "12:02")])
    loads.load([], [reply("m2", "12:01")])
    rows = loads.details()
    assert [rows[name]["status"] for name in ("m1", "m3")] == ["read", "new"]
    assert rows["m1"]["last_agent"] == "Caio"
    loads.agree()
    loads.load([], [reply("m2", "11:59")])  # it moves, and nothing is settled any more
    rows = loads.details()
    assert [rows[name]["status"] for name in ("m1", "m3")] == ["new", "new"]
    loads.agree()


def test_messages_that_come_late_are_numbered_where_they_belong(loads: Loads) -> None:
    loads.load([CASE], [message("m5", "12:05"), message("m3", "12:03")])
    loads.load([], [reply("m9", "12:03"), message("m1", "12:01")])
    loads.load([], [message("m4", "12:03")])
    rows = loads.details()
    assert {name: row["seq"] for name, row in rows.items()} == {
        "m1": 1,
        "m3": 2,
        "m4": 3,
        "m9": 4,
        "m5": 5,
    }
    loads.agree()


def test_a_late_first_message_changes_the_type_of_its_session(loads: Loads) -> None:
    loads.load([CASE], [message("m2", "12:00"), reply("m3", "13:00")])
    assert {row["session_type"] for row in loads.details().values()} == {"customer"}
    loads.load([], [hsm("m1", "11:00", phone="")])
    assert {row["session_type"] for row in loads.details().values()} == {"hsm"}
    loads.agree()


def test_attendance_follows_later_loads(loads: Loads) -> None:
    loads.load([CASE], [hsm("m1", "12:00", agent="Caio")])
    assert answers(loads.store, "indicators")["indicators opened"][0]["cases_attended"] == 0
    loads.load([], [message("m2", "12:10")])
    loads.load([], [hsm("m3", "12:30", agent="Dora")])
    figures = answers(loads.store, "indicators")["indicators opened"][0]
    assert (figures["cases_attended"], figures["median_first_response_seconds"]) == (1, 1200)
    loads.agree()
    loads.load([], [hsm("m3", "12:30", agent="Dora", is_bot="true")])
    assert answers(loads.store, "indicators")["indicators opened"][0]["cases_attended"] == 0
    loads.agree()


# --- phones know no cases ------------------------------------------------------------------------


def answered(loads: Loads) -> int:
    [row] = answers(loads.store, "templates")["templates sent"]
    return int(row["answered"])


def test_an_answer_in_another_case_counts_and_goes_with_its_phone(loads: Loads) -> None:
    loads.load([CASE, OTHER], [hsm("m1")])
    assert answered(loads) == 0
    loads.load([], [message("m2", "13:00", "c2", phone=PHONE)])
    assert answered(loads) == 1
    loads.agree()
    loads.load([], [message("m2", "13:00", "c2", phone="+5511900000000")])
    assert answered(loads) == 0
    loads.agree()


def test_a_later_hsm_to_the_same_phone_becomes_the_answered_one(loads: Loads) -> None:
    loads.load([CASE, OTHER], [hsm("m1"), message("m3", "13:00", "c2", phone=PHONE)])
    assert answered(loads) == 1
    loads.load([], [hsm("m2", "12:30", "c2", status="failed")])
    assert answered(loads) == 0
    loads.agree()
    loads.load([], [hsm("m2", "12:30", "c2", phone="+5511900000000", status="failed")])
    assert answered(loads) == 1
    loads.agree()
    loads.load([], [hsm("m2", "12:30", "c2", status="delivered")])
    assert answered(loads) == 1
    loads.agree()


def test_a_phone_learnt_later_joins_earlier_messages(loads: Loads) -> None:
    """The contact phone of earlier messages without a phone changes, and with it answered HSMs."""
    loads.load([CASE, OTHER], [hsm("m1"), message("m2", "13:00", "c2")])
    assert answered(loads) == 0
    loads.load([], [reply("m3", "14:00", "c2", phone=PHONE)])
    assert answered(loads) == 1
    loads.agree()


def test_a_receipt_that_comes_late_makes_an_hsm_answered(loads: Loads) -> None:
    loads.load([CASE, OTHER], [hsm("m1", status="sent"), message("m2", "13:00", phone=PHONE)])
    assert answered(loads) == 0
    loads.load([], [hsm("m1", status="delivered")])
    assert answered(loads) == 1
    loads.agree()


def test_phones_of_another_account_are_other_phones(loads: Loads) -> None:
    far = {"account": "filial"}
    loads.load([CASE, CASE | far], [hsm("m1")])
    loads.load([], [message("m2", "13:00", phone=PHONE) | far])
    assert answered(loads) == 0
    loads.agree()


# --- who waits, and which HSMs found a window open -----------------------------------------------


def in_window(loads: Loads) -> list[str]:
    with duckdb.connect(str(loads.store), read_only=True) as connection:
        sql = "select message_id from messages where in_window order by 1"
        return [message_id for (message_id,) in connection.execute(sql).fetchall()]


def waits(loads: Loads) -> dict[str, tuple[datetime | None, datetime | None]]:
    with duckdb.connect(str(loads.store), read_only=True) as connection:
        sql = "select case_id, waiting_since, last_customer_at from cases"
        return {
            case_id: (since, last) for case_id, since, last in connection.execute(sql).fetchall()
        }


def november(clock: str, day: int = 1) -> datetime:
    return datetime.fromisoformat(f"2026-11-{day:02d}T{clock}")


def replies(loads: Loads) -> dict[str, tuple[float | None, str | None]]:
    """Return the messages that begin a wait, with its seconds and who ended it."""
    with duckdb.connect(str(loads.store), read_only=True) as connection:
        sql = "select message_id, reply_seconds, reply_agent from messages where begins_wait"
        return {
            name: (seconds, agent) for name, seconds, agent in connection.execute(sql).fetchall()
        }


def test_a_customer_waits_from_the_first_message_after_the_last_answer(loads: Loads) -> None:
    asked = [message("m1", "12:00"), message("m3", "12:20"), message("m4", "12:30")]
    loads.load([CASE], [*asked, reply("m2", "12:10")])
    assert waits(loads) == {"c1": (november("12:20"), november("12:30"))}
    loads.agree()
    loads.load([], [reply("m2", "12:25")])  # the answer moves
    assert waits(loads) == {"c1": (november("12:30"), november("12:30"))}
    loads.load([], [reply("m5", "12:40")])
    assert waits(loads) == {"c1": (None, november("12:30"))}
    loads.agree()
    loads.load([], [message("m6", "13:00")])
    loads.load([{**CASE, "closed_at": "2026-11-03T12:00:00Z"}], [])
    assert waits(loads) == {"c1": (None, november("13:00"))}
    loads.load([CASE], [])  # opened again
    assert waits(loads) == {"c1": (november("13:00"), november("13:00"))}
    loads.agree()


def test_a_wait_ends_with_a_person_and_goes_on_over_bots(loads: Loads) -> None:
    """Neither a bot nor an outgoing message without an agent ends it; an HSM of a person does."""
    bot, nobody = {"is_bot": "true"}, {"agent": ""}
    loads.load(
        [CASE],
        [
            hsm("m0", "11:50", agent="Ana"),
            message("m1", "12:00"),
            reply("m2", "12:01", **bot),
            message("m3", "12:02"),
            reply("m4", "12:03", **nobody),
        ],
    )
    assert replies(loads) == {"m1": (None, None)}
    assert waits(loads) == {"c1": (november("12:00"), november("12:02"))}
    loads.agree()
    loads.load([], [hsm("m5", "12:10", agent="Caio"), message("m6", "12:20")])
    assert replies(loads) == {"m1": (600, "Caio"), "m6": (None, None)}
    assert waits(loads) == {"c1": (november("12:20"), november("12:20"))}
    loads.agree()
    loads.load([], [reply("m2", "12:01", agent="Dora")])  # it was a person after all
    assert replies(loads) == {"m1": (60, "Dora"), "m3": (480, "Caio"), "m6": (None, None)}
    loads.agree()
    loads.load([{**CASE, "closed_at": "2026-11-03T12:00:00Z"}], [])
    assert replies(loads)["m6"] == (None, None)  # a wait that nobody ended, in a closed case
    assert waits(loads) == {"c1": (None, november("12:20"))}
    loads.agree()


def test_messages_of_the_same_moment_are_ordered_by_id(loads: Loads) -> None:
    loads.load([CASE], [reply("m1"), message("m2"), reply("m3"), message("m4")])
    assert replies(loads) == {"m2": (0, "Caio"), "m4": (None, None)}
    loads.agree()


def test_hours_are_local_ones(loads: Loads) -> None:
    """An hour of the evening belongs to the day before the one of UTC."""
    at = "2026-11-02T02:59:59Z"
    loads.load(
        [{**CASE, "opened_at": at}], [message("m1", at), reply("m2", "2026-11-02T03:00:00Z")]
    )
    with duckdb.connect(str(loads.store), read_only=True) as connection:
        sql = "select sent_day, sent_hour from messages order by message_id"
        assert connection.execute(sql).fetchall() == [
            (date(2026, 11, 1), 23),
            (date(2026, 11, 2), 0),
        ]
        sql = "select opened_hour, attended_hour, response_hour, responded_at from cases"
        found = connection.execute(sql).fetchall()
    assert found == [(23, 0, 0, datetime.fromisoformat("2026-11-02T03:00"))]
    loads.agree()


@pytest.mark.parametrize(
    ("heard", "is_open"),
    [
        ("2026-11-01T12:00:00Z", True),
        ("2026-11-01T11:59:59.999999Z", False),
        ("2026-11-02T12:00:00Z", True),  # the same moment, and an id before
        ("2026-11-02T12:00:00.000001Z", False),
    ],
)
def test_a_window_is_open_for_exactly_24_hours(loads: Loads, heard: str, *, is_open: bool) -> None:
    """The window is the contact phone's, over all its cases and whatever the HSM's status."""
    loads.load([CASE, OTHER], [hsm("m2", "2026-11-02T12:00:00Z", status="failed")])
    assert in_window(loads) == []
    loads.load([], [message("m1", heard, "c2", phone=PHONE)])
    assert in_window(loads) == ["m2"] * is_open
    loads.agree()


def test_later_loads_that_move_messages_open_and_close_windows(loads: Loads) -> None:
    """A late message, one that is moved in time, one that gets another phone, and HSMs likewise;
    those of a case that no file touches follow.
    """
    loads.load(
        [CASE, OTHER], [hsm("h1", "2026-11-02T12:00:00Z"), hsm("h2", "2026-11-02T18:00:00Z")]
    )
    loads.load([], [message("a1", "15:00", "c2", phone=PHONE)])
    assert in_window(loads) == ["h1"]
    loads.agree()
    loads.load([], [message("a1", "20:00", "c2", phone=PHONE)])
    assert in_window(loads) == ["h1", "h2"]
    loads.agree()
    loads.load([], [message("a1", "20:00", "c2", phone="+5511900000000")])
    assert in_window(loads) == []
    loads.agree()
    loads.load([], [message("a1", "10:00", "c2"), reply("b1", "13:00", "c2", phone=PHONE)])
    assert in_window(loads) == []
    loads.agree()
    loads.load([], [hsm("h2", "09:00"), hsm("h1", "11:00")])
    assert in_window(loads) == ["h1"]
    loads.agree()


def test_without_a_phone_only_the_same_case_opens_a_window(loads: Loads) -> None:
    loads.load(
        [CASE, OTHER], [message("a1", "11:00"), hsm("h1", phone=""), hsm("h2", case="c2", phone="")]
    )
    assert in_window(loads) == ["h1"]
    loads.agree()


@pytest.mark.parametrize("seed", [21, 22, 23])
def test_windows_and_waits_after_random_loads(loads: Loads, seed: int) -> None:
    """Few phones shared by cases, in steps of six hours; messages come in any order, and some come
    again at another time, to another phone, or as the other side's.
    """
    draw = random.Random(seed)
    cases = [{**CASE, "case_id": f"c{number}"} for number in range(4)]
    phones = [PHONE, "+5511900000000", ""]

    def drawn(number: int) -> dict[str, str]:
        at = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(hours=6 * draw.randrange(28))
        say = draw.choice([message, hsm, hsm, reply])
        key = (f"m{number:02d}", at.isoformat(), f"c{number % 4}")
        row = say(*key, phone=draw.choice(phones))
        return row if say is message else {**row, **draw.choice(SENDERS)}

    order = [*range(40), *draw.choices(range(40), k=20)]
    draw.shuffle(order)
    found, ended = set(), set()
    for first in range(0, 60, 6):
        loads.load(
            cases if first == 0 else [], [drawn(number) for number in order[first : first + 6]]
        )
        loads.derived_agree(Oracle(loads.cases, loads.messages))
        found.update(in_window(loads))
        ended.update(name for name, (seconds, _) in replies(loads).items() if seconds is not None)
    assert len(found) > 5
    assert len(ended) > 5


# --- whose message -------------------------------------------------------------------------------


def test_an_id_that_belongs_to_another_case_is_rejected(loads: Loads) -> None:
    loads.load([CASE, OTHER], [message("m1", body="meu")])
    said = loads.load([], [message("m1", case="c2", body="seu"), message("m2", case="c2")])
    assert "1 messages new or changed, 1 rows rejected" in said
    loads.agree()
    assert {row["case_number"] for row in loads.details().values()} == {"c1", "c2"}
    said = loads.load([], [message("m1", case="c2"), message("m1", "12:30")])
    assert "1 messages new or changed, 1 rows rejected" in said
    loads.agree()


def test_a_message_of_a_case_of_an_earlier_load_is_taken(loads: Loads) -> None:
    loads.load([CASE], [])
    said = loads.load([], [message("m1"), message("m2", case="c2")])
    assert "1 messages new or changed, 1 rows rejected" in said
    # What was refused is not kept: it comes again once its case is there.
    said = loads.load([OTHER], [message("m2", case="c2")])
    assert "1 cases and 1 messages new or changed, 0 rows rejected" in said
    assert set(loads.details()) == {"m1", "m2"}


# --- the same rows in one load or in many --------------------------------------------------------


def earlier_forms(cases: Rows) -> Rows:
    """Return every case of the file with all its values changed, and closed."""
    keys = {(row["account"].strip(), row["case_id"].strip()): None for row in cases}
    before = {"person_name": "Antes", "channel": "Telefone", "case_type": "Antes", "team": "Antes"}
    before |= {"opened_at": "2020-01-01T12:00:00Z", "closed_at": "2020-01-02T12:00:00Z"}
    return [
        {"account": account, "case_id": case_id, **before} for account, case_id in keys if case_id
    ]


def cut(rng: random.Random, rows: Rows) -> list[Rows]:
    """Split ``rows`` into five parts of random sizes, in order."""
    bounds = [0, *sorted(rng.choices(range(len(rows) + 1), k=4)), len(rows)]
    return [rows[first:last] for first, last in itertools.pairwise(bounds)]


@pytest.mark.parametrize("seed", [11, 12])
def test_five_loads_give_what_one_load_gives(here: Here, tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    cases, messages = (read_rows(path)[0] for path in write_awkward(tmp_path, seed, cases=100))
    cases = earlier_forms(cases) + cases
    once = Loads(here, tmp_path / "once" / "consumo.duckdb")
    said = once.load(cases, messages)
    rejected = len(Oracle(cases, messages).rejects)
    assert f"{rejected} rows rejected" in said
    once.agree()

    parts = Loads(here, tmp_path / "parts" / "consumo.duckdb")
    first = len(earlier_forms(cases))  # a message is refused that comes before its case
    later_cases = cut(rng, cases[first:])
    later_cases[0] = cases[:first] + later_cases[0]
    for some_cases, some_messages in zip(later_cases, cut(rng, messages), strict=True):
        parts.load(some_cases, some_messages)
    assert (parts.cases, parts.messages) == (once.cases, once.messages)
    assert everything_stored(parts.store) == everything_stored(once.store)
    assert without_version(answers(parts.store)) == without_version(answers(once.store))
    with duckdb.connect(str(parts.store), read_only=True) as connection:
        assert connection.execute("select sum(rows_rejected) from loads").fetchall() == [
            (rejected,)
        ]
