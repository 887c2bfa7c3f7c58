"""Tickets for downloads: a link cannot carry a token, and an address must not hold one.

The page asks under its token for a ticket (``POST /export/tickets``) that is bound to one file, one
question and one reader. The link then holds the ticket alone. It can be used once, within a minute.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from flask import Request

from app.access.authenticators import NotSignedIn
from app.access.identity import Identity
from app.access.identity_json import from_json as identity_from_json
from app.access.identity_json import to_json as identity_to_json
from app.access.one_time import OneTimeVault, Vault
from app.access.shared_vault import Codec

SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class DownloadTicket:
    """What a ticket is bound to.

    ``path`` is that of the download's address; ``query`` is the part behind "?", its question;
    ``identity`` is who asked.
    """

    path: str
    query: bytes
    identity: Identity


def _to_json(ticket: DownloadTicket) -> object:
    return [ticket.path, ticket.query.decode("latin-1"), identity_to_json(ticket.identity)]


def _from_json(content: Any) -> DownloadTicket:
    path, query, identity = content
    return DownloadTicket(path, query.encode("latin-1"), identity_from_json(identity))


#: How tickets are written where several servers share them.
TICKET_CODEC: Final = Codec(_to_json, _from_json)


class DownloadTickets:
    """Gives out tickets and redeems them.

    ``clock`` returns monotonic seconds; ``now`` returns the seconds since 1970, for the end of the
    token under which a ticket was asked for. ``vault`` keeps the tickets; None stands for one in
    the memory of this process.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
        vault: Vault[DownloadTicket] | None = None,
    ) -> None:
        self._vault = vault or OneTimeVault[DownloadTicket](SECONDS, clock)
        self._now = now

    def give(self, ticket: DownloadTicket) -> str:
        """Return the secret text of ``ticket``, for the address of the download."""
        return self._vault.put(ticket)

    def redeem(self, request: Request) -> DownloadTicket:
        """Return the ticket in the address of ``request``; it cannot be used a second time.

        Raises ``NotSignedIn`` for one that is unknown, used, older than a minute, of another file,
        or asked for under a token that has ended. A HEAD, by which some download managers begin,
        leaves the ticket as it is.
        """
        given = request.args.getlist("ticket")
        look_up = self._vault.peek if request.method == "HEAD" else self._vault.take
        ticket = look_up(given[0]) if len(given) == 1 else None
        if ticket is None or ticket.path != request.path or len(request.args) != 1:
            raise NotSignedIn("ticket")
        ends = ticket.identity.expires_at
        if ends is not None and ends < self._now():
            raise NotSignedIn("expired")
        return ticket
