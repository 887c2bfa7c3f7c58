"""After ``erase`` no file below the store's folder holds a byte of the value, whatever wrote it."""

import json
import random
import re
import shutil
import subprocess
import sys
from base64 import b64encode
from contextlib import nullcontext
from pathlib import Path
from string import ascii_letters

import pytest

from sources.audit import AuditFile
from sources.inbox import HandIn, Inbox, Outcome, copy_files
from tests.integration.conftest import Command, Here, running_server, until
from tests.integration.removals import (
    MARK,
    NAME,
    NAMES_IN_TEXTS,
    PHONE,
    PHONES_IN_TEXTS,
    Rowset,
    filled,
    import_rows,
    random_rows,
    texts_of,
)
from tests.integration.test_erasure import SAME_PHONE, case, message
from tests.integration.test_merging import written
from tests.oracle.oracle import CASE_COLUMNS, MESSAGE_COLUMNS

pytestmark = pytest.mark.integration

#: Enough for the store to compress its texts in every way that it knows.
CASES = 2_000
META_ID = "wamid." + b64encode(b"\x1c\x18\x0d5511987654471\x15\x02\x00\x12\x18\x143A9D").decode()
#: What must not be found, in any file or text. Base64 of the phone depends on where it begins.
NAME_BYTES = [NAME, NAME.lower(), "joao conceicao", "JOAO CONCEICAO", *NAMES_IN_TEXTS]
PHONE_BYTES = [
    *(phone.removeprefix("+") for phone in SAME_PHONE),
    *("11987654471", "1187654471"),
    *("NTUxMTk4NzY1NDQ3M", "U1MTE5ODc2NTQ0Nz", "1NTExOTg3NjU0NDcx"),
    *(way for way in PHONES_IN_TEXTS if way != MARK),
]


def files_with(folder: Path, values: list[str]) -> set[str]:
    """Return the names of all files below ``folder`` in which one of ``values`` stands."""
    needles = [
        *(value.encode() for value in values),
        *(json.dumps(value)[1:-1].encode() for value in values),
    ]
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and any(needle in path.read_bytes() for needle in needles)
    }


def texts_with(store: Path, values: list[str]) -> set[str]:
    return {text for text in texts_of(store) for value in values if value in text}


def everywhere(here: Here, folder: Path) -> Path:
    """Make a store with the value in every place in which one can be; return its path."""
    store = folder / "consumo.duckdb"
    rows = random_rows(1, CASES)
    rows.messages.append(
        {**rows.messages[0], "message_id": META_ID, "phone": "", "body": "x", "agent": ""}
    )
    rows.cases += [case("of the phone")]
    rows.messages += [message("of the phone", "of the phone", phone=PHONE)]
    import_rows(here, store, filled(rows, [*NAMES_IN_TEXTS, *PHONES_IN_TEXTS]))
    kept = folder / "kept"
    kept.mkdir()
    assert here("backup", kept / "copy.duckdb", store=store).exit_code == 0
    _leave_log_of_changes(store)
    _leave_files(store)
    shutil.copytree(folder / "consumo.duckdb.inbox" / ".killed", kept / ".copy.duckdb.removing")
    return store


def _leave_log_of_changes(store: Path) -> None:
    """Change all texts in a process that is killed, so that they are in the store's log."""
    program = f"""import duckdb, os
connection = duckdb.connect({str(store)!r})
connection.execute("update messages set body = body || ' ' where body is not null")
os._exit(9)"""
    subprocess.run([sys.executable, "-c", program], check=False)
    assert store.with_name("consumo.duckdb.wal").stat().st_size > 0


