"""Stores of earlier layouts: after the upgrade they answer as stores made anew."""

from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from app.factory import create_app, parts_of
from app.settings import Settings
from queries.filters import LISTS, Filters
from queries.tables import SCHEMA_VERSION, metadata
from queries.user_scope import EVERYTHING
from sources.migrations import STEPS, can_upgrade
from tests.integration.conftest import THESE_YEARS, Here, answers
from tests.integration.old_layouts import CASES, LAYOUTS, MESSAGES, write_store
from tests.integration.test_merging import CASE, Loads, hsm, message
from tests.integration.test_merging import loads as loads  # noqa: PLC0414 - a fixture
from tests.integration.test_rollups import recounted, stored, sum_of
from tests.oracle.awkward import write_awkward
from tests.oracle.oracle import Oracle, read_rows

pytestmark = pytest.mark.integration


# --- small stores as earlier versions wrote them -------------------------------------------------


def upgraded(folder: Path, layout: str, here: Here) -> Path:
    """A store of ``layout`` that a command has upgraded."""
    store = folder / "old" / "consumo.duckdb"
    store.parent.mkdir()
    write_store(store, layout)
    done = here("backup", folder / "old" / "copy.duckdb", store=store)
    assert done.exit_code == 0, done.stderr
    assert "earlier versions cannot read" in done.stderr
    return store


def all_answers(store: Path) -> dict[str, Any]:
    """Every panel, who waits and since when, every list of options, every row of the table."""
    found: dict[str, Any] = dict(answers(store))
    server = create_app(Settings(store_url=f"duckdb:///{store}"))
    with closing(parts_of(server)) as parts:
        filters = parts.reader.resolve(Filters.parse(THESE_YEARS), EVERYTHING)
        for name in LISTS:
            found[f"options of {name}"] = parts.reader.options(name, filters, EVERYTHING)
        for address in ("/api/v1/panels/waiting", "/export/details.csv?period=all"):
            response = server.test_client().get(address)
            found[address] = response.get_data(as_text=True)
    return found


def columns_and_rows(store: Path) -> dict[str, Any]:
    """The columns of all tables with their types, and the rows of those that a load derives."""
    with duckdb.connect(str(store), read_only=True) as connection:
        found: dict[str, Any] = {
            "columns": connection.execute(
                "select table_name, column_name, data_type from duckdb_columns() "
                "where not internal order by all"
            ).fetchall()
        }
        for table in metadata.tables.values():
            names = ", ".join(f'"{column.name}"' for column in table.columns)
            rows = connection.execute(f"select {names} from {table.name}").fetchall()
            found[table.name] = sorted(rows, key=repr)
    del found["loads"]  # tickets and times differ
    # What was derived anew lies at the end; compaction sees to it.
    others = ("unsorted", "lineage")
    found["store_facts"] = [fact for fact in found["store_facts"] if fact[0] not in others]
    return found


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_upgraded_store_is_as_one_made_anew(
    loads: Loads, here: Here, tmp_path: Path, layout: str
) -> None:
    loads.load(CASES, MESSAGES)
    loads.derived_agree(Oracle(CASES, MESSAGES))
    old = upgraded(tmp_path, layout, here)
    assert columns_and_rows(old) == columns_and_rows(loads.store)
    assert all_answers(old) == all_answers(loads.store)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_upgrade_that_fails_leaves_the_store_as_it_was(
    here: Here, tmp_path: Path, layout: str
) -> None:
    store = tmp_path / "consumo.duckdb"
    write_store(store, layout)
    with duckdb.connect(str(store)) as connection:
        # The last step cannot make a table that is there.
        connection.execute("create table outbox_people (load_id bigint, person_id integer)")
        tables = connection.execute("select sql from duckdb_tables() order by all").fetchall()
    assert here("compact", store=store).exit_code == 2
    with duckdb.connect(str(store), read_only=True) as connection:
        sql = "select sql from duckdb_tables() order by all"
        assert connection.execute(sql).fetchall() == tables
        [(found,)] = connection.execute(
            "select value from store_facts where name = 'schema_version'"
        ).fetchall()
    assert found == layout


