"""How the page looks where it has little room: nothing is cut, covered or beyond the screen."""

import pytest
from playwright.sync_api import Page

from components.panels.details import COLUMNS
from tests.browser.conftest import Visit

#: Where an element stands, once what moves it has had its turn before the next picture.
_BOX = """async (element) => {
  const picture = () => new Promise(requestAnimationFrame);
  await picture();
  await picture();
  const { left, top, right, bottom } = element.getBoundingClientRect();
  return [left, top, right, bottom];
}"""
_INTO_VIEW = "(element, block) => element.scrollIntoView({ block, behavior: 'instant' })"


def seen(page: Page, width: int, height: int = 800) -> None:
    page.set_viewport_size({"width": width, "height": height})


def is_beyond(box: list[float], width: int, height: int, margin: float = 0) -> bool:
    left, top, right, bottom = box
    return left < margin or top < 0 or right > width - margin or bottom > height


@pytest.mark.parametrize("lang", ["pt-BR", "es"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_tips_stay_on_the_screen(visit: Visit, width: int, lang: str) -> None:
    seen(visit.page, width)
    visit.open(lang=lang)
    visit.page.keyboard.press("Tab")  # from here on the focus is one of the keyboard
    beyond, low = [], 0
    for tip in visit.page.locator(".tip").all():
        for block in ("center", "end"):
            tip.evaluate(_INTO_VIEW, block)
            tip.locator(".tip-button").evaluate(
                "(button) => { button.blur(); button.focus({ preventScroll: true }); }"
            )
            text = tip.locator(".tip-text")
            assert text.is_visible()
            box = text.evaluate(_BOX)
            low += box[3] > 700
            if is_beyond(box, width, 800, margin=7.5):
                beyond.append((text.get_attribute("id"), block, box))
    assert beyond == []
    assert low, "some of them stood low"


def test_a_tip_is_no_ribbon_on_a_phone(visit: Visit) -> None:
    seen(visit.page, 360)
    visit.open()
    visit.page.locator(".indicator .tip-button").nth(1).hover()
    left, _top, right, _bottom = visit.page.locator(".indicator .tip-text").nth(1).evaluate(_BOX)
    assert right - left > 300


@pytest.mark.parametrize("lang", ["pt-BR", "es"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_menus_of_panels_stay_on_the_screen(visit: Visit, width: int, lang: str) -> None:
    seen(visit.page, width)
    visit.open(lang=lang)
    beyond = []
    menus = visit.page.locator("main details.menu").all()
    assert len(menus) >= 9
    for menu in menus:
        summary = menu.locator("summary")
        for block in ("center", "end"):
            summary.evaluate(_INTO_VIEW, block)
            summary.click()
            box = menu.locator(".menu-body").evaluate(_BOX)
            if is_beyond(box, width, 800):
                beyond.append((summary.get_attribute("aria-label"), block, box))
            summary.click()
    assert beyond == []


@pytest.mark.parametrize(("width", "columns"), [(721, 1), (860, 1), (861, 2), (900, 2)])
def test_graphs_stand_beside_each_other_where_both_have_room(
    visit: Visit, width: int, columns: int
) -> None:
    seen(visit.page, width)
    visit.open()
    boxes = [visit.page.locator(f"#panel-{slug}").evaluate(_BOX) for slug in ("cases", "templates")]
    assert len({top for _left, top, _right, _bottom in boxes}) == 3 - columns
    beyond = visit.page.evaluate(
        """() => [...document.querySelectorAll('.dash-graph')].flatMap((graph) => {
             const whole = graph.getBoundingClientRect();
             return [...graph.querySelectorAll('text')].filter((text) => {
               const { left, right, width } = text.getBoundingClientRect();
               return width && (left < whole.left - 1 || right > whole.right + 1);
             }).map((text) => text.textContent);
           })"""
    )
    assert beyond == []


#: Columns whose values are one thing each, and the words of the table that paper breaks.
_WHOLE = ["case_number", "channel", "kind", "status", "phone", "seq", "opened_at", "sent_at"]
_BROKEN = """(names) => names.flatMap((name) =>
  [...document.querySelectorAll(`#details-table [data-dash-column="${name}"]`)].flatMap((cell) => {
    if (!cell.matches('td')) return [];
    const value = cell.querySelector('.dash-cell-value') || cell;
    const text = document.createTreeWalker(value, NodeFilter.SHOW_TEXT).nextNode();
    return [...(text ? text.nodeValue : '').matchAll(/\\S+/g)].filter(({ 0: word, index }) => {
      const range = document.createRange();
      range.setStart(text, index);
      range.setEnd(text, index + word.length);
      return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1;
    }).map(([word]) => `${name}: ${word}`);
  }))"""


@pytest.mark.parametrize("every", [False, True])
def test_paper_keeps_words_and_numbers_whole(visit: Visit, *, every: bool) -> None:
    names = [column.name for column in COLUMNS]
    visit.open(
        start="2026-09-01", end="2026-12-31", **({"columns": ",".join(names)} if every else {})
    )
    visit.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    visit.page.emulate_media(media="print")
    seen(visit.page, 1047, 733)  # a turned A4 sheet without its margins
    assert visit.page.locator("#details-table th.dash-header").count() == (
        len(names) if every else 13
    )
    assert visit.page.evaluate(_BROKEN, _WHOLE) == []
    table = visit.page.locator("#details-table table").evaluate(_BOX)
    assert table[2] - table[0] <= 1047
    visit.page.emulate_media(media="screen")
    visit.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
