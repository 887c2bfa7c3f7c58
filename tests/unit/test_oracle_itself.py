"""The oracle (independent computation) against examples that are computed by hand."""

import random
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from tests.oracle.awkward import random_queries, write_awkward
from tests.oracle.oracle import (
    CASE_FILTERS,
    MESSAGE_FILTERS,
    Message,
    Oracle,
    Reject,
    mask,
    percentile,
    read_rows,
)

Row = dict[str, str]
#: A period that holds every example, asked with a bucket a month wide.
ALWAYS: dict[str, str | list[str]] = {"start": "2025-01-01", "end": "2025-12-31", "bucket": "month"}


def case(case_id: str = "1", **more: str) -> Row:
    row = {"case_id": case_id, "person_name": "Ana", "channel": "WhatsApp", "case_type": "Dúvida"}
    return row | {"opened_at": "2025-06-10T12:00:00Z"} | more


def message(message_id: str, direction: str, sent_at: str, **more: str) -> Row:
    """Return a message of case 1 at a day and time of June 2025, such as ``10T12:00:00``."""
    row = {"message_id": message_id, "case_id": "1", "direction": direction}
    return row | {"sent_at": f"2025-06-{sent_at}"} | more


def oracle_of(*messages: Row, cases: tuple[Row, ...] = (case(),)) -> Oracle:
    return Oracle(list(cases), list(messages))


def by_id(oracle: Oracle) -> dict[str, Message]:
    return {found.message_id: found for found in oracle.messages}


def figures(oracle: Oracle, **more: str) -> dict[str, Any]:
    return oracle.answer("indicators", {**ALWAYS, **more})[0]


# --- import -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("5511987654321", "+5511987654321"),
        ("+55 (11) 98765-4321", "+5511987654321"),
        ("whatsapp:+5511987654321", "+5511987654321"),
        ("5511987654321@s", "+5511987654321"),
        ("12345678", "+12345678"),
        ("1234567", None),
        ("5,51199E+12", None),
        ("++5511987654321", None),
        ("\u0665" * 12, None),
    ],
)
def test_phones_have_one_form(text: str, phone: str | None) -> None:
    oracle = oracle_of(message("a", "in", "10T12:00:00", phone=text))
    assert [found.phone for found in oracle.messages] == [phone] * (phone is not None)
    assert [reject.column for reject in oracle.rejects] == ["phone"] * (phone is None)


def test_white_space_is_dropped_but_in_body() -> None:
    oracle = oracle_of(
        message(" a\t", " out", "10T12:00:00", body=" x ", agent="  ", phone=" +5511987654471"),
        cases=(case(" 1 ", person_name="\u00a0Ana Sá\n"),),
    )
    taken = by_id(oracle)["a"]
    assert (taken.body, taken.agent, taken.phone) == (" x ", None, "+5511987654471")
    assert oracle.cases[0].person == "Ana Sá"


def test_case_number_is_case_id_where_absent() -> None:
    oracle = oracle_of(cases=(case("1"), case("2", case_number="007")))
    assert [found.number for found in oracle.cases] == ["1", "007"]


def test_time_without_offset_is_utc() -> None:
    oracle = oracle_of(
        message("a", "in", "10T12:00:00"),
        message("b", "in", "10T12:00:00Z"),
        message("c", "in", "10T09:00:00-03:00"),
    )
    assert len({found.sent_at for found in oracle.messages}) == 1


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"message_id": " "}, "message_id"),
        ({"case_id": ""}, "case_id"),
        ({"case_id": "2"}, "case_id"),
        ({"direction": "saida"}, "direction"),
        ({"status": "lido"}, "status"),
        ({"direction": "in", "status": "lido"}, "status"),
        ({"kind": "template"}, "kind"),
        ({"sent_at": ""}, "sent_at"),
        ({"sent_at": "ontem"}, "sent_at"),
        ({"sent_at": "1900-01-01T02:00:00Z"}, "sent_at"),
        ({"sent_at": "2101-01-01T03:00:00Z"}, "sent_at"),
        ({"sent_at": "0001-01-01T00:00:00+14:00"}, "sent_at"),
        ({"is_bot": "talvez"}, "is_bot"),
        ({"billable": "?"}, "billable"),
    ],
)
def test_refused_messages(changes: Row, column: str) -> None:
    good = message("a", "out", "10T12:00:00")
    oracle = oracle_of(good, good | {"message_id": "b"} | changes)
    assert oracle.rejects == [Reject("messages.csv", 3, column)]
    assert list(by_id(oracle)) == ["a"]


