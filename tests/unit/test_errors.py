"""What an exception becomes for whoever asked."""

import logging

import pytest
from dash.exceptions import DependencyException
from flask import Flask, Response, abort

from app.errors import error_code, response_to
from components.locale import Locale
from queries.errors import FilterError, QueryTimeout, StoreUnavailable, TooBusy


def answer(error: Exception | int, path: str = "/api/v1/panels/cases") -> Response:
    """The answer of a server whose view raises ``error``, or aborts with a status."""
    server = Flask("failing")
    server.register_error_handler(Exception, lambda raised: response_to(raised, Locale.of("en")))

    def view(path: str) -> Response:
        del path
        if isinstance(error, int):
            abort(error)
        raise error

    server.add_url_rule("/<path:path>", "view", view)
    return server.test_client().get(path)


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (FilterError("not_json"), "not_json", 400),
        (StoreUnavailable("away"), "store_unavailable", 503),
        (QueryTimeout("late"), "query_timeout", 503),
        (TooBusy("full"), "too_busy", 503),
        (RuntimeError("secret"), "unexpected", 500),
    ],
)
def test_an_error_has_a_code_a_status_and_a_sentence(
    error: Exception, code: str, status: int
) -> None:
    assert error_code(error) == code
    response = answer(error)
    assert response.status_code == status
    told = response.json["error"]
    assert told["code"] == code
    assert told["message"].endswith(".")
    assert "secret" not in response.text


@pytest.mark.parametrize("status", [400, 404, 405, 413])
def test_an_error_of_http_keeps_its_status(status: int) -> None:
    response = answer(status)
    assert response.status_code == status
    assert response.json["error"]["code"] == f"http_{status}"


def test_only_an_error_that_nobody_foresaw_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        for error in (FilterError("not_json"), StoreUnavailable("away"), QueryTimeout("late"), 404):
            answer(error)
        assert not caplog.records
        answer(RuntimeError("secret"))
    assert [record.getMessage() for record in caplog.records] == ["request failed"]


@pytest.mark.parametrize(
    ("error", "path", "status"),
    [
        (KeyError("x"), "/_dash-update-component", 400),
        (DependencyException("x"), "/_dash-component-suites/dash/a.js", 404),
        (KeyError("x"), "/api/v1/panels/cases", 500),
    ],
)
def test_what_dash_raises_for_a_forged_request_is_the_request_s_fault(
    error: Exception, path: str, status: int
) -> None:
    assert answer(error, path).status_code == status
