"""Back and forward undo and redo what the reader changed: one entry of the history a change."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import WAIT_MS, Served, Visit, expected
from tests.browser.data import ACCENTED

LENGTH = "window.history.length"
VALUES = (ACCENTED, "Marina; Souza")
#: What the portal does with the filters of its element.
SET = """(value) => consumo.require("./dash")
  .setProps("action", { data: { kind: "set", value, at: 1 } })"""


def step(visit: Visit, go: Callable[[], object], wanted: dict[str, int]) -> None:
    """Go to another entry: the page shows it, and asks nobody, since it was answered before."""
    visit.settle()
    visit.forget_calls()
    go()
    visit.shows(wanted)
    visit.quiet()
    assert visit.panel_calls() == []


def test_back_and_forward_undo_and_redo_each_change_once(visit: Visit, served: Served) -> None:
    page = visit.page
    visit.open()
    start = page.evaluate(LENGTH)
    visit.choose("kind", "hsm")
    visit.shows(expected(served.oracle, kind=["hsm"]))
    visit.settle()
    visit.pick("#filter-basis", "Abertura do caso")
    visit.shows(expected(served.oracle, kind=["hsm"], basis="opened"))
    assert page.evaluate(LENGTH) == start + 2

    step(visit, page.go_back, expected(served.oracle, kind=["hsm"]))
    assert page.url == f"{served.url}/?kind=hsm"
    assert "Data da mensagem" in page.inner_text("#filter-basis")
    step(visit, page.go_back, expected(served.oracle))
    assert page.url == f"{served.url}/"
    assert page.locator(".chip").count() == 0
    step(visit, page.go_forward, expected(served.oracle, kind=["hsm"]))
    assert page.locator(".chip").all_inner_texts() == ["HSM/WApp: HSM\n\u00d7"]
    step(visit, page.go_forward, expected(served.oracle, kind=["hsm"], basis="opened"))
    assert page.evaluate(LENGTH) == start + 2, "going through the history adds nothing to it"


def test_a_press_on_clear_is_one_change(visit: Visit, served: Served) -> None:
    """Though it changes the filters of the page, and order and filters of the table."""
    page = visit.page
    question = {"status": ["read"], "sort": "status", "where.reply": "tudo"}
    visit.open(**question)
    address, start = page.url, page.evaluate(LENGTH)
    page.click("text=Limpar filtros")
    visit.shows(expected(served.oracle))
    page.wait_for_url(f"{served.url}/")
    visit.settle()
    assert page.evaluate(LENGTH) == start + 1
    page.go_back()
    page.wait_for_url(address)
    visit.says("#details-total", f"{served.oracle.total(question)} de ")
    field = page.locator("#details-table th.dash-filter[data-dash-column=reply] input").first
    expect(field).to_have_value("tudo", timeout=WAIT_MS)


def test_two_quick_steps_back_end_where_they_should(visit: Visit, served: Served) -> None:
    page = visit.page
    visit.open(direction="out")
    for name in ("hsm", "session"):
        visit.settle()
        visit.choose("kind", name)
        page.wait_for_url(lambda url, name=name: name in url)  # type: ignore[misc]
    visit.settle()
    length = page.evaluate(LENGTH)
    page.evaluate("window.history.back(); setTimeout(() => window.history.back(), 40)")
    visit.shows(expected(served.oracle, direction=["out"]))
    visit.settle()
    page.wait_for_url(f"{served.url}/?direction=out")
    page.go_forward()
    visit.shows(expected(served.oracle, direction=["out"], kind=["hsm"]))
    page.go_forward()
    visit.shows(expected(served.oracle, direction=["out"], kind=["hsm", "session"]))
    assert page.evaluate(LENGTH) == length


def test_a_theme_is_no_entry_and_back_keeps_it(visit: Visit, served: Served) -> None:
    page = visit.page
    visit.open()
    visit.choose("kind", "hsm")
    visit.shows(expected(served.oracle, kind=["hsm"]))
    visit.settle()
    start = page.evaluate(LENGTH)
    page.get_by_role("button", name="Tema", exact=True).click()
    page.locator("#theme-menu .dropdown-menu >> text=Escuro").click()
    page.wait_for_url("**/?kind=hsm&theme=dark")
    assert page.evaluate(LENGTH) == start
    page.go_back()
    visit.shows(expected(served.oracle))
    page.wait_for_url("**/?theme=dark")
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"


def test_a_selection_too_long_for_an_address_comes_back_too(visit: Visit, served: Served) -> None:
    page = visit.page
    visit.open(status="read")
    people = [*VALUES, *("x" * 90 + str(number) for number in range(60))]
    page.evaluate(SET, {"person": people})
    visit.shows(expected(served.oracle, person=people))
    page.wait_for_url(f"{served.url}/")
    assert page.locator("#address-note").is_visible()
    visit.settle()
    visit.choose("direction", "out")
    visit.shows(expected(served.oracle, person=people, direction=["out"]))
    step(visit, page.go_back, expected(served.oracle, person=people))
    page.reload()
    visit.settle()
    visit.shows(expected(served.oracle, person=people))
