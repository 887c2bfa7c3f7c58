"""Requests that our page never sends: none causes a server error or is logged with its values."""

import copy
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.factory import create_app, parts_of
from app.settings import Settings
from components import ids
from sources.demo import write_demo
from tests.page_questions import ANSWERS, page_question
from tests.panels import SLUGS
from tests.services import import_files

pytestmark = pytest.mark.integration

CALLS = "/_dash-update-component"
#: What stands in the place of each part of a call.
ODD: list[Any] = [None, [], {}, 0, -1, "", True, 10**400, 1e308, "x" * 100_000, ["x"], {"id": 1}]
GONE = object()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("forged")
    files = write_demo(folder, 500, 1, datetime(2026, 11, 18, tzinfo=UTC))
    url, _ = import_files(folder, *files)
    made = create_app(Settings(store_url=url))
    with closing(parts_of(made)):
        yield made


@pytest.fixture(autouse=True)
def nothing_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert [record.getMessage() for record in caplog.get_records("call")] == []


def split(name: str) -> dict[str, str]:
    component, _, prop = name.rpartition(".")
    return {"id": component, "property": prop}


def calls(client: FlaskClient) -> list[dict[str, Any]]:
    """Return a request for each callback of the page, as Dash's script sends it."""
    client.get("/")
    raw = {"start": "2026-10-01", "end": "2026-11-18"}
    question = page_question(raw, parts=["cases", "details", "waiting"])
    found = []
    for one in json.loads(client.get("/_dash-dependencies").data):
        if one["clientside_function"]:
            continue
        output = one["output"]
        outputs: Any = split(output)
        if output.startswith(".."):
            outputs = [split(name) for name in output[2:-2].split("...")]
        inputs, state = (
            [{**place, "value": None} for place in one[kind]] for kind in ("inputs", "state")
        )
        for place in inputs:
            if place["id"] == ids.QUESTION:
                place["value"] = question
        changed = ["{id}.{property}".format(**inputs[0])]
        found.append(
            {
                "output": output,
                "outputs": outputs,
                "inputs": inputs,
                "state": state,
                "changedPropIds": changed,
            }
        )
    return found


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(node, (dict, list)):
        for key in node if isinstance(node, dict) else range(len(node)):
            yield from places(node[key], (*path, key))


def changed(call: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Return a copy of ``call`` with another value at ``path``, or without that entry."""
    if not path:
        return None if value is GONE else value
    made = copy.deepcopy(call)
    node = made
    for key in path[:-1]:
        node = node[key]
    if value is GONE:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    return made


def send(client: FlaskClient, body: Any) -> int:
    return client.post(CALLS, data=json.dumps(body), content_type="application/json").status_code


def test_the_page_s_own_callback_requests_are_answered(client: FlaskClient) -> None:
    made = calls(client)
    statuses = {call["output"]: send(client, call) for call in made}
    assert len(statuses) > 10
    assert set(statuses.values()) <= {200, 204}


def test_a_callback_request_with_one_changed_value_never_fails(client: FlaskClient) -> None:
    statuses: dict[int, int] = {}
    for call in calls(client):
        for path in places(call):
            for value in (*ODD, GONE):
                body = changed(call, path, value)
                status = send(client, body)
                assert status in (200, 204, 400), (call["output"], path, str(value)[:40], status)
                statuses[status] = statuses.get(status, 0) + 1
    assert statuses[400] > 1_000
    assert statuses[200] > 100


@pytest.mark.parametrize(
    "part",
    [
        {"outputs": []},
        {"outputs": None},
        {"outputs": [{"id": "answers", "property": "children"}]},
        {"inputs": []},
        {"inputs": [[]]},
        {"state": [{}]},
        {"changedPropIds": [None]},
        {"changedPropIds": None},
        {"output": "applied.data"},  # a callback that runs in the browser
        {"output": "nothing.data"},
    ],
    ids=str,
)
def test_a_malformed_callback_request_is_refused(client: FlaskClient, part: dict[str, Any]) -> None:
    [call] = [one for one in calls(client) if one["output"] == ANSWERS]
    assert send(client, call) == 200
    assert send(client, {**call, **part}) == 400
    [name] = part
    if name in ("output", "outputs", "inputs"):
        assert send(client, changed(call, (name,), GONE)) == 400


BODIES: list[tuple[bytes | None, str | None]] = [
    (None, None),
    (b"", "application/json"),
    (b"{", "application/json"),
    (b"\xff\xfe", "application/json"),
    (b"[" * 100_000, "application/json"),
    (b"null", "text/plain"),
    (b'{"start": 1e999, "start": NaN}', "application/json"),
    (b"a=1&a=2", "application/x-www-form-urlencoded"),
    (b"--x\r\n", "multipart/form-data; boundary=x"),
]
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "SEGREDO")
PATHS = [
    CALLS,
    "/_dash-layout",
    "/_dash-dependencies",
    "/_dash-config",
    "/_favicon.ico",
    "/_reload-hash",
    "/_mcp",
    "/_dash-component-suites/",
    "/_dash-component-suites/os/x.js",
    "/_dash-component-suites/dash/__init__.py",
    "/_dash-component-suites/dash/dcc/__init__.py",
    "/_dash-component-suites/dash/dcc/x.js",
    "/_dash-component-suites/dash/deps/%00",
    "/_dash-component-suites/dash/../dash.py",
    "/_dash-component-suites/dash/dash-renderer/build/dash_renderer.v1m1.min.js",
    "/_dash-component-suites/dash_bootstrap_components/__init__.py",
    "/_dash-component-suites/plotly/package_data/plotly.min.js",
    "/assets/",
    "/assets/page.css",
    "/assets/%2e%2e/app/cli.py",
    "/assets/x%00.css",
    "/static/",
    "/static/x.css",
    "/static/page.0.css",
    "/export/",
    "/export/x.csv",
    "/export/details.pdf",
    "/export/progress/x",
    "/export/progress/x/stop",
    "/api/",
    "/api/v1/panels/",
    "/api/v1/panels/x",
    "/api/v1/panels/%00",
    "/api/v1/panels/" + "x" * 5_000,
    "/metrics/x",
    "/healthz/",
    "/%ff%fe",
]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path[:60])
def test_no_address_fails_with_any_method(client: FlaskClient, path: str) -> None:
    for method in METHODS:
        for data, kind in BODIES:
            with client.open(path, method=method, data=data, content_type=kind) as answer:
                assert answer.status_code < 500, (method, data)
                if answer.status_code >= 400 and method != "HEAD":
                    assert set(answer.get_json()) == {"error"}


@pytest.mark.parametrize(
    "path", [path for path in PATHS if "-suites/" in path and not path.endswith(".min.js")]
)
def test_unknown_scripts_of_dash_are_not_found(client: FlaskClient, path: str) -> None:
    client.get("/")
    assert client.get(path).status_code == 404


def test_the_api_answers_or_refuses_any_parameter_value(client: FlaskClient) -> None:
    names = ("start", "end", "basis", "person", "channel", "case", "status", "sort", "page", "lang")
    for slug in SLUGS:
        for name in (*names, "page_size", "bucket", "where.reply", "where.x", "theme", ""):
            for value in ODD:
                answer = client.post(f"/api/v1/panels/{slug}", json={name: value})
                assert answer.status_code in (200, 400), (slug, name, str(value)[:40])
