"""Focus rings, the way past the filters, and screens whose system sets the colours."""

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import WAIT_MS, Served, Visit, violations, watched

PERIOD = {"start": "2026-10-01", "end": "2026-10-20"}
#: What is seen of the element that has the focus and of what is around it; where the system sets
#: the colours, neither a shadow nor a background is.
LOOK = """(isForced) => {
  const at = document.activeElement;
  if (at === document.body) return null;
  const around = [at, at.parentElement, at.parentElement.parentElement];
  const styles = () => around.flatMap((one) => [null, '::before', '::after'].map((part) => {
    const style = getComputedStyle(one, part);
    const line = style.outlineStyle === 'none' || style.outlineWidth === '0px'
      ? 'none' : `${style.outlineStyle} ${style.outlineWidth} ${style.outlineColor}`;
    return [line, style.borderTopColor, style.borderTopWidth,
      ...(isForced ? [] : [style.boxShadow, style.backgroundColor])].join(' ');
  })).join();
  for (const one of around) one.getAnimations().forEach((running) => running.finish());
  const withFocus = styles();
  at.blur();
  const without = styles();
  at.focus({ preventScroll: true });
  return { isSeen: withFocus !== without, name: `${at.tagName} ${at.id} ${at.className}` };
}"""


@pytest.fixture
def forced(browser: Browser, served: Served) -> Iterator[Visit]:
    """A tab of a system that sets the colours itself."""
    with (
        browser.new_context(forced_colors="active", locale="en-US") as context,
        watched(context, served.url, "dark") as visit,
    ):
        yield visit


def walk(page: Page, *, is_forced: bool) -> tuple[int, list[str]]:
    """All stops of Tab, and the names of those whose focus is not seen."""
    unseen: list[str] = []
    for stops in range(300):
        page.keyboard.press("Tab")
        locale = page.evaluate(LOOK, is_forced)
        if locale is None:
            return stops, unseen
        if not locale["isSeen"]:
            unseen.append(locale["name"])
    pytest.fail("Tab never leaves the page")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_focus_is_seen_wherever_it_is(visit: Visit, theme: Literal["light", "dark"]) -> None:
    visit.open(theme=theme, kind="hsm", **PERIOD)
    stops, unseen = walk(visit.page, is_forced=False)
    assert unseen == []
    assert stops > 60


def test_the_focus_is_seen_where_the_system_sets_the_colours(forced: Visit) -> None:
    forced.open(kind="hsm", **PERIOD)
    stops, unseen = walk(forced.page, is_forced=True)
    assert unseen == []
    assert stops > 60


@pytest.mark.parametrize(
    "selector", [".fact .swatch", ".legend .swatch", "#panel-failures .bar i", ".freshness .dot"]
)
def test_what_is_painted_keeps_its_colour_where_the_system_sets_them(
    forced: Visit, selector: str
) -> None:
    forced.open(**PERIOD)
    painted = forced.page.locator(selector)
    assert painted.count() > 0
    card = forced.page.evaluate(BACKGROUND, "#panel-cases")
    for place in range(painted.count()):
        colour = painted.nth(place).evaluate("(one) => getComputedStyle(one).backgroundColor")
        assert colour not in (card, "rgba(0, 0, 0, 0)")


BACKGROUND = "(selector) => getComputedStyle(document.querySelector(selector)).backgroundColor"


def test_choices_are_seen_where_the_system_sets_the_colours(forced: Visit) -> None:
    page = forced.page
    forced.open(**PERIOD)
    page.click(".period-button")
    day = "#filter-period-calendar .within"
    page.wait_for_selector(day)
    assert page.evaluate(BACKGROUND, day) != page.evaluate(BACKGROUND, ".period-body")
    assert violations(page) == []
    page.keyboard.press("Escape")
    chosen = page.locator("#waiting-words .fact-button").first
    chosen.click()
    page.wait_for_selector("#waiting-words .fact-button[aria-pressed=true]")
    pressed = page.locator("#waiting-words .fact-button[aria-pressed=true]")
    page.click("h1")
    assert pressed.evaluate("(one) => getComputedStyle(one).outlineStyle") == "solid"
    assert violations(page) == []


def test_what_scrolls_is_reached_by_keyboard(visit: Visit) -> None:
    page = visit.page
    visit.open(**PERIOD)
    page.click("#panel-cases .panel-menu > summary")
    page.click("#panel-cases [data-view=table]")
    page.wait_for_selector("#cases-numbers td")
    page.add_style_tag(content="#failures-cards, #cases-numbers { height: 40px !important; }")
    page.set_viewport_size({"width": 1270, "height": 900})
    for selector, name in (
        ("#failures-cards", "Falhas e o que fazer"),
        ("#cases-numbers", "Quantidade de casos"),
    ):
        page.wait_for_selector(f"{selector}[tabindex='0']")
        region = page.get_by_role("group", name=name).locator("xpath=self::*[@tabindex='0']")
        region.focus()
        page.keyboard.press("ArrowDown")
        page.wait_for_function(
            "(selector) => document.querySelector(selector).scrollTop > 0", arg=selector
        )
    assert violations(page) == []
    page.add_style_tag(content="#failures-cards { height: 2000px !important; }")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.wait_for_selector("#failures-cards:not([tabindex])")


def test_the_first_stop_leads_past_the_filters(visit: Visit) -> None:
    page = visit.page
    visit.open(lang="pt-BR")
    link = page.get_by_role("link", name="Ir para os números")
    hidden = link.bounding_box()
    assert hidden
    assert hidden["width"] <= 1
    page.keyboard.press("Tab")
    assert link.evaluate("(one) => one === document.activeElement")
    shown = link.bounding_box()
    assert shown
    assert shown["width"] > 100
    address = page.url
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.matches('main.panels')")
    assert page.url == address
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main.panels') !== null")


def test_the_way_past_the_filters_in_a_frame(tabs: BrowserContext, served: Served) -> None:
    with watched(tabs, served.url) as visit:
        page = visit.page
        page.route("**/portal", lambda route: route.fulfill(content_type="text/html", body=PORTAL))
        page.goto(f"{served.url}/portal")
        frame = page.frame_locator("iframe")
        link = frame.get_by_role("link", name="Ir para os números")
        link.wait_for(state="attached", timeout=WAIT_MS)
        link.focus()
        link.press("Enter")
        inside = frame.locator("main.panels")
        assert inside.evaluate("(main) => main === document.activeElement")


PORTAL = '<!doctype html><title>Portal</title><iframe src="/" width="900" height="700"></iframe>'
