"""The panel "Comparativo": selector, columns, order, rows that narrow the page, heat map.

Also that it is asked only while it is near the screen, and then after the other panels.
"""

from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Request, expect

from app.factory import create_app
from app.settings import Settings
from tests.browser.conftest import (
    ANSWERS,
    WAIT_MS,
    Served,
    Visit,
    serving,
    violations,
    watched,
)
from tests.services import import_rows

PERIOD = {"start": "2026-10-01", "end": "2026-10-31"}
PANEL = "#panel-breakdown"
SLUG = "breakdown"


def look_at(visit: Visit) -> None:
    """Scroll to the panel and wait until it shows its answer."""
    visit.page.locator(PANEL).scroll_into_view_if_needed()
    visit.page.wait_for_selector(f"{PANEL}:not([data-far]):not(.state-waiting)", timeout=WAIT_MS)
    visit.rest()


def names(page: Page) -> list[str]:
    return page.locator(f"{PANEL} tbody .compared-text").all_inner_texts()


def heads(page: Page) -> list[str]:
    found = page.locator(f"{PANEL} thead th").all_inner_texts()
    return [text.strip("\u2009▼▲ ") for text in found]


def row(page: Page, name: str) -> Locator:
    found = page.locator(f"{PANEL} tbody tr", has=page.locator(f".compared-text >> text={name}"))
    return found.first


def choose(visit: Visit, by: str) -> None:
    """Choose what is compared, and wait until the page shows the answer."""
    before = visit.page.inner_text(f"{PANEL} .list")
    with visit.page.expect_response(lambda answer: is_of_panel(answer.request)):
        visit.page.locator(f"{PANEL} label:has(input[value={by}])").click()
    visit.page.wait_for_function(
        """([panel, before]) =>
             document.querySelector(`${panel} .list`).innerText !== before ||
             document.querySelector(panel).matches('.state-empty')""",
        arg=[PANEL, before],
        timeout=WAIT_MS,
    )


def is_of_panel(request: Request) -> bool:
    if "_dash-update-component" not in request.url:
        return False
    body = request.post_data_json or {}
    return body["output"] == ANSWERS and SLUG in body["inputs"][0]["value"]["parts"]


def expected_names(served: Served, by: str, **query: str) -> list[str]:
    rows = served.oracle.answer("breakdown", {**PERIOD, **query, "by": by})
    return [str(one["value"]) for one in rows if one["value"] is not None]


