"""The page by keyboard alone: the focus is always somewhere, and Esc closes one thing at a time."""

from tests.browser.conftest import WAIT_MS, Visit

FOCUS = "() => document.activeElement !== document.body"


def test_the_focus_stays_near_what_goes_by_being_pressed(visit: Visit) -> None:
    visit.open(kind="hsm")
    visit.page.locator(".chip-remove").press("Enter")
    visit.page.locator(".chip").wait_for(state="detached", timeout=WAIT_MS)
    visit.page.wait_for_function(FOCUS)
    visit.page.keyboard.press("Tab")
    assert visit.page.evaluate("document.activeElement.closest('.panel') !== null")


def test_the_focus_stays_where_an_empty_panel_is_helped(visit: Visit) -> None:
    visit.open(template="no such template")
    visit.page.locator("#cases-widen").press("Enter")
    visit.page.locator("#panel-cases.state-ready").wait_for(timeout=WAIT_MS)
    visit.page.wait_for_function(FOCUS)
    assert visit.page.evaluate("document.activeElement.id") == "panel-cases"


def test_esc_closes_the_calendar_and_then_its_menu(visit: Visit) -> None:
    visit.open()
    page = visit.page
    button = page.locator(".period-button")
    button.press("Enter")
    page.focus("#filter-period-start")
    page.keyboard.press("ArrowDown")
    page.wait_for_selector(".dash-datepicker-content")
    page.keyboard.press("Escape")
    page.locator(".dash-datepicker-content").wait_for(state="detached", timeout=WAIT_MS)
    assert page.locator(".period-body").is_visible()
    page.wait_for_function(FOCUS)
    page.keyboard.press("Escape")
    page.locator(".period-body").wait_for(state="hidden", timeout=WAIT_MS)
    assert button.evaluate("(button) => button === document.activeElement")