@pytest.mark.parametrize(
    "changes",
    [
        {"case_id": ""},
        {"person_name": ""},
        {"channel": ""},
        {"case_type": " "},
        {"opened_at": ""},
        {"opened_at": "2025-02-30T10:00:00Z"},
        {"closed_at": "x"},
    ],
)
def test_refused_cases(changes: Row) -> None:
    oracle = oracle_of(
        message("a", "in", "10T12:00:00", case_id="2"), cases=(case(), case("2") | changes)
    )
    assert oracle.rejects == [
        Reject("cases.csv", 3, next(iter(changes))),
        Reject("messages.csv", 2, "case_id"),
    ]


def test_first_and_last_local_years() -> None:
    oracle = oracle_of(
        cases=(case(opened_at="2101-01-01T02:59:59Z"), case("2", opened_at="1900-01-01T03:06:28Z"))
    )
    assert not oracle.rejects


def test_later_row_replaces_but_status_goes_by_rank() -> None:
    oracle = oracle_of(
        message("a", "out", "10T12:00:00", status="read", body="one", agent="Ana"),
        message("a", "out", "10T13:00:00", status="failed", body="two"),
        message("b", "out", "10T12:00:00", status="failed"),
        message("b", "out", "10T12:00:00", status="delivered"),
        message("c", "out", "10T12:00:00", status="failed"),
        message("c", "out", "10T12:00:00", status="sent"),
        message("d", "out", "10T12:00:00"),
        cases=(case(person_name="Old"), case(person_name="New")),
    )
    found = by_id(oracle)
    assert [found[name].status for name in "abcd"] == ["read", "delivered", "failed", "unknown"]
    assert (found["a"].body, found["a"].agent, found["a"].seq) == ("two", None, 4)
    assert [kept.person for kept in oracle.cases] == ["New"]


def test_id_of_another_case_is_refused_unless_its_row_was() -> None:
    oracle = oracle_of(
        message("a", "in", "10T12:00:00"),
        message("a", "in", "10T12:00:00", case_id="2"),
        message("b", "in", "x"),
        message("b", "in", "10T12:00:00", case_id="2"),
        cases=(case(), case("2")),
    )
    assert [(found.line, found.column) for found in oracle.rejects] == [
        (3, "message_id"),
        (4, "sent_at"),
    ]
    assert by_id(oracle)["b"].case.case_id == "2"


def test_accounts_share_ids_and_nothing_else() -> None:
    oracle = oracle_of(
        message("a", "out", "10T12:00:00", kind="hsm", status="read", phone="+5511987654471"),
        message("a", "in", "10T13:00:00", account="b", phone="+5511987654471"),
        cases=(case(), case(account="b")),
    )
    assert not oracle.rejects
    assert [found.seq for found in oracle.messages] == [1, 1]
    assert not any(found.answered for found in oracle.messages)
    assert figures(oracle)["cases_created"] == 2


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "messages.csv"
    path.write_bytes('\ufeffmessage_id;body\r\na;"one\ntwo"\r\nb;"x;""y"""\r\n'.encode())
    assert read_rows(path) == (
        [{"message_id": "a", "body": "one\ntwo"}, {"message_id": "b", "body": 'x;"y"'}],
        [2, 4],
    )


# --- what follows from the rows ---------------------------------------------------------------


