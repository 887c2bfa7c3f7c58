"""Panels that the data can never fill are one line that says why; others say what empties them."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from app.factory import create_app
from app.settings import Settings
from tests.browser.conftest import WAIT_MS, in_process, serving, violations, watched
from tests.browser.data import rows
from tests.services import import_rows

ALWAYS = {"start": "2026-09-01", "end": "2026-12-31"}


def without_hsm(row: dict[str, str]) -> dict[str, str]:
    return {**row, "kind": "session", "template_name": ""}


def without_receipts(row: dict[str, str]) -> dict[str, str]:
    return {**row, "status": ""}


def without_agent(row: dict[str, str]) -> dict[str, str]:
    return {**row, "agent": ""}


@in_process
@pytest.mark.parametrize("width", [360, 1280])
def test_panels_of_templates_fold_where_there_are_none(
    tabs: BrowserContext, tmp_path: Path, width: int
) -> None:
    """From the start, and whatever the filters are; nothing in them can be pressed for more."""
    case_rows, message_rows = rows()
    store = import_rows(tmp_path, case_rows, [without_hsm(row) for row in message_rows])
    with serving(create_app(Settings(store_url=store))) as url, watched(tabs, url) as visit:
        visit.page.set_viewport_size({"width": width, "height": 900})
        for filters in ({}, ALWAYS, {"channel": "E-mail", "status": "failed"}):
            visit.open(**filters)
            for slug in ("templates", "hsm-in-window"):
                panel = visit.page.locator(f"#panel-{slug}")
                assert "Sem HSM nos dados" in panel.inner_text()
                assert panel.evaluate("(one) => one.offsetHeight") < 120
                pressed = panel.locator(
                    "button:visible:not(.tip-button), summary:visible, a:visible"
                )
                assert pressed.count() == 0
        assert visit.page.locator("#panel-cases .panel-menu").is_visible()
        assert violations(visit.page) == []


@in_process
def test_hsm_without_confirmations_fold_only_the_panel_that_needs_them(
    tabs: BrowserContext, tmp_path: Path
) -> None:
    case_rows, message_rows = rows()
    store = import_rows(tmp_path, case_rows, [without_receipts(row) for row in message_rows])
    with serving(create_app(Settings(store_url=store))) as url, watched(tabs, url) as visit:
        visit.open(**ALWAYS)
        assert "Sem HSM enviado" in visit.page.inner_text("#panel-hsm-in-window")
        assert visit.page.locator("#templates-cards tbody tr").count() > 1
        assert "Sem confirmações nos dados" in visit.page.inner_text("#panel-failures")
        assert visit.page.inner_text("#lacks") == (
            "Esta fonte não tem confirmações de entrega e leitura: as taxas ficam em “—”."
        )


@in_process
def test_who_waits_is_folded_where_nobody_says_who_answered(
    tabs: BrowserContext, tmp_path: Path
) -> None:
    """Unfolded it stays so for other filters, and can be folded again, by the keyboard too."""
    case_rows, message_rows = rows()
    store = import_rows(tmp_path, case_rows, [without_agent(row) for row in message_rows])
    with serving(create_app(Settings(store_url=store))) as url, watched(tabs, url) as visit:
        visit.open(**ALWAYS)
        panel = visit.page.locator("#panel-waiting")
        waiting = panel.locator("tbody tr")
        unfold = panel.get_by_role("button", name="Mostrar mesmo assim")
        assert "Sem agentes nos dados" in panel.inner_text()
        assert "casos atendidos e 1ª resposta não são conhecidos" in visit.page.inner_text("#lacks")
        assert visit.page.locator("#waiting-card .card-value").inner_text() == "—"
        assert not waiting.first.is_visible()
        unfold.focus()
        visit.page.keyboard.press("Enter")
        waiting.first.wait_for()
        assert violations(visit.page) == []
        visit.choose("channel", "WhatsApp")
        visit.page.wait_for_url("**channel=WhatsApp**", timeout=WAIT_MS)
        visit.settle()
        assert waiting.first.is_visible()
        panel.get_by_role("button", name="Recolher de novo").click()
        assert not waiting.first.is_visible()
        assert unfold.is_visible()


@in_process
def test_panels_unfold_by_themselves_when_a_load_brings_what_they_need(
    tabs: BrowserContext, tmp_path: Path
) -> None:
    case_rows, message_rows = rows()
    store = import_rows(tmp_path, case_rows, [without_receipts(row) for row in message_rows])
    settings = Settings(store_url=store, refresh_seconds=1)
    with serving(create_app(settings)) as url, watched(tabs, url) as visit:
        visit.open(**ALWAYS)
        assert visit.page.locator("#panel-failures.state-folded").is_visible()
        import_rows(tmp_path, case_rows, message_rows)
        visit.page.locator("#panel-failures.state-ready tbody tr").first.wait_for(timeout=WAIT_MS)
        visit.page.locator("#lacks p").wait_for(state="detached", timeout=WAIT_MS)


@in_process
def test_a_panel_that_other_filters_can_fill_is_not_folded(
    tabs: BrowserContext, tmp_path: Path
) -> None:
    store = import_rows(tmp_path, *rows())
    with serving(create_app(Settings(store_url=store))) as url, watched(tabs, url) as visit:
        visit.open(start="2026-01-01", end="2026-01-02")
        panel = visit.page.locator("#panel-templates")
        assert "folded" not in (panel.get_attribute("class") or "")
        panel.get_by_role("button", name="Ver todo o período").click()
        visit.page.locator("#templates-cards tbody tr").first.wait_for(timeout=WAIT_MS)
