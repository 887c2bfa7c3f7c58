"""The threads behind the receiver: what waits is neither lost nor kept without bounds."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from sources.inbox import Inbox, Outcome
from sources.webhooks.forwarding import Forwarder
from sources.webhooks.intake import Intake
from sources.webhooks.journal import Journal, Record
from tests.integration.conftest import free_port, owner_of, until
from tests.integration.test_webhooks_and_portal import TOLD
from tests.integration.webhook_world import check_holds
from tests.oracle.webhooks import expected

pytestmark = pytest.mark.integration


class Clock:
    """Monotonic seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def filled(folder: Path) -> Journal:
    """Return a journal that is not running any more, with a segment of ``TOLD``."""
    journal = Journal(folder)
    journal.start()
    for payload in TOLD:
        journal.append(Record(json.dumps(payload), "sha256=x"))
    journal.stop()
    return journal


def test_what_is_refused_is_kept_and_handed_in_again(tmp_path: Path) -> None:
    store = tmp_path / "s.duckdb"
    journal, inbox, clock = filled(tmp_path / "journal"), Inbox(store), Clock()
    intake = Intake(journal, inbox, "default", clock)
    intake.step()
    [ticket] = inbox.waiting()
    inbox.settle(ticket, Outcome(None, refusal="the disk is full"))
    intake.step()
    assert journal.waiting_bytes() > 0
    intake.step()
    assert inbox.waiting() == []  # not at once
    clock.now += 60
    intake.step()
    owner = owner_of(store)
    owner.open()
    with closing(owner):
        owner.take_in()
    intake.step()
    assert (journal.waiting_bytes(), inbox.waiting(), inbox.reports()) == (0, [], [])
    check_holds(store, expected(TOLD))


def test_a_hand_in_that_somebody_removed_is_handed_in_again(tmp_path: Path) -> None:
    journal, inbox, clock = filled(tmp_path / "journal"), Inbox(tmp_path / "s.duckdb"), Clock()
    intake = Intake(journal, inbox, "default", clock)
    intake.step()
    [first] = inbox.waiting()
    inbox.withdraw(first)
    intake.step()
    clock.now += 60
    intake.step()
    [second] = inbox.waiting()
    assert second != first


def test_a_process_that_ends_after_the_hand_in_counts_nothing_twice(tmp_path: Path) -> None:
    store = tmp_path / "s.duckdb"
    journal, inbox = filled(tmp_path / "journal"), Inbox(store)
    # The first one ends before it knows of the load; the next one begins anew.
    for _ in range(2):
        Intake(journal, inbox, "default").step()
    assert len(inbox.waiting()) == 2
    owner = owner_of(store)
    owner.open()
    with closing(owner):
        owner.take_in()
    check_holds(store, expected(TOLD))


def test_what_waits_for_a_portal_has_a_bound_and_the_oldest_goes_first(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    forward = tmp_path / "forward"
    line = len(Record("x" * 1_000, "y").to_line())
    forwarder = Forwarder(f"http://127.0.0.1:{free_port()}", forward, most_bytes=3 * line)
    forward.mkdir()
    journal.folder.mkdir()
    for number in range(5):
        segment = journal.folder / f"{number}.jsonl"
        segment.write_bytes(Record("x" * 1_000, "y").to_line())
        forwarder.add(segment)
    assert forwarder.waiting_bytes() == 5 * line
    forwarder.start()
    try:
        until(lambda: forwarder.given_up == 2, "the end of the oldest two")
        assert sorted(path.name for path in forward.iterdir()) == ["2.jsonl", "3.jsonl", "4.jsonl"]
    finally:
        forwarder.stop()
    assert len(list(journal.folder.iterdir())) == 5


def test_a_damaged_segment_does_not_hold_up_those_behind_it(tmp_path: Path) -> None:
    forward = tmp_path / "forward"
    forward.mkdir()
    (forward / "1.jsonl").write_bytes(b"{not JSON\n")
    forwarder = Forwarder(f"http://127.0.0.1:{free_port()}", forward)
    forwarder.start()
    try:
        until(lambda: not list(forward.iterdir()), "the removal of the segment")
    finally:
        forwarder.stop()
