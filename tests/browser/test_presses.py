"""What a press chooses is asked for at once, before Dash has changed the control."""

from playwright.sync_api import Page

from tests.browser.conftest import ALL_PANELS, Served, Visit, expected, numbers

AUTUMN = {"start": "2026-09-01", "end": "2026-12-31"}
CHANNEL = "WhatsApp"
#: Counts calls for panels, and notes how many there were when the last listener of a click had run.
COUNT_CALLS = """() => {
  const send = window.fetch;
  let calls = 0;
  window.fetch = (address, options) => {
    if (options?.body?.includes('"answers.data"')) calls += 1;
    return send(address, options);
  };
  window.callsAtClicks = [];
  window.addEventListener('click', () => window.callsAtClicks.push(calls));
}"""
#: Keeps all clicks from Dash, which listens further inside the document.
KEEP_FROM_DASH = """() => document.addEventListener('click', (event) => {
  event.stopPropagation();
  event.preventDefault();
}, true)"""


def open_option(page: Page) -> None:
    page.click("#filter-channel")
    page.locator(f".dash-dropdown-content input[value={CHANNEL}]").wait_for()


def press_option(page: Page) -> None:
    page.locator(f".dash-dropdown-content input[value={CHANNEL}]").click()


def test_a_press_asks_before_dash_tells_of_it(visit: Visit, served: Served) -> None:
    visit.open(**AUTUMN)
    open_option(visit.page)
    visit.page.evaluate(COUNT_CALLS)
    visit.forget_calls()
    press_option(visit.page)
    assert visit.page.evaluate("callsAtClicks[0]") == 1
    visit.shows(expected(served.oracle, **AUTUMN, channel=[CHANNEL]))
    visit.quiet()
    assert sorted(visit.panel_calls()) == ALL_PANELS, "Dash's change asks nobody again"


def test_a_press_of_which_dash_does_not_tell_is_taken_back(visit: Visit, served: Served) -> None:
    visit.open(**AUTUMN)
    before = numbers(visit.page)
    open_option(visit.page)
    visit.page.evaluate(KEEP_FROM_DASH)
    visit.forget_calls()
    press_option(visit.page)
    visit.shows(expected(served.oracle, **AUTUMN, channel=[CHANNEL]))
    visit.shows(before)
    assert visit.page.locator("#chips .chip").count() == 0
    assert sorted(visit.panel_calls()) == ALL_PANELS, "what was shown before is kept"


def test_what_is_not_seen_gets_its_height_in_the_end(visit: Visit, served: Served) -> None:
    """While a change is painted, panels off the screen keep the heights that they had."""
    height = "() => document.documentElement.scrollHeight"
    visit.open(**AUTUMN, channel=[CHANNEL], direction=["in"])
    wanted = visit.page.evaluate(height)
    visit.open(**AUTUMN)
    assert visit.page.evaluate(height) != wanted
    visit.choose("channel", CHANNEL)
    visit.choose("direction", "in")
    visit.shows(expected(served.oracle, **AUTUMN, channel=[CHANNEL], direction=["in"]))
    visit.settle()
    assert visit.page.evaluate(height) == wanted
