"""Roll-ups are exact after any loads, and give the same answers as the rows themselves."""

import itertools
import random
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from queries import rollup_choice
from queries.filters import LISTS, Filters
from queries.table_request import TableRequest
from queries.user_scope import EVERYTHING, Scope
from tests.integration.test_merging import CASE, OTHER, Loads, hsm, message, reply
from tests.integration.test_merging import loads as loads  # noqa: PLC0414 - a fixture
from tests.integration.test_oracle import Store, asked, without_roll_ups
from tests.integration.test_oracle import awkward as awkward  # noqa: PLC0414 - a fixture
from tests.integration.test_oracle import awkward_import as awkward_import  # noqa: PLC0414
from tests.integration.test_oracle import import_seed as import_seed  # noqa: PLC0414
from tests.oracle.awkward import write_awkward
from tests.oracle.oracle import read_rows
from tests.panels import SUMMARY_SLUGS

pytestmark = pytest.mark.integration

OF_CASES = ("account", "channel", "case_type", "team")
OF_MESSAGES = ("direction", "status", "kind", "template_name", "template_category")


# --- one answer, whichever tables give it --------------------------------------------------------


def both(store: Store, monkeypatch: pytest.MonkeyPatch, ask: Any) -> tuple[Any, Any]:
    """Return the answer from the roll-ups, and the answer from cases and messages."""
    rolled_up = ask(store.reader)
    with monkeypatch.context() as patch:
        without_roll_ups(patch)
        return rolled_up, ask(store.reader)


@pytest.mark.parametrize("slug", SUMMARY_SLUGS)
def test_roll_ups_and_rows_give_the_same(
    awkward: Store, monkeypatch: pytest.MonkeyPatch, slug: str
) -> None:
    """To the last bit but one; ``test_oracle`` compares both with the oracle, for every query."""
    covered = 0
    for query in asked(awkward)[::4]:
        filters = Filters.parse(query)
        rolled_up, by_rows = both(
            awkward, monkeypatch, lambda reader, f=filters: reader.panel(slug, f, EVERYTHING).frame
        )
        covered += rollup_choice.roll_ups_hold_messages(filters)
        pd.testing.assert_frame_equal(rolled_up, by_rows, check_dtype=False, rtol=1e-12)
    assert covered > 5


@pytest.mark.parametrize("scope", [Scope(channels=("WhatsApp",)), Scope(teams=()), Scope()])
@pytest.mark.parametrize("name", LISTS)
def test_options_of_roll_ups_and_rows_are_the_same(
    awkward: Store, monkeypatch: pytest.MonkeyPatch, name: str, scope: Scope
) -> None:
    for query in asked(awkward)[::6]:
        filters = awkward.reader.resolve(Filters.parse(query), EVERYTHING)
        rolled_up, by_rows = both(
            awkward, monkeypatch, lambda reader, f=filters: reader.options(name, f, scope)
        )
        assert rolled_up == by_rows


