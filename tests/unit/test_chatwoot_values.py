"""What single values of Chatwoot mean, and how far a sync says that it came."""

import json
from datetime import datetime, timedelta

import pytest

from sources.chatwoot.contact_ids import phone_of
from sources.chatwoot.json_values import clean_text, json_object
from sources.chatwoot.options import ChatwootOptions
from sources.chatwoot.portal import Moment
from sources.chatwoot.state import Compared, SyncState
from sources.chatwoot.sync import pause_after
from sources.chatwoot.watermark import LONGEST_TRANSACTION, Watermark
from sources.comparison import Comparison, ReconcileReport

NOON = datetime.fromisoformat("2026-11-20T12:00:00")
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("stored", "meant"),
    [
        ({"a": 1}, {"a": 1}),
        ('{"a": 1}', {"a": 1}),
        (json.dumps('{"a": 1}'), {"a": 1}),
        (None, {}),
        ("", {}),
        ("{", {}),
        ("[1]", {}),
        ([1], {}),
        (7, {}),
    ],
)
def test_json_columns_hold_an_object_or_a_text_of_one(stored: object, meant: object) -> None:
    assert json_object(stored) == meant


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (" a b ", "a b"),
        ("", None),
        (" \n", None),
        (None, None),
        (12.5, "12.5"),
        (True, "true"),
        ({"ã": 1}, '{"ã": 1}'),
        ("a\0b\ud800c", "abc"),
        ("x" * 10_001, "x" * 10_000),
    ],
)
def test_texts_are_what_can_be_stored(value: object, text: str | None) -> None:
    assert clean_text(value) == text


@pytest.mark.parametrize(
    ("written", "phone"),
    [
        ("+5511988887777", "+5511988887777"),
        ("5511988887777", "+5511988887777"),
        ("whatsapp:+5511988887777", "+5511988887777"),
        ("1234567", None),
        ("1234567890123456", None),
        ("BR.1502", None),
        ("5511 98888-7777", None),
        ("", None),
        (None, None),
    ],
)
def test_phones(written: str | None, phone: str | None) -> None:
    assert phone_of(written) == phone


# --- the watermark --------------------------------------------------------------------------------


def at(minutes: int, *, oldest: int, next_: int) -> Moment:
    return Moment(NOON + minutes * MINUTE, oldest, next_)


def test_the_watermark_waits_for_the_transactions_that_ran_when_it_was_marked() -> None:
    mark = Watermark.before(at(0, oldest=90, next_=100))
    assert mark.settled_at == NOON - LONGEST_TRANSACTION
    # 95 still runs: what it changed may be older than all that was read.
    assert mark.after(at(1, oldest=95, next_=110)) == mark
    settled = mark.after(at(2, oldest=100, next_=120))
    assert settled == Watermark(NOON, NOON + 2 * MINUTE, 120)


def test_the_watermark_does_not_wait_for_ever() -> None:
    mark = Watermark(NOON, NOON, 100)
    assert mark.after(at(59, oldest=1, next_=200)) == mark
    later = mark.after(at(61, oldest=1, next_=200))
    assert later.settled_at == NOON + MINUTE


@pytest.mark.parametrize(("look_seconds", "seconds"), [(0, 2), (0.2, 2), (0.5, 4.5), (20, 180)])
def test_looks_take_a_tenth_of_the_time_at_most(look_seconds: float, seconds: float) -> None:
    assert pause_after(look_seconds, timedelta(seconds=2)) == timedelta(seconds=seconds)


# --- what is written as JSON ----------------------------------------------------------------------


def test_a_state_is_read_as_it_was_noted() -> None:
    options = ChatwootOptions((2, 1), "tipo", ("Evolution",))
    state = SyncState(
        options.to_json(),
        copied_through=None,
        watermark=Watermark(NOON, NOON + MINUTE, 7),
        rows=3,
        fault="a sentence",
        compared=Compared(1, 2, 3, 4),
    )
    assert SyncState.of(state.to_json(), options) == state
    assert (
        SyncState.of(state.to_json(), ChatwootOptions((1, 2, 1), "tipo", ("Evolution",))) == state
    )


@pytest.mark.parametrize("noted", [None, "", "{", "[]", "7", '{"rows": 1, "unheard": 2}', "{}"])
def test_a_state_that_cannot_be_read_is_that_of_a_new_copy(noted: str | None) -> None:
    options = ChatwootOptions((1,))
    assert SyncState.of(noted, options) == SyncState(options.to_json())


def test_other_options_begin_a_new_copy() -> None:
    noted = SyncState(ChatwootOptions().to_json(), copied_through=7, rows=9).to_json()
    for other in (
        ChatwootOptions((1,)),
        ChatwootOptions(case_type_attribute="tipo"),
        ChatwootOptions(api_inboxes=("1",)),
    ):
        assert SyncState.of(noted, other) == SyncState(other.to_json())


def test_a_comparison_and_its_report_are_read_as_they_were_written() -> None:
    comparison = Comparison("2026-11-20T12:00:00+00:00", ("1", "2"), 0.01)
    assert Comparison.from_json(comparison.to_json()) == comparison
    report = ReconcileReport((1,), (2, 3), 4, 5, 6)
    as_json = {
        "late_cases": [1], "late_messages": [2, 3], "missing": 4, "removed": 5, "kept": 6
    }  # fmt: skip
    assert ReconcileReport.from_json(as_json) == report
