"""One question, one answer: which answers are painted, which are kept, and which come later."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Response

from app.factory import create_app
from app.settings import Settings
from components.locale import Locale
from components.panels import PANELS
from components.panels.view import Panel, PanelView
from queries.reader import Answer
from tests.browser.conftest import (
    ALL_PANELS,
    CALLS,
    WAIT_MS,
    Served,
    Visit,
    asks_panels,
    expected,
    hold_calls,
    import_one_message,
    in_process,
    numbers,
    serving,
    watched,
)
from tests.browser.data import rows
from tests.panels import panel_of
from tests.services import import_rows

AUTUMN = {"start": "2026-09-01", "end": "2026-12-31"}


def is_answer(response: Response) -> bool:
    return asks_panels(response.request)


def choose_preset(visit: Visit, preset: str) -> None:
    visit.page.click(".period-button")
    visit.page.click(f'[data-action="preset"][data-value="{preset}"]')


# --- the order of answers -------------------------------------------------------------------------


def test_an_older_answer_never_paints_over_a_newer_one(visit: Visit, served: Served) -> None:
    """The first question's answer is held until that to the second has been painted."""
    visit.open(**AUTUMN)
    held = hold_calls(visit.page, asks_panels, most=1)
    with visit.page.expect_request(CALLS):
        visit.choose("direction", "in")
    visit.choose("direction", "in", "out")  # the first press takes it away
    newer = {**AUTUMN, "direction": ["out"]}
    visit.shows(expected(served.oracle, **newer))
    assert held
    with visit.page.expect_response(is_answer):
        held[0].continue_()
    visit.page.evaluate("() => new Promise((on) => setTimeout(on, 100))")
    assert numbers(visit.page) == expected(served.oracle, **newer)


def test_an_older_answer_to_somebody_else_is_not_kept(visit: Visit, served: Served) -> None:
    """It comes after one to the present reader: what it says is asked for again."""
    visit.open(**AUTUMN)
    held = hold_calls(visit.page, asks_panels, most=1)
    with visit.page.expect_request(asks_panels):
        visit.choose("direction", "in")
    visit.choose("direction", "in", "out")
    outgoing = expected(served.oracle, **AUTUMN, direction=["out"])
    visit.shows(outgoing)
    body = held[0].fetch().json()
    answer = json.loads(body["response"]["answers"]["data"])
    body["response"]["answers"]["data"] = json.dumps({**answer, "seen": "somebody else"})
    with visit.page.expect_response(is_answer):
        held[0].fulfill(json=body)
    visit.quiet()
    visit.forget_calls()
    visit.choose("direction", "out")
    visit.shows(expected(served.oracle, **AUTUMN))
    assert visit.panel_calls() == [], "what the present reader was told is kept"
    visit.choose("direction", "in")
    visit.shows(expected(served.oracle, **AUTUMN, direction=["in"]))
    assert sorted(visit.panel_calls()) == ALL_PANELS


def test_the_answer_of_a_question_that_was_taken_back_is_not_painted(
    visit: Visit, served: Served
) -> None:
    """Back shows what is kept, and asks nobody; then the answer comes that nobody waits for."""
    visit.open(**AUTUMN)
    before = numbers(visit.page)
    held = hold_calls(visit.page, asks_panels)
    with visit.page.expect_request(asks_panels):
        visit.choose("direction", "in")
    # The press asks before the address has its entry in the history.
    visit.page.locator(".chip").wait_for(timeout=WAIT_MS)
    visit.page.go_back()
    visit.page.wait_for_function("() => !document.querySelector('.chip')", timeout=WAIT_MS)
    with visit.page.expect_response(is_answer):
        held[0].continue_()
    visit.settle()
    assert numbers(visit.page) == before
    visit.page.unroute(CALLS)
    visit.forget_calls()
    # It was kept all the same.
    visit.page.go_forward()
    visit.shows(expected(served.oracle, **AUTUMN, direction=["in"]))
    assert visit.panel_calls() == []


# --- answers that are there already ---------------------------------------------------------------


def test_what_was_answered_before_asks_nobody(visit: Visit, served: Served) -> None:
    """Back and forward, a filter that is set and taken away, the table's pages."""
    visit.open(**AUTUMN)
    plain, incoming = expected(served.oracle, **AUTUMN), {**AUTUMN, "direction": ["in"]}
    visit.choose("direction", "in")
    visit.shows(expected(served.oracle, **incoming))
    visit.settle()
    visit.forget_calls()
    visit.page.go_back()
    visit.shows(plain)
    visit.page.go_forward()
    visit.shows(expected(served.oracle, **incoming))
    visit.page.click('.chip-remove[data-name="direction"]')
    visit.shows(plain)
    assert visit.panel_calls(near=True) == []

    # Else the page may scroll past a panel that is asked for when it comes near.
    visit.settle()
    visit.page.click("#details-table button.next-page")
    visit.says("#details-range", "21\u2013")
    assert visit.panel_calls(near=True) == ["details"]
    visit.page.click("#details-table button.previous-page")
    visit.says("#details-range", "1\u2013")
    assert visit.panel_calls(near=True) == ["details"]


