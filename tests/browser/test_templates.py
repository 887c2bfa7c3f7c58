"""The list of templates: sorted, unfolded, narrowed to one, with names and trend on demand."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext

from app.factory import create_app
from app.settings import Settings
from tests.browser.conftest import WAIT_MS, Visit, in_process, serving, wait_for_focus, watched
from tests.browser.data import rows
from tests.services import import_rows

NOW = datetime.now(UTC)
#: By template: messages read, messages failed.
USES = {f"t{number:02}": (40 - number, 1) for number in range(16)}
LONG = "confirmacao_de_agendamento_com_um_nome_muito_comprido_demais_v12"
PERIOD = {
    "start": f"{NOW - timedelta(days=9):%Y-%m-%d}",
    "end": f"{NOW + timedelta(days=1):%Y-%m-%d}",
}


def sends(template: str, read: int, failed: int) -> list[dict[str, str]]:
    """HSMs of one template, some hours ago."""
    return [
        {
            "message_id": f"{template}-{number}",
            "case_id": "c1",
            "direction": "out",
            "status": "read" if number < read else "failed",
            "kind": "hsm",
            "template_name": template,
            "sent_at": (NOW - timedelta(hours=5, minutes=number)).isoformat(),
        }
        for number in range(read + failed)
    ]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Eighteen templates: one fails unusually often among the last, one has a long name."""
    case_rows, _messages = rows()
    uses = {**USES, LONG: (20, 1), "zz_bad": (1, 24)}
    messages = [row for name, counts in uses.items() for row in sends(name, *counts)]
    return import_rows(tmp_path_factory.mktemp("templates"), case_rows, messages)


def names(visit: Visit) -> list[str]:
    return visit.page.locator("#templates-cards tbody .row-button").all_inner_texts()


def shows(visit: Visit, first: str, count: int) -> None:
    """Wait until the list has so many rows, of which this template is the first."""
    visit.page.wait_for_function(
        """([first, count]) => {
          const rows = [...document.querySelectorAll('#templates-cards tbody tr')];
          return rows.length === count && rows[0].innerText.startsWith(first);
        }""",
        arg=[first, count],
        timeout=WAIT_MS,
    )


@in_process
def test_templates_are_sorted_by_keyboard_and_unfolded(tabs: BrowserContext, store: str) -> None:
    with serving(create_app(Settings(store_url=store))) as url, watched(tabs, url) as visit:
        visit.open(**PERIOD)
        shows(visit, "t00", 16)
        assert "zz_bad" not in names(visit)
        assert "falha incomum: zz_bad" in visit.page.inner_text(
            "#templates-cards tbody tr:last-child"
        )

        head = visit.page.locator("#templates-cards thead th").nth(5)
        head.locator("button").press("Enter")
        shows(visit, "zz_bad", 16)
        assert head.get_attribute("aria-sort") == "descending"
        assert visit.page.evaluate("document.activeElement.textContent").startswith("Falha")
        assert "pelo menos o dobro" in visit.page.inner_text("#templates-cards tbody tr")

        visit.page.locator("#templates-cards tbody tr").last.locator("button").press("Enter")
        shows(visit, "zz_bad", 18)
        assert len(set(names(visit))) == 18
        visit.page.click("#templates-cards .fold-row")
        shows(visit, "zz_bad", 16)


@in_process
@pytest.mark.parametrize("width", [1280, 360])
def test_a_long_name_is_whole_in_a_tip(tabs: BrowserContext, store: str, width: int) -> None:
    """By pointer, which a finger is too, and by keyboard."""
    with serving(create_app(Settings(store_url=store))) as url, watched(tabs, url) as visit:
        visit.page.set_viewport_size({"width": width, "height": 900})
        visit.open(**PERIOD)
        visit.page.locator("#templates-cards thead button").first.press("Enter")
        shows(visit, "confirmacao", 16)
        tip = visit.page.locator("#templates-cards .tip").first
        text = tip.locator(".tip-text")
        assert not text.is_visible()
        visit.page.locator("#templates-cards tbody .row-button").first.focus()
        visit.page.keyboard.press("Tab")
        assert text.inner_text() == LONG
        tip.evaluate("(one) => one.querySelector('button').blur()")
        tip.locator("button").hover()
        assert text.inner_text() == LONG


@in_process
def test_the_trend_of_a_template_is_asked_for_only_when_it_is_wanted(
    tabs: BrowserContext, store: str
) -> None:
    with serving(create_app(Settings(store_url=store))) as url, watched(tabs, url) as visit:
        visit.open(**PERIOD)
        assert not [output for output in visit.updates if "trend" in output]
        button = visit.page.locator("#templates-cards .trend-button").nth(1)
        button.press("Enter")
        drawer = visit.page.locator(".drawer.show")
        drawer.locator("tbody tr").first.wait_for(timeout=WAIT_MS)
        assert drawer.locator("h2").inner_text() == "Tendência de t01"
        days = drawer.locator("tbody tr")
        assert days.count() == 11
        counts = [int(text) for text in drawer.locator("tbody td:nth-child(2)").all_inner_texts()]
        assert sum(counts) == sum(USES["t01"])
        assert not visit.page.locator("[data-name=template].chip-remove").count(), (
            "the page is not narrowed by it"
        )
        visit.page.keyboard.press("Escape")
        wait_for_focus(visit.page, "∿")


@in_process
def test_answers_that_may_still_come_stand_beside_the_answers(
    tabs: BrowserContext, store: str
) -> None:
    with serving(create_app(Settings(store_url=store))) as url, watched(tabs, url) as visit:
        visit.open(**PERIOD)
        answers = visit.page.locator("#templates-cards tbody tr").first.locator("td").nth(3)
        assert answers.inner_text().replace("\u00a0", " ").split("\n") == [
            "0 · 0%",
            "ainda nas 24 h: 40",
        ]
