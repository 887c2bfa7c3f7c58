"""From a graph to the rows: a click on a mark, or a press on its name, filters the page."""

from playwright.sync_api import Page

from tests.browser.conftest import WAIT_MS, Served, Visit, expected

DAY = "2026-10-21"
SLICE = {"start": DAY, "end": DAY}


def press_column(page: Page, slug: str, place: int, series: int = 0) -> None:
    """Press the column of one place on a time axis."""
    columns = page.locator(f"#{slug}-graph .trace.bars").nth(series).locator(".point path")
    columns.nth(place).click(force=True)


def place_of(served: Served, day: str) -> int:
    """Which column of the usual period stands for ``day``."""
    periods = [row["period"] for row in served.oracle.answer("cases", {})]
    return periods.index(day)


def test_a_slice_of_time_with_its_direction(visit: Visit, served: Served) -> None:
    visit.open()
    press_column(visit.page, "messages-by-origin", place_of(served, DAY))
    visit.shows(expected(served.oracle, **SLICE, direction=["out"]))
    assert visit.page.url.endswith(f"?start={DAY}&end={DAY}&direction=out")
    assert visit.page.inner_text("#filter-period-face") == "21/10/2026"
    visit.page.click('.chip-remove[data-name="period"]')
    visit.shows(expected(served.oracle, direction=["out"]))
    assert visit.page.url.endswith("/?direction=out")


def test_a_slice_of_cases_gives_the_period_before_it_back(visit: Visit, served: Served) -> None:
    whole = {"start": "2026-10-15", "end": "2026-10-25"}
    visit.open(**whole, basis="opened")
    press_column(visit.page, "cases", 6)
    visit.shows(expected(served.oracle, **SLICE, basis="opened"))
    visit.page.click('.chip-remove[data-name="period"]')
    visit.shows(expected(served.oracle, **whole, basis="opened"))


def test_a_template(visit: Visit, served: Served) -> None:
    visit.open()
    rows = served.oracle.answer("templates", {})
    place = next(n for n, row in enumerate(rows) if row["template_name"])
    assert rows[place]["sent"] > rows[place]["delivered"] + rows[place]["failed"]
    on_their_way = visit.page.locator("#templates-graph .trace.bars").nth(2)
    on_their_way.locator(".point path").nth(place).click(force=True)
    visit.shows(expected(served.oracle, template=[rows[place]["template_name"]]))
    assert visit.page.locator('.chip-remove[data-name="template"]').count() == 1


def test_the_numbers_of_a_graph_narrow_by_keyboard(visit: Visit, served: Served) -> None:
    visit.open()
    menu = visit.page.locator("#panel-cases .panel-menu > summary")
    menu.press("Enter")
    visit.page.locator("#panel-cases [data-view=table]").press("Enter")
    rows = visit.page.locator("#cases-numbers tbody tr")
    rows.first.wait_for(timeout=WAIT_MS)
    wanted = served.oracle.answer("cases", {})
    texts = [row.split("\t")[1:] for row in rows.all_inner_texts()]
    assert texts == [[str(row["created"]), str(row["attended"])] for row in wanted]
    assert not visit.page.locator("#cases-graph").is_visible()

    rows.nth(place_of(served, DAY)).locator("button").press("Enter")
    visit.shows(expected(served.oracle, **SLICE))
    assert rows.count() == 1

    menu.press("Enter")
    visit.page.locator("#panel-cases [data-view=graph]").press("Enter")
    assert visit.page.locator("#cases-graph").is_visible()
    rows.first.wait_for(state="detached", timeout=WAIT_MS)


def test_the_period_counts_as_a_filter_on_a_phone(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 360, "height": 740})
    visit.open(**SLICE, kind="hsm")
    assert visit.page.inner_text(".fold-button") == "Filtros\n(2)"
