"""What nobody asks for and everybody needs: who waits, what failed, HSMs in open windows."""

import re
from datetime import UTC, datetime
from typing import Any

from tests.browser.conftest import WAIT_MS, Served, Visit, expected, in_process

OCTOBER = {"start": "2026-09-01", "end": "2026-12-31"}


NOW = datetime.now(UTC)


def waiting(served: Served, **query: list[str]) -> list[dict[str, Any]]:
    """All cases that wait, longest wait first; what depends on now is not looked at."""
    rows: list[dict[str, Any]] = served.oracle.waiting({**query, "page_size": "1000"}, NOW)["rows"]
    return rows


def number(text: str) -> int:
    return int(re.sub(r"\D", "", text) or 0)


def test_who_waits_stands_first_and_leads_to_the_list(visit: Visit, served: Served) -> None:
    visit.open()
    wanted = waiting(served)
    first = visit.page.locator(".band .indicator").first
    assert first.locator(".card-label").text_content() == "Aguardando resposta"
    assert number(first.locator(".card-value").inner_text()) == len(wanted)
    rows = visit.page.locator("#waiting-cards tbody tr")
    assert rows.count() == min(len(wanted), 20)
    numbers = visit.page.locator("#waiting-cards .case-button").all_inner_texts()
    assert numbers == [row["case_number"] for row in wanted[:20]]

    first.locator(".card-link").press("Enter")
    assert visit.page.evaluate("document.activeElement.id") == "panel-waiting"
    visit.page.wait_for_function(
        """() => document.getElementById('panel-waiting').getBoundingClientRect().top
                 < window.innerHeight / 2"""
    )


def test_who_waits_follows_the_filters_and_not_the_period(visit: Visit, served: Served) -> None:
    every = waiting(served)
    person = every[0]["person_name"]
    visit.open(person=person, start="2026-01-01", end="2026-01-02")
    wanted = len(waiting(served, person=[person]))
    assert 0 < wanted < len(every)
    assert number(visit.page.inner_text(".band .card-link")) == wanted


@in_process
def test_a_window_is_listed_alone(visit_here: Visit) -> None:
    """All windows of the data are closed: pressing that lists the same, and counts no other."""
    visit_here.open()
    counts = visit_here.page.locator("#waiting-words .fact-button")
    assert counts.count() == 1
    numbers = visit_here.page.locator("#waiting-cards .case-button").all_inner_texts()
    counts.first.press("Enter")
    pressed = visit_here.page.locator('#waiting-words [aria-pressed="true"]')
    pressed.wait_for(timeout=WAIT_MS)
    assert visit_here.page.locator("#waiting-cards .case-button").all_inner_texts() == numbers
    pressed.press("Enter")
    pressed.wait_for(state="detached", timeout=WAIT_MS)


def test_a_case_that_waits_opens_its_time_line(visit: Visit) -> None:
    visit.open()
    button = visit.page.locator("#waiting-cards .case-button").first
    case_number = button.inner_text()
    button.press("Enter")
    drawer = visit.page.locator("dialog.drawer[open]")
    drawer.wait_for(timeout=WAIT_MS)
    visit.page.wait_for_function(
        "(number) => document.querySelector('dialog.drawer[open]').innerText.includes(number)",
        arg=case_number,
    )
    visit.page.keyboard.press("Escape")
    drawer.wait_for(state="detached", timeout=WAIT_MS)
    assert visit.page.evaluate("document.activeElement.textContent") == case_number


def test_failures_lead_to_their_messages(visit: Visit, served: Served) -> None:
    visit.open(**OCTOBER)
    failed = sum(row["messages"] for row in served.oracle.answer("failures", OCTOBER))
    assert failed > 0
    assert number(visit.page.inner_text("#failures-words .fact strong")) == failed
    assert "131026" in visit.page.inner_text("#failures-cards")
    visit.page.click("#failures-words .link-button")
    narrowed = {**OCTOBER, "status": ["failed"], "direction": ["out"]}
    visit.shows(expected(served.oracle, **narrowed))
    assert expected(served.oracle, **narrowed)["rows"] == failed


def test_hsms_in_an_open_window(visit: Visit, served: Served) -> None:
    visit.open(**OCTOBER)
    rows = served.oracle.answer("hsm-in-window", OCTOBER)
    words = visit.page.inner_text("#hsm-in-window-words")
    inside, sent = sum(row["in_window"] for row in rows), sum(row["sent"] for row in rows)
    assert re.findall(r"\d+", words)[:2] == [str(inside), str(sent)]