def test_a_case_belongs_by_message_or_channel() -> None:
    oracle = oracle_of(
        message("a", "in", "10T12:00:00", case_id="3"),
        cases=(
            case("1", channel="WHATSAPP X"),
            case("2", channel="Telefone"),
            case("3", channel="Telefone"),
            case("4", channel="Pré-WhatsApp"),
        ),
    )
    assert [found.case_id for found in oracle.cases] == ["1", "3"]


def test_order_is_by_time_then_id() -> None:
    oracle = oracle_of(
        message("b", "in", "10T12:00:00"),
        message("a", "in", "10T12:00:00"),
        message("c", "in", "10T11:59:59.999999"),
    )
    assert {name: found.seq for name, found in by_id(oracle).items()} == {"c": 1, "a": 2, "b": 3}


def test_contact_phone_is_the_last_known_else_the_first() -> None:
    oracle = oracle_of(
        message("a", "in", "10T12:00:00"),
        message("b", "in", "10T12:01:00", phone="+55119000001"),
        message("c", "in", "10T12:02:00"),
        message("d", "in", "10T12:03:00", phone="+55119000002"),
        message("e", "in", "10T12:04:00"),
        message("f", "in", "10T12:04:00", case_id="2"),
        cases=(case(), case("2")),
    )
    found = by_id(oracle)
    assert [found[name].contact_phone for name in "abcdef"] == [
        "+55119000001",
        "+55119000001",
        "+55119000001",
        "+55119000002",
        "+55119000002",
        None,
    ]
    assert found["a"].phone is None


def test_a_session_ends_after_a_gap_over_24_hours() -> None:
    oracle = oracle_of(
        message("a", "out", "10T12:00:00", kind="hsm"),
        message("b", "in", "11T12:00:00"),
        message("c", "in", "12T12:00:00.000001"),
        message("d", "out", "12T13:00:00"),
        message("e", "out", "14T13:00:00"),
    )
    assert {name: found.session_type for name, found in by_id(oracle).items()} == {
        "a": "hsm",
        "b": "hsm",
        "c": "customer",
        "d": "customer",
        "e": "business",
    }


def test_phones_of_one_case_have_sessions_of_their_own() -> None:
    oracle = oracle_of(
        message("a", "in", "10T12:00:00", phone="+55119000001"),
        message("b", "out", "10T12:01:00", phone="+55119000002"),
        message("c", "out", "11T12:00:00", phone="+55119000001"),
    )
    found = by_id(oracle)
    assert [found[name].session_type for name in "abc"] == ["customer", "business", "customer"]


def test_an_incoming_message_waits_for_an_outgoing_one_or_the_end() -> None:
    rows = (
        message("b", "in", "10T12:00:00", status="read"),
        message("a", "out", "10T12:00:00", status="failed"),
        message("z", "in", "10T11:00:00"),
    )
    open_case = by_id(oracle_of(*rows))
    closed_case = by_id(oracle_of(*rows, cases=(case(closed_at="2025-06-10T12:00:00Z"),)))
    assert (open_case["b"].status, open_case["z"].status) == ("new", "read")
    assert closed_case["b"].status == "read"


def test_only_a_human_attends_and_not_by_an_unanswered_hsm() -> None:
    oracle = oracle_of(
        message("a", "out", "10T12:00:00", kind="hsm", agent="Ana"),
        message("b", "out", "10T12:01:00", agent="Robô", is_bot="true"),
        message("c", "out", "10T12:02:00"),
        message("d", "in", "10T12:03:00"),
        message("e", "out", "10T12:04:30", kind="hsm", agent="Bia"),
        message("f", "out", "10T12:05:00", agent="Robô", is_bot="true"),
    )
    attended = oracle.cases[0]
    assert str(attended.first_attended_at) == "2025-06-10 12:04:30+00:00"
    assert (attended.response_seconds, attended.last_agent) == (90.0, "Bia")


