"""Answers in advance: the same as those asked for, at most a quarter of all, none that reveals."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.factory import create_app, parts_of
from app.settings import Settings
from tests.ahead_questions import PERIOD, Headers, ask, counts
from tests.browser.data import rows
from tests.integration.access.conftest import NOW, TOKEN_SETTINGS, bearer
from tests.services import import_rows

pytestmark = pytest.mark.integration

PARTS = ["cases", "templates", "details"]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    made = create_app(Settings(store_url=import_rows(tmp_path, *rows())))
    with closing(parts_of(made)):
        yield made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_an_answer_in_advance_is_the_one_that_would_be_asked_for(client: FlaskClient) -> None:
    for _ in range(3):
        asked = ask(client, "asked", PARTS, raw={**PERIOD, "channel": ["WhatsApp"]})
    ahead = ask(client, "ahead", PARTS, raw={**PERIOD, "channel": ["WhatsApp"]})
    assert sorted(ahead["parts"]) == sorted(PARTS)
    assert ahead == asked


def test_no_more_than_a_quarter_of_the_answers_is_in_advance(client: FlaskClient) -> None:
    given = []
    for _ in range(3):
        ask(client, "asked", PARTS)
        given += [len(ask(client, "ahead", ["details"], page=page)["parts"]) for page in range(3)]
    # After 3, 6 and 9 answers that were asked for, one more in advance each time.
    assert given == [1, 0, 0] * 3
    assert counts(client) == {"asked": 9, "ahead": 3, "used": 0, "wasted": 0}


def test_a_question_beyond_the_quarter_gets_no_part_of_it(client: FlaskClient) -> None:
    ask(client, "asked", PARTS)
    answer = ask(client, "ahead", PARTS)
    assert (answer["parts"], answer["number"]) == ({}, 7)
    assert counts(client)["ahead"] == 0


def test_what_pages_tell_is_counted(client: FlaskClient) -> None:
    ask(client, "asked", PARTS, ahead={"used": 9, "wasted": 1})
    ask(client, "asked", PARTS, ahead={"used": 0, "wasted": 2})
    ask(client, "asked", PARTS, ahead={"used": "many", "wasted": -4})
    assert counts(client) == {"asked": 9, "ahead": 0, "used": 9, "wasted": 3}


def test_a_question_that_cannot_be_used_is_answered_without_panels(client: FlaskClient) -> None:
    ask(client, "asked", PARTS)
    answer = ask(client, "ahead", ["cases"], raw={"start": ["yesterday"]})
    assert answer["parts"] == {}
    assert counts(client)["ahead"] == 0


# --- nothing is revealed in advance ---------------------------------------------------------------


@pytest.fixture
def signed_app(tmp_path: Path) -> Iterator[Flask]:
    store = import_rows(tmp_path, *rows())
    settings = Settings(store_url=store, metrics_token="m" * 16, **TOKEN_SETTINGS)
    made = create_app(settings, clock=lambda: NOW)
    with closing(parts_of(made)):
        yield made


def reader(*capabilities: str) -> Headers:
    return bearer(capabilities=["all_teams", *capabilities])


def records(folder: Path) -> list[Any]:
    """Return what the audit recorded: the panels that revealed something, oldest first."""
    paths = list(folder.glob("*.audit.jsonl"))
    lines = paths[0].read_text().splitlines() if paths else []
    return [json.loads(line)["what"] for line in lines]


@pytest.mark.parametrize("capability", ["reveal_text", "reveal_phone"])
def test_what_would_be_recorded_is_not_answered_in_advance(
    signed_app: Flask, tmp_path: Path, capability: str, caplog: pytest.LogCaptureFixture
) -> None:
    client, headers = signed_app.test_client(), reader(capability)
    for page in range(2):
        assert "details" in ask(client, "asked", PARTS, headers, page=page)["parts"]
    before = records(tmp_path)
    assert before.count("details") == 2
    answer = ask(client, "ahead", ["cases", "details"], headers)
    assert list(answer["parts"]) == ["cases"]
    assert records(tmp_path) == before
    assert caplog.messages == []
    # What was withheld does not count, so that others may be answered.
    assert counts(client, {"Authorization": f"Bearer {'m' * 16}"})["ahead"] == 1


def test_a_table_without_phones_and_texts_is_answered_in_advance(
    signed_app: Flask, tmp_path: Path
) -> None:
    client, headers = signed_app.test_client(), reader()
    ask(client, "asked", PARTS, headers)
    assert list(ask(client, "ahead", ["details"], headers, page=1)["parts"]) == ["details"]
    assert records(tmp_path) == []
