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

from app.routes.answers import json_response
from app.security import DASH_SCRIPTS
from components.error_messages import error_message, http_error_message
from components.locale import Locale
from queries.errors import FilterError, QueryTimeout, StoreUnavailable, TooBusy

log = logging.getLogger(__name__)

_UNEXPECTED: Final = "unexpected"
#: Code of each failure of the server that is expected. All of them are answered with 503.
_UNAVAILABLE: Final[Mapping[type[Exception], str]] = {
    StoreUnavailable: "store_unavailable",
    QueryTimeout: "query_timeout",
    TooBusy: "too_busy",
}
#: What Dash raises before any callback runs when a request is not one that its page sends.
_FORGED_REQUEST: Final = (LookupError, TypeError, AttributeError, RecursionError, ValueError)
#: What Dash raises when it has no script of the name that was asked for.
_NO_SCRIPT: Final = (DependencyException, LookupError, OSError, ValueError)


def error_code(error: Exception) -> str:
    """Return the code of ``error`` that JSON answers and metrics show.

    It is the ``code`` of a ``FilterError`` (such as ``bad_date``); ``store_unavailable`` for
    ``StoreUnavailable``, ``query_timeout`` for ``QueryTimeout``, ``too_busy`` for ``TooBusy``; and
    ``unexpected`` for every other exception.
    """
    if isinstance(error, FilterError):
        return error.code
    for kind, code in _UNAVAILABLE.items():
        if isinstance(error, kind):
            return code
    return _UNEXPECTED


def response_to(error: Exception, default_locale: Locale) -> Response:
    """Return the JSON answer to the current request, which raised ``error``.

    Its status is 400 for a ``FilterError`` or a request that Dash cannot read, 404 for a script
    that Dash does not have, 503 for ``StoreUnavailable``, ``QueryTimeout`` and ``TooBusy``, the own
    status of an ``HTTPException``, else 500. Only errors with status 500 are logged.

    The message is in the language of the request, or of ``default_locale`` if the request failed
    before its language was known.
    """
    locale: Locale = g.get("locale", default_locale)
    if isinstance(error, HTTPException) and error.code is not None:
        return _http_response(error, HTTPStatus(error.code), locale)
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


def _error_response(error: Exception, locale: Locale) -> Response:
    code = error_code(error)
    if isinstance(error, FilterError):
        status = HTTPStatus.BAD_REQUEST
    elif code != _UNEXPECTED:
        status = HTTPStatus.SERVICE_UNAVAILABLE
    else:
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        log.error(
            "request failed",
            extra={"event": "request_failed", "error": type(error).__name__},
            exc_info=error,
        )
    message = error_message(error, locale.texts, codes=True)
    # A name in a JSON body may hold half of a surrogate pair, which UTF-8 cannot carry.
    message = message.encode("utf-8", "replace").decode("utf-8")
    return json_response({"error": {"code": code, "message": message}}, status)
