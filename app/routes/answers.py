"""Reads a request for the routes of API and downloads, and writes answers in JSON."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from flask import Response, g, request

from app.access.download_tickets import DownloadTicket
from app.request_parsing import Question, address_language, locale_of, raw_question
from components.locale import Locale
from queries.reader import Reader
from queries.user_scope import Scope

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RequestContext:
    """What a route needs to answer a request.

    ``reader`` answers from the store. ``scope_for`` returns what the person who sent the current
    request may see. ``language`` is used if the parameter ``lang`` is missing or cannot be used.
    """

    reader: Reader
    scope_for: Callable[[], Scope]
    language: str

    def asked(self, *beside: str) -> tuple[Question, Locale, Scope]:
        """Parse the current request; return its question, the locale of the answer, and the scope.

        Parameters whose names are in ``beside`` are left out, because the route reads them itself.
        The locale is also stored as ``flask.g.locale``, for the error message. Raises
        ``FilterError`` for a parameter that is unknown or cannot be used.
        """
        g.locale = locale_of(address_language(request), self.language)
        raw = self.parameters()
        for name in beside:
            raw.pop(name, None)
        g.locale = locale_of(raw, self.language)
        scope = self.scope_for()
        return Question.of(raw, scope), g.locale, scope

    def parameters(self) -> dict[str, object]:
        """Return the parameters of the current request by name, as ``raw_question`` does.

        Where a download ticket took the place of the question, they are those of the ticket.
        """
        ticket: DownloadTicket | None = g.get("ticket")
        return raw_question(request, ticket.query if ticket else None)


def json_response(content: object, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Return a response of ``content`` as JSON, which browsers and proxies must not store.

    Raises ``ValueError`` for NaN and infinities, which JSON does not have.
    """
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    response = Response(text, status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
