"""Panels about trouble: who waits, which messages failed, HSMs in an open window."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext

from app.factory import create_app
from app.settings import Settings
from tests.browser.conftest import (
    WAIT_MS,
    Served,
    Visit,
    expected,
    in_process,
    serving,
    wait_for_focus,
    watched,
)
from tests.browser.data import rows
from tests.services import import_rows

OCTOBER = {"start": "2026-09-01", "end": "2026-12-31"}


def waiting(served: Served, **query: list[str]) -> list[dict[str, Any]]:
    """All cases that wait, longest wait first; what depends on now is not looked at."""
    answer = served.oracle.panel_waiting({**query, "page_size": "1000"}, datetime.now(UTC))
    rows: list[dict[str, Any]] = answer["rows"]
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


def test_the_only_part_of_the_list_is_shown_as_chosen(visit: Visit) -> None:
    """All windows of the data are closed: they are listed, and nothing is folded away."""
    visit.open()
    [part] = visit.page.locator("#waiting-words .fact-button").all()
    assert part.get_attribute("aria-pressed") == "true"
    numbers = listed(visit)
    part.press("Enter")
    visit.settle()
    assert listed(visit) == numbers
    assert visit.page.locator("#waiting-cards .fold-row").count() == 0


def waits_of(open_windows: int, closed: int) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Cases that wait now: the first closes in 65 minutes, each next one 25 minutes later."""
    now = datetime.now(UTC)
    case_rows, message_rows = [], []
    for number in range(open_windows + closed):
        ago = timedelta(hours=24) - timedelta(minutes=65 + 25 * number)
        if number >= open_windows:
            ago = timedelta(hours=30 + number)
        at = (now - ago).isoformat()
        case_rows.append(
            {
                "case_id": f"w{number}",
                "case_number": str(70_000 + number),
                "person_name": "Ana",
                "channel": "WhatsApp",
                "case_type": "Dúvida",
                "opened_at": at,
            }
        )
        message_rows.append(
            {"message_id": f"w{number}", "case_id": f"w{number}", "direction": "in", "sent_at": at}
        )
    return case_rows, message_rows


def listed(visit: Visit) -> list[str]:
    return visit.page.locator("#waiting-cards .case-button").all_inner_texts()


def lists(visit: Visit, wanted: list[str]) -> None:
    """Wait until the list shows the cases with these numbers, in this order."""
    visit.page.wait_for_function(
        """(wanted) => {
          const cases = [...document.querySelectorAll('#waiting-cards .case-button')];
          return JSON.stringify(cases.map((one) => one.innerText)) === JSON.stringify(wanted);
        }""",
        arg=wanted,
        timeout=WAIT_MS,
    )


@in_process
def test_each_part_of_those_who_wait_is_reached_from_the_card(
    tabs: BrowserContext, tmp_path: Path
) -> None:
    """The list scrolls into view, shows that part and has the focus; Back is not used up."""
    store = import_rows(tmp_path, *waits_of(open_windows=30, closed=90))
    numbers = [str(70_000 + number) for number in range(120)]
    # Of the closed ones the longest wait comes first.
    soon, saved, closed = numbers[:3], numbers[:30], numbers[:29:-1]
    with serving(create_app(Settings(store_url=store))) as url, watched(tabs, url) as visit:
        visit.open()
        length = visit.page.evaluate("history.length")
        lists(visit, saved[:20])
        card = visit.page.locator(".band .indicator").first
        parts = card.locator(".card-part")
        assert [number(text) for text in parts.all_inner_texts()] == [30, 32, 90]
        assert "3 a fechar em 2" in parts.nth(1).inner_text()
        for part, rows in ((1, soon), (2, closed[:20]), (0, saved[:20])):
            visit.page.evaluate("window.scrollTo(0, 0)")
            parts.nth(part).press("Enter")
            lists(visit, rows)
            assert visit.page.evaluate("document.activeElement.id") == "panel-waiting"
            visit.page.wait_for_function("() => window.scrollY > 0")
        assert visit.page.evaluate("[history.length, location.hash]") == [length, ""]


