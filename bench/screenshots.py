"""``make screenshots``: the page with demonstration data, as docs/screenshots/ shows it."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal

from playwright.sync_api import sync_playwright

from bench.processes import running_server
from bench.stores import demonstration_store
from components import ids
from tests.chromium import SENTENCE, find_chromium

FOLDER = Path("docs/screenshots")
MESSAGES = 50_000
Scheme = Literal["light", "dark"]
#: File, width, colour scheme.
SHOTS: Final[tuple[tuple[str, int, Scheme], ...]] = (
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
    store = demonstration_store(MESSAGES)
    with (
        TemporaryDirectory() as folder,
        running_server(store, Path(folder)) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, width, scheme in SHOTS:
            page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
            page.goto(server.address)
            page.locator(f"#{ids.TABLE} td").first.wait_for()
            page.wait_for_load_state("networkidle")
            page.screenshot(path=FOLDER / name, full_page=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
