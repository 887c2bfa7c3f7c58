"""An empty store: the page says how to fill it, and shows the first data without a reload."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from app.factory import create_app
from app.settings import SettingError, Settings
from tests.browser.conftest import WAIT_MS, expected, serving, violations, watched
from tests.browser.data import rows
from tests.oracle.oracle import Oracle
from tests.services import ROOT, import_rows

IMPORT = ".venv/bin/consumo-whatsapp import --cases cases.csv --messages messages.csv"
DEMO = ".venv/bin/consumo-whatsapp demo"
CONTRACT = "docs/data-contract.md"
TITLES = {
    "pt-BR": "Ainda não há dados",
    "en": "There are no data yet",
    "es": "Todavía no hay datos",
}


def test_what_the_page_tells_to_run_is_what_the_documents_have() -> None:
    assert IMPORT in (ROOT / "README.md").read_text().splitlines()
    assert (ROOT / CONTRACT).is_file()


def test_a_command_that_is_run_as_it_stands_fills_no_other_store() -> None:
    with pytest.raises(SettingError):
        Settings.from_environment({"CONSUMO_STORE_URL": "…"})


def test_a_server_that_was_told_no_store_needs_no_word_of_it(
    tabs: BrowserContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with serving(create_app(Settings())) as url, watched(tabs, url) as visit:
        visit.open()
        said = visit.page.inner_text("#empty-store")
        assert {IMPORT, DEMO} <= set(said.splitlines())
        assert "Execute o comando na pasta em que o servidor foi iniciado." in said
        assert "CONSUMO_STORE_URL" not in said


@pytest.mark.parametrize("language", TITLES)
def test_an_empty_store_says_how_to_fill_it(
    tabs: BrowserContext, tmp_path: Path, language: str
) -> None:
    settings = Settings(store_url=f"duckdb:///{tmp_path / 'store.duckdb'}", refresh_seconds=1)
    with serving(create_app(settings)) as url, watched(tabs, url) as visit:
        visit.open(lang=language)
        page = visit.page
        title = page.get_by_role("heading", name=TITLES[language])
        title.wait_for()
        said = page.inner_text("#empty-store")
        # Not where the store is: readers of the page need not know.
        assert f"CONSUMO_STORE_URL=… {IMPORT}" in said.splitlines()
        assert f"CONSUMO_STORE_URL=… {DEMO}" in said.splitlines()
        assert str(tmp_path) not in said
        assert CONTRACT in said
        assert page.locator(".panel:visible").count() == 0
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert violations(page) == []

        case_rows, message_rows = rows()
        import_rows(tmp_path, case_rows, message_rows)
        title.wait_for(state="hidden", timeout=WAIT_MS)
        visit.settle()
        visit.shows(expected(Oracle(case_rows, message_rows)))
        # Drawn at the width that it has now, not at that of a page that was hidden.
        drawn = page.locator("#cases-graph .main-svg").first.bounding_box()
        holder = page.locator("#cases-graph").bounding_box()
        assert drawn
        assert holder
        assert abs(drawn["width"] - holder["width"]) < 2
