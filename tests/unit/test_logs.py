"""Log lines: one JSON object each, without what people wrote."""

import json
import logging
from collections.abc import Iterator

import pytest
from flask import Flask, g

from app.logs import JsonLines, set_up_logs

PHONE = "+5511987654471"


def line(level: int, message: str, *args: object, error: BaseException | None = None) -> str:
    about = (type(error), error, error.__traceback__) if error else None
    return JsonLines().format(logging.LogRecord("a.b", level, "f", 1, message, args, about))


def failure() -> ValueError:
    try:
        raise ValueError(f"cannot store {PHONE}")
    except ValueError as error:
        return error


def test_a_line_tells_when_what_and_how_grave() -> None:
    told = json.loads(line(logging.WARNING, "%d rows of %s", 3, "São Paulo"))
    assert told.pop("at").endswith("+00:00")
    assert told == {"level": "warning", "logger": "a.b", "message": "3 rows of São Paulo"}


def test_an_error_is_told_by_type_and_place_without_its_message() -> None:
    text = line(logging.ERROR, "load failed", error=failure())
    told = json.loads(text)
    assert told["error"] == "ValueError"
    assert told["at_code"].startswith("failure:")
    assert PHONE not in text


def test_a_line_break_does_not_make_a_second_line() -> None:
    assert "\n" not in line(logging.INFO, 'a\n{"level": "error"}')


def test_a_request_is_told_by_its_id() -> None:
    with Flask("test").test_request_context("/?person=João"):
        assert "request_id" not in json.loads(line(logging.INFO, "x"))
        g.request_id = "abc"
        text = line(logging.INFO, "x")
    assert json.loads(text)["request_id"] == "abc"
    assert "Jo" not in text


@pytest.fixture
def root_logger() -> Iterator[logging.Logger]:
    """The root logger, put back afterwards as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers = []
    yield root
    root.handlers, root.level = handlers, level


def test_all_logs_of_the_process_are_such_lines(
    root_logger: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logs()
    set_up_logs()
    logging.getLogger("some.library").info("started")
    logging.getLogger("some.library").debug("detail")
    [told] = capsys.readouterr().err.splitlines()
    assert json.loads(told)["message"] == "started"
