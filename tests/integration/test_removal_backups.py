"""``--backup``: a back-up is changed as a whole or not at all, and stays a store."""

import os
import shutil
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from queries.engines.base import EngineLimits
from queries.tables import SCHEMA_VERSION
from sources.durable_files import lock_folder
from sources.owner import Owner
from tests.integration.conftest import Here, owner_of, running_server
from tests.integration.old_layouts import CASES, LAYOUTS, write_store
from tests.integration.removals import (
    NAME,
    Rowset,
    filled,
    import_rows,
    random_rows,
    stored,
)
from tests.integration.test_erased_files import NAME_BYTES, files_with
from tests.integration.test_erasure import case
from tests.integration.test_merging import CASE

pytestmark = pytest.mark.integration


@pytest.fixture
def loaded(here: Here, store: Path) -> Path:
    """A store without rows of the person."""
    import_rows(here, store, Rowset([case("c2", "Bia")], []))
    return store


@pytest.fixture
def copy(here: Here, tmp_path: Path) -> Path:
    """A back-up with rows of the person, in a folder of its own."""
    store = tmp_path / "other" / "consumo.duckdb"
    import_rows(here, store, filled(random_rows(4), [NAME]))
    path = tmp_path / "kept" / "copy.duckdb"
    assert here("backup", path, store=store).exit_code == 0
    return path


def names(path: Path) -> list[str]:
    return [str(row[0]) for row in stored(path)["people"]]


def test_a_backup_is_changed_as_the_store_is(here: Here, loaded: Path, copy: Path) -> None:
    same = copy.with_name("same") / "consumo.duckdb"
    same.parent.mkdir()
    shutil.copyfile(copy, same)
    assert here("erase", "--person", NAME, store=same).exit_code == 0
    copy.chmod(0o640)
    done = here("erase", "--person", NAME, "--backup", copy, store=loaded)
    assert done.exit_code == 0, done.stderr
    assert done.stdout.splitlines()[0] == "Store: nothing left."
    assert f"Back-up {copy}: " in done.stdout
    assert stored(copy) == stored(same)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o640
    with closing(owner_of(copy)) as owner:
        owner.open()  # a back-up is a store
        assert owner.holds() == "real"


def test_a_purge_reaches_backups(here: Here, loaded: Path, copy: Path) -> None:
    done = here("purge", "--before", "2025-10-10", "--backup", copy, store=loaded)
    assert done.exit_code == 0, done.stderr
    with duckdb.connect(str(copy), read_only=True) as connection:
        [(first,)] = connection.execute("select min(sent_day)::varchar from messages").fetchall()
    assert first >= "2025-10-10"


def test_a_dry_run_leaves_a_backup_as_it_is(here: Here, loaded: Path, copy: Path) -> None:
    before = copy.read_bytes()
    trial = here("erase", "--person", NAME, "--dry-run", "--backup", copy, store=loaded)
    assert copy.read_bytes() == before
    assert [path.name for path in copy.parent.iterdir()] == ["copy.duckdb"]
    done = here("erase", "--person", NAME, "--backup", copy, store=loaded)
    assert trial.stdout.splitlines()[1:] == done.stdout.splitlines()


def test_a_backup_without_the_person_stays(here: Here, loaded: Path, copy: Path) -> None:
    here("erase", "--person", NAME, "--backup", copy, store=loaded)
    file = copy.stat().st_ino
    done = here("erase", "--person", NAME, "--backup", copy, store=loaded)
    assert f"Back-up {copy}: nothing left." in done.stdout.splitlines()
    assert copy.stat().st_ino == file


