"""When the server does not answer as it should: the page says so, greys its numbers, asks again."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Route

from tests.browser.conftest import (
    ALL_PANELS,
    ANSWERS,
    CALLS,
    WAIT_MS,
    Served,
    Visit,
    asks_panels,
    expected,
    hold_calls,
    violations,
)

SAID = (
    "O servidor não responde como deveria: exibindo os últimos números recebidos. Tentando de novo…"
)
FIRST = "O servidor não responde como deveria. Tentando de novo…"
#: What a query may take, 30 s, and the way to the server and back.
LIMIT_MS = 40_000
#: How long a panel waits for an answer before it turns grey.
LATE_MS = 2_000
SIGN_IN = "<!doctype html><title>Sign in</title><form>Sign in</form>"
JSON = "application/json"

Answer = Callable[[Route], None]


def body(content: str, content_type: str = JSON, status: int = 200) -> Answer:
    return lambda route: route.fulfill(status=status, body=content, content_type=content_type)


def redirect(route: Route) -> None:
    route.fulfill(status=302, headers={"Location": "/sign-in"})


def cut(route: Route) -> None:
    answer = route.fetch()
    text = answer.text()
    route.fulfill(status=200, body=text[: len(text) // 2], content_type=JSON)


WRONG: dict[str, Answer] = {
    "no server": lambda route: route.abort(),
    "connection reset": lambda route: route.abort("connectionreset"),
    "stopped": lambda route: route.abort("aborted"),
    "an error": body("Internal Server Error", "text/plain", 500),
    "a proxy without a server": body("Bad Gateway", "text/plain", 502),
    "a server that is full": body("{}", JSON, 503),
    "not signed in": body('{"error": {}}', JSON, 401),
    "forbidden": body(SIGN_IN, "text/html", 403),
    "too many": body("", "text/plain", 429),
    "a bad question": body("{}", JSON, 400),
    "a page to sign in at": body(SIGN_IN, "text/html"),
    "the same, said to be JSON": body(SIGN_IN),
    "a redirect to one": redirect,
    "nothing": body(""),
    "an empty object": body("{}"),
    "null": body("null"),
    "a list": body("[]"),
    "an answer with nothing in it": body('{"multi": true, "response": {}}'),
    "null in an answer": body('{"multi": true, "response": null}'),
    "an answer to something else": body('{"multi": true, "response": {"x": {"data": 1}}}'),
    "half of an answer": cut,
    "nothing has changed": body("", status=204),
}


def is_told(visit: Visit, *, told: bool = True) -> None:
    """Wait until the sentence is seen, or not; the numbers are grey as long as it is."""
    state = "visible" if told else "hidden"
    visit.page.get_by_text(SAID).wait_for(state=state, timeout=WAIT_MS)
    grey = visit.page.evaluate("getComputedStyle(document.querySelector('.panels')).filter")
    assert grey == ("grayscale(1)" if told else "none")


def never(_route: Route) -> None:
    """No answer, for as long as the page is there."""


def grey_panels(visit: Visit) -> list[str]:
    """The panels that are grey by themselves, by name."""
    found: list[str] = visit.page.evaluate(
        """() => [...document.querySelectorAll('.panel')]
          .filter((panel) => getComputedStyle(panel).filter === 'grayscale(1)')
          .map((panel) => panel.id.replace('panel-', '')).sort()"""
    )
    return found


@pytest.mark.clock
def test_an_answer_that_never_comes_is_a_failure(visit: Visit, served: Served) -> None:
    visit.page.clock.install()
    visit.open(kind="hsm")
    before = expected(served.oracle, kind=["hsm"])
    visit.page.route(CALLS, never)
    with visit.page.expect_request(asks_panels):
        visit.page.click("text=Limpar filtros")
    visit.page.clock.fast_forward(LIMIT_MS - 5_000)
    assert not visit.page.locator("#lost-note").is_visible()
    visit.page.clock.fast_forward(6_000)
    is_told(visit)
    visit.shows(before)

    visit.page.unroute(CALLS)
    visit.page.clock.fast_forward(10_000)
    visit.shows(expected(served.oracle))
    is_told(visit, told=False)
    visit.errors.clear()


@pytest.mark.clock
def test_a_panel_is_grey_while_it_waits_for_another_question(visit: Visit, served: Served) -> None:
    visit.page.clock.install()
    visit.open(kind="hsm")
    held = hold_calls(visit.page, asks_panels)
    began: int = visit.page.evaluate("Date.now()")
    with visit.page.expect_request(asks_panels):
        visit.page.click("text=Limpar filtros")
    visit.page.clock.fast_forward(1_000)
    # Time also passes by itself; a busy machine may be beyond the limit already.
    is_early = not grey_panels(visit)
    assert is_early or visit.page.evaluate("Date.now()") - began >= LATE_MS
    visit.page.clock.fast_forward(2_000)
    assert grey_panels(visit) == ALL_PANELS
    assert not visit.page.locator("#lost-note").is_visible()

    held[0].continue_()
    visit.shows(expected(served.oracle))
    assert grey_panels(visit) == []


def test_a_page_without_numbers_speaks_of_none(visit: Visit, served: Served) -> None:
    visit.page.route(CALLS, WRONG["an error"])
    visit.page.goto(visit.home)
    visit.page.get_by_text(FIRST).wait_for(timeout=WAIT_MS)
    assert visit.page.locator("#lost-note").inner_text() == FIRST
    visit.page.unroute(CALLS)
    visit.settle()
    visit.shows(expected(served.oracle))
    visit.errors.clear()


@pytest.mark.parametrize("query", [{"start": "nonsense"}, {"kind": "nonsense"}])
def test_a_filter_that_nobody_takes_is_no_failure_of_the_server(
    visit: Visit, query: dict[str, str]
) -> None:
    visit.page.goto(f"{visit.home}/?{urlencode(query)}")
    visit.page.locator(".alert-box").wait_for(timeout=WAIT_MS)
    visit.rest()
    assert not visit.page.locator("#lost-note").is_visible()


#: The colours of what is written with digits in the panels, beside what opens over them.
COLOURS = """() => {
  const found = new Set();
  const walker = document.createTreeWalker(document.getElementById('panels'), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (!/\\d/.test(walker.currentNode.data) || !parent.checkVisibility()) continue;
    if (parent.closest('.tip-text, .menu-body, style')) continue;
    const style = getComputedStyle(parent);
    found.add(parent instanceof SVGElement ? style.fill : style.color);
  }
  return [...found];
}"""
QUIET = "rgb(91, 102, 117)"


def test_every_number_is_quiet_while_the_server_is_away(visit: Visit) -> None:
    visit.open(kind="hsm")
    assert len(visit.page.evaluate(COLOURS)) > 1
    visit.page.route(CALLS, WRONG["an error"])
    visit.page.click("text=Limpar filtros")
    is_told(visit)
    assert visit.page.evaluate(COLOURS) == [QUIET]
    assert violations(visit.page) == []

    # All calls have ended, so that none complains after the errors are cleared.
    visit.page.unroute(CALLS)
    is_told(visit, told=False)
    visit.errors.clear()


@pytest.mark.parametrize("answer", ["no server", "an error", "a page to sign in at"])
def test_a_server_that_does_not_answer_is_told_of_and_asked_again(
    visit: Visit, served: Served, answer: str
) -> None:
    visit.open(kind="hsm")
    before = expected(served.oracle, kind=["hsm"])
    visit.page.route(CALLS, WRONG[answer])
    visit.page.click("text=Limpar filtros")
    is_told(visit)
    visit.shows(before)
    assert violations(visit.page) == []

    visit.page.unroute(CALLS)
    visit.shows(expected(served.oracle))
    is_told(visit, told=False)
    # What browsers say of a call that failed is no fault of the page.
    visit.errors.clear()


def test_whatever_is_no_answer_is_a_failure(visit: Visit, served: Served) -> None:
    visit.page.route("**/sign-in", body(SIGN_IN, "text/html"))
    visit.open()
    for name, answer in WRONG.items():
        before = visit.page.locator(".indicator .card-value").all_inner_texts()
        # The answer of the round before may have come, and what is kept asks nobody.
        visit.page.evaluate("consumo.require('./answer_cache').forgetAnswers()")
        visit.page.route(CALLS, answer)
        visit.page.click(".period-button")
        visit.page.click('[data-action="preset"][data-value="all"]')
        is_told(visit)
        shown = visit.page.locator(".indicator .card-value").all_inner_texts()
        assert shown == before, name

        visit.page.unroute(CALLS)
        visit.page.go_back()
        is_told(visit, told=False)
        visit.shows(expected(served.oracle))
    visit.errors.clear()


def test_the_last_question_is_the_one_that_is_asked_again(visit: Visit, served: Served) -> None:
    visit.open(kind="hsm", direction="out")
    visit.page.route(CALLS, WRONG["an error"])
    visit.page.click("[aria-label='Remover HSM/WApp: HSM']")
    is_told(visit)
    visit.page.click("[aria-label='Remover Origem: Enviada']")
    visit.page.wait_for_url(visit.home + "/")
    visit.page.unroute(CALLS)
    visit.shows(expected(served.oracle))
    is_told(visit, told=False)
    visit.errors.clear()


def open_person(visit: Visit) -> None:
    visit.page.click("#filter-person")


def press_case(visit: Visit) -> None:
    visit.page.locator('#details-table td[data-dash-column="case_number"]').first.click()


def clear(visit: Visit) -> None:
    visit.page.click("text=Limpar filtros")


@pytest.mark.parametrize(
    ("output", "act", "seen"),
    [
        (ANSWERS, clear, "#details-total"),
        ("filter-person-found.data", open_person, ".dash-dropdown-option"),
        ("timeline-body.content", press_case, "#timeline-body ol"),
        ("newer-status.data", lambda visit: None, "#details-total"),
    ],
)
def test_each_call_counts_by_itself(
    visit: Visit, output: str, act: Callable[[Visit], None], seen: str
) -> None:
    def refuse(route: Route) -> None:
        wanted = (route.request.post_data_json or {})["output"].lstrip(".")
        if wanted.startswith(output):
            route.fulfill(status=200, body=SIGN_IN, content_type="text/html")
        else:
            route.continue_()

    visit.open(kind="hsm")
    visit.page.route(CALLS, refuse)
    act(visit)
    is_told(visit)
    visit.page.unroute(CALLS)
    is_told(visit, told=False)
    visit.page.locator(seen).first.wait_for(state="visible", timeout=WAIT_MS)
    visit.errors.clear()


@pytest.mark.parametrize("address", ["_dash-layout", "_dash-dependencies"])
def test_a_page_that_does_not_come_is_asked_for_again(
    visit: Visit, served: Served, address: str
) -> None:
    visit.page.route(f"**/{address}", body(SIGN_IN, "text/html"))
    visit.page.goto(f"{visit.home}/?lang=es")
    said = visit.page.get_by_text("El servidor no responde como debería. Reintentando…")
    said.wait_for(timeout=WAIT_MS)
    visit.page.unroute(f"**/{address}")
    visit.settle()
    assert not said.is_visible()
    visit.shows(expected(served.oracle))
    visit.errors.clear()


@pytest.mark.parametrize("content", ["null", "{}", '{"state": "constructor"}', SIGN_IN])
def test_the_progress_of_a_download_is_asked_for_again(visit: Visit, content: str) -> None:
    visit.open()
    visit.page.route("**/export/progress/**", body(content))
    with visit.page.expect_download():
        visit.page.click("#details-xlsx")
    said = visit.page.locator("#downloads .download")
    said.get_by_text("XLSX: o servidor não responde. Tentando de novo…").wait_for(timeout=WAIT_MS)
    visit.page.unroute("**/export/progress/**")
    said.get_by_text("XLSX: pronto").wait_for(timeout=WAIT_MS)