def test_free_text_of_a_human_attends_without_a_customer() -> None:
    attended = oracle_of(message("a", "out", "10T12:00:00", agent="Ana")).cases[0]
    assert attended.first_attended_at is not None
    assert attended.response_seconds is None


def test_first_response_counts_from_the_first_message_of_the_customer() -> None:
    oracle = oracle_of(
        message("a", "out", "10T12:00:00", agent="Ana"),
        message("b", "in", "10T12:10:00"),
        message("c", "in", "10T12:20:00"),
        message("d", "out", "10T12:30:00", agent="Ana"),
        message("e", "out", "10T12:40:00", agent="Bia"),
    )
    assert oracle.cases[0].response_seconds == 1_200
    assert oracle.cases[0].last_agent == "Bia"


HSM = {"kind": "hsm", "phone": "+5511987654471"}


@pytest.mark.parametrize(
    ("status", "answer", "answered"),
    [
        ("delivered", "11T12:00:00", True),
        ("read", "11T12:00:00", True),
        ("delivered", "11T12:00:00.000001", False),
        ("sent", "10T13:00:00", False),
        ("failed", "10T13:00:00", False),
        ("delivered", "10T11:00:00", False),
    ],
)
def test_an_hsm_is_answered_within_24_hours(status: str, answer: str, *, answered: bool) -> None:
    oracle = oracle_of(
        message("a", "out", "10T12:00:00", **HSM, status=status),
        message("b", "in", answer, phone=HSM["phone"], case_id="2"),
        cases=(case(), case("2")),
    )
    assert by_id(oracle)["a"].answered is answered


def test_only_the_latest_hsm_is_answered_whatever_its_status() -> None:
    oracle = oracle_of(
        message("a", "out", "10T12:00:00", **HSM, status="read"),
        message("b", "out", "10T13:00:00", **HSM, status="failed"),
        message("c", "in", "10T14:00:00", phone=HSM["phone"]),
    )
    assert not any(found.answered for found in oracle.messages)


def test_each_hsm_has_its_own_answer() -> None:
    oracle = oracle_of(
        message("a", "out", "10T12:00:00", **HSM, status="read"),
        message("b", "in", "10T12:30:00", phone=HSM["phone"]),
        message("c", "out", "10T13:00:00", **HSM, status="read"),
        message("d", "in", "10T14:00:00"),
        message("e", "out", "10T15:00:00", phone=HSM["phone"]),
    )
    assert [name for name, found in by_id(oracle).items() if found.answered] == ["a", "c"]


def test_without_a_phone_only_the_same_case_answers() -> None:
    oracle = oracle_of(
        message("a", "out", "10T12:00:00", kind="hsm", status="read"),
        message("b", "in", "10T13:00:00"),
        message("c", "out", "10T12:00:00", kind="hsm", status="read", case_id="2"),
        cases=(case(), case("2")),
    )
    assert [name for name, found in by_id(oracle).items() if found.answered] == ["a"]


@pytest.mark.parametrize(
    ("heard", "in_window"),
    [
        ("09T12:00:00", True),
        ("09T11:59:59.999999", False),
        ("10T12:00:00", True),
        ("10T12:00:00.000001", False),
    ],
)
def test_an_hsm_finds_a_window_open_for_24_hours(heard: str, *, in_window: bool) -> None:
    oracle = oracle_of(
        message("b", "out", "10T12:00:00", **HSM, status="failed"),
        message("a", "in", heard, phone=HSM["phone"], case_id="2"),
        message("c", "out", "10T12:30:00", phone=HSM["phone"]),
        cases=(case(), case("2")),
    )
    assert [m.message_id for m in oracle.messages if m.in_window] == ["b"] * in_window


