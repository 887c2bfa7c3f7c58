"""What API and downloads share: the parts they need, and JSON."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus
from typing import Any

import pandas as pd
from flask import Response, g, request

from app.request_parsing import Question, address_language, locale_of, raw_question
from components.locale import Locale
from queries.reader import Reader
from queries.scope import Scope

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RequestContext:
    """Who answers: the reader of the store, and what a reader of the answers may see."""

    reader: Reader
    scope_for: Callable[[], Scope]
    language: str

    def asked(self, *beside: str) -> tuple[Question, Locale, Scope]:
        """The question of the current request, how to word its answer, and for whom.

        The names ``beside`` are the route's own and no part of the question.
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


def json_rows(frame: pd.DataFrame) -> list[dict[str, object]]:
    """The rows of a frame as JSON takes them: unknown is null, days and times are ISO 8601."""
    names = [str(name) for name in frame.columns]
    # A column at once: a cell at a time pandas takes longer than the query.
    columns = [[_json_value(value) for value in frame[name].tolist()] for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _json_value(value: Any) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return None if pd.isna(value) else value