@in_process
def test_all_who_wait_can_be_listed(tabs: BrowserContext, tmp_path: Path) -> None:
    """Open windows first; closed ones behind their number; a change of filters begins anew."""
    store = import_rows(tmp_path, *waits_of(open_windows=30, closed=90))
    numbers = [str(70_000 + number) for number in range(120)]
    with serving(create_app(Settings(store_url=store))) as url, watched(tabs, url) as visit:
        visit.open()
        visit.page.click("#waiting-cards [data-action=more]")
        lists(visit, numbers[:30])
        fold = visit.page.locator("#waiting-cards .fold-row")
        assert fold.get_attribute("aria-expanded") == "false"
        fold.press("Enter")
        lists(visit, numbers[:29:-1][:30])
        assert fold.get_attribute("aria-expanded") == "true"
        for shown in (80, 90):
            visit.page.locator("#waiting-cards [data-action=more]").press("Enter")
            lists(visit, numbers[:29:-1][:shown])
        assert visit.page.locator("#waiting-cards [data-action=more]").count() == 0
        visit.choose("channel", "WhatsApp")
        lists(visit, numbers[:29:-1][:20])
        fold.press("Enter")
        lists(visit, numbers[:20])


@pytest.mark.parametrize("filters", [{"status": "failed"}, {"direction": "out", "kind": "hsm"}])
def test_filters_of_the_message_do_not_say_that_nobody_waits(
    visit: Visit, served: Served, filters: dict[str, str]
) -> None:
    visit.open(**filters)
    assert number(visit.page.inner_text(".band .card-link")) == len(waiting(served))
    assert "filtros do caso" in visit.page.inner_text("#waiting-words")


def test_a_case_that_waits_opens_its_time_line(visit: Visit) -> None:
    visit.open()
    button = visit.page.locator("#waiting-cards .case-button").first
    case_number = button.inner_text()
    button.press("Enter")
    drawer = visit.page.locator(".drawer.show")
    drawer.wait_for(timeout=WAIT_MS)
    visit.page.wait_for_function(
        "(number) => document.querySelector('.drawer.show').innerText.includes(number)",
        arg=case_number,
    )
    visit.page.keyboard.press("Escape")
    wait_for_focus(visit.page, case_number)


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
    assert visit.page.evaluate("document.activeElement.id") == "panel-details"


@in_process
def test_the_whole_row_of_a_reason_leads_to_exactly_its_messages(
    tabs: BrowserContext, tmp_path: Path
) -> None:
    """Of two codes of which one is a part of the other, and of messages without a code."""
    case_rows, message_rows = rows()
    codes = {"131": 3, "131026": 5, "": 2}
    failed = [
        {
            "message_id": f"f{code}-{number}",
            "case_id": "c1",
            "direction": "out",
            "status": "failed",
            "sent_at": "2026-10-05T12:00:00Z",
            "error_code": code,
        }
        for code, count in codes.items()
        for number in range(count)
    ]
    message_rows = [row for row in message_rows if row["status"] != "failed"]
    store = import_rows(tmp_path, case_rows, [*message_rows, *failed])
    with serving(create_app(Settings(store_url=store))) as url, watched(tabs, url) as visit:
        for code, count in codes.items():
            visit.open(**OCTOBER)
            name = code or "Sem código de erro"
            row = visit.page.locator("#failures-cards tr").filter(
                has=visit.page.get_by_role("button", name=re.compile(rf"\b{name}$"))
            )
            row.locator("td.number").first.click(force=True)  # the button covers it
            visit.says("#details-total", f"{count} de 10 mensagens")
            visit.settle()
            assert visit.page.evaluate("document.activeElement.id") == "panel-details"
            # The chip above the table names it; without it all that failed are there.
            assert code in visit.page.inner_text("#details-chips .chip")
            visit.page.click("#details-chips .chip-remove")
            visit.says("#details-total", "10 mensagens")
            visit.page.go_back()


def test_hsms_in_an_open_window(visit: Visit, served: Served) -> None:
    visit.open(**OCTOBER)
    rows = served.oracle.answer("hsm-in-window", OCTOBER)
    words = visit.page.inner_text("#hsm-in-window-words")
    inside, sent = sum(row["in_window"] for row in rows), sum(row["sent"] for row in rows)
    assert re.findall(r"\d+", words)[:2] == [str(inside), str(sent)]
