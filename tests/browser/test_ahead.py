"""Asking in advance for what a pointer rests on: counted, bounded, never shown before a choice."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Locator, Page, Request, Route

from app.factory import create_app
from app.settings import Settings
from callbacks import panels
from components import ids
from tests.ahead_questions import ask, counts
from tests.browser.conftest import (
    ALL_PANELS,
    WAIT_MS,
    Visit,
    expected,
    hold_calls,
    import_one_message,
    in_process,
    numbers,
    output_of,
    serving,
    watched,
)
from tests.browser.data import rows
from tests.oracle.oracle import Oracle
from tests.services import import_rows

pytestmark = in_process

AHEAD, ASKED = f"{ids.AHEAD_ANSWERS}.data", f"{ids.ANSWERS}.data"
WIDE = {"start": "2026-09-01", "end": "2026-12-31"}
NEXT = "#details-table button.next-page"
#: So many answers let any test's questions in advance be less than a quarter.
MANY = 300


@dataclass
class Ahead:
    """A tab on a server of its own, whose page asks in advance.

    ``ahead`` and ``asked`` have the questions in advance and the usual ones, ``dropped`` those in
    advance that the page broke off, ``given`` the answers in advance.
    """

    visit: Visit
    app: Flask
    folder: Path
    oracle: Oracle
    ahead: list[dict[str, Any]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    dropped: list[dict[str, Any]] = field(default_factory=list)
    given: list[dict[str, Any]] = field(default_factory=list)

    def watch(self) -> None:
        page = self.visit.page
        page.on("request", self._on_request)
        page.on("requestfailed", lambda request: self._note(request, self.dropped))
        page.on("requestfinished", lambda request: self._note(request, self.given))

    def _on_request(self, request: Request) -> None:
        self._note(request, self.ahead)
        if output_of(request) == ASKED:
            self.asked.append(question_of(request))

    def _note(self, request: Request, noted: list[dict[str, Any]]) -> None:
        if output_of(request) == AHEAD:
            noted.append(question_of(request))

    def open(self, **query: str) -> None:
        """Open the page, and forget what it asked for."""
        self.visit.open(**query)
        self.asked.clear()

    def others_ask(self, panels: int = MANY) -> None:
        """Let another page be given so many answers that were asked for."""
        client = self.app.test_client()
        for _ in range(panels // 3):
            ask(client, "asked", ["cases", "templates", "details"])

    def wait_for(self, noted: list[dict[str, Any]], count: int = 1) -> None:
        """Wait until ``noted`` has ``count`` questions, and fail where there are more."""
        for _ in range(WAIT_MS // 50):
            if len(noted) >= count:
                break
            self.visit.page.wait_for_timeout(50)
        assert len(noted) == count

    def option(self, name: str, value: str) -> Locator:
        """Open the dropdown of a filter, and return one of its options."""
        self.visit.page.click(f"#filter-{name}")
        chosen = option_of(self.visit.page, value)
        chosen.wait_for()
        self.visit.rest()
        return chosen

    def rests_on(self, element: Locator) -> dict[str, Any]:
        """Rest on ``element`` until the server has answered in advance; return the question."""
        element.hover()
        self.wait_for(self.given)
        self.visit.rest()
        [question] = self.ahead
        return question

    def shown(self, **query: str | list[str]) -> dict[str, int]:
        """Return the numbers that the page must show for ``query``."""
        return expected(self.oracle, **query)


def option_of(page: Page, value: str) -> Locator:
    """Return the option of the open dropdown with this value."""
    return page.locator(f".dash-dropdown-option:has(input[value={json.dumps(value)}])").first


def question_of(request: Request) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(request.post_data or "")["inputs"][0]["value"]
    return found


@contextmanager
def asking_ahead(tabs: BrowserContext, folder: Path, **settings: Any) -> Iterator[Ahead]:
    case_rows, message_rows = rows()
    app = create_app(Settings(store_url=import_rows(folder, case_rows, message_rows), **settings))
    with serving(app) as url, watched(tabs, url, asks_ahead=True) as visit:
        tab = Ahead(visit, app, folder, Oracle(case_rows, message_rows))
        tab.watch()
        yield tab


@pytest.fixture(autouse=True)
def _no_panel_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine some would come in a second answer, as those that take long do."""
    monkeypatch.setattr(panels, "PATIENCE_SECONDS", 30.0)


