"""The portal of examples/portal with the real dashboard, on two sites, as its readers use it."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, Frame, Page, Playwright

from app.cli import cli
from app.factory import create_app, parts_of
from app.settings import Settings
from examples.portal.pages import create_portal
from examples.portal.tokens import Signer
from tests.browser.conftest import DRAWN, WAIT_MS, in_process
from tests.browser.cross_site import (
    DASHBOARD_HOST,
    PORTAL_HOST,
    cross_site_browser,
    isolated_tab,
    make_certificate,
    serving_https,
)

pytestmark = in_process

SIGNER = Signer("a key of these tests, of 32 bytes", "https://portal.test", "consumo-whatsapp")


@pytest.fixture(scope="module")
def browser(playwright_here: Playwright) -> Iterator[Browser]:
    with cross_site_browser(playwright_here) as browser:
        yield browser


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the dashboard with demonstration data, and the portal; yield the portal's address."""
    folder = tmp_path_factory.mktemp("example")
    store_url = f"duckdb:///{folder / 'store.duckdb'}"
    made = CliRunner().invoke(
        cli, ["demo", "--messages", "4000"], env={"CONSUMO_STORE_URL": store_url}
    )
    assert made.exit_code == 0, made.output
    dashboard = create_app(
        Settings(
            store_url=store_url,
            auth="token",
            token_secret=SIGNER.secret,
            token_issuer=SIGNER.issuer,
            token_audience=SIGNER.audience,
            frame_ancestors=f"https://{PORTAL_HOST}:*",
        )
    )
    certificate = make_certificate(folder)
    with ExitStack() as stack:
        stack.callback(parts_of(dashboard).close)
        address = stack.enter_context(serving_https(dashboard, DASHBOARD_HOST, certificate))
        example = create_portal(address, SIGNER)
        yield stack.enter_context(serving_https(example, PORTAL_HOST, certificate))


@dataclass
class Reader:
    """A user of the portal in a tab."""

    page: Page
    portal: str

    def sign_in(self, name: str) -> None:
        self.page.goto(self.portal)
        self.page.get_by_role("button", name=f"Sign in as {name}").click()

    def told(self, kind: str) -> None:
        """Wait until the portal has written an event of this kind into its list."""
        self.page.locator("#events li", has_text=kind).first.wait_for(timeout=WAIT_MS)

    def frames(self) -> list[Frame]:
        """Return the pages of the dashboard, drawn."""
        count = self.page.locator("consumo-whatsapp iframe").count()
        frames = [frame for frame in self.page.frames if DASHBOARD_HOST in frame.url]
        assert len(frames) == count > 0
        return frames


@pytest.fixture
def reader(browser: Browser, portal: str) -> Iterator[Reader]:
    with isolated_tab(browser) as page:
        yield Reader(page, portal)


def test_a_lead_sees_the_own_team_and_opens_a_case_in_the_portal(reader: Reader) -> None:
    reader.sign_in("Ana Lima")
    reader.told("ready")
    [inside] = reader.frames()
    inside.wait_for_function(DRAWN, timeout=WAIT_MS)
    assert inside.locator(".signed-in").text_content() == "Ana Lima · Equipe Vendas"
    assert "+55" in inside.locator("#details-table").inner_text()
    assert "*****" in inside.locator("#details-table").inner_text()
    inside.locator("#panel-waiting button[data-action=case]").first.click()
    inside.locator(".timeline-portal").click(timeout=WAIT_MS)
    reader.page.locator("dialog#case").wait_for(timeout=WAIT_MS)
    assert reader.page.locator("dialog#case p").inner_text().startswith("Case ")


def test_who_may_see_all_of_it_sees_it(reader: Reader) -> None:
    reader.sign_in("Bruno Reis")
    reader.told("ready")
    [inside] = reader.frames()
    inside.wait_for_function(DRAWN, timeout=WAIT_MS)
    assert inside.locator(".signed-in").text_content() == "Bruno Reis · Todas as equipes"
    assert "*****" not in inside.locator("#details-table").inner_text()
    reader.page.get_by_role("button", name="Only what failed").click()
    reader.told("filters-change")
    inside.locator(".chip", has_text="Falhou").wait_for(timeout=WAIT_MS)
    reader.page.get_by_label("Theme").select_option("dark")
    inside.wait_for_function("() => document.documentElement.dataset.bsTheme === 'dark'")


def test_two_copies_show_two_channels(reader: Reader) -> None:
    reader.sign_in("Ana Lima")
    reader.page.goto(f"{reader.portal}/two")
    reader.page.locator("consumo-whatsapp iframe").nth(1).wait_for(timeout=WAIT_MS)
    shown = set()
    for inside in reader.frames():
        inside.locator("#panel-messages-by-origin:not(.state-waiting)").wait_for(timeout=WAIT_MS)
        shown.add(inside.locator(".signed-in").text_content())
    assert shown == {
        "Ana Lima · Equipe Vendas · WhatsApp Suporte",
        "Ana Lima · Equipe Vendas · WhatsApp Vendas",
    }
