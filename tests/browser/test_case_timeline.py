"""The drawer with a case's time line: how it opens, what it shows, and how it closes."""

import re

import pytest
from playwright.sync_api import BrowserContext, FrameLocator, Page, Request

from queries.reader import Reader
from tests.browser.conftest import (
    WAIT_MS,
    Served,
    Visit,
    hold_calls,
    in_process,
    output_of,
    violations,
    wait_for_focus,
    wait_until_still,
    watched,
)
from tests.oracle.oracle import Case

PERIOD = {"start": "2026-09-01", "end": "2026-12-31"}
DRAWER = "#timeline"
#: In a server without a portal the number is a button, in one with a portal it is a link.
NUMBER = "#details-table td[data-dash-column=case_number] :is(a, [role=button])"


def case_of(served: Served, number: str) -> Case:
    [found] = [case for case in served.oracle.cases if case.number == number]
    return found


def open_first(page: Page) -> str:
    """Press the first case number of the table; gives that number."""
    first = page.locator(NUMBER).first
    number = first.inner_text()
    first.click()
    page.locator(f"{DRAWER} .timeline-facts").wait_for(timeout=WAIT_MS)
    return number


def is_open(page: Page) -> bool:
    return page.locator(DRAWER).is_visible()


def closed(page: Page) -> None:
    page.locator(DRAWER).wait_for(state="detached", timeout=WAIT_MS)


def test_a_press_on_a_case_shows_every_message_of_it(visit: Visit, served: Served) -> None:
    visit.open(**PERIOD, direction="in")
    tabs = len(visit.page.context.pages)
    number = open_first(visit.page)
    case = case_of(served, number)
    drawer = visit.page.locator(DRAWER)
    assert drawer.locator("h2").inner_text() == f"Caso {number}"
    # All of the case, also what the page's filters leave out.
    texts = [text.text_content() for text in drawer.locator(".entry-text").all()]
    assert texts == [message.body for message in case.messages]
    sides = [item.get_attribute("class") for item in drawer.locator(".entry").all()]
    assert sides == [f"entry entry-{message.direction}" for message in case.messages]
    assert len(visit.page.context.pages) == tabs, "a plain press stays here"


def test_the_number_stays_a_link_into_the_portal(visit: Visit) -> None:
    visit.open(**PERIOD)
    visit.page.evaluate(
        """() => document.addEventListener('click', (event) => {
             window.goes = !event.defaultPrevented;
             event.preventDefault();
           })"""
    )
    visit.page.locator(NUMBER).first.click(modifiers=["Control"])
    assert visit.page.evaluate("window.goes") is True
    assert not is_open(visit.page)
    visit.page.locator(NUMBER).first.click()
    assert visit.page.evaluate("window.goes") is False
    link = visit.page.locator(f"{DRAWER} .timeline-portal")
    link.wait_for(timeout=WAIT_MS)
    assert (link.get_attribute("href") or "").startswith("https://portal.test/cases/c")
    assert (link.get_attribute("target"), link.get_attribute("rel")) == ("_blank", "noopener")


@pytest.mark.parametrize("way", ["Escape", "button", "beside"])
def test_closing_gives_the_focus_back(visit: Visit, way: str) -> None:
    visit.open(**PERIOD)
    number = open_first(visit.page)
    assert visit.page.evaluate("document.activeElement.closest('[role=dialog]').id") == "timeline"
    if way == "Escape":
        visit.page.keyboard.press("Escape")
    elif way == "button":
        visit.page.click(f"{DRAWER} .drawer-close")
    else:
        visit.page.mouse.click(100, 400)
    closed(visit.page)
    wait_for_focus(visit.page, number)


def test_a_press_inside_leaves_it_open(visit: Visit) -> None:
    visit.open(**PERIOD)
    open_first(visit.page)
    visit.page.locator(f"{DRAWER} .timeline-facts").click()
    visit.page.locator(f"{DRAWER} h2").click()
    # A selection that begins inside and ends outside is no press beside it.
    visit.page.mouse.move(900, 200)
    visit.page.mouse.down()
    visit.page.mouse.move(100, 200)
    visit.page.mouse.up()
    assert is_open(visit.page)


def test_the_keyboard_opens_it_and_arrows_do_not(visit: Visit) -> None:
    visit.open(**PERIOD)
    page = visit.page
    numbers = [found.inner_text() for found in page.locator(NUMBER).all()]
    page.locator("#details-table th.dash-filter input[type=text]").last.focus()
    page.keyboard.press("Tab")
    wait_for_focus(page, numbers[0])
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
    page.wait_for_function("() => document.activeElement.closest('td').dataset.dashRow === '2'")
    assert not is_open(page)
    assert (
        visit.page.evaluate("document.activeElement.closest('td').dataset.dashColumn")
        == "case_number"
    )
    page.keyboard.press("Enter")
    page.locator(f"{DRAWER} .timeline-facts").wait_for(timeout=WAIT_MS)
    assert page.inner_text(f"{DRAWER} h2") == f"Caso {numbers[2]}"
    page.keyboard.press("Escape")
    closed(page)
    assert page.evaluate("document.activeElement.closest('td').dataset.dashRow") == "2"


