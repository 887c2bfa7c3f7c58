"""Every filter, set as a person sets it: each panel shows what the import files say."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import BrowserContext, expect

from queries.filters import LISTS
from tests.browser.conftest import (
    ALL_PANELS,
    WAIT_MS,
    Served,
    Visit,
    expected,
    numbers,
    watched,
)
from tests.browser.data import ACCENTED, EVIL_LINK, case_number

PERIOD = {"start": "2026-09-01", "end": "2026-12-31"}
VALUES = {
    "person": [ACCENTED],
    "channel": ["whatsapp vendas"],
    "case_type": [EVIL_LINK],
    "case": [case_number(59)],
    "team": ["Vendas & Pós"],
    "agent": ["<b>Caio</b>"],
    "direction": ["in"],
    "status": ["read"],
    "kind": ["hsm"],
    "template": [EVIL_LINK],
}


@pytest.fixture
def other_visit(tabs: BrowserContext, served: Served) -> Iterator[Visit]:
    with watched(tabs, served.url) as visit:
        yield visit


def test_values_cover_every_filter() -> None:
    assert set(VALUES) == set(LISTS)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_filter_changes_every_panel(visit: Visit, served: Served, name: str) -> None:
    visit.open()
    before = expected(served.oracle)
    visit.shows(before)
    visit.forget_calls()

    visit.choose(name, *VALUES[name])

    after = expected(served.oracle, **{name: VALUES[name]})
    assert after != before, "the filter must narrow something, or this proves nothing"
    visit.shows(after)
    assert sorted(visit.panel_calls()) == ALL_PANELS
    assert f"{name}=" in visit.page.url


def test_two_values_of_one_filter_add_up(visit: Visit, served: Served) -> None:
    visit.open()
    visit.choose("channel", "whatsapp vendas", "WHATSAPP {2}")
    visit.shows(expected(served.oracle, channel=["whatsapp vendas", "WHATSAPP {2}"]))


def test_the_reference_date(visit: Visit, served: Served) -> None:
    visit.open()
    visit.pick("#filter-basis", "Abertura do caso")
    visit.shows(expected(served.oracle, basis="opened"))
    assert visit.page.url.endswith("?basis=opened")


def test_a_shortcut_sets_the_period(visit: Visit, served: Served) -> None:
    visit.open()
    visit.page.click(".period-button")
    visit.page.click("text=Tudo")
    visit.shows(expected(served.oracle, period="all"))
    assert visit.page.url.endswith("?period=all")


def test_the_shortcut_of_the_period_at_hand_is_marked(visit: Visit) -> None:
    visit.open()
    visit.page.click(".period-button")
    visit.page.click("text=Este mês")
    marked = visit.page.locator('[data-value="this_month"][aria-current]')
    marked.wait_for(state="attached", timeout=WAIT_MS)
    assert visit.page.locator('[data-action="preset"][aria-current]').count() == 1
    visit.page.click(".period-button")
    visit.page.click("text=Hoje")
    marked.wait_for(state="detached", timeout=WAIT_MS)


def test_a_column_filter_is_a_chip_that_takes_it_back(visit: Visit) -> None:
    visit.open(**{"where.channel": "whats", "where.kind": "hsm"})
    whole = visit.page.inner_text("#details-total")
    assert " de " in whole
    assert visit.page.locator("#details-chips .chip").count() == 2
    for name, address in (("channel", "?where.kind=hsm"), ("kind", "/")):
        remove = visit.page.locator(f'#details-chips .chip-remove[data-name="{name}"]')
        remove.click()
        remove.wait_for(state="detached", timeout=WAIT_MS)
        assert visit.page.url.endswith(address)
        box = visit.page.locator(f"#details-table th.dash-filter[data-dash-column={name}] input")
        # A column whose values are all the same is folded again, with its box.
        assert not box.count() or box.first.input_value() == ""
    assert visit.page.inner_text("#details-total") == whole.split(" de ")[1]


@pytest.mark.parametrize(
    "typed",
    [
        *('="https', "d'a", '"', "`", "\\", "[x](java", "= 5", "contains x", "não leia"),
        '{reply} icontains "x" && {kind} = 1',
    ],
)
def test_what_is_typed_above_a_column_is_a_text(visit: Visit, served: Served, typed: str) -> None:
    """Nothing of it is a sign of the table's own language, and no filter is dropped for one."""
    visit.open(**PERIOD)
    field = visit.page.locator("#details-table th.dash-filter[data-dash-column=reply] input").first
    field.fill(typed)
    field.press("Enter")
    chip = visit.page.locator("#details-chips .chip > span")
    chip.wait_for(timeout=WAIT_MS)
    assert chip.inner_text() == f"Respostas contém “{typed}”"
    asked = parse_qs(urlsplit(visit.page.url).query)
    assert asked["where.reply"] == [typed]
    found, total = (
        served.oracle.total({**PERIOD, "where.reply": typed}),
        served.oracle.total(PERIOD),
    )
    visit.says("#details-total", f"{found} de {total} ")
    expect(field).to_have_value(typed)
    field.press("Tab")
    visit.rest()
    assert chip.count() == 1
    field.fill("")
    field.press("Tab")
    chip.wait_for(state="detached", timeout=WAIT_MS)
    visit.shows(expected(served.oracle, **PERIOD))


