"""``/session``: lets a portal that can only redirect the browser sign its readers in.

See ``app.access.cookie_sessions``.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from app.access import cookie_sessions
from app.access.authenticators import NotSignedIn, bearer_token
from app.access.gate import open_to_everyone
from app.access.identity import current_identity
from app.access.one_time import OneTimeVault, Vault
from app.access.shared_vault import Codec
from app.routes.answers import json_response

#: How long a code may be exchanged; it goes from the portal's server to the browser and back.
CODE_SECONDS: Final = 60.0
_CODE: Final = "code"


@dataclass(frozen=True, slots=True)
class CookieSession:
    """What a code stands for: the portal's token, and when it ends, in seconds since 1970."""

    token: str
    ends_at: float


def _from_json(content: Any) -> CookieSession:
    token, ends_at = content
    return CookieSession(str(token), float(ends_at))


#: How sessions are written where several servers share them.
SESSION_CODEC: Final = Codec(lambda session: [session.token, session.ends_at], _from_json)


def blueprint(
    now: Callable[[], float],
    clock: Callable[[], float] = time.monotonic,
    codes: Vault[CookieSession] | None = None,
) -> Blueprint:
    """Return the routes ``POST /session/codes`` and ``GET /session``.

    The first one, asked by the portal's server with a token in the header Authorization, answers
    ``{"code": "…", "expires_in": 60}``. The second one, opened by the browser with this code and
    with the parameters of the page, sets the cookie and goes on to the page without the code. With
    a code that is unknown or used it goes on without a cookie, and the page says that the session
    has ended. ``now`` returns the seconds since 1970, for the end of the token; ``clock`` returns
    monotonic seconds. ``codes`` keeps the sessions; None stands for the memory of this process.
    """
    routes = Blueprint("session", __name__, url_prefix="/session")
    kept = codes or OneTimeVault[CookieSession](CODE_SECONDS, clock)

    @routes.post("/codes")
    def new_code() -> Response:
        token = bearer_token(request)
        if not token:
            raise NotSignedIn("missing")  # a cookie is no way to further cookies
        session = CookieSession(token, current_identity().expires_at or 0.0)
        return json_response({_CODE: kept.put(session), "expires_in": int(kept.seconds)})

    @routes.get("")
    @open_to_everyone
    def begin() -> Response:
        session = kept.take(request.args.get(_CODE, ""))
        others = [
            (name, value)
            for name, value in request.args.items(multi=True)
            if name not in (_CODE, cookie_sessions.PARAMETER)
        ]
        if session is None:
            return _to_page(others)
        name = cookie_sessions.new_name()
        response = _to_page([*others, (cookie_sessions.PARAMETER, name)])
        seconds = max(0, int(session.ends_at - now()))
        cookie_sessions.keep(response, name, session.token, seconds)
        return response

    return routes


def _to_page(parameters: list[tuple[str, str]]) -> Response:
    """Return a redirect to the page with ``parameters``; browsers must not keep it."""
    address = f"/?{urlencode(parameters)}" if parameters else "/"
    response = Response(status=HTTPStatus.SEE_OTHER, headers={"Location": address})
    response.headers["Cache-Control"] = "no-store"
    return response