@in_process
def test_without_a_portal_the_number_is_a_button(visit_here: Visit) -> None:
    visit_here.open(**PERIOD)
    page = visit_here.page
    number = page.get_by_role("button", name="48059", exact=True).first
    assert number.get_attribute("aria-haspopup") == "dialog"
    number.focus()
    page.keyboard.press(" ")
    page.locator(f"{DRAWER} .timeline-facts").wait_for(timeout=WAIT_MS)
    assert not page.locator(".timeline-portal").is_visible()
    page.keyboard.press("Escape")
    closed(page)
    wait_for_focus(page, "48059")
    assert violations(page) == []


def test_any_button_may_open_a_case(visit: Visit, served: Served) -> None:
    visit.open(**PERIOD)
    key = visit.page.evaluate(
        """() => dash_component_api.getLayout('details-table').props.data[0].case_key"""
    )
    visit.page.evaluate(
        """(key) => {
             const button = document.createElement('button');
             Object.assign(button, {id: 'mine', textContent: 'x'});
             Object.assign(button.dataset, {action: 'case', value: key});
             document.querySelector('main').prepend(button);
           }""",
        key,
    )
    visit.page.click("#mine")
    visit.page.locator(f"{DRAWER} .timeline-facts").wait_for(timeout=WAIT_MS)
    first = visit.page.locator(NUMBER).first.inner_text()
    assert visit.page.inner_text(f"{DRAWER} h2") == f"Caso {first}"
    visit.page.keyboard.press("Escape")
    closed(visit.page)
    assert visit.page.evaluate("document.activeElement.id") == "mine"


@pytest.mark.parametrize("key", ["999999", "-1", "x", "9" * 30, ""])
def test_a_forged_case_is_not_found(visit: Visit, key: str) -> None:
    visit.open(**PERIOD)
    visit.page.evaluate(
        """(key) => {
             consumo.require('./drawer').open('timeline');
             dash_clientside.set_props('timeline-asked', {data: {case_key: key}});
           }""",
        key,
    )
    visit.says(f"{DRAWER} .timeline", "Este caso não foi encontrado.")


