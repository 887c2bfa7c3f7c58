"""Who sees the numbers of loads: only a reader from whom nothing of the store is hidden."""

import re
from collections.abc import Mapping

import pytest
from flask.testing import FlaskClient

from components import ids
from tests.integration.access.conftest import (
    ACCOUNTS,
    CHANNELS,
    PERIOD,
    TEAMS,
    Asked,
    bearer,
    page_call,
)

pytestmark = pytest.mark.integration

EVERYBODY = list(ACCOUNTS.values())
ALL_TEAMS = ["all_teams"]
#: What the drawer of a store of this test says in English, if it says all: the sums of its load.
SUMS = re.compile(r'"Rejected"')


def drawer(client: FlaskClient, claims: Mapping[str, object]) -> str:
    headers = {**bearer(**claims), "X-Consumo-Language": "en"}
    answer = page_call(client, headers, Asked(PERIOD, {}), f"{ids.SOURCES_BODY}.content")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_who_sees_everything_sees_the_sums(client: FlaskClient) -> None:
    said = drawer(client, {"account": EVERYBODY, "capabilities": ALL_TEAMS})
    assert SUMS.search(said)
    assert "Newest loads" in said


@pytest.mark.parametrize(
    "claims",
    [
        {"account": EVERYBODY, "capabilities": []},
        {"account": EVERYBODY, "capabilities": [], "teams": [TEAMS["V"], TEAMS["S"]]},
        {"account": EVERYBODY, "capabilities": ALL_TEAMS, "channels": list(CHANNELS.values())},
        {"account": EVERYBODY[0], "capabilities": ALL_TEAMS},
        {"account": "nobody", "capabilities": ALL_TEAMS},
    ],
)
def test_others_see_only_when_the_data_was_renewed(
    client: FlaskClient, claims: Mapping[str, object]
) -> None:
    said = drawer(client, claims)
    assert not SUMS.search(said)
    assert "The data was last renewed: " in said


def test_without_a_token_nothing_is_said(client: FlaskClient) -> None:
    headers = bearer(account=EVERYBODY, capabilities=ALL_TEAMS)
    page_call(client, headers, Asked(PERIOD, {}), f"{ids.SOURCES_BODY}.content")
    answer = page_call(client, {}, Asked(PERIOD, {}), f"{ids.SOURCES_BODY}.content")
    assert answer.status_code == 401
