"""Tickets of downloads: what each is bound to, and for how long."""

from dataclasses import dataclass, replace

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from app.access.authenticators import NotSignedIn
from app.access.download_tickets import DownloadTicket, DownloadTickets
from app.access.identity import Identity
from queries.user_scope import Scope

ENDS = 1_800_000_000.0
TICKET = DownloadTicket(
    "/export/details.csv", b"channel=WhatsApp", Identity("ana", Scope(), expires_at=ENDS)
)


@dataclass
class Clock:
    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


def desk(*, clock: Clock | None = None, now: float = ENDS - 300) -> DownloadTickets:
    return DownloadTickets(clock or Clock(), lambda: now)


def asked(address: str, method: str = "GET") -> Request:
    return Request(EnvironBuilder(address, method=method).get_environ())


def why_not(tickets: DownloadTickets, address: str, method: str = "GET") -> str:
    with pytest.raises(NotSignedIn) as refused:
        tickets.redeem(asked(address, method))
    return refused.value.reason


def test_a_ticket_holds_for_one_download() -> None:
    tickets = desk()
    address = f"/export/details.csv?ticket={tickets.give(TICKET)}"
    assert tickets.redeem(asked(address)) == TICKET
    assert why_not(tickets, address) == "ticket"


def test_looking_with_head_leaves_it() -> None:
    tickets = desk()
    address = f"/export/details.csv?ticket={tickets.give(TICKET)}"
    for method in ("HEAD", "HEAD", "GET"):
        assert tickets.redeem(asked(address, method)) == TICKET
    assert why_not(tickets, address, "HEAD") == "ticket"


def test_it_holds_for_a_minute() -> None:
    clock = Clock()
    tickets = desk(clock=clock)
    early, late = (
        f"/export/details.csv?ticket={tickets.give(replace(TICKET, query=query))}"
        for query in (b"a=1", b"a=2")
    )
    clock.now += 59
    assert tickets.redeem(asked(early)).query == b"a=1"
    clock.now += 1
    assert why_not(tickets, late, "HEAD") == "ticket"
    assert why_not(tickets, late) == "ticket"


@pytest.mark.parametrize(
    "path",
    [
        "/export/details.xlsx",
        "/export/cases.csv",
        "/export/details.csv/",
        "/export/DETAILS.csv",
    ],
)
def test_it_is_for_one_file(path: str) -> None:
    """Who tries it elsewhere loses it."""
    tickets = desk()
    secret = tickets.give(TICKET)
    environ = EnvironBuilder("/", query_string={"ticket": secret}).get_environ()
    with pytest.raises(NotSignedIn):
        tickets.redeem(Request({**environ, "PATH_INFO": path}))
    assert why_not(tickets, f"/export/details.csv?ticket={secret}") == "ticket"


@pytest.mark.parametrize("more", ["channel=E-mail", "ticket=x", "lang=en", "x", "=", "ticket="])
def test_nothing_may_stand_beside_it(more: str) -> None:
    for form in ("ticket={}&{}", "{1}&ticket={0}"):
        tickets = desk()
        query = form.format(tickets.give(TICKET), more)
        assert why_not(tickets, f"/export/details.csv?{query}") == "ticket"


@pytest.mark.parametrize("given", ["", "x", "x" * 43, "%00", "%ff", "*"])
def test_nobody_guesses_one(given: str) -> None:
    tickets = desk()
    tickets.give(TICKET)
    assert why_not(tickets, f"/export/details.csv?ticket={given}") == "ticket"


def test_it_ends_with_the_token_under_which_it_was_asked_for() -> None:
    for now, ended in ((ENDS - 1, False), (ENDS + 1, True)):
        tickets = desk(now=now)
        address = f"/export/details.csv?ticket={tickets.give(TICKET)}"
        if ended:
            assert why_not(tickets, address) == "expired"
        else:
            assert tickets.redeem(asked(address)) == TICKET
    endless = replace(TICKET, identity=replace(TICKET.identity, expires_at=None))
    tickets = desk(now=ENDS * 10)
    assert tickets.redeem(asked(f"/export/details.csv?ticket={tickets.give(endless)}")) == endless
