"""Commands replace nothing at the paths that they write to, and never wait for a pipe."""

import os
import shutil
import socket
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from queries.errors import StoreUnavailable
from sources.inbox import HandIn, Inbox, copy_files
from tests.integration.conftest import Here, answers, owner_of, write_csv

pytestmark = pytest.mark.integration

CASES = """case_id,person_name,channel,case_type,opened_at
    c1,Ana,WhatsApp,Dúvida,2026-11-01T12:00:00Z
    ,Bia,WhatsApp,Dúvida,2026-11-02T12:00:00Z"""
#: The list of the one rejected row of ``CASES``.
LIST = b"file,line,column,reason\r\ncases,3,case_id,missing\r\n"


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """A file of cases with one row that is rejected."""
    return write_csv(tmp_path / "given" / "cases.csv", CASES)


@pytest.fixture
def loaded(here: Here, store: Path, tmp_path: Path) -> Path:
    """A store that holds a case."""
    sound = write_csv(tmp_path / "sound.csv", CASES.replace("\n    ,Bia", "\n    c0,Bia"))
    assert here("import", "--cases", sound, store=store).exit_code == 0
    return store


def contents(folder: Path) -> dict[str, bytes | str]:
    """Return every file below ``folder`` with its content, and every link with its target."""
    return {
        str(path.relative_to(folder)): str(path.readlink())
        if path.is_symlink()
        else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


# --- where rejected rows and back-ups go ----------------------------------------------------------


def _input(folder: Path, _store: Path) -> Path:
    return folder / "given" / "cases.csv"


def _store(_folder: Path, store: Path) -> Path:
    return store


def _link_to_the_store(folder: Path, store: Path) -> Path:
    (folder / "link").symlink_to(store)
    return folder / "link"


def _by_another_way(folder: Path, store: Path) -> Path:
    (folder / "way").symlink_to(store.parent, target_is_directory=True)
    return folder / "way" / f"{store.name}.wal"


def _dangling(folder: Path, _store: Path) -> Path:
    (folder / "dangling").symlink_to(folder / "nowhere")
    return folder / "dangling"


def _pipe(folder: Path, _store: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


def _beside(end: str) -> Callable[[Path, Path], Path]:
    return lambda _folder, store: Path(f"{store}{end}")


PLACES = {
    "input": (_input, "is there already"),
    "store": (_store, "a name that the store uses"),
    "link to the store": (_link_to_the_store, "is there already"),
    "the store's log by a link": (_by_another_way, "a name that the store uses"),
    "dangling link": (_dangling, "is there already"),
    "pipe": (_pipe, "is there already"),
    "directory": (lambda folder, _: folder, "is there already"),
    "device": (lambda *_: Path("/dev/null"), "is there already"),
    "full device": (lambda *_: Path("/dev/full"), "is there already"),
    "lock": (_beside(".lock"), "a name that the store uses"),
    "log": (_beside(".wal"), "a name that the store uses"),
    "compact copy": (_beside(".compact"), "a name that the store uses"),
    "audit file": (_beside(".audit.jsonl"), "a name that the store uses"),
    "in the inbox": (_beside(".inbox/list.csv"), "a name that the store uses"),
    "in the temporary folder": (_beside(".tmp/list.csv"), "a name that the store uses"),
    "below a file": (lambda folder, _: folder / "given" / "cases.csv" / "x", "Not a directory"),
    "long name": (lambda folder, _: folder / ("x" * 300), "File name too long"),
    "not a folder for files": (lambda *_: Path("/proc/list.csv"), "/proc cannot be written to"),
}


@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("command", ["import", "backup"])
def test_an_output_path_that_exists_or_is_unsuitable_is_refused(
    here: Here, tmp_path: Path, loaded: Path, cases: Path, command: str, where: str
) -> None:
    make, sentence = PLACES[where]
    path = make(tmp_path, loaded)
    before = contents(tmp_path)
    arguments = ["--cases", cases, "--rejects", path] if command == "import" else [path]
    done = here(command, *arguments, store=loaded)
    assert done.exit_code == 2
    [said] = done.stderr.splitlines()
    assert sentence in said
    assert not done.stdout
    assert contents(tmp_path) == before


def test_a_store_that_is_not_made_yet_is_not_written_over(
    here: Here, store: Path, cases: Path
) -> None:
    store.parent.mkdir()
    done = here("import", "--cases", cases, "--rejects", store, store=store)
    assert done.exit_code == 2
    assert not list(store.parent.iterdir())


def test_rejects_replace_nothing_that_appeared_meanwhile(
    tmp_path: Path, store: Path, cases: Path
) -> None:
    """A file may get the name after the command checked it and before the owner writes."""
    wanted, mine = tmp_path / "wanted.csv", store.with_name("rejects-1.csv")
    what = HandIn("files", "default", demo=False, rejects_path=wanted)
    store.parent.mkdir()
    ticket = Inbox(store).hand_in(what, copy_files({"cases": cases}))
    wanted.symlink_to(mine)
    mine.write_text("mine")
    with closing(owner_of(store)) as owner:
        owner.open()
        owner.take_in()
    outcome = Inbox(store).take_outcome(ticket)
    assert outcome
    assert outcome.rejects
    assert outcome.rejects.path == store.with_name("rejects-1-2.csv")
    assert outcome.rejects.path.read_bytes() == LIST
    assert (mine.read_text(), wanted.readlink()) == ("mine", mine)
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("end", [".wal", ".compact", ".inbox/list.csv", ".webhooks/a"])
def test_no_hand_in_makes_the_owner_write_to_its_own_files(
    store: Path, cases: Path, end: str
) -> None:
    """The names are free at that moment, and the inbox entry did not come from our command."""
    what = HandIn("files", "default", demo=False, rejects_path=Path(f"{store}{end}"))
    store.parent.mkdir()
    ticket = Inbox(store).hand_in(what, copy_files({"cases": cases}))
    with closing(owner_of(store)) as owner:
        owner.open()
        owner.take_in()
    outcome = Inbox(store).take_outcome(ticket)
    assert outcome
    assert outcome.rejects
    assert outcome.rejects.path == store.with_name("rejects-1.csv")
    assert not Path(f"{store}{end}").exists()


def test_the_same_list_is_written_once(here: Here, store: Path, cases: Path) -> None:
    for _ in range(2):
        here("import", "--cases", cases, store=store)
    assert [path.read_bytes() for path in store.parent.glob("rejects*")] == [LIST]


# --- where the store is ---------------------------------------------------------------------------


def _text(path: Path) -> Path:
    path.write_text("what somebody wrote")
    return path


def _socket(path: Path) -> Path:
    with closing(socket.socket(socket.AF_UNIX)) as bound:
        bound.bind(str(path))
    return path


def _made(make: Callable[[Path], object]) -> Callable[[Path], Path]:
    def made(path: Path) -> Path:
        make(path)
        return path

    return made


NO_STORES = {
    "text": (_text, "a file of something else"),
    "empty file": (_made(Path.touch), "a file of something else"),
    "directory": (_made(Path.mkdir), "is a directory, and a store is a file"),
    "pipe": (_made(os.mkfifo), "is a pipe, and a store is a file"),
    "socket": (_socket, "is a socket, and a store is a file"),
    "device": (lambda _: Path("/dev/null"), "is a device, and a store is a file"),
    "in a file": (lambda path: _text(path) / "x.duckdb", "Not a directory"),
    "loop": (_made(lambda path: path.symlink_to(path)), "Too many levels of symbolic links"),
    "long name": (lambda path: path.with_name("x" * 300), "File name too long"),
    "not a folder for files": (lambda _: Path("/proc/s.duckdb"), "/proc cannot be written to"),
}


@pytest.mark.parametrize("kind", NO_STORES)
@pytest.mark.parametrize("command", ["import", "demo", "backup", "compact"])
def test_a_file_that_is_not_a_store_is_not_changed(
    here: Here, tmp_path: Path, cases: Path, command: str, kind: str
) -> None:
    make, sentence = NO_STORES[kind]
    path = make(tmp_path / "given.duckdb")
    arguments = {"import": ["--cases", cases], "backup": [tmp_path / "copy"]}.get(command, [])
    before = contents(tmp_path)
    done = here(command, *arguments, store=path)
    assert done.exit_code == 2
    [said] = done.stderr.splitlines()
    assert sentence in said
    assert contents(tmp_path) == before


@pytest.mark.parametrize("command", ["backup", "compact"])
def test_backup_of_a_missing_store_makes_no_store(
    here: Here, tmp_path: Path, store: Path, command: str
) -> None:
    done = here(command, *([tmp_path / "copy"] if command == "backup" else []), store=store)
    assert done.exit_code == 2
    assert done.stderr.splitlines() == [f"there is no store at {store}"]
    assert not store.parent.exists()


def test_a_store_by_a_link_stays_where_it_is(
    here: Here, tmp_path: Path, loaded: Path, cases: Path
) -> None:
    link = tmp_path / "link.duckdb"
    link.symlink_to(loaded)
    assert here("import", "--cases", cases, store=link).exit_code == 0
    assert here("compact", store=link).exit_code == 0
    assert link.readlink() == loaded
    assert answers(loaded, "indicators") == answers(link, "indicators")
    assert not list(tmp_path.glob("link.duckdb.*"))  # lock and inbox are those of the file


@pytest.mark.parametrize("name", ["a'b\" c%20d", "#*[1]ação\nb"])
def test_odd_names_of_stores(here: Here, tmp_path: Path, cases: Path, name: str) -> None:
    store = tmp_path / name / f"{name}.duckdb"
    assert here("import", "--cases", cases, store=store).exit_code == 0
    assert here("demo", "--messages", "10", store=store).exit_code == 2
    assert here("compact", store=store).exit_code == 0
    assert here("backup", tmp_path / "copy" / f"{name}.duckdb", store=store).exit_code == 0
    other = tmp_path / name / "demo.duckdb"
    assert here("demo", "--messages", "10", store=other).exit_code == 0
    assert answers(other, "indicators")["indicators sent"][0]["messages"] == 10


def test_duckdb_would_misread_a_question_mark(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match=r"DuckDB takes no \? in a path"):
        owner_of(tmp_path / "a?b" / "consumo.duckdb").check()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("import", "--cases", ""), "it is empty: name a file"),
        (("import", "--messages", "given/"), "given/ is a folder: name a file in it"),
        (("import", "--cases", "c.csv", "--rejects", ""), "it is empty: name a file"),
        (("backup", ""), "it is empty: name a file"),
        (("backup", "new/"), "new/ is a folder: name a file in it"),
        (("import", "--cases", "c.csv", "--time-zone", "localtime"), "--time-zone takes a zone"),
        (("import", "--cases", "c.csv", "--time-zone", "Factory"), "--time-zone takes a zone"),
    ],
)
def test_unusable_path_arguments_are_refused(
    here: Here, store: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    done = here(*arguments, store=store)
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert not store.parent.exists()


def test_a_write_ahead_log_of_another_file_is_reported(
    here: Here, tmp_path: Path, loaded: Path
) -> None:
    """A crash leaves such a log, which does not fit a back-up that then replaces the store."""
    store = tmp_path / "restored.duckdb"
    shutil.copy(loaded, store)
    with duckdb.connect(str(tmp_path / "other.duckdb")) as connection:
        connection.execute("create table numbers as select range as number from range(10000)")
        shutil.copy(tmp_path / "other.duckdb.wal", store.with_name("restored.duckdb.wal"))
    done = here("compact", store=store)
    assert done.exit_code == 2
    assert "to which restored.duckdb.wal belongs: then remove that" in done.stderr
    store.with_name("restored.duckdb.wal").unlink()
    assert here("compact", store=store).exit_code == 0


# --- what is read ---------------------------------------------------------------------------------


INPUTS = {
    "pipe": (_made(os.mkfifo), "is a pipe: write what it holds to a file"),
    "socket": (_socket, "is a socket: write"),
    "endless device": (lambda _: Path("/dev/zero"), "zero is a device: write"),
    "directory": (_made(Path.mkdir), "is a directory: give a file"),
}


@pytest.mark.parametrize("kind", INPUTS)
def test_files_that_may_never_end_are_not_read(
    here: Here, tmp_path: Path, store: Path, kind: str
) -> None:
    make, sentence = INPUTS[kind]
    done = here("import", "--messages", make(tmp_path / "given"), store=store)
    assert done.exit_code == 2
    [said] = done.stderr.splitlines()
    assert sentence in said
    assert not store.parent.exists()


@pytest.mark.parametrize("change", ["grows", "shrinks"])
def test_a_file_that_changes_while_it_is_read_is_refused(
    here: Here, store: Path, cases: Path, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test makes sure that the change comes between the first look at the file and its end."""
    fstat = os.fstat

    def changing(descriptor: int) -> os.stat_result:
        found = fstat(descriptor)
        if Path(f"/proc/self/fd/{descriptor}").readlink() == cases:
            with cases.open("ab") as opened:
                opened.write(b"more") if change == "grows" else opened.truncate(10)
        return found

    monkeypatch.setattr("sources.inbox.os.fstat", changing)
    done = here("import", "--cases", cases, store=store)
    assert done.exit_code == 2
    assert "cases.csv changed while it was read: give it when it is complete" in done.stderr
    assert not Inbox(store).waiting()
    assert not [path for path in Inbox(store).folder.iterdir() if path.is_dir()]


def test_a_copy_goes_to_another_file_system(here: Here, loaded: Path) -> None:
    elsewhere = Path("/dev/shm") / f"consumo-test-{os.getpid()}"
    if not elsewhere.parent.is_dir() or elsewhere.parent.stat().st_dev == loaded.stat().st_dev:
        pytest.skip("there is no second file system at /dev/shm")
    try:
        assert here("backup", elsewhere / "copy.duckdb", store=loaded).exit_code == 0
        assert [path.name for path in elsewhere.iterdir()] == ["copy.duckdb"]
        assert answers(elsewhere / "copy.duckdb") == answers(loaded)
    finally:
        shutil.rmtree(elsewhere, ignore_errors=True)
