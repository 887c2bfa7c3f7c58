"""From a graph to the rows: a click on a mark, or a press on its name, filters the page."""

import pytest
from playwright.sync_api import Page, expect

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


def test_a_column_sets_the_day_alone(visit: Visit, served: Served) -> None:
    visit.open()
    press_column(visit.page, "messages-by-origin", place_of(served, DAY))
    visit.shows(expected(served.oracle, **SLICE))
    assert visit.page.url.endswith(f"?start={DAY}&end={DAY}")
    assert visit.page.inner_text("#filter-period-face") == "21/10/2026"


@pytest.mark.parametrize(("place", "direction"), [(0, "out"), (1, "in")])
def test_the_direction_is_set_by_its_legend(
    visit: Visit, served: Served, place: int, direction: str
) -> None:
    visit.open()
    legend = visit.page.locator("#messages-by-origin-words .fact-button")
    assert legend.count() == 2
    legend.nth(place).press("Enter")
    visit.shows(expected(served.oracle, direction=[direction]))
    assert visit.page.url.endswith(f"/?direction={direction}")


def test_the_name_and_the_count_of_a_bar_are_as_good_as_the_bar(
    visit: Visit, served: Served
) -> None:
    """Also of one that is too short to be seen: the button is as wide as the graph."""
    visit.open()
    graph = visit.page.locator("#messages-by-status-graph").bounding_box()
    areas = visit.page.locator("#panel-messages-by-status .press-areas button")
    failed = next(
        area for area in areas.all() if "Falhou" in (area.get_attribute("aria-label") or "")
    )
    box = failed.bounding_box()
    assert graph
    assert box
    assert box["width"] == pytest.approx(graph["width"], abs=1)
    assert box["height"] >= 24
    for left in (8, box["width"] - 8):
        failed.click(position={"x": left, "y": box["height"] / 2})
        visit.shows(expected(served.oracle, status=["failed"], direction=["out"]))
        visit.page.click("text=Limpar filtros")
        visit.shows(expected(served.oracle))


def test_the_bar_of_the_received_has_two_parts(visit: Visit, served: Served) -> None:
    visit.open()
    areas = visit.page.locator("#panel-messages-by-status .press-areas button")
    names = [area.get_attribute("aria-label") or "" for area in areas.all()]
    assert [name.split(",")[0] for name in names[-2:]] == ["Tratada", "Aguardando"]
    handled, waiting = (areas.nth(len(names) - n).bounding_box() for n in (2, 1))
    assert handled
    assert waiting
    assert handled["x"] + handled["width"] == pytest.approx(waiting["x"], abs=1)
    areas.last.click()
    visit.shows(expected(served.oracle, status=["new"], direction=["in"]))


def test_the_columns_of_a_graph_are_reached_by_arrows(visit: Visit, served: Served) -> None:
    """A graph is one stop of Tab; its tip shows what the focus is on."""
    visit.open()
    areas = visit.page.locator("#panel-cases .press-areas button")
    days = [row["period"] for row in served.oracle.answer("cases", {})]
    assert areas.count() == len(days)
    assert visit.page.locator('#panel-cases .press-areas [tabindex="0"]').count() == 1
    areas.first.focus()
    visit.page.keyboard.press("End")
    visit.page.keyboard.press("ArrowLeft")
    expect(areas.nth(len(days) - 2)).to_be_focused()
    shown = visit.page.locator("#cases-graph .hoverlayer .hovertext")
    shown.first.wait_for(timeout=WAIT_MS)
    visit.page.keyboard.press("Enter")
    visit.shows(expected(served.oracle, start=days[-2], end=days[-2]))


def test_a_press_on_a_count_in_a_table_is_one_on_its_row(visit: Visit, served: Served) -> None:
    visit.open()
    visit.page.click("#panel-messages-by-status .panel-menu > summary")
    visit.page.click("#panel-messages-by-status [data-view=table]")
    row = visit.page.locator("#messages-by-status-numbers tbody tr", has_text="Falhou")
    row.locator("td").last.click()
    visit.shows(expected(served.oracle, status=["failed"], direction=["out"]))


def test_failed_messages_say_why(visit: Visit) -> None:
    """The column is shown by itself, and goes with the filter: the reader's choice stays."""
    visit.open(status="failed", columns="case_number,status")
    header = visit.page.locator("#details-table th.dash-header[data-dash-column=error]").first
    header.wait_for(timeout=WAIT_MS)
    assert "columns=case_number,status" in visit.page.url
    visit.page.click('.chip-remove[data-name="status"]')
    header.wait_for(state="detached", timeout=WAIT_MS)
    assert visit.page.url.endswith("?columns=case_number,status")


def test_a_template(visit: Visit, served: Served) -> None:
    visit.open()
    rows = served.oracle.answer("templates", {})
    place = next(n for n, row in enumerate(rows) if row["template_name"])
    assert rows[place]["sent"] > rows[place]["delivered"] + rows[place]["failed"]
    row = visit.page.locator("#templates-cards tbody tr").nth(place)
    row.locator(".stacked-bar .sent").click(force=True)  # the button of the row covers it
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
    assert rows.count() == 24, "a single day is drawn by hour"

    menu.press("Enter")
    visit.page.locator("#panel-cases [data-view=graph]").press("Enter")
    assert visit.page.locator("#cases-graph").is_visible()
    rows.first.wait_for(state="detached", timeout=WAIT_MS)


def test_the_period_counts_as_a_filter_on_a_phone(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 360, "height": 740})
    visit.open(**SLICE, kind="hsm")
    assert visit.page.inner_text(".fold-button") == "Filtros\n(2)"
