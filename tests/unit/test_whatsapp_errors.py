"""Every known WhatsApp error code has an action and a label."""

from datetime import UTC, datetime

import pytest

from components.labels import vocabulary
from components.locale import Locale
from components.texts import LANGUAGES
from components.whatsapp_errors import KNOWN_CODES, error_meaning
from queries.filters import Filters
from queries.panel import PanelRequest
from queries.panels import failures
from queries.result import ResultSet
from queries.user_scope import EVERYTHING
from queries.whatsapp_errors import ACTION_OF, ACTIONS, action

#: Those of the project's facts about Meta.
MET = (
    *("131026", "131047", "131049", "131048", "131050", "131056", "131042", "131031", "131053"),
    *("131051", "132001", "132000", "132012", "132015", "130472"),
)


def test_each_code_has_one_action_and_each_action_a_code() -> None:
    assert set(MET) <= set(ACTION_OF)
    assert set(ACTION_OF.values()) == set(ACTIONS) - {"other"}


@pytest.mark.parametrize("code", ["0131026", "131026 ", "", "unknown", "131026.0"])
def test_an_unknown_code_has_the_action_other(code: str) -> None:
    assert action(code) == "other"
    assert error_meaning(code, Locale.of("en")) is None


def test_no_code_has_no_action() -> None:
    assert action(None) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_codes_and_actions_have_labels_of_their_own(language: str) -> None:
    locale = Locale.of(language)
    assert set(ACTION_OF) < set(KNOWN_CODES)
    meanings = [error_meaning(code, locale) for code in KNOWN_CODES]
    assert len(set(meanings)) == len(meanings)
    assert list(vocabulary("action", locale)) == list(ACTIONS)


def test_failures_are_sorted_by_action_then_messages_then_code() -> None:
    counts = [
        ("999", "x", 900),
        (None, None, 800),
        ("131056", "pace", 2),
        ("131026", "gone", 50),
        ("130429", None, 2),
        ("131049", "withheld", 3),
        ("131050", "stopped", 700),
    ]
    result = ResultSet(
        ("error_code", "error_title", "messages"), ("VARCHAR", "VARCHAR", "BIGINT"), counts
    )
    request = PanelRequest(Filters(), EVERYTHING, datetime.now(UTC))
    assert failures.shape(result, request).to_numpy().tolist() == [
        ["retry", "131049", "withheld", 3],
        ["retry", "130429", None, 2],
        ["retry", "131056", "pace", 2],
        ["fix_number", "131026", "gone", 50],
        ["stop", "131050", "stopped", 700],
        ["other", "999", "x", 900],
        [None, None, None, 800],
    ]