def test_a_wait_begins_with_the_first_message_and_ends_with_a_human_one() -> None:
    """Bots, messages without an agent and further messages of the customer change nothing."""
    human = {"agent": "Caio"}
    talk = [
        message("a", "out", "10T11:00:00", **human),
        message("b", "in", "10T12:00:00"),
        message("c", "out", "10T12:05:00", agent="Robô", is_bot="true"),
        message("d", "in", "10T12:10:00"),
        message("e", "out", "10T12:20:00"),
        message("f", "out", "10T12:30:00", kind="hsm", **human),
        message("g", "out", "10T12:40:00", agent="Dora"),
        message("h", "in", "10T15:00:00"),
        message("i", "in", "10T16:00:00"),
    ]
    oracle = oracle_of(*talk)
    found = by_id(oracle)
    assert {m.message_id for m in oracle.messages if m.begins_wait} == {"b", "h"}
    assert (found["b"].reply, found["b"].reply_seconds) == (found["f"], 30 * 60)
    assert (found["h"].reply, found["h"].reply_seconds) == (None, None)
    [waiting] = oracle.cases
    assert waiting.waiting_since == datetime(2025, 6, 10, 15, tzinfo=UTC)
    assert waiting.last_customer_at == datetime(2025, 6, 10, 16, tzinfo=UTC)
    [closed] = oracle_of(*talk, cases=(case(closed_at="2025-06-11T12:00:00Z"),)).cases
    [answered] = oracle_of(*talk, message("j", "out", "10T17:00:00", **human)).cases
    for one in (closed, answered):
        assert one.waiting_since is None
        assert one.last_customer_at == waiting.last_customer_at


def test_human_and_customer_of_the_same_moment_are_ordered_by_id() -> None:
    at = "10T12:00:00"
    found = by_id(
        oracle_of(*(message(i, "in", at) for i in "bd"), message("c", "out", at, agent="A"))
    )
    assert (found["b"].begins_wait, found["d"].begins_wait) == (True, True)
    assert (found["b"].reply_seconds, found["d"].reply_seconds) == (0, None)


# --- selection and answers --------------------------------------------------------------------


def test_a_day_is_a_local_day() -> None:
    oracle = oracle_of(message("a", "in", "11T02:59:59"), message("b", "in", "11T03:00:00"))
    rows = oracle.answer("messages-by-origin", {"start": "2025-06-10", "end": "2025-06-11"})
    assert rows == [
        {"period": "2025-06-10", "direction": "out", "messages": 0},
        {"period": "2025-06-10", "direction": "in", "messages": 1},
        {"period": "2025-06-11", "direction": "out", "messages": 0},
        {"period": "2025-06-11", "direction": "in", "messages": 1},
    ]


def two_months() -> Oracle:
    """Case 1 was opened in June and has messages in June and July; case 2, of July, has none."""
    return oracle_of(
        message("a", "in", "10T12:00:00"),
        message("b", "out", "10T13:00:00", agent="Ana", status="read", kind="hsm"),
        message("c", "out", "x") | {"sent_at": "2025-07-02T12:00:00Z", "status": "failed"},
        cases=(case(), case("2", opened_at="2025-07-02T12:00:00Z", person_name="Bia")),
    )


def test_basis_sent_keeps_messages_of_the_period_and_cases_of_both_kinds() -> None:
    selection = two_months().select({"start": "2025-07-01", "end": "2025-07-31"})
    assert [found.message_id for found in selection.messages] == ["c"]
    assert [found.case_id for found in selection.cases] == ["1", "2"]


def test_basis_opened_keeps_all_messages_of_the_cases_of_the_period() -> None:
    june = {"start": "2025-06-01", "end": "2025-06-30", "basis": "opened", "bucket": "month"}
    oracle = two_months()
    assert [found.message_id for found in oracle.select(june).messages] == ["a", "b", "c"]
    assert [row["messages"] for row in oracle.answer("messages-by-origin", june)] == [2, 1]


@pytest.mark.parametrize("basis", ["sent", "opened"])
def test_a_filter_of_the_message_keeps_only_cases_that_have_one(basis: str) -> None:
    selection = two_months().select({**ALWAYS, "basis": basis, "status": "failed"})
    assert [found.message_id for found in selection.messages] == ["c"]
    assert [found.case_id for found in selection.cases] == ["1"]


