"""Log lines: one JSON object each, without texts that users wrote."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, g

from app.logs import JsonLines, set_up_logs

ROOT = Path(__file__).resolve().parents[2]
PHONE = "+5511987654471"


def line(level: int, message: str, *args: object, error: BaseException | None = None) -> str:
    about = (type(error), error, error.__traceback__) if error else None
    return JsonLines().format(logging.LogRecord("a.b", level, "f", 1, message, args, about))


def failure() -> ValueError:
    try:
        raise ValueError(f"cannot store {PHONE}")
    except ValueError as error:
        return error


def test_a_line_has_time_message_and_level() -> None:
    told = json.loads(line(logging.WARNING, "%d rows of %s", 3, "São Paulo"))
    assert told.pop("at").endswith("+00:00")
    assert told == {"level": "warning", "logger": "a.b", "message": "3 rows of São Paulo"}


def test_an_error_is_logged_with_type_and_place_without_its_message() -> None:
    text = line(logging.ERROR, "load failed", error=failure())
    told = json.loads(text)
    assert told["error"] == "ValueError"
    assert told["at_code"].startswith("failure:")
    assert PHONE not in text


def test_a_line_break_does_not_make_a_second_line() -> None:
    assert "\n" not in line(logging.INFO, 'a\n{"level": "error"}')


def test_a_line_has_the_id_of_its_request() -> None:
    with Flask("test").test_request_context("/?person=João"):
        assert "request_id" not in json.loads(line(logging.INFO, "x"))
        g.request_id = "abc"
        text = line(logging.INFO, "x")
    assert json.loads(text)["request_id"] == "abc"
    assert "Jo" not in text


def test_fields_of_a_line_have_their_names() -> None:
    record = logging.LogRecord("a", logging.INFO, "f", 1, "GET /x", None, None)
    record.fields = {"status": 200, "path": "/x"}
    told = json.loads(JsonLines().format(record))
    assert (told["status"], told["path"], told["message"]) == (200, "/x", "GET /x")


def test_a_log_call_with_wrong_arguments_still_gives_a_line() -> None:
    assert json.loads(line(logging.INFO, "%d rows", "x"))["message"] == "%d rows"
    assert json.loads(line(logging.INFO, "%s of %s", "x"))["message"] == "%s of %s"


STRAYS = """
import gc, logging, sys, threading, warnings
from app.logs import log_uncaught_errors, set_up_logs
set_up_logs()
log_uncaught_errors()
PHONE = "+5511987654471"

class Leaves:
    def __del__(self):
        raise ValueError(PHONE)

def fails():
    raise ValueError(PHONE)

warnings.warn(PHONE)
thread = threading.Thread(target=fails)
thread.start()
thread.join()
Leaves()
gc.collect()
logging.getLogger("x").info("%d", PHONE)
fails()
"""


def test_warnings_and_uncaught_errors_are_logged_without_values() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", STRAYS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert PHONE not in done.stderr
    told = [json.loads(text) for text in done.stderr.splitlines()]
    assert [(one["message"], one.get("error"), one.get("warning")) for one in told] == [
        ("warning of Python", None, "UserWarning"),
        ("error that nobody caught", "ValueError", None),
        ("error that nobody caught", "ValueError", None),
        ("%d", None, None),
        ("error that nobody caught", "ValueError", None),
    ]


@pytest.fixture
def root_logger() -> Iterator[logging.Logger]:
    """The root logger, whose handlers and level are restored afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers = []
    yield root
    root.handlers, root.level = handlers, level


def test_all_loggers_of_the_process_write_json_lines(
    root_logger: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logs()
    set_up_logs()
    logging.getLogger("some.library").info("started")
    logging.getLogger("some.library").debug("detail")
    [told] = capsys.readouterr().err.splitlines()
    assert json.loads(told)["message"] == "started"
