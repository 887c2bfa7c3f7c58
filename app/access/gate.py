"""The gate: refuses every request without a valid sign-in, unless its route is open to everyone.

A route is closed unless its view carries the mark of ``open_to_everyone``; so one that is added
later is closed, and so is an address without a route, whatever its spelling.
"""

import logging
from collections.abc import Callable
from typing import Any, Final, TypeVar

from flask import Flask, g, request

from app.access.authenticators import Authenticator, NotSignedIn
from app.access.download_tickets import DownloadTickets

log = logging.getLogger(__name__)

_View = TypeVar("_View", bound=Callable[..., Any])

#: Views of Dash and Flask that hold no data: the empty page, and files of packages.
_OPEN_ENDPOINTS: Final = frozenset(
    {
        "/",
        "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>",
        "/_favicon.ico",
    }
)


def open_to_everyone(view: _View) -> _View:
    """Mark ``view`` as one that is answered without a sign-in. It must hold no data."""
    view.is_open = True  # type: ignore[attr-defined]
    return view


def takes_ticket(view: _View) -> _View:
    """Mark ``view`` as one that is also answered for a download ticket (``DownloadTickets``)."""
    view.takes_ticket = True  # type: ignore[attr-defined]
    return view


def is_open(server: Flask, endpoint: str | None) -> bool:
    """Return whether the route ``endpoint`` of ``server`` is answered without a sign-in."""
    view = server.view_functions.get(endpoint or "")
    return endpoint in _OPEN_ENDPOINTS or getattr(view, "is_open", False)


class Gate:
    """Lets through the requests to ``server`` that ``authenticator`` or a ticket knows.

    ``g.identity`` is then who sent the request (``identity.current_identity``), and ``g.ticket``
    the redeemed ticket, if there was one.
    """

    def __init__(
        self, server: Flask, authenticator: Authenticator, tickets: DownloadTickets
    ) -> None:
        self._server = server
        self._authenticator = authenticator
        self._tickets = tickets

    def check(self) -> None:
        """Find out who sent the current request. Raises ``NotSignedIn`` for nobody.

        Requests to open routes pass without.
        """
        if is_open(self._server, request.endpoint):
            return
        view = self._server.view_functions.get(request.endpoint or "")
        if getattr(view, "takes_ticket", False) and "ticket" in request.args:
            g.ticket = self._tickets.redeem(request)
            g.identity = g.ticket.identity
            return
        try:
            g.identity = self._authenticator.identity(request)
        except NotSignedIn as refused:
            log.info("request refused", extra={"fields": {"reason": refused.reason}})
            raise
