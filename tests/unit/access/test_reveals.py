"""What is recorded of an answer that reveals phones or texts, and when nothing is."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask, g

from app.access.identity import Identity
from app.access.rate_limits import RateLimits
from app.access.reveals import Reveals
from queries.errors import RevealNotRecorded, TooManyRequests
from queries.user_scope import Scope

APP = Flask(__name__)
ANA = Identity("ana", Scope(see_phones=True), "Ana Lima")
EVERYBODY = Identity("", Scope(see_phones=True))


class Lines(list[Mapping[str, Any]]):
    """Takes records as the audit file does."""

    def write(self, record: Mapping[str, object]) -> None:
        self.append(record)


@contextmanager
def asked_by(identity: Identity | None) -> Iterator[None]:
    """Run the block in a request that passed the gate as that of ``identity``."""
    with APP.test_request_context():
        g.request_id = "request-1"
        if identity is not None:
            g.identity = identity
        yield


def test_a_record_says_who_saw_what_when_and_with_which_question() -> None:
    lines = Lines()
    reveals = Reveals(lines.write, RateLimits(9, 9))
    before = datetime.now(UTC)
    with asked_by(ANA):
        reveals.record("details", ["phones", "texts"], {"channel": ["WhatsApp"]})
    [line] = lines
    at = datetime.fromisoformat(line["at"])
    assert abs((at - before).total_seconds()) < 60
    assert at.utcoffset() is not None
    assert {name: value for name, value in line.items() if name != "at"} == {
        "who": "ana",
        "what": "details",
        "reveals": ["phones", "texts"],
        "filters": {"channel": ["WhatsApp"]},
        "request_id": "request-1",
    }


@pytest.mark.parametrize("identity", [EVERYBODY, None])
def test_where_nobody_signs_in_nobody_is_named(identity: Identity | None) -> None:
    lines = Lines()
    with asked_by(identity):
        Reveals(lines.write, RateLimits(9, 9)).record("details", ["phones"], {})
    assert not lines


def test_what_reveals_nothing_is_not_recorded_and_not_counted() -> None:
    lines = Lines()
    reveals = Reveals(lines.write, RateLimits(1, 1))
    for _ in range(3):
        with asked_by(ANA):
            reveals.record("cases", [], {})
    assert not lines


def test_once_for_each_thing_in_a_request() -> None:
    lines = Lines()
    reveals = Reveals(lines.write, RateLimits(9, 9))
    for _ in range(2):
        with asked_by(ANA):
            for what in ("details", "details", "waiting"):
                reveals.record(what, ["phones"], {})
    assert [line["what"] for line in lines] == ["details", "waiting"] * 2


def test_without_a_record_nothing_is_revealed() -> None:
    """Nor later in the same request."""

    def fails(_record: Mapping[str, object]) -> None:
        raise OSError(28, "No space left on device")

    reveals = Reveals(fails, RateLimits(9, 9))
    with asked_by(ANA):
        for _ in range(2):
            with pytest.raises(RevealNotRecorded):
                reveals.record("details", ["phones"], {})


def test_each_subject_has_a_limit_and_what_is_beyond_it_is_not_recorded() -> None:
    lines = Lines()
    reveals = Reveals(lines.write, RateLimits(9, 2))
    for _ in range(2):
        with asked_by(ANA):
            reveals.record("details", ["phones"], {})
    with asked_by(ANA), pytest.raises(TooManyRequests):
        reveals.record("details", ["phones"], {})
    with asked_by(Identity("eva", ANA.scope)):
        reveals.record("details", ["phones"], {})
    assert [line["who"] for line in lines] == ["ana", "ana", "eva"]