def test_several_backups_of_which_one_is_damaged(
    here: Here, loaded: Path, copy: Path, tmp_path: Path
) -> None:
    damaged = tmp_path / "damaged.duckdb"
    damaged.write_bytes(copy.read_bytes()[:5_000] + b"x" * 5_000)
    content = damaged.read_bytes()
    done = here(*("erase", "--person", NAME, "--backup", damaged, "--backup", copy), store=loaded)
    assert done.exit_code == 1
    assert f"Back-up {damaged}: it is as before, because " in done.stderr
    assert damaged.read_bytes() == content
    assert files_with(copy.parent, NAME_BYTES) == set()
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_a_database_of_something_else_is_left_alone(
    here: Here, loaded: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.duckdb"
    with duckdb.connect(str(other)) as connection:
        connection.execute("create table t as select 1 as x")
    content = other.read_bytes()
    done = here("erase", "--person", NAME, "--backup", other, store=loaded)
    assert done.exit_code == 1
    assert "it is a DuckDB database of something else" in done.stderr
    assert other.read_bytes() == content


def test_a_store_that_a_server_has_open_is_left_alone(here: Here, loaded: Path, copy: Path) -> None:
    with running_server(copy):
        done = here("erase", "--person", NAME, "--backup", copy, store=loaded)
        assert done.exit_code == 1
        assert "another process has it open" in done.stderr
    assert NAME in names(copy)


def test_a_backup_that_another_command_changes_is_left_alone(
    here: Here, loaded: Path, copy: Path
) -> None:
    folder = copy.with_name(".copy.duckdb.removing")
    folder.mkdir()
    lock = lock_folder(folder)
    assert lock is not None
    done = here("erase", "--person", NAME, "--backup", copy, store=loaded)
    os.close(lock)
    assert done.exit_code == 1
    assert "another command is changing it" in done.stderr
    assert folder.is_dir()
    assert here("erase", "--person", NAME, "--backup", copy, store=loaded).exit_code == 0
    assert not folder.exists()


@pytest.mark.parametrize("ending", ["", ".wal", ".inbox/x"])
def test_files_of_the_store_itself_are_no_backups(
    here: Here, loaded: Path, tmp_path: Path, ending: str
) -> None:
    path = Path(f"{loaded}{ending}")
    path.touch()
    link = tmp_path / "link.duckdb"
    link.symlink_to(path)
    for one in (path, link):
        done = here("erase", "--person", "Bia", "--backup", one, store=loaded)
        assert done.exit_code == 2
        assert "belongs to the store itself" in done.stderr
    assert names(loaded) == ["Bia"]


def test_a_link_leads_to_the_backup(here: Here, loaded: Path, copy: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.duckdb"
    link.symlink_to(copy)
    done = here("erase", "--person", NAME, "--backup", link, store=loaded)
    assert done.exit_code == 0
    assert link.is_symlink()
    assert NAME not in names(copy)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_backup_of_an_earlier_version(
    here: Here, loaded: Path, tmp_path: Path, layout: str
) -> None:
    old = tmp_path / "kept" / "old.duckdb"
    old.parent.mkdir()
    write_store(old, layout)
    person = CASES[0]["person_name"]
    done = here("erase", "--person", person, "--backup", old, store=loaded)
    assert done.exit_code == 0, done.stderr
    with duckdb.connect(str(old), read_only=True) as connection:
        facts = dict(connection.execute("select name, value from store_facts").fetchall())
    assert facts["schema_version"] == SCHEMA_VERSION
    assert person not in names(old)


def test_what_a_killed_process_left_in_the_log_of_a_backup(
    here: Here, loaded: Path, copy: Path
) -> None:
    """Without its log the back-up would miss rows; with it, the rows go as well."""
    program = f"""import duckdb, os
connection = duckdb.connect({str(copy)!r})
connection.execute("insert into rejects values (1, 'cases', 1, 'x', 'late')")
os._exit(9)"""
    subprocess.run([sys.executable, "-c", program], check=False)
    assert copy.with_name("copy.duckdb.wal").exists()
    assert here("erase", "--person", NAME, "--backup", copy, store=loaded).exit_code == 0
    assert [path.name for path in copy.parent.iterdir()] == ["copy.duckdb"]
    with duckdb.connect(str(copy), read_only=True) as connection:
        assert connection.execute("select reason from rejects").fetchall() == [("late",)]


def test_days_of_a_backup_are_those_of_its_own_zone(
    here: Here, loaded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokyo = tmp_path / "tokyo" / "consumo.duckdb"
    with monkeypatch.context() as patched:
        patched.setenv("CONSUMO_TIME_ZONE", "Asia/Tokyo")
        # In Tokyo both are of 2 November, in São Paulo the first one of 1 November.
        opened = ["2025-11-01T20:00:00Z", "2025-11-02T12:00:00Z"]
        rows = [{**CASE, "case_id": at, "opened_at": at, "account": "default"} for at in opened]
        import_rows(here, tokyo, Rowset(rows, []))
    done = here("purge", "--before", "2025-11-02", "--backup", tokyo, store=loaded)
    assert done.exit_code == 0, done.stderr
    assert len(stored(tokyo)["cases"]) == 2
    owner = Owner(tokyo, EngineLimits(), "Asia/Tokyo", lambda: None)  # type: ignore[arg-type,return-value]
    with closing(owner):
        owner.open()
