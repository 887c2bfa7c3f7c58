"""The lists of the filters: words in any order, more on scrolling, all by one press."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from app.factory import create_app
from app.settings import Settings
from tests.browser.conftest import WAIT_MS, Visit, in_process, serving, watched
from tests.services import import_rows

SEARCH = ".dash-dropdown-search"
COUNT = ".options-count"
MARK = ".dash-dropdown-actions > :first-child"
#: More than the values that one filter takes.
PEOPLE = 1_120
LONG_AGO = "Beatriz Antiga"


@pytest.fixture
def many(tmp_path: Path, tabs: BrowserContext) -> Iterator[Visit]:
    """A page with many people, of whom 120 are called Gabriel Ramos, and one only long ago."""
    cases = [
        {
            "case_id": f"c{number}",
            "case_number": str(70_000 + number),
            "person_name": name_of(number),
            "channel": "WhatsApp",
            "case_type": "Dúvida",
            "opened_at": "2026-11-10T12:00:00Z",
        }
        for number in range(PEOPLE)
    ]
    cases.append({**cases[0], "case_id": "old", "case_number": "9", "person_name": LONG_AGO})
    cases[-1]["opened_at"] = "2020-01-02T12:00:00Z"
    messages = [
        {
            "message_id": f"m-{case['case_id']}",
            "case_id": case["case_id"],
            "direction": "in",
            "sent_at": case["opened_at"],
        }
        for case in cases
    ]
    app = create_app(Settings(store_url=import_rows(tmp_path, cases, messages)))
    with serving(app) as url, watched(tabs, url) as visit:
        visit.open(start="2026-11-01", end="2026-11-30")
        yield visit


def name_of(number: int) -> str:
    return f"Gabriel Conceição {number:03} Ramos" if number < 120 else f"Pessoa {number:04}"


def search(page: Page, name: str, text: str) -> None:
    page.click(f"#filter-{name}")
    expect(page.locator(SEARCH)).to_be_focused()
    page.keyboard.type(text)


@in_process
def test_more_names_come_on_scrolling_until_all_are_there(many: Visit) -> None:
    page = many.page
    search(page, "person", "ramos   GABRIEL conceicao")
    expect(page.locator(COUNT)).to_have_text("50 de 120todos os 120", timeout=WAIT_MS)
    expect(page.locator(MARK)).to_have_text("Marcar os 50 exibidos")
    page.locator(".dash-dropdown-option").last.scroll_into_view_if_needed()
    expect(page.locator(COUNT)).to_contain_text("100 de 120", timeout=WAIT_MS)
    expect(page.locator(MARK)).to_have_text("Marcar os 100 exibidos")
    # By keyboard too: the focus stays on its option while the list gets longer.
    page.locator(".dash-options-list-option-checkbox").last.focus()
    for _ in range(3):
        page.keyboard.press("PageDown")
    expect(page.locator(MARK)).to_have_text("Marcar os 120 exibidos", timeout=WAIT_MS)
    expect(page.locator(COUNT)).to_be_hidden()
    page.locator(MARK).click()
    page.keyboard.press("Escape")
    many.says("#filter-case", "120 casos")


@in_process
def test_all_that_a_search_finds_is_one_press_by_keyboard(many: Visit) -> None:
    page = many.page
    search(page, "person", "gabriel")
    expect(page.locator(COUNT)).to_contain_text("todos os 120", timeout=WAIT_MS)
    for _ in range(5):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "todos os 120":
            break
    page.keyboard.press("Enter")
    many.says("#filter-case", "120 casos")
    expect(page.locator("#filter-person")).to_contain_text("120 selecionados")
    many.settle()
    many.says("#indicators-cards .card-value", "120")


@in_process
def test_more_than_a_filter_takes_is_said_and_cannot_be_pressed(many: Visit) -> None:
    page = many.page
    page.click("#filter-person")
    said = "50 de 1.120 · um filtro aceita até 1.000 valores: refine a busca"
    expect(page.locator(COUNT)).to_have_text(said, timeout=WAIT_MS)
    assert page.locator(f"{COUNT} button").count() == 0


@in_process
def test_a_name_of_another_period_is_found_by_a_press(many: Visit) -> None:
    page = many.page
    search(page, "person", "antiga  bea")
    expect(page.locator(COUNT)).to_have_text(
        "Nenhum nome neste períodoBuscar em todos", timeout=WAIT_MS
    )
    assert not page.locator(MARK).is_visible(), "nothing is there to be marked"
    page.click(f"{COUNT} button")
    option = page.locator(".dash-dropdown-option", has_text=LONG_AGO)
    option.wait_for(timeout=WAIT_MS)
    expect(page.locator(COUNT)).to_have_text("em todos os períodos")
    option.click()
    page.keyboard.press("Escape")
    page.locator(".chip", has_text=LONG_AGO).wait_for(timeout=WAIT_MS)


@in_process
def test_what_is_nowhere_offers_nothing(many: Visit) -> None:
    page = many.page
    search(page, "case", "ninguém assim")
    page.locator(".dash-dropdown-option", has_text="Nada encontrado").wait_for(timeout=WAIT_MS)
    many.rest()
    expect(page.locator(COUNT)).to_be_hidden()
    assert not page.locator(MARK).is_visible()


@in_process
def test_cases_are_found_by_the_words_of_a_name(many: Visit) -> None:
    page = many.page
    search(page, "case", "ramos gabriel 007")
    option = page.locator(".dash-dropdown-option")
    expect(option).to_have_count(1, timeout=WAIT_MS)
    expect(option).to_contain_text("70007")