def address(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


# --- when it is asked ----------------------------------------------------------------------------


def test_it_is_asked_when_it_comes_near(visit: Visit) -> None:
    visit.open(**PERIOD)
    assert SLUG not in visit.panel_calls(near=True)
    look_at(visit)
    assert visit.panel_calls(near=True).count(SLUG) == 1


def test_a_filter_change_far_from_it_does_not_ask_it(visit: Visit, served: Served) -> None:
    """And it shows no numbers of the filters before once it is seen again."""
    visit.open(**PERIOD)
    look_at(visit)
    visit.page.evaluate("window.scrollTo(0, 0)")
    visit.page.wait_for_timeout(200)  # the browser tells of what is far a frame later
    visit.forget_calls()
    visit.choose("channel", "WhatsApp")
    visit.settle()
    assert SLUG not in visit.panel_calls(near=True)
    expect(visit.page.locator(f"{PANEL} .list")).to_be_hidden()
    look_at(visit)
    assert names(visit.page) == expected_names(served, "channel", channel="WhatsApp")


def test_near_the_screen_it_is_asked_after_the_others(visit: Visit) -> None:
    visit.open(**PERIOD)
    look_at(visit)
    visit.forget_calls()
    with visit.page.expect_response(lambda answer: is_of_panel(answer.request)):
        row(visit.page, "WhatsApp").locator(".row-button").click()
    visit.settle()
    calls = visit.panel_calls(near=True)
    assert calls[-1] == SLUG
    assert calls.count(SLUG) == 1
    assert len(calls) > 5


def test_printing_waits_for_it(visit: Visit) -> None:
    visit.open(**PERIOD)
    visit.page.evaluate(
        """(panel) => {
          window.print = () => { window.printed = document.querySelector(panel).className; };
        }""",
        PANEL,
    )
    visit.page.keyboard.press("Control+p")
    visit.page.wait_for_function("() => window.printed", timeout=WAIT_MS)
    assert "state-ready" in visit.page.evaluate("window.printed")
    assert names(visit.page)


# --- what is compared ----------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["channel", "case_type", "team", "agent", "template"])
def test_the_selector_chooses_what_is_compared(visit: Visit, served: Served, by: str) -> None:
    visit.open(**PERIOD, by="hour")
    look_at(visit)
    choose(visit, by)
    shown = names(visit.page)
    assert {*expected_names(served, by)} <= {*shown}
    assert address(visit.page).get("by", ["channel"]) == [by]


def test_what_has_no_value_says_so(visit: Visit) -> None:
    visit.open(**PERIOD, by="team")
    look_at(visit)
    assert "Sem equipe" in names(visit.page)
    assert row(visit.page, "Sem equipe").locator("button").count() == 0


def test_an_address_shows_the_same_again(visit: Visit) -> None:
    visit.open(**PERIOD, by="agent", by_sort="value", by_columns="messages,waits")
    look_at(visit)
    assert heads(visit.page) == ["Agente", "Mensagens", "Esperas"]
    assert visit.page.is_checked(f"{PANEL} input[value=agent]")
    shown = names(visit.page)
    known = [name for name in shown if name != "Sem agente"]
    assert known == sorted(known, key=str.casefold)
    again = visit.page.url
    visit.page.goto(again)
    visit.settle()
    look_at(visit)
    assert names(visit.page) == shown
    assert visit.page.url == again


def test_an_unknown_choice_of_an_address_is_left_out(visit: Visit) -> None:
    visit.open(**PERIOD, by="nothing", by_sort="x", by_columns="messages,nothing")
    look_at(visit)
    assert heads(visit.page)[0] == "Canal"
    assert not address(visit.page).keys() & {"by", "by_sort", "by_columns"}


def test_downloads_compare_the_same(visit: Visit) -> None:
    visit.open(**PERIOD, by="team")
    look_at(visit)
    for kind in ("csv", "xlsx"):
        link = visit.page.locator(f"#breakdown-{kind}").get_attribute("href")
        assert link
        assert parse_qs(urlsplit(link).query)["by"] == ["team"]
        assert f"/export/breakdown.{kind}" in link
    other = visit.page.locator("#cases-csv").get_attribute("href")
    assert "by=" not in str(other)


# --- columns and order ---------------------------------------------------------------------------


def test_a_heading_sorts_also_with_the_keyboard(visit: Visit) -> None:
    visit.open(**PERIOD)
    look_at(visit)
    heading = visit.page.locator(f"{PANEL} thead th", has_text="Casos criados")
    heading.locator("button").focus()
    visit.page.keyboard.press("Enter")
    expect(heading).to_have_attribute("aria-sort", "descending")
    visit.page.keyboard.press("Enter")
    expect(heading).to_have_attribute("aria-sort", "ascending")
    visit.rest()
    column = heads(visit.page).index("Casos criados") + 1
    cells = visit.page.locator(f"{PANEL} tbody tr > :nth-child({column}) > :first-child")
    numbers = [int(text) for text in cells.all_inner_texts()]
    assert numbers == sorted(numbers)
    assert address(visit.page)["by_sort"] == ["cases_created"]


def test_more_columns_can_be_shown(visit: Visit) -> None:
    visit.open(**PERIOD)
    look_at(visit)
    visit.page.click(f"{PANEL} .compared-columns > summary")
    visit.page.check(f"{PANEL} #breakdown-columns-choice input[value=failure_rate]")
    visit.page.wait_for_selector(f"{PANEL} thead th:has-text('Falha')", timeout=WAIT_MS)
    assert "failure_rate" in address(visit.page)["by_columns"][0]
    visit.page.click(f"{PANEL} [data-action=usual-figures]")
    visit.page.wait_for_selector(f"{PANEL} thead th:has-text('Falha')", state="detached")
    assert "by_columns" not in address(visit.page)
    assert not visit.page.is_checked(f"{PANEL} #breakdown-columns-choice input[value=failure_rate]")


def many_channels(folder: Path) -> str:
    cases = [
        {
            "case_id": f"c{number}",
            "person_name": "P",
            "channel": f"WhatsApp {number:02} {'de um nome muito comprido ' * 4}",
            "case_type": "x",
            "opened_at": "2026-10-02T12:00:00Z",
        }
        for number in range(40)
    ]
    messages = [
        {
            "message_id": f"m{number}-{place}",
            "case_id": f"c{number}",
            "direction": "in",
            "sent_at": f"2026-10-02T12:{place:02}:00Z",
        }
        for number in range(40)
        for place in range(number + 1)
    ]
    return import_rows(folder, cases, messages)


def test_fifteen_rows_come_first_and_the_others_on_demand(
    tabs: BrowserContext, tmp_path: Path
) -> None:
    with (
        serving(create_app(Settings(store_url=many_channels(tmp_path)))) as url,
        watched(tabs, url) as visit,
    ):
        visit.open(**PERIOD)
        look_at(visit)
        assert len(names(visit.page)) == 15
        assert names(visit.page)[0].startswith("WhatsApp 39")
        visit.page.click(f"{PANEL} .fold-row")
        visit.page.wait_for_function(
            f"() => document.querySelectorAll('{PANEL} tbody tr').length === 40", timeout=WAIT_MS
        )
        assert visit.page.locator(f"{PANEL} .fold-row").count() == 0
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not visit.page.evaluate(wide)


# --- a press on a row ----------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["th .row-button", "td >> nth=0", "th .bar"])
def test_a_press_anywhere_in_a_row_narrows_the_page(
    visit: Visit, served: Served, part: str
) -> None:
    visit.open(**PERIOD, by="case_type")
    look_at(visit)
    place = row(visit.page, "2ª via").locator(part).bounding_box()
    assert place
    visit.page.mouse.click(place["x"] + 3, place["y"] + place["height"] / 2)
    visit.page.wait_for_url("**case_type=**", timeout=WAIT_MS)
    assert address(visit.page)["case_type"] == ["2ª via"]
    [left] = expected_names(served, "case_type", case_type="2ª via")
    expect(visit.page.locator(f"{PANEL} tbody .compared-text")).to_have_text([left])
    visit.settle()


def test_a_row_is_pressed_with_the_keyboard(visit: Visit) -> None:
    visit.open(**PERIOD, by="agent")
    look_at(visit)
    row(visit.page, "Bia").locator(".row-button").focus()
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_url("**agent=Bia**", timeout=WAIT_MS)
    visit.settle()


# --- weekdays and hours --------------------------------------------------------------------------


def test_a_press_on_an_hour_tells_its_figures(visit: Visit, served: Served) -> None:
    visit.open(**PERIOD, by="weekday_hour")
    look_at(visit)
    rows = served.oracle.answer("breakdown", {**PERIOD, "by": "weekday_hour"})
    most = max(rows, key=lambda one: one["messages"])
    cells = visit.page.locator(f"{PANEL} .heat-cell")
    assert cells.count() == 7 * 24
    cell = cells.nth((most["weekday"] - 1) * 24 + most["hour"])
    assert cell.inner_text() == str(most["messages"])
    cell.click()
    told = visit.page.locator(f"{PANEL} .heat-told")
    span = f"{most['hour']:02}:00\u2013{most['hour'] + 1:02}:00"
    expect(told).to_contain_text(f"{span} · Mensagens {most['messages']}")
    assert "channel" not in address(visit.page)
    visit.says(f"{PANEL} .compared-sentence", "Pico: ")


def test_arrow_keys_lead_through_the_hours(visit: Visit) -> None:
    visit.open(**PERIOD, by="weekday_hour")
    look_at(visit)
    visit.page.locator(f"{PANEL} .heat-cell").first.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp", "ArrowUp"):
        visit.page.keyboard.press(key)
    label = visit.page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert label.startswith("seg., 01:00")
    assert visit.page.locator(f"{PANEL} .heat-cell[tabindex='0']").count() == 1
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator(f"{PANEL} .heat-told")).to_contain_text("seg., 01:00")