def _leave_files(store: Path) -> None:
    """Leave in the inbox and beside the store what commands and servers leave, also killed ones."""
    value = f"{NAME} {PHONE}"
    inbox = Inbox(store)
    inbox.folder.mkdir(exist_ok=True)
    (inbox.folder / ".killed").mkdir()
    (inbox.folder / ".killed" / "cases.csv").write_text(value)
    (inbox.folder / "done").mkdir()
    (inbox.folder / "done" / "messages.csv").write_text(value)
    shutil.copyfile(store, inbox.folder / ".1.copy")
    (inbox.folder / ".1.copy.wal").write_text(value)
    (inbox.folder / ".2.report.part").write_text(value)
    refusal = Outcome(None, refusal=f"{value}.csv cannot be read")
    (inbox.folder / ".3.report.json").write_text(refusal.to_json())
    store.with_name("rejects-1.csv").write_text(
        f'file,line,column,reason\r\ncases,7,person_name,"not {value}, sorry"\r\ncases,8,,\r\n'
    )
    store.with_name("consumo.duckdb.tmp").mkdir(exist_ok=True)
    store.with_name("consumo.duckdb.tmp").joinpath("duckdb_temp_storage-9.tmp").write_text(value)
    audit = AuditFile(store)
    audit.record({"who": "ana", "what": "options of person", "filters": {"search": NAME.lower()}})
    audit.record({"who": "ana", "what": "details", "filters": {"person": [NAME, "Bia"]}})
    audit.record({"who": "rui", "what": "details", "filters": {"where.phone": "11987654471"}})
    audit.record({"who": "rui", "what": "waiting", "filters": {}})


def hand_in(store: Path) -> None:
    """Hand in rows of the person and the phone, as an import that was killed while it waited."""
    folder = store.parent
    rows = Rowset([case("waits", NAME)], [message("waits", "waits", phone=PHONE, body=NAME)])
    files = {
        "cases": written(folder / "cases.csv", CASE_COLUMNS, rows.cases),
        "messages": written(folder / "messages.csv", MESSAGE_COLUMNS, rows.messages),
    }
    Inbox(store).hand_in(HandIn("files", "default", demo=False), copy_files(files))
    for path in files.values():
        path.unlink()


@pytest.mark.parametrize("serving", [False, True], ids=["alone", "beside a server"])
def test_no_file_holds_the_value_afterwards(
    command: Command,
    here: Here,
    tmp_path: Path,
    serving: bool,  # noqa: FBT001
) -> None:
    folder = tmp_path / "var"
    folder.mkdir()
    store = everywhere(here, folder)
    copy = folder / "kept" / "copy.duckdb"
    with running_server(store) if serving else nullcontext() as server:
        hand_in(store)
        for values in (NAME_BYTES, PHONE_BYTES):
            found = files_with(folder, values)
            assert {"consumo.duckdb", "consumo.duckdb.audit.jsonl", "rejects-1.csv"} <= found
            assert {"kept/copy.duckdb", "consumo.duckdb.inbox/.killed/cases.csv"} <= found
        if server:
            until(lambda: not Inbox(store).waiting(), "the load")
            before = server.panel("details", page_size=1)
        erased = {"--person": NAME, "--phone": PHONE}
        for option, value in erased.items():
            done = command("erase", option, value, "--backup", copy, store=store)
            assert done.returncode == 0, done.stderr
        assert files_with(folder, NAME_BYTES + PHONE_BYTES) == set()
        if server:
            after = server.panel("details", page_size=1)
            assert after["data_version"] == before["data_version"] + len(erased)
            assert 0 < after["total"] < before["total"]
    assert files_with(folder, NAME_BYTES + PHONE_BYTES) == set()
    for one in (store, copy):
        assert texts_with(one, NAME_BYTES + PHONE_BYTES) == set()
        assert [text for text in texts_of(one) if MARK in text]


def test_what_stays_beside_the_store_is_masked_and_readable(here: Here, tmp_path: Path) -> None:
    folder = tmp_path / "var"
    folder.mkdir()
    store = folder / "consumo.duckdb"
    import_rows(here, store, Rowset([case("c1", NAME)], [message("m1", "c1")]))
    _leave_files(store)
    trial = here("erase", "--person", NAME, "--dry-run", store=store)
    counts = (
        "Beside it: 1 rows of lists of rejects, 2 audit records and 1 reports masked, "
        "4 unfinished hand-ins and copies removed."
    )
    assert counts in trial.stdout.splitlines()
    done = here("erase", "--person", NAME, store=store)
    assert counts in done.stdout.splitlines()
    assert store.with_name("rejects-1.csv").read_bytes().decode() == (
        f'file,line,column,reason\r\ncases,7,person_name,"not {MARK} {PHONE}, sorry"\r\n'
        "cases,8,,\r\n"
    )
    lines = store.with_name("consumo.duckdb.audit.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [
        {"who": "ana", "what": "options of person", "filters": {"search": MARK}},
        {"who": "ana", "what": "details", "filters": {"person": [MARK, "Bia"]}},
        {"who": "rui", "what": "details", "filters": {"where.phone": "11987654471"}},
        {"who": "rui", "what": "waiting", "filters": {}},
    ]
    [report] = Inbox(store).reports()
    assert Outcome.from_json(report.read_text()).refusal == f"{MARK} {PHONE}.csv cannot be read"
    assert sorted(path.name for path in Inbox(store).folder.iterdir()) == [report.name]
    for path in (*folder.glob("rejects*"), *folder.glob("*.audit.jsonl"), report):
        assert path.stat().st_mode & 0o077 == 0 or path.name.startswith("rejects")


