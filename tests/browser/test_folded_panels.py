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