@pytest.fixture
def tab(tabs: BrowserContext, tmp_path: Path) -> Iterator[Ahead]:
    """A tab whose server has answered others so often that it may answer in advance."""
    with asking_ahead(tabs, tmp_path) as tab:
        tab.others_ask()
        yield tab


def holding(tab: Ahead) -> list[Route]:
    """Hold the requests in advance from now on; return those that are held."""
    return hold_calls(tab.visit.page, lambda request: output_of(request) == AHEAD)


def held(tab: Ahead, routes: list[Route]) -> Route:
    """Wait for the one request that is held, and return it."""
    tab.wait_for(tab.ahead)
    tab.visit.page.wait_for_timeout(0)
    [route] = routes
    return route


# --- what is asked, and how often ---


def test_an_option_on_which_the_pointer_rests_is_asked_for_once(tab: Ahead) -> None:
    tab.open(**WIDE)
    before = numbers(tab.visit.page)
    question = tab.rests_on(tab.option("channel", "WhatsApp"))
    dates = {name: [day] for name, day in WIDE.items()}
    assert question["raw"] == {**dates, "channel": ["WhatsApp"]}
    assert sorted(question["parts"]) == ALL_PANELS
    assert tab.asked == []
    assert numbers(tab.visit.page) == before == tab.shown(**WIDE), "it is shown when it is chosen"


def test_a_choice_that_was_asked_for_is_shown_without_the_server(tab: Ahead) -> None:
    tab.open(**WIDE)
    option = tab.option("channel", "WhatsApp")
    tab.rests_on(option)
    option.click()
    tab.visit.shows(tab.shown(**WIDE, channel=["WhatsApp"]))
    tab.visit.rest()
    assert tab.asked == []
    assert len(tab.ahead) == 1


@pytest.mark.clock
def test_a_pointer_that_passes_by_asks_nothing(tab: Ahead) -> None:
    tab.visit.page.clock.install()
    tab.open(**WIDE)
    option = tab.option("channel", "WhatsApp")
    tab.visit.stop_clock()
    option.hover()
    tab.visit.page.clock.run_for(79)
    tab.visit.page.mouse.move(2, 2)
    tab.visit.page.clock.run_for(1_000)
    assert tab.ahead == []
    tab.visit.page.clock.resume()
    option.hover()
    tab.wait_for(tab.ahead)


def test_a_question_is_dropped_when_the_pointer_moves_on(tab: Ahead) -> None:
    tab.open(**WIDE)
    option = tab.option("channel", "WhatsApp")
    holding(tab)
    option.hover()
    tab.wait_for(tab.ahead)
    tab.visit.page.mouse.move(2, 2)
    tab.wait_for(tab.dropped)
    assert tab.dropped == tab.ahead


def test_one_question_at_a_time_is_on_its_way(tab: Ahead) -> None:
    """The next option is asked for when the one before has been dropped."""
    tab.open(**WIDE)
    first = tab.option("channel", "whatsapp vendas")
    holding(tab)
    first.hover()
    tab.wait_for(tab.ahead)
    option_of(tab.visit.page, "WHATSAPP {2}").hover()
    tab.wait_for(tab.ahead, 2)
    tab.wait_for(tab.dropped)
    assert tab.dropped == tab.ahead[:1]


def test_an_answer_that_is_chosen_on_its_way_is_waited_for(tab: Ahead) -> None:
    tab.open(**WIDE)
    option = tab.option("channel", "WhatsApp")
    routes = holding(tab)
    option.hover()
    route = held(tab, routes)
    option.click()
    tab.visit.page.wait_for_url("**channel=WhatsApp**")
    tab.visit.page.mouse.move(2, 2)
    route.continue_()
    tab.visit.shows(tab.shown(**WIDE, channel=["WhatsApp"]))
    tab.visit.rest()
    assert (tab.asked, tab.dropped) == ([], [])


