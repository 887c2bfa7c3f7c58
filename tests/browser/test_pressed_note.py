"""After a press on a mark the page says what it did, with a button that takes the press back."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Served, Visit, expected

NOTE = "#pressed-note"


def press_failed(page: Page) -> None:
    page.locator('#panel-messages-by-status .press-areas [aria-label^="Falhou"]').click()


def test_the_note_says_what_is_left_and_undoes_the_press(visit: Visit, served: Served) -> None:
    """Also what was set before: the press replaced it."""
    visit.open(status="read", start="2026-10-01", end="2026-10-30")
    period = {"start": "2026-10-01", "end": "2026-10-30"}
    press_failed(visit.page)
    visit.shows(expected(served.oracle, **period, status=["failed"], direction=["out"]))
    note = visit.page.locator(NOTE)
    expect(note).to_have_text("Só: Falhoudesfazer")
    live = visit.page.locator(f":has(> {NOTE})")
    expect(live).to_have_attribute("role", "status")
    note.get_by_role("button", name="desfazer").press("Enter")
    visit.shows(expected(served.oracle, **period, status=["read"]))
    expect(note).to_be_hidden()


def test_the_note_of_a_column_names_its_day(visit: Visit) -> None:
    visit.open()
    areas = visit.page.locator("#panel-cases .press-areas button")
    areas.nth(3).click()
    day = visit.page.locator("#filter-period-face").inner_text
    expect(visit.page.locator(f"{NOTE} > span")).to_have_text(f"Só: {day()}")


def test_the_note_goes_with_the_next_change(visit: Visit, served: Served) -> None:
    visit.open()
    press_failed(visit.page)
    note = visit.page.locator(NOTE)
    expect(note).to_be_visible()
    visit.page.click('.chip-remove[data-name="direction"]')
    visit.shows(expected(served.oracle, status=["failed"]))
    expect(note).to_be_hidden()
    # Nothing is left to undo.
    visit.page.keyboard.press("Control+z")
    visit.rest()
    visit.shows(expected(served.oracle, status=["failed"]))


def test_the_keyboard_takes_a_press_back(visit: Visit, served: Served) -> None:
    visit.open()
    press_failed(visit.page)
    visit.shows(expected(served.oracle, status=["failed"], direction=["out"]))
    visit.page.keyboard.press("Control+z")
    visit.shows(expected(served.oracle))


@pytest.mark.parametrize("width", [360, 900])
def test_in_a_tall_frame_the_note_stands_at_the_pressed_panel(visit: Visit, width: int) -> None:
    visit.page.set_viewport_size({"width": width, "height": 800})
    visit.open()
    visit.page.evaluate("document.documentElement.classList.add('framed')")
    press_failed(visit.page)
    note = visit.page.locator(NOTE)
    expect(note).to_be_visible()
    at = note.bounding_box()
    panel = visit.page.locator("#panel-messages-by-status").bounding_box()
    assert at
    assert panel
    # Panels above may still change their height by a line.
    assert abs(at["y"] - panel["y"]) < 60
    assert at["x"] + at["width"] <= width