def test_a_masked_column_cannot_be_asked(visit: Visit) -> None:
    visit.open()
    for part in ("input[type=text]", ".column-header--sort"):
        shown = visit.page.locator(f"#details-table th[data-dash-column=phone] {part}")
        assert not shown.is_visible()
        other = visit.page.locator(f"#details-table th[data-dash-column=status] {part}")
        assert other.is_visible()


def test_a_period_by_keyboard(visit: Visit, served: Served) -> None:
    visit.open()
    visit.page.locator(".period-button").press("Enter")
    visit.page.fill("#filter-period-start", "10/10/2026")
    visit.page.keyboard.press("Tab")
    visit.page.fill("#filter-period-end", "20/10/2026")
    visit.page.keyboard.press("Tab")
    visit.shows(expected(served.oracle, start="2026-10-10", end="2026-10-20"))
    assert visit.page.inner_text("#filter-period-face") == "10/10/2026 \u2013 20/10/2026"


def test_a_press_on_a_graph_filters_and_a_chip_takes_it_back(visit: Visit, served: Served) -> None:
    visit.open()
    visit.page.locator("#messages-by-status-graph .bars .point path").nth(3).click(force=True)
    visit.shows(expected(served.oracle, status=["read"], direction=["out"]))
    assert visit.page.locator(".chip").count() == 2
    visit.page.click('.chip-remove[data-name="status"]')
    visit.shows(expected(served.oracle, direction=["out"]))
    visit.page.click("text=Limpar filtros")
    visit.shows(expected(served.oracle))
    assert visit.page.url == f"{served.url}/"


def test_a_copied_address_gives_the_same_page(
    visit: Visit, other_visit: Visit, served: Served
) -> None:
    visit.open()
    visit.choose("person", *VALUES["person"])
    visit.shows(expected(served.oracle, person=VALUES["person"]))
    visit.choose("kind", "session")
    wanted = expected(served.oracle, person=VALUES["person"], kind=["session"])
    visit.shows(wanted)

    other_visit.page.goto(visit.page.url)
    other_visit.settle()
    assert numbers(other_visit.page) == wanted
    assert other_visit.page.url == visit.page.url
    assert ACCENTED in other_visit.page.inner_text("#filter-person")

    other_visit.page.reload()
    other_visit.settle()
    assert numbers(other_visit.page) == wanted


def test_people_are_found_without_accents(visit: Visit, served: Served) -> None:
    visit.open()
    visit.page.click("#filter-person")
    # Nobody types before there is a field to type in.
    expect(visit.page.locator(".dash-dropdown-search")).to_be_focused()
    visit.page.keyboard.type("joao avila")
    option = visit.page.locator(".dash-dropdown-option", has_text=ACCENTED)
    option.click()
    visit.page.keyboard.press("Escape")
    visit.shows(expected(served.oracle, person=[ACCENTED]))


def test_the_list_of_cases_tells_how_many_there_are(visit: Visit, served: Served) -> None:
    visit.open()
    total = len(served.oracle.options("case", {}))
    visit.says("#filter-case", f"{total} casos")
