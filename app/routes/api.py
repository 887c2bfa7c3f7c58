"""``/api/v1/panels/<slug>``: the panels as JSON, from the same questions as the page."""

from http import HTTPStatus

from flask import Blueprint, Response, abort

from app.routes.answers import RequestContext, json_response, json_rows
from components.labels import search_labels
from queries.panels import API_COLUMNS, DETAILS_SLUG, PANELS, WAITING_SLUG
from queries.reader import Waiting


def blueprint(context: RequestContext) -> Blueprint:
    """The routes of the API, answered by ``desk``."""
    routes = Blueprint("api", __name__, url_prefix="/api/v1")

    @routes.route("/panels/<slug>", methods=["GET", "POST"])
    def panel(slug: str) -> Response:
        question, locale, scope = context.asked()
        if slug == WAITING_SLUG:
            found = context.reader.waiting(question.filters, scope, question.table)
            return json_response(_waiting(found))
        if slug == DETAILS_SLUG:
            words = search_labels(locale)
            answer = context.reader.details(question.filters, scope, question.table, words)
        elif slug in PANELS:
            answer = context.reader.panel(slug, question.filters, scope)
        else:
            abort(HTTPStatus.NOT_FOUND)
        content: dict[str, object] = {
            "data_version": answer.data_version,
            "filters": answer.filters.to_json(),
            "rows": json_rows(answer.frame[list(API_COLUMNS[slug])]),
        }
        if answer.total is not None:
            content["total"] = answer.total
        return json_response(content)

    return routes


def _waiting(answer: Waiting) -> dict[str, object]:
    return {
        "data_version": answer.data_version,
        "filters": answer.filters.to_json(),
        "rows": json_rows(answer.frame[list(API_COLUMNS[WAITING_SLUG])]),
        "total": answer.total,
        "windows": dict(answer.windows),
    }
