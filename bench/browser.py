"""A change of the period in Chromium, until nothing on the page changes any more."""

from playwright.sync_api import Page, sync_playwright

from bench.http import shifted
from components import ids
from queries.filters import Period
from tests.chromium import find_chromium

#: The page is taken to stand still when nothing has changed for so long.
QUIET_MS = 700
_CHANGE = """([period, start, end, quiet]) => new Promise((done) => {
    const panels = document.querySelector("main");
    const begun = performance.now();
    let last = begun;
    const observer = new MutationObserver(() => { last = performance.now(); });
    const everything = {subtree: true, childList: true, attributes: true, characterData: true};
    observer.observe(panels, everything);
    window.dash_clientside.set_props(period, {start_date: start, end_date: end});
    const timer = setInterval(() => {
        if (last > begun && performance.now() - last > quiet) {
            clearInterval(timer);
            observer.disconnect();
            requestAnimationFrame(() => done(last - begun));
        }
    }, 50);
})"""


def time_browser(address: str, period: Period, rounds: int) -> dict[str, list[float]] | None:
    """Milliseconds of each change, by whether the server had the answers; None without Chromium."""
    chromium = find_chromium()
    if chromium is None:
        return None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(address)
        page.locator(f"#{ids.TABLE} td").first.wait_for()
        _change(page, shifted(period, 500))
        periods = [shifted(period, 100 + days) for days in range(rounds)]
        cold = [_change(page, each) for each in periods]
        warm = [_change(page, each) for each in periods]
        browser.close()
    return {"cold": cold, "warm": warm}


def _change(page: Page, period: Period) -> float:
    start, end = period.start.isoformat(), period.end.isoformat()
    return float(page.evaluate(_CHANGE, [ids.PERIOD, start, end, QUIET_MS]))
