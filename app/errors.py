"""Turns an exception into an HTTP status, an error code and one sentence for the reader.

- API, downloads and the page's own requests: ``response_to`` is Flask's error handler. It answers
  ``{"error": {"code": …, "message": …}}`` in the reader's language, never a trace.
- A panel on the page: ``callbacks`` show the same sentence in the panel's card
  (``components.error_messages``).
- A download that has begun: ``routes.exports`` cuts the connection; the page asks for the sentence
  with the download's ticket.
- ``/metrics``: ``error_code`` is the ``reason`` of a panel that failed.

Commands end with a sentence and an exit code instead: see ``exit_codes``.
"""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from dash.exceptions import DependencyException
from flask import Response, g, request
from werkzeug.exceptions import BadRequest, HTTPException, NotFound

from app.access.authenticators import NotSignedIn
from app.routes.answers import json_response
from app.security import DASH_SCRIPTS
from components.error_messages import error_message, http_error_message
from components.locale import Locale
from queries.errors import (
    FilterError,
    NotAllowed,
    OneAccountOnly,
    QueryTimeout,
    RevealNotRecorded,
    StoreUnavailable,
    TooBusy,
    TooManyRequests,
)

log = logging.getLogger(__name__)

_UNEXPECTED: Final = "unexpected"
#: Code and status of each failure that is expected, beside ``FilterError``.
_EXPECTED: Final[Mapping[type[Exception], tuple[str, HTTPStatus]]] = {
    NotAllowed: ("not_allowed", HTTPStatus.FORBIDDEN),
    OneAccountOnly: ("one_account_only", HTTPStatus.FORBIDDEN),
    TooManyRequests: ("too_many_requests", HTTPStatus.TOO_MANY_REQUESTS),
    StoreUnavailable: ("store_unavailable", HTTPStatus.SERVICE_UNAVAILABLE),
    QueryTimeout: ("query_timeout", HTTPStatus.SERVICE_UNAVAILABLE),
    TooBusy: ("too_busy", HTTPStatus.SERVICE_UNAVAILABLE),
    RevealNotRecorded: ("not_recorded", HTTPStatus.SERVICE_UNAVAILABLE),
}
#: The code of a refusal at the gate, by ``NotSignedIn.reason``; for others it is ``token_refused``.
_REFUSALS: Final[Mapping[str, str]] = {
    "missing": "token_missing",
    "expired": "token_expired",
    "proxy": "not_signed_in",
    "ticket": "ticket_refused",
}
#: What Dash raises before any callback runs when a request is not one that its page sends.
_FORGED_REQUEST: Final = (LookupError, TypeError, AttributeError, RecursionError, ValueError)
#: What Dash raises when it has no script of the name that was asked for.
_NO_SCRIPT: Final = (DependencyException, LookupError, OSError, ValueError)


def error_code(error: Exception) -> str:
    """Return the code of ``error`` that JSON answers and metrics show.

    It is the ``code`` of a ``FilterError`` (such as ``bad_date``), one for each other error of
    ``queries.errors`` (such as ``store_unavailable`` for ``StoreUnavailable``), and ``unexpected``
    for every other exception.
    """
    return _code_and_status(error)[0]


def _code_and_status(error: Exception) -> tuple[str, HTTPStatus]:
    if isinstance(error, FilterError):
        return error.code, HTTPStatus.BAD_REQUEST
    for kind, known in _EXPECTED.items():
        if isinstance(error, kind):
            return known
    return _UNEXPECTED, HTTPStatus.INTERNAL_SERVER_ERROR


def response_to(error: Exception, default_locale: Locale) -> Response:
    """Return the JSON answer to the current request, which raised ``error``.

    Its status is 400 for a ``FilterError`` or a request that Dash cannot read, 401 for
    ``NotSignedIn``, 404 for a script that Dash does not have, 403, 429 or 503 for the other errors
    of ``queries.errors``, the own status of an ``HTTPException``, else 500. Only errors with status
    500 are logged.

    The message is in the language of the request, or of ``default_locale`` if the request failed
    before its language was known.
    """
    locale: Locale = g.get("locale", default_locale)
    if isinstance(error, HTTPException) and error.code is not None:
        return _http_response(error, HTTPStatus(error.code), locale)
    if isinstance(error, NotSignedIn):
        return _refusal(error, locale)
    if request.path.startswith(DASH_SCRIPTS) and isinstance(error, _NO_SCRIPT):
        return _http_response(NotFound(), HTTPStatus.NOT_FOUND, locale)
    if request.path.startswith("/_dash") and isinstance(error, _FORGED_REQUEST):
        # The request is at fault, not the server: nothing is logged.
        return _http_response(BadRequest(), HTTPStatus.BAD_REQUEST, locale)
    return _error_response(error, locale)


def _http_response(error: HTTPException, status: HTTPStatus, locale: Locale) -> Response:
    message = http_error_message(status, locale.texts)
    response = json_response({"error": {"code": f"http_{status}", "message": message}}, status)
    if allowed := dict(error.get_headers()).get("Allow"):
        response.headers["Allow"] = allowed
    return response


def _refusal(error: NotSignedIn, locale: Locale) -> Response:
    """Return the answer to somebody who has not signed in; it names the reason for developers."""
    code = _REFUSALS.get(error.reason, "token_refused")
    status = HTTPStatus.UNAUTHORIZED
    message = http_error_message(status, locale.texts)
    response = json_response({"error": {"code": code, "message": message}}, status)
    described = f'Bearer error="invalid_token", error_description="{error.reason}"'
    response.headers["WWW-Authenticate"] = described if error.reason != "missing" else "Bearer"
    return response


def _error_response(error: Exception, locale: Locale) -> Response:
    code, status = _code_and_status(error)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error(
            "request failed",
            extra={"event": "request_failed", "error": type(error).__name__},
            exc_info=error,
        )
    message = error_message(error, locale.texts, codes=True)
    # A name in a JSON body may hold half of a surrogate pair, which UTF-8 cannot carry.
    message = message.encode("utf-8", "replace").decode("utf-8")
    response = json_response({"error": {"code": code, "message": message}}, status)
    if isinstance(error, TooManyRequests):
        response.headers["Retry-After"] = str(error.retry_after_seconds)
    return response
