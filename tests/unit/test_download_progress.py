"""Progress of downloads: states, and a bounded number of tickets."""

import errno

import pytest

from app.download_progress import KEPT_SECONDS, MOST_TICKETS, Ended, Tickets


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def ticket(number: int) -> str:
    return f"{number:032x}"


def test_rows_are_counted_until_the_end() -> None:
    tickets = Tickets(Clock())
    progress = tickets.begin(ticket(1))
    assert tickets.of(ticket(1)) is progress
    assert progress.shown() == {"state": "waiting", "rows": 0, "total": None}
    progress.total = 30
    progress.wrote(10)
    assert progress.shown() == {"state": "running", "rows": 10, "total": 30}
    progress.end("done")
    progress.end("broken")
    assert progress.shown()["state"] == "done"


def test_a_reader_who_stops_it_cuts_the_connection() -> None:
    progress = Tickets(Clock()).begin(ticket(1))
    progress.asked_to_stop = True
    with pytest.raises(Ended) as caught:
        progress.wrote(10)
    assert caught.value.errno == errno.ECONNRESET  # which servers do not log as a failure
    assert progress.shown()["state"] == "stopped"


@pytest.mark.parametrize(
    "text", ["", "x", "0" * 31, "0" * 33, "A" * 32, "0" * 31 + "\n", "٣" * 32, "../" + "0" * 29]
)
def test_invalid_tickets_are_refused(text: str) -> None:
    tickets = Tickets(Clock())
    with pytest.raises(ValueError, match="not a ticket"):
        tickets.begin(text)
    assert len(tickets) == 0


def test_the_number_of_kept_tickets_is_bounded() -> None:
    tickets = Tickets(Clock())
    for number in range(3 * MOST_TICKETS):
        tickets.begin(ticket(number))
    assert len(tickets) == MOST_TICKETS
    assert tickets.of(ticket(0)) is None
    assert tickets.of(ticket(3 * MOST_TICKETS - 1))


def test_a_ticket_in_use_is_kept_longer_than_unused_ones() -> None:
    clock = Clock()
    tickets = Tickets(clock)
    tickets.begin(ticket(1))
    tickets.begin(ticket(2))
    clock.now = KEPT_SECONDS / 2
    assert tickets.of(ticket(1))
    clock.now = KEPT_SECONDS + 1
    assert tickets.of(ticket(2)) is None
    assert tickets.of(ticket(1))
    clock.now = 3 * KEPT_SECONDS
    assert tickets.of(ticket(1)) is None
    assert len(tickets) == 0


def test_without_a_ticket_nothing_is_kept() -> None:
    tickets = Tickets(Clock())
    tickets.begin(None).wrote(1)
    assert len(tickets) == 0


def test_a_repeated_ticket_belongs_to_the_newer_download() -> None:
    tickets = Tickets(Clock())
    older = tickets.begin(ticket(1))
    newer = tickets.begin(ticket(1))
    assert tickets.of(ticket(1)) is newer
    assert newer is not older
    assert len(tickets) == 1
