"""The page's first question: one for all panels, sent before Dash has started."""

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, Request, Route

from tests.browser.conftest import (
    ANSWERS,
    CALLS,
    WAIT_MS,
    Served,
    Visit,
    asks_panels,
    expected,
    hold_calls,
    watched,
)

PERIOD = {"start": "2026-09-01", "end": "2026-12-31"}


def asked(visit: Visit) -> list[dict[str, Any]]:
    """Note the questions to the panels that the page sends from here on.

    Not that for panels that take long, as they may on a busy machine.
    """
    sent: list[dict[str, Any]] = []

    def note(request: Request) -> None:
        body = request.post_data_json if "_dash-update-component" in request.url else None
        if not body or body["output"] != ANSWERS:
            return
        question = body["inputs"][0]["value"]
        if not question["waits"]:
            sent.append(question)

    visit.page.on("request", note)
    return sent


@pytest.mark.parametrize(
    ("query", "raw", "table"),
    [
        ({}, {}, {}),
        ({"period": "all", "basis": "opened"}, {"period": ["all"], "basis": ["opened"]}, {}),
        (
            {**PERIOD, "channel": "WhatsApp", "sort": "-sent_at", "page_size": "50"},
            {"start": ["2026-09-01"], "end": ["2026-12-31"], "channel": ["WhatsApp"]},
            {"sort": ["-sent_at"], "page_size": ["50"]},
        ),
        ({"where.template": "a", "theme": "dark", "lang": "es"}, {}, {"where.template": ["a"]}),
        ({"status": "x" * 9}, {"status": ["x" * 9]}, {}),
        ({"start": "2026-09-01", "end": "2026"}, {"start": ["2026-09-01"], "end": ["2026"]}, {}),
        ({"columns": "nothing"}, {}, {"columns": ["nothing"]}),
    ],
    ids=str,
)
def test_a_page_asks_one_question(
    visit: Visit, query: dict[str, str], raw: dict[str, Any], table: dict[str, Any]
) -> None:
    sent = asked(visit)
    visit.page.goto(
        f"{visit.home}/?" + "&".join(f"{name}={value}" for name, value in query.items())
    )
    visit.page.wait_for_function(
        "() => document.querySelector('[data-answer], .alert-box')", timeout=WAIT_MS
    )
    visit.rest()
    visit.page.wait_for_timeout(300)  # Dash has started, and asks nothing of its own
    assert len(sent) == 1, sent
    if "period" in raw:  # a preset is sent as its days
        raw = {name: value for name, value in raw.items() if name != "period"}
        assert {"start", "end"} <= sent[0]["raw"].keys()
        raw |= {name: sent[0]["raw"][name] for name in ("start", "end")}
    assert sent[0]["raw"] == raw
    assert sent[0]["table"] == {"raw": table, "page": 0}


def test_the_numbers_are_those_of_the_address(visit: Visit, served: Served) -> None:
    query = {**PERIOD, "channel": "WhatsApp"}
    visit.open(**query, sort="-sent_at")
    visit.shows(expected(served.oracle, **query))


def test_it_is_asked_while_dash_is_on_its_way(browser: Browser, served: Served) -> None:
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    page.route("**/dash-renderer.*.js", lambda _unanswered: None)
    with page.expect_request(CALLS) as question:
        page.goto(f"{served.url}/?lang=es&channel=WhatsApp", wait_until="commit")
    assert question.value.headers["x-consumo-language"] == "es"
    assert question.value.post_data_json["inputs"][0]["value"]["raw"] == {"channel": ["WhatsApp"]}
    context.close()


def test_numbers_are_there_when_the_page_is_first_seen(browser: Browser, served: Served) -> None:
    """The layout is drawn late: then the first frame has the numbers."""
    context = browser.new_context(locale="en-US")
    with watched(context, served.url) as visit:
        held: list[Route] = []
        visit.page.add_init_script("""
          new MutationObserver((_, observer) => {
            if (!document.querySelector('.panel')) return;
            observer.disconnect();
            requestAnimationFrame(() => {
              window.firstSeen = document.querySelector('#indicators-cards .card-value')?.innerText;
            });
          }).observe(document, { childList: true, subtree: true });
        """)
        visit.page.route("**/deps/dash-renderer.*.js", lambda route: held.append(route))  # noqa: PLW0108 - Playwright takes no method of a list
        with visit.page.expect_response(CALLS):
            visit.page.goto(visit.home, wait_until="commit")
        held[0].continue_()
        visit.settle()
        messages = expected(served.oracle)["messages"]
        assert visit.page.evaluate("window.firstSeen.replace(/\\D/g, '')") == str(messages)
    context.close()


@pytest.mark.parametrize("failure", ["no server", "an error", "no answer of a callback"])
def test_where_no_answer_comes_dash_asks(visit: Visit, served: Served, failure: str) -> None:
    def fail(route: Route) -> None:
        if failure == "no server":
            route.abort()
        elif failure == "an error":
            route.fulfill(status=500)
        else:
            route.fulfill(status=200, body="{}", content_type="application/json")

    visit.page.route(CALLS, fail, times=1)
    sent = asked(visit)
    visit.open(channel="WhatsApp")
    visit.shows(expected(served.oracle, channel="WhatsApp"))
    assert [question["raw"] for question in sent] == 2 * [{"channel": ["WhatsApp"]}]
    # The browser tells of each failure by itself.
    visit.errors[:] = [error for error in visit.errors if "Failed to load resource" not in error]


def test_what_the_first_answer_lacks_is_asked_when_dash_has_started(
    visit: Visit, served: Served
) -> None:
    """Dash misses a question that is made before it has started."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    def cut(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        parts = json.loads(body["response"]["answers"]["data"])
        for slug in ("cases", "details"):
            del parts["parts"][slug]
        parts["late"] = ["cases", "details"]
        body["response"]["answers"]["data"] = json.dumps(parts)
        route.fulfill(response=answer, json=body)

    late: list[dict[str, Any]] = []

    def note(request: Request) -> None:
        body = request.post_data_json if "_dash-update-component" in request.url else None
        if body and body["output"] == ANSWERS and body["inputs"][0]["value"]["waits"]:
            late.append(body["inputs"][0]["value"])

    visit.page.on("request", note)
    visit.page.route(CALLS, cut, times=1)
    visit.page.route("**/deps/dash-renderer.*.js", hold)
    with visit.page.expect_response(CALLS):
        visit.page.goto(visit.home, wait_until="commit")
    held[0].continue_()
    visit.settle()
    visit.shows(expected(served.oracle))
    assert [question["parts"] for question in late] == [["cases", "details"]]


@pytest.mark.clock
def test_a_first_question_that_is_never_answered_is_asked_again(
    visit: Visit, served: Served
) -> None:
    """After the time of a query and the way: 40 s."""
    visit.page.clock.install()
    held = hold_calls(visit.page, asks_panels, most=1)
    visit.page.goto(visit.home)
    visit.page.wait_for_selector("#details-table", state="attached", timeout=WAIT_MS)
    assert held
    # Well before the next minute, which asks for who waits.
    with visit.page.expect_request(asks_panels, timeout=8_000):
        visit.page.clock.fast_forward(41_000)
    visit.shows(expected(served.oracle))
    visit.errors.clear()  # what the browser says of the call that was given up
