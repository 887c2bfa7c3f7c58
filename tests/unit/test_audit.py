"""The audit file: records are added whole, and only an erasure changes any."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sources.audit import AuditFile
from tests.services import ROOT

RECORD = {"who": "ana", "what": "details", "filters": {"person": ["João"]}}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "consumo.duckdb"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "consumo.duckdb.audit.jsonl"


def records(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_each_record_is_a_line_that_only_its_user_may_read(store: Path, path: Path) -> None:
    audit = AuditFile(store)
    audit.record(RECORD)
    audit.record({"at": datetime(2026, 11, 1, tzinfo=UTC), "text": "a\nb", "half": "\ud83d"})
    assert records(path) == [
        RECORD,
        {"at": "2026-11-01 00:00:00+00:00", "text": "a\nb", "half": "\ud83d"},
    ]
    assert "João" in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_store_has_one_audit_file_whichever_link_names_it(
    store: Path, path: Path, tmp_path: Path
) -> None:
    store.touch()
    link = tmp_path / "link.duckdb"
    link.symlink_to(store)
    AuditFile(link).record(RECORD)
    assert records(path) == [RECORD]


def test_half_a_line_of_a_killed_process_does_not_spoil_the_next(store: Path, path: Path) -> None:
    path.write_text('{"who": "a')
    AuditFile(store).record(RECORD)
    first, second = path.read_text().splitlines()
    assert first == '{"who": "a'
    assert json.loads(second) == RECORD


def test_threads_and_processes_write_whole_lines(store: Path, path: Path) -> None:
    program = f"""from pathlib import Path
from sources.audit import AuditFile
audit = AuditFile(Path({str(store)!r}))
for _ in range(50): audit.record({{"who": "process", "text": "x" * 5_000}})"""
    others = [subprocess.Popen([sys.executable, "-c", program], cwd=ROOT) for _ in range(2)]
    audit = AuditFile(store)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: audit.record({"who": "thread", "text": "y" * 5_000}), range(50)))
        # A change meanwhile loses nothing.
        assert audit.rewrite(lambda record: {**record, "seen": True}) <= 150
    assert [other.wait(60) for other in others] == [0, 0]
    found = records(path)
    assert sorted(record["who"] for record in found) == ["process"] * 100 + ["thread"] * 50
    assert {len(record["text"]) for record in found} == {5_000}


def test_a_record_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="exists"):
        AuditFile(tmp_path / "file" / "consumo.duckdb").record(RECORD)


def test_the_folder_of_a_reader_is_made(tmp_path: Path) -> None:
    AuditFile(tmp_path / "var" / "reader").record(RECORD)
    assert (tmp_path / "var" / "reader.audit.jsonl").exists()


def change(record: dict[str, Any]) -> dict[str, Any]:
    return json.loads(json.dumps(record).replace("Jo\\u00e3o", "-"))  # type: ignore[no-any-return]


def test_a_change_replaces_records_and_keeps_the_other_lines(store: Path, path: Path) -> None:
    path.write_text(
        '{"who":  "odd blanks"}\n{"person": "João"}\n\n{"person": "Jo\\u00e3o"}\n[1]\nJoão {"a'
    )
    os.chmod(path, 0o600)  # noqa: PTH101
    audit = AuditFile(store)
    assert audit.count(change) == 3
    assert audit.rewrite(change) == 3
    assert path.read_text().splitlines() == [
        '{"who":  "odd blanks"}',
        '{"person": "-"}',
        '{"person": "-"}',
        "[1]",
        '{"unreadable": "- {\\"a"}',
    ]
    assert path.stat().st_mode & 0o777 == 0o600
    assert audit.count(change) == audit.rewrite(change) == 0


def test_without_a_change_the_file_stays(store: Path, path: Path) -> None:
    audit = AuditFile(store)
    assert audit.rewrite(change) == audit.count(change) == 0
    assert not path.exists()
    audit.record({"who": "ana"})
    file = path.stat().st_ino
    assert audit.rewrite(change) == 0
    assert path.stat().st_ino == file


def test_a_change_that_fails_leaves_the_file_as_it_was(store: Path, path: Path) -> None:
    def fail(_record: dict[str, Any]) -> dict[str, Any]:
        raise OSError("input/output error")

    audit = AuditFile(store)
    audit.record(RECORD)
    with pytest.raises(OSError, match="input/output error"):
        audit.rewrite(fail)
    assert records(path) == [RECORD]
    assert sorted(one.name for one in path.parent.iterdir()) == [
        "consumo.duckdb.audit.jsonl",
        "consumo.duckdb.audit.lock",
    ]
