"""``make screenshots``: the page with demonstration data, as docs/screenshots/ shows it."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from bench.store import prepare_store, running_server
from components import ids
from tests.chromium import SENTENCE, find_chromium

FOLDER = Path("docs/screenshots")
#: Fixed, so that a picture changes only when the page does.
UNTIL = datetime(2026, 11, 1, 12, tzinfo=UTC)
MESSAGES = 50_000
#: File, width, colour scheme.
SHOTS = (
    ("page.png", 1280, "light"),
    ("page-dark.png", 1280, "dark"),
    ("page-900.png", 900, "light"),
    ("page-360.png", 360, "light"),
)


def main() -> None:
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit(SENTENCE)
    FOLDER.mkdir(parents=True, exist_ok=True)
    store = prepare_store(Path(".cache/bench"), MESSAGES, UNTIL)
    with (
        TemporaryDirectory() as folder,
        running_server(store, Path(folder)) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, width, scheme in SHOTS:
            page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
            page.goto(address)
            page.locator(f"#{ids.TABLE} td").first.wait_for()
            page.wait_for_load_state("networkidle")
            page.screenshot(path=FOLDER / name, full_page=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