def test_an_answer_that_is_chosen_and_lost_on_its_way_is_asked_for(tab: Ahead) -> None:
    tab.open(**WIDE)
    option = tab.option("channel", "WhatsApp")
    routes = holding(tab)
    option.hover()
    route = held(tab, routes)
    option.click()
    tab.visit.page.wait_for_url("**channel=WhatsApp**")
    route.fulfill(status=204)
    tab.visit.shows(tab.shown(**WIDE, channel=["WhatsApp"]))
    tab.visit.rest()
    assert [sorted(question["parts"]) for question in tab.asked] == [ALL_PANELS]


def test_another_choice_drops_what_is_on_its_way(tab: Ahead) -> None:
    tab.open(**WIDE)
    option = tab.option("channel", "WhatsApp")
    holding(tab)
    option.hover()
    tab.wait_for(tab.ahead)
    tab.visit.page.evaluate(
        """dash_clientside.set_props('filter-direction',
             {options: [{label: 'out', value: 'out'}], value: ['out']})"""
    )
    tab.visit.shows(tab.shown(**WIDE, direction=["out"]))
    tab.wait_for(tab.dropped)


# --- presets, pages, the keyboard ---


def test_a_preset_on_which_the_pointer_rests_is_asked_for(tab: Ahead) -> None:
    tab.open(**WIDE)
    tab.visit.page.click(".period-button")
    preset = tab.visit.page.locator("[data-value=all]")
    tab.rests_on(preset)
    preset.click()
    tab.visit.page.wait_for_url("**period=all**")
    tab.visit.shows(tab.shown(period="all"))
    tab.visit.rest()
    assert tab.asked == []


def test_another_basis_is_asked_for_with_its_own_period(tab: Ahead) -> None:
    tab.open()
    tab.visit.page.click("#filter-basis")
    basis = tab.visit.page.locator(".dash-dropdown-option", has_text="Abertura do caso")
    assert tab.rests_on(basis)["raw"] == {"basis": ["opened"]}
    basis.click()
    tab.visit.shows(tab.shown(basis="opened"))
    tab.visit.rest()
    assert tab.asked == []


def test_pages_of_the_table_are_asked_for_one_after_the_other(tab: Ahead) -> None:
    tab.open(**WIDE)
    button = tab.visit.page.locator(NEXT)
    question = tab.rests_on(button)
    assert (question["parts"], question["table"]["page"]) == (["details"], 1)
    assert tab.visit.page.inner_text("#details-range").startswith("1\u2013")
    button.click()
    tab.visit.says("#details-range", "21\u2013")
    # The pointer rests on the button of the page after it now.
    tab.wait_for(tab.ahead, 2)
    assert tab.ahead[1]["table"]["page"] == 2
    assert tab.asked == []


def test_a_page_button_that_leads_nowhere_asks_nothing(tab: Ahead) -> None:
    tab.open(**WIDE)
    tab.visit.page.locator("#details-table button.previous-page").hover(force=True)
    tab.visit.page.wait_for_timeout(300)
    assert tab.ahead == []


def test_the_focus_of_the_keyboard_asks_as_a_pointer_does(tab: Ahead) -> None:
    tab.open(**WIDE)
    tab.visit.page.locator(".period-button").focus()
    tab.visit.page.keyboard.press("Enter")
    tab.visit.page.locator("[data-value=all]").focus()
    tab.wait_for(tab.given)
    tab.visit.page.keyboard.press("Enter")
    tab.visit.page.wait_for_url("**period=all**")
    tab.visit.shows(tab.shown(period="all"))
    tab.visit.rest()
    assert (len(tab.ahead), tab.asked) == (1, [])


# --- bounds ---