def test_graphs_that_are_put_back_can_be_pressed(visit: Visit, served: Served) -> None:
    visit.open(**AUTUMN)
    visit.choose("direction", "in")
    visit.shows(expected(served.oracle, **AUTUMN, direction=["in"]))
    visit.settle()
    visit.page.go_back()
    visit.shows(expected(served.oracle, **AUTUMN))
    visit.page.locator("#messages-by-status-graph .bars .point path").nth(3).click(force=True)
    visit.shows(expected(served.oracle, **AUTUMN, status=["read"], direction=["out"]))


@in_process
def test_a_kept_answer_is_never_one_of_older_data(visit_here: Visit, tmp_path: Path) -> None:
    visit_here.open(**AUTUMN)
    before = numbers(visit_here.page)
    choose_preset(visit_here, "all")
    visit_here.page.wait_for_url("**period=all")
    visit_here.settle()
    import_one_message(tmp_path)
    visit_here.page.wait_for_selector("#news > span:not([hidden])", timeout=WAIT_MS)
    visit_here.settle()
    visit_here.page.go_back()
    visit_here.shows({**before, **one_more(before)})


def one_more(before: dict[str, int]) -> dict[str, int]:
    """The numbers that one more outgoing message raises by one."""
    names = ("sent", "messages by status", "messages", "rows")
    return {name: before[name] + 1 for name in names}


@pytest.mark.clock
@in_process
def test_an_answer_of_newer_data_asks_for_the_news(visit_here: Visit, tmp_path: Path) -> None:
    """The page learns from an answer that there is newer data, before it would have asked."""
    visit_here.page.clock.install()
    visit_here.open(**AUTUMN)
    before = numbers(visit_here.page)
    visit_here.stop_clock()
    import_one_message(tmp_path)
    visit_here.page.clock.resume()
    visit_here.choose("direction", "out")
    visit_here.page.click('.chip-remove[data-name="direction"]')
    visit_here.shows({**before, **one_more(before)})
    assert any(output.startswith("..newer-status.data") for output in visit_here.updates)


# --- a panel that takes long, and one that fails --------------------------------------------------


class Slow:
    """A panel whose view takes as long as a test lets it."""

    def __init__(self, panel: Panel) -> None:
        self._view = panel.view
        self.may_end = threading.Event()
        self.may_end.set()
        self.panel = replace(panel, view=self.view)

    def view(self, answer: Answer, locale: Locale) -> PanelView:
        assert self.may_end.wait(WAIT_MS / 1_000)
        return self._view(answer, locale)


@pytest.fixture
def slow() -> Iterator[Slow]:
    made = Slow(panel_of("cases"))
    yield made
    made.may_end.set()


def page_with(panel: Panel, folder: Path) -> Any:
    panels = [panel if one.slug == panel.slug else one for one in PANELS]
    return serving(create_app(Settings(store_url=import_rows(folder, *rows())), panels=panels))


@in_process
def test_a_slow_panel_holds_nobody_up(
    tabs: BrowserContext,
    tmp_path: Path,
    served: Served,
    slow: Slow,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The others are painted; it comes in a second answer, and its line moves meanwhile."""
    # So long that on a busy machine no other panel is late.
    monkeypatch.setattr("callbacks.panels.PATIENCE_SECONDS", 3.0)
    with page_with(slow.panel, tmp_path) as url, watched(tabs, url) as visit:
        visit.open(**AUTUMN)
        before = numbers(visit.page)
        visit.forget_calls()
        slow.may_end.clear()
        visit.choose("direction", "out")
        wanted = expected(served.oracle, **AUTUMN, direction=["out"])
        others = {name: wanted[name] for name in wanted if name not in ("created", "attended")}
        visit.shows({**wanted, "created": before["created"], "attended": before["attended"]})
        assert {name: numbers(visit.page)[name] for name in others} == others
        visit.page.wait_for_selector("#panel-cases[data-slow]", timeout=WAIT_MS)
        assert visit.page.locator(".panel[data-slow]").count() == 1
        slow.may_end.set()
        visit.shows(wanted)
        visit.page.wait_for_selector("#panel-cases:not([data-slow])", timeout=WAIT_MS)
        assert sorted(visit.panel_calls()) == ALL_PANELS
        # Others may be late too on a busy machine.
        again = [question["parts"] for question in visit.questions if question["waits"]]
        assert "cases" in again[-1]


def test_the_line_of_a_panel_that_waits_moves_by_transform_only(visit: Visit) -> None:
    """So that it costs neither layout nor paint while the server works."""
    visit.open()
    moved: list[str] = visit.page.evaluate(
        """() => {
          const card = document.getElementById('panel-cases');
          card.dataset.slow = '';
          const found = card.getAnimations({ subtree: true })
            .filter((one) => one.effect.pseudoElement === '::before')
            .flatMap((one) => one.effect.getKeyframes())
            .flatMap(Object.keys);
          delete card.dataset.slow;
          return [...new Set(found)].sort();
        }"""
    )
    assert set(moved) - {"offset", "computedOffset", "easing", "composite"} == {
        "opacity",
        "transform",
    }
