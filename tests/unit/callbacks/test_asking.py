"""What the browser asks: stores of the page as filters and requests, whatever they hold."""

from typing import Any

import pytest

from callbacks import asking
from callbacks.asking import PageQuestion
from queries.errors import FilterError
from queries.filters import Basis
from queries.table_request import TableRequest
from queries.user_scope import EVERYTHING
from tests.panels import panel_of

PANELS = {slug: panel_of(slug) for slug in ("details", "waiting", "cases")}


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


def asked(**given: object) -> PageQuestion:
    """The question of a page that asks for every panel, changed by ``given``."""
    question = {"raw": {}, "table": {"raw": {}, "page": 0}, "choices": {}, "parts": list(PANELS)}
    return asking.page_question({**question, **given}, PANELS, EVERYTHING)


def test_a_question_asks_the_panels_that_it_names() -> None:
    assert asked().parts == ("details", "waiting", "cases")
    assert asked(parts=["cases", "no such panel"]).parts == ("cases",)
    assert asked(parts="cases").parts == ()
    assert set(asked(parts=["cases"]).requests) == {"cases"}


def test_a_question_has_the_choice_of_each_list_and_the_page_of_the_table() -> None:
    question = asked(
        choices={"waiting": {"code": "under_2h"}, "cases": 3},
        table={"raw": {"sort": "seq"}, "page": 2},
    )
    assert question.requests["waiting"].where == (("window", "under_2h"),)
    assert question.requests["details"] == TableRequest("seq", page=2)
    assert question.wrong is None


def test_a_wrong_table_leaves_the_other_panels() -> None:
    question = asked(table={"raw": {"sort": "x"}, "page": 0})
    assert set(question.requests) == {"waiting", "cases"}
    assert question.wrong
    assert question.wrong.code == "unknown_column"
    assert "details" in asked(table={"raw": {"page_size": "7"}, "page": 0}).requests


@pytest.mark.parametrize("store", [None, [], "raw", {}, {"raw": 1}, {"raw": {"start": ["x"]}}])
def test_a_question_without_usable_filters_is_refused(store: object) -> None:
    assert refusal(asking.page_question, store, PANELS, EVERYTHING)


@pytest.mark.parametrize("table", [None, 7, {}, {"raw": []}, {"raw": {}, "page": "x"}])
def test_a_forged_table_is_wrong(table: object) -> None:
    assert asked(table=table).wrong


@pytest.mark.parametrize(("waits", "said"), [(True, True), (1, False), (None, False)])
def test_only_a_late_question_waits(waits: object, *, said: bool) -> None:
    assert asked(waits=waits).waits is said
