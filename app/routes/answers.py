"""What the routes of the API and of the downloads share: their context, and JSON."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from flask import Response, g, request

from app.request_parsing import Question, address_language, locale_of, raw_question
from components.locale import Locale
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