def test_an_import_that_is_being_handed_in_is_left_alone(
    here: Here, tmp_path: Path, store: Path
) -> None:
    """Its process lives: it hands in after the erasure, as any later import does."""
    import_rows(here, store, Rowset([case("c1", NAME)], []))
    cases = written(tmp_path / "cases.csv", CASE_COLUMNS, [case("c2", "Bia")])
    inbox = Inbox(store)

    def write(folder: Path) -> dict[str, Path]:
        assert here("erase", "--person", NAME, store=store).exit_code == 0
        return dict(copy_files({"cases": cases})(folder))

    ticket = inbox.hand_in(HandIn("files", "default", demo=False), write)
    assert inbox.waiting() == [ticket]


def test_names_that_only_look_like_lists_of_rejects_are_left_alone(here: Here, store: Path) -> None:
    import_rows(here, store, Rowset([case("c1", NAME)], []))
    mine = store.with_name("rejects-mine.csv")
    mine.write_text(NAME)
    here("erase", "--person", NAME, store=store)
    assert mine.read_text() == NAME


@pytest.mark.parametrize("serving", [False, True], ids=["alone", "beside a server"])
def test_no_byte_of_purged_rows_is_left(
    command: Command,
    tmp_path: Path,
    serving: bool,  # noqa: FBT001
) -> None:
    """Each value is unlike all others, so that even a part of one would be found."""
    draw = random.Random(20251122)

    def words() -> str:
        return "".join(draw.choices(ascii_letters, k=24))

    rows = Rowset()
    for place in range(6_000):
        at = f"202{4 + place % 2}-05-{place % 28 + 1:02}T12:00:00Z"
        rows.cases.append(case(words(), words(), case_number=words(), opened_at=at))
        rows.messages.append(
            message(words(), rows.cases[-1]["case_id"], body=words() * 2, sent_at=at)
        )
    purged = {
        text[:12].encode()
        for row in (*rows.cases, *rows.messages)
        if row.get("opened_at", row.get("sent_at", "")) < "2025"
        for name, text in row.items()
        if name in ("case_id", "person_name", "case_number", "message_id", "body")
    }
    folder = tmp_path / "var"
    folder.mkdir()
    store = folder / "consumo.duckdb"
    files = [
        *("--cases", written(tmp_path / "cases.csv", CASE_COLUMNS, rows.cases)),
        *("--messages", written(tmp_path / "messages.csv", MESSAGE_COLUMNS, rows.messages)),
    ]
    with running_server(store) if serving else nullcontext() as server:
        assert command("import", *files, store=store).returncode == 0
        assert parts_in(folder, purged)
        if server:
            assert server.panel("details", page_size=1)["total"] == len(rows.messages)
        assert command("purge", "--before", "2025-01-01", store=store).returncode == 0
        assert not parts_in(folder, purged)
        if server:
            assert server.panel("details", page_size=1)["total"] == len(rows.messages) / 2
    assert not parts_in(folder, purged)


def parts_in(folder: Path, parts: set[bytes]) -> set[bytes]:
    """Return those of ``parts``, of 12 letters each, that stand in a file below ``folder``."""
    pattern = re.compile(rb"(?=([A-Za-z]{12}))")
    return {
        match[1]
        for path in folder.rglob("*")
        if path.is_file()
        for match in pattern.finditer(path.read_bytes())
        if match[1] in parts
    }
