"""Messages dated in the future change neither the age of the data nor the default period."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime

import pytest
from flask import Flask

from app.factory import create_app, parts_of
from app.settings import Settings
from queries.filters import Basis, Filters
from queries.period import Period
from queries.user_scope import EVERYTHING
from tests.services import import_rows

pytestmark = pytest.mark.integration

NOW = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)
NEWEST = "2026-11-18T12:00:00Z"
CASE = {
    "case_id": "c1",
    "person_name": "Ana",
    "channel": "WhatsApp",
    "case_type": "Dúvida",
    "opened_at": "2027-03-01T12:00:00Z",
}


def message(message_id: str, sent_at: str) -> dict[str, str]:
    return {"message_id": message_id, "case_id": "c1", "direction": "in", "sent_at": sent_at}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    messages = [message("m1", NEWEST), message("m2", "2027-02-01T12:00:00Z")]
    url = import_rows(tmp_path_factory.mktemp("future"), [CASE], messages)
    made = create_app(Settings(store_url=url), clock=lambda: NOW)
    with closing(parts_of(made)):
        yield made


def test_the_newest_moment_is_not_in_the_future(server: Flask) -> None:
    status = parts_of(server).reader.status(EVERYTHING)
    assert status.newest_at == datetime.fromisoformat(NEWEST)
    # The calendar still leads to every day there is.
    assert status.newest_day == date(2027, 3, 1)


@pytest.mark.parametrize("basis", list(Basis))
def test_the_default_period_ends_today(server: Flask, basis: Basis) -> None:
    span = parts_of(server).reader.resolve(Filters(basis=basis), EVERYTHING).span
    assert span == Period(date(2026, 10, 22), date(2026, 11, 20))
