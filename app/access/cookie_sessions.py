"""Cookies for portals that can only redirect the browser to the page, and give it no token.

The portal's server exchanges a token for a one-time code (``POST /session/codes``) and sends the
browser to ``/session?code=…``. The answer keeps the token in a cookie that no script can read and
that holds for this portal only (``Partitioned``), and goes on to the page. The page then names its
cookie in a header: other sites cannot send it, so they cannot ask in the name of the reader; and
two frames of one portal never share a token.
"""

import re
import secrets
from typing import Final

from flask import Request, Response

#: The parameter of the page's address, and the header of its requests, that name the cookie.
PARAMETER: Final = "session"
HEADER: Final = "X-Consumo-Session"
_NAME: Final = re.compile(r"[0-9a-f]{16}")
#: Browsers take a cookie whose name begins so only from https, for this host and every path.
_PREFIX: Final = "__Host-consumo-"


def new_name() -> str:
    """Return a name for the cookie of a session; it is no secret."""
    return secrets.token_hex(8)


def token_of(request: Request) -> str | None:
    """Return the token in the cookie that the header of ``request`` names; None without one."""
    name = request.headers.get(HEADER, "")
    return request.cookies.get(_PREFIX + name) if _NAME.fullmatch(name) else None


def keep(response: Response, name: str, token: str, seconds: int) -> None:
    """Let ``response`` keep ``token`` in the cookie of the session ``name`` for ``seconds``."""
    response.set_cookie(
        _PREFIX + name,
        token,
        max_age=seconds,
        path="/",
        secure=True,
        httponly=True,
        samesite="None",
        partitioned=True,
    )