@pytest.mark.parametrize(
    ("name", "value", "left"),
    [
        ("person", ["Bia", "nobody"], ["2"]),
        ("person", "bia", []),
        ("case", ["1", "2"], ["1", "2"]),
        ("agent", "Ana", ["1"]),
        ("team", "N1", []),
        ("channel", "WhatsApp", ["1", "2"]),
        ("case_type", ["Dúvida"], ["1", "2"]),
        ("direction", "in", ["1"]),
        ("kind", "hsm", ["1"]),
        ("template", "x", []),
        ("status", ["read", "new"], ["1"]),
    ],
)
def test_filters(name: str, value: str | list[str], left: list[str]) -> None:
    selection = two_months().select({**ALWAYS, name: value})
    assert [found.case_id for found in selection.cases] == left


def test_cases_over_time() -> None:
    oracle = two_months()
    july = {"start": "2025-07-01", "end": "2025-07-31", "bucket": "month"}
    june = {"start": "2025-06-01", "end": "2025-06-30", "bucket": "month"}
    by_sent = [oracle.answer("cases", query)[0] for query in (june, july)]
    assert [(row["created"], row["attended"]) for row in by_sent] == [(1, 1), (1, 0)]
    assert oracle.answer("cases", {**july, "basis": "opened"}) == [
        {"period": "2025-07-01", "created": 1, "attended": 0}
    ]


def test_messages_by_status_has_every_status_of_both_directions() -> None:
    rows = two_months().answer("messages-by-status", ALWAYS)
    assert [row["status"] for row in rows] == [
        *("new", "sent", "delivered", "read", "failed", "unknown") * 2
    ]
    assert [(row["direction"], row["status"]) for row in rows if row["messages"]] == [
        ("out", "read"),
        ("out", "failed"),
        ("in", "read"),
    ]


@pytest.mark.parametrize(
    ("start", "end", "buckets", "first", "last"),
    [
        ("2025-01-01", "2025-03-03", 62, "2025-01-01", "2025-03-03"),
        ("2025-01-01", "2025-03-04", 10, "2024-12-30", "2025-03-03"),
        ("2024-01-01", "2024-12-31", 53, "2024-01-01", "2024-12-30"),
        ("2024-01-31", "2025-01-31", 13, "2024-01-01", "2025-01-01"),
    ],
)
def test_buckets(start: str, end: str, buckets: int, first: str, last: str) -> None:
    rows = two_months().answer("cases", {"start": start, "end": end})
    assert (len(rows), rows[0]["period"], rows[-1]["period"]) == (buckets, first, last)


def test_templates_stand_by_sends_then_name_with_null_last() -> None:
    def hsm(message_id: str, name: str, status: str) -> Row:
        more = {"kind": "hsm", "template_name": name, "status": status}
        return message(message_id, "out", "10T12:00:00", **more)

    oracle = oracle_of(
        hsm("a", "", "sent"),
        hsm("b", "b", "read"),
        hsm("c", "a", "failed"),
        hsm("d", "z", "delivered"),
        hsm("e", "z", "read"),
        hsm("f", "waits", "new"),
        message("g", "out", "10T12:00:00", template_name="not an HSM"),
        message("h", "in", "10T12:30:00"),
    )
    rows = [tuple(row.values()) for row in oracle.answer("templates", ALWAYS)]
    assert rows == [
        ("z", 2, 2, 1, 0, 0),
        ("a", 1, 0, 0, 1, 0),
        ("b", 1, 1, 1, 0, 0),
        (None, 1, 0, 0, 0, 0),
        ("waits", 0, 0, 0, 0, 0),
    ]


