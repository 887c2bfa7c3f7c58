"""Requests that run a callback of the page, and forged ones."""

from typing import Any

import pytest

from app.callback_requests import is_callback_request

CALLBACKS: dict[str, dict[str, Any]] = {
    "a.children": {
        "callback": print,
        "inputs": [{"id": "b", "property": "value"}],
        "state": [{"id": "c", "property": "data"}],
    },
    "..a.title...d.children..": {"callback": print, "inputs": [], "state": []},
    "e.children": {"inputs": [], "state": []},
}
REQUEST: dict[str, Any] = {
    "output": "a.children",
    "outputs": {"id": "a", "property": "children"},
    "inputs": [{"id": "b", "property": "value", "value": 1}],
    "state": [{"id": "c", "property": "data", "value": None}],
    "changedPropIds": ["b.value"],
}
SEVERAL = {
    "output": "..a.title...d.children..",
    "outputs": [{"id": "a", "property": "title"}, {"id": "d", "property": "children"}],
    "inputs": [],
}


@pytest.mark.parametrize("body", [REQUEST, SEVERAL], ids=["one output", "several outputs"])
def test_what_dash_s_script_sends_is_taken(body: dict[str, Any]) -> None:
    assert is_callback_request(body, CALLBACKS)


@pytest.mark.parametrize(
    "change",
    [
        {"output": "f.children"},
        {"output": "e.children", "outputs": {"id": "e", "property": "children"}},
        {"output": None},
        {"outputs": {"id": "a", "property": "title"}},
        {"inputs": []},
        {"inputs": [{"id": "c", "property": "value"}]},
        {"inputs": None},
        {"state": [{"id": "c", "property": "value"}]},
        {"changedPropIds": "b.value"},
        {"changedPropIds": [1]},
    ],
    ids=str,
)
def test_what_differs_from_it_is_refused(change: dict[str, Any]) -> None:
    assert not is_callback_request({**REQUEST, **change}, CALLBACKS)


@pytest.mark.parametrize("body", [None, [], "x", 1])
def test_a_body_that_is_no_object_is_refused(body: object) -> None:
    assert not is_callback_request(body, CALLBACKS)
