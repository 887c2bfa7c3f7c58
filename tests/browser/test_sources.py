"""The drawer "Sources", and how new data comes to an open page without a press."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from app.factory import create_app
from app.settings import Settings
from tests.browser.conftest import WAIT_MS, serving, violations, watched
from tests.browser.data import rows
from tests.services import import_rows
from tests.webhooks import send_message

SECRET = "0123456789abcdef0123456789abcdef"
TITLES = {"pt-BR": "Fontes", "en": "Sources", "es": "Fuentes"}
FILES = {"pt-BR": "Arquivos", "en": "Files", "es": "Archivos"}


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """Run a server that takes webhooks, with everything else at its default."""
    settings = Settings(
        store_url=import_rows(tmp_path, *rows()),
        webhook_app_secret=SECRET,
        webhook_verify_token=SECRET,
    )
    with serving(create_app(settings)) as served:
        yield served


def tell(url: str, number: int) -> None:
    send_message(url, number, SECRET)


def open_sources(page: Page) -> None:
    page.click(".freshness-button")
    page.locator(".sources .source").first.wait_for(timeout=WAIT_MS)


def sums(page: Page, name: str) -> dict[str, int]:
    """Return the sums of the source ``name`` by their labels."""
    source = page.locator(".sources .source").filter(has=page.get_by_role("heading", name=name))
    pairs: list[list[str]] = source.locator(".sums > div").evaluate_all(
        "found => found.map((each) => [...each.children].map((part) => part.textContent))"
    )
    return {label: int(number.replace(",", "")) for label, number in pairs}


def test_the_age_of_the_data_leads_to_the_sources(tabs: BrowserContext, url: str) -> None:
    cases, messages = rows()
    with watched(tabs, url) as visit:
        visit.open(lang="en")
        page = visit.page
        assert page.inner_text(".freshness-button").startswith("No new data since ")
        open_sources(page)
        read = len(cases) + len(messages)
        zeros = dict.fromkeys(("Superseded", "Kept aside", "Rejected"), 0)
        assert sums(page, "Files") == {"Read": read, "Taken": read, **zeros}
        page.keyboard.press("Escape")
        page.locator(".sources").wait_for(state="detached")
        assert page.evaluate("document.activeElement.className") == "freshness-button"


@pytest.mark.parametrize("language", TITLES)
@pytest.mark.parametrize("width", [360, 1280])
def test_the_drawer_is_whole_in_each_language_and_width(
    tabs: BrowserContext, url: str, language: str, width: int
) -> None:
    with watched(tabs, url) as visit:
        page = visit.page
        page.set_viewport_size({"width": width, "height": 800})
        visit.open(lang=language)
        open_sources(page)
        page.get_by_role("dialog", name=TITLES[language]).wait_for()
        assert page.get_by_role("heading", name=FILES[language], exact=True).is_visible()
        wide = page.locator(".drawer-body").evaluate("body => body.scrollWidth - body.clientWidth")
        assert wide == 0
        assert violations(page) == []


def test_an_event_is_on_the_open_page_and_in_the_sources_without_a_press(
    tabs: BrowserContext, url: str
) -> None:
    with watched(tabs, url) as visit:
        visit.open(lang="en", period="today")
        page = visit.page
        open_sources(page)
        for number in (1, 2):
            tell(url, number)
            visit.says("#details-total", str(number))
            read = "[...document.querySelectorAll('.source')].find((each) => each.innerText"
            page.wait_for_function(
                f"number => {read}.startsWith('Webhooks'))?.querySelector('.sums dd')"
                ".textContent === number",
                arg=str(number),
                timeout=WAIT_MS,
            )
        assert page.inner_text(".freshness-button").startswith("Data through ")
