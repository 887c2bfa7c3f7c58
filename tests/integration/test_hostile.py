"""Attacks that must stay harmless: hostile files, inbox entries, host names and requests."""

import base64
import json
import os
import stat
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from flask.testing import FlaskClient

from app.factory import create_app, parts_of
from app.settings import Settings
from sources.inbox import Inbox
from tests.integration.conftest import Command

pytestmark = pytest.mark.integration

CASES = (
    "case_id,person_name,channel,case_type,opened_at\nc1,Ana,WhatsApp,Dúvida,2026-11-01T12:00:00Z\n"
)
DIGITS = "5511987654471"


def meta_id(phone: str) -> str:
    """Return an id in Meta's format: base64 of a prefix, the phone and a part of its own."""
    content = b"\x1d\x0d" + phone.encode() + b"\x15\x02\x00\x11\x18\x12" + b"3EB0C767D26A1D8A"
    return "wamid." + base64.b64encode(content).decode()


def client_of(store: Path, **settings: object) -> FlaskClient:
    server = create_app(Settings(store_url=f"duckdb:///{store}", **settings))  # type: ignore[arg-type]
    return server.test_client()


def test_a_phone_inside_a_message_id_is_masked(command: Command, tmp_path: Path) -> None:
    store = tmp_path / "consumo.duckdb"
    given = meta_id(DIGITS)
    (tmp_path / "cases.csv").write_text(CASES)
    (tmp_path / "messages.csv").write_text(
        "message_id,case_id,direction,sent_at,phone\n"
        f"{given},c1,in,2026-11-01T12:00:00Z,+{DIGITS}\nplain-1,c1,out,2026-11-01T13:00:00Z,\n"
    )
    command(
        "import", "--cases", tmp_path / "cases.csv", "--messages", tmp_path / "messages.csv",
        store=store,
    )  # fmt: skip
    masked = client_of(store)
    with closing(parts_of(masked.application)):
        rows = masked.get("/api/v1/panels/details").get_json()["rows"]
        assert [row["message_id"] for row in rows] == ["plain-1", f"wamid.*****{given[-16:]}"]
        csv = masked.get("/export/details.csv").get_data(as_text=True)
        assert given not in csv
        head = given[6:20]
        found = masked.get(f"/api/v1/panels/details?where.message_id={head}").get_json()
        assert found["total"] == 0
    seeing = client_of(store, capabilities="reveal_phone reveal_text export")
    with closing(parts_of(seeing.application)):
        rows = seeing.get("/api/v1/panels/details").get_json()["rows"]
        assert [row["message_id"] for row in rows] == ["plain-1", given]


@pytest.mark.parametrize("manifest", ['{"x": 1}', "not json", "[]"])
def test_a_malformed_inbox_entry_blocks_no_other_load(
    command: Command, tmp_path: Path, manifest: str
) -> None:
    store = tmp_path / "consumo.duckdb"
    hostile = Inbox(store).folder / "00000000000000000001-hostile"
    hostile.mkdir(parents=True)
    (hostile / "manifest.json").write_text(manifest)
    (tmp_path / "cases.csv").write_text(CASES)
    done = command("import", "--cases", tmp_path / "cases.csv", store=store)
    assert done.returncode == 0, done.stderr
    assert "1 cases" in done.stdout
    assert not hostile.exists()


def test_leftovers_of_a_finished_inbox_entry_are_removed(tmp_path: Path) -> None:
    """The manifest is removed first, so that the rest is no valid entry and can be deleted."""
    inbox = Inbox(tmp_path / "consumo.duckdb")
    for name in ("00000000000000000001-done", "00000000000000000002-waits"):
        (inbox.folder / name).mkdir(parents=True)
        (inbox.folder / name / "cases.csv").write_text(CASES)
    (inbox.folder / "00000000000000000002-waits" / "manifest.json").write_text("{}")
    inbox.sweep()
    assert inbox.waiting() == [entry.name for entry in inbox.folder.iterdir()]
    assert inbox.waiting() == ["00000000000000000002-waits"]


def test_leftovers_of_an_unfinished_inbox_entry_are_removed(tmp_path: Path) -> None:
    store = tmp_path / "consumo.duckdb"
    inbox = Inbox(store)
    for name in (".aside", ".aside-with-manifest"):
        (inbox.folder / name).mkdir(parents=True)
    (inbox.folder / ".aside-with-manifest" / "manifest.json").write_text("{}")
    inbox.sweep()
    assert len(list(inbox.folder.iterdir())) == 2  # somebody may be writing them now
    for entry in inbox.folder.iterdir():
        os.utime(entry, (0, 0))
    inbox.sweep()
    assert not list(inbox.folder.iterdir())


