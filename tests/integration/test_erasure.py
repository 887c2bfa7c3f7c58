"""After ``erase`` and ``purge`` a store is as if the removed rows had never been imported."""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest

from app.factory import create_app, parts_of
from app.settings import Settings
from queries.user_scope import EVERYTHING
from tests.integration.conftest import Here, answers, owner_of, without_version
from tests.integration.removals import (
    ACCOUNTS,
    MARK,
    NAME,
    NAMES_IN_TEXTS,
    PHONE,
    PHONES_IN_TEXTS,
    Rowset,
    filled,
    import_rows,
    local_day,
    random_rows,
    stored,
    texts_of,
    without,
)

pytestmark = pytest.mark.integration

SAME_PHONE = {PHONE, "+551187654471"}
SEEDS = range(4)


def with_phones_in_names(rows: Rowset) -> Rowset:
    """Return ``rows`` in which one person has a name with a phone."""
    named = [
        {**row, "person_name": "Cliente {slot}"} if row["person_name"] == "Eva" else row
        for row in rows.cases
    ]
    return replace(rows, cases=named)


def of_person(rows: Rowset, accounts: Iterable[str]) -> set[str]:
    return {
        row["case_id"]
        for row in rows.cases
        if row["person_name"] == NAME and row["account"] in accounts
    }


def of_phone(rows: Rowset, accounts: Iterable[str]) -> set[str]:
    """A contact phone is always the phone of another message of the case."""
    return {
        row["case_id"]
        for row in rows.messages
        if row["phone"] in SAME_PHONE and row["account"] in accounts
    }


def is_like(store: Path, expected: Rowset, here: Here) -> None:
    """Check that ``store`` holds what a new one holds after an import of ``expected``."""
    fresh = store.with_name("fresh") / "consumo.duckdb"
    import_rows(here, fresh, expected)
    assert stored(store) == stored(fresh)


# --- derived values -------------------------------------------------------------------------------


@pytest.mark.parametrize("accounts", [ACCOUNTS, ("sul",)], ids=["all accounts", "one account"])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_store_without_a_person_is_as_if_imported_without(
    here: Here, store: Path, seed: int, accounts: tuple[str, ...]
) -> None:
    rows = random_rows(seed)
    gone = of_person(rows, accounts)
    assert gone
    import_rows(here, store, filled(rows, NAMES_IN_TEXTS, accounts), loads=2)
    options = ["--account", *accounts] if len(accounts) == 1 else []
    done = here("erase", "--person", NAME, *options, store=store)
    assert done.exit_code == 0, done.stderr
    assert f"Store: {len(gone)} cases, " in done.stdout
    is_like(store, filled(without(rows, gone), [MARK], accounts), here)


@pytest.mark.parametrize("accounts", [ACCOUNTS, ("sul",)], ids=["all accounts", "one account"])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_store_without_a_phone_is_as_if_imported_without(
    here: Here, store: Path, seed: int, accounts: tuple[str, ...]
) -> None:
    rows = with_phones_in_names(random_rows(seed))
    gone = of_phone(rows, accounts)
    assert gone
    import_rows(here, store, filled(rows, PHONES_IN_TEXTS, accounts), loads=2)
    options = ["--account", *accounts] if len(accounts) == 1 else []
    done = here("erase", "--phone", "+55 (11) 98765-4471", *options, store=store)
    assert done.exit_code == 0, done.stderr
    is_like(store, filled(without(rows, gone), [MARK], accounts), here)


@pytest.mark.parametrize("days", [1, 6, 14, 45])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_purged_store_is_as_if_imported_without_the_days_before(
    here: Here, store: Path, seed: int, days: int
) -> None:
    rows = filled(random_rows(seed), ["nada"])
    before = date(2025, 9, 30) + timedelta(days=days)
    older = {row["message_id"] for row in rows.messages if local_day(row["sent_at"]) < before}
    kept = {row["case_id"] for row in rows.messages if row["message_id"] not in older}
    gone = {
        row["case_id"]
        for row in rows.cases
        if row["case_id"] not in kept
        and local_day(row["opened_at"]) < before
        and not (row["closed_at"] and local_day(row["closed_at"]) >= before)
    }
    import_rows(here, store, rows, loads=2)
    done = here("purge", "--before", before, store=store)
    assert done.exit_code == 0, done.stderr
    counts = f"Store: {len(gone)} cases, {len(older)} messages."
    assert (counts if gone or older else "Store: nothing left.") in done.stdout.splitlines()
    is_like(store, without(rows, gone, older), here)


