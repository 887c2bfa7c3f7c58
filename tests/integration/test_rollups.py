"""Roll-ups: exact whatever is loaded, and never another answer than that of the rows themselves."""

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
from queries.scope import EVERYTHING, Scope
from queries.table_request import TableRequest
from tests.integration.conftest import Here
from tests.integration.test_merging import CASE, OTHER, Loads, hsm, message, reply
from tests.integration.test_merging import loads as loads  # noqa: PLC0414 - a fixture
from tests.integration.test_oracle import Store, asked
from tests.integration.test_oracle import awkward as awkward  # noqa: PLC0414 - a fixture
from tests.oracle.awkward import write_awkward
from tests.oracle.oracle import read_rows
from tests.panels import SUMMARY_SLUGS

pytestmark = pytest.mark.integration

OF_CASES = ("account", "channel", "case_type", "team")
OF_MESSAGES = ("direction", "status", "kind", "template_name", "template_category")


# --- one answer, whichever tables give it --------------------------------------------------------


def both(store: Store, monkeypatch: pytest.MonkeyPatch, ask: Any) -> tuple[Any, Any]:
    """What the roll-ups answer, and what cases and messages answer."""
    rolled_up = ask(store.reader)
    with monkeypatch.context() as patch:
        patch.setattr(rollup_choice, "roll_ups_hold_messages", lambda _filters: False)
        return rolled_up, ask(store.reader)


@pytest.mark.parametrize("slug", SUMMARY_SLUGS)
def test_roll_ups_and_rows_give_the_same(
    awkward: Store, monkeypatch: pytest.MonkeyPatch, slug: str
) -> None:
    covered = 0
    for query in asked(awkward):
        filters = Filters.parse(query)
        rolled_up, by_rows = both(
            awkward, monkeypatch, lambda reader, f=filters: reader.panel(slug, f, EVERYTHING).frame
        )
        covered += rollup_choice.roll_ups_hold_messages(filters)
        pd.testing.assert_frame_equal(rolled_up, by_rows, check_dtype=False, rtol=1e-12)
    assert covered > 20


@pytest.mark.parametrize("scope", [Scope(channels=("WhatsApp",)), Scope(teams=()), Scope()])
@pytest.mark.parametrize("name", LISTS)
def test_options_of_roll_ups_and_rows_are_the_same(
    awkward: Store, monkeypatch: pytest.MonkeyPatch, name: str, scope: Scope
) -> None:
    for query in asked(awkward)[::6]:
        filters = awkward.reader.resolve(Filters.parse(query))
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
    """The roll-ups as plain counting of the stored rows gives them."""
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
    """The roll-ups as they lie in the store; a key may not stand there twice."""
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


NEW_IN_4 = (
    ("people", "masked_name"),
    ("people", "masked_folded"),
    ("cases", "number_order"),
    ("cases", "masked_number"),
    ("loads", "rows_superseded"),
)


def as_of_layout(layout: str, store: Path) -> None:
    """Take from the store what versions of ``layout`` did not write."""
    with duckdb.connect(str(store)) as connection:
        for table, column in NEW_IN_4:
            connection.execute(f"alter table {table} drop column {column}")
        if layout in ("1", "2"):
            connection.execute("alter table messages drop column in_window")
            for column in ("waiting_since", "last_customer_at"):
                connection.execute(f"alter table cases drop column {column}")
            for column in ("template_category", "in_window"):
                connection.execute(f"alter table message_days drop column {column}")
        if layout == "1":
            for table in ("message_days", "case_days", "active_days"):
                connection.execute(f"drop table {table}")
            for column in ("first_day", "last_day"):
                connection.execute(f"alter table cases drop column {column}")
        sql = "update store_facts set value = ? where name = 'schema_version'"
        connection.execute(sql, [layout])


DERIVED = {
    "cases": "case_key, first_day, last_day, waiting_since, last_customer_at, number_order, "
    "masked_number",
    "people": "person_name, masked_name, masked_folded",
    "messages": "account, message_id, answered, in_window",
}


def derived(store: Path) -> dict[str, set[tuple[Any, ...]]]:
    with duckdb.connect(str(store), read_only=True) as connection:
        return {
            table: set(connection.execute(f"select {columns} from {table}").fetchall())
            for table, columns in DERIVED.items()
        }


@pytest.mark.parametrize("layout", ["1", "2", "3"])
def test_a_store_of_an_older_layout_gets_them(
    loads: Loads, here: Here, tmp_path: Path, layout: str
) -> None:
    """All that is derived, too; a store so made is copied, and loaded into, like a new one."""
    case_rows, message_rows = (read_rows(path)[0] for path in write_awkward(tmp_path, 6, cases=60))
    loads.load(case_rows, message_rows)
    before, rolled_up = derived(loads.store), stored(loads.store)
    as_of_layout(layout, loads.store)
    copy = tmp_path / "copy" / "consumo.duckdb"
    copy.parent.mkdir()
    assert here("backup", copy, store=loads.store).exit_code == 0
    for store in (loads.store, copy):
        assert derived(store) == before
        assert stored(store) == rolled_up
    case = {**CASE, "case_id": "after"}
    loads.load([case], [message("m1", case="after"), hsm("m2", "12:30", case="after", phone="")])
    assert stored(loads.store) == recounted(loads.store)
    after = derived(loads.store)
    assert all(before[table] < after[table] for table in DERIVED)


SPELLINGS = ("+5511987654321", "5511987654321", "+55 11 98765-4321", "whatsapp:+5511987654321")


def contacts(store: Path) -> set[tuple[Any, ...]]:
    with duckdb.connect(str(store), read_only=True) as connection:
        return set(
            connection.execute(
                "select message_id, phone, contact_phone, session_type::varchar from messages"
            ).fetchall()
        )


def test_an_older_store_has_its_phones_read_again(loads: Loads, here: Here, tmp_path: Path) -> None:
    """Older versions kept phones as they were written, and took two spellings for two phones."""
    spelt = {}
    message_rows = []
    for number, phone in enumerate(SPELLINGS):
        name, other, day = f"h{number}", f"i{number}", f"2026-11-0{number + 1}"
        spelt |= {name: phone, other: SPELLINGS[number - 1]}
        message_rows += [
            hsm(name, f"{day}T12:00:00Z", f"c{number}", phone=phone),
            message(other, f"{day}T13:00:00Z", f"c{(number + 1) % 4}", phone=spelt[other]),
        ]
    loads.load([{**CASE, "case_id": f"c{number}"} for number in range(4)], message_rows)
    right = derived(loads.store), stored(loads.store), contacts(loads.store)
    assert {row[1] for row in right[2]} == {"+5511987654321"}
    assert sum_of(right[1], "answered") == 4
    with duckdb.connect(str(loads.store)) as connection:
        for name, phone in spelt.items():
            connection.execute(
                "update messages set phone = $1, contact_phone = $1, answered = false, "
                "session_type = 'business' where message_id = $2",
                [phone, name],
            )
        connection.execute("update message_days set answered = 0")
    as_of_layout("3", loads.store)
    done = here("backup", tmp_path / "copy.duckdb", store=loads.store)
    assert done.exit_code == 0
    assert "earlier versions cannot read" in done.stderr
    assert (derived(loads.store), stored(loads.store), contacts(loads.store)) == right


def sum_of(found: dict[str, Counter[tuple[Any, ...]]], name: str) -> int:
    return sum(
        number for table in found.values() for key, number in table.items() if key[-1] == name
    )
