"""How the page looks where it has little room: nothing is cut, covered or beyond the screen."""

import pytest
from playwright.sync_api import Page

from components.panels.details import COLUMNS
from tests.browser.conftest import Scheme, Served, Visit

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
    # Where nothing has a price, the panel of costs is a line without a menu.
    menus = visit.page.locator("main details.menu").filter(visible=True).all()
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
        """() => [...document.querySelectorAll('.graph')].flatMap((graph) => {
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
        len(names) - 1 if every else 12  # the channel stands above the table
    )
    assert visit.page.evaluate(_BROKEN, _WHOLE) == []
    table = visit.page.locator("#details-table table").evaluate(_BOX)
    assert table[2] - table[0] <= 1047
    visit.page.emulate_media(media="screen")
    visit.page.evaluate("window.dispatchEvent(new Event('afterprint'))")


def test_the_list_of_cases_tells_the_date_on_a_phone(visit: Visit) -> None:
    seen(visit.page, 360)
    visit.open(start="2026-09-01", end="2026-12-31")
    visit.page.click(".fold-button")
    visit.page.click("#filter-case")
    beside = visit.page.locator(".dash-dropdown-option .option-of-case .option-count")
    beside.first.wait_for()
    for one in beside.all():
        assert one.inner_text().endswith("/2026")
        assert one.evaluate("(text) => text.scrollWidth <= text.clientWidth + 1")
        assert one.evaluate("(text) => getComputedStyle(text).whiteSpace") == "normal"


def test_twenty_rows_scroll_below_their_header_on_a_small_screen(visit: Visit) -> None:
    """On a phone, of up to 430 pixels, rows are cards instead."""
    seen(visit.page, 440)
    visit.open(start="2026-09-01", end="2026-12-31")
    around = visit.page.locator("#details-table .dash-spreadsheet-container")
    box = around.evaluate(_BOX)
    assert 320 <= box[3] - box[1] <= 800 - 160
    around.evaluate("(found) => found.scrollTo(0, found.scrollHeight)")
    header = visit.page.locator("#details-table th.dash-header").first.evaluate(_BOX)
    assert header[1] == pytest.approx(box[1], abs=1)
    # What stands below it covers none of it.
    for below in (".table-foot", ".previous-next-container"):
        assert visit.page.locator(below).evaluate(_BOX)[1] >= box[3] - 1


@pytest.mark.parametrize("width", [721, 768, 1000])
def test_how_new_the_data_are_is_one_line(visit: Visit, width: int) -> None:
    seen(visit.page, width)
    visit.open(lang="es")
    _left, top, _right, bottom = visit.page.locator(".freshness").evaluate(_BOX)
    assert bottom - top < 30
    title = visit.page.locator("h1").evaluate(_BOX)
    menus = visit.page.locator("#language-menu, #theme-menu").all()
    assert all(menu.evaluate(_BOX)[1] < title[3] <= top for menu in menus)


@pytest.mark.parametrize("width", [1101, 1440, 1920])
def test_the_name_of_the_first_card_is_whole(visit: Visit, width: int) -> None:
    seen(visit.page, width)
    visit.open(lang="es")
    cut = visit.page.evaluate(
        """() => [...document.querySelectorAll('.as-one > .indicator .card-title-line *')]
             .filter((name) => name.matches('.card-label, .card-short'))
             .filter((name) => name.scrollWidth > name.clientWidth + 1 && name.clientWidth)
             .map((name) => name.textContent)"""
    )
    assert cut == []


def test_one_sentence_instead_of_indicators_takes_little_room(visit: Visit) -> None:
    seen(visit.page, 360)
    for lang in ("pt-BR", "en", "es"):
        visit.open(template="no such template", lang=lang)
        band = visit.page.locator(".panel-cards").evaluate(_BOX)
        assert band[3] - band[1] < 320
        first = visit.page.locator(".as-one > .indicator").evaluate(_BOX)
        for said in (".panel-cards .notice p", ".panel-cards .notice .only-empty"):
            box = visit.page.locator(said).first.evaluate(_BOX)
            assert first[3] <= box[1] < box[3] <= band[3]


def test_no_line_crosses_what_is_said_of_a_bad_address(visit: Visit) -> None:
    visit.page.goto(f"{visit.home}/?status=nonsense")
    visit.page.locator(".alert-box").wait_for()
    grounds = visit.page.evaluate(
        """() => ['.band', '.indicator'].map(
             (part) => getComputedStyle(document.querySelector(part)).backgroundColor)"""
    )
    assert grounds[0] == grounds[1]


def test_words_of_failures_begin_where_those_above_them_do(visit: Visit) -> None:
    seen(visit.page, 360)
    visit.open(start="2026-09-01", end="2026-12-31")
    words = visit.page.locator("#failures-words")
    above = words.locator(".facts").evaluate(_BOX)
    button = words.locator(".link-button").evaluate(_BOX)
    assert button[1] > above[1], "it has a line of its own"
    assert button[0] + 4 == above[0]  # its room around is no ink


def test_the_ring_of_focus_is_whole_in_the_filters_of_a_phone(visit: Visit) -> None:
    seen(visit.page, 360)
    visit.open()
    visit.page.click(".fold-button")
    around = visit.page.locator(".controls").evaluate(_BOX)
    button = visit.page.locator(".period-button").first.evaluate(_BOX)
    assert button[0] - around[0] >= 4
    assert around[2] - button[2] >= 4


def test_the_filters_of_a_phone_say_how_many_cases_they_leave(visit: Visit, served: Served) -> None:
    """The number follows the selection; both buttons close the filters and move the focus."""
    seen(visit.page, 360)
    visit.open(start="2026-09-01", end="2026-12-31")
    see, close = (
        visit.page.locator("#filter-show-cases"),
        visit.page.locator(".filter-foot .quiet-button"),
    )
    assert not see.is_visible()
    visit.page.click(".fold-button")
    every = served.oracle.options("case", {"start": "2026-09-01", "end": "2026-12-31"})
    visit.says("#filter-show-cases", f"Ver {len(every)} casos")
    visit.choose("channel", "WhatsApp")
    few = served.oracle.options(
        "case", {"start": "2026-09-01", "end": "2026-12-31", "channel": ["WhatsApp"]}
    )
    assert len(few) < len(every)
    visit.says("#filter-show-cases", f"Ver {len(few)} casos")
    # It stands at the lower edge of what scrolls.
    around = visit.page.locator(".controls").evaluate(_BOX)
    assert see.evaluate(_BOX)[3] <= around[3] + 1
    see.click()
    assert not see.is_visible()
    assert visit.page.evaluate("document.activeElement.id") == "panels"
    visit.page.click(".fold-button")
    close.press("Enter")
    assert not close.is_visible()
    assert visit.page.evaluate("document.activeElement.className").startswith("fold-button")


def test_the_filters_have_no_foot_where_they_are_always_open(visit: Visit) -> None:
    visit.open()
    assert not visit.page.locator(".filter-foot").is_visible()


def test_bars_by_status_use_the_room_of_a_frame(visit: Visit) -> None:
    """At 900 pixels the longest bar takes nearly half of the graph, beside names and numbers."""
    seen(visit.page, 900, 700)
    visit.open(start="2026-09-01", end="2026-12-31")
    graph = visit.page.locator("#messages-by-status-graph")
    whole, bars = graph.evaluate(
        """(graph) => {
          const bars = [...graph.querySelectorAll('.point path')].map(
            (bar) => bar.getBoundingClientRect());
          const left = Math.min(...bars.map((bar) => bar.left));
          return [graph.clientWidth, Math.max(...bars.map((bar) => bar.right)) - left];
        }"""
    )
    assert bars >= 0.45 * whole


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_legends_keep_their_colours_where_the_system_sets_all_others(
    visit: Visit, scheme: Scheme
) -> None:
    """Each patch has the colour of its bars, and a line around it."""
    visit.page.emulate_media(color_scheme=scheme)
    visit.open(start="2026-09-01", end="2026-12-31")
    grounds = """() => [...document.querySelectorAll('.swatch, .bar i')].map(
      (patch) => getComputedStyle(patch).backgroundColor)"""
    usual = visit.page.evaluate(grounds)
    assert len(set(usual)) >= 6
    visit.page.emulate_media(color_scheme=scheme, forced_colors="active")
    assert visit.page.evaluate(grounds) == usual
    lines = visit.page.evaluate(
        """() => [...document.querySelectorAll('.swatch')].map(
             (patch) => getComputedStyle(patch).outlineStyle)"""
    )
    assert set(lines) == {"solid"}
    visit.page.emulate_media(forced_colors="none")
