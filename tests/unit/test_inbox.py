"""A hand-in is in the inbox completely or not at all."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from sources import inbox
from sources.inbox import HandIn, Inbox

WHAT = HandIn("files", "default", demo=False)


def write_cases(folder: Path) -> Mapping[str, Path]:
    path = folder / "cases.csv"
    path.write_text("case_id\nc1\n")
    return {"cases": path}


def test_what_is_handed_in_waits_with_its_files(tmp_path: Path) -> None:
    box = Inbox(tmp_path / "store.duckdb")
    ticket = box.hand_in(WHAT, write_cases)
    assert box.waiting() == [ticket]
    order, _ = box.order(ticket)
    assert order.files["cases"].read_text() == "case_id\nc1\n"


def test_nothing_is_handed_in_where_its_files_cannot_be_written(tmp_path: Path) -> None:
    def fail(folder: Path) -> Mapping[str, Path]:
        write_cases(folder)
        raise OSError("no space left on device")

    box = Inbox(tmp_path / "store.duckdb")
    with pytest.raises(OSError, match="no space left"):
        box.hand_in(WHAT, fail)
    assert list(box.folder.iterdir()) == []


def test_nothing_is_handed_in_where_the_inbox_cannot_be_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By then the folder of the hand-in has its final name."""
    box = Inbox(tmp_path / "store.duckdb")

    def fail_for_the_inbox(path: Path) -> None:
        if path == box.folder:
            raise OSError("input/output error")

    monkeypatch.setattr(inbox, "sync", fail_for_the_inbox)
    with pytest.raises(OSError, match="input/output error"):
        box.hand_in(WHAT, write_cases)
    assert list(box.folder.iterdir()) == []