@in_process
def test_a_failure_offers_another_try(visit_here: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    visit_here.open(**PERIOD)
    page = visit_here.page

    def fails(*_: object) -> None:
        raise RuntimeError("broken")

    with monkeypatch.context() as patch:
        patch.setattr(Reader, "timeline", fails)
        page.locator(NUMBER).first.click()
        again = page.locator(f"{DRAWER} .timeline [data-action=case]")
        again.wait_for(timeout=WAIT_MS)
        assert "tente de novo" in page.inner_text(f"{DRAWER} .timeline [role=alert]").lower()
    again.click()
    page.locator(f"{DRAWER} .timeline-facts").wait_for(timeout=WAIT_MS)


def test_while_it_waits_it_says_so(visit: Visit) -> None:
    visit.open(**PERIOD)

    def is_timeline(request: Request) -> bool:
        return "timeline-body" in output_of(request)

    held = hold_calls(visit.page, is_timeline)
    with visit.page.expect_request(is_timeline):
        visit.page.locator(NUMBER).first.click()
    visit.page.locator(".timeline-loading").wait_for(timeout=WAIT_MS)
    assert len(held) == 1
    held.pop().continue_()
    visit.page.locator(f"{DRAWER} .timeline-facts").wait_for(timeout=WAIT_MS)
    assert not visit.page.locator(".timeline-loading").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_accessibility_violations_in_the_drawer(
    tabs: BrowserContext, served: Served, scheme: str
) -> None:
    with watched(tabs, served.url, scheme) as visit:  # type: ignore[arg-type]
        # The oldest cases are the ones that answers of all kinds are in.
        visit.open(**PERIOD, sort="-seq")
        open_first(visit.page)
        wait_until_still(visit.page, "timeline")
        assert violations(visit.page) == []


@pytest.mark.parametrize("width", [360, 900])
def test_it_fits_the_screen(visit: Visit, width: int) -> None:
    visit.page.set_viewport_size({"width": width, "height": 700})
    visit.open(**PERIOD)
    open_first(visit.page)
    wait_until_still(visit.page, "timeline")
    box = visit.page.locator(DRAWER).bounding_box()
    assert box is not None
    assert box["x"] == max(0, width - 520)
    assert (box["x"] + box["width"], box["height"]) == (width, 700)
    body = visit.page.locator(f"{DRAWER} .drawer-body")
    assert body.evaluate("(found) => found.scrollWidth <= found.clientWidth")
    before = visit.page.evaluate("window.scrollY")
    visit.page.mouse.move(width - 50, 400)
    visit.page.mouse.wheel(0, 5_000)
    visit.page.mouse.wheel(0, 5_000)
    assert visit.page.evaluate("window.scrollY") == before, "what lies behind stays"


def framed(visit: Visit, height: int) -> FrameLocator:
    """The page in a frame of another page that scrolls."""
    style = f"border:0;width:900px;height:{height}px"
    visit.page.set_viewport_size({"width": 900, "height": 700})
    visit.page.route(
        "**/portal",
        lambda route: route.fulfill(
            body=f'<html lang="en"><body><iframe src="/?start=2026-09-01&end=2026-12-31" '
            f'style="{style}"></iframe>',
            content_type="text/html",
        ),
    )
    visit.page.goto(f"{visit.home}/portal")
    inside = visit.page.frame_locator("iframe")
    inside.locator("#panel-details.state-ready").wait_for(timeout=WAIT_MS)
    return inside


def test_in_a_frame_as_tall_as_its_content_it_is_near_its_button(visit: Visit) -> None:
    inside = framed(visit, 5_000)
    for place in (0, 19):
        number = inside.locator(NUMBER).nth(place)
        number.click()
        inside.locator(f"{DRAWER} .timeline-facts").wait_for(timeout=WAIT_MS)
        button, drawer = number.bounding_box(), inside.locator(DRAWER).bounding_box()
        assert button is not None
        assert drawer is not None
        assert drawer["height"] == 640
        assert abs(drawer["y"] - button["y"]) < 100
        visit.page.keyboard.press("Escape")
        inside.locator(DRAWER).wait_for(state="hidden")


def test_in_a_small_frame_it_stays_inside(visit: Visit) -> None:
    inside = framed(visit, 600)
    number = inside.locator(NUMBER).first
    number.click()
    inside.locator(f"{DRAWER} .timeline-facts").wait_for(timeout=WAIT_MS)
    frame = visit.page.locator("iframe").bounding_box()
    drawer = inside.locator(DRAWER).bounding_box()
    assert frame is not None
    assert drawer is not None
    assert frame["y"] <= drawer["y"]
    assert drawer["y"] + drawer["height"] <= frame["y"] + frame["height"]


# --- the address of a time line -----------------------------------------------------------------


def test_an_open_case_has_an_address_which_back_leaves(visit: Visit) -> None:
    page = visit.page
    visit.open(**PERIOD, columns="status,team")
    before = page.url
    number = open_first(page)
    address = page.url
    key = re.search(r"[?&]timeline=(\d+)(&|$)", address)
    assert key
    assert "columns=case_number,status,team" in address
    page.go_back()
    closed(page)
    assert page.url == before
    page.go_forward()
    visit.says(f"{DRAWER} h2", f"Caso {number}")
    page.keyboard.press("Escape")
    closed(page)
    page.wait_for_url(before)
    # A link that was kept opens the same case, and closing it leaves the rest of the view.
    page.goto(address)
    visit.says(f"{DRAWER} h2", f"Caso {number}")
    page.keyboard.press("Escape")
    closed(page)
    page.wait_for_url(lambda url: "timeline" not in url)
    assert "columns=case_number,status,team" in page.url
    assert "timeline" not in (page.get_attribute("#details-csv", "href") or "")


def test_a_case_s_link_is_copied_where_the_clipboard_is_closed(visit: Visit) -> None:
    page = visit.page
    visit.open(**PERIOD)
    open_first(page)
    page.evaluate(
        """() => {
             navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'));
             document.addEventListener('copy', () => {
               window.copied = document.activeElement.value;
             });
           }"""
    )
    button = page.locator(f"{DRAWER} .copy-link")
    button.click()
    page.locator(f"{DRAWER} >> text=Link copiado").wait_for(timeout=WAIT_MS)
    assert page.evaluate("window.copied") == page.url
    assert "timeline=" in page.url
    assert button.evaluate("(found) => found === document.activeElement")


@pytest.mark.parametrize("key", ["999999999", "x", "-1", ""])
def test_an_address_of_no_case_says_so(visit: Visit, key: str) -> None:
    visit.open(**PERIOD, timeline=key)
    if not key:
        assert not is_open(visit.page)
        return
    visit.says(f"{DRAWER} .timeline", "Este caso não foi encontrado")