def test_there_is_a_step_to_each_layout_and_a_store_of_each_to_try_it_on() -> None:
    numbers = [1, *STEPS]
    assert numbers == list(range(1, int(SCHEMA_VERSION) + 1))
    assert list(LAYOUTS) == [str(number) for number in numbers[:-1]]
    assert all(can_upgrade(layout) for layout in LAYOUTS)
    assert not can_upgrade(SCHEMA_VERSION)
    assert not can_upgrade("99")
    assert not can_upgrade(None)


# --- larger stores of the present layout, without what is new in it -------------------------------


NEW_IN_4 = (
    ("people", "masked_name"),
    ("people", "masked_folded"),
    ("cases", "number_order"),
    ("cases", "masked_number"),
    ("loads", "rows_superseded"),
)
NEW_IN_5 = (
    ("messages", "sent_hour"),
    ("messages", "begins_wait"),
    ("messages", "reply_seconds"),
    ("messages", "reply_agent"),
    ("cases", "opened_hour"),
    ("cases", "attended_hour"),
    ("cases", "responded_at"),
    ("cases", "response_hour"),
)
NEW_IN_6 = (
    ("cases", "csat_rating"),
    ("messages", "is_survey"),
    ("messages", "pricing_type"),
    ("messages", "country"),
    ("messages", "business_account"),
    ("messages", "bsuid"),
    ("messages", "whatsapp_id"),
    ("loads", "rows_kept"),
    ("loads", "name"),
    ("loads", "seconds"),
)
NEW_COLUMNS = {4: NEW_IN_4, 5: NEW_IN_5, 6: NEW_IN_6}
TABLES_NEW_IN_6 = (
    "webhook_messages",
    "kept_payloads",
    "missing_rows",
    "source_states",
    "refused_loads",
)
TABLES_NEW_IN_7 = ("outbox_cases", "outbox_days", "outbox_events", "outbox_people")
NEW_TABLES = {6: TABLES_NEW_IN_6, 7: TABLES_NEW_IN_7}
#: What a version before layout 5 took for the begin of an open wait: the first message after the
#: last outgoing one, whoever sent that.
_WAITED_BEFORE_5 = """update cases set waiting_since = m.since
    from (
        select c.case_key, min(sent_at) filter (status = 'new') as since
        from cases c left join messages m on m.case_key = c.case_key and m.direction = 'in'
        group by all
    ) m where m.case_key = cases.case_key"""


def without_what_is_newer(connection: duckdb.DuckDBPyConnection, layout: str) -> None:
    """Take from the store the columns and tables that layouts 4 to 7 added after ``layout``."""
    for number, columns in NEW_COLUMNS.items():
        for table, column in columns if number > int(layout) else ():
            connection.execute(f"alter table {table} drop column {column}")
    for number, tables in NEW_TABLES.items():
        for table in tables if number > int(layout) else ():
            connection.execute(f"drop table {table}")
    connection.execute("delete from store_facts where name = 'lineage'")


def as_of_layout(layout: str, store: Path) -> None:
    """Take from the store what versions of ``layout`` did not write."""
    with duckdb.connect(str(store)) as connection:
        if layout < "5":
            connection.execute(_WAITED_BEFORE_5)
        without_what_is_newer(connection, layout)
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
    "masked_number, opened_hour, attended_hour, responded_at, response_hour",
    "people": "person_name, masked_name, masked_folded",
    "messages": "account, message_id, answered, in_window, sent_hour, begins_wait, "
    "reply_seconds, reply_agent",
}


def derived(store: Path) -> dict[str, set[tuple[Any, ...]]]:
    with duckdb.connect(str(store), read_only=True) as connection:
        return {
            table: set(connection.execute(f"select {columns} from {table}").fetchall())
            for table, columns in DERIVED.items()
        }


@pytest.mark.parametrize("layout", LAYOUTS)
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