def test_the_heat_map_shows_the_figure_that_is_chosen(visit: Visit, served: Served) -> None:
    visit.open(**PERIOD, by="weekday_hour")
    look_at(visit)
    visit.page.click(f"{PANEL} .heat-choice button:has-text('Casos criados')")
    pressed = visit.page.locator(f"{PANEL} .heat-choice [aria-pressed=true]")
    expect(pressed).to_have_text("Casos criados")
    rows = served.oracle.answer("breakdown", {**PERIOD, "by": "weekday_hour"})
    shown = visit.page.locator(f"{PANEL} .heat-cell").all_inner_texts()
    assert shown == [str(one["cases_created"] or "") for one in rows]
    assert address(visit.page)["by_sort"] == ["-cases_created"]


def test_all_hours_are_listed_and_none_can_be_pressed(visit: Visit) -> None:
    visit.open(**PERIOD, by="hour")
    look_at(visit)
    assert names(visit.page) == [f"{hour:02}:00" for hour in range(24)]
    assert visit.page.locator(f"{PANEL} .row-button").count() == 0


# --- states --------------------------------------------------------------------------------------


def test_without_data_it_says_so_and_keeps_its_selector(visit: Visit) -> None:
    visit.open(start="2025-01-01", end="2025-01-02")
    look_at(visit)
    expect(visit.page.locator(PANEL)).to_have_class("panel panel-list state-empty")
    choose(visit, "team")
    assert visit.page.is_checked(f"{PANEL} input[value=team]")


@pytest.mark.parametrize("width", [360, 900, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(visit: Visit, width: int, theme: Literal["light", "dark"]) -> None:
    visit.page.set_viewport_size({"width": width, "height": 900})
    for by in ("agent", "weekday_hour", "hour"):
        visit.open(**PERIOD, by=by, theme=theme)
        look_at(visit)
        if by == "agent":
            visit.page.click(f"{PANEL} .compared-columns > summary")
        assert violations(visit.page) == []
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not visit.page.evaluate(wide)
