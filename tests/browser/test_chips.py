"""The line of chips: what narrows the page is seen in one line, and nothing moves by it."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import WAIT_MS, Served, Visit, expected
from tests.browser.data import ACCENTED

MANY: dict[str, Any] = {
    "start": "2026-09-20",
    "end": "2026-11-05",
    "person": [ACCENTED, "O'Neill & Filhos", "Marina; Souza"],
    "channel": ["WhatsApp", "whatsapp vendas"],
    "status": ["read", "delivered", "failed"],
    "direction": ["out"],
    "kind": ["hsm", "session"],
}
#: Where the filters end and the panels begin, in pixels of the page.
EDGES = """() => {
  const of = (selector) => document.querySelector(selector).getBoundingClientRect();
  return [of(".filter-bar").bottom, of(".panels").top].map((y) => Math.round(y + window.scrollY));
}"""


@pytest.mark.parametrize("width", [360, 900, 1280])
def test_chips_stand_in_one_line_and_the_others_behind_a_number(
    visit: Visit, served: Served, width: int
) -> None:
    page = visit.page
    page.set_viewport_size({"width": width, "height": 800})
    visit.open(**MANY)
    count = sum(len(values) for values in MANY.values() if isinstance(values, list))
    shown = page.locator(".chip:visible")
    tops = {chip.bounding_box()["y"] for chip in shown.all() if chip.bounding_box()}  # type: ignore[index]
    assert len(tops) == 1
    assert 1 <= shown.count() < count
    more = page.locator(".chips-more > summary")
    expect(more).to_have_text(f"+{count - shown.count()}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width

    more.press("Enter")
    entries = page.locator(".chip-entry:visible")
    assert entries.count() == count - shown.count()
    # Each can be removed, and the menu stays open for the next.
    before = entries.count()
    entries.last.locator("button").click()
    expect(entries).to_have_count(before - 1)
    kinds = [*MANY["kind"]]
    kinds.remove("session")
    visit.shows(expected(served.oracle, **{**MANY, "kind": kinds}))


def test_a_line_with_room_for_all_has_no_number(visit: Visit) -> None:
    visit.open(status=["read", "failed"])
    assert visit.page.locator(".chip:visible").count() == 2
    assert not visit.page.locator(".chips-more").is_visible()


@pytest.mark.parametrize("width", [360, 900, 1280])
def test_nothing_moves_when_chips_come_and_go(visit: Visit, width: int) -> None:
    page = visit.page
    page.set_viewport_size({"width": width, "height": 800})
    visit.open()
    before = page.evaluate(EDGES)
    page.evaluate("document.querySelector('#messages-by-origin-words .fact-button').click()")
    page.locator(".chip").first.wait_for(timeout=WAIT_MS)
    visit.settle()
    assert page.evaluate(EDGES) == before
    page.click(".pressed-note [data-action=undo]")
    page.locator(".chip").first.wait_for(state="detached", timeout=WAIT_MS)
    visit.settle()
    assert page.evaluate(EDGES) == before
    line = page.evaluate(
        "document.querySelector('.chip-line').getBoundingClientRect().bottom <="
        " document.querySelector('.panel').getBoundingClientRect().top"
    )
    assert line, "the line has room above the panels"


def test_the_line_stays_in_view(visit: Visit) -> None:
    visit.open(status="read")
    visit.page.evaluate("window.scrollTo(0, 900)")
    chip = visit.page.locator(".chip").first
    box = chip.bounding_box()
    assert box
    assert 0 <= box["y"] < 120
    chip.locator("button").click()
    chip.wait_for(state="detached", timeout=WAIT_MS)
