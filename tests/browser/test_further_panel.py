"""A panel of two modules of the tests, joined by the one public call, is on the page."""

import csv
import io
from contextlib import closing
from pathlib import Path

from playwright.sync_api import BrowserContext

from app.factory import create_app
from app.settings import Settings
from components.panels import PANELS
from tests.browser.conftest import WAIT_MS, in_process, serving, watched
from tests.browser.data import rows
from tests.example_panel import view as example
from tests.services import import_rows

PERIOD = {"start": "2026-09-01", "end": "2026-12-31"}
SLUG = example.PANEL.slug


@in_process
def test_a_further_panel_is_asked_painted_and_downloaded(
    tabs: BrowserContext, tmp_path: Path
) -> None:
    settings = Settings(store_url=import_rows(tmp_path, *rows()))
    app = create_app(settings, panels=(*PANELS, example.PANEL))
    with serving(app) as url, watched(tabs, url) as visit:
        visit.open(**PERIOD)
        panel = visit.page.locator(f"#panel-{SLUG}.state-ready")
        panel.wait_for(timeout=WAIT_MS)
        assert SLUG in visit.panel_calls()
        answer = app.test_client().get(f"/api/v1/panels/{SLUG}", query_string=PERIOD).get_json()
        total = sum(row["messages"] for row in answer["rows"])
        assert total > 0
        assert f"{total:,}".replace(",", ".") in panel.locator(".panel-words").inner_text()
        days = {row["weekday"] for row in answer["rows"]}
        assert panel.locator("tbody tr").count() == len(days)
        link = visit.page.locator(f"#{SLUG}-csv").get_attribute("href")
        assert link
        assert "start=2026-09-01" in link
        with closing(app.test_client().get(link)) as response:
            text = response.get_data(as_text=True)
        _, *cells = csv.reader(io.StringIO(text[1:]), delimiter=";")
        assert sum(int(row[2]) for row in cells) == total