def test_indicators() -> None:
    oracle = oracle_of(
        message("a", "out", "10T12:00:00", status="read"),
        message("b", "out", "10T12:00:00", status="delivered"),
        message("c", "out", "10T12:00:00", status="failed"),
        message("d", "out", "10T12:00:00", status="sent"),
        message("e", "out", "10T12:00:00", status="new"),
        message("f", "out", "10T12:00:00"),
        message("g", "in", "10T12:00:00"),
        message("h", "out", "10T12:01:00", status="new", agent="Ana"),
    )
    found = figures(oracle, basis="opened")
    now, before = list(found.values())[:14], list(found.values())[14:]
    # The customer's message begins the only wait, which Ana ends after a minute.
    assert now == [8, 7, 1, 0.5, 0.5, 0.25, 1, 1, 1.0, 60.0, 60.0, 1, 60.0, 1.0]
    assert before == [0, 0, 0, None, None, None, 0, 0, None, None, None, 0, None, None]
    assert figures(oracle)["attended_share"] is None


def test_first_response_follows_the_basis() -> None:
    oracle = oracle_of(
        message("a", "in", "10T12:00:00"), message("b", "out", "12T12:00:00", agent="Ana")
    )
    day = {"start": "2025-06-12", "end": "2025-06-12"}
    name = "median_first_response_seconds"
    assert figures(oracle, **day)[name] == 172_800
    assert figures(oracle, **day, basis="opened")[name] is None
    day = {"start": "2025-06-10", "end": "2025-06-10"}
    assert figures(oracle, **day)[name] is None
    assert figures(oracle, **day, basis="opened")[name] == 172_800


@pytest.mark.parametrize(
    ("start", "end", "sent_on", "counted"),
    [
        ("2025-06-11", "2025-06-17", "10T12:00:00", 1),
        ("2025-06-17", "2025-06-17", "10T12:00:00", 1),
        ("2025-06-11", "2025-06-18", "04T12:00:00", 1),
        ("2025-06-11", "2025-06-18", "05T12:00:00", 0),
        ("2025-06-11", "2025-06-18", "10T12:00:00", 0),
    ],
)
def test_previous_period_keeps_weekdays(start: str, end: str, sent_on: str, counted: int) -> None:
    oracle = oracle_of(message("a", "in", sent_on))
    assert figures(oracle, start=start, end=end)["previous_messages"] == counted


def test_percentiles_interpolate_linearly() -> None:
    assert percentile([], 0.5) is None
    assert percentile([7], 0.9) == 7
    assert percentile([4, 1, 3, 2], 0.5) == 2.5
    assert percentile([0, 10], 0.9) == 9


def test_details_row_and_pages() -> None:
    oracle = oracle_of(
        message("a", "in", "10T12:00:00", body="oi", phone="+5511987654471"),
        message("b", "out", "10T12:00:00", body="olá", phone="+5511987654471", agent="Ana"),
        cases=(case(case_number="007"),),
    )
    rows = oracle.answer("details", {**ALWAYS, "page": "0", "page_size": "1"})
    assert rows == [
        {
            "message_id": "b",
            "case_number": "007",
            "case_type": "Dúvida",
            "channel": "WhatsApp",
            "kind": "session",
            "template_name": None,
            "status": "unknown",
            "phone": "+55 11 *****-4471",
            "reply": "olá",
            "seq": 2,
            "opened_at": "2025-06-10T09:00:00-03:00",
            "last_agent": "Ana",
            "session_type": "customer",
            "sent_at": "2025-06-10T09:00:00-03:00",
        }
    ]
    following = oracle.answer("details", {**ALWAYS, "page": "1", "page_size": "1"})
    assert [(row["message_id"], row["status"], row["reply"]) for row in following] == [
        ("a", "read", None)
    ]
    assert oracle.total(ALWAYS) == 2
    assert oracle.total({**ALWAYS, "where.reply": "OLA"}) == 1
    assert oracle.total({**ALWAYS, "where.reply": "oi"}) == 0


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("+5511987654471", "+55 11 *****-4471"),
        ("+551133334471", "+55 11 *****-4471"),
        ("+14155550123", "*****-0123"),
        ("+551198765447123", "*****-7123"),
        ("+5512345", "*****"),
        (None, None),
    ],
)
def test_phones_are_masked(phone: str | None, shown: str | None) -> None:
    assert mask(phone) == shown


