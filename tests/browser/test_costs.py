"""Usage and cost on the page: with prices, without them, without anything known."""

from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import BrowserContext

from app.factory import create_app
from app.settings import Settings
from tests.browser.conftest import in_process, serving, violations, watched
from tests.integration.conftest import Here
from tests.integration.conftest import here as here  # noqa: PLC0414 - a fixture
from tests.integration.cost_world import CostWorld
from tests.integration.test_costs import CASE, PHONES, sent

PERIOD: Final = {"start": "2026-10-01", "end": "2026-10-31"}
UTILITY: Final = {"pricing_category": "utility"}


@pytest.fixture
def world(here: Here, tmp_path: Path) -> CostWorld:
    """Two messages to Brazil, one to Portugal, and one to a country without a price."""
    made = CostWorld(here, tmp_path / "costs" / "consumo.duckdb")
    made.load(
        [CASE, *({**CASE, "case_id": f"c{n}"} for n in (2, 3))],
        [
            sent("u1", "2026-10-02T12:00:00Z", **UTILITY),
            sent("u2", "2026-10-02T13:00:00Z", pricing_category="marketing"),
            sent("p1", "2026-10-03T12:00:00Z", **UTILITY, phone=PHONES[1], case_id="c2"),
            sent("n1", "2026-10-04T12:00:00Z", **UTILITY, phone=PHONES[2], case_id="c3"),
        ],
    )
    return made


@in_process
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 900, 1280])
def test_each_currency_by_itself_and_what_has_no_price(
    tabs: BrowserContext, world: CostWorld, width: int, scheme: str
) -> None:
    world.import_rates()
    app = create_app(Settings(store_url=f"duckdb:///{world.store}"))
    with serving(app) as url, watched(tabs, url, "dark" if scheme == "dark" else "light") as visit:
        visit.page.set_viewport_size({"width": width, "height": 900})
        visit.open(**PERIOD)
        words = visit.page.inner_text("#cost-words").replace("\u00a0", " ")
        assert "4 mensagens faturáveis" in words
        assert "no máximo R$ 0,34 · € 0,02 de custo" in words
        assert "1 de custo desconhecido" in words
        band = visit.page.inner_text("#indicators-cards").replace("\u00a0", " ")
        assert "no máximo R$ 0,34 · € 0,02" in band
        panel = visit.page.locator("#panel-cost")
        panel.scroll_into_view_if_needed()
        for part in panel.locator("summary").all()[-2:]:
            part.click()
        assert "Sem template" in panel.inner_text()
        assert violations(visit.page) == []
        inside = visit.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert inside


@in_process
def test_without_prices_billable_messages_are_counted(
    tabs: BrowserContext, world: CostWorld
) -> None:
    app = create_app(Settings(store_url=f"duckdb:///{world.store}"))
    with serving(app) as url, watched(tabs, url) as visit:
        visit.open(**PERIOD)
        words = visit.page.inner_text("#cost-words")
        assert "4 mensagens faturáveis" in words
        assert "4 de custo desconhecido" in words
        band = visit.page.inner_text("#indicators-cards")
        assert "Mensagens faturáveis" in band
        assert "Custo" not in band


@in_process
def test_nothing_is_shown_where_nothing_is_known(tabs: BrowserContext, world: CostWorld) -> None:
    world.load([], [{**row, "billable": "", "pricing_category": ""} for row in world.messages])
    app = create_app(Settings(store_url=f"duckdb:///{world.store}"))
    with serving(app) as url, watched(tabs, url) as visit:
        visit.open(**PERIOD)
        panel = visit.page.locator("#panel-cost")
        assert "Sem preços nem cobranças nos dados" in panel.inner_text()
        assert panel.locator("table").count() == 0
        assert "faturáveis" not in visit.page.inner_text("#indicators-cards")
