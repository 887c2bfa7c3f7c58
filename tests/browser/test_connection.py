"""When the server does not answer: the page says so, keeps its numbers, and asks again itself."""

import pytest
from playwright.sync_api import Route

from tests.browser.conftest import WAIT_MS, Served, Visit, expected

CALLS = "**/_dash-update-component*"


def gone(route: Route) -> None:
    route.abort()


def away(route: Route) -> None:
    route.fulfill(status=502, body="Bad Gateway")


@pytest.mark.parametrize("answer", [gone, away], ids=["no server", "a proxy without one"])
def test_a_server_that_is_away_is_told_of_and_asked_again(
    visit: Visit, served: Served, answer: object
) -> None:
    visit.open(kind="hsm")
    before = expected(served.oracle, kind=["hsm"])
    visit.page.route(CALLS, answer)  # type: ignore[arg-type]
    visit.page.click("text=Limpar filtros")
    note = visit.page.get_by_text("Sem conexão com o servidor")
    note.wait_for(timeout=WAIT_MS)
    visit.shows(before)

    visit.page.unroute(CALLS)
    visit.shows(expected(served.oracle))
    note.wait_for(state="hidden", timeout=WAIT_MS)
    # What browsers say of a call that failed is no fault of the page.
    visit.errors.clear()
