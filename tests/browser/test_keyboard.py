"""The page by keyboard alone: the focus is never lost, and Esc closes one thing at a time."""

from tests.browser.conftest import WAIT_MS, Served, Visit

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


def test_esc_in_the_calendar_closes_its_menu(visit: Visit) -> None:
    visit.open()
    page = visit.page
    button = page.locator(".period-button")
    button.press("Enter")
    page.focus("#filter-period-start")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    page.locator(".period-body").wait_for(state="hidden", timeout=WAIT_MS)
    assert button.evaluate("(button) => button === document.activeElement")


FOCUSED_TEXT = "() => document.activeElement.textContent"


def test_arrows_and_esc_work_in_the_menu_of_the_theme(visit: Visit) -> None:
    visit.open()
    page = visit.page
    button = page.get_by_role("button", name="Tema", exact=True)
    entries = page.locator("#theme-menu .dropdown-menu")
    button.focus()
    page.keyboard.press("ArrowDown")
    entries.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(FOCUSED_TEXT) == "Claro"
    page.keyboard.press("Escape")
    entries.wait_for(state="hidden")
    assert button.evaluate("(button) => button === document.activeElement")


def test_enter_on_a_language_opens_the_same_selection_in_it(visit: Visit) -> None:
    visit.open(kind="hsm")
    page = visit.page
    page.get_by_role("button", name="Idioma", exact=True).press("Enter")
    page.get_by_role("link", name="Español").press("Enter")
    page.wait_for_function("() => document.documentElement.lang === 'es'")
    visit.settle()
    assert page.url == f"{visit.home}/?kind=hsm&lang=es"
    assert page.locator("#language-menu [aria-current]").inner_text() == "Español"


HERE = """() => {
  const { activeElement: at } = document;
  return at.id || [...at.classList].find((name) => /page|sort/.test(name)) || at.tagName;
}"""


def test_tab_goes_through_the_table_and_out_of_it_at_both_ends(visit: Visit) -> None:
    """The table takes Tab for itself wherever it has the focus, and would keep it for ever."""
    visit.open()
    page = visit.page

    def stations(key: str, until: str) -> list[str]:
        seen: list[str] = []
        while until not in seen and len(seen) < 200:
            page.keyboard.press(key)
            seen.append(page.evaluate(HERE))
        return seen

    page.locator(".table-tools [data-action=print]").focus()
    forward = stations("Tab", "details-page-size-choice")
    assert forward[-1] == "details-page-size-choice"
    assert "column-header--sort" in forward
    assert "INPUT" in forward, "the filters of the columns"
    assert {"next-page", "last-page"} <= set(forward)
    back = stations("Shift+Tab", "details-xlsx")
    assert back[-1] == "details-xlsx"
    assert {"next-page", "column-header--sort"} <= set(back)


def test_pages_are_turned_by_enter_and_the_focus_stays(visit: Visit, served: Served) -> None:
    two_pages = {"status": "delivered", "start": "2026-09-01", "end": "2026-12-31"}
    total = served.oracle.total({**two_pages, "status": ["delivered"]})
    assert 20 < total <= 40
    visit.open(**two_pages)
    page = visit.page
    page.locator("#details-table .next-page").focus()
    page.keyboard.press("Enter")
    visit.says("#details-range", f"21\u2013{total} de {total}")
    page.wait_for_function("() => document.activeElement.matches('#details-table .previous-page')")
    page.keyboard.press("Enter")
    visit.says("#details-range", f"1\u201320 de {total}")
    page.wait_for_function("() => document.activeElement.matches('#details-table .next-page')")
