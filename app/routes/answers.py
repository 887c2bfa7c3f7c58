"""What the routes of the API and of the downloads share: their context, and errors as JSON."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from flask import Response, g, request

from app.request_parsing import Question, address_language, locale_of, raw_question
from components.error_messages import error_message
from components.locale import Locale
from queries.errors import FilterError, QueryTimeout, StoreUnavailable, TooBusy
from queries.reader import Reader
from queries.scope import Scope

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RequestContext:
    """What a route needs to answer: the reader of the store, and the scope of each request."""

    reader: Reader
    scope_for: Callable[[], Scope]
    language: str

    def asked(self, *beside: str) -> tuple[Question, Locale, Scope]:
        """The question of the current request, the locale of its answer, and the scope.

        The parameters ``beside`` belong to the route, and not to the question.
        """
        g.locale = locale_of(address_language(request), self.language)
        raw = raw_question(request)
        for name in beside:
            raw.pop(name, None)
        g.locale = locale_of(raw, self.language)
        scope = self.scope_for()
        return Question.of(raw, scope), g.locale, scope


def json_response(content: object, status: HTTPStatus = HTTPStatus.OK) -> Response:
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    response = Response(text, status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def error_response(error: Exception, default_locale: Locale) -> Response:
    """One sentence in the reader's language, and a code for programs; never a trace."""
    locale: Locale = g.get("locale", default_locale)
    match error:
        case FilterError():
            code, status = error.code, HTTPStatus.BAD_REQUEST
        case StoreUnavailable():
            code, status = "store_unavailable", HTTPStatus.SERVICE_UNAVAILABLE
        case QueryTimeout():
            code, status = "query_timeout", HTTPStatus.SERVICE_UNAVAILABLE
        case TooBusy():
            code, status = "too_busy", HTTPStatus.SERVICE_UNAVAILABLE
        case _:
            log.error(
                "request failed",
                extra={"event": "request_failed", "error": type(error).__name__},
                exc_info=error,
            )
            code, status = "unexpected", HTTPStatus.INTERNAL_SERVER_ERROR
    # A name in a JSON body may hold half of a character, which UTF-8 cannot carry.
    message = (
        error_message(error, locale.texts, codes=True).encode("utf-8", "replace").decode("utf-8")
    )
    return json_response({"error": {"code": code, "message": message}}, status)
