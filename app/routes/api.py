"""``/api/v1/panels/<slug>``: the answers of the panels as JSON, with the numbers of the page."""

from datetime import UTC
from http import HTTPStatus

from flask import Blueprint, Response, abort

from app.routes.answers import RequestContext, json_response
from components.labels import search_labels
from components.value_formats import json_rows


def blueprint(context: RequestContext) -> Blueprint:
    """Return the route of the API, ``/api/v1/panels/<slug>``, for GET and POST.

    An unknown panel is answered with 404.
    """
    routes = Blueprint("api", __name__, url_prefix="/api/v1")

    @routes.route("/panels/<slug>", methods=["GET", "POST"])
    def panel(slug: str) -> Response:
        question, locale, scope = context.asked()
        query = context.reader.panels.get(slug)
        if query is None:
            abort(HTTPStatus.NOT_FOUND)
        question.check(query)
        labels = search_labels(locale)
        answer = context.reader.panel(slug, question.filters, scope, question.table, labels)
        content: dict[str, object] = {
            "data_version": answer.data_version,
            "filters": answer.filters.to_json(),
            "rows": json_rows(query.answering(question.table).api_columns, answer.frame),
        }
        if answer.before:
            content["previous"] = answer.before.to_json(answer.now.tzinfo or UTC)
        if answer.total is not None:
            content["total"] = answer.total
        return json_response(content | dict(answer.counts))

    return routes
