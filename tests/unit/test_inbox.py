"""A hand-in is in the inbox completely or not at all."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from sources import inbox
from sources.inbox import HandIn, Inbox, Outcome
from sources.removal_orders import RemovalOrder, RemovalReport

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


# --- removals -------------------------------------------------------------------------------------


def test_an_order_to_remove_is_handed_in_without_files(tmp_path: Path) -> None:
    box = Inbox(tmp_path / "store.duckdb")
    for order in (
        RemovalOrder(person="Ana", account="sul", is_trial=True),
        RemovalOrder(before=date(2025, 1, 31), texts_only=True),
    ):
        ticket = box.hand_in(HandIn.to_remove(order), lambda _folder: {})
        assert box.removal_order(ticket) == order
        assert box.order(ticket)[0].source == order.source
        outcome = Outcome(None, removal=RemovalReport(cases=2, texts=1))
        box.settle(ticket, outcome)
        assert box.take_outcome(ticket) == outcome
    assert list(box.folder.iterdir()) == []


def test_only_what_no_process_writes_any_more_is_unfinished(tmp_path: Path) -> None:
    box = Inbox(tmp_path / "store.duckdb")
    assert box.unfinished() == []
    whole = box.hand_in(WHAT, write_cases)
    (box.folder / ".killed").mkdir()
    for name in (".1.copy", ".1.copy.wal", ".2.report.part", ".3.report.json"):
        (box.folder / name).touch()

    def write(folder: Path) -> Mapping[str, Path]:
        found = [path.name for path in box.unfinished()]
        assert found == [".1.copy", ".1.copy.wal", ".2.report.part", ".killed"]
        return write_cases(folder)

    second = box.hand_in(WHAT, write)
    assert box.waiting() == sorted([whole, second])
    assert [path.name for path in box.reports()] == [".3.report.json"]
