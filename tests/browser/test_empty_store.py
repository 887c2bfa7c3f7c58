"""An empty store: the page says how to fill it, and shows the first data without a reload."""

import itertools
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, BrowserContext

from app.cli import cli
from app.factory import create_app
from app.settings import SettingError, Settings
from tests.browser.conftest import WAIT_MS, expected, serving, violations, watched
from tests.browser.data import rows
from tests.oracle.oracle import Oracle
from tests.services import ROOT, import_rows

IMPORT = ".venv/bin/consumo-whatsapp import --cases cases.csv --messages messages.csv"
CHATWOOT = ".venv/bin/consumo-whatsapp sync chatwoot --url postgresql+psycopg://… --every 2s"
SERVE = (
    "CONSUMO_WEBHOOK_APP_SECRET=… CONSUMO_WEBHOOK_VERIFY_TOKEN=… .venv/bin/consumo-whatsapp serve"
)
DEMO = ".venv/bin/consumo-whatsapp demo"
COMMANDS = (CHATWOOT, SERVE, IMPORT, DEMO)
DOCUMENTS = ("docs/chatwoot.md", "docs/webhooks.md", "docs/importing.md")
TITLES = {
    "pt-BR": "Ainda não há dados",
    "en": "There are no data yet",
    "es": "Todavía no hay datos",
}


def test_what_the_page_tells_to_run_is_what_the_product_has() -> None:
    assert IMPORT in (ROOT / "README.md").read_text().splitlines()
    for document in DOCUMENTS:
        assert (ROOT / document).is_file()
    for command in COMMANDS:
        words = shlex.split(command.partition(".venv/bin/consumo-whatsapp ")[2])
        asked = [word for word in words if word.startswith("--")]
        names = list(itertools.takewhile(lambda word: not word.startswith("--"), words))
        done = CliRunner().invoke(cli, [*names, "--help"])
        assert done.exit_code == 0, command
        assert all(f"{option} " in done.output for option in asked), command


def test_a_command_that_is_run_as_it_stands_fills_no_other_store() -> None:
    with pytest.raises(SettingError):
        Settings.from_environment({"CONSUMO_STORE_URL": "…"})
    with pytest.raises(SettingError):
        Settings.from_environment(
            {"CONSUMO_WEBHOOK_APP_SECRET": "…", "CONSUMO_WEBHOOK_VERIFY_TOKEN": "…"}
        )


def test_a_server_that_was_told_no_store_needs_no_word_of_it(
    tabs: BrowserContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with serving(create_app(Settings())) as url, watched(tabs, url) as visit:
        visit.open()
        said = visit.page.inner_text("#empty-store")
        assert set(COMMANDS) <= set(said.splitlines())
        assert "Execute os comandos na pasta em que o servidor foi iniciado." in said
        assert "CONSUMO_STORE_URL" not in said


def test_a_page_without_data_preloads_nothing_that_it_does_not_run(
    tabs: BrowserContext, tmp_path: Path
) -> None:
    """Chromium complains of such a script some seconds after a load."""
    settings = Settings(store_url=f"duckdb:///{tmp_path / 'store.duckdb'}")
    with serving(create_app(settings)) as url, watched(tabs, url) as visit:
        visit.open()
        visit.page.wait_for_function(
            """() => performance.getEntriesByType("resource").some(
                ({ name }) => name.includes("/static/plotly"))""",
            timeout=WAIT_MS,
        )
        assert visit.page.locator("link[rel=preload]").count() == 0


def test_a_press_copies_a_command(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    settings = Settings(store_url=f"duckdb:///{tmp_path / 'store.duckdb'}")
    with serving(create_app(settings)) as url, watched(context, url) as visit:
        visit.open(lang="en")
        for command in COMMANDS:
            whole = f"CONSUMO_STORE_URL=… {command}"
            button = visit.page.get_by_role("button", name=f"Copy the command {whole}", exact=True)
            button.click()
            visit.page.wait_for_function(
                "words => navigator.clipboard.readText().then((copied) => copied === words)",
                arg=whole,
                timeout=WAIT_MS,
            )
            assert button.inner_text() == "Copied"
    context.close()


def test_a_reader_who_signs_in_is_shown_no_command(browser: Browser, tmp_path: Path) -> None:
    """The page says whom to ask, because readers cannot run commands on the server."""
    context = browser.new_context(extra_http_headers={"X-User": "ana"})
    settings = Settings(
        store_url=f"duckdb:///{tmp_path / 'store.duckdb'}",
        auth="proxy",
        proxy_header="X-User",
        proxy_addresses="127.0.0.1",
    )
    with serving(create_app(settings)) as url, watched(context, url) as visit:
        visit.open(lang="en")
        said = visit.page.inner_text("#empty-store")
        assert "Ask the person who runs this page to load data" in said
        assert "consumo-whatsapp" not in said
        assert visit.page.locator("#empty-store button").count() == 0
    context.close()


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
        for command in COMMANDS:
            assert f"CONSUMO_STORE_URL=… {command}" in said.splitlines()
        assert str(tmp_path) not in said
        assert all(document in said for document in DOCUMENTS)
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
        page.wait_for_function(
            """() => {
              const widthOf = (found) =>
                document.querySelector(found)?.getBoundingClientRect().width;
              return Math.abs(widthOf("#cases-graph .main-svg") - widthOf("#cases-graph")) < 2;
            }""",
            timeout=WAIT_MS,
        )