@pytest.mark.parametrize("kind", ["fifo", "outside", "link"])
def test_an_inbox_entry_cannot_name_files_outside_its_folder(
    command: Command, tmp_path: Path, kind: str
) -> None:
    store = tmp_path / "consumo.duckdb"
    outside = tmp_path / "outside.csv"
    outside.write_text(CASES)
    hostile = Inbox(store).folder / "00000000000000000001-hostile"
    hostile.mkdir(parents=True)
    name = "cases.csv"
    if kind == "fifo":
        os.mkfifo(hostile / name)
    elif kind == "link":
        (hostile / name).symlink_to(outside)
    else:
        name = str(outside)
    manifest = {
        "source": "files", "account": "hostile", "demo": False, "rejects_path": None,
        "files": {"cases": name}, "content_hash": "0",
    }  # fmt: skip
    (hostile / "manifest.json").write_text(json.dumps(manifest))
    (tmp_path / "cases.csv").write_text(CASES)
    done = command("import", "--cases", tmp_path / "cases.csv", store=store)
    assert done.returncode == 0, done.stderr
    assert not hostile.exists()
    assert outside.read_text() == CASES
    server = create_app(Settings(store_url=f"duckdb:///{store}"))
    with closing(parts_of(server)), parts_of(server).owner.snapshot() as snapshot:
        accounts = snapshot.fetch("select distinct account from cases", ())
        assert accounts.column("account") == ["default"]


def test_a_small_file_that_expands_hugely_is_rejected(command: Command, tmp_path: Path) -> None:
    rows = 2_000
    long = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), ["n" * 200_000])
    table = pa.table(
        {
            "case_id": [f"c{n}" for n in range(rows)],
            "person_name": long,
            "channel": ["WhatsApp"] * rows,
            "case_type": ["x"] * rows,
            "opened_at": ["2026-11-01T12:00:00Z"] * rows,
        }
    )
    pq.write_table(table, tmp_path / "cases.parquet", compression="zstd")
    done = command(
        "import", "--cases", tmp_path / "cases.parquet", store=tmp_path / "consumo.duckdb"
    )
    assert done.returncode == 1
    assert "2,000 rows rejected" in done.stdout
    listed = (tmp_path / "rejects-1.csv").read_text()
    assert "cases,1,person_name,longer than 10000 characters" in listed


def test_a_header_of_very_many_columns_is_refused(command: Command, tmp_path: Path) -> None:
    wide = tmp_path / "wide.csv"
    wide.write_text(",".join(f"c{n}" for n in range(200_000)) + "\n")
    done = command("import", "--cases", wide, store=tmp_path / "consumo.duckdb")
    assert done.returncode == 2
    assert "200000 columns" in done.stderr


def test_only_the_user_who_owns_the_store_may_read_its_files(
    command: Command, tmp_path: Path
) -> None:
    store = tmp_path / "consumo.duckdb"
    (tmp_path / "cases.csv").write_text(CASES + "c2,,WhatsApp,Dúvida,2026-11-01T12:00:00Z\n")
    command("import", "--cases", tmp_path / "cases.csv", store=store)
    for path in (store, tmp_path / "rejects-1.csv", Inbox(store).folder):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path.name


def test_only_names_that_are_allowed_are_answered(tmp_path: Path) -> None:
    client = client_of(tmp_path / "consumo.duckdb", hosts="localhost dash.test")
    with closing(parts_of(client.application)):
        for host, status in (("localhost:8050", 200), ("dash.test", 200), ("evil.test", 400)):
            assert client.get("/healthz", headers={"Host": host}).status_code == status, host


@pytest.mark.parametrize("body", ["{}", "[]", "null", "[" * 5_000, '{"output": "x.y"}'])
def test_forged_calls_of_the_page_are_refused(tmp_path: Path, body: str) -> None:
    client = client_of(tmp_path / "consumo.duckdb")
    with closing(parts_of(client.application)):
        answer = client.post("/_dash-update-component", data=body, content_type="application/json")
        assert answer.status_code == 400
        assert set(answer.get_json()) == {"error"}


def test_a_search_text_has_a_maximum_length(tmp_path: Path) -> None:
    client = client_of(tmp_path / "consumo.duckdb")
    with closing(parts_of(client.application)):
        answer = client.post("/api/v1/panels/details", json={"where.reply": "x" * 1_001})
        assert answer.status_code == 400
        assert answer.get_json()["error"]["code"] == "too_long"