def test_the_page_asks_no_more_where_the_server_gives_nothing(
    tabs: BrowserContext, tmp_path: Path
) -> None:
    """A quarter of the answers is reached: it waits for its next usual question."""
    with asking_ahead(tabs, tmp_path) as tab:
        tab.open(**WIDE)
        tab.rests_on(tab.option("channel", "WhatsApp"))
        assert counts(tab.app.test_client())["ahead"] == 0
        other = option_of(tab.visit.page, "WHATSAPP {2}")
        other.hover()
        tab.visit.page.wait_for_timeout(300)
        assert len(tab.ahead) == 1
        other.click()
        tab.visit.shows(tab.shown(**WIDE, channel=["WHATSAPP {2}"]))
        assert len(tab.asked) == 1
        option_of(tab.visit.page, "whatsapp vendas").hover()
        tab.wait_for(tab.ahead, 2)


def test_a_hidden_page_asks_nothing(tab: Ahead) -> None:
    tab.open(**WIDE)
    option = tab.option("channel", "WhatsApp")
    hide = """(state) => {
      Object.defineProperty(document, 'visibilityState', {get: () => state, configurable: true});
      document.dispatchEvent(new Event('visibilitychange'));
    }"""
    tab.visit.page.evaluate(hide, "hidden")
    option.hover()
    tab.visit.page.wait_for_timeout(300)
    assert tab.ahead == []
    tab.visit.page.evaluate(hide, "visible")
    tab.visit.page.mouse.move(2, 2)
    option.hover()
    tab.wait_for(tab.ahead)


def test_the_setting_turns_it_off(tabs: BrowserContext, tmp_path: Path) -> None:
    with asking_ahead(tabs, tmp_path, ask_ahead=False) as tab:
        tab.others_ask()
        tab.open(**WIDE)
        option = tab.option("channel", "WhatsApp")
        option.hover()
        tab.visit.page.wait_for_timeout(300)
        assert tab.ahead == []
        option.click()
        tab.visit.shows(tab.shown(**WIDE, channel=["WhatsApp"]))
        assert len(tab.asked) == 1


def test_readers_who_save_data_ask_nothing_in_advance(tab: Ahead) -> None:
    tab.visit.page.add_init_script(
        "Object.defineProperty(navigator.connection, 'saveData', {value: true})"
    )
    tab.open(**WIDE)
    tab.option("channel", "WhatsApp").hover()
    tab.visit.page.wait_for_timeout(300)
    assert tab.ahead == []


# --- never an old number, and what became of the answers ---


def test_newer_data_are_asked_for_whatever_came_in_advance(tab: Ahead) -> None:
    tab.open(**WIDE)
    option = tab.option("channel", "WhatsApp")
    tab.rests_on(option)
    tab.visit.page.mouse.move(2, 2)
    total = tab.visit.page.inner_text("#details-total")
    tab.asked.clear()
    import_one_message(tab.folder)
    tab.visit.page.wait_for_function(
        "(before) => document.querySelector('#details-total').innerText !== before",
        arg=total,
        timeout=WAIT_MS,
    )
    tab.visit.rest()
    tab.asked.clear()
    before = tab.shown(**WIDE, channel=["WhatsApp"])
    option.click()
    # The new message is of case c1, whose channel is another one.
    tab.visit.shows(before)
    assert [sorted(question["parts"]) for question in tab.asked] == [ALL_PANELS]


def test_the_server_is_told_what_was_of_use(tab: Ahead) -> None:
    tab.open(**WIDE)
    client = tab.app.test_client()
    before = counts(client)
    option = tab.option("channel", "WhatsApp")
    tab.rests_on(option)
    option_of(tab.visit.page, "WHATSAPP {2}").hover()
    tab.wait_for(tab.given, 2)
    option.click()
    tab.visit.shows(tab.shown(**WIDE, channel=["WhatsApp"]))
    tab.visit.page.keyboard.press("Escape")
    tab.visit.page.mouse.move(2, 2)
    tab.visit.page.evaluate(
        """dash_clientside.set_props('filter-direction',
             {options: [{label: 'out', value: 'out'}], value: ['out']})"""
    )
    tab.wait_for(tab.asked)
    tab.visit.rest()
    after = counts(client)
    panels = len(ALL_PANELS)
    assert {name: after[name] - before[name] for name in ("ahead", "used", "wasted")} == {
        "ahead": 2 * panels,
        "used": panels,
        "wasted": panels,
    }
