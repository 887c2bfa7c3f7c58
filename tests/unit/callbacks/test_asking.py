"""What the browser asks: stores of the page as filters and requests, whatever they hold."""

from typing import Any

import pytest

from callbacks import asking
from components import ids
from queries.errors import FilterError
from queries.filters import Basis
from queries.table_request import TableRequest
from queries.user_scope import EVERYTHING
from tests.panels import panel_of

APPLIED = f"{ids.APPLIED}.data"
PAGE = f"{ids.TABLE}.page_current"
RETRY = f"{ids.retry(ids.DETAILS)}.n_clicks"
ORDER = f"{ids.TABLE_QUESTION}.data"


def refusal(ask: Any, *given: Any) -> str:
    with pytest.raises(FilterError) as caught:
        ask(*given)
    return caught.value.code


def test_a_store_holds_the_filters() -> None:
    filters = asking.filters_of({"raw": {"basis": ["opened"], "team": ["b", "a"]}, "reason": "x"})
    assert (filters.basis, filters.team) == (Basis.OPENED, ("a", "b"))


@pytest.mark.parametrize("store", [None, [], "raw", 7, {}, {"raw": None}, {"raw": {1: "x"}}])
def test_a_forged_store_is_refused(store: object) -> None:
    assert refusal(asking.raw_question, store) == "wrong_type"


@pytest.mark.parametrize("chosen", [None, "", "soon", 3, ["expired"], {"window": "expired"}])
def test_a_choice_that_is_no_code_leaves_all_rows(chosen: object) -> None:
    choice = {"code": chosen, "more": chosen, "order": chosen}
    request = asking.list_request(panel_of("waiting"), choice, {"raw": {}})
    assert request == TableRequest(page_size=20)


def test_a_choice_narrows_a_list() -> None:
    request = asking.list_request(panel_of("waiting"), {"code": "under_2h"})
    assert request == TableRequest(where=(("window", "under_2h"),), page_size=20)
    assert asking.list_request(panel_of("failures"), {"code": "under_2h"}).where == ()


@pytest.mark.parametrize(
    ("rows", "shown"), [(70, 70), (3, 20), ("70", 20), (-1, 20), (10**9, asking.MAX_LIST_ROWS)]
)
def test_more_rows_of_a_list_are_shown_until_the_filters_change(rows: object, shown: int) -> None:
    more = {"rows": rows, "raw": {"team": ["a"]}}
    panel, same = panel_of("waiting"), {"raw": {"team": ["a"]}}
    assert asking.list_request(panel, {"more": more}, same).page_size == shown
    assert asking.list_request(panel, {"more": more}, {"raw": {}}).page_size == 20


def test_the_table_is_asked_for_with_its_order_and_page() -> None:
    raw = {"sort": "-sent_at", "where.team": "x", "page_size": "50", "page": 3}
    request, error = asking.table_request(raw, EVERYTHING)
    assert request == TableRequest("-sent_at", (("team", "x"),), 3, 50)
    assert error is None


@pytest.mark.parametrize(
    ("wrong", "code"),
    [({"page_size": "7"}, "bad_value"), ({"columns": "x"}, "unknown_column")],
)
def test_wrong_looks_change_no_rows(wrong: dict[str, str], code: str) -> None:
    request, error = asking.table_request({"sort": "team", **wrong}, EVERYTHING)
    assert request == TableRequest("team")
    assert error
    assert error.code == code


def test_a_wrong_order_is_refused() -> None:
    assert refusal(asking.table_request, {"sort": "x"}, EVERYTHING) == "unknown_column"
    assert refusal(asking.table_request, {"page": -1}, EVERYTHING) == "bad_number"


@pytest.mark.parametrize(
    ("triggers", "reason", "keeps"),
    [
        ([PAGE], "filters", True),
        ([RETRY], "filters", True),
        ([], "filters", True),
        ([APPLIED], "data", True),
        ([APPLIED, PAGE], "data", True),
        ([APPLIED], "filters", False),
        ([ORDER], "data", False),
        ([ORDER, APPLIED], "data", False),
        ([ORDER, PAGE], "filters", False),
    ],
)
def test_when_the_reader_stays_on_the_page(
    triggers: list[str], reason: str, *, keeps: bool
) -> None:
    assert asking.keeps_page({"reason": reason}, triggers) is keeps