def test_options_follow_the_other_filters() -> None:
    oracle = oracle_of(
        message("a", "in", "10T12:00:00"),
        message("b", "in", "10T12:01:00"),
        message("c", "out", "10T12:02:00", case_id="2"),
        cases=(case(team="N1"), case("2", person_name="Bia"), case("3", person_name="Bia")),
    )
    assert oracle.options("person", {**ALWAYS, "person": "Ana"}) == [("Bia", 2), ("Ana", 1)]
    assert oracle.options("person", {**ALWAYS, "direction": "out"}) == [("Bia", 1)]
    assert oracle.options("direction", {**ALWAYS, "direction": "in"}) == [("in", 1), ("out", 1)]
    assert oracle.options("team", ALWAYS) == [("N1", 1)]


def test_default_period_ends_on_the_newest_day_of_the_basis() -> None:
    oracle = oracle_of(
        message("a", "in", "21T02:00:00"),
        cases=(
            case(),
            case("2", opened_at="2025-06-12T12:00:00Z"),
            case("3", opened_at="2025-12-01T12:00:00Z", channel="Telefone"),
        ),
    )
    assert oracle.period({}) == (date(2025, 5, 22), date(2025, 6, 20))
    assert oracle.period({"basis": "opened"}) == (date(2025, 5, 14), date(2025, 6, 12))


# --- the awkward data -------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2])
def test_awkward_data_holds_what_it_promises(tmp_path: Path, seed: int) -> None:
    paths = write_awkward(tmp_path, seed, cases=300)
    oracle = Oracle.of_files(*paths)
    sent = [found.sent_at.astimezone(oracle.zone) for found in oracle.messages]
    assert {refused.file for refused in oracle.rejects} == {"cases.csv", "messages.csv"}
    assert {found.status for found in oracle.messages if found.direction == "out"} == {
        *("new", "sent", "delivered", "read", "failed", "unknown")
    }
    assert {found.session_type for found in oracle.messages} == {"hsm", "customer", "business"}
    assert any(found.answered for found in oracle.messages)
    assert any(moment.hour == moment.minute == moment.second == 0 for moment in sent)
    assert {2018, 2026} <= {moment.year for moment in sent}
    assert {found.account for found in oracle.cases} == {"default", "filial"}
    assert any(not found.messages for found in oracle.cases)
    neighbours = [
        later.sent_at - earlier.sent_at
        for found in oracle.cases
        for earlier, later in zip(found.messages, found.messages[1:], strict=False)
    ]
    assert {timedelta(0), timedelta(hours=24), timedelta(hours=24, microseconds=1)} <= {*neighbours}


def test_awkward_data_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    texts = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        texts.append([path.read_bytes() for path in write_awkward(folder, 5, cases=40)])
    assert texts[0] == texts[1]


def test_random_queries_use_every_filter_alone_and_in_lists(tmp_path: Path) -> None:
    oracle = Oracle.of_files(*write_awkward(tmp_path, 3, cases=120))
    queries = list(islice(random_queries(random.Random(3), oracle), 400))
    for name in CASE_FILTERS + MESSAGE_FILTERS:
        assert {str, list} <= {type(query.get(name)) for query in queries}
    lengths = {
        (
            datetime.fromisoformat(str(query["end"])) - datetime.fromisoformat(str(query["start"]))
        ).days
        for query in queries
        if "start" in query
    }
    assert {0, 61, 62, 365, 366, 3 * 365} <= lengths
    assert any("start" not in query for query in queries)
    assert {query.get("bucket") for query in queries} == {None, "day", "week", "month"}
    assert any(oracle.total(query) == 0 for query in queries)