def test_a_purge_of_texts_empties_them_and_keeps_every_number(here: Here, store: Path) -> None:
    rows = filled(random_rows(3), ["nada"])
    before = date(2025, 10, 8)
    import_rows(here, store, rows)
    numbers = without_version(answers(store))
    old = [row for row in rows.messages if row["body"] and local_day(row["sent_at"]) < before]
    done = here("purge", "--before", before, "--texts-only", store=store)
    assert f"Store: {len(old)} texts." in done.stdout.splitlines()
    ids = {row["message_id"] for row in old}
    emptied = [{**row, "body": ""} if row["message_id"] in ids else row for row in rows.messages]
    is_like(store, replace(rows, messages=emptied), here)
    after = without_version(answers(store))
    assert {name: after[name] for name in after if name != "details"} == {
        name: numbers[name] for name in numbers if name != "details"
    }


def test_events_go_with_their_messages_or_follow_their_new_id(here: Here, store: Path) -> None:
    rows = Rowset(
        [case("c1", NAME), case("c2", "Bia")],
        [message("gone", "c1"), message(f"id-{PHONE[1:]}", "c2"), message("id-x", "c2")],
    )
    import_rows(here, store, rows)
    with duckdb.connect(str(store)) as connection:
        connection.execute(
            """insert into message_events by name
            select account, message_id, 'read' as status, sent_at as occurred_at from messages"""
        )
    here("erase", "--person", NAME, store=store)
    here("erase", "--phone", PHONE, store=store)
    assert [row[1] for row in stored(store)["message_events"]] == [f"id-{MARK}", "id-x"]


# --- ids ------------------------------------------------------------------------------------------


def case(case_id: str, person: str = "Bia", **more: str) -> dict[str, str]:
    return {
        "account": "default",
        "case_id": case_id,
        "person_name": person,
        "channel": "WhatsApp",
        "case_type": "Troca",
        "opened_at": "2025-11-01T12:00:00Z",
        **more,
    }


def message(message_id: str, case_id: str, **more: str) -> dict[str, str]:
    return {
        "account": "default",
        "message_id": message_id,
        "case_id": case_id,
        "direction": "in",
        "sent_at": "2025-11-01T12:00:00Z",
        **more,
    }


def test_ids_stay_unique_when_the_phone_in_them_is_masked(here: Here, store: Path) -> None:
    ways = ("+5511987654471", "5511987654471", MARK)
    rows = Rowset(
        [case(f"c {way}") for way in ways],
        [message(f"m {way}", f"c {way}", body=str(place)) for place, way in enumerate(ways)],
    )
    import_rows(here, store, rows)
    done = here("erase", "--phone", PHONE, store=store)
    # Of two cases the id and the number, of their two messages the id.
    assert "Store: 0 cases, 0 messages, 6 texts masked." in done.stdout.splitlines()
    found = stored(store)
    assert len({row[1] for row in found["cases"]}) == 3
    assert {row[2] for row in found["cases"]} == {f"c {MARK}"}
    with closing(owner_of(store)) as owner:
        owner.open()
        with owner.snapshot() as view:
            table = view.fetch("select message_id, body from messages order by body", ())
    ids, bodies = table.column("message_id"), table.column("body")
    assert bodies == ["0", "1", "2"]
    assert len(set(ids)) == 3
    assert all(one.startswith(f"m {MARK}") for one in ids)
    assert not [text for text in texts_of(store) if "987654471" in text]


# --- what is told ---------------------------------------------------------------------------------


@pytest.fixture
def loaded(here: Here, store: Path) -> Path:
    """A store with one case of the person, and a text of another case with the name."""
    rows = Rowset(
        [case("c1", NAME), case("c2", "Bia"), case("c3", NAME.upper())],
        [message("m1", "c1", phone=PHONE), message("m2", "c2", body=f"de {NAME}")],
    )
    import_rows(here, store, rows)
    return store


def test_a_dry_run_says_the_same_and_changes_nothing(here: Here, loaded: Path) -> None:
    before, version = stored(loaded), answers(loaded, "details")["data_version"]
    trial = here("erase", "--person", NAME, "--dry-run", store=loaded)
    assert trial.exit_code == 0
    first, *said = trial.stdout.splitlines()
    assert first == "Dry run: nothing was changed. This would be removed:"
    assert stored(loaded) == before
    assert answers(loaded, "details")["data_version"] == version
    assert here("erase", "--person", NAME, store=loaded).stdout.splitlines() == said
    assert said[0] == "Store: 1 cases, 1 messages, 1 texts masked."
    purge = ("purge", "--before", "2025-11-02")
    first, *said = here(*purge, "--dry-run", store=loaded).stdout.splitlines()
    assert here(*purge, store=loaded).stdout.splitlines() == said