def test_pages_of_roll_ups_and_rows_are_the_same(
    awkward: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = random.Random(3)
    for query in asked(awkward)[::3]:
        filters = Filters.parse(query)
        table = TableRequest(
            sort=draw.choice([None, "sent_at", "-sent_at", "seq"]),
            page=draw.choice([0, 1, 5, 10**6]),
            page_size=draw.choice([1, 20, 333]),
        )
        rolled_up, by_rows = both(
            awkward,
            monkeypatch,
            lambda reader, f=filters, t=table: reader.panel("details", f, EVERYTHING, t, {}),
        )
        assert rolled_up.total == by_rows.total
        assert list(rolled_up.frame["message_id"]) == list(by_rows.frame["message_id"])


# --- exact whatever is loaded --------------------------------------------------------------------


def recounted(store: Path) -> dict[str, Counter[tuple[Any, ...]]]:
    """Return the roll-ups as Python counts them from the stored rows."""
    with duckdb.connect(str(store), read_only=True) as connection:
        cases = rows(connection, "cases")
        messages = rows(connection, "messages")
    by_message: Counter[tuple[Any, ...]] = Counter()
    days: dict[int, set[date]] = {c["case_key"]: {c["opened_day"]} for c in cases if c["counted"]}
    for one in messages:
        key = tuple(one[n] for n in ("sent_day", "opened_day", *OF_CASES, *OF_MESSAGES))
        by_message[(*key, "messages")] += 1
        by_message[(*key, "answered")] += one["answered"]
        by_message[(*key, "in_window")] += one["in_window"]
        days[one["case_key"]].add(one["sent_day"])
    by_case: Counter[tuple[Any, ...]] = Counter()
    active: Counter[tuple[Any, ...]] = Counter()
    for one in cases:
        if not one["counted"]:
            continue
        dimensions = tuple(one[n] for n in OF_CASES)
        by_case[(one["opened_day"], *dimensions, "created")] += 1
        if one["attended_day"]:
            by_case[(one["opened_day"], *dimensions, "attended_by_now")] += 1
            by_case[(one["attended_day"], *dimensions, "attended")] += 1
        in_order = [None, *sorted(days[one["case_key"]])]
        for previous, day in itertools.pairwise(in_order):
            active[(day, previous, *dimensions, "cases")] += 1
    return {"message_days": +by_message, "case_days": +by_case, "active_days": +active}


def stored(store: Path) -> dict[str, Counter[tuple[Any, ...]]]:
    """Return the roll-ups as they are stored, and assert that no key is there twice."""
    found = {}
    with duckdb.connect(str(store), read_only=True) as connection:
        for table, sums in (
            ("message_days", ("messages", "answered", "in_window")),
            ("case_days", ("created", "attended_by_now", "attended")),
            ("active_days", ("cases",)),
        ):
            counted: Counter[tuple[Any, ...]] = Counter()
            for row in rows(connection, table):
                key = tuple(value for name, value in row.items() if name not in sums)
                assert not any((*key, name) in counted for name in sums), (table, key)
                assert any(row[name] for name in sums), (table, key)
                counted.update({(*key, name): row[name] for name in sums})
            found[table] = +counted
    return found


def rows(connection: duckdb.DuckDBPyConnection, table: str) -> list[dict[str, Any]]:
    cursor = connection.execute(f"select * from {table}")
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def test_exact_after_random_loads(loads: Loads, tmp_path: Path) -> None:
    """Any order of cases, messages, repeats and corrections."""
    case_rows, message_rows = (read_rows(path)[0] for path in write_awkward(tmp_path, 5, cases=120))
    draw = random.Random(5)
    step = len(message_rows) // 6 + 1
    loads.load(case_rows[:60], message_rows[:step])
    for number in range(1, 6):
        batch = message_rows[number * step : (number + 1) * step]
        again = draw.sample(message_rows[: number * step], 20)
        changed = [
            {**row, "status": draw.choice(["sent", "delivered", "read", "failed"])}
            for row in again
            if row["direction"] == "out"
        ]
        moved = [{**row, "case_type": "Mudado"} for row in draw.sample(case_rows, 5)]
        loads.load([*case_rows[60:], *moved] if number == 1 else moved, [*batch, *changed])
        assert stored(loads.store) == recounted(loads.store), number


def test_exact_when_statuses_change_later(loads: Loads) -> None:
    loads.load([CASE, OTHER], [hsm("h1", status="sent"), hsm("h2", "13:00", case="c2")])
    before = stored(loads.store)["message_days"]
    loads.load([], [hsm("h1", status="read")])
    after = stored(loads.store)["message_days"]
    assert before != after
    assert after == recounted(loads.store)["message_days"]


def test_exact_when_an_answer_moves_between_cases(loads: Loads) -> None:
    """The HSM of a case that no file touches loses its answer to a later HSM to the same phone."""
    phone = {"phone": "+5511987654471"}
    loads.load([CASE, OTHER], [hsm("h1", "12:00"), message("a1", "12:30", case="c2", **phone)])
    assert sum_of(stored(loads.store), "answered") == 1
    loads.load([], [hsm("h2", "12:15", case="c2", template_name="outro")])
    assert stored(loads.store) == recounted(loads.store)
    assert sum_of(stored(loads.store), "answered") == 1


def test_exact_when_a_case_moves_to_another_day_and_channel(loads: Loads) -> None:
    loads.load([CASE], [message("m1"), reply("m2", "2026-11-03T12:00:00Z")])
    later = {**CASE, "opened_at": "2026-10-20T12:00:00Z", "channel": "whatsapp vendas"}
    loads.load([later], [])
    assert stored(loads.store) == recounted(loads.store)
    days = {key[0] for key in stored(loads.store)["active_days"]}
    assert days == {date(2026, 10, 20), date(2026, 11, 1), date(2026, 11, 3)}


def test_empty_after_nothing_and_gone_with_demonstration_data(loads: Loads) -> None:
    opened = date(2026, 11, 1)
    other_channel = {**CASE, "channel": "E-mail"}
    loads.load([other_channel], [])
    assert not any(stored(loads.store).values())
    loads.load([], [message("m1", f"{opened + timedelta(days=1)}T12:00:00Z")])
    assert stored(loads.store) == recounted(loads.store)
    assert stored(loads.store)["case_days"]


def sum_of(found: dict[str, Counter[tuple[Any, ...]]], name: str) -> int:
    return sum(
        number for table in found.values() for key, number in table.items() if key[-1] == name
    )