def test_a_second_run_finds_nothing_and_leaves_the_file_alone(here: Here, loaded: Path) -> None:
    here("erase", "--person", NAME, store=loaded)
    file, version = loaded.stat().st_ino, answers(loaded, "details")["data_version"]
    done = here("erase", "--person", NAME, store=loaded)
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0] == "Store: nothing left."
    assert loaded.stat().st_ino == file
    assert answers(loaded, "details")["data_version"] == version


@pytest.mark.parametrize(
    "what", [("erase", "--person", "Ninguém"), ("erase", "--phone", "+5511900000009")]
)
def test_what_is_not_there_is_told(here: Here, loaded: Path, what: tuple[str, ...]) -> None:
    done = here(*what, store=loaded)
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0] == "Store: nothing left."


def test_what_may_be_the_same_person_is_counted_and_kept(here: Here, store: Path) -> None:
    rows = Rowset(
        [case("c1", NAME), case("c2", NAME.upper()), case("c3", "Bia")],
        [message("m1", "c3", phone="11987654471")],
    )
    import_rows(here, store, rows)
    said = here("erase", "--person", NAME, "--dry-run", store=store).stdout
    assert "These stay: 1 names that differ in accents or in capital letters only." in said
    said = here("erase", "--phone", PHONE, "--dry-run", store=store).stdout
    assert "These stay: 1 cases with the phone without its country code." in said
    done = here("erase", "--phone", "+11987654471", store=store)
    assert done.stdout.splitlines()[0] == "Store: 1 cases, 1 messages, 0 texts masked."


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("erase",), "give either --person or --phone"),
        (("erase", "--person", "A", "--phone", PHONE), "give either --person or --phone"),
        (("erase", "--person", " "), "--person takes a name"),
        (("erase", "--person", "\udcff"), "--person takes a name"),
        (("erase", "--phone", "11 98765-4471"), "--phone takes a phone with its country code"),
        (("erase", "--phone", "+55"), "--phone takes a phone with its country code"),
        (("erase", "--phone", "Ana"), "--phone takes a phone with its country code"),
        (("purge",), "Missing option '--before'"),
        (("purge", "--before", "ontem"), "'ontem' does not match the format"),
        (("purge", "--before", "1899-12-31"), "--before takes a day from 1900 to tomorrow"),
        (("purge", "--before", "2206-01-01"), "--before takes a day from 1900 to tomorrow"),
        (("erase", "--person", "A", "--backup", "nowhere"), "nowhere cannot be read"),
    ],
)
def test_options_that_are_refused(
    here: Here, loaded: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    before = stored(loaded)
    done = here(*arguments, store=loaded)
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert stored(loaded) == before


def test_tomorrow_is_the_last_day_that_purge_takes(here: Here, loaded: Path) -> None:
    today = datetime.now(ZoneInfo("America/Sao_Paulo")).date()
    done = here("purge", "--before", today + timedelta(days=1), "--dry-run", store=loaded)
    assert done.exit_code == 0


def test_without_a_store_nothing_is_made(here: Here, store: Path) -> None:
    done = here("erase", "--person", NAME, store=store)
    assert done.exit_code == 2
    assert "there is no store at" in done.stderr
    assert not store.parent.exists()


# --- loads before and after -----------------------------------------------------------------------


def test_a_file_that_is_imported_again_brings_the_rows_again(
    here: Here, store: Path, tmp_path: Path
) -> None:
    rows = Rowset([case("c1", NAME)], [message("m1", "c1")])
    import_rows(here, store, rows)
    whole = stored(store)
    here("erase", "--person", NAME, store=store)
    assert not stored(store)["people"]
    import_rows(here, store, rows)
    assert stored(store) == whole


def test_the_page_says_when_data_was_loaded_not_when_it_was_removed(
    here: Here, loaded: Path
) -> None:
    with duckdb.connect(str(loaded)) as connection:
        connection.execute("update loads set loaded_at = '2025-11-02 10:00:00'")
    here("erase", "--person", NAME, store=loaded)
    with duckdb.connect(str(loaded), read_only=True) as connection:
        rows = connection.execute(
            """select source, account, demo, rows_in, cases_written, messages_written
            from loads order by load_id"""
        ).fetchall()
    assert rows[1:] == [("erase", "", False, 0, 1, 1)]
    server = create_app(Settings(store_url=f"duckdb:///{loaded}"))
    with closing(parts_of(server)) as parts:
        at = datetime(2025, 11, 2, 10, tzinfo=UTC)
        status, loads = parts.reader.status(EVERYTHING), parts.reader.loads()
    assert (status.loaded_at, status.data_version) == (at, 2)
    assert (loads.newest_at, loads.newest_id) == (at.replace(tzinfo=None), 2)
    assert loads.newest_rows == 5
